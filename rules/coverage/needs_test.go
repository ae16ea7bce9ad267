package coverage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/event"
	"weir/internal/match"
)

func TestNeeds(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`process.name == "a"`:                                            "[[process.name]]",
		`process.name == "a" and user.name == "b"`:                       "[[process.name] [user.name]]",
		`process.name == "a" or user.name == "b"`:                        "[[process.name user.name]]",
		`process.name == "a" or user.name != "b"`:                        "[]",
		`not (process.name == "a")`:                                      "[]",
		`not (process.name == "a" or user.name == nil)`:                  "[[user.name]]",
		`process.name == "a" and not (user.name == "b")`:                 "[[process.name]]",
		`(process.name == "a" and user.name == "b") or host.name == "c"`: "[[host.name process.name]]",
		`user.name == nil`:                                               "[]",
		`user.name != nil`:                                               "[[user.name]]",
		`icontains($env, "x")`:                                           "[]",
		`true`:                                                           "[]",
	} {
		cond, err := match.Compile(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := fmt.Sprint(needs(cond.Tree(), true)); got != want {
			t.Errorf("%s needs %s, want %s", expr, got, want)
		}
	}
}

// TestNeeds_AreNeeded tries random conditions on random events: an event that lacks what is needed never satisfies one.
func TestNeeds_AreNeeded(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	fields := []string{"user.name", "host.name", "process.name", "event.action"}
	var condition func(depth int) string
	condition = func(depth int) string {
		f := fields[rnd.IntN(len(fields))]
		switch n := rnd.IntN(8); {
		case depth > 0 && n < 2:
			return "(" + condition(depth-1) + " and " + condition(depth-1) + ")"
		case depth > 0 && n < 4:
			return "(" + condition(depth-1) + " or " + condition(depth-1) + ")"
		case depth > 0 && n == 4:
			return "not (" + condition(depth-1) + ")"
		default:
			return f + []string{` == "a"`, ` != "a"`, ` == nil`, ` != nil`, ` in ["a", "b"]`, ` contains "a"`}[rnd.IntN(6)]
		}
	}
	held, missing := 0, 0
	for range 3000 {
		src := condition(3)
		cond, err := match.Compile(src)
		if err != nil {
			t.Fatal(src, err)
		}
		need := needs(cond.Tree(), true)
		for range 8 {
			var e event.Event
			have := map[string]bool{}
			for _, f := range fields {
				if rnd.IntN(2) == 0 {
					e.SetPath(f, event.Str([]string{"a", "b", "c"}[rnd.IntN(3)]))
					have[f] = true
				}
			}
			lacks := slices.ContainsFunc(need, func(any []string) bool { return !slices.ContainsFunc(any, func(f string) bool { return have[f] }) })
			holds := cond.Match(&e)
			if holds && lacks {
				t.Fatalf("%s holds for %s, and needs %v", src, e.AppendJSON(nil), need)
			}
			if holds {
				held++
			}
			if lacks {
				missing++
			}
		}
	}
	if held < 1000 || missing < 1000 {
		t.Errorf("%d held, %d lacked something: the test says little", held, missing)
	}
}
