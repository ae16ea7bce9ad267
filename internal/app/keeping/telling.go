package keeping

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"weir/internal/archive/anchor"
	"weir/internal/report/schedule"
	"weir/sinks/notify"
	"weir/sinks/notify/channel"
)

// Teller sends notices over the channels of notify.yaml.
type Teller interface {
	Tell(ctx context.Context, name string, n notify.Notice) (said string, err error)
	Type(name string) (string, error)
	Mailing() []string
}

// checkpoint sends one over a channel: as a note of several lines, and in one line for channels that join lines.
func checkpoint(ctx context.Context, t Teller, name string, n anchor.Notice) (string, error) {
	return t.Tell(ctx, name, notify.Notice{ID: "checkpoint-" + n.Name, Title: n.Title, Text: string(n.Note) + "\n" + n.Line + "\n"})
}

// deliver sends a report over a channel. The same report has the same id, so that a receiver can tell a copy.
func deliver(ctx context.Context, t Teller, name, subject, text, lang string, files []schedule.File) error {
	sum := sha256.Sum256([]byte(name + subject + text))
	n := notify.Notice{ID: "report-" + hex.EncodeToString(sum[:12]), Title: subject, Text: text, Lang: lang}
	for _, f := range files {
		n.Files = append(n.Files, channel.File{Name: f.Name, Type: f.Type, Data: f.Body})
	}
	_, err := t.Tell(ctx, name, n)
	return err
}
