package correlate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"weir/internal/record"
	"weir/internal/signal"
)

// match is one match of one condition. It is shared by the steps of a sequence that name the same condition. It is
// never changed after it was made but for used and hit, which belong to the sequence that holds it. Values are cut and
// copied: a signal is gone after Apply, and its sender chose how long its texts are.
type match struct {
	t      int64 // event time, nanoseconds since 1970
	src    string
	id     string
	cond   int // place of the condition in the rule
	values map[string]string
	used   bool // sequences: it is evidence of an alert
	hit    bool // sequences: it completed one
}

// Event times are from 1970 to 2116, so that neither their differences nor sums with spans overflow; what is outside
// becomes the nearest bound. longAgo is before all of them.
const (
	farthest = int64(1) << 62
	longAgo  = -int64(1) << 61
)

// nanos returns t in nanoseconds since 1970, bounded.
func nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case s >= farthest/1e9:
		return farthest
	case s < 0:
		return 0
	}
	return t.UnixNano()
}

func moment(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// maxValue is the longest value in bytes that state and alerts keep.
const maxValue = 1024

func newMatch(s *signal.Signal, cond int) *match {
	m := &match{t: nanos(s.Time), src: s.Src, id: s.EventID, cond: cond}
	if len(s.Values) > 0 {
		m.values = make(map[string]string, len(s.Values))
		for k, v := range s.Values {
			m.values[k] = bounded(v)
		}
	}
	return m
}

// bounded cuts a value that is too long, at a character.
func bounded(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue-len("…")], "") + "…"
}

// compare orders matches: event time, source position, event id. The position breaks ties of time as the source wrote
// them, which clocks of a second's grain make common; the id breaks what is left. Any total order would do, but it must
// be the same one on every machine.
func compare(a, b *match) int {
	if a.t != b.t {
		return cmp.Compare(a.t, b.t)
	}
	if c := compareDoor(a.id, b.id); c != 0 {
		return c
	}
	if c := comparePos(a.src, b.src); c != 0 {
		return c
	}
	return strings.Compare(a.id, b.id)
}

// compareDoor orders events of one time by the numbers that the front door gave them: a source whose stamps have no
// fractions keeps its order even where its records were spread over partitions. It is a total order: ids that the
// front door did not make come last and are equal to one another here.
func compareDoor(a, b string) int {
	x, okX := doorID(a)
	y, okY := doorID(b)
	switch {
	case !okX && !okY:
		return 0
	case !okX:
		return 1
	case !okY:
		return -1
	}
	return cmp.Or(strings.Compare(x.Ingester, y.Ingester), cmp.Compare(x.Start, y.Start), cmp.Compare(x.Seq, y.Seq))
}

// doorID reads an identity of the front door, without the number that an event of a split record has at its end.
func doorID(id string) (record.Ing, bool) {
	if strings.Count(id, "/") != 2 {
		return record.Ing{}, false
	}
	if i := strings.LastIndexByte(id, '-'); i > strings.LastIndexByte(id, '/') {
		id = id[:i]
	}
	ing, err := record.ParseIng(id)
	return ing, err == nil
}

// comparePos compares offsets as numbers: as text, 10 comes before 9.
func comparePos(a, b string) int {
	if a == b {
		return 0
	}
	p, errA := record.ParsePos(a)
	q, errB := record.ParsePos(b)
	if errA != nil || errB != nil || p.Topic != q.Topic {
		return strings.Compare(a, b)
	}
	if p.Partition != q.Partition {
		return cmp.Compare(p.Partition, q.Partition)
	}
	return p.Compare(q)
}

// insert puts m into an ordered list and returns its place. Mostly that is the end.
func insert(list []*match, m *match) ([]*match, int) {
	i := len(list)
	if i > 0 && compare(list[i-1], m) > 0 {
		i, _ = slices.BinarySearchFunc(list, m, compare)
	}
	return slices.Insert(list, i, m), i
}

// from returns the place of the first match that is not before t.
func from(list []*match, t int64) int {
	i, _ := slices.BinarySearchFunc(list, t, func(m *match, t int64) int { return cmp.Compare(m.t, t) })
	return i
}

// after returns the place of the first match that comes after m.
func after(list []*match, m *match) int {
	i, found := slices.BinarySearchFunc(list, m, compare)
	if found {
		i++
	}
	return i
}
