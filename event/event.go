package event

import (
	"strings"

	"weir/event/ecs"
)

// Event is one event. The zero Event is empty and ready for use.
//
// Ownership: an Event belongs to one goroutine. Its strings may alias the buffer it was parsed or decoded from, so
// that buffer must stay unchanged until Reset. Lists and objects that Get returns live in the event's own memory: they
// end with Reset too, and the next Append or SetMember may change them. An Event is meant to be reused: Reset keeps its
// memory.
type Event struct {
	// slots holds, by field, the place in entries + 1, 0 for absent. It grows when a field beyond its end is set, so an
	// event that was made before a Register goes on as it is.
	slots   []uint16
	entries []entry
	extras  []extra
	// sorted is scratch of the encoder, one bit per rank. It is all zeros between two calls.
	sorted []uint64
	// clock is what the encoder remembers of times. It is no part of the event.
	clock clock
	// mem holds lists and objects that Append, SetMember and Decode made.
	mem arena
	// dec is what the decoder keeps. Reset leaves it alone: it is about documents, not about this event.
	dec scratch
}

// entry is a field that is set. Entries stand in the order in which they were set, but for deletions.
type entry struct {
	field Field
	value Value
}

// extra is a value whose path no list knows.
type extra struct {
	path  string
	value Value
}

// Reset empties the event and lets go of everything it aliased. It costs as much as was set, not as much as could be.
func (e *Event) Reset() {
	for i := range e.entries {
		e.slots[e.entries[i].field] = 0
	}
	clear(e.entries)
	e.entries = e.entries[:0]
	clear(e.extras)
	e.extras = e.extras[:0]
	e.mem.release()
}

// Set gives a known field a value in place of the one it had. An Absent value deletes the field. Lists and objects are
// copied into the event, so v may come from another event; its strings stay shared.
func (e *Event) Set(f Field, v Value) {
	if v.kind >= List {
		v = e.own(v)
	}
	e.put(f, v)
	if v.kind == Object {
		if t := load(); t.isMixed(f) {
			e.settle(t, f)
		}
	}
}

// own returns v with lists and objects in the memory of the event. Depth is bounded by who makes values: Decode refuses
// deep documents, parsers nest two or three levels.
func (e *Event) own(v Value) Value {
	if v.kind != List && v.kind != Object {
		return v
	}
	list := e.mem.copy(v.items())
	for i := range list {
		if k := list[i].kind; k == List || k == Object {
			list[i] = e.own(list[i])
		}
	}
	return listOf(v.kind, list)
}

// put is Set for a value whose lists are the event's already. It must not be given those of another event: they end with
// that event's Reset.
func (e *Event) put(f Field, v Value) {
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
		e.put(f, Str(s))
	}
}

// SetInt sets an integer.
func (e *Event) SetInt(f Field, n int64) { e.put(f, Num(n)) }

// Append adds s to the list of the field unless it is there already or empty.
//
// It is how related.* is filled: a search through the few items is cheaper than a set would be.
func (e *Event) Append(f Field, s string) {
	if s == "" {
		return
	}
	v := e.Get(f)
	list := v.items()
	switch v.kind {
	case Absent:
		list = e.mem.take(4)
	case List:
		for i := range list {
			if list[i].kind == String && list[i].text() == s {
				return
			}
		}
	default:
		if v.kind == String && v.text() == s {
			return
		}
		list = append(e.mem.take(4), v)
	}
	// push leaves a list without room alone, so one that events share stays as it is.
	e.put(f, listOf(List, e.mem.push(list, Str(s))))
}

// Get returns the value of a field, Absent if it has none. It is the most frequent call of all: two comparisons and two
// loads, no lock, no table.
func (e *Event) Get(f Field) Value {
	if int(f) >= len(e.slots) || e.slots[f] == 0 {
		return Value{}
	}
	return e.entries[e.slots[f]-1].value
}

// Str returns the text of a string field, the first item of a list of strings, "" otherwise.
func (e *Event) Str(f Field) string {
	v := e.Get(f)
	if v.kind == List && v.Len() > 0 {
		v = v.Item(0)
	}
	return v.text()
}

// Has tells whether the field has a value.
func (e *Event) Has(f Field) bool { return int(f) < len(e.slots) && e.slots[f] != 0 }

