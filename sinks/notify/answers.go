package notify

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"weir/internal/alert"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/routing"
	"weir/sinks/notify/settings"
	"weir/sinks/notify/store"
)

var _ notifying.Notifier = (*Notifier)(nil)

// deadShown is how many dead messages a status names.
const deadShown = 20

// NotifyStatus implements notifying.Notifier.
func (n *Notifier) NotifyStatus(ctx context.Context) (notifying.Status, error) {
	now := n.opts.Now()
	n.mu.RLock()
	file, st := n.file, notifying.Status{File: n.path, Loaded: n.loaded, Faults: n.faults}
	n.mu.RUnlock()
	// Beside the lock: a store that is busy must not hold up senders.
	health, err := n.store.Healths(ctx)
	if err != nil {
		return st, err
	}
	st.Channels = rows(file, health)
	n.pauses(st.Channels, now)
	dead, err := n.store.DeadMessages(ctx, deadShown)
	if err != nil {
		return st, err
	}
	for _, m := range dead {
		d := notifying.Dead{ID: m.ID, Channel: m.Channel, Kind: string(m.Kind), Group: m.Name, At: m.Ended, Error: m.Error}
		list, err := n.store.Carried(ctx, m.Row, shown)
		if err != nil {
			return st, err
		}
		for _, a := range list {
			d.Alerts = append(d.Alerts, a.ID)
		}
		st.Dead = append(st.Dead, d)
	}
	silences, err := n.store.Silences(ctx, now, false)
	if err != nil {
		return st, err
	}
	st.Silences = len(silences)
	if file != nil {
		for _, w := range file.Maintenance {
			if w.Active(now) {
				st.Maintenance = append(st.Maintenance, notifying.Window{Name: w.Name, Owner: w.Owner, Reason: w.Reason, Until: w.Until(now)})
			}
		}
	}
	st.Groups, err = n.store.OpenGroups(ctx)
	return st, err
}

// pauses fills in when channels are tried that are left alone for a while.
func (n *Notifier) pauses(list []notifying.Channel, now time.Time) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for i := range list {
		if s := n.senders[list[i].Name]; s != nil {
			if until := s.paused(now); until.After(list[i].NextTry) {
				list[i].NextTry = until
			}
		}
	}
}

// rows lists channels: those of the file, and those for which something waits or died although the file does not have them.
func rows(file *settings.File, health map[string]*store.Health) []notifying.Channel {
	names := map[string]bool{}
	if file != nil {
		for name := range file.Channels {
			names[name] = true
		}
	}
	// A channel that the file has no more is shown while something hangs on it, and then forgotten.
	for name, h := range health {
		if h.Waiting+h.Dead > 0 {
			names[name] = true
		}
	}
	out := []notifying.Channel{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := notifying.Channel{Name: name, State: notifying.Unused}
		if h := health[name]; h != nil {
			c.Waiting, c.Oldest, c.NextTry, c.Dead, c.Sent, c.Failed, c.Held, c.Error, c.ErrorAt = h.Waiting, h.Oldest, h.NextTry, h.Dead, h.Sent, h.Failed, h.Silenced, h.Error, h.ErrorAt
			if h.Used {
				c.Since, c.State = h.Since, notifying.Up
				if !h.Up {
					c.State = notifying.Down
				}
			}
		}
		if file == nil || file.Channels[name] == nil {
			c.State = notifying.Missing
		} else {
			c.Type, c.Limit = file.Channels[name].Type, file.Channels[name].Limit
		}
		out = append(out, c)
	}
	return out
}

// NotifyTest implements notifying.Notifier. It does not wait for the sender of the channel: who tries a channel does it because
// that one may hang. Channels are safe for several at once.
func (n *Notifier) NotifyTest(ctx context.Context, r notifying.TestRequest) (notifying.TestAnswer, error) {
	c, err := n.channelNamed(r.Channel)
	if err != nil {
		return notifying.TestAnswer{}, err
	}
	// As long as the stage would wait, so that what arrives here arrives there.
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	begun := n.opts.Now()
	receipt, err := c.Send(ctx, n.testMessage(r.Lang, begun))
	if err != nil {
		return notifying.TestAnswer{}, &fault.Error{Code: "notify-refused", What: "the test message did not arrive over " + c.Name, Where: fmt.Sprintf("%s:%d, type %s", n.path, c.Line, c.Type),
			Why: oneLine(err), Do: "correct the channel in notify.yaml, then: weir notify test " + c.Name, Exit: fault.ExitFound, Cause: err}
	}
	return notifying.TestAnswer{Channel: c.Name, Type: c.Type, Said: receipt.Said, Ticket: receipt.Ticket, TookMS: n.opts.Now().Sub(begun).Milliseconds()}, nil
}

// noFile says why there are no channels: the mistakes of the file, or that there is none.
func (n *Notifier) noFile() error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if len(n.faults) > 0 {
		return n.faults
	}
	return &fault.Error{Code: "notify-unreadable", What: "there is no notify.yaml: nobody is told of alerts", Where: n.path, Do: "write one: docs/notifications.md", Exit: fault.ExitUsage}
}

