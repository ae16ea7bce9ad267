package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"weir/cmd/weir/notifycmd"
	"weir/internal/config"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify"
)

// The backend of these tests answers about notifications with hostile text: what channels answer comes from outside.

func (f *fake) NotifyStatus(context.Context) (notifying.Status, error) {
	return notifying.Status{
		File: hostile, Loaded: now, Groups: 2, Silences: 1, Maintenance: []notifying.Window{{Name: hostile, Owner: hostile, Reason: hostile, Until: now}},
		Channels: []notifying.Channel{{Name: "mail", Type: "email", State: notifying.Down, Since: now, Waiting: 3, Oldest: now, Error: hostile, ErrorAt: now}},
		Dead:     []notifying.Dead{{ID: "x-1", Channel: "mail", Kind: "firing", Group: hostile, At: now, Error: hostile}},
	}, f.err
}

func (f *fake) NotifyTest(_ context.Context, r notifying.TestRequest) (notifying.TestAnswer, error) {
	return notifying.TestAnswer{Channel: r.Channel, Type: "email", Said: hostile, Ticket: hostile, TookMS: 12}, f.err
}

func (f *fake) NotifyRoute(context.Context, notifying.RouteRequest) (notifying.Route, error) {
	return notifying.Route{
		Alert: "3f9c", Rule: hostile, Level: "high", What: hostile, Withheld: hostile,
		Steps: []notifying.Step{{Line: 3, Matched: true, Takes: true, To: []string{"mail"}}, {Line: 5, Depth: 1, Match: hostile, Why: hostile}},
		To:    []notifying.Target{{Channels: []string{"mail"}, Line: 3, Group: hostile, WaitMS: 10_000, RepeatMS: 60_000, Escalate: []notifying.Later{{AfterMS: 900_000, Channels: []string{"boss"}}}}},
		Holds: []notifying.Hold{{Kind: "silence", Name: "4be1", Owner: hostile, Reason: hostile, Until: now}},
		Past:  []notifying.Past{{At: now, What: "sent", Channel: "mail", Kind: "firing", Group: hostile, Message: "x-1", Detail: hostile}},
	}, f.err
}

func (f *fake) NotifyRetry(context.Context, notifying.RetryRequest) (notifying.Retried, error) {
	return notifying.Retried{Messages: 2}, f.err
}

func (f *fake) Silences(context.Context, notifying.SilencesRequest) ([]notifying.Silence, error) {
	return []notifying.Silence{{ID: "4be1c2d3", Match: []string{hostile}, Owner: hostile, Reason: hostile, Made: now, Until: now, Active: true, Held: 4}}, f.err
}

func (f *fake) AddSilence(_ context.Context, r notifying.NewSilence) (notifying.Silence, error) {
	return notifying.Silence{ID: "4be1c2d3", Match: r.Match, Owner: r.Owner, Reason: hostile, Made: now, Until: r.Until, Active: true}, f.err
}

func (f *fake) EndSilence(_ context.Context, r notifying.EndRequest) (notifying.Silence, error) {
	return notifying.Silence{ID: r.ID, Match: []string{hostile}, Owner: hostile, Reason: hostile, Made: now, Until: now, Ended: now, By: r.By, Held: 4}, f.err
}

// hostileNotify reads files that say hostile things.
func hostileNotify() notifycmd.Engine {
	return notifycmd.Engine{
		Open: func(config.Config, string) (notifying.Notifier, io.Closer, error) {
			return nil, nil, &fault.Error{Code: "notify-unreadable", What: "no file", Exit: fault.ExitUsage}
		},
		Check: func(config.Config, string) (notify.Checked, fault.List, error) {
			return notify.Checked{Channels: []string{"mail"}, Routes: 1}, fault.List{{Code: "notify-match", What: hostile, Where: "notify.yaml:3:1", Text: hostile, Mark: 1, Width: 2, Warn: true}}, nil
		},
		Schema: func() ([]byte, error) { return []byte("{}\n"), nil },
	}
}

func TestNotify_IsThere(t *testing.T) {
	out, msg, code := hostileShell(100).run(t, "silences", "add", "--match", "rule=ssh-*", "--owner", "ana", "--reason", "test", "--for", "2h")
	if code != 0 || out != "4be1c2d3\n" || !strings.Contains(msg, "weir silences end 4be1c2d3") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, msg)
	}
}
