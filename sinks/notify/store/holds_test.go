package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/sinks/notify/routing"
)

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

// TestSilences_Order: the latest comes first, and what is over is left out unless it is asked for.
func TestSilences_Order(t *testing.T) {
	s := open(t, file(t))
	for i, until := range []time.Duration{time.Hour, 3 * time.Hour, 2 * time.Hour} {
		made := t0.Add(time.Duration(i) * time.Minute)
		if err := s.AddSilence(t.Context(), Silence{ID: fmt.Sprint("s", i), Match: []routing.Condition{{Name: "rule", Op: "!=", Patterns: []string{"a", "b"}}}, Owner: "o", Reason: "r", Made: made, Until: t0.Add(until)}); err != nil {
			t.Fatal(err)
		}
	}
	ids := func(at time.Duration, all bool) (out []string) {
		list, err := s.Silences(t.Context(), t0.Add(at), all)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			out = append(out, x.ID)
			if x.Match[0].String() != "rule!=a|b" {
				t.Errorf("match %v", x.Match)
			}
		}
		return out
	}
	for _, tc := range []struct {
		at   time.Duration
		all  bool
		want []string
	}{
		{0, false, []string{"s2", "s1", "s0"}},
		{time.Hour, false, []string{"s2", "s1"}},
		{150 * time.Minute, false, []string{"s1"}},
		{9 * time.Hour, false, nil},
		{9 * time.Hour, true, []string{"s2", "s1", "s0"}},
	} {
		if got := ids(tc.at, tc.all); !slices.Equal(got, tc.want) {
			t.Errorf("after %s, all %v: %q, want %q", tc.at, tc.all, got, tc.want)
		}
	}
	if err := s.AddSilence(t.Context(), Silence{ID: "s0", Made: t0, Until: t0}); err == nil {
		t.Error("one id is given twice")
	}
}

// TestSummary_Gone: an alert that was forgotten meanwhile is no reason not to say the others.
func TestSummary_Gone(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "high"))
	do(t, s, func(ctx context.Context, tx *Tx) error {
		_, first := tx.Hold(ctx, "a", ByMaintenance, "w", true, t0)
		_, second := tx.Hold(ctx, "gone", ByMaintenance, "w", true, t0)
		_, other := tx.Hold(ctx, "a", ByMaintenance, "quiet", false, t0)
		return errors.Join(first, second, other)
	})
	do(t, s, func(ctx context.Context, tx *Tx) error {
		got, err := tx.Summary(ctx, "w")
		if err != nil || len(got) != 1 || got[0].ID != "a" {
			t.Errorf("got %+v, %v", got, err)
		}
		if none, err := tx.Summary(ctx, "quiet"); err != nil || len(none) != 0 {
			t.Errorf("one that wants no summary: %+v, %v", none, err)
		}
		return nil
	})
}
