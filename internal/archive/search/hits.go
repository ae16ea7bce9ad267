package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/search/rank"
	"weir/internal/query"
)

// hit is a row that may be returned.
type hit struct {
	rank.Place
	part int
	row  int
}

// maxSame bounds how many events of one place a cursor may be behind.
const maxSame = 1 << 20

// hits are the best of those seen so far.
type hits struct {
	size  int
	order rank.Order
	after *rank.Place // nil: from the beginning
	parts []Part
	list  []hit // at most size, sorted
}

// compare says which of two hits comes first. Only events of one place, which have one id or none, are told apart by where
// they are kept.
func (h *hits) compare(a, b hit) int {
	if c := h.order.ComparePlaces(a.Place, b.Place); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.row, b.row))
}

// head compares two places without their ids.
func (h *hits) head(a, b *rank.Place) int {
	if !h.order.Time() {
		if c := h.order.Compare(a.Key, b.Key); c != 0 {
			return c
		}
	}
	return h.order.Times(a.Time, b.Time)
}

// worst returns the last hit, if as many as are wanted are there: nothing beyond it is of use.
func (h *hits) worst() (p *rank.Place, full bool) {
	if h.size == 0 || len(h.list) < h.size {
		return nil, h.size == 0
	}
	last := h.list[h.size-1].Place
	return &last, true
}

// wants tells whether the part may hold a hit that is better than those that are there.
func (h *hits) wants(p Part) bool {
	worst, full := h.worst()
	switch {
	case h.size == 0:
		return false
	case !full, !h.order.Time():
		return true
	case h.order.Ascending():
		return p.Min <= worst.Time
	}
	return p.Max >= worst.Time
}

// add takes the hits of one part and keeps the best of all. The run's lock is held.
func (h *hits) add(found []hit) {
	if len(found) == 0 {
		return
	}
	h.list = append(h.list, found...)
	slices.SortFunc(h.list, h.compare)
	h.list = h.list[:min(len(h.list), h.size)]
}

// page returns the hits in the order in which they are wanted, and the cursor behind the last of them where there are more.
func (h *hits) page(size int) (list []hit, next string) {
	list = h.list
	if h.after != nil {
		for n := 0; n < h.after.Same && len(list) > 0 && h.order.ComparePlaces(list[0].Place, *h.after) == 0; n++ {
			list = list[1:] // the page before ended with it
		}
	}
	if len(list) <= size {
		return list, ""
	}
	list = list[:size]
	last := list[size-1].Place
	for i := size - 1; i >= 0 && h.order.ComparePlaces(list[i].Place, last) == 0; i-- {
		last.Same++
	}
	if h.after != nil && last.Same == size && h.order.ComparePlaces(last, *h.after) == 0 {
		last.Same += h.after.Same
	}
	return list, h.order.Cursor(last)
}

// selector chooses the best rows of one part by what can be told without their ids. Those that an id decides are all kept.
type selector struct {
	*hits
	worst *rank.Place // nothing behind it is of use; nil: anything is
	list  []hit
	level []hit // of the place after which hits begin
	cutAt int
}

// take looks at one row. It is false if the row is of no use.
func (s *selector) take(h hit) bool {
	if s.after != nil {
		switch c := s.head(&h.Place, s.after); {
		case c < 0:
			return true
		case c == 0:
			s.level = append(s.level, h)
			return true
		}
	}
	if s.worst != nil && s.head(&h.Place, s.worst) > 0 {
		return false
	}
	if s.list = append(s.list, h); len(s.list) >= s.cutAt {
		s.cut()
	}
	return true
}

// cut keeps the first hits, and all that an id has to tell from the last of them.
func (s *selector) cut() {
	if len(s.list) > s.size {
		slices.SortFunc(s.list, func(a, b hit) int { return s.head(&a.Place, &b.Place) })
		n := s.size
		for n < len(s.list) && s.head(&s.list[n].Place, &s.list[s.size-1].Place) == 0 {
			n++
		}
		s.list = s.list[:n]
		last := s.list[n-1].Place
		s.worst = &last
	}
	s.cutAt = 2*len(s.list) + 1024
}

// candidates returns the best rows of one part, at most as many as are wanted.
func (s *run) candidates(r *reach, part int, p Part, times []int64, rows column.Bits) ([]hit, error) {
	s.mu.Lock()
	sel := selector{hits: &hits{size: s.hits.size, order: s.hits.order, after: s.hits.after}}
	sel.worst, _ = s.hits.worst()
	want := s.hits.wants(p)
	s.mu.Unlock()
	if !want || rows.Empty() {
		return nil, nil
	}
	sel.cut()
	if err := s.pick(r, &sel, part, p, times, rows); err != nil {
		return nil, err
	}
	sel.cut()
	list := append(sel.list, sel.level...)
	if len(list) == 0 {
		return nil, nil
	}
	if err := r.identify(list, len(times)); err != nil {
		return nil, err
	}
	if sel.after != nil {
		list = slices.DeleteFunc(list, func(h hit) bool { return sel.order.ComparePlaces(h.Place, *sel.after) < 0 })
	}
	slices.SortFunc(list, sel.compare)
	list = list[:min(len(list), sel.size)]
	for i := range list {
		list[i].Key = list[i].Key.Clone() // the column is large and goes
	}
	return list, nil
}

