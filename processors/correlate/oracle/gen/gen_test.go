package gen

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// nodes returns a correlation and those in it.
func nodes(c *rules.Correlate) []*rules.Correlate {
	if c == nil {
		return nil
	}
	out := []*rules.Correlate{c}
	for _, in := range c.Inner {
		out = append(out, nodes(in)...)
	}
	return out
}

func TestRule(t *testing.T) {
	for _, f := range Forms() {
		t.Run(f.Name, func(t *testing.T) {
			kinds := map[correlation.Kind]bool{}
			aliases, deep := 0, 0
			for seed := range uint64(200) {
				r := Rule(rand.New(rand.NewPCG(seed, 1)), f)
				if !reflect.DeepEqual(r, Rule(rand.New(rand.NewPCG(seed, 1)), f)) {
					t.Fatal("the same chance gives another rule")
				}
				all := nodes(r.Correlate)
				deep = max(deep, len(all))
				owned := map[string]int{}
				for i, c := range all {
					kinds[c.Kind] = true
					aliases += len(c.Alias)
					if _, err := kind.Compile(c, r.Fold.For, i > 0); err != nil {
						t.Fatalf("seed %d: %+v: %v", seed, c, err)
					}
					named := map[string]bool{}
					for _, s := range c.Steps {
						named[s.When] = true
					}
					for n := range named {
						owned[n]++
					}
				}
				for _, c := range r.When {
					if r.Correlate != nil && owned[c.Name] != 1 {
						t.Fatalf("seed %d: the condition %s belongs to %d correlations", seed, c.Name, owned[c.Name])
					}
				}
			}
			if f.Name == "chain" && (deep < 3 || len(kinds) < 8) {
				t.Errorf("chains are %d deep and have %d kinds", deep, len(kinds))
			}
			if r := f.Name != "one event"; r && aliases == 0 {
				t.Error("no alias in two hundred rules")
			}
		})
	}
}

// TestStream holds streams to what they promise: nothing is later than its dataset may be, positions ascend for each worker,
// and each fault is there.
func TestStream(t *testing.T) {
	for _, f := range Faults() {
		t.Run(f.Name, func(t *testing.T) {
			behind, twice, ahead, idle, workers := 0, 0, 0, 0, map[int32]bool{}
			for seed := range uint64(60) {
				rnd := rand.New(rand.NewPCG(seed, 2))
				r := Rule(rnd, Forms()[1+seed%18])
				in := Stream(rnd, r, f, 60)
				if len(in.Signals()) != len(in) {
					t.Fatal("the signals are not those of the stream")
				}
				c := cuts{}
				last := map[int32]record.Pos{}
				seen := map[string]bool{}
				newest := time.Time{}
				for _, a := range in {
					if p, ok := last[a.Pos.Partition]; ok && a.Pos.Compare(p) <= 0 {
						t.Fatalf("seed %d: %s comes after %s", seed, a.Pos, p)
					}
					last[a.Pos.Partition] = a.Pos
					workers[a.Pos.Partition] = true
					if a.Kind != signal.Match {
						c.mark(a)
						if a.Kind == signal.Idle && a.Written.Before(Base.Add(7*24*time.Hour)) {
							idle++
						}
						continue
					}
					if seen[a.EventID+"/"+a.When] {
						twice++
					}
					seen[a.EventID+"/"+a.When] = true
					if a.Time.Before(newest) && a.Dataset != "ahead" {
						behind++
					}
					if a.Dataset == "ahead" {
						ahead++
					} else if a.Time.After(newest) {
						newest = a.Time
					}
					if at := c.cut(); a.Time.Before(at) {
						t.Fatalf("seed %d: %s of %s is later than it may be: nothing before %s was to come", seed, a.EventID, a.Time, at)
					}
					if len(a.Group) != len(groupOf(r, a.When)) || slices.Contains(a.Group, "") {
						t.Fatalf("seed %d: group %q", seed, a.Group)
					}
				}
			}
			for what, wrong := range map[string]bool{
				"late":    f.Late != (behind > 300) && !f.Workers,
				"twice":   f.Twice != (twice > 0),
				"ahead":   f.Future != (ahead > 0),
				"idle":    f.Idle != (idle > 0),
				"workers": (f.Workers || f.Idle) != (len(workers) > 1),
			} {
				if wrong {
					t.Errorf("%s: %d behind, %d twice, %d ahead, %d idle marks, %d workers", what, behind, twice, ahead, idle, len(workers))
				}
			}
		})
	}
}

func groupOf(r *rules.Rule, when string) []string {
	if c := owner(r.Correlate, when); c != nil {
		return c.By
	}
	return r.Fold.By
}

// cuts follows marks, worker by worker and dataset by dataset.
type cuts map[int32]map[string]time.Time

func (c cuts) mark(a Arrival) {
	sets := c[a.Pos.Partition]
	if sets == nil {
		sets = map[string]time.Time{}
		c[a.Pos.Partition] = sets
	}
	if a.Kind == signal.Watermark && a.Time.After(sets[a.Dataset]) {
		sets[a.Dataset] = a.Time
	}
	for ds, at := range sets {
		if a.Kind == signal.Idle && a.Time.After(at) {
			sets[ds] = a.Time
		}
	}
}

func (c cuts) cut() time.Time {
	low := Base.Add(1000 * time.Hour)
	for _, sets := range c {
		for ds, at := range sets {
			if ds == Slow {
				at = at.Add(-SlowLateness)
			} else {
				at = at.Add(-Lateness)
			}
			if at.Before(low) {
				low = at
			}
		}
	}
	return low
}
