package fold

import (
	"slices"
	"strings"
	"sync"

	"weir/event"
)

// each calls plain for every field that is not hidden, and inner for every text in objects, which belong to no field of
// their own.
func (v *View) each(plain func(f event.Field, val event.Value) bool, inner func(text string) bool) {
	e, on := v.Event(), true
	e.Each(func(f event.Field, val event.Value) bool {
		if Hidden(f) {
			return true
		}
		if on = plain(f, val); on && val.Kind() >= event.List {
			on = v.Inner(val, inner)
		}
		return on
	})
	if !on {
		return
	}
	e.EachExtra(func(_ string, val event.Value) bool { return v.All(val, inner) })
}

// Inner calls fn for every text in the objects of a value, until fn returns false. Texts beside them are those of the
// field itself.
func (v *View) Inner(val event.Value, fn func(string) bool) bool {
	switch val.Kind() {
	case event.Object:
		for i := range val.Len() {
			if _, m := val.Member(i); !v.All(m, fn) {
				return false
			}
		}
	case event.List:
		for i := range val.Len() {
			if !v.Inner(val.Item(i), fn) {
				return false
			}
		}
	}
	return true
}

// All calls fn for every text of a value, however deep it lies, until fn returns false. Depth is bounded where values
// are made.
func (v *View) All(val event.Value, fn func(string) bool) bool {
	switch val.Kind() {
	case event.Absent, event.Null:
		return true
	case event.String:
		return fn(val.Str())
	case event.List:
		for i := range val.Len() {
			if !v.All(val.Item(i), fn) {
				return false
			}
		}
		return true
	case event.Object:
		return v.Inner(val, fn)
	}
	from := len(v.arena)
	v.arena = val.AppendText(v.arena)
	return fn(v.since(from))
}

// Hidden tells whether EachFolded leaves a field out.
func Hidden(f event.Field) bool {
	if h := hidden(); int(f) < len(h) {
		return h[f]
	}
	return hiddenPath(f.Path()) // registered since
}

// hidden has the answers for the fields that were known when it was first asked.
var hidden = sync.OnceValue(func() []bool {
	fields := event.Fields()
	out := make([]bool, len(fields))
	for _, f := range fields {
		if int(f) < len(out) { // one that was registered a moment ago
			out[f] = hiddenPath(f.Path())
		}
	}
	return out
})

// hiddenPath tells whether a keyword is not looked for in a field: what weir says about the record and not the record
// itself, the words by which ECS sorts events, which no log has written, the copies in related.*, and the raw line, in
// which names would pass for values.
func hiddenPath(path string) bool {
	if strings.HasPrefix(path, "related.") || strings.HasPrefix(path, "ecs.") {
		return true
	}
	if rest, ok := strings.CutPrefix(path, "event."); ok {
		return slices.Contains([]string{"id", "ingested", "created", "original", "sequence", "hash", "kind", "category", "type", "dataset", "module"}, rest)
	}
	if rest, ok := strings.CutPrefix(path, "weir."); ok {
		name, _, _ := strings.Cut(rest, ".")
		return !slices.Contains([]string{"data", "other", "tcp"}, name) // what the record held and ECS has no name for
	}
	return path == "log.offset" || path == "log.source.address"
}
