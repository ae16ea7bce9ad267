package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/alert"
	"weir/internal/control/notifying"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/store"
)

// fails makes a box fail until the clock shows a time, and then take everything.
func (b *box) fails(until time.Time, err error) {
	b.answer = func(_ int, _ *channel.Message) (channel.Receipt, error) {
		if b.w.clock.Before(until) { // w.mu is held
			return channel.Receipt{}, err
		}
		return channel.Receipt{}, nil
	}
}

// status is how a channel does.
func (w *world) status(name string) notifying.Channel {
	w.t.Helper()
	st, err := w.n.NotifyStatus(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(st.Channels, func(c notifying.Channel) bool { return c.Name == name })
	if i < 0 {
		w.t.Fatalf("no channel %s in %+v", name, st.Channels)
	}
	return st.Channels[i]
}

func TestSender_Retries(t *testing.T) {
	w := newWorld(t, simple)
	var tries []time.Time
	var ids []string
	w.boxes["mail"].answer = func(n int, m *channel.Message) (channel.Receipt, error) {
		tries, ids = append(tries, w.clock), append(ids, m.ID)
		if n < 18 {
			return channel.Receipt{}, errors.New("nobody answers")
		}
		return channel.Receipt{}, nil
	}
	w.comes(w.alert("a1", "ssh", "critical", "web-1"))
	w.pass(time.Hour)
	if s := w.status("mail"); s.State != notifying.Down || s.Waiting != 1 || s.Error != "nobody answers" || s.Failed < 10 || !s.Oldest.Equal(noon) || !s.NextTry.After(w.now()) {
		t.Errorf("status %+v", s)
	}
	w.pass(2 * time.Hour)
	w.want("mail", "firing rule=ssh host.name=web-1: a1")
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("sent under several ids: %q", ids)
	}
	for i := 1; i < len(tries); i++ {
		want := min(time.Second<<(i-1), 10*time.Minute)
		if got := tries[i].Sub(tries[i-1]); got != want {
			t.Errorf("try %d after %s, want %s", i+1, got, want)
		}
	}
	if s := w.status("mail"); s.State != notifying.Up || s.Waiting != 0 || s.Sent != 1 || s.Failed != 17 || s.Dead != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestSender_RetryAfter(t *testing.T) {
	for _, tc := range []struct{ asked, want time.Duration }{{7 * time.Minute, 7 * time.Minute}, {time.Millisecond, time.Second}, {48 * time.Hour, time.Hour}} {
		t.Run(tc.asked.String(), func(t *testing.T) {
			w := newWorld(t, simple)
			var tries []time.Time
			w.boxes["mail"].answer = func(n int, _ *channel.Message) (channel.Receipt, error) {
				if tries = append(tries, w.clock); n == 1 {
					return channel.Receipt{}, &channel.Error{RetryAfter: tc.asked, Err: errors.New("429 too many")}
				}
				return channel.Receipt{}, nil
			}
			w.comes(w.alert("a1", "ssh", "critical", "web-1"), w.alert("b1", "ssh", "critical", "web-2"))
			w.pass(2 * time.Hour)
			// Left alone means that nothing else is sent either.
			if len(tries) != 3 || tries[1].Sub(tries[0]) != tc.want {
				t.Errorf("tried at %v", tries)
			}
		})
	}
}

// TestSender_Dead: what is refused for good is in the dead list and an alert of weir's own; the others go on.
func TestSender_Dead(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}, own: {type: box}}\nroute: {to: mail, group_by: [host.name], routes: [{match: {rule: weir-*}, to: own}]}\n")
	w.boxes["mail"].answer = func(_ int, m *channel.Message) (channel.Receipt, error) {
		if strings.Contains(m.Group, "bad") {
			return channel.Receipt{}, &channel.Error{Permanent: true, Err: fmt.Errorf("sending: %w", errors.New("550 no\nsuch user"))}
		}
		return channel.Receipt{}, nil
	}
	w.comes(w.alert("a1", "ssh", "high", "bad-1"), w.alert("a2", "ssh", "high", "web-1"), w.alert("a3", "ssh", "high", "bad-2"))
	w.pass(time.Minute)
	w.want("mail", "firing host.name=web-1: a2")
	if s := w.status("mail"); s.Dead != 2 || s.State != notifying.Up || s.Waiting != 0 {
		t.Errorf("status %+v", s)
	}
	st, _ := w.n.NotifyStatus(t.Context())
	if len(st.Dead) != 2 || st.Dead[0].Error != "sending: 550 no such user" || !slices.Equal(st.Dead[0].Alerts, []string{"a3"}) || st.Dead[0].Group != "host.name=bad-2" {
		t.Errorf("dead %+v", st.Dead)
	}
	if len(w.raised) != 1 {
		t.Fatalf("raised %+v", w.raised)
	}
	a := w.raised[0]
	if a.Rule != RuleFailed || a.Level != "high" || a.Revision != 2 || a.Count != 2 || a.Group["weir.notify.channel"] != "mail" || !strings.Contains(a.What, "550") {
		t.Errorf("raised %+v", a)
	}
	// A crash does not tell of it twice, and trying again brings them.
	w.crash()
	w.pass(time.Minute)
	if len(w.raised) != 1 {
		t.Errorf("raised again: %d", len(w.raised))
	}
	w.boxes["mail"].answer = nil
	r, err := w.n.NotifyRetry(t.Context(), notifying.RetryRequest{Channel: "mail"})
	if err != nil || r.Messages != 2 {
		t.Errorf("retried %+v, %v", r, err)
	}
	w.pass(time.Minute)
	w.want("mail", "firing host.name=bad-1: a1", "firing host.name=bad-2: a3")
}

