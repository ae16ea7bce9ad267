package fold

import (
	"slices"
	"strings"
	"sync"

	"weir/event"
)

// each calls one for every field that is not hidden and whose value has no objects in it, and inner for every text of the
// others.
func (v *View) each(one func(f event.Field, val event.Value) bool, inner func(text string) bool) {
	e, on := v.Event(), true
	e.Each(func(f event.Field, val event.Value) bool {
		if Hidden(f) {
			return true
		}
		if HasObject(val) {
			on = v.All(val, inner)
		} else {
			on = val.Kind() == event.Null || one(f, val)
		}
		return on
	})
	if !on {
		return
	}
	e.EachExtra(func(_ string, val event.Value) bool { return v.All(val, inner) })
}

// inner calls fn for every text in the objects of a value, until fn returns false. Texts beside them are those of the
// field itself.
func (v *View) inner(val event.Value, fn func(string) bool) bool {
	switch val.Kind() {
	case event.Object:
		for i := range val.Len() {
			if _, m := val.Member(i); !v.All(m, fn) {
				return false
			}
		}
	case event.List:
		for i := range val.Len() {
			if !v.inner(val.Item(i), fn) {
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
		return v.inner(val, fn)
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

// notTheLogs has the fields in which a keyword is not looked for, since no log has written what stands there. A path that
// ends in a full stop stands for all below it.
var notTheLogs = []string{
	// What weir and agents say about how the record came, and the record itself, in which names would pass for values.
	"event.id", "event.ingested", "event.created", "event.original", "event.sequence", "event.hash",
	"log.offset", "log.file.", "log.source.address", "input.", "agent.", "elastic_agent.", "data_stream.",
	// The words by which ECS and formats sort events.
	"ecs.", "event.kind", "event.category", "event.type", "event.outcome", "event.dataset", "event.module",
	"observer.type", "observer.vendor", "observer.product",
	"log.level", "log.syslog.facility.", "log.syslog.severity.", "log.syslog.priority", "log.syslog.version",
	// Copies of values that stand elsewhere.
	"related.",
}

// hiddenPath tells whether a keyword is not looked for in a field. Of weir's own fields it is looked for in those that hold
// what the record held and ECS has no name for.
func hiddenPath(path string) bool {
	if rest, ok := strings.CutPrefix(path, "weir."); ok {
		name, _, _ := strings.Cut(rest, ".")
		return !slices.Contains([]string{"data", "other", "tcp"}, name)
	}
	return slices.ContainsFunc(notTheLogs, func(p string) bool {
		return path == p || strings.HasSuffix(p, ".") && strings.HasPrefix(path, p)
	})
}
