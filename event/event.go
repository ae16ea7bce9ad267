package event

import (
	"slices"
	"strings"
)

// Event is one event. The zero Event is empty and ready for use.
//
// Ownership: an Event belongs to one goroutine. Its strings may alias the buffer it was parsed or decoded from, so
// that buffer must stay unchanged until Reset. An Event is meant to be reused: Reset keeps its memory.
type Event struct {
	slots   []uint16 // by field: place in entries + 1, 0 for absent
	entries []entry
	extras  []extra
	sorted  []uint64 // scratch of the encoder: one bit per rank
}

type entry struct {
	field Field
	value Value
}

// extra is a value whose path no list knows.
type extra struct {
	path  string
	value Value
}

// Reset empties the event and lets go of everything it aliased.
func (e *Event) Reset() {
	for i := range e.entries {
		e.slots[e.entries[i].field] = 0
		e.entries[i] = entry{}
	}
	e.entries = e.entries[:0]
	clear(e.extras)
	e.extras = e.extras[:0]
}

// Set gives a known field a value in place of the one it had. An Absent value deletes the field.
func (e *Event) Set(f Field, v Value) {
	if v.kind == Absent {
		e.Delete(f)
		return
	}
	if int(f) >= len(e.slots) {
		e.slots = append(e.slots, make([]uint16, max(len(load().specs), int(f)+1)-len(e.slots))...)
	}
	if i := e.slots[f]; i != 0 {
		e.entries[i-1].value = v
		return
	}
	e.entries = append(e.entries, entry{field: f, value: v})
	e.slots[f] = uint16(len(e.entries))
}

// SetStr sets a string; an empty one is not set.
func (e *Event) SetStr(f Field, s string) {
	if s != "" {
		e.Set(f, Str(s))
	}
}

// SetInt sets an integer.
func (e *Event) SetInt(f Field, n int64) { e.Set(f, Num(n)) }

// Append adds s to the list of the field unless it is there already or empty.
func (e *Event) Append(f Field, s string) {
	if s == "" {
		return
	}
	v := e.Get(f)
	if v.kind == Absent {
		e.Set(f, Value{kind: List, list: append(make([]Value, 0, 4), Str(s))})
		return
	}
	for i := range v.Len() {
		if v.Item(i).str == s {
			return
		}
	}
	if v.kind != List {
		v = Items(v)
	}
	v.list = append(v.list, Str(s))
	e.Set(f, v)
}

// Get returns the value of a field, Absent if it has none.
func (e *Event) Get(f Field) Value {
	if int(f) >= len(e.slots) || e.slots[f] == 0 {
		return Value{}
	}
	return e.entries[e.slots[f]-1].value
}

// Str returns the text of a string field, the first item of a list of strings, "" otherwise.
func (e *Event) Str(f Field) string {
	v := e.Get(f)
	if v.kind == List && len(v.list) > 0 {
		v = v.list[0]
	}
	return v.str
}

// Has tells whether the field has a value.
func (e *Event) Has(f Field) bool { return int(f) < len(e.slots) && e.slots[f] != 0 }

// Delete takes the field away.
func (e *Event) Delete(f Field) {
	if !e.Has(f) {
		return
	}
	i := e.slots[f] - 1
	e.slots[f] = 0
	last := len(e.entries) - 1
	if int(i) != last {
		e.entries[i] = e.entries[last]
		e.slots[e.entries[i].field] = i + 1
	}
	e.entries[last] = entry{}
	e.entries = e.entries[:last]
}

// SetPath sets a value by path. A path that no list knows becomes a member of the open field above it (labels.env),
// else it is kept as an extra.
func (e *Event) SetPath(path string, v Value) {
	t := load()
	if n := t.nodes[path]; n != nil && n.isField {
		e.Set(n.field, v)
		return
	}
	if f, key, ok := t.open(path); ok {
		e.SetMember(f, key, v)
		return
	}
	for i := range e.extras {
		if e.extras[i].path == path {
			e.extras[i].value = v
			return
		}
	}
	if v.kind != Absent {
		e.extras = append(e.extras, extra{path, v})
	}
}

