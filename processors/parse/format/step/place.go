package step

import (
	"strconv"
	"strings"

	"weir/event"
)

// Kinds of places.
const (
	atScratch = iota // of this event, forgotten at its end
	atField          // a known field
	atMember         // a key below an open field
	atRaw            // the text of the record
	atGroup          // a name that only an agent's document can have: it is read there, and removed wherever it came to
)

// Place is where a value is read from or written to. It is resolved once, when the format is compiled.
type Place struct {
	Path  string
	kind  int
	slot  int   // of scratch
	segs  []seg // below it
	field event.Field
	key   string // below an open field
	ref   event.Ref
	array bool // ECS has the field as a list
}

// seg is one name below a scratch place.
type seg struct {
	name string
	item int // which item of a list it picks, -1 if the name is no number
	hint int // where the machine remembers the position at which the name was found
}

// List tells whether what is appended to the place is a list even where it is one value: below a root, where no list of fields
// says it, it would be sometimes one and sometimes the other.
func (p *Place) List() bool { return p.array || p.kind != atField }

// Scratch tells whether the place is a whole scratch place, not one below it.
func (p *Place) Scratch() bool { return p.kind == atScratch && len(p.segs) == 0 }

// Open tells whether the place is a field that takes any key. It is true of all that is no field.
func (p *Place) Open() bool { return p.kind != atField || isOpen(p.field) }

// takes tells whether a constant can be a value of the place.
func (p *Place) takes(v event.Value) bool {
	if p.kind != atField || v.Kind() == event.Absent || v.Kind() == event.Null || v.Kind() == event.String && v.Str() == "" {
		return true
	}
	_, ok := p.field.Fit(v)
	return ok
}

// Is tells whether the place is a field.
func (p *Place) Is(f event.Field) bool { return p.kind == atField && p.field == f }

// ParsePath cuts a place into its names. Names in double quotes may have full stops in them.
func ParsePath(s string) (names []string, ok bool) {
	for {
		var name string
		if strings.HasPrefix(s, `"`) {
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				return nil, false
			}
			name, s = s[1:end+1], s[end+2:]
		} else {
			end := strings.IndexByte(s, '.')
			if end < 0 {
				end = len(s)
			}
			name, s = s[:end], s[end:]
			if strings.ContainsAny(name, " \t\"'{}[]()|,;\n") {
				return nil, false
			}
		}
		if name == "" {
			return nil, false
		}
		names = append(names, name)
		if s == "" {
			return names, true
		}
		if s[0] != '.' {
			return nil, false
		}
		s = s[1:]
	}
}

// RawPlace is the name of the whole record.
const RawPlace = "_raw"

// Get returns what is at a place, Absent if nothing is.
func (m *Machine) Get(p *Place) event.Value {
	var v event.Value
	switch p.kind {
	case atScratch:
		v = m.st.slots[p.slot]
		for i := range p.segs {
			if v = m.below(v, &p.segs[i]); v.Kind() == event.Absent {
				break
			}
		}
	case atField:
		v = m.e.Get(p.field)
	case atMember:
		v = p.ref.Of(m.e)
	case atRaw:
		v = event.Str(m.raw)
	case atGroup:
		v = m.in.Doc
		for i := range p.segs {
			if v = m.below(v, &p.segs[i]); v.Kind() == event.Absent {
				break
			}
		}
	}
	if m.tracer != nil {
		m.tracer.read(p, v)
	}
	return v
}

// below returns the member of an object, the item of a list, or the list of the members of a list's objects.
func (m *Machine) below(v event.Value, s *seg) event.Value {
	switch v.Kind() {
	case event.Object:
		return m.member(v, s)
	case event.List:
		if s.item >= 0 {
			if s.item < v.Len() {
				return v.Item(s.item)
			}
			return event.Value{}
		}
		from := len(m.stack)
		for i := range v.Len() {
			if it := v.Item(i); it.Kind() == event.Object {
				if found := it.Get(s.name); found.Kind() != event.Absent {
					m.stack = append(m.stack, found)
				}
			}
		}
		if len(m.stack) == from {
			return event.Value{}
		}
		list := m.Copy(m.stack[from:])
		clear(m.stack[from:])
		m.stack = m.stack[:from]
		return event.Items(list...)
	}
	return event.Value{}
}

