package archive

import (
	"slices"
	"time"

	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/archive/search"
)

// view is every row exactly once at one moment: what is sealed, and what is only in memory. It is used by one goroutine.
type view struct {
	a        *Archive
	segments []*segmentFile
	left     int // segments of other times, which are not among these
	tail     []search.Part
}

// view returns what is there now. Segments of it that expire before pin is called are not read.
func (a *Archive) view() *view {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.look()
}

// look is view with the lock held.
func (a *Archive) look() *view {
	v := &view{a: a, segments: a.segments}
	for _, e := range a.epochs() {
		for _, k := range e.keys {
			p := tailPart(k, e.tables[k].View())
			p.Claims = claimsOf(e.claims[k])
			p.Epoch = int(^uint(0)>>1) - 1
			if e == a.open {
				p.Epoch++
			}
			v.tail = append(v.tail, p)
		}
	}
	return v
}

// narrow leaves out the segments of other times, so that a day costs the same in an archive of years.
func (v *view) narrow(from, to time.Time) *view {
	all := len(v.segments)
	v.segments = slices.DeleteFunc(slices.Clone(v.segments), func(s *segmentFile) bool {
		return s.claims == nil && (!to.IsZero() && !s.Min.Before(to) || !from.IsZero() && s.Max.Before(from))
	})
	v.left = all - len(v.segments)
	return v
}

// pin keeps the files of the view until the function that it returns is called, once.
func (v *view) pin() (release func()) {
	a := v.a
	a.mu.Lock()
	defer a.mu.Unlock()
	v.segments = slices.DeleteFunc(slices.Clone(v.segments), func(s *segmentFile) bool { return s.gone })
	for _, s := range v.segments {
		s.pins++
	}
	pinned := v.segments
	return func() {
		var gone []*segmentFile
		a.mu.Lock()
		for _, s := range pinned {
			if s.pins--; s.pins == 0 && s.loose {
				gone = append(gone, s)
			}
		}
		a.mu.Unlock()
		a.remove(gone)
	}
}

// only returns whether a class is wanted; an empty list wants all.
func only(classes []string) func(string) bool {
	return func(class string) bool { return len(classes) == 0 || slices.Contains(classes, class) }
}

// parts returns what a search reads, and an error for each quarantined segment that it should have read. The view is pinned.
func (v *view) parts(from, to time.Time, wanted func(class string) bool) (parts []search.Part, bad []error) {
	v.a.mu.Lock()
	defer v.a.mu.Unlock()
	parts = make([]search.Part, 0, len(v.segments)+len(v.tail))
	for _, s := range v.segments {
		switch {
		case s.bad == nil:
			p := v.a.part(s)
			p.Epoch = int(s.seq)
			parts = append(parts, p)
		case !to.IsZero() && !s.Min.Before(to) || !from.IsZero() && s.Max.Before(from) || !wanted(s.Class):
		default:
			bad = append(bad, s.bad)
		}
	}
	return append(parts, v.tail...), bad
}

// part makes the segment one that a search can open.
func (a *Archive) part(s *segmentFile) search.Part {
	return search.Part{Min: s.Min.UnixNano(), Max: s.Max.UnixNano(), Rows: s.Rows, Class: s.Class, Segment: true, Claims: s.claims, Mask: &s.mask,
		Open: func() (search.Chunk, *index.Reader, func(), error) {
			h, err := a.files.get(s)
			if err != nil {
				return nil, nil, nil, a.suspect(s, err)
			}
			return watched{h.seg, a, s}, h.ix, func() { a.files.put(h) }, nil
		}}
}

// watched is a segment that is read: what cannot be read of it puts it into quarantine.
type watched struct {
	search.Chunk
	a *Archive
	s *segmentFile
}

// Times is that of the segment.
func (w watched) Times() ([]int64, error) {
	times, err := w.a.recall.Times(w.s, w.Chunk.Times)
	return times, w.a.suspect(w.s, err)
}

// Load is that of the segment.
func (w watched) Load(name string, within column.Bits) (*column.Column, error) {
	c, err := w.a.recall.Column(w.s, name, within, w.Chunk.Load)
	return c, w.a.suspect(w.s, err)
}
