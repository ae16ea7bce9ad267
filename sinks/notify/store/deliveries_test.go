package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/sinks/notify/channel"
)

func queue(t testing.TB, s *Store, m Message) (row int64) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *Tx) (err error) {
		row, err = tx.Queue(ctx, m, t0)
		return err
	})
	return row
}

// queued writes what waits: "kind alerts +more".
func queued(t testing.TB, s *Store, name string) (out []string) {
	t.Helper()
	list, err := s.Queued(t.Context(), name, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		carried, err := s.Carried(t.Context(), m.Row, 100)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, a := range carried {
			ids = append(ids, a.ID)
		}
		out = append(out, fmt.Sprintf("%s %s +%d", m.Kind, strings.Join(ids, ","), m.More))
	}
	return out
}

func TestQueue_Joins(t *testing.T) {
	firing := func(ids ...string) Message {
		return Message{Group: 1, Channel: "mail", Kind: channel.Firing, Name: "g", Rank: 4, Alerts: ids}
	}
	with := func(m Message, f func(*Message)) Message { f(&m); return m }
	for _, tc := range []struct {
		name  string
		list  []Message
		tried bool // the first, before the others come
		want  []string
	}{
		{"one", []Message{firing("a")}, false, []string{"firing a +0"}},
		{"the next joins what nobody tried", []Message{firing("a"), firing("b", "a")}, false, []string{"firing b,a +0"}},
		{"what is not in the new one stays", []Message{firing("a"), firing("b")}, false, []string{"firing b,a +0"}},
		{"what was tried stays as it was", []Message{firing("a"), firing("b"), firing("c")}, true, []string{"firing a +0", "firing c,b +0"}},
		{"an escalation is stronger", []Message{firing("a"), with(firing("a"), func(m *Message) { m.Kind = channel.Escalation }), firing("b")}, false, []string{"escalation b,a +0"}},
		{"a repeat is left out while anything waits", []Message{firing("a"), with(firing("a"), func(m *Message) { m.Kind = channel.Repeat })}, true, []string{"firing a +0"}},
		{"the end is a message of its own", []Message{firing("a"), with(firing("a"), func(m *Message) { m.Kind = channel.Resolved })}, false, []string{"firing a +0", "resolved a +0"}},
		{"nothing joins an end", []Message{with(firing("a"), func(m *Message) { m.Kind = channel.Resolved }), firing("b")}, false, []string{"resolved a +0", "firing b +0"}},
		{"another channel", []Message{firing("a"), with(firing("b"), func(m *Message) { m.Channel = "phone" })}, false, []string{"firing a +0"}},
		{"another group", []Message{firing("a"), with(firing("b"), func(m *Message) { m.Group = 2 })}, false, []string{"firing a +0", "firing b +0"}},
		{"of no group", []Message{with(firing("a"), func(m *Message) { m.Group = 0 }), with(firing("b"), func(m *Message) { m.Group = 0 })}, false, []string{"firing a +0", "firing b +0"}},
		{"whole", []Message{firing("a"), with(firing("b"), func(m *Message) { m.Whole = true })}, false, []string{"firing a +0", "firing b +0"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t, file(t))
			put(t, s, some("a", "high"), some("b", "high"), some("c", "high"))
			for i, m := range tc.list {
				row := queue(t, s, m)
				if i == 0 && tc.tried {
					if err := s.Attempt(t.Context(), row); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := queued(t, s, "mail"); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// TestQueue_Many: a message names so many alerts and counts the others.
func TestQueue_Many(t *testing.T) {
	s := open(t, file(t))
	var list []*Alert
	var ids []string
	for i := range Listed + 30 {
		list = append(list, some(fmt.Sprintf("a%03d", i), "low"))
		ids = append(ids, list[i].ID)
	}
	list[50].Level = "critical"
	put(t, s, list...)
	row := queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Alerts: ids})
	m, err := s.Message(t.Context(), row)
	if err != nil || m.More != 30 {
		t.Fatalf("%+v, %v", m, err)
	}
	carried, err := s.Carried(t.Context(), row, 3)
	if err != nil || len(carried) != 3 || carried[0].ID != "a050" || carried[1].ID != "a000" {
		t.Errorf("carried %d, %v", len(carried), err)
	}
	if none, err := s.Message(t.Context(), 999); none != nil || err != nil {
		t.Errorf("no message: %+v, %v", none, err)
	}
}

func TestFinish(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "high"))
	row := queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Name: "g", Labels: map[string]string{"k": "v"}, Lang: "ko", Rank: 4, Alerts: []string{"a"}})
	get := func() *Message {
		m, err := s.Message(t.Context(), row)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	finish := func(o Outcome, at time.Duration) {
		if err := errors.Join(s.Attempt(t.Context(), row), s.Finish(t.Context(), get(), o, t0.Add(at))); err != nil {
			t.Fatal(err)
		}
	}
	id := get().ID
	finish(Outcome{Error: "busy", Next: t0.Add(time.Minute)}, time.Second)
	if m := get(); m.State != Waiting || m.Attempts != 1 || m.Error != "busy" || !m.Next.Equal(t0.Add(time.Minute)) || m.Lang != "ko" || m.Labels["k"] != "v" {
		t.Errorf("waits %+v", m)
	}
	if waits, err := s.Waits(t.Context()); err != nil || !slices.Equal(waits, []string{"mail"}) {
		t.Errorf("waits %v, %v", waits, err)
	}
	if err := s.Sooner(t.Context(), "mail", 5); err != nil || !get().Next.IsZero() {
		t.Errorf("%v, next %s", err, get().Next)
	}
	finish(Outcome{Error: "no", Permanent: true}, 2*time.Second)
	if m := get(); m.State != Dead || !m.Ended.Equal(t0.Add(2*time.Second)) {
		t.Errorf("dead %+v", m)
	}
	if list, err := s.DeadMessages(t.Context(), 10); err != nil || len(list) != 1 || list[0].ID != id {
		t.Errorf("dead %+v, %v", list, err)
	}
	if n, err := s.Retry(t.Context(), "phone"); err != nil || n != 0 {
		t.Errorf("retry of another: %d, %v", n, err)
	}
	if n, err := s.Retry(t.Context(), ""); err != nil || n != 1 {
		t.Errorf("retry: %d, %v", n, err)
	}
	finish(Outcome{OK: true, Said: "250", Ticket: "T-1"}, 3*time.Second)
	if m := get(); m.State != Sent || m.Said != "250" || m.ID != id || m.Error != "" || m.Ticket != "T-1" {
		t.Errorf("sent %+v", m)
	}
	if n, first, err := s.SentSince(t.Context(), "mail", t0); err != nil || n != 1 || !first.Equal(t0.Add(3*time.Second)) {
		t.Errorf("sent %d, %s, %v", n, first, err)
	}
	h, err := s.Healths(t.Context())
	if err != nil || h["mail"].Sent != 1 || h["mail"].Failed != 2 || !h["mail"].Up || !h["mail"].Since.Equal(t0.Add(2*time.Second)) || h["mail"].Error != "no" || h["mail"].Waiting != 0 {
		t.Errorf("health %+v, %v", h["mail"], err)
	}
	// A message without a ticket keeps the one that there is; the end of the group ends it.
	for _, kind := range []channel.Kind{channel.Repeat, channel.Resolved} {
		next := queue(t, s, Message{Group: 1, Channel: "mail", Kind: kind, Alerts: []string{"a"}})
		m, err := s.Message(t.Context(), next)
		if err != nil || m.Ticket != "T-1" {
			t.Errorf("%s: %+v, %v", kind, m, err)
		}
		if err := s.Finish(t.Context(), m, Outcome{OK: true}, t0); err != nil {
			t.Fatal(err)
		}
	}
	if m := get(); m.Ticket != "" {
		t.Errorf("after the end: %+v", m)
	}
}