// member finds a key of an object. Objects of one format look alike, so the position of the last time is asked first.
func (m *Machine) member(v event.Value, s *seg) event.Value {
	n := v.Len()
	if at := int(m.st.hints[s.hint]); at < n {
		if key, val := v.Member(at); key == s.name {
			return val
		}
	}
	for i := range n {
		if key, val := v.Member(i); key == s.name {
			m.st.hints[s.hint] = int32(i)
			return val
		}
	}
	return event.Value{}
}

// TextOf returns what is at a place as text; ok is false where nothing is.
func (m *Machine) TextOf(p *Place) (s string, ok bool) {
	v := m.Get(p)
	return m.Text(v)
}

// Text returns a value as text, in the machine's memory.
func (m *Machine) Text(v event.Value) (s string, ok bool) {
	switch v.Kind() {
	case event.Absent, event.Null:
		return "", false
	case event.String:
		return v.Str(), true
	case event.List:
		if v.Len() == 1 {
			return m.Text(v.Item(0))
		}
	}
	return m.Build(v.AppendText), true
}

// Put writes a value to a place. Nothing is written of what means nothing; it tells whether something was.
func (m *Machine) Put(p *Place, v event.Value) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return false
	case event.String:
		if m.Nothing(v.Str()) {
			return false
		}
	}
	m.Store(p, v)
	return true
}

// PutText is Put for a text.
func (m *Machine) PutText(p *Place, s string) bool {
	if m.Nothing(s) {
		return false
	}
	m.Store(p, event.Str(s))
	return true
}

// Store writes a value that is something.
func (m *Machine) Store(p *Place, v event.Value) {
	if m.tracer != nil {
		m.tracer.wrote(p, v)
	}
	switch p.kind {
	case atScratch:
		if len(p.segs) == 0 {
			m.st.slots[p.slot] = v
		} else {
			m.st.slots[p.slot] = m.setBelow(m.st.slots[p.slot], p.segs, v)
		}
	case atField:
		if p.field == event.Message {
			m.wroteMessage = true
		}
		m.e.Set(p.field, v)
	case atMember:
		if v.Kind() == event.Object && p.ref.Upper() {
			m.spread(p.Path, v)
			return
		}
		m.e.SetMember(p.field, p.key, v)
	}
}

// setBelow returns v with a value set below it: what is no object becomes one.
func (m *Machine) setBelow(v event.Value, segs []seg, val event.Value) event.Value {
	if len(segs) == 0 {
		return val
	}
	n := 0
	if v.Kind() == event.Object {
		n = v.Len()
	}
	list := m.Take(2*n + 2)
	found := false
	for i := range n {
		key, old := v.Member(i)
		if key == segs[0].name {
			old, found = m.setBelow(old, segs[1:], val), true
		}
		list = append(list, event.Str(key), old)
	}
	if !found {
		list = append(list, event.Str(segs[0].name), m.setBelow(event.Value{}, segs[1:], val))
	}
	return event.Members(list...)
}

// Remove takes away what is at a place.
func (m *Machine) Remove(p *Place) {
	if m.tracer != nil {
		m.tracer.wrote(p, event.Value{})
	}
	switch p.kind {
	case atScratch:
		if len(p.segs) == 0 {
			m.st.slots[p.slot] = event.Value{}
		} else {
			m.st.slots[p.slot] = m.without(m.st.slots[p.slot], p.segs)
		}
	case atField:
		if p.field == event.Message {
			m.wroteMessage = true
		}
		m.e.Delete(p.field)
	case atGroup:
		m.removeBelow(p.Path)
	case atMember:
		v := m.e.Get(p.field)
		if v.Kind() != event.Object {
			return
		}
		if v.Len() == 1 {
			if key, _ := v.Member(0); key == p.key {
				m.e.Delete(p.field)
			}
			return
		}
		m.e.Set(p.field, m.without(v, []seg{{name: p.key, item: -1}}))
	}
}

