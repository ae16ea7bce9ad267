package search

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"weir/event"
	"weir/internal/archive/column"
)

// An event may have several revisions: rows of one event.id, each with a higher weir.revision than the one before. Unless
// all are asked for, every answer is made of the newest alone, whether or not that one fulfils the query: an event that is
// read otherwise today is no longer what it was taken for.
//
// A revision says at which sort times the earlier ones are (weir.revised.at), so they are found without an index of ids:
// in a segment, whose rows are in the order of time, by halves. What is found for a segment is remembered as one bit a
// row; nothing is written, and the rows stay where they are.

// Claim is what a revision says of the ones before it.
type Claim struct {
	ID       string // event.id
	Revision int64
	At       []int64 // sort times of the earlier revisions
}

// ClaimOf returns the claim of an event, false where it has none. Its strings are its own.
func ClaimOf(e *event.Event) (Claim, bool) {
	at := e.Get(event.WeirRevisedAt)
	var c Claim
	for i := range at.Len() {
		v := at
		if at.Kind() == event.List {
			v = at.Item(i)
		}
		if t, err := time.Parse(time.RFC3339Nano, v.Str()); err == nil {
			c.At = append(c.At, t.UnixNano())
		}
	}
	if len(c.At) == 0 || e.Str(event.EventID) == "" {
		return Claim{}, false
	}
	c.ID, c.Revision = strings.Clone(e.Str(event.EventID)), e.Get(event.WeirRevision).Int()
	return c, true
}

// Claims are those of one part.
type Claims struct {
	Min, Max int64 // bounds of what they name
	// Load returns them; they are only ever added to.
	Load func() ([]Claim, error)
	// Of is what they are of, equal each time that it is asked; nil: these claims themselves.
	Of any
}

// LoadClaims reads the claims of a part.
func LoadClaims(p Part) ([]Claim, error) {
	chunk, ix, release, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer release()
	r := newReach(chunk, ix, nil)
	rows := column.NewBits(chunk.Rows())
	rows.SetRange(0, chunk.Rows())
	cols, err := r.gather(rows, chooser([]event.Field{event.EventID, event.WeirRevision, event.WeirRevisedAt}))
	if err != nil {
		return nil, err
	}
	var out []Claim
	var e event.Event
	rows.Each(func(row int) bool {
		column.Rebuild(&e, cols, row)
		if c, ok := ClaimOf(&e); ok {
			out = append(out, c)
		}
		return true
	})
	return out, nil
}

// Mask remembers which rows of a sealed segment have a newer revision elsewhere, by whose claims say so: a reader whose
// view is older than a revision must not miss the row that it hides. The zero value is ready.
type Mask struct {
	mu   sync.Mutex
	from map[any]maskOf
}

// maskOf is what the first claims of one part hide. The bits are shared and never changed; nil: no row.
type maskOf struct {
	claims int
	rows   column.Bits
}

// hide gives each of the chosen parts the rows that no answer has, because the parts hold a newer revision of them. What
// of that cannot be read is returned; the answer then holds the older revisions.
func hide(parts, chosen []Part) (bad []error) {
	l := loader{lists: map[*Claims][]Claim{}}
	for i := range parts {
		if parts[i].Claims != nil {
			l.claims = append(l.claims, parts[i].Claims)
		}
	}
	if len(l.claims) == 0 {
		return nil
	}
	for i := range chosen {
		if err := l.hide(&chosen[i]); err != nil {
			bad = append(bad, err)
		}
	}
	return append(bad, l.bad...)
}

// loader reads claims for one answer: those of each part once.
type loader struct {
	claims []*Claims
	lists  map[*Claims][]Claim // nil where they cannot be read
	bad    []error
}

// load returns the claims of one part; false if they cannot be read.
func (l *loader) load(c *Claims) ([]Claim, bool) {
	list, ok := l.lists[c]
	if !ok {
		var err error
		if list, err = c.Load(); err != nil {
			list = nil
			l.bad = append(l.bad, fmt.Errorf("reading which events were revised: %w", err))
		}
		l.lists[c] = list
	}
	return list, list != nil
}

