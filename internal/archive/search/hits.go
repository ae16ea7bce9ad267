package search

import (
	"context"
	"slices"
	"sort"
	"strings"

	"weir/event"
	"weir/internal/archive/column"
)

// hit is a row that may be returned.
type hit struct {
	time int64
	id   string // event.id, which orders hits of one time
	part int
	row  int
}

// hits are the best of those seen so far.
type hits struct {
	size      int
	ascending bool
	parts     []Part
	list      []hit // at most size, sorted
}

// less tells whether a comes before b.
func (h *hits) less(a, b hit) bool {
	if a.time != b.time {
		return a.time < b.time == h.ascending
	}
	if a.id != b.id {
		return a.id < b.id
	}
	if a.part != b.part {
		return a.part < b.part
	}
	return a.row < b.row
}

// worst returns the time of the last hit, if as many as are wanted are there: nothing beyond it is of use.
func (h *hits) worst() (t int64, full bool) {
	if h.size == 0 || len(h.list) < h.size {
		return 0, h.size == 0
	}
	return h.list[h.size-1].time, true
}

// wants tells whether the part may hold a hit that is better than those that are there.
func (h *hits) wants(p Part) bool {
	t, full := h.worst()
	switch {
	case h.size == 0:
		return false
	case !full:
		return true
	case h.ascending:
		return p.Min <= t
	}
	return p.Max >= t
}

// add takes the hits of one part and keeps the best of all. The run's lock is held.
func (h *hits) add(found []hit) {
	if len(found) == 0 {
		return
	}
	h.list = append(h.list, found...)
	sort.Slice(h.list, func(i, j int) bool { return h.less(h.list[i], h.list[j]) })
	h.list = h.list[:min(len(h.list), h.size)]
}

// sorted returns the hits in the order in which they are wanted.
func (h *hits) sorted() []hit { return h.list }

// candidates returns the best rows of one part, at most as many as are wanted.
func (s *run) candidates(r *reach, part int, p Part, times []int64, rows column.Bits) ([]hit, error) {
	s.mu.Lock()
	worst, full := s.hits.worst()
	want := s.hits.wants(p)
	s.mu.Unlock()
	if !want {
		return nil, nil
	}
	var list []hit
	rows.Each(func(row int) bool {
		t := times[row]
		if full && (s.req.Ascending && t > worst || !s.req.Ascending && t < worst) {
			return true
		}
		list = append(list, hit{time: t, part: part, row: row})
		return true
	})
	list = s.cut(list)
	if len(list) == 0 {
		return nil, nil
	}
	need := column.NewBits(len(times))
	for _, h := range list {
		need.Set(h.row)
	}
	ids, err := r.named(column.ID(event.EventID), need)
	if err != nil {
		return nil, err
	}
	for i := range list {
		id, _ := ids.Str(list[i].row)
		list[i].id = strings.Clone(id) // the column is large and goes
	}
	sort.Slice(list, func(i, j int) bool { return s.hits.less(list[i], list[j]) })
	return list[:min(len(list), s.req.Size)], nil
}

// cut keeps the first hits by time, and all that have the time of the last of them: ids decide between those.
func (s *run) cut(list []hit) []hit {
	if len(list) <= s.req.Size {
		return list
	}
	sort.Slice(list, func(i, j int) bool {
		if s.req.Ascending {
			return list[i].time < list[j].time
		}
		return list[i].time > list[j].time
	})
	n := s.req.Size
	for n < len(list) && list[n].time == list[s.req.Size-1].time {
		n++
	}
	return list[:n]
}

// emitWindow is how many documents are rebuilt before they are handed over: it bounds the memory of a large answer.
const emitWindow = 2048

// emit hands the documents over in order.
func (s *run) emit(ctx context.Context, list []hit, emit Emit) error {
	for len(list) > 0 && emit != nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(len(list), emitWindow)
		if err := s.window(list[:n], emit); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// window rebuilds and hands over some hits. Parts are opened once each, whatever the order of the hits.
func (s *run) window(list []hit, emit Emit) error {
	docs := make([][]byte, len(list))
	byPart := map[int][]int{}
	for i, h := range list {
		byPart[h.part] = append(byPart[h.part], i)
	}
	for part, places := range byPart {
		if err := s.documents(part, list, places, docs); err != nil {
			return err
		}
	}
	var e event.Event
	for _, doc := range docs {
		_ = e.Decode(doc) // a document that came broken is given as it came, and read as far as it can be
		s.sum.Returned++
		if err := emit(doc, &e); err != nil {
			return err
		}
	}
	return nil
}

// documents rebuilds the hits of one part.
func (s *run) documents(part int, list []hit, places []int, docs [][]byte) error {
	chunk, ix, release, err := s.hits.parts[part].Open()
	if err != nil {
		return err
	}
	defer release()
	r := newReach(chunk, ix, nil)
	rows := column.NewBits(chunk.Rows())
	for _, i := range places {
		rows.Set(list[i].row)
	}
	cols, err := r.gather(rows, chooser(s.req.Fields))
	if err != nil {
		return err
	}
	var e event.Event
	for _, i := range places {
		raw := column.Rebuild(&e, cols, list[i].row)
		if len(s.req.Fields) > 0 {
			Only(&e, s.req.Fields)
			raw = nil
		}
		if raw != nil {
			docs[i] = append([]byte(nil), raw...)
		} else {
			docs[i] = e.AppendJSON(nil)
		}
	}
	return nil
}

// chooser returns which columns the fields need; none given: all.
func chooser(fields []event.Field) func(*column.Column) bool {
	if len(fields) == 0 {
		return func(*column.Column) bool { return true }
	}
	want := map[column.ID]bool{}
	for _, f := range fields {
		want[column.ID(f)] = true
	}
	return func(c *column.Column) bool { return want[c.ID] }
}

// Only takes everything but some fields away.
func Only(e *event.Event, fields []event.Field) {
	var gone []event.Field
	e.Each(func(f event.Field, _ event.Value) bool {
		if !slices.Contains(fields, f) {
			gone = append(gone, f)
		}
		return true
	})
	for _, f := range gone {
		e.Delete(f)
	}
	e.DropExtras()
}
