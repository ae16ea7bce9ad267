package correlate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// The three ways in which groups are held agree with a plain model, whatever is done to them, also while a snapshot goes
// through them: it sees each group that is there all the time once.
func TestGroups_Model(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	spec, err := kind.Compile(&rules.Correlate{Kind: correlation.Count, Steps: []rules.Step{{When: "a", AtLeast: 1}}, Within: 50 * time.Second,
		Bounds: []rules.Bound{{Op: "gte", Value: 8}}}, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	gs := newGroups()
	var model []*group // in the order in which they were touched
	number, epoch := uint64(0), uint32(0)
	var left map[*group]bool // what the snapshot must still see
	for i := range 20_000 {
		key := fmt.Sprint(rnd.IntN(40))
		switch rnd.IntN(12) {
		case 0:
			if len(model) > 0 {
				g := model[rnd.IntN(len(model))]
				delete(left, g)
				gs.remove(g)
				model = slices.DeleteFunc(model, func(x *group) bool { return x == g })
			}
		case 1:
			epoch++
			gs.rewind()
			left = map[*group]bool{}
			for _, g := range model {
				left[g] = true
			}
		case 2, 3:
			steps := 1 + rnd.IntN(20)
			if g := gs.next(epoch, &steps); g != nil {
				if !left[g] {
					t.Fatalf("step %d: group %s comes twice, or is new", i, g.key)
				}
				g.epoch = epoch
				delete(left, g)
			} else if steps > 0 && len(left) > 0 && epoch > 0 {
				t.Fatalf("step %d: the end, and %d groups were never seen", i, len(left))
			}
		default:
			g := gs.byKey.find([]byte(key))
			if g == nil {
				g = newGroup([]byte(key), spec.State())
				g.epoch = epoch
				gs.put(g)
			} else {
				g.epoch = epoch // it is written before it is touched
				delete(left, g)
			}
			g.state.Add(&kind.Match{T: int64(i)*1e9 - int64(rnd.IntN(5))*1e9, ID: fmt.Sprint(i)}, quiet{})
			g.state.Pass(int64(i)*1e9-60e9, quiet{})
			number++
			gs.touch(g, number)
			gs.due.Move(g, g.state.Due())
			model = append(slices.DeleteFunc(model, func(x *group) bool { return x == g }), g)
		}
		check(t, &gs, model)
	}
}

// quiet listens to nothing.
type quiet struct{}

func (quiet) Hit(*kind.Match, bool)        {}
func (quiet) More(*kind.Match, int, int64) {}
func (quiet) Part(_, _ *kind.Match)        {}
func (quiet) Complete(*kind.Match)         {}
func (quiet) Free(*kind.Match)             {}

func check(t *testing.T, gs *groups, model []*group) {
	t.Helper()
	if gs.byKey.n != len(model) || gs.due.Len() != len(model) {
		t.Fatalf("%d by key, %d in the queue, want %d", gs.byKey.n, gs.due.Len(), len(model))
	}
	for level := range gs.lists {
		g := gs.lists[level].first
		for _, want := range model {
			if int(want.level) != level {
				continue
			}
			if g != want || gs.byKey.find([]byte(g.key)) != g {
				t.Fatalf("level %d: not the groups, or not their order", level)
			}
			g = g.next
		}
		if g != nil {
			t.Fatalf("level %d has a group too many", level)
		}
	}
}

// Who has just come does not push itself out.
func TestGroups_Spare(t *testing.T) {
	gs := newGroups()
	spec, err := kind.Compile(counting(5, time.Minute, time.Hour).Correlate, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		g := newGroup([]byte(fmt.Sprint(i)), spec.State())
		gs.put(g)
		gs.touch(g, uint64(i+1))
	}
	for began, want := range []string{"", "0", "0", "0"} {
		got := ""
		if g := gs.spare(0, uint64(began)); g != nil {
			got = g.key
		}
		if got != want {
			t.Errorf("began after %d touches: %q, want %q", began, got, want)
		}
	}
}