func TestFold(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "low"), some("b", "critical"), some("c", "low"))
	queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Lang: "ko", Rank: 2, Alerts: []string{"a"}, More: 4})
	queue(t, s, Message{Group: 2, Channel: "mail", Kind: channel.Firing, Rank: 5, Alerts: []string{"b", "a"}})
	queue(t, s, Message{Group: 3, Channel: "mail", Kind: channel.Firing, Rank: 2, Alerts: []string{"c"}})
	list, err := s.Queued(t.Context(), "mail", 2)
	if err != nil {
		t.Fatal(err)
	}
	row, err := s.Fold(t.Context(), list, func(alerts int) string { return fmt.Sprint(alerts, " of them") }, 2, t0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Message(t.Context(), row)
	if err != nil || m.Kind != channel.Digest || m.Name != "6 of them" || m.Rank != 5 || m.More != 4 || m.Lang != "ko" || m.Labels["groups"] != "2" {
		t.Errorf("%+v, %v", m, err)
	}
	if got := queued(t, s, "mail"); !slices.Equal(got, []string{"firing c +0", "digest b,a +4"}) {
		t.Errorf("got %q", got)
	}
	of, err := s.MessagesOf(t.Context(), "a")
	if err != nil || len(of) != 3 || of[0].State != Folded || of[0].Into != m.ID || of[2].Row != row {
		t.Errorf("of a: %+v, %v", of, err)
	}
}

