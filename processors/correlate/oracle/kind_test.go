package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"weir/processors/correlate/kind"
	"weir/processors/correlate/oracle"
	"weir/processors/correlate/oracle/gen"
)

// heard is what a group says: its hits, and of each what else is behind it.
type heard struct {
	t     *testing.T
	hits  map[string]bool
	parts map[string]bool
	done  map[string]int64
}

func key(m *kind.Match) string { return fmt.Sprintf("%s/%d", m.ID, m.Cond) }

func (h *heard) Hit(m *kind.Match, seen bool) {
	if h.hits[key(m)] {
		h.t.Errorf("%s was a hit already", key(m))
	}
	if seen != h.parts[key(m)] {
		h.t.Errorf("%s was said before: %v, it says %v", key(m), h.parts[key(m)], seen)
	}
	h.hits[key(m)] = true
}

func (h *heard) Free(m *kind.Match) {
	if h.hits[key(m)] || h.parts[key(m)] {
		h.t.Errorf("%s was said, and is given back", key(m))
	}
	*m = kind.Match{ID: "given back"}
}

func (h *heard) More(m *kind.Match, n int, last int64) {
	h.t.Errorf("%d more like %s to %d: so few matches are all kept", n, key(m), last)
}

func (h *heard) Part(m, hit *kind.Match) {
	if !h.hits[key(hit)] {
		h.t.Errorf("%s is behind %s, which is no hit yet", key(m), key(hit))
	}
	if h.hits[key(m)] || h.parts[key(m)] {
		h.t.Errorf("%s was said already", key(m))
	}
	h.parts[key(m)] = true
}

func (h *heard) Complete(m *kind.Match) {
	if _, twice := h.done[key(m)]; twice {
		h.t.Errorf("%s completes twice", key(m))
	}
	h.done[key(m)] = m.T
}

// TestGroups holds groups of each kind alone against the oracle: matches in whatever order that the cut allows, each once
// or twice, passed as marks come, written and read again.
func TestGroups(t *testing.T) {
	for _, form := range gen.Forms() {
		if form.Name == "one event" || form.Name == "chain" {
			continue
		}
		for _, completes := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s completes=%v", form.Name, completes), func(t *testing.T) {
				found := 0
				for seed := range uint64(150) {
					found += tryGroups(t, form, completes, seed)
					if t.Failed() {
						t.Fatalf("seed %d", seed)
					}
				}
				if found < 50 {
					t.Errorf("%d in all: this tests nothing", found)
				}
			})
		}
	}
}

func tryGroups(t *testing.T, form gen.Form, completes bool, seed uint64) int {
	rnd := rand.New(rand.NewPCG(seed, 99))
	r := gen.Rule(rnd, form)
	spec, err := kind.Compile(r.Correlate, r.Fold.For, completes)
	if err != nil {
		t.Fatal(err)
	}
	var late gen.Fault
	for _, f := range gen.Faults() {
		if f.Name == "late" {
			late = f
		}
	}
	in := gen.Stream(rnd, r, late, 10+rnd.IntN(60))
	found := 0
	for _, g := range oracle.Groups(r, in.Signals()) {
		arriving := slices.Clone(g.Matches)
		rnd.Shuffle(len(arriving), func(i, j int) { arriving[i], arriving[j] = arriving[j], arriving[i] })
		slices.SortStableFunc(arriving, func(a, b *kind.Match) int { // not later than 10 s
			return int(a.T/10e9 - b.T/10e9)
		})
		h := &heard{t: t, hits: map[string]bool{}, parts: map[string]bool{}, done: map[string]int64{}}
		feed(t, rnd, spec, arriving, h)
		want := g.Hits
		if completes {
			want = g.Completions
		}
		got := map[string]bool{}
		for k := range h.hits {
			got[k] = true
		}
		for k, at := range h.done {
			got[fmt.Sprintf("%s at %d", k, at)] = true
		}
		found += len(want)
		wanted := map[string]bool{}
		for _, w := range want {
			k := key(w)
			if completes {
				k = fmt.Sprintf("%s at %d", k, w.T)
			}
			wanted[k] = true
		}
		behind := map[string]bool{}
		if !completes {
			for _, p := range g.Behind {
				if !wanted[key(p)] {
					behind[key(p)] = true
				}
			}
			for k := range h.hits {
				delete(h.parts, k)
			}
		}
		if diff := differ(got, wanted); diff != "" {
			t.Errorf("hits of %+v by %+v\n%s\n%s", g.Values, *r.Correlate, diff, list(g.Matches))
		}
		if diff := differ(h.parts, behind); diff != "" {
			t.Errorf("parts of %+v by %+v\n%s\n%s", g.Values, *r.Correlate, diff, list(g.Matches))
		}
	}
	return found
}

// feed gives matches to a group as an engine does.
func feed(t *testing.T, rnd *rand.Rand, spec *kind.Spec, arriving []*kind.Match, h *heard) {
	group, cut, newest := spec.New(), kind.LongAgo, kind.LongAgo
	for _, m := range arriving {
		newest = max(newest, m.T)
		group.Pass(cut, h)
		group.Add(m, h)
		if rnd.IntN(5) == 0 {
			again := *m
			group.Add(&again, h)
		}
		if rnd.IntN(4) == 0 {
			cut = max(cut, newest-10e9-rnd.Int64N(5e9))
			if group.Due() < cut {
				group.Pass(cut, h)
			}
		}
		if rnd.IntN(6) == 0 {
			written := group.Append(nil)
			read, err := spec.Read(written)
			if err != nil {
				t.Fatalf("reading what was written: %v", err)
			}
			if again := read.Append(nil); !slices.Equal(again, written) {
				t.Fatal("read and written again, it is another group")
			}
			group = read
		}
	}
	for range 3 { // what a pass decides never waits for another one
		group.Pass(kind.Farthest, h)
	}
	if !group.Empty() {
		t.Errorf("the group is not empty when all time has passed")
	}
}

func differ(got, want map[string]bool) string {
	var out []string
	for k := range got {
		if !want[k] {
			out = append(out, "should not be: "+k)
		}
	}
	for k := range want {
		if !got[k] {
			out = append(out, "missing: "+k)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func list(ms []*kind.Match) string {
	var out []string
	for _, m := range ms {
		out = append(out, fmt.Sprintf("%8.3f s step %d %s %s %q %v", float64(m.T-gen.Base.UnixNano())/1e9, m.Step, key(m), m.Src, m.Value, m.Number))
	}
	return strings.Join(out, "\n")
}