// testMessage is what `weir notify test` sends. It is no alert and is kept nowhere.
func (n *Notifier) testMessage(lang string, now time.Time) *channel.Message {
	if lang == "" {
		lang = "en"
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	host, err := os.Hostname()
	if err != nil {
		host = "weir"
	}
	a := alert.Alert{ID: "test-" + hex.EncodeToString(id), Revision: 1, Rule: "weir-notify-test", Version: 1, Title: "A test of notifications", Level: "informational",
		Group: map[string]string{"host.name": host}, What: "this is a test: nothing has happened", WhatKo: "시험 메시지입니다. 아무 일도 일어나지 않았습니다",
		First: now, Last: now, Created: now, Count: 1, Conditions: []alert.Condition{}, Evidence: []alert.Evidence{}}
	return &channel.Message{ID: a.ID, Kind: channel.Test, Group: "rule=" + a.Rule, Labels: map[string]string{"rule": a.Rule},
		Alerts: []channel.Alert{{Alert: a, State: alert.Open}}, Lang: lang, URL: n.opts.URL, Time: now.In(n.zone())}
}

// NotifyRetry implements notifying.Notifier. What is tried again keeps its id and its place in the order.
func (n *Notifier) NotifyRetry(ctx context.Context, r notifying.RetryRequest) (notifying.Retried, error) {
	count, err := n.store.Retry(ctx, r.Channel)
	n.wakeSenders()
	return notifying.Retried{Messages: count}, err
}

// maxSilence bounds a silence: what is longer is an exception of a rule.
const maxSilence = 366 * 24 * time.Hour

// Silences implements notifying.Notifier.
func (n *Notifier) Silences(ctx context.Context, r notifying.SilencesRequest) ([]notifying.Silence, error) {
	now := n.opts.Now()
	list, err := n.store.Silences(ctx, now, r.All)
	out := make([]notifying.Silence, len(list))
	for i := range list {
		out[i] = answer(&list[i], now)
	}
	return out, err
}

// answer is a silence as it is shown, at one moment.
func answer(s *store.Silence, now time.Time) notifying.Silence {
	out := notifying.Silence{ID: s.ID, Owner: s.Owner, Reason: s.Reason, Made: s.Made, Until: s.Until, Ended: s.Ended, By: s.By, Active: s.Active(now), Held: s.Held}
	for _, c := range s.Match {
		out.Match = append(out.Match, c.String())
	}
	return out
}

// AddSilence implements notifying.Notifier. Nothing of it may be left out: who reads it later has to know whom to ask,
// and one without an end would hide what nobody expects any more.
func (n *Notifier) AddSilence(ctx context.Context, r notifying.NewSilence) (notifying.Silence, error) {
	now := n.opts.Now()
	bad := func(what, do string) (notifying.Silence, error) {
		return notifying.Silence{}, &fault.Error{Code: "silence-incomplete", What: what, Do: do, Exit: fault.ExitUsage}
	}
	// In the order in which a person would be asked.
	switch {
	case len(r.Match) == 0:
		return bad("a silence says which alerts it is for", "--match 'rule=ssh-*', several: all have to hold")
	case strings.TrimSpace(r.Owner) == "":
		return bad("a silence has an owner", "--owner NAME")
	case strings.TrimSpace(r.Reason) == "":
		return bad("a silence has a reason", "--reason TEXT")
	case r.Until.IsZero():
		return bad("a silence has an end", "--for 2h, or --until TIME")
	case !r.Until.After(now):
		return bad("the silence would be over already", "--for 2h, or --until with a time to come")
	case r.Until.Sub(now) > maxSilence:
		return bad("the silence would last longer than a year", "what is never to be told belongs into exceptions.yaml, or the rule is to be switched off")
	}
	s := store.Silence{Owner: r.Owner, Reason: r.Reason, Made: now, Until: r.Until}
	for _, text := range r.Match {
		c, err := routing.ParseCondition(text)
		if err != nil {
			return notifying.Silence{}, err
		}
		s.Match = append(s.Match, c)
	}
	id := make([]byte, 4)
	_, _ = rand.Read(id) // never fails
	s.ID = hex.EncodeToString(id)
	if err := n.store.AddSilence(ctx, s); err != nil {
		return notifying.Silence{}, err
	}
	n.log.Info("a silence begins", "silence", s.ID, "owner", s.Owner, "reason", s.Reason, "until", s.Until)
	return answer(&s, now), nil
}

// EndSilence implements notifying.Notifier. Ending one that is over is no mistake: two people may do it.
func (n *Notifier) EndSilence(ctx context.Context, r notifying.EndRequest) (notifying.Silence, error) {
	now := n.opts.Now()
	s, err := n.store.EndSilence(ctx, r.ID, r.By, now)
	if err != nil {
		return notifying.Silence{}, err
	}
	if s == nil {
		return notifying.Silence{}, &fault.Error{Code: "silence-unknown", What: "there is no silence `" + r.ID + "`", Do: "weir silences list --all", Exit: fault.ExitUsage}
	}
	n.log.Info("a silence was ended", "silence", s.ID, "by", r.By, "held", s.Held)
	return answer(s, now), nil
}

// Count is what metrics say of a channel.
type Count struct {
	Channel                               string
	Sent, Failed, Waiting, Dead, Silenced int64
	Up                                    bool
}

// Counts returns the counts of all channels. Those that count upwards are since the store was made.
func (n *Notifier) Counts(ctx context.Context) ([]Count, error) {
	health, err := n.store.Healths(ctx)
	var out []Count
	for _, c := range rows(n.current(), health) {
		out = append(out, Count{Channel: c.Name, Sent: c.Sent, Failed: c.Failed, Waiting: c.Waiting, Dead: c.Dead, Silenced: c.Held, Up: c.State != notifying.Down && c.State != notifying.Missing})
	}
	return out, err
}