// removeBelow takes away all fields below a name.
func (m *Machine) removeBelow(path string) {
	var all []event.Field
	m.e.Each(func(f event.Field, _ event.Value) bool {
		if under(f.Path(), path) {
			all = append(all, f)
		}
		return true
	})
	for _, f := range all {
		m.e.Delete(f)
	}
	var extras []string
	m.e.EachExtra(func(name string, _ event.Value) bool {
		if under(name, path) {
			extras = append(extras, name)
		}
		return true
	})
	for _, name := range extras {
		m.e.SetPath(name, event.Value{})
	}
}

// without returns v without what is below it.
func (m *Machine) without(v event.Value, segs []seg) event.Value {
	switch v.Kind() {
	case event.Object:
		list := m.Take(2 * v.Len())
		for i := range v.Len() {
			key, old := v.Member(i)
			if key == segs[0].name {
				if len(segs) == 1 {
					continue
				}
				old = m.without(old, segs[1:])
			}
			list = append(list, event.Str(key), old)
		}
		return event.Members(list...)
	case event.List:
		list := m.Take(v.Len())
		for i := range v.Len() {
			switch {
			case segs[0].item < 0:
				list = append(list, m.without(v.Item(i), segs))
			case segs[0].item != i:
				list = append(list, v.Item(i))
			case len(segs) > 1:
				list = append(list, m.without(v.Item(i), segs[1:]))
			}
		}
		return event.Items(list...)
	}
	return v
}

// Has tells whether a place has a value.
func (m *Machine) Has(p *Place) bool {
	k := m.Get(p).Kind()
	return k != event.Absent && k != event.Null
}

// Nothing tells whether a text means nothing here.
func (m *Machine) Nothing(s string) bool { return m.prog.Empty.Has(s) }

// Members sets keys and values below a place that may have some already. The list is copied.
func (m *Machine) Members(p *Place, list []event.Value) {
	old := m.Get(p)
	if p.kind == atField && old.Kind() == event.Absent && !p.ref.Upper() {
		if m.tracer != nil {
			m.tracer.wrote(p, event.Members(m.Copy(list)...))
		}
		m.e.SetMembers(p.field, list...)
		return
	}
	if p.kind == atField || p.kind == atMember && p.ref.Upper() {
		for i := 0; i < len(list); i += 2 {
			if m.tracer != nil {
				m.tracer.wrote(&Place{Path: p.Path + "." + list[i].Str()}, list[i+1])
			}
			if key := list[i].Str(); p.kind == atField && isOpen(p.field) && list[i+1].Kind() != event.Object && strings.IndexByte(key, '.') < 0 {
				m.e.SetMember(p.field, key, list[i+1]) // what spread does, without a path
				continue
			}
			m.spread(p.Path+"."+list[i].Str(), list[i+1])
		}
		return
	}
	if old.Kind() != event.Object {
		m.Store(p, event.Members(m.Copy(list)...))
		return
	}
	all := m.Take(2*old.Len() + len(list))
	for i := range old.Len() {
		key, v := old.Member(i)
		if event.Members(list...).Get(key).Kind() == event.Absent {
			all = append(all, event.Str(key), v)
		}
	}
	m.Store(p, event.Members(append(all, list...)...))
}

// spread sets a value below an open field that has fields of its own below it: objects are taken apart as far as lists know
// what is in them, so that each value is where rules look for it.
func (m *Machine) spread(path string, v event.Value) {
	ref := event.MakeRef(path)
	if _, known := ref.Field(); v.Kind() == event.Object && !known && ref.Upper() {
		for i := range v.Len() {
			key, val := v.Member(i)
			m.spread(path+"."+key, val)
		}
		return
	}
	m.e.SetPath(path, v)
}

// itemOf returns the number that a name is, -1 if it is none.
func itemOf(name string) int {
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && name[0] != '+' {
		return n
	}
	return -1
}
