package notify

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
)

func TestNotifyTest(t *testing.T) {
	w := newWorld(t, simple)
	w.boxes["mail"].answer = func(_ int, m *channel.Message) (channel.Receipt, error) {
		return channel.Receipt{Said: "250 ok", Ticket: "T-1"}, nil
	}
	got, err := w.n.NotifyTest(t.Context(), notifying.TestRequest{Channel: "mail", Lang: "ko"})
	if err != nil || got.Said != "250 ok" || got.Ticket != "T-1" || got.Channel != "mail" || got.Type != "box" {
		t.Errorf("got %+v, %v", got, err)
	}
	m := w.boxes["mail"].got[0]
	if m.Kind != channel.Test || m.Lang != "ko" || len(m.Alerts) != 1 || m.ID == "" || m.Alerts[0].WhatKo == "" {
		t.Errorf("message %+v", m)
	}
	if s := w.status("mail"); s.State != notifying.Unused || s.Sent != 0 {
		t.Errorf("a test counts: %+v", s)
	}
}

func TestNotifyTest_Failure(t *testing.T) {
	w := newWorld(t, simple)
	if _, err := w.n.NotifyTest(t.Context(), notifying.TestRequest{Channel: "mial"}); fault.Code(err) != "notify-unknown" {
		t.Errorf("unknown: %v", err)
	} else if e, ok := errors.AsType[*fault.Error](err); !ok || e.Do != "did you mean `mail`?" {
		t.Errorf("unknown: %+v", e)
	}
	w.boxes["mail"].answer = func(int, *channel.Message) (channel.Receipt, error) {
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: errors.New("535 wrong password")}
	}
	_, err := w.n.NotifyTest(t.Context(), notifying.TestRequest{Channel: "mail"})
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Code != "notify-refused" || e.Why != "535 wrong password" || e.Exit != fault.ExitFound || !strings.Contains(e.Where, "notify.yaml:2") {
		t.Errorf("refused: %+v", err)
	}
	if len(w.raised) > 0 {
		t.Error("a test that fails is no alert")
	}
	bad := newWorld(t, "channels: {mail: {type: nothing}}\n")
	if _, err := bad.n.NotifyTest(t.Context(), notifying.TestRequest{Channel: "mail"}); fault.Code(err) != "notify-value" {
		t.Errorf("with a bad file: %v", err)
	}
	none := newWorld(t, simple)
	none.n.file, none.n.faults = nil, nil
	if _, err := none.n.NotifyTest(t.Context(), notifying.TestRequest{Channel: "mail"}); fault.Code(err) != "notify-unreadable" {
		t.Errorf("without a file: %v", err)
	}
}

func TestAddSilence_Failure(t *testing.T) {
	w := newWorld(t, simple)
	whole := notifying.NewSilence{Match: []string{"rule=x"}, Owner: "ana", Reason: "why", Until: noon.Add(time.Hour)}
	for _, tc := range []struct {
		name string
		set  func(*notifying.NewSilence)
		code string
		what string
	}{
		{"no match", func(s *notifying.NewSilence) { s.Match = nil }, "silence-incomplete", "which alerts"},
		{"no owner", func(s *notifying.NewSilence) { s.Owner = " " }, "silence-incomplete", "an owner"},
		{"no reason", func(s *notifying.NewSilence) { s.Reason = "" }, "silence-incomplete", "a reason"},
		{"no end", func(s *notifying.NewSilence) { s.Until = time.Time{} }, "silence-incomplete", "an end"},
		{"over already", func(s *notifying.NewSilence) { s.Until = noon }, "silence-incomplete", "over already"},
		{"for ever", func(s *notifying.NewSilence) { s.Until = noon.AddDate(3, 0, 0) }, "silence-incomplete", "longer than a year"},
		{"match of nothing", func(s *notifying.NewSilence) { s.Match = []string{"rul=x"} }, "notify-match", "no `rul`"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := whole
			tc.set(&r)
			if _, err := w.n.AddSilence(t.Context(), r); fault.Code(err) != tc.code || !strings.Contains(err.Error(), tc.what) {
				t.Errorf("got %v", err)
			}
		})
	}
	if list, err := w.n.Silences(t.Context(), notifying.SilencesRequest{All: true}); err != nil || len(list) != 0 {
		t.Errorf("refused ones are there: %+v, %v", list, err)
	}
}