// TestSender_NoEcho: when the message about a failure fails for good itself, that is not told again and again.
func TestSender_NoEcho(t *testing.T) {
	w := newWorld(t, simple)
	w.boxes["mail"].answer = func(int, *channel.Message) (channel.Receipt, error) {
		return channel.Receipt{}, &channel.Error{Permanent: true, Err: errors.New("never")}
	}
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	told := 0
	for range 20 {
		w.pass(10 * time.Minute)
		for ; told < len(w.raised); told++ {
			w.comes(*w.raised[told])
		}
	}
	if told != 1 {
		t.Errorf("%d alerts about one failure", told)
	}
}

// TestSender_Down: a channel that is down for a quarter of an hour is told of, once, and its return too.
func TestSender_Down(t *testing.T) {
	w := newWorld(t, simple)
	w.boxes["mail"].fails(noon.Add(2*time.Hour), errors.New("refused"))
	w.comes(w.alert("a1", "ssh", "critical", "web-1"))
	w.pass(14 * time.Minute)
	if len(w.raised) != 0 {
		t.Errorf("told too early: %+v", w.raised[0])
	}
	w.pass(20 * time.Minute)
	w.crash()
	w.pass(time.Hour)
	if len(w.raised) != 1 || w.raised[0].Ended != nil || w.raised[0].Group["weir.notify.problem"] != "down" {
		t.Fatalf("raised %d", len(w.raised))
	}
	w.pass(time.Hour)
	if len(w.raised) != 2 || w.raised[1].Ended == nil || w.raised[1].ID != w.raised[0].ID || w.raised[1].Revision != 2 {
		t.Fatalf("raised %d", len(w.raised))
	}
	w.boxes["mail"].fails(w.now().Add(time.Hour), errors.New("refused"))
	w.comes(w.alert("a2", "ssh", "critical", "web-2"))
	w.pass(2 * time.Hour)
	if len(w.raised) != 4 || w.raised[2].ID == w.raised[0].ID {
		t.Errorf("another time is another alert: %d", len(w.raised))
	}
}

