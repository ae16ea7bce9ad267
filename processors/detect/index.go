package detect

import (
	"weir/event"
)

// index finds the conditions that an event may satisfy. A condition that can only hold if one of a few fields has one
// of a few values is filed under those values; the others are tried on every event. So a rule about sshd costs nothing
// on a firewall's events.
type index struct {
	always []int
	routes []route
}

// route files conditions by the values of one field. Values are compared as they are, letters in their case: that is how
// Needs says them.
type route struct {
	ref event.Ref
	by  map[string][]int
	// The marks of by's keys. Most values of most events are of no rule, and this tells so without hashing them.
	marks [4]uint64
}

// mark is a cheap hash of a value. Names of one kind differ in length and at their ends.
func mark(s string) uint8 {
	if s == "" {
		return 0
	}
	return uint8(len(s)) ^ s[0]<<3 ^ s[len(s)-1]*5 ^ s[len(s)/2]*11
}

// find returns the conditions that are filed under a value.
func (r *route) find(s string) []int {
	if m := mark(s); r.marks[m/64]&(1<<(m%64)) == 0 {
		return nil
	}
	return r.by[s]
}

// routed are the fields by which conditions are filed, the most telling first.
var routed = []string{"event.code", "event.action", "process.name", "event.dataset", "event.module", "event.category"}

// newIndex files every condition once, under the values of one field.
func newIndex(conds []condition) index {
	var ix index
	maps := make([]map[string][]int, len(routed))
	for i, c := range conds {
		at, values := best(c)
		if at < 0 {
			ix.always = append(ix.always, i)
			continue
		}
		if maps[at] == nil {
			maps[at] = map[string][]int{}
		}
		for _, v := range values {
			maps[at][v] = append(maps[at][v], i)
		}
	}
	for i, m := range maps {
		if m != nil {
			r := route{ref: event.MakeRef(routed[i]), by: m}
			for v := range m {
				at := mark(v)
				r.marks[at/64] |= 1 << (at % 64)
			}
			ix.routes = append(ix.routes, r)
		}
	}
	return ix
}

// best returns the first of the routed fields that the condition needs, and the values, each once.
func best(c condition) (at int, values []string) {
	for i, path := range routed {
		v, ok := c.cond.Needs(path)
		if !ok {
			continue
		}
		seen := make(map[string]bool, len(v))
		for _, s := range v {
			if !seen[s] {
				seen[s] = true
				values = append(values, s)
			}
		}
		return i, values
	}
	return -1, nil
}

// each calls fn once for each condition that may hold.
func (ix *index) each(e *event.Event, fn func(int)) {
	for _, i := range ix.always {
		fn(i)
	}
	for i := range ix.routes {
		r := &ix.routes[i]
		v := r.ref.Of(e)
		switch v.Kind() {
		case event.String:
			for _, i := range r.find(v.Str()) {
				fn(i)
			}
		case event.List:
			r.several(v, fn)
		}
	}
}

// several handles a field with more than one value: a condition filed under two of them is tried once.
func (r *route) several(v event.Value, fn func(int)) {
	var buf [32]int
	done := buf[:0] // on the stack but for conditions without number
	for j := range v.Len() {
		it := v.Item(j)
		if it.Kind() != event.String {
			continue
		}
	next:
		for _, i := range r.find(it.Str()) {
			for _, d := range done {
				if d == i {
					continue next
				}
			}
			done = append(done, i)
			fn(i)
		}
	}
}