// SetMember sets one key of an open field (flattened or object), whose value becomes an Object.
func (e *Event) SetMember(f Field, key string, v Value) {
	obj := e.Get(f)
	if obj.kind != Object {
		obj = Value{kind: Object}
	}
	for i := 0; i < len(obj.list); i += 2 {
		if obj.list[i].str == key {
			obj.list[i+1] = v
			e.Set(f, obj)
			return
		}
	}
	obj.list = append(obj.list, Str(key), v)
	e.Set(f, obj)
}

// open finds the nearest field above path that takes any key.
func (t *table) open(path string) (f Field, key string, ok bool) {
	for p := parent(path); p != ""; p = parent(p) {
		n := t.nodes[p]
		if n == nil || !n.isField {
			continue
		}
		s := t.specs[n.field]
		if s.typ == TypeFlattened || s.typ == TypeNested {
			return n.field, path[len(p)+1:], true
		}
		return 0, "", false
	}
	return 0, "", false
}

// Ref is a path made ready for many look-ups: a field, a key below an open field, or an unknown path.
type Ref struct {
	field Field
	known bool
	key   string // member of the open field, or of nothing
	path  string
}

// MakeRef resolves a path once.
func MakeRef(path string) Ref {
	t := load()
	if n := t.nodes[path]; n != nil && n.isField {
		return Ref{field: n.field, known: true, path: path}
	}
	if f, key, ok := t.open(path); ok {
		return Ref{field: f, known: true, key: key, path: path}
	}
	return Ref{path: path}
}

// Field returns the field of a plain reference; ok is false for a key below an open field and for an unknown path.
func (r Ref) Field() (f Field, ok bool) { return r.field, r.known && r.key == "" }

// Path returns the path as it was written.
func (r Ref) Path() string { return r.path }

// Of returns the value that the reference names in e. Below a list of objects it returns the list of their members.
func (r Ref) Of(e *Event) Value {
	if !r.known {
		return e.extra(r.path)
	}
	v := e.Get(r.field)
	if r.key == "" || v.kind == Absent {
		return v
	}
	return v.below(r.key)
}

// below walks a dotted key through objects and lists of objects.
func (v Value) below(key string) Value {
	switch v.kind {
	case Object:
		if m := v.Get(key); m.kind != Absent {
			return m
		}
		for i := strings.IndexByte(key, '.'); i >= 0; {
			if m := v.Get(key[:i]); m.kind != Absent {
				return m.below(key[i+1:])
			}
			j := strings.IndexByte(key[i+1:], '.')
			if j < 0 {
				break
			}
			i += 1 + j
		}
	case List:
		var out []Value
		for _, it := range v.list {
			if m := it.below(key); m.kind != Absent {
				out = append(out, m)
			}
		}
		if len(out) > 0 {
			return Items(out...)
		}
	}
	return Value{}
}

func (e *Event) extra(path string) Value {
	for i := range e.extras {
		if e.extras[i].path == path {
			return e.extras[i].value
		}
	}
	return Value{}
}

// GetPath returns the value at a path; for many look-ups of one path use a Ref.
func (e *Event) GetPath(path string) Value { return MakeRef(path).Of(e) }

// Each calls fn for each known field that is set, in no particular order, until fn returns false.
func (e *Event) Each(fn func(Field, Value) bool) {
	for i := range e.entries {
		if !fn(e.entries[i].field, e.entries[i].value) {
			return
		}
	}
}

// EachExtra calls fn for each value whose path no list knows, until fn returns false.
func (e *Event) EachExtra(fn func(path string, v Value) bool) {
	for i := range e.extras {
		if e.extras[i].value.kind != Absent && !fn(e.extras[i].path, e.extras[i].value) {
			return
		}
	}
}

// DropExtras removes all values whose path no list knows.
func (e *Event) DropExtras() {
	clear(e.extras)
	e.extras = e.extras[:0]
}

// Len returns how many values the event holds.
func (e *Event) Len() int { return len(e.entries) + len(e.extras) }

// CopyTo makes dst hold what e holds. Strings stay shared.
func (e *Event) CopyTo(dst *Event) {
	dst.Reset()
	for _, en := range e.entries {
		v := en.value
		v.list = slices.Clone(v.list)
		dst.Set(en.field, v)
	}
	dst.extras = append(dst.extras, e.extras...)
}