// TestSender_Order: what is said of a group is said in order, and another group does not wait for it.
func TestSender_Order(t *testing.T) {
	w := newWorld(t, simple)
	bad := true
	w.boxes["mail"].answer = func(_ int, m *channel.Message) (channel.Receipt, error) {
		if bad && strings.Contains(m.Group, "web-1") {
			return channel.Receipt{}, errors.New("this one not")
		}
		return channel.Receipt{}, nil
	}
	w.comes(w.alert("a1", "ssh", "high", "web-1"), w.alert("b1", "ssh", "high", "web-2"))
	w.pass(time.Minute)
	w.decides("a1", 1, "closed")
	w.pass(6 * time.Minute)
	w.comes(w.alert("a2", "ssh", "high", "web-1"))
	w.pass(6 * time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-2: b1")
	bad = false
	w.pass(20 * time.Minute)
	w.want("mail", "firing rule=ssh host.name=web-1: a1/closed", "resolved rule=ssh host.name=web-1: a1/closed", "firing rule=ssh host.name=web-1: a2")
}

// TestSender_GivesUp: one message that fails for ever while others arrive is dead in the end.
func TestSender_GivesUp(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}}\nroute: {to: mail, group_by: [host.name], repeat: 0}\n")
	w.boxes["mail"].answer = func(_ int, m *channel.Message) (channel.Receipt, error) {
		if strings.Contains(m.Group, "poison") {
			return channel.Receipt{}, errors.New("internal server error")
		}
		return channel.Receipt{}, nil
	}
	w.comes(w.alert("p", "ssh", "high", "poison"))
	for i := range 60 {
		w.comes(w.alert(fmt.Sprint("a", i), "ssh", "high", fmt.Sprint("web-", i)))
		w.pass(5 * time.Minute)
	}
	if n := len(w.got("mail")); n < 60 {
		t.Errorf("%d of 60 others arrived", n)
	}
	st, _ := w.n.NotifyStatus(t.Context())
	if len(st.Dead) != 1 || !strings.HasPrefix(st.Dead[0].Error, "given up after 15 tries, others arrived: internal") {
		t.Errorf("dead %+v", st.Dead)
	}
}

// TestSender_Joined: what piles up about a group while a channel is down becomes one message, and loses no alert.
func TestSender_Joined(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box}, boss: {type: box}}\nroute: {to: mail, group_by: [rule], group_interval: 1m, repeat: 1h, escalate: [{after: 30m, to: mail}]}\n")
	w.boxes["mail"].fails(noon.Add(6*time.Hour), errors.New("down"))
	w.comes(w.alert("x", "other", "critical", "web-1")) // this one is tried; the others behind it are not
	w.pass(10 * time.Minute)
	w.comes(w.alert("a1", "ssh", "high", "web-1"))
	w.pass(2 * time.Minute)
	w.decides("a1", 1, "acknowledged")
	w.comes(w.alert("a2", "ssh", "high", "web-2"))
	w.pass(2 * time.Minute)
	w.decides("a1", 2, "closed")
	w.comes(w.alert("a3", "ssh", "critical", "web-3"))
	w.pass(8 * time.Hour)
	var about []string
	for _, m := range w.got("mail") {
		if strings.Contains(m, "rule=ssh") {
			about = append(about, m)
		}
	}
	told := strings.Join(about, " ")
	if len(about) > 4 || !strings.Contains(told, "escalation") || !strings.Contains(told, "a1/closed") || !strings.Contains(told, "a2") || !strings.Contains(told, "a3") {
		t.Errorf("got %q", about)
	}
}

func storm(w *world, n int) (list []alert.Alert) {
	for i := range n {
		level := "low"
		if i%100 == 99 {
			level = "critical"
		}
		list = append(list, w.alert(fmt.Sprintf("s%03d", i), fmt.Sprint("rule-", i%50), level, fmt.Sprint("web-", i)))
	}
	return list
}

