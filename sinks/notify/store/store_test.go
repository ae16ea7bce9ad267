package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/plan"
	"weir/sinks/notify/routing"
)

// t0 is when stores of these tests are made.
var t0 = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// file is a store's path, in memory where that can be.
func file(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "store")
	if err != nil {
		return filepath.Join(t.TempDir(), "notify.db")
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "notify.db")
}

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, t0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// do runs fn in a transaction.
func do(t testing.TB, s *Store, fn func(ctx context.Context, tx *Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), "testing", func(tx *Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// some is an alert with an id and a level.
func some(id, level string) *Alert {
	return &Alert{Alert: alert.Alert{ID: id, Revision: 1, Rule: "ssh", Level: level, Count: 1, Group: map[string]string{"host.name": "web-1"}}, State: alert.Open, Seen: t0}
}

// put saves alerts and joins them into the group of a route.
func put(t testing.TB, s *Store, list ...*Alert) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *Tx) error {
		for _, a := range list {
			if err := errors.Join(tx.Join(ctx, Group{Route: "/", To: []string{"mail"}, Name: "rule=ssh", Labels: map[string]string{"rule": "ssh"}}, a, t0), tx.SaveAlert(ctx, a, t0)); err != nil {
				return err
			}
		}
		return nil
	})
}

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