func TestSilences(t *testing.T) {
	w := newWorld(t, simple)
	first := w.silence(time.Hour, "rule=a")
	w.pass(time.Minute)
	second := w.silence(2*time.Hour, "rule=b", "host.name!=lab-*")
	list, err := w.n.Silences(t.Context(), notifying.SilencesRequest{})
	if err != nil || len(list) != 2 || list[0].ID != second || !slices.Equal(list[0].Match, []string{"rule=b", "host.name!=lab-*"}) || !list[0].Active || list[0].Owner != "ana" || list[0].Reason != "test" {
		t.Errorf("got %+v, %v", list, err)
	}
	ended, err := w.n.EndSilence(t.Context(), notifying.EndRequest{ID: second, By: "bo"})
	if err != nil || ended.Active || ended.By != "bo" || !ended.Ended.Equal(w.now()) {
		t.Errorf("ended %+v, %v", ended, err)
	}
	// Ended twice, or after its time: it stays as it was.
	w.pass(2 * time.Hour)
	if again, err := w.n.EndSilence(t.Context(), notifying.EndRequest{ID: second, By: "eve"}); err != nil || again.By != "bo" {
		t.Errorf("ended again %+v, %v", again, err)
	}
	if over, err := w.n.EndSilence(t.Context(), notifying.EndRequest{ID: first, By: "eve"}); err != nil || !over.Ended.IsZero() || over.Active {
		t.Errorf("over %+v, %v", over, err)
	}
	if _, err := w.n.EndSilence(t.Context(), notifying.EndRequest{ID: "none"}); fault.Code(err) != "silence-unknown" {
		t.Errorf("unknown: %v", err)
	}
	if list, _ := w.n.Silences(t.Context(), notifying.SilencesRequest{}); len(list) != 0 {
		t.Errorf("still active: %+v", list)
	}
	w.crash()
	if list, _ := w.n.Silences(t.Context(), notifying.SilencesRequest{All: true}); len(list) != 2 {
		t.Errorf("after a crash: %+v", list)
	}
}

func TestStatus(t *testing.T) {
	w := newWorld(t, simple+"maintenance: [{name: w, owner: o, reason: r, from: 2026-11-21 10:00, to: 2026-11-21 14:00, match: {rule: y}}]\n")
	w.silence(time.Hour, "rule=x")
	w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("a2", "x", "high", "web-1"), w.alert("a3", "y", "high", "web-1"))
	w.pass(time.Minute)
	st, err := w.n.NotifyStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if st.Groups != 1 || st.Silences != 1 || len(st.Maintenance) != 1 || st.Maintenance[0].Owner != "o" || !strings.HasSuffix(st.File, "/notify.yaml") {
		t.Errorf("status %+v", st)
	}
	if c := st.Channels[0]; c.Sent != 1 || c.Held != 2 || c.Limit != 20 || c.Type != "box" || c.State != notifying.Up {
		t.Errorf("channel %+v", c)
	}
	// What waits for a channel that is gone is not lost, and said.
	w.boxes["mail"].fails(noon.Add(time.Hour), errors.New("down"))
	w.comes(w.alert("b1", "ssh", "critical", "web-2"))
	w.pass(time.Second)
	w.write("channels: {other: {type: box}}\nroute: {to: other}\n")
	w.pass(time.Minute)
	if c := w.status("mail"); c.State != notifying.Missing || c.Waiting != 1 || c.Type != "" {
		t.Errorf("missing %+v", c)
	}
	counts, err := w.n.Counts(t.Context())
	if err != nil || len(counts) != 2 || counts[0].Channel != "mail" || counts[0].Up || counts[0].Waiting != 1 || counts[0].Sent != 1 || counts[0].Silenced != 2 || counts[0].Failed == 0 || !counts[1].Up {
		t.Errorf("counts %+v, %v", counts, err)
	}
	w.write(simple)
	w.got("mail")
	w.pass(2 * time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-2: b1")
}
