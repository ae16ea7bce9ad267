package clock

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

type thing struct {
	name  string
	place int32
}

func (t *thing) Place() *int32        { return &t.place }
func (t *thing) Before(o *thing) bool { return t.name < o.name }

// A queue gives what a sorted list gives, whatever was done to it.
func TestQueue_AsAList(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var q Queue[*thing]
		due := map[*thing]int64{}
		all := []*thing{}
		for step := range 400 {
			at := int64(rnd.IntN(20)) // many are due at the same time
			switch n := len(all); {
			case n == 0 || rnd.IntN(3) > 0:
				x := &thing{name: fmt.Sprint(step)}
				q.Add(x, at)
				all, due[x] = append(all, x), at
			case rnd.IntN(2) == 0:
				x := all[rnd.IntN(n)]
				q.Move(x, at)
				due[x] = at
			default:
				i := rnd.IntN(n)
				q.Remove(all[i])
				delete(due, all[i])
				all = slices.Delete(all, i, i+1)
			}
			if q.Len() != len(all) {
				t.Fatalf("%d in the queue, want %d", q.Len(), len(all))
			}
			if len(all) > 0 {
				first, when := q.First()
				want := slices.MinFunc(all, func(a, b *thing) int { return cmp.Or(cmp.Compare(due[a], due[b]), strings.Compare(a.name, b.name)) })
				if first != want || when != due[want] || q.Due(first) != when {
					t.Fatalf("step %d: %s at %d, want %s at %d", step, first.name, when, want.name, due[want])
				}
			}
		}
	}
}

// A queue that was large gives its memory back.
func TestQueue_Shrinks(t *testing.T) {
	var q Queue[*thing]
	var all []*thing
	for i := range 10_000 {
		all = append(all, &thing{name: fmt.Sprint(i)})
		q.Add(all[i], int64(i))
	}
	for _, x := range all[10:] {
		q.Remove(x)
	}
	if q.Len() != 10 || cap(q.items) > 1024 {
		t.Errorf("%d left in room for %d", q.Len(), cap(q.items))
	}
}

func BenchmarkQueue(b *testing.B) {
	var q Queue[*thing]
	all := make([]*thing, 100_000)
	for i := range all {
		all[i] = &thing{name: fmt.Sprint(i)}
		q.Add(all[i], int64(i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		first, due := q.First()
		q.Move(first, due+100_000)
	}
}
