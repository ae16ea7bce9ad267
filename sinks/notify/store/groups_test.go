package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/plan"
	"weir/sinks/notify/routing"
)

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

// TestJoin: the same route, channels and labels are one group while it is open; anything else is another.
func TestJoin(t *testing.T) {
	base := Group{Route: "/", To: []string{"mail"}, Name: "n", Labels: map[string]string{"rule": "ssh", "host.name": "web-1"}}
	with := func(f func(*Group)) Group {
		g := base
		g.Labels = maps.Clone(base.Labels)
		f(&g)
		return g
	}
	for _, tc := range []struct {
		name string
		next Group
		want int64
	}{
		{"the same", with(func(*Group) {}), 1},
		{"another name is no difference", with(func(g *Group) { g.Name = "m" }), 1},
		{"another route", with(func(g *Group) { g.Route = "/x" }), 2},
		{"other channels", with(func(g *Group) { g.To = []string{"mail", "sms"} }), 2},
		{"another label", with(func(g *Group) { g.Labels["rule"] = "sudo" }), 2},
		{"one label less", with(func(g *Group) { delete(g.Labels, "rule") }), 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t, file(t))
			do(t, s, func(ctx context.Context, tx *Tx) error {
				return errors.Join(tx.Join(ctx, base, some("a", "high"), t0), tx.Join(ctx, tc.next, some("b", "high"), t0.Add(time.Second)), tx.Join(ctx, tc.next, some("b", "high"), t0))
			})
			if n, err := s.OpenGroups(t.Context()); err != nil || n != tc.want {
				t.Errorf("%d groups, %v", n, err)
			}
		})
	}
}

// TestDue_Order: who waits longest comes first, and a limit holds.
func TestDue_Order(t *testing.T) {
	s := open(t, file(t))
	do(t, s, func(ctx context.Context, tx *Tx) error {
		for i, after := range []time.Duration{3 * time.Second, time.Second, 2 * time.Second} {
			g := Group{Route: fmt.Sprint("/", i), To: []string{"mail"}, Labels: map[string]string{}}
			if err := tx.Join(ctx, g, some("a", "high"), t0.Add(after)); err != nil {
				return err
			}
		}
		return nil
	})
	due, err := s.Due(t.Context(), t0.Add(time.Minute), 2)
	if err != nil || len(due) != 2 || due[0].Route != "/1" || due[1].Route != "/2" {
		t.Errorf("due %+v, %v", due, err)
	}
	if none, err := s.Due(t.Context(), t0, 10); err != nil || len(none) != 0 {
		t.Errorf("before: %+v, %v", none, err)
	}
	do(t, s, func(ctx context.Context, tx *Tx) error {
		for _, g := range due {
			if err := tx.Settle(ctx, g.ID, plan.Plan{}, t0); err != nil { // nothing to wait for
				return err
			}
		}
		return nil
	})
	if next, err := s.NextDue(t.Context()); err != nil || !next.Equal(t0.Add(3*time.Second)) {
		t.Errorf("next %s, %v", next, err)
	}
}
