package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/store"
)

// RuleFailed is the rule of the alerts by which notifications tell of their own troubles.
const RuleFailed = "weir-notify-failed"

// Kinds of trouble with a channel.
const (
	troubleDead = "refused" // it refused messages for good
	troubleDown = "down"    // nothing arrives over it
)

// note begins or counts a trouble. A message about such a trouble is none itself: it would tell of itself for ever.
func (n *Notifier) note(ctx context.Context, m *store.Message, kind, text string, now time.Time) error {
	list, err := n.store.Carried(ctx, m.Row, 1)
	if err != nil {
		return err
	}
	// Two channels that refuse messages about each other would never come to an end.
	if kind == troubleDead && len(list) > 0 && list[0].Rule == RuleFailed && m.More == 0 {
		return nil
	}
	if err := n.store.Note(ctx, m.Channel, kind, text, now); err != nil {
		return err
	}
	n.wake()
	return nil
}

// over ends a trouble, if there is one.
func (n *Notifier) over(ctx context.Context, name, kind string, now time.Time) error {
	known, err := n.store.Troubling(ctx, name, kind)
	if err != nil || !known {
		return err
	}
	if err := n.store.Over(ctx, name, kind, now); err != nil {
		return err
	}
	n.wake()
	return nil
}

// raise tells of troubles that were not told yet. The ids follow from what is told, so that telling it twice is harmless.
func (n *Notifier) raise(ctx context.Context) error {
	list, err := n.store.Unraised(ctx)
	if err != nil {
		return err
	}
	// Noted as raised behind it: a crash in between raises the same revision again, which readers know.
	for _, t := range list {
		if n.opts.Raise != nil {
			if err := n.opts.Raise(ctx, failure(t)); err != nil {
				return err
			}
		}
		if err := n.store.Raised(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// failure is the alert about a trouble. It is made of what the store has of it and of nothing else, so that each revision is
// the same whenever it is raised.
func failure(t store.Trouble) *alert.Alert {
	// Of what does not change while it goes on: revisions of it are of one alert, and a start more makes no other.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", RuleFailed, t.Channel, t.Kind, t.Begun.UnixNano()))
	a := &alert.Alert{
		ID: hex.EncodeToString(sum[:16]), Revision: t.Revision, Rule: RuleFailed, Version: 1, Level: "high",
		Title: "Somebody was not told of an alert", Group: map[string]string{"weir.notify.channel": t.Channel, "weir.notify.problem": t.Kind},
		First: t.Begun, Last: t.Last, Created: t.Begun, Count: int(t.Count), Conditions: []alert.Condition{}, Evidence: []alert.Evidence{},
	}
	if t.Kind == troubleDown {
		a.Title = "A channel of notifications is down"
		a.What = fmt.Sprintf("nothing arrives over the channel %s since %s: %s", t.Channel, t.Begun.Format(time.RFC3339), t.Error)
		a.WhatKo = fmt.Sprintf("%s부터 채널 %s(으)로 알림이 전달되지 않습니다: %s", t.Begun.Format(time.RFC3339), t.Channel, t.Error)
	} else {
		a.What = fmt.Sprintf("the channel %s refused %s for good: %s", t.Channel, counted(int(t.Count), "message"), t.Error)
		a.WhatKo = fmt.Sprintf("채널 %s이(가) 알림 %d건을 영구히 거부했습니다: %s", t.Channel, t.Count, t.Error)
	}
	if !t.Ended.IsZero() {
		ended := t.Ended
		a.Ended, a.Last = &ended, ended
	}
	return a
}
