package index

import (
	"slices"
	"strings"

	"weir/event"
	"weir/internal/match/fold"
)

// reach finds the fields whose texts an event has in other places (see fold.View.Texts): below a list of objects, and, of a
// field that is a whole object, in the fields below it. It starts from what an event has, which is mostly neither.
type reach struct {
	// by their path, and by each path above theirs.
	fields map[string]*field
	below  map[string][]*field
	// up has for each field that was known when the index was built the place + 1 in list of the nearest field above it.
	up   []uint16
	list []*field
}

// newReach is for the fields of the table of which something is asked.
func newReach(fields []*field) reach {
	r := reach{fields: map[string]*field{}, below: map[string][]*field{}, list: fields}
	place := map[string]uint16{}
	for i, fd := range fields {
		r.fields[fd.path], place[fd.path] = fd, uint16(i+1)
		for path := fd.path; ; {
			var ok bool
			if path, ok = parent(path); !ok {
				break
			}
			r.below[path] = append(r.below[path], fd)
		}
	}
	for _, fd := range fields {
		fd.up = r.nearest(fd.path)
	}
	for _, id := range event.Fields() {
		if int(id) >= len(r.up) {
			r.up = append(r.up, make([]uint16, int(id)+1-len(r.up))...)
		}
		for path, ok := parent(id.Path()); ok && r.up[id] == 0; path, ok = parent(path) {
			r.up[id] = place[path]
		}
	}
	return r
}

// parent returns the path above a path.
func parent(path string) (string, bool) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], i >= 0
}

// above returns the nearest field above one that an event has. There may be more above that one (see marks.wants).
func (r *reach) above(f event.Field) *field {
	if int(f) < len(r.up) {
		if at := r.up[f]; at != 0 {
			return r.list[at-1]
		}
		return nil
	}
	return r.nearest(f.Path()) // registered since
}

// nearest returns the field whose path is nearest above a path.
func (r *reach) nearest(path string) *field {
	for path, ok := parent(path); ok; path, ok = parent(path) {
		if fd := r.fields[path]; fd != nil {
			return fd
		}
	}
	return nil
}

// wants notes a field above a value, to be asked when all values were seen.
func (m *marks) wants(fd *field) {
	for ; fd != nil && !slices.Contains(m.whole, fd); fd = fd.up {
		m.whole = append(m.whole, fd)
	}
}

// through notes the fields to which a path leads through the objects at it. It goes by what the objects hold, which is
// little: below a path there may be hundreds of fields of which something is asked.
func (r *reach) through(path string, val event.Value, m *marks) {
	if len(r.below[path]) > 0 {
		m.path = append(m.path[:0], path...)
		r.walk(val, m)
	}
}

// walk does so for the value at m.path, which it leaves as it found it. Depth is bounded where values are made.
func (r *reach) walk(val event.Value, m *marks) {
	switch val.Kind() {
	case event.List:
		for i := range val.Len() {
			r.walk(val.Item(i), m)
		}
	case event.Object:
		at := len(m.path)
		for i := range val.Len() {
			name, member := val.Member(i)
			m.path = append(append(m.path[:at], '.'), name...)
			m.wants(r.fields[string(m.path)])
			for j := strings.LastIndexByte(name, '.'); j >= 0; j = strings.LastIndexByte(name[:j], '.') {
				m.wants(r.fields[string(m.path[:at+1+j])])
			}
			if member.Kind() >= event.List {
				r.walk(member, m)
			}
		}
		m.path = m.path[:at]
	}
}

// extra does both for a value whose path no list knows.
func (r *reach) extra(path string, val event.Value, m *marks) {
	m.wants(r.fields[path])
	m.wants(r.nearest(path))
	if fold.HasObject(val) {
		r.through(path, val, m)
	}
}
