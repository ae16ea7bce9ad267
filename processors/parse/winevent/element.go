package winevent

import "weir/event"

// Data elements of an EVTX dump come in many ways, depending on who wrote it. Those that have a name as an attribute are
// members of the event data like any other:
//
//	"Data": [{"#attributes": {"Name": "ServiceName"}, "#text": "x"}, {"@Name": "ImagePath", "#text": "y"}]

// element reads an object that is a Data element, or part of a list of them. It is read twice: the name may follow the
// text.
func (r *Reader) element(n *place, depth int) bool {
	from := r.pos
	name, ok := r.nameIn(depth)
	if !ok {
		return false
	}
	if name == "" {
		r.pos = from
		return r.object(n, depth)
	}
	r.pos = from
	n = r.below(n.up, name)
	found, ok := r.named(n, depth)
	if ok && !found {
		r.set(n, event.Str("")) // an element without text
	}
	return ok
}

// nameIn looks for a name in the object itself and in its attributes. It returns the name attribute of the object that is next, "" if it has none, and goes over it.
func (r *Reader) nameIn(depth int) (name string, ok bool) {
	ok = r.each(depth, func(key string) bool {
		switch {
		case isName(key) && r.at('"'):
			name, ok = r.str()
			return ok
		case isAttributes(key) && r.at('{'):
			inner, ok := r.nameIn(depth + 1)
			if inner != "" {
				name = inner
			}
			return ok
		}
		return r.skip(depth + 1)
	})
	return name, ok
}

// named reads the object that is next as the value of n: its text is the value, its name is n's own and all else lies
// below. found tells whether there was a text.
func (r *Reader) named(n *place, depth int) (found, ok bool) {
	ok = r.each(depth, func(key string) bool {
		switch {
		case isName(key) && r.at('"'):
			_, ok := r.str()
			return ok
		case isAttributes(key) && r.at('{'):
			_, ok := r.named(n, depth+1)
			return ok
		case isText(key):
			found = true
			return r.member(n, depth)
		}
		return r.member(r.below(n, key), depth)
	})
	return found, ok
}

// each calls fn for each member of the object that is next; fn reads the value.
func (r *Reader) each(depth int, fn func(key string) bool) bool {
	if depth > maxDepth || !r.eat('{') {
		return false
	}
	if r.eat('}') {
		return true
	}
	for {
		r.space()
		key, ok := r.str()
		if !ok || !r.eat(':') {
			return false
		}
		r.space()
		if !fn(key) {
			return false
		}
		if !r.eat(',') {
			return r.eat('}')
		}
	}
}

// skip goes over any value.
func (r *Reader) skip(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch {
	case r.at('"'):
		_, ok := r.str()
		return ok
	case r.at('{'):
		return r.each(depth, func(string) bool { return r.skip(depth + 1) })
	case r.at('['):
		r.pos++
		if r.eat(']') {
			return true
		}
		for {
			r.space()
			if !r.skip(depth + 1) {
				return false
			}
			if !r.eat(',') {
				return r.eat(']')
			}
		}
	}
	_, ok := r.plain(false)
	return ok
}

func isName(key string) bool       { return key == "Name" || key == "@Name" }
func isAttributes(key string) bool { return key == "#attributes" || key == "@attributes" }
func isText(key string) bool       { return key == "#text" || key == "$t" || key == "Value" }
