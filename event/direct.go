package event

// What decoders outside of this package need to be as quick as Decode: they know a field before they read its value, and
// which paths an event has got already, so nothing has to be looked up or searched for.

// Known returns how many fields are known now. It only grows. Who keeps what [MakeRef] found out about paths compares it
// and makes the references again when it has changed.
func Known() int { return len(load().specs) }

// Add gives a field a value beside the one that it has: both become a list, and of lists the items. A field without a
// value gets v.
func (e *Event) Add(f Field, v Value) {
	switch old := e.Get(f); {
	case v.kind == Absent:
	case old.kind == Absent:
		e.Set(f, v)
	default:
		e.put(f, e.joined(old, v))
	}
}

// AddPath is Add for a path, as [Event.SetPath] takes it.
func (e *Event) AddPath(path string, v Value) {
	if v.kind == Absent {
		return
	}
	t := load()
	if f, ok := t.lookup(path); ok {
		e.Add(f, v)
	} else if f, key, ok := t.open(path); ok {
		e.AddMember(f, key, v)
	} else if old := e.extra(path); old.kind != Absent {
		e.setExtra(path, e.joined(old, v))
	} else {
		e.SetPath(path, v)
	}
}

// AddExtra sets the value of a path that no list knows, neither as a field nor below an open one, and of which the event
// has no value yet. It trusts the caller in both and so costs no search; of a path that comes twice all would find the
// first value only.
func (e *Event) AddExtra(path string, v Value) {
	if v.kind != Absent {
		e.extras = append(e.extras, extra{path, e.own(v)})
	}
}

// SetMembers gives a field that takes any key its object: keys and values in turn, which are copied. It trusts the caller
// that no key is a field of its own or comes twice, and so costs no search.
func (e *Event) SetMembers(f Field, kv ...Value) {
	if len(kv) > 0 {
		e.put(f, e.own(listOf(Object, kv)))
	}
}

// joined returns a list of two values, or of their items. It lives in the event's memory and has room, so that many
// values of one field cost no more than a list that grows.
func (e *Event) joined(old, v Value) Value {
	list := old.items()
	if old.kind != List {
		list = append(e.mem.take(4), old)
	}
	if v = e.own(v); v.kind == List {
		return listOf(List, e.mem.push(list, v.items()...))
	}
	return listOf(List, e.mem.push(list, v))
}