func TestOpen(t *testing.T) {
	path := file(t)
	s := open(t, path)
	first := s.instance
	if !s.Since().Equal(t0) || len(first) != 8 {
		t.Errorf("since %s, instance %q", s.Since(), first)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path, t0.Add(time.Hour))
	if err != nil || !again.Since().Equal(t0) || again.instance != first {
		t.Errorf("opened again: %v, since %s", err, again.Since())
	}
	if err := again.Write(t.Context(), "growing older", func(tx *Tx) error {
		_, err := tx.ExecContext(t.Context(), "PRAGMA user_version = 99")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
	if _, err := Open(path, t0); fault.Code(err) != "notify-store" || !strings.Contains(err.Error(), "newer weir") {
		t.Errorf("a newer form: %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, t0); err == nil {
		t.Error("a file that is no store is opened")
	}
}

// TestOpen_Twice: of several that open a new file at once, all find the same.
func TestOpen_Twice(t *testing.T) {
	path := file(t)
	var wg sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		wg.Go(func() {
			s, err := Open(path, t0)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = s.instance
			_ = s.Close()
		})
	}
	wg.Wait()
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("instances %q", ids)
	}
}

// TestWrite: what fails did not happen.
func TestWrite(t *testing.T) {
	s := open(t, file(t))
	boom := errors.New("boom")
	err := s.Write(t.Context(), "trying", func(tx *Tx) error {
		return errors.Join(tx.SaveAlert(t.Context(), some("a", "high"), t0), boom)
	})
	if !errors.Is(err, boom) || !strings.HasPrefix(err.Error(), "trying: ") {
		t.Errorf("got %v", err)
	}
	if a, err := s.Alert(t.Context(), "a"); a != nil || err != nil {
		t.Errorf("it is there: %+v, %v", a, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, "late", func(*Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestAlerts(t *testing.T) {
	s := open(t, file(t))
	a := some("3f9c", "high")
	a.Verdict, a.Assignee, a.Version, a.Fate = "benign", "ana", 3, "why"
	b := some("3f9d", "low")
	b.Revision = 0 // only a change was heard of
	do(t, s, func(ctx context.Context, tx *Tx) error {
		return errors.Join(tx.SaveAlert(ctx, a, t0), tx.SaveAlert(ctx, b, t0), tx.SaveAlert(ctx, some("3f", "low"), t0))
	})
	do(t, s, func(ctx context.Context, tx *Tx) error {
		got, err := tx.Alert(ctx, "3f9c")
		if err != nil || got.Rule != "ssh" || got.Assignee != "ana" || got.Version != 3 || got.Fate != "why" || !got.Seen.Equal(t0) || got.Group["host.name"] != "web-1" {
			t.Errorf("got %+v, %v", got, err)
		}
		if none, err := tx.Alert(ctx, "none"); none != nil || err != nil {
			t.Errorf("got %+v, %v", none, err)
		}
		changed, err := tx.Alert(ctx, "3f9d")
		if err != nil || changed.Revision != 0 || changed.ID != "3f9d" {
			t.Errorf("got %+v, %v", changed, err)
		}
		return nil
	})
	for start, want := range map[string]string{"3f9c": "3f9c", "3f9": "3f9c", "3f": "3f", "3": "", "zz": ""} {
		got, err := s.Alert(t.Context(), start)
		if err != nil || (got == nil) != (want == "") || got != nil && got.ID != want {
			t.Errorf("%s: got %+v, %v", start, got, err)
		}
	}
}

func TestAlert_Over(t *testing.T) {
	for name, set := range map[string]func(*Alert){
		"closed": func(a *Alert) { a.State = alert.Closed },
		"ended":  func(a *Alert) { a.Ended = &t0 },
		"merged": func(a *Alert) { a.MergedInto = "x" },
	} {
		a := some("a", "high")
		if a.Over() {
			t.Error("an open one is over")
		}
		if set(a); !a.Over() {
			t.Errorf("%s is not over", name)
		}
	}
}

func TestGroups(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "high"), some("b", "critical"))
	other := some("c", "low")
	do(t, s, func(ctx context.Context, tx *Tx) error {
		return errors.Join(tx.SaveAlert(ctx, other, t0), tx.Join(ctx, Group{Route: "/", To: []string{"phone"}, Labels: map[string]string{"rule": "ssh"}}, other, t0.Add(time.Minute)))
	})
	due, err := s.Due(t.Context(), t0, 10)
	if err != nil || len(due) != 1 || due[0].Name != "rule=ssh" || !slices.Equal(due[0].To, []string{"mail"}) || due[0].Labels["rule"] != "ssh" || !due[0].Begun.Equal(t0) {
		t.Fatalf("due %+v, %v", due, err)
	}
	g := due[0].ID
	do(t, s, func(ctx context.Context, tx *Tx) error {
		members, err := tx.Members(ctx, g)
		if err != nil || len(members) != 2 || members[0].Alert != "a" || members[1].Rank != 5 {
			t.Errorf("members %+v, %v", members, err)
		}
		return tx.Settle(ctx, g, plan.Plan{Told: []string{"a", "b"}, Escalated: map[string]int{"b": 2}, News: true, Said: true, Due: t0.Add(time.Hour)}, t0.Add(time.Second))
	})
	if next, err := s.NextDue(t.Context()); err != nil || !next.Equal(t0.Add(time.Minute)) {
		t.Errorf("next %s, %v", next, err)
	}
	do(t, s, func(ctx context.Context, tx *Tx) error {
		members, err := tx.Members(ctx, g)
		if err != nil || !members[0].Told.Equal(t0.Add(time.Second)) || members[0].ToldRank != 4 || members[1].Escalated != 2 {
			t.Errorf("members %+v, %v", members, err)
		}
		// Somebody acknowledged one: its group is looked at again.
		a, err := tx.Alert(ctx, "a")
		if err != nil {
			return err
		}
		a.State = alert.Acknowledged
		woke, err := tx.Wake(ctx, "a", t0.Add(2*time.Second))
		if err != nil || !woke {
			t.Errorf("woke %v, %v", woke, err)
		}
		return tx.SaveAlert(ctx, a, t0)
	})
	due, err = s.Due(t.Context(), t0.Add(2*time.Second), 10)
	if err != nil || len(due) != 1 || !due[0].Flushed.Equal(t0.Add(time.Second)) || !due[0].Sent.Equal(t0.Add(time.Second)) {
		t.Errorf("due %+v, %v", due, err)
	}
	do(t, s, func(ctx context.Context, tx *Tx) error {
		members, err := tx.Members(ctx, g)
		if err != nil || !members[0].Acked {
			t.Errorf("members %+v, %v", members, err)
		}
		there, err := tx.Retell(ctx, "b", t0)
		if err != nil || !there {
			t.Errorf("retell %v, %v", there, err)
		}
		if members, _ = tx.Members(ctx, g); !members[1].Told.IsZero() || members[1].Escalated != 0 {
			t.Errorf("members %+v", members)
		}
		return errors.Join(tx.Leave(ctx, g, "a"), tx.Settle(ctx, g, plan.Plan{Skipped: []string{"b"}, Close: true}, t0.Add(time.Minute)))
	})
	do(t, s, func(ctx context.Context, tx *Tx) error {
		if there, err := tx.Retell(ctx, "b", t0); err != nil || there {
			t.Errorf("in a closed group: %v, %v", there, err)
		}
		return nil
	})
	of, err := s.GroupsOf(t.Context(), "b")
	if err != nil || len(of) != 1 || !of[0].Skipped || of[0].Closed.IsZero() || !slices.Equal(of[0].To, []string{"mail"}) {
		t.Errorf("groups of b %+v, %v", of, err)
	}
	if n, err := s.OpenGroups(t.Context()); err != nil || n != 1 {
		t.Errorf("open %d, %v", n, err)
	}
	// The next alert begins another group.
	put(t, s, some("d", "high"))
	if n, _ := s.OpenGroups(t.Context()); n != 2 {
		t.Errorf("open %d", n)
	}
}

func TestGroupFor(t *testing.T) {
	r := &routing.Route{Key: "/x", Settings: routing.Settings{GroupBy: []string{"host.name", "rule"}}}
	g := GroupFor(routing.Target{Route: r, To: []string{"mail"}}, &some("a", "high").Alert)
	if g.Route != "/x" || g.Name != "host.name=web-1 rule=ssh" || g.Labels["rule"] != "ssh" || !slices.Equal(g.To, []string{"mail"}) {
		t.Errorf("got %+v", g)
	}
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

func TestHolds(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "high"), some("b", "high"))
	c, err := routing.ParseCondition("rule=ssh")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddSilence(t.Context(), Silence{ID: "s1", Match: []routing.Condition{c}, Owner: "ana", Reason: "r", Made: t0, Until: t0.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	do(t, s, func(ctx context.Context, tx *Tx) error {
		for _, want := range []bool{true, false} {
			fresh, err := tx.Hold(ctx, "a", BySilence, "s1", false, t0)
			if err != nil || fresh != want {
				t.Errorf("fresh %v, %v", fresh, err)
			}
		}
		_, err := tx.Hold(ctx, "b", ByMaintenance, "w", true, t0.Add(time.Second))
		return errors.Join(err, tx.Silenced(ctx, "mail"), tx.Silenced(ctx, "mail"))
	})
	list, err := s.Silences(t.Context(), t0, false)
	if err != nil || len(list) != 1 || list[0].Held != 1 || !list[0].Holds(&some("a", "low").Alert, t0) || list[0].Holds(&some("a", "low").Alert, t0.Add(time.Hour)) {
		t.Errorf("silences %+v, %v", list, err)
	}
	holds, err := s.HoldsOf(t.Context(), "a")
	if err != nil || len(holds) != 1 || holds[0] != (Hold{BySilence, "s1", t0}) {
		t.Errorf("holds %+v, %v", holds, err)
	}
	if h, _ := s.Healths(t.Context()); h["mail"].Silenced != 2 || h["mail"].Used {
		t.Errorf("health %+v", h["mail"])
	}
	if names, err := s.Summaries(t.Context()); err != nil || !slices.Equal(names, []string{"w"}) {
		t.Errorf("summaries %v, %v", names, err)
	}
	do(t, s, func(ctx context.Context, tx *Tx) error {
		got, err := tx.Summary(ctx, "w")
		if err != nil || len(got) != 1 || got[0].ID != "b" {
			t.Errorf("summary %+v, %v", got, err)
		}
		return nil
	})
	if names, _ := s.Summaries(t.Context()); len(names) != 0 {
		t.Errorf("summed up twice: %v", names)
	}
	for i, want := range []int{0, 1, 0} {
		over, err := s.Expired(t.Context(), t0.Add(time.Duration(i)*time.Hour))
		if err != nil || len(over) != want {
			t.Errorf("%d: %+v, %v", i, over, err)
		}
	}
	if x, err := s.EndSilence(t.Context(), "none", "bo", t0); x != nil || err != nil {
		t.Errorf("ended %+v, %v", x, err)
	}
	if x, err := s.EndSilence(t.Context(), "s1", "bo", t0.Add(time.Minute)); err != nil || x.By != "bo" || x.Active(t0) {
		t.Errorf("ended %+v, %v", x, err)
	}
}

func TestTroubles(t *testing.T) {
	s := open(t, file(t))
	unraised := func() string {
		list, err := s.Unraised(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range list {
			out = append(out, fmt.Sprintf("%s %s +%s count %d rev %d ended %v %s", x.Channel, x.Kind, x.Begun.Sub(t0), x.Count, x.Revision, !x.Ended.IsZero(), x.Error))
			if err := s.Raised(t.Context(), x); err != nil {
				t.Fatal(err)
			}
		}
		return strings.Join(out, "; ")
	}
	step := func(want string, errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := unraised(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	step("")
	step("mail refused +0s count 1 rev 1 ended false no", s.Note(t.Context(), "mail", "refused", "no", t0))
	step("")
	step("mail refused +0s count 3 rev 3 ended false nono", s.Note(t.Context(), "mail", "refused", "no", t0.Add(time.Hour)), s.Note(t.Context(), "mail", "refused", "nono", t0.Add(2*time.Hour)))
	step("mail refused +50h0m0s count 1 rev 1 ended false later", s.Note(t.Context(), "mail", "refused", "later", t0.Add(50*time.Hour)))
	step("mail refused +50h0m0s count 1 rev 2 ended true later", s.Over(t.Context(), "mail", "refused", t0.Add(51*time.Hour)))
	step("", s.Over(t.Context(), "mail", "refused", t0.Add(52*time.Hour)))
	if on, err := s.Troubling(t.Context(), "mail", "refused"); on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
	step("mail refused +53h0m0s count 1 rev 1 ended false new", s.Note(t.Context(), "mail", "refused", "new", t0.Add(53*time.Hour)))
	if on, err := s.Troubling(t.Context(), "mail", "refused"); !on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
}

func TestClean(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("old", "high"))
	row := queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Alerts: []string{"old"}})
	m, err := s.Message(t.Context(), row)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), m, Outcome{OK: true}, t0); err != nil {
		t.Fatal(err)
	}
	count := func(table string) (n int) {
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	clean := func(at time.Duration) {
		if err := s.Clean(t.Context(), t0.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	clean(Keep - time.Hour)
	if count("alerts") != 1 || count("groups") != 1 || count("deliveries") != 1 {
		t.Error("forgotten too early")
	}
	// Nobody closed the alert: its group is over when nothing was heard of it for so long.
	clean(Keep + time.Hour)
	if n, err := s.OpenGroups(t.Context()); err != nil || n != 0 || count("deliveries") != 0 || count("carried") != 0 {
		t.Errorf("%d open groups, %v", n, err)
	}
	clean(2*Keep + 2*time.Hour)
	clean(2*Keep + 3*time.Hour)
	for _, table := range []string{"alerts", "groups", "members", "parties", "holds"} {
		if n := count(table); n != 0 {
			t.Errorf("%s still has %d", table, n)
		}
	}
}

func BenchmarkJoin(b *testing.B) {
	s := open(b, file(b))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if n%500 != 1 {
			continue // a batch of 500 alerts each
		}
		do(b, s, func(ctx context.Context, tx *Tx) error {
			for i := range 500 {
				a := some(fmt.Sprintf("%d-%d", n, i), "high")
				g := Group{Route: "/", To: []string{"mail"}, Name: "g", Labels: map[string]string{"host.name": fmt.Sprint(i % 50)}}
				if err := errors.Join(tx.Join(ctx, g, a, t0), tx.SaveAlert(ctx, a, t0)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
