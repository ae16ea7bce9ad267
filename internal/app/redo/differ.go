package redo

import (
	"cmp"
	"slices"

	"weir/event"
	"weir/internal/control/redo"
	"weir/internal/rerun"
)

// Differ compares documents field by field, bookkeeping aside. It belongs to one goroutine.
type Differ struct{ before, after event.Event }

// Changes returns the fields that differ, in the order of their paths. before may be nil: then every field is new.
func (d *Differ) Changes(before, after []byte) []redo.Change {
	old, now := fields(&d.before, before), fields(&d.after, after)
	var out []redo.Change
	for path, text := range now {
		if old[path] != text {
			out = append(out, redo.Change{Field: path, Before: old[path], After: text})
		}
	}
	for path, text := range old {
		if _, ok := now[path]; !ok {
			out = append(out, redo.Change{Field: path, Before: text})
		}
	}
	slices.SortFunc(out, func(a, b redo.Change) int { return cmp.Compare(a.Field, b.Field) })
	return out
}

// Dataset returns the dataset of the document that was compared last.
func (d *Differ) Dataset() string { return d.after.Str(event.EventDataset) }

// fields returns the values of a document as texts, by their paths.
func fields(e *event.Event, doc []byte) map[string]string {
	out := map[string]string{}
	if doc == nil || e.Decode(doc) != nil {
		return out
	}
	rerun.Strip(e)
	e.Each(func(f event.Field, v event.Value) bool {
		spread(f.Path(), v, out)
		return true
	})
	e.EachExtra(func(path string, v event.Value) bool {
		spread(path, v, out)
		return true
	})
	return out
}

// spread writes the members of an object as fields of their own.
func spread(path string, v event.Value, out map[string]string) {
	switch v.Kind() {
	case event.Object:
		for i := range v.Len() {
			key, x := v.Member(i)
			spread(path+"."+key, x, out)
		}
	case event.List:
		out[path] = string(v.AppendJSON(nil))
	default:
		out[path] = string(v.AppendText(nil))
	}
}