// Delete takes the field away. It changes the order of the entries, which nobody may rely on: documents have an order of
// their own.
func (e *Event) Delete(f Field) {
	if !e.Has(f) {
		return
	}
	i := e.slots[f] - 1
	e.slots[f] = 0
	// The last entry takes the free place.
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
func (e *Event) SetPath(path string, v Value) { e.setPath(path, e.own(v)) }

// setPath is SetPath for a value whose lists are the event's already.
func (e *Event) setPath(path string, v Value) {
	t := load()
	if f, ok := t.lookup(path); ok {
		e.put(f, v)
		return
	}
	if f, key, ok := t.open(path); ok {
		e.setMember(f, key, v)
		return
	}
	e.setExtra(path, v)
}

// maxSearch bounds the search for a name that an event has already, among unknown paths and among the members of one
// object: a document of nothing but names must not cost the square of its length. Names above it may come twice.
const maxSearch = 512

// setExtra keeps a value whose path no list knows.
func (e *Event) setExtra(path string, v Value) {
	for i := range min(len(e.extras), maxSearch) {
		if e.extras[i].path == path {
			e.extras[i].value = v
			return
		}
	}
	if v.kind != Absent {
		e.extras = append(e.extras, extra{path, v})
	}
}

// SetMember sets one key of an open field (flattened or object), whose value becomes an Object; a plain value that it had is
// kept as an extra of the same path. A key that is a field of its own is set as that.
func (e *Event) SetMember(f Field, key string, v Value) {
	if t := load(); t.isMixed(f) {
		if slot, ok := t.below(f, key); ok {
			e.Set(slot, v)
			return
		}
	}
	e.setMember(f, key, e.own(v))
}

// setMember is SetMember for a value whose lists are the event's already.
func (e *Event) setMember(f Field, key string, v Value) {
	list, i := e.member(f, key)
	if i >= 0 {
		list[i+1] = v
	} else {
		list = e.mem.push(list, Str(key), v)
	}
	e.put(f, listOf(Object, list))
}

// AddMember adds v under key of an open field: where the key has a value already, both become a list. So nothing is
// lost of a message that repeats a key.
func (e *Event) AddMember(f Field, key string, v Value) {
	v = e.own(v)
	if t := load(); t.isMixed(f) {
		if slot, ok := t.below(f, key); ok {
			e.join(slot, v)
			return
		}
	}
	list, i := e.member(f, key)
	if i < 0 {
		e.put(f, listOf(Object, e.mem.push(list, Str(key), v)))
		return
	}
	old := list[i+1]
	if old.kind == List {
		v = listOf(List, e.mem.push(old.items(), v))
	} else {
		v = listOf(List, append(e.mem.take(4), old, v))
	}
	list[i+1] = v
	e.put(f, listOf(Object, list))
}

// member returns the members of an open field, none if it has no object, and the place of key in them, -1 if it is not
// there.
func (e *Event) member(f Field, key string) (list []Value, at int) {
	obj := e.Get(f)
	if obj.kind != Object {
		if obj.kind != Absent {
			e.setExtra(f.Path(), obj)
		}
		return e.mem.take(16), -1
	}
	list = obj.items()
	for i := 0; i < min(len(list), 2*maxSearch); i += 2 {
		if list[i].text() == key {
			return list, i
		}
	}
	return list, -1
}

// open finds the nearest field above path that takes any key. The nearest, because a field below an open one may be plain.
func (t *table) open(path string) (f Field, key string, ok bool) {
	n, rest := t.root, path
	for {
		part, after, more := strings.Cut(rest, ".")
		if n = n.kids[part]; n == nil || !more {
			return f, key, ok
		}
		rest = after
		if n.isField { // a plain field closes what was open above it
			typ := t.specs[n.field].typ
			f, key, ok = n.field, rest, typ == ecs.Flattened || typ == ecs.Nested
		}
	}
}

// Ref is a path made ready for many look-ups: a field, a key below an open field, or an unknown path.
type Ref struct {
	field Field
	known bool
	key   string // member of the open field, or of nothing
	path  string
}

// MakeRef resolves a path once, against the fields that are known now. A path that is registered later keeps meaning the
// unknown one here: register first.
func MakeRef(path string) Ref {
	t := load()
	if f, ok := t.lookup(path); ok {
		return Ref{field: f, known: true, path: path}
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

// Upper tells whether a list knows fields below the path: then the path may name a whole object, which an event has in
// several places.
func (r Ref) Upper() bool {
	t := load()
	if f, ok := r.Field(); ok {
		return t.quick[f]&quickUpper != 0
	}
	n := t.find(r.path)
	return n != nil && n.kids != nil
}

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

// below walks a dotted key through objects and lists of objects. A key may have full stops in it ("a.b" as one key), so
// the whole rest is tried before its parts. Only lists cost memory.
func (v Value) below(key string) Value {
	switch v.kind {
	case Object:
		if m := v.Get(key); m.kind != Absent {
			return m
		}
		for i := strings.IndexByte(key, '.'); i >= 0; {
			if m := v.Get(key[:i]).below(key[i+1:]); m.kind != Absent {
				return m
			}
			j := strings.IndexByte(key[i+1:], '.')
			if j < 0 {
				break
			}
			i += 1 + j
		}
	case List:
		var out []Value
		for _, it := range v.items() {
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

// extra returns the value of an unknown path.
func (e *Event) extra(path string) Value {
	for i := range e.extras {
		if e.extras[i].path == path {
			return e.extras[i].value
		}
	}
	return Value{}
}

// GetPath returns the value at a path, as [Ref.Of] does; for many look-ups of one path use a Ref.
func (e *Event) GetPath(path string) Value { return MakeRef(path).Of(e) }

// Each calls fn for each known field that is set, in no particular order, until fn returns false. fn must not change the
// event.
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

// CopyTo makes dst hold what e holds. Strings stay shared, so the memory that e was read from must outlive both; lists
// and objects become dst's own.
func (e *Event) CopyTo(dst *Event) {
	dst.Reset()
	for _, en := range e.entries {
		dst.Set(en.field, en.value)
	}
	for _, x := range e.extras {
		dst.extras = append(dst.extras, extra{x.path, dst.own(x.value)})
	}
}