// TestSender_Storm: people get the worst by themselves, and one message that stands for the others; nothing is left out.
func TestSender_Storm(t *testing.T) {
	w := newWorld(t, "channels: {mail: {type: box, limit: 10}}\nroute: {to: mail, group_by: [host.name], group_wait: 10s, repeat: 0}\n")
	w.comes(storm(w, 600)...)
	w.pass(11 * time.Second)
	got := w.boxes["mail"].got
	if len(got) != 10 {
		t.Fatalf("%d messages in a minute", len(got))
	}
	covered := map[string]bool{}
	count := 0
	for i, m := range got {
		count += len(m.Alerts) + m.More
		for _, a := range m.Alerts {
			covered[a.ID] = true
		}
		if i < 6 && m.Alerts[0].Level != "critical" {
			t.Errorf("message %d is about %s", i, m.Alerts[0].Level)
		}
	}
	last := got[9]
	if last.Kind != channel.Digest || last.Group != "and 591 more alerts in 591 groups" || last.Labels["groups"] != "591" {
		t.Errorf("the last is %s", shortly(&last))
	}
	if count != 600 {
		t.Errorf("the messages stand for %d alerts", count)
	}
	if s := w.status("mail"); s.Waiting != 0 {
		t.Errorf("status %+v", s)
	}
	r, err := w.n.NotifyRoute(t.Context(), notifying.RouteRequest{Alert: "s300"})
	if err != nil || !slices.ContainsFunc(r.Past, func(p notifying.Past) bool { return p.What == store.Folded && strings.Contains(p.Detail, last.ID) }) {
		t.Errorf("a folded alert is explained as %+v, %v", r.Past, err)
	}
	// It goes on: in any minute there are ten at most.
	w.got("mail")
	var at []time.Time
	w.boxes["mail"].answer = func(int, *channel.Message) (channel.Receipt, error) {
		at = append(at, w.clock)
		return channel.Receipt{}, nil
	}
	for i := range 30 {
		for j := range 5 {
			w.comes(w.alert(fmt.Sprintf("t%02d-%d", i, j), "again", "low", fmt.Sprintf("db-%d-%d", i, j)))
		}
		w.pass(10 * time.Second)
	}
	w.pass(2 * time.Minute)
	for i := range at {
		if n := i - 10; n >= 0 && at[i].Sub(at[n]) < time.Minute {
			t.Errorf("eleven messages from %s to %s", at[n], at[i])
		}
	}
	if s := w.status("mail"); s.Waiting != 0 || len(at) < 20 {
		t.Errorf("%d messages, status %+v", len(at), s)
	}
}

// TestSender_Tickets: the ticket of a group comes back with each message about it, until its end; in a storm what has one
// goes on under it.
func TestSender_Tickets(t *testing.T) {
	w := newWorld(t, "channels: {desk: {type: box, limit: 3}}\nroute: {to: desk, group_by: [host.name], group_interval: 1m}\n")
	w.n.current().Channels["desk"].Tickets = true
	var log []string
	w.boxes["desk"].answer = func(_ int, m *channel.Message) (channel.Receipt, error) {
		log = append(log, fmt.Sprintf("%s %s %q", m.Kind, m.Group, m.Ticket))
		if m.Kind == channel.Resolved {
			return channel.Receipt{}, nil
		}
		if m.Ticket == "" {
			return channel.Receipt{Ticket: "T-" + m.Group[len(m.Group)-1:]}, nil
		}
		return channel.Receipt{}, nil
	}
	w.comes(w.alert("a1", "ssh", "high", "h1"), w.alert("b1", "ssh", "high", "h2"))
	w.pass(2 * time.Minute)
	w.comes(w.alert("a2", "ssh", "high", "h1"))
	w.pass(2 * time.Minute)
	w.decides("b1", 1, "closed")
	w.comes(storm(w, 20)...)
	w.pass(time.Minute)
	w.decides("a1", 1, "closed")
	w.decides("a2", 1, "closed")
	w.pass(10 * time.Minute)
	w.comes(w.alert("a3", "ssh", "high", "h1"))
	w.pass(10 * time.Minute)
	var about []string
	for _, l := range log {
		if strings.Contains(l, "=h") {
			about = append(about, l)
		}
	}
	want := []string{`firing host.name=h1 ""`, `firing host.name=h2 ""`, `firing host.name=h1 "T-1"`, `resolved host.name=h2 "T-2"`, `resolved host.name=h1 "T-1"`, `firing host.name=h1 ""`}
	if !slices.Equal(about, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(about, "\n     "), strings.Join(want, "\n     "))
	}
}

