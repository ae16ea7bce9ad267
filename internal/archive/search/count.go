package search

import (
	"sort"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive/column"
)

// widths are the bucket widths that people read easily.
var widths = [...]time.Duration{
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Second, 10 * time.Second,
	30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// maxBuckets bounds a histogram whose width was given.
const maxBuckets = 100_000

// histogram counts by time. Its range is that of the request where it is bounded, else that of the parts.
type histogram struct {
	from, width int64
	counts      []int
}

// newHistogram chooses the width: the one asked for, else the narrowest readable one that needs no more buckets than
// allowed. Either way the number of buckets is bounded, because times come from outside.
func newHistogram(req Request, from, to int64, parts []Part) *histogram {
	lo, hi := int64(maxTime), int64(minTime)
	for _, p := range parts {
		lo, hi = min(lo, p.Min), max(hi, p.Max)
	}
	if from != minTime {
		lo = from
	}
	if to != maxTime {
		hi = to - 1
	}
	if hi < lo {
		lo, hi = 0, 0
	}
	h := &histogram{width: int64(req.Interval)}
	if h.width <= 0 {
		h.width = int64(widths[len(widths)-1])
		for _, w := range widths {
			if floor(hi, int64(w))-floor(lo, int64(w)) < int64(req.Buckets) {
				h.width = int64(w)
				break
			}
		}
	}
	for floor(hi, h.width)-floor(lo, h.width) >= maxBuckets {
		h.width *= 2
	}
	h.from = floor(lo, h.width)
	h.counts = make([]int, floor(hi, h.width)-h.from+1)
	return h
}

// floor divides towards the past, also before 1970.
func floor(t, width int64) int64 {
	q := t / width
	if t%width < 0 {
		q--
	}
	return q
}

// add counts rows by time. Rows outside the buckets cannot be: the range covers every part.
func (h *histogram) add(times []int64, rows column.Bits) {
	rows.Each(func(row int) bool {
		if i := floor(times[row], h.width) - h.from; i >= 0 && i < int64(len(h.counts)) {
			h.counts[i]++
		}
		return true
	})
}

// buckets returns the counts, empty buckets included, so that a bar chart needs no filling in.
func (h *histogram) buckets() []Bucket {
	out := make([]Bucket, len(h.counts))
	for i, n := range h.counts {
		out[i] = Bucket{time.Unix(0, (h.from+int64(i))*h.width).UTC(), n}
	}
	return out
}

// maxValues bounds the memory of counting values.
const maxValues = 200_000

// top counts the values of one field. An event counts once for each different value that it has.
type top struct {
	ref     event.Ref
	name    string
	id      column.ID
	isField bool
	counts  map[string]int
	missing int
	bounded bool
}

// newTop begins a count of the values of a field, a key below an open field, or a path that no list knows.
func newTop(path string) *top {
	ref := event.MakeRef(path)
	f, ok := ref.Field()
	return &top{ref: ref, name: path, id: column.ID(f), isField: ok, counts: map[string]int{}}
}

// count counts the rows of one chunk. It does not change t.
func (t *top) count(r *reach, rows column.Bits) (*top, error) {
	out := newTop(t.name)
	if rows.Empty() {
		return out, nil
	}
	left := rows.Clone()
	if t.isField && t.id != column.ID(event.EventOriginal) {
		c, err := r.load(t.name, t.id, rows)
		if err != nil {
			return nil, err
		}
		if c != nil {
			out.column(c, rows, left)
		}
	}
	if left.Empty() {
		return out, nil
	}
	cols, err := r.gather(left, func(c *column.Column) bool { return t.isField && c.ID == t.id })
	if err != nil {
		return nil, err
	}
	var e event.Event
	left.Each(func(row int) bool {
		column.Rebuild(&e, cols, row)
		if !out.event(&e) {
			out.missing++
		}
		return true
	})
	return out, nil
}

// column counts by code, and takes the rows that have one out of left.
func (t *top) column(c *column.Column, rows, left column.Bits) {
	by := make([]int, c.Entries()+1)
	rows.Each(func(row int) bool {
		if code := c.Code(row); code != 0 {
			by[code]++
			left[row>>6] &^= 1 << (row & 63)
		}
		return true
	})
	for code, n := range by {
		if code > 0 && n > 0 {
			t.value(c.Value(uint32(code)), n)
		}
	}
}

// event counts the values of one rebuilt event; false if it has none.
func (t *top) event(e *event.Event) bool {
	v := t.ref.Of(e)
	if v.Kind() == event.Absent || v.Kind() == event.Null || v.Len() == 0 {
		return false
	}
	t.value(v, 1)
	return true
}

// value counts a value n times, of a list each different item.
func (t *top) value(v event.Value, n int) {
	if v.Kind() != event.List {
		t.text(v, n)
		return
	}
	for i := range v.Len() {
		dup := false
		for j := range i {
			dup = dup || v.Item(j).Text() == v.Item(i).Text()
		}
		if !dup {
			t.text(v.Item(i), n)
		}
	}
}

// text counts one text. Above the bound only texts that are there already are counted, and the result says so.
func (t *top) text(v event.Value, n int) {
	s := v.Text()
	if have, ok := t.counts[s]; ok {
		t.counts[s] = have + n
		return
	}
	if len(t.counts) >= maxValues {
		t.bounded = true
		return
	}
	t.counts[strings.Clone(s)] = n
}

// merge adds the counts of one part.
func (t *top) merge(o *top) {
	t.missing += o.missing
	t.bounded = t.bounded || o.bounded
	for s, n := range o.counts {
		t.text(event.Str(s), n)
	}
}

// summary writes the commonest values; equal counts are in the order of their texts, so that the answer is always the
// same.
func (t *top) summary(sum *Summary, size int) {
	if size <= 0 {
		size = 10
	}
	all := make([]Value, 0, len(t.counts))
	for s, n := range t.counts {
		all = append(all, Value{s, n})
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].Count != all[j].Count {
			return all[i].Count > all[j].Count
		}
		return all[i].Text < all[j].Text
	})
	sum.TopValues, sum.TopMissing, sum.TopBounded = len(all), t.missing, t.bounded
	sum.Top = all[:min(len(all), size)]
}