// pick hands the rows to the selector. Rows of a segment ascend in time, so in the order of time those behind the last one
// of use are not looked at.
func (s *run) pick(r *reach, sel *selector, part int, p Part, times []int64, rows column.Bits) error {
	if !sel.order.Time() {
		key, err := r.keys(sel.order, rows)
		if err != nil {
			return err
		}
		r.each(rows, func(row int) bool {
			sel.take(hit{rank.Place{Key: key(row), Time: times[row]}, part, row})
			return true
		})
		return nil
	}
	if !p.Segment || sel.order.Ascending() {
		r.each(rows, func(row int) bool {
			return sel.take(hit{rank.Place{Time: times[row]}, part, row}) || !p.Segment
		})
		return nil
	}
	list := rows.Rows()
	for _, l := range slices.Backward(list) {
		if !sel.take(hit{rank.Place{Time: times[l]}, part, l}) {
			break
		}
	}
	return nil
}

// keys returns the function that gives the key of each of some rows: from the column, where it makes the key of each entry
// once, and for values that no column holds from the rebuilt event.
func (r *reach) keys(o rank.Order, rows column.Bits) (func(row int) rank.Key, error) {
	path := query.MakePath(o.Path())
	t := &Found{r: r}
	c, err := t.Column(o.Path(), rows)
	if err != nil {
		return nil, err
	}
	open := rows
	if o.Path() != event.EventOriginal.Path() {
		if open, err = t.Loose([]string{o.Path()}, rows); err != nil {
			return nil, err
		}
	}
	loose := map[int]rank.Key{}
	if !open.Empty() {
		cols, err := t.Gather([]string{o.Path()}, open)
		if err != nil {
			return nil, err
		}
		var e event.Event
		r.each(open, func(row int) bool {
			column.Rebuild(&e, cols, row)
			best := rank.None()
			path.Each(&e, func(v event.Value) bool {
				if k := o.Key(v); o.Compare(k, best) < 0 {
					best = k.Clone()
				}
				return true
			})
			loose[row] = best
			return true
		})
	}
	if c == nil {
		c = &column.Column{}
	}
	known := make([]rank.Key, c.Entries()+1)
	have := make([]bool, c.Entries()+1)
	known[0], have[0] = rank.None(), true
	return func(row int) rank.Key {
		if k, ok := loose[row]; ok {
			return k
		}
		code := c.Code(row)
		if !have[code] {
			known[code], have[code] = o.Key(c.Value(code)), true
		}
		return known[code]
	}, nil
}

// identify fills in the ids of hits of one chunk.
func (r *reach) identify(list []hit, rows int) error {
	need := column.NewBits(rows)
	for _, h := range list {
		need.Set(h.row)
	}
	ids, err := r.named(column.ID(event.EventID), need)
	if err != nil {
		return err
	}
	lacking := column.NewBits(rows)
	for i := range list {
		id, ok := ids.Str(list[i].row)
		if !ok {
			lacking.Set(list[i].row)
		}
		list[i].ID = strings.Clone(id) // the column is large and goes
	}
	if lacking.Empty() {
		return nil
	}
	if lacking, err = r.loose([]string{event.EventID.Path()}, lacking); err != nil || lacking.Empty() {
		return err
	}
	kept := map[int]string{} // of documents that are kept whole
	err = r.ids(lacking, func(row int, id string, _ int64) { kept[row] = strings.Clone(id) })
	for i := range list {
		if id, ok := kept[list[i].row]; ok {
			list[i].ID = id
		}
	}
	return err
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

// window rebuilds and hands over some hits. Parts are opened once each, whatever the order of the hits. A part that turns
// out to be damaged only now is named as one that cannot be read, and the others' documents come all the same.
func (s *run) window(list []hit, emit Emit) error {
	docs := make([][]byte, len(list))
	byPart := map[int][]int{}
	for i, h := range list {
		byPart[h.part] = append(byPart[h.part], i)
	}
	for part, places := range byPart {
		if err := s.documents(part, list, places, docs); err != nil {
			s.unreadable(err)
		}
	}
	var e event.Event
	for _, doc := range docs {
		if doc == nil {
			continue
		}
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
			docs[i] = append([]byte{}, raw...) // not nil, also where it is empty
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