// TestSender_Crash: a process that ends while the other side has the message sends it again, under the same id.
func TestSender_Crash(t *testing.T) {
	w := newWorld(t, simple)
	var ids []string
	w.boxes["mail"].answer = func(n int, m *channel.Message) (channel.Receipt, error) {
		if ids = append(ids, m.ID); n == 1 {
			return channel.Receipt{}, w.n.store.Close() // it arrived, and nobody can write that down
		}
		return channel.Receipt{}, nil
	}
	w.comes(w.alert("a1", "ssh", "critical", "web-1"))
	if err := w.n.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.n.newSender(w.n.current().Channels["mail"]).step(t.Context()); err == nil {
		t.Error("nobody noticed that the store is gone")
	}
	w.open()
	// What comes meanwhile is no part of what may have arrived.
	w.comes(w.alert("a2", "ssh", "critical", "web-1"))
	w.pass(10 * time.Minute)
	if len(ids) != 3 || ids[0] != ids[1] || ids[1] == ids[2] {
		t.Errorf("ids %q", ids)
	}
	w.want("mail", "firing rule=ssh host.name=web-1: a1", "firing rule=ssh host.name=web-1: a1", "firing rule=ssh host.name=web-1: a2 a1")
}

// hanging is a channel that takes no notice of anything but the end of its context.
type hanging struct{ calls atomic.Int32 }

func (h *hanging) Send(ctx context.Context, _ *channel.Message) (channel.Receipt, error) {
	h.calls.Add(1)
	<-ctx.Done()
	return channel.Receipt{}, ctx.Err()
}

func (h *hanging) Close() error { return nil }

// TestSender_Hangs: a channel that hangs is given up after half a minute, and the others do not notice. The end of Run does
// not wait for it.
func TestSender_Hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "channels: {mail: {type: box}, dead: {type: box}}\nroute: {to: [dead, mail], group_by: [rule], group_wait: 0}\n")
		w.n.opts.Now = time.Now
		h := &hanging{}
		w.n.current().Channels["dead"].Channel = h
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.n.Run(ctx) }()
		begun := time.Now()
		w.comes(w.alert("a1", "ssh", "critical", "web-1"))
		time.Sleep(time.Second)
		w.want("mail", "firing rule=ssh: a1")
		time.Sleep(28 * time.Second)
		if s := w.status("dead"); s.Failed != 0 || h.calls.Load() != 1 {
			t.Errorf("after %s: %+v, %d calls", time.Since(begun), s, h.calls.Load())
		}
		time.Sleep(2 * time.Second)
		if s := w.status("dead"); s.Failed != 1 || s.State != notifying.Down || s.Waiting != 1 || !s.NextTry.After(begun.Add(30*time.Second)) {
			t.Errorf("after %s: %+v", time.Since(begun), s)
		}
		time.Sleep(5 * time.Second) // it is tried again, and hangs
		before := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(before) > time.Second {
			t.Errorf("Run ends with %v after %s", err, time.Since(before))
		}
		if s := w.status("dead"); s.Failed != 1 {
			t.Errorf("the end of weir counts as a failure of the channel: %+v", s)
		}
	})
}