// hide finds the hidden rows of one part.
func (l *loader) hide(p *Part) error {
	if p.Mask != nil {
		p.Mask.mu.Lock()
		defer p.Mask.mu.Unlock()
	}
	for _, c := range l.claims {
		if c.Max < p.Min || c.Min > p.Max {
			continue
		}
		rows, err := l.rows(p, c)
		if err != nil {
			return err
		}
		if p.hidden == nil {
			p.hidden = rows
		} else if rows != nil {
			p.hidden = p.hidden.Clone().Or(rows)
		}
	}
	return nil
}

// rows returns the rows of a part that some claims hide, from its mask as far as that knows them. The mask is locked.
func (l *loader) rows(p *Part, c *Claims) (column.Bits, error) {
	key := c.Of
	if key == nil {
		key = c
	}
	var known maskOf
	if p.Mask != nil {
		known = p.Mask.from[key]
		if known.claims > 0 && c.Of == nil {
			return known.rows, nil // they never change
		}
	}
	list, ok := l.load(c)
	switch {
	case !ok || len(list) == known.claims:
		return known.rows, nil
	case len(list) < known.claims: // somebody else has seen more than this answer may
		known = maskOf{}
	}
	found, err := p.superseded(list[known.claims:])
	if err != nil {
		return nil, err
	}
	if found != nil && known.rows != nil {
		found.Or(known.rows)
	} else if found == nil {
		found = known.rows
	}
	if p.Mask != nil && len(list) >= p.Mask.from[key].claims {
		if p.Mask.from == nil {
			p.Mask.from = map[any]maskOf{}
		}
		p.Mask.from[key] = maskOf{len(list), found}
	}
	return found, nil
}

// superseded returns the rows of a part that the claims are about, nil for none.
func (p *Part) superseded(claims []Claim) (column.Bits, error) {
	at := map[int64]bool{}
	by := map[string][]int{} // claims by their event: very many may name one time
	for i, c := range claims {
		near := false
		for _, t := range c.At {
			if t >= p.Min && t <= p.Max {
				at[t], near = true, true
			}
		}
		if near {
			by[c.ID] = append(by[c.ID], i)
		}
	}
	if len(at) == 0 {
		return nil, nil
	}
	chunk, ix, release, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer release()
	times, err := chunk.Times()
	if err != nil {
		return nil, err
	}
	may := p.atTimes(times, at)
	if may.Empty() {
		return nil, nil
	}
	var out column.Bits
	err = newReach(chunk, ix, nil).ids(may, func(row int, id string, revision int64) {
		for _, i := range by[id] {
			if c := &claims[i]; revision < c.Revision && slices.Contains(c.At, times[row]) {
				if out == nil {
					out = column.NewBits(len(times))
				}
				out.Set(row)
				return
			}
		}
	})
	return out, err
}

// atTimes returns the rows with one of some sort times.
func (p *Part) atTimes(times []int64, at map[int64]bool) column.Bits {
	may := column.NewBits(len(times))
	if p.Segment && len(at) < len(times)/16 {
		for t := range at {
			from := sort.Search(len(times), func(i int) bool { return times[i] >= t })
			for ; from < len(times) && times[from] == t; from++ {
				may.Set(from)
			}
		}
		return may
	}
	for row, t := range times {
		if at[t] {
			may.Set(row)
		}
	}
	return may
}

// ids calls fn for some rows with their event.id, which is valid during the call, and their revision.
func (r *reach) ids(rows column.Bits, fn func(row int, id string, revision int64)) error {
	cols, err := r.gather(rows, chooser([]event.Field{event.EventID, event.WeirRevision}))
	if err != nil {
		return err
	}
	var e event.Event
	rows.Each(func(row int) bool {
		column.Rebuild(&e, cols, row)
		fn(row, e.Str(event.EventID), max(1, e.Get(event.WeirRevision).Int()))
		return true
	})
	return nil
}
