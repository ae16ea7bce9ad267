package correlate

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
)

// runs makes the mark of a worker that has another rule set from here on.
func runs(worker int, hash string) *signal.Signal {
	return &signal.Signal{Kind: signal.Ruleset, Hash: hash, Src: fmt.Sprintf("weir.raw.syslog/%d/7/0", worker)}
}

// of makes the match of a version of a rule, in the order of ms.
func of(r *rules.Rule, ms int, id string) *signal.Signal { return at(r, ms, "event", id, "g") }

func versions(n int) []*rules.Rule {
	out := make([]*rules.Rule, n)
	for i := range out {
		out[i] = counting(2, time.Minute, time.Minute)
		out[i].Hash = fmt.Sprintf("h%d", i)
	}
	return out
}

func setOf(hash string, list ...*rules.Rule) *rules.Set { return &rules.Set{Hash: hash, Rules: list} }

// TestSetVersion_LosesAndMixesNothing: signals of the old version that come after the swap count for the old one alone,
// those of the new one for the new, in whatever order they come.
func TestSetVersion_LosesAndMixesNothing(t *testing.T) {
	v := versions(2)
	en := New(Options{Lateness: 5 * time.Second})
	en.SetVersion(setOf("A", v[0]))
	out := play(t, en, []*signal.Signal{runs(0, "A"), runs(1, "A"), of(v[0], 1, "a1")})
	en.SetVersion(setOf("B", v[1]))
	out = append(out, play(t, en, []*signal.Signal{runs(0, "B"), of(v[1], 2, "b1"), of(v[0], 3, "a2"), of(v[1], 4, "b2")})...)
	if s := en.Stats(); s.Unknown != 0 || s.Matches != 4 || s.Alerts != 2 {
		t.Fatalf("%+v", s)
	}
	if len(out) != 2 || out[0].ID == out[1].ID {
		t.Fatalf("%d revisions", len(out))
	}
	for i, want := range []string{"a1 a2", "b1 b2"} {
		got := ""
		for _, e := range out[i].Evidence {
			got += " " + e.EventID
		}
		if got != " "+want {
			t.Errorf("alert %d is made of%s", i, got)
		}
	}
	if len(en.sets.former) != 1 {
		t.Error("worker 1 still runs A")
	}
	// A third match is unsaid until the version ends: then it is said, and what comes after the marks is of nobody.
	more := play(t, en, []*signal.Signal{of(v[0], 5, "a3"), runs(1, "B")})
	if len(more) != 1 || more[0].ID != out[0].ID || more[0].Revision != 2 || more[0].Count != out[0].Count+1 {
		t.Errorf("at its end the old version said %d revisions: %+v", len(more), more[0])
	}
	if play(t, en, []*signal.Signal{of(v[0], 6, "a4")}); en.Stats().Unknown != 1 || len(en.sets.former) != 0 {
		t.Errorf("%+v, %d kept", en.Stats(), len(en.sets.former))
	}
}

// TestSetVersion_ComesBack: who changes a rule and takes that back has the state from before, as long as it is kept.
func TestSetVersion_ComesBack(t *testing.T) {
	v := versions(2)
	en := New(Options{})
	en.SetVersion(setOf("A", v[0]))
	play(t, en, []*signal.Signal{runs(0, "A"), of(v[0], 1, "a1")})
	en.SetVersion(setOf("B", v[1]))
	en.SetVersion(setOf("A", v[0]))
	if out := play(t, en, []*signal.Signal{runs(0, "A"), of(v[0], 2, "a2")}); len(out) != 1 || out[0].Evidence[0].EventID != "a1" {
		t.Errorf("%d revisions", len(out))
	}
	if got := slices.Sorted(func(yield func(string) bool) {
		for key := range en.sets.former {
			yield(key)
		}
	}); len(got) != 0 {
		t.Errorf("%q are kept, and the only worker runs A", got)
	}
}

// TestSetVersion_Ends: how long a version is kept.
func TestSetVersion_Ends(t *testing.T) {
	v := versions(keepSets + 3)
	for name, tt := range map[string]struct {
		play func(en *Engine)
		kept int
	}{
		"nobody has run anything": {func(en *Engine) { en.SetVersion(setOf("1", v[1])) }, 1},
		"a set unknown here": {func(en *Engine) {
			play(t, en, []*signal.Signal{runs(0, "elsewhere")})
			en.SetVersion(setOf("1", v[1]))
			play(t, en, []*signal.Signal{runs(1, "1")})
		}, 1},
		"a mark of a set between": {func(en *Engine) {
			play(t, en, []*signal.Signal{runs(0, "0")})
			en.SetVersion(setOf("1", v[1]))
			en.SetVersion(setOf("2", v[2]))
			play(t, en, []*signal.Signal{runs(0, "1")})
		}, 1},
		"a worker known by its marks of time alone": {func(en *Engine) {
			play(t, en, []*signal.Signal{mark(signal.Watermark, base, 1)})
			en.SetVersion(setOf("1", v[1]))
			play(t, en, []*signal.Signal{runs(1, "1")})
		}, 1},
		"a worker that never speaks again": {func(en *Engine) {
			play(t, en, []*signal.Signal{runs(0, "0"), runs(1, "0")})
			for i := 1; i < len(v); i++ {
				en.SetVersion(setOf(fmt.Sprint(i), v[i]))
				play(t, en, []*signal.Signal{runs(0, fmt.Sprint(i))})
			}
		}, keepSets},
		"a rule that is taken away": {func(en *Engine) {
			play(t, en, []*signal.Signal{runs(0, "0")})
			en.SetVersion(setOf("1"))
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			en := New(Options{})
			en.SetVersion(setOf("0", v[0]))
			tt.play(en)
			if got := len(en.sets.former); got != tt.kept {
				t.Errorf("%d versions are kept, want %d", got, tt.kept)
			}
			if n := len(en.sets.ofHash); n > keepSets {
				t.Errorf("%d sets are remembered", n)
			}
		})
	}
}

// TestSetVersion_Snapshot: a snapshot between swap and mark holds both versions, and one that does not know the old
// version any more leaves it out.
func TestSetVersion_Snapshot(t *testing.T) {
	v := versions(2)
	en := New(Options{})
	en.SetVersion(setOf("A", v[0]))
	play(t, en, []*signal.Signal{runs(0, "A"), of(v[0], 1, "a1")})
	en.SetVersion(setOf("B", v[1]))
	play(t, en, []*signal.Signal{of(v[1], 2, "b1")})
	var body bytes.Buffer
	if err := en.Snapshot(&body); err != nil {
		t.Fatal(err)
	}
	for i, r := range v {
		next := New(Options{})
		next.SetVersion(setOf("X", r))
		if err := next.Restore(bytes.NewReader(body.Bytes())); err != nil {
			t.Fatal(err)
		}
		var got []*alert.Alert
		if got = play(t, next, []*signal.Signal{of(r, 3, "z")}); len(got) != 1 || got[0].Evidence[0].EventID != []string{"a1", "b1"}[i] {
			t.Errorf("version %d: %+v", i, got)
		}
	}
}