// TestQueue_Random: whatever is queued, tried, joined and folded, in whatever order: every alert is named by a message that
// was not folded away, or one counts it; of a group nothing overtakes what waits; and ids never change hands.
func TestQueue_Random(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := open(t, file(t))
		owed := map[string]bool{} // alerts that the channel has to hear of
		heard := map[string]bool{}
		kinds := []channel.Kind{channel.Firing, channel.Firing, channel.Escalation, channel.Repeat, channel.Resolved}
		last := map[int64]int64{} // by group: the row that was sent last
		n := 0
		for range 150 {
			list, err := s.Queued(t.Context(), "mail", 1000)
			if err != nil {
				t.Fatal(err)
			}
			switch k := r.IntN(6); {
			case k < 3:
				m := Message{Group: int64(1 + r.IntN(4)), Channel: "mail", Kind: kinds[r.IntN(len(kinds))], Name: "g", Rank: 1 + r.IntN(5)}
				for range 1 + r.IntN(5) {
					n++
					a := some(fmt.Sprintf("a%04d", n), "low")
					do(t, s, func(ctx context.Context, tx *Tx) error { return tx.SaveAlert(ctx, a, t0) })
					m.Alerts = append(m.Alerts, a.ID)
					owed[a.ID] = owed[a.ID] || m.Kind != channel.Repeat // a repeat tells nothing new
				}
				queue(t, s, m)
			case k == 3 && len(list) > 0: // it is tried and does not arrive
				m := list[r.IntN(len(list))]
				if err := errors.Join(s.Attempt(t.Context(), m.Row), s.Finish(t.Context(), &m, Outcome{Error: "no", Next: t0.Add(time.Hour)}, t0)); err != nil {
					t.Fatal(err)
				}
			case k == 4 && len(list) > 0: // the first arrives
				m := list[0]
				if m.Row < last[m.Group] && m.Group > 0 {
					t.Fatalf("seed %d: %d of group %d comes after %d", seed, m.Row, m.Group, last[m.Group])
				}
				last[m.Group] = m.Row
				carried, err := s.Carried(t.Context(), m.Row, Listed)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range carried {
					heard[a.ID] = true
				}
				if err := errors.Join(s.Attempt(t.Context(), m.Row), s.Finish(t.Context(), &m, Outcome{OK: true}, t0)); err != nil {
					t.Fatal(err)
				}
			case k == 5 && len(list) > 2:
				fresh := slices.DeleteFunc(list, func(m Message) bool { return m.Attempts > 0 })
				if len(fresh) < 2 {
					continue
				}
				if _, err := s.Fold(t.Context(), fresh, func(int) string { return "many" }, 2, t0); err != nil {
					t.Fatal(err)
				}
			}
		}
		list, err := s.Queued(t.Context(), "mail", 1000)
		if err != nil {
			t.Fatal(err)
		}
		more := 0
		for _, m := range list {
			more += m.More
			carried, err := s.Carried(t.Context(), m.Row, Listed)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range carried {
				heard[a.ID] = true
			}
		}
		missing := 0
		for id := range owed {
			if owed[id] && !heard[id] {
				missing++
			}
		}
		if missing > more {
			t.Errorf("seed %d: %d alerts are in no message, and %d are counted", seed, missing, more)
		}
	}
}
