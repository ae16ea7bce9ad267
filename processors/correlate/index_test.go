package correlate

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"weir/processors/correlate/kind"
)

// An index knows what a map knows, whatever comes and goes, and gives memory back.
func TestIndex(t *testing.T) {
	x := newIndex()
	model := map[string]*group{}
	rnd := rand.New(rand.NewPCG(4, 4))
	for i := range 40_000 {
		keys := 4000
		if i > 30_000 {
			keys = 40 // the others go, a few at a time
		}
		key := fmt.Sprint("key-", rnd.IntN(keys))
		g := model[key]
		if x.find([]byte(key)) != g {
			t.Fatalf("%d: %s is another group", i, key)
		}
		if guessed := x.guess(x.hash([]byte(key))); guessed != g {
			t.Fatalf("%d: %s is guessed wrong", i, key)
		}
		switch {
		case g == nil:
			g = newGroup([]byte(key), kind.State{})
			model[key] = g
			x.put(g)
		case rnd.IntN(3) == 0:
			delete(model, key)
			x.remove(g)
		}
		if i > 30_000 {
			for k, g := range model {
				if len(model) > 20 {
					delete(model, k)
					x.remove(g)
				}
				break
			}
		}
		if x.n != len(model) || x.n > len(x.slots)/4*3 || len(x.slots)&(len(x.slots)-1) != 0 {
			t.Fatalf("%d: %d groups in %d slots, want %d", i, x.n, len(x.slots), len(model))
		}
	}
	n := 0
	x.each(func(g *group) {
		if model[g.key] != g {
			t.Errorf("%s is not known", g.key)
		}
		n++
	})
	if n != len(model) || len(x.slots) > 1024 {
		t.Errorf("%d groups in %d slots, want %d", n, len(x.slots), len(model))
	}
}

// Groups whose hashes meet are told apart, wherever in the row one leaves.
func TestIndex_meet(t *testing.T) {
	for gone := range 6 {
		x := newIndex()
		x.slots = make([]slot, 8) // a row that goes on at the beginning
		var all []*group
		for i := range 6 {
			g := newGroup([]byte(fmt.Sprint(i)), kind.State{})
			all = append(all, g)
			x.n++
			x.set(slot{x.hash([]byte(g.key)), g})
		}
		x.remove(all[gone])
		for i, g := range all {
			want := g
			if i == gone {
				want = nil
			}
			if x.find([]byte(g.key)) != want {
				t.Errorf("%d is gone: %d is found wrong", gone, i)
			}
		}
	}
}
