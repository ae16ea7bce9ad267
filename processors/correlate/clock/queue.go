package clock

// Waiting is what stands in a Queue.
type Waiting[T any] interface {
	// Place is where the queue keeps note of where it stands.
	Place() *int32
	// Before tells which of two that are due at the same time comes first. It must not depend on where they stand.
	Before(other T) bool
}

// Queue holds things in the order in which their times come. Its order does not depend on how it came about: what is due
// at the same time comes in the things' own order. The zero Queue is empty.
type Queue[T Waiting[T]] struct{ items []item[T] }

// item has the time beside the thing: comparing two must not go and look at both.
type item[T any] struct {
	due   int64
	thing T
}

// Len returns how many there are.
func (q *Queue[T]) Len() int { return len(q.items) }

// First returns the thing whose time comes first, and its time; there must be one.
func (q *Queue[T]) First() (T, int64) { return q.items[0].thing, q.items[0].due }

// Due returns the time of a thing.
func (q *Queue[T]) Due(t T) int64 { return q.items[*t.Place()].due }

// Add puts a thing in.
func (q *Queue[T]) Add(t T, due int64) {
	*t.Place() = int32(len(q.items))
	q.items = append(q.items, item[T]{due, t})
	q.up(len(q.items) - 1)
}

// Move gives a thing another time.
func (q *Queue[T]) Move(t T, due int64) {
	i := int(*t.Place())
	old := q.items[i].due
	q.items[i].due = due
	if due < old {
		q.up(i)
	} else if due > old {
		q.down(i)
	}
}

// Remove takes a thing out.
func (q *Queue[T]) Remove(t T) {
	i, last := int(*t.Place()), len(q.items)-1
	if i != last {
		q.set(i, q.items[last])
	}
	q.items[last] = item[T]{}
	q.items = q.items[:last]
	if i < last {
		q.up(i)
		q.down(i)
	}
	// A flood that is over gives its memory back.
	if cap(q.items) > 1024 && len(q.items) < cap(q.items)/4 {
		q.items = append(make([]item[T], 0, cap(q.items)/2), q.items...)
	}
}

func (q *Queue[T]) set(i int, x item[T]) {
	q.items[i] = x
	*x.thing.Place() = int32(i)
}

func less[T Waiting[T]](a, b *item[T]) bool {
	return a.due < b.due || a.due == b.due && a.thing.Before(b.thing)
}

// ways is how many stand below each: four are next to each other in memory.
const ways = 4

func (q *Queue[T]) up(i int) {
	x := q.items[i]
	for i > 0 {
		over := (i - 1) / ways
		if !less(&x, &q.items[over]) {
			break
		}
		q.set(i, q.items[over])
		i = over
	}
	q.set(i, x)
}

func (q *Queue[T]) down(i int) {
	x := q.items[i]
	for {
		first := i*ways + 1
		if first >= len(q.items) {
			break
		}
		best := first
		for k := first + 1; k < min(first+ways, len(q.items)); k++ {
			if less(&q.items[k], &q.items[best]) {
				best = k
			}
		}
		if !less(&q.items[best], &x) {
			break
		}
		q.set(i, q.items[best])
		i = best
	}
	q.set(i, x)
}
