package winevent

import "weir/event"

// set puts a value where its place says. It also notes what the end of the line needs: times, texts that an agent
// numbered, and what may be the provider.
func (r *Reader) set(p *place, v event.Value) {
	if p.simple && !r.e.Has(p.field) {
		r.e.Set(p.field, v)
		return
	}
	if p.to == nil {
		p.to = r.aim(p.scalar)
		p.field, p.simple = p.to.field, p.to.known && !p.to.date && p.clock == none && !p.param && !p.source
	}
	if p.clock != none && v.Kind() == event.String {
		// The first one of each counts; those from stamp on are set when it is known which one is the time.
		if c := &r.clocks[p.clock]; c.of == nil {
			if *c = (text{v.Str(), p.to}); p.clock >= stamp {
				return
			}
		}
	}
	if p.param {
		r.params = append(r.params, v)
	}
	if p.source && v.Kind() == event.String {
		r.source = v
	}
	r.put(p.to, v)
}

// put sets a value. What comes twice becomes a list, but for what is the same: several names lead to one target.
func (r *Reader) put(t *target, v event.Value) {
	if t.known {
		if t.date && v.Kind() == event.String {
			if ns, zone, ok := ParseTime(v.Str()); ok && zone && exact(ns, v.Str()) {
				v = timeOf(ns)
			}
		}
		if !r.e.Has(t.field) {
			r.e.Set(t.field, v)
		} else if !holds(r.e.Get(t.field), v) {
			r.e.Add(t.field, v)
		}
		return
	}
	// A path that no list knows: whether it came in this line is written on the target, and not searched for in the event.
	again := t.gen == r.gen
	t.gen = r.gen
	switch {
	case t.open && t.key != "" && !again && v.Kind() != event.List:
		r.members = append(r.members, event.Str(t.key), v)
	case t.open:
		r.flush()
		if !again || !holds(r.e.GetPath(t.path), v) {
			r.add(t.field, t.path, v)
		}
	case !again:
		r.e.AddExtra(t.path, v)
	case !holds(r.e.GetPath(t.path), v):
		r.e.AddPath(t.path, v)
	}
}

// flush puts the members of the event data that wait for the end of the line into the event. One after the other they
// would be searched for each time.
func (r *Reader) flush() {
	if len(r.members) == 0 {
		return
	}
	if !r.e.Has(r.open) {
		r.e.SetMembers(r.open, r.members...)
	} else {
		for i := 0; i < len(r.members); i += 2 {
			r.add(r.open, eventData+"."+r.members[i].Str(), r.members[i+1])
		}
	}
	clear(r.members)
	r.members = r.members[:0]
}

// add adds a value at a path below f, a field that takes any key. Where f has a plain value in this line, that must not go:
// the other one is kept where no rule looks for it by name.
func (r *Reader) add(f event.Field, path string, v event.Value) {
	if k := r.e.Get(f).Kind(); k == event.Absent || k == event.Object {
		r.e.AddPath(path, v)
	} else {
		r.e.AddExtra(path, v)
	}
}

// value returns what the event has at a target. Most unknown paths were not set in this line, which their mark says
// without a search.
func (r *Reader) value(t *target) event.Value {
	switch {
	case t.known:
		return r.e.Get(t.field)
	case t.open || t.gen == r.gen:
		r.flush()
		return r.e.GetPath(t.path)
	}
	return event.Value{}
}

// holds tells whether old has the text v already. Of long lists only the start is searched: a text that comes twice
// does no harm.
func holds(old, v event.Value) bool {
	if v.Kind() != event.String || old.Kind() == event.Absent {
		return false
	}
	for i := range min(old.Len(), 16) {
		if it := old.Item(i); it.Kind() == event.String && it.Str() == v.Str() {
			return true
		}
	}
	return false
}
