package notify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/settings"
)

// Notice is something to tell that is no alert: a checkpoint of the archive, a report.
type Notice struct {
	ID    string // the same for the same notice, so that a receiver can tell a copy
	Title string
	Text  string
	Lang  string // en or ko
	Files []channel.File
}

// Tell sends a notice over one channel now, and returns what the other side answered. Nothing of it is kept: whoever asked
// tries again. Channels that carry no files send the text alone.
func (n *Notifier) Tell(ctx context.Context, name string, what Notice) (said string, err error) {
	c, err := n.channelNamed(name)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if what.Lang == "" {
		what.Lang = "en"
	}
	receipt, err := c.Send(ctx, &channel.Message{ID: what.ID, Kind: channel.Notice, Group: what.Title, Text: what.Text, Files: what.Files, Lang: what.Lang,
		Labels: map[string]string{}, Time: n.opts.Now().In(n.zone())})
	if err != nil {
		return "", fmt.Errorf("telling %s: %w", name, err)
	}
	return receipt.Said, nil
}

// Type is the type of a channel: email, webhook; the error says that there is none of that name.
func (n *Notifier) Type(name string) (string, error) {
	c, err := n.channelNamed(name)
	if err != nil {
		return "", err
	}
	return c.Type, nil
}

// Mailing are the channels that carry files; nil where there is no file of channels.
func (n *Notifier) Mailing() []string {
	file := n.current()
	if file == nil {
		return nil
	}
	out := []string{}
	for name, c := range file.Channels {
		if c.Type == "email" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// channelNamed finds a channel of notify.yaml.
func (n *Notifier) channelNamed(name string) (*settings.Channel, error) {
	file := n.current()
	if file == nil {
		return nil, n.noFile()
	}
	c := file.Channels[name]
	if c == nil {
		names := slices.Sorted(maps.Keys(file.Channels))
		e := &fault.Error{Code: "notify-unknown", What: "notify.yaml has no channel `" + name + "`", Where: n.path, Do: "channels: " + strings.Join(names, ", "), Exit: fault.ExitUsage}
		if near := nearest.Name(name, names); near != "" {
			e.Do = "did you mean `" + near + "`?"
		}
		return nil, e
	}
	return c, nil
}
