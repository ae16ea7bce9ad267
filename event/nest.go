package event

import (
	"slices"
	"strings"

	"weir/event/ecs"
)

// appendMixed is the slow path for events with paths that no list knows, and for those in which a field lies below the value
// of another one. Events that were conformed have neither, so this serves tools that show a document as it came.
func (e *Event) appendMixed(dst []byte, t *table) []byte {
	all := make([]extra, 0, e.Len())
	for i := range e.entries {
		all = append(all, extra{t.specs[e.entries[i].field].path, e.entries[i].value})
	}
	for _, x := range e.extras {
		if x.value.kind != Absent {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b extra) int { return comparePaths(a.path, b.path) })
	w := nester{dst: append(dst, '{'), table: t}
	w.nest(all, 0, 0)
	return append(w.dst, '}')
}

// nester writes values in document order as nested objects, by the parts of their paths. Document order is what makes it
// simple: what shares a parent comes together.
type nester struct {
	dst   []byte
	table *table
}

// nestDepth bounds the objects that are made of the parts of a path, since Decode has a bound too. Deeper paths are written
// as keys with full stops.
const nestDepth = maxDepth / 2

// nest writes values whose paths agree up to from as members of the object that is open.
func (w *nester) nest(all []extra, from, depth int) {
	for len(all) > 0 {
		name, _, _ := strings.Cut(all[0].path[from:], ".")
		end := from + len(name)
		// Those at this very place come first, then those below it.
		here := 0
		for here < len(all) && len(all[here].path) == end && all[here].path[from:] == name {
			here++
		}
		n := here
		for n < len(all) && len(all[n].path) > end && all[n].path[end] == '.' && all[n].path[from:end] == name {
			n++
		}
		w.place(all[:n], here, from, end, depth)
		all = all[n:]
	}
}

// place writes the values of one place and those below it, of which the first few stand at the place itself.
func (w *nester) place(all []extra, here, from, end, depth int) {
	below := all[here:]
	plain := -1 // of values of one path the first one counts, as it does for who looks it up
	if len(all) > 1 {
		for i, x := range all[:here] {
			if x.value.kind == Object && w.opens(x.path) {
				below = append(slices.Clip(below), members(x)...)
			} else if plain < 0 {
				plain = i
			}
		}
		if here > 0 {
			slices.SortStableFunc(below, func(a, b extra) int { return comparePaths(a.path, b.path) })
		}
	} else if here > 0 {
		plain = 0
	}
	if plain >= 0 {
		w.member(all[plain].path[from:], all[plain].value)
	}
	if plain < 0 && depth < nestDepth {
		w.key(all[0].path[from:end])
		w.dst = append(w.dst, '{')
		w.nest(below, end+1, depth+1)
		w.dst = append(w.dst, '}')
		return
	}
	last := ""
	for i, x := range below {
		if i == 0 || x.path != last {
			w.member(x.path[from:], x.value)
		}
		last = x.path
	}
}

// opens tells whether what lies below the path belongs into the object that is its value. Not so where Decode takes the
// object for one value: a key with full stops then is another path.
func (w *nester) opens(path string) bool {
	n := w.table.find(path)
	if n == nil || !n.isField || n.kids != nil {
		return true
	}
	typ := w.table.specs[n.field].typ
	return typ == ecs.Flattened || typ == ecs.Nested
}

// members returns the members of an object with their whole paths.
func members(x extra) []extra {
	out := make([]extra, x.value.Len())
	for i := range out {
		key, v := x.value.Member(i)
		out[i] = extra{x.path + "." + key, v}
	}
	return out
}

// member writes one value under a key.
func (w *nester) member(key string, v Value) {
	w.key(key)
	w.dst = v.AppendJSON(w.dst)
}

// key writes what stands before a value.
func (w *nester) key(key string) {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(appendString(w.dst, key), ':')
}

// clashes tells whether the object of a field that takes any key has a member under the name below which f lies: one object
// cannot hold both.
func (e *Event) clashes(t *table, upper, f Field) bool {
	above, path := t.specs[upper].path, t.specs[f].path
	if !strings.HasPrefix(path, above) || path[len(above)] != '.' {
		return false
	}
	name, _, _ := strings.Cut(path[len(above)+1:], ".")
	return e.Get(upper).Get(name).kind != Absent
}
