package winevent

import (
	"strconv"

	"weir/event"
)

// The methods of this file read JSON (RFC 8259). They return false where the line is broken and leave pos there, for the
// message.

// space goes over white space.
func (r *Reader) space() {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// eat takes c, if it is next.
func (r *Reader) eat(c byte) bool {
	if r.pos < len(r.src) && r.src[r.pos] == c { // the usual case has no white space
		r.pos++
		return true
	}
	r.space()
	if r.pos < len(r.src) && r.src[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

// at tells whether c is next.
func (r *Reader) at(c byte) bool { return r.pos < len(r.src) && r.src[r.pos] == c }

// object reads an object whose members lie below p. Depth is checked here and where lists begin, which is enough: nothing
// else nests, so a line of a million brackets costs no stack.
func (r *Reader) object(p *place, depth int) bool {
	if depth > maxDepth || !r.eat('{') {
		return false
	}
	if r.eat('}') {
		return true
	}
	for {
		n := r.key(p)
		if n == nil || !r.member(n, depth) {
			return false
		}
		if !r.eat(',') {
			return r.eat('}')
		}
	}
}

// key reads the name of the next member below p and the colon after it. It compares before it reads: most lines go a way
// that one before them went.
func (r *Reader) key(p *place) *place {
	if r.at(' ') {
		r.space()
	}
	if r.way != nil {
		if n := r.way.follow(p, r.src, r.pos); n != nil {
			r.pos += n.size
			r.way = n
			return n.to
		}
	}
	r.space()
	name, ok := r.str()
	if !ok || !r.eat(':') {
		return nil
	}
	n := r.below(p, name)
	r.leave(n)
	return n
}

// member reads the value of n.
func (r *Reader) member(n *place, depth int) bool {
	if !r.at('"') {
		r.space()
	}
	switch {
	case r.at('"'):
		s, ok := r.str()
		if ok {
			r.set(n, event.Str(s))
		}
		return ok
	case r.at('{'):
		if n.named {
			return r.element(n, depth+1)
		}
		return r.object(n, depth+1)
	case r.at('['):
		return r.list(n, depth+1)
	}
	v, ok := r.plain(n.native)
	if ok {
		r.set(n, v)
	}
	return ok
}

// list reads a list as the value of n. Lists in it become part of it; the members of objects in it go where they would
// without the list.
func (r *Reader) list(n *place, depth int) bool {
	base, from := len(r.stack), r.pos
	objects, ok := r.items(n, depth)
	switch {
	case objects && n.native:
		r.pos = from
		ok = r.whole(n, depth)
	case ok && (!objects || len(r.stack) > base):
		r.set(n, event.Items(r.stack[base:]...))
	}
	clear(r.stack[base:])
	r.stack = r.stack[:base]
	return ok
}

// items puts the items of a list on the stack. objects tells whether there were some: they are read at once, but for those
// of an ECS document, where it stops.
func (r *Reader) items(n *place, depth int) (objects, ok bool) {
	r.pos++
	if depth > maxDepth {
		return false, false
	}
	if r.eat(']') {
		return false, true
	}
	for {
		r.space()
		var ok bool
		switch {
		case r.at('['):
			var inner bool
			inner, ok = r.items(n, depth+1)
			objects = objects || inner
		case r.at('{'):
			objects = true
			if n.native {
				return true, false // see whole
			}
			if n.named {
				ok = r.element(n, depth+1)
			} else {
				ok = r.object(n, depth+1)
			}
		case r.at('"'):
			var s string
			s, ok = r.str()
			r.stack = append(r.stack, event.Str(s))
		default:
			var v event.Value
			v, ok = r.plain(n.native)
			r.stack = append(r.stack, v)
		}
		if !ok {
			return objects, false
		}
		if !r.eat(',') {
			return objects, r.eat(']')
		}
	}
}

// whole reads a list of an ECS document as it is: objects in it belong together.
func (r *Reader) whole(n *place, depth int) bool {
	from := r.pos
	if !r.skip(depth) {
		return false
	}
	text := r.src[from:r.pos]
	v, err := event.ParseValue([]byte(text))
	if err != nil {
		return false
	}
	r.set(n, v)
	return true
}

// plain reads a value that is no text, list or object: as its text, as Windows has it, or as what it is. The text is that of
// the line, not one that is written anew: 1.50 stays 1.50.
func (r *Reader) plain(native bool) (event.Value, bool) {
	from := r.pos
	switch {
	case r.literal("null"):
		return event.Nil(), true
	case r.literal("true"), r.literal("false"):
		if native {
			return event.Truth(r.src[from] == 't'), true
		}
		return event.Str(r.src[from:r.pos]), true
	}
	whole, ok := r.number()
	text := r.src[from:r.pos]
	if ok && native {
		if n, err := strconv.ParseInt(text, 10, 64); whole && err == nil {
			return event.Num(n), true
		}
		// One that neither can hold stays its text.
		if f, err := strconv.ParseFloat(text, 64); !whole && err == nil {
			return event.Real(f), true
		}
	}
	return event.Str(text), ok
}

// literal takes w, if it is next.
func (r *Reader) literal(w string) bool {
	if len(r.src)-r.pos < len(w) || r.src[r.pos:r.pos+len(w)] != w {
		return false
	}
	r.pos += len(w)
	return true
}

// number reads a number (RFC 8259, section 6): no leading zeros, no plus sign, digits on both sides of the point.
func (r *Reader) number() (whole, ok bool) {
	whole = true
	if r.at('-') {
		r.pos++
	}
	if first := r.pos; !r.digits() || r.src[first] == '0' && r.pos-first > 1 {
		return false, false
	}
	if r.at('.') {
		r.pos++
		if whole = false; !r.digits() {
			return false, false
		}
	}
	if r.at('e') || r.at('E') {
		r.pos++
		if r.at('+') || r.at('-') {
			r.pos++
		}
		if whole = false; !r.digits() {
			return false, false
		}
	}
	return whole, true
}

// digits reads one digit or more.
func (r *Reader) digits() bool {
	from := r.pos
	for r.pos < len(r.src) && r.src[r.pos] >= '0' && r.src[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > from
}
