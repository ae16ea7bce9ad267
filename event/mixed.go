package event

import (
	"strings"

	"weir/event/ecs"
)

// Some fields take any key, and lists know a few hundred of the keys (winlog.event_data). Those have slots like all other
// fields; what nobody foresaw is a member of the object in the upper field. So an event has each value in one place,
// whether its name is known or not, and a document has both in one object. That must hold wherever a value comes in:
// members of such a field are never keys that a list knows.

// settle is called with an object in the field upper, and gives those of its members slots that have some.
func (e *Event) settle(t *table, upper Field) {
	members, left := e.Get(upper).items(), 0
	for i := 0; i < len(members); i += 2 {
		key, m := members[i], members[i+1]
		if f, known := t.below(upper, key.text()); known {
			e.join(f, m)
			continue
		}
		members[left], members[left+1] = key, m
		left += 2
	}
	if left == 0 && len(members) > 0 {
		e.Delete(upper)
	} else if left < len(members) {
		clear(members[left:])
		e.put(upper, listOf(Object, members[:left]))
	}
}

// below returns the field of a key of a field that takes any key, if a list knows it.
func (t *table) below(upper Field, key string) (Field, bool) {
	n := t.nodes[upper]
	for part := range strings.SplitSeq(key, ".") {
		if n = n.kids[part]; n == nil {
			return 0, false
		}
	}
	return n.field, n.isField
}

// isMixed tells whether a field takes any key and has fields below it.
func (t *table) isMixed(f Field) bool { return t.quick[f]&quickMixed != 0 }

// join sets a field, or adds a value to those that it has.
func (e *Event) join(f Field, v Value) {
	if old := e.Get(f); old.kind != Absent && old.kind != Null {
		v = listOf(List, append(append(e.mem.take(4), old.flat()...), v.flat()...))
	}
	e.put(f, v)
}

// flat returns the items of a list, and anything else as one item.
func (v Value) flat() []Value {
	if v.kind == List {
		return v.items()
	}
	return []Value{v}
}

// mixes tells whether a field that takes any key has members. Fields below it may have slots, and then one object of the
// document is made of both: a shape says too little for a plan.
func (e *Event) mixes(t *table) bool {
	for _, f := range t.mixed {
		if e.Get(f).kind == Object {
			return true
		}
	}
	return false
}

// both keeps an object and a plain value that a document has under one path, which takes a key with full stops: "a":1,"a.b":2.
// In a field that takes any key the object stays, and the plain value becomes an extra; in any other one the plain value
// stays, and what is in the object becomes extras. So it is the same event whichever came first.
func (e *Event) both(t *table, n *node, old, v Value) {
	obj, plain := old, v
	if v.kind == Object {
		obj, plain = v, old
	}
	if typ := t.specs[n.field].typ; typ == ecs.Flattened || typ == ecs.Nested {
		e.put(n.field, obj)
		e.setExtra(n.path, plain)
		return
	}
	e.put(n.field, plain)
	e.spread(n.path, obj)
}

// spread keeps what is in an object as extras. Depth is bounded by Decode.
func (e *Event) spread(path string, obj Value) {
	for i := range obj.Len() {
		key, v := obj.Member(i)
		if v.kind == Object {
			e.spread(path+"."+key, v)
		} else {
			e.setExtra(path+"."+key, v)
		}
	}
}

// keepPath is setPath for what a document has: nothing that it had before under a part of the path is lost.
func (e *Event) keepPath(path string, v Value) {
	t := load()
	if _, known := t.lookup(path); !known {
		if f, key, ok := t.open(path); ok {
			e.keepMember(f, key, v)
			return
		}
	}
	e.setPath(path, v)
}

// keepMember is setMember for what a document has: of an object and something else under one key, the members of the object
// are kept under keys with full stops.
func (e *Event) keepMember(f Field, key string, v Value) {
	var obj Value
	if list, i := e.member(f, key); i >= 0 {
		old := list[i+1]
		switch {
		case v.kind == Object:
			obj, v = v, old
		case old.kind == Object:
			obj = old
		}
	}
	e.setMember(f, key, v)
	for i := range obj.Len() {
		sub, m := obj.Member(i)
		e.keepMember(f, key+"."+sub, m)
	}
}
