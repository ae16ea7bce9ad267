package archive

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/event"
	"weir/internal/archive/column"
	"weir/internal/archive/search"
)

// fieldSamples bounds how many of the values of one segment are looked at for fields that have no column of their own.
const fieldSamples = 4096

// Fields returns which fields the documents of a time have, by path. Of fields that the tables know it reads what columns
// there are, and no values. Those that stand in open fields, or that nobody foresaw, are looked for in some of the rows
// of each segment, evenly spread: one that is rarer than one row in sixteen may be missed. Documents of the classes in
// without do not count. A segment that overlaps the time counts whole.
func (a *Archive) Fields(ctx context.Context, from, to time.Time, without ...string) (map[string]bool, error) {
	out := map[string]bool{}
	v := a.view()
	defer v.pin()()
	parts, _ := v.parts(from, to, only(nil))
	for _, p := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p.Rows == 0 || slices.Contains(without, p.Class) || !to.IsZero() && p.Min >= to.UnixNano() || !from.IsZero() && p.Max < from.UnixNano() {
			continue
		}
		if err := partFields(p, out); err != nil {
			return nil, fmt.Errorf("reading which fields there are: %w", err)
		}
	}
	return out, nil
}

// partFields adds the fields of one part.
func partFields(p search.Part, out map[string]bool) error {
	chunk, _, done, err := p.Open()
	if err != nil {
		return err
	}
	defer done()
	var e event.Event
	for _, c := range chunk.Columns() {
		switch c.Name {
		case column.HeadName:
			continue
		case column.RestName, column.RawName:
		default:
			out[c.Name] = true
			continue
		}
		whole, err := chunk.Load(c.Name, nil)
		if err != nil || whole == nil {
			return err
		}
		step := max(1, len(whole.Strs)/fieldSamples)
		for i := 0; i < len(whole.Strs); i += step {
			if e.Decode([]byte(whole.Strs[i])) != nil {
				continue // it is searched as text, and has no fields
			}
			eventFields(&e, out)
		}
	}
	return nil
}

// eventFields adds the fields of one event, those below open fields with them.
func eventFields(e *event.Event, out map[string]bool) {
	e.Each(func(f event.Field, v event.Value) bool {
		out[f.Path()] = true
		members(f.Path(), v, out)
		return true
	})
	e.EachExtra(func(path string, v event.Value) bool {
		out[path] = true
		members(path, v, out)
		return true
	})
}

func members(path string, v event.Value, out map[string]bool) {
	if v.Kind() != event.Object {
		return
	}
	for i := range v.Len() {
		key, x := v.Member(i)
		out[path+"."+key] = true
		members(path+"."+key, x, out)
	}
}
