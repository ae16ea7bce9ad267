package event

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"weir/event/ecs"
)

// maxDepth bounds the nesting of a document that Decode accepts.
const maxDepth = 64

// errJSON is behind every error of Decode: what was read is no JSON object, or is nested too deep.
var errJSON = errors.New("not a JSON object")

// Decode reads one JSON object into e, which is reset first. Nested objects become flat paths; keys with dots in them
// mean the same as nested ones. Strings without escapes alias doc, which must stay unchanged until e is reset.
// Text in a date field that is RFC 3339 becomes a Time. The error says at which byte the document is broken; e then
// holds what was read before it.
func (e *Event) Decode(doc []byte) error {
	e.Reset()
	d := decoder{e: e, src: unsafe.String(unsafe.SliceData(doc), len(doc))}
	e.dec.begin(load())
	d.space()
	ok := d.object(e.dec.table.root, 0)
	d.space()
	if !ok || d.pos != len(d.src) {
		return d.fail()
	}
	return nil
}

// ParseValue reads one JSON value. Strings without escapes alias doc; lists and objects are the value's own.
func ParseValue(doc []byte) (Value, error) {
	d := decoder{e: new(Event), src: unsafe.String(unsafe.SliceData(doc), len(doc))}
	d.space()
	v, ok := d.value(0)
	d.space()
	if !ok || d.pos != len(d.src) {
		return Value{}, d.fail()
	}
	return v, nil
}

// decoder reads one document. It lives on the stack of Decode; what must last longer is in the event's scratch.
//
// Its methods return false where the document is broken and leave pos there, for the message. An error for each would
// have to be made for every number and key that is looked at.
type decoder struct {
	e   *Event
	src string
	pos int
}

// scratch is what the decoder keeps in the event from one document to the next.
type scratch struct {
	table *table
	stack []Value // items of the lists and objects that are being read
	path  []byte  // the path of an unknown place
	// texts is the memory of texts with escapes. It is only ever written behind what was handed out, and a new one is made
	// when it is full: texts live as long as somebody has them.
	texts []byte
	// trail has the places of the document before, in their order: documents of one source are alike, and comparing a
	// name with the one that comes next in the trail is quicker than finding it.
	trail []*node
	at    int
}

// begin makes the scratch ready for a document. Another table has other nodes, so the trail is of no use then.
func (s *scratch) begin(t *table) {
	if s.table != t {
		s.table, s.trail = t, s.trail[:0]
	}
	clear(s.stack) // a document that broke off may have left something
	s.stack, s.path, s.at = s.stack[:0], s.path[:0], 0
}

// step returns the node of key below n, nil if there is none.
func (s *scratch) step(n *node, key string) *node {
	const ahead = 16 // a field may be missing this time
	for i := s.at; i < len(s.trail) && i < s.at+ahead; i++ {
		if next := s.trail[i]; next.parent == n && next.name == key {
			s.at = i + 1
			return next
		}
	}
	// Not foreseen: look it up. A key with full stops goes down several steps.
	next := n.kids[key]
	if next == nil && strings.IndexByte(key, '.') >= 0 {
		next = n
		for part := range strings.SplitSeq(key, ".") {
			if next = next.kids[part]; next == nil {
				break
			}
		}
	}
	if next != nil {
		s.learn(next)
	}
	return next
}

// learn puts a place into the trail that was not foreseen, where it came: the next document of this shape finds it there.
// One that is missing for long stays, and costs a comparison or two.
func (s *scratch) learn(n *node) {
	const most = 512
	if len(s.trail) == most { // documents of many shapes in no order: begin again
		s.trail, s.at = s.trail[:0], 0
	}
	s.trail = slices.Insert(s.trail, s.at, n)
	s.at++
}

// fail says where the document is broken: behind the last byte that was understood.
func (d *decoder) fail() error { return fmt.Errorf("%w: byte %d of %d", errJSON, d.pos+1, len(d.src)) }

// space goes over white space. Our own documents have none.
func (d *decoder) space() {
	for d.pos < len(d.src) {
		switch d.src[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// eat takes c, if it is next.
func (d *decoder) eat(c byte) bool {
	d.space()
	if d.pos < len(d.src) && d.src[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// key reads the key of the next member and the colon after it.
func (d *decoder) key() (string, bool) {
	d.space()
	key, ok := d.str()
	if !ok || !d.eat(':') {
		return "", false
	}
	d.space()
	return key, true
}

// object reads an object whose members lie below n, or below the unknown place in path if n is nil.
func (d *decoder) object(n *node, depth int) bool {
	if depth > maxDepth || !d.eat('{') {
		return false
	}
	if d.eat('}') {
		return true
	}
	for {
		key, ok := d.key()
		if !ok || !d.member(n, key, depth) {
			return false
		}
		// A comma must be followed by a key: the loop refuses {"a":1,}.
		if d.eat(',') {
			continue
		}
		return d.eat('}')
	}
}

// member reads the value of key below n and puts it into the event.
func (d *decoder) member(n *node, key string, depth int) bool {
	s := &d.e.dec
	if n != nil {
		if next := s.step(n, key); next != nil {
			return d.known(next, depth)
		}
		if n.isField && s.table.specs[n.field].typ == ecs.Flattened {
			v, ok := d.value(depth + 1)
			if ok {
				d.e.keepMember(n.field, key, v)
			}
			return ok
		}
	}
	// From here down no list knows the path. It is put together from that of the last known place.
	before := len(s.path)
	if n != nil {
		s.path = append(s.path[:0], n.path...)
	}
	if depth > 0 {
		s.path = append(s.path, '.')
	}
	s.path = append(s.path, key...)
	ok := false
	if d.pos < len(d.src) && d.src[d.pos] == '{' {
		ok = d.object(nil, depth+1)
	} else {
		var v Value
		if v, ok = d.value(depth + 1); ok {
			d.e.keepPath(string(s.path), v)
		}
	}
	s.path = s.path[:before]
	return ok
}

// known reads the value of a place that the lists know.
func (d *decoder) known(n *node, depth int) bool {
	open := n.isField && n.kids == nil
	if !open && d.pos < len(d.src) && d.src[d.pos] == '{' {
		return d.object(n, depth+1)
	}
	v, ok := d.value(depth + 1)
	if !ok {
		return false
	}
	if !n.isField { // a plain value where others have an object
		d.e.keepPath(n.path, v)
		return true
	}
	if n.date && v.kind == String {
		if ns, ok := parseTime(v.text()); ok {
			v = Value{kind: Time, num: uint64(ns)}
		}
	}
	if v.kind == Object && d.e.Get(n.field).kind == Object { // the first part came as "labels.env"
		for i := range v.Len() {
			key, val := v.Member(i)
			d.e.keepMember(n.field, key, val)
		}
		return true
	}
	if old := d.e.Get(n.field); old.kind != Absent && (old.kind == Object) != (v.kind == Object) {
		d.e.both(d.e.dec.table, n, old, v)
		return true
	}
	d.e.put(n.field, v)
	return true
}

// value reads any value. Its lists and objects are in the memory of the event.
func (d *decoder) value(depth int) (Value, bool) {
	if d.pos >= len(d.src) || depth > maxDepth {
		return Value{}, false
	}
	switch c := d.src[d.pos]; c {
	case '"':
		s, ok := d.str()
		return Str(s), ok
	case '{':
		return d.members(depth)
	case '[':
		return d.list(depth)
	case 't':
		return Truth(true), d.word("true")
	case 'f':
		return Truth(false), d.word("false")
	case 'n':
		return Nil(), d.word("null")
	default:
		return d.number()
	}
}

// members reads an object as a value. Its members wait on the event's stack until their number is known.
func (d *decoder) members(depth int) (Value, bool) {
	d.pos++
	if d.eat('}') {
		return Value{kind: Object}, true
	}
	base := len(d.e.dec.stack)
	for {
		key, ok := d.key()
		if !ok {
			return Value{}, false
		}
		v, ok := d.value(depth + 1)
		if !ok {
			return Value{}, false
		}
		d.e.dec.stack = append(d.e.dec.stack, Str(key), v)
		if d.eat(',') {
			continue
		}
		return listOf(Object, d.pop(base)), d.eat('}')
	}
}

// list reads a list, in the way of members.
func (d *decoder) list(depth int) (Value, bool) {
	d.pos++
	if d.eat(']') {
		return Value{kind: List}, true
	}
	base := len(d.e.dec.stack)
	for {
		d.space()
		v, ok := d.value(depth + 1)
		if !ok {
			return Value{}, false
		}
		d.e.dec.stack = append(d.e.dec.stack, v)
		if d.eat(',') {
			continue
		}
		return listOf(List, d.pop(base)), d.eat(']')
	}
}

// pop moves what lies on the stack above base into the memory of the event.
func (d *decoder) pop(base int) []Value {
	list := d.e.mem.copy(d.e.dec.stack[base:])
	clear(d.e.dec.stack[base:])
	d.e.dec.stack = d.e.dec.stack[:base]
	return list
}

// word takes w, if it is next.
func (d *decoder) word(w string) bool {
	if len(d.src)-d.pos < len(w) || d.src[d.pos:d.pos+len(w)] != w {
		return false
	}
	d.pos += len(w)
	return true
}

// number reads a number (RFC 8259, section 6: no leading zeros, no plus sign, digits on both sides of the point). One that neither an int64 nor a float64 can hold is kept as its text.
func (d *decoder) number() (Value, bool) {
	start, whole := d.pos, true
	if d.pos < len(d.src) && d.src[d.pos] == '-' {
		d.pos++
	}
	if first := d.pos; !d.digits() || d.src[first] == '0' && d.pos-first > 1 {
		return Value{}, false
	}
	if d.pos < len(d.src) && d.src[d.pos] == '.' {
		d.pos++
		if whole = false; !d.digits() {
			return Value{}, false
		}
	}
	if d.pos < len(d.src) && d.src[d.pos]|0x20 == 'e' {
		d.pos++
		if d.pos < len(d.src) && (d.src[d.pos] == '+' || d.src[d.pos] == '-') {
			d.pos++
		}
		if whole = false; !d.digits() {
			return Value{}, false
		}
	}
	text := d.src[start:d.pos]
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return Num(n), true
		}
		return Str(text), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Str(text), true
	}
	return Real(f), true
}

// digits reads one digit or more.
func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.src) && d.src[d.pos] >= '0' && d.src[d.pos] <= '9' {
		d.pos++
	}
	return d.pos > start
}

// str reads a string whose opening quote is next.
func (d *decoder) str() (string, bool) {
	if d.pos >= len(d.src) || d.src[d.pos] != '"' {
		return "", false
	}
	d.pos++
	start := d.pos
	for {
		d.pos += plainLen(d.src[d.pos:])
		if d.pos == len(d.src) {
			return "", false
		}
		switch c := d.src[d.pos]; {
		case c == '"':
			d.pos++
			return d.src[start : d.pos-1], true
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", false
		}
		d.pos++ // part of a character outside ASCII
	}
}

// Sizes of the memory for texts with escapes. A text longer than textRoom may move while it grows.
const (
	textBlock = 16 << 10
	textRoom  = 4 << 10
)

// escaped reads on from the first backslash of a string that began at start.
func (d *decoder) escaped(start int) (string, bool) {
	s := &d.e.dec
	if cap(s.texts)-len(s.texts) < textRoom {
		s.texts = make([]byte, 0, textBlock)
	}
	room := s.texts[len(s.texts):]
	out := append(room, d.src[start:d.pos]...)
	for d.pos < len(d.src) {
		c := d.src[d.pos]
		d.pos++
		switch {
		case c == '"':
			if cap(out) == cap(room) { // it has not moved
				s.texts = s.texts[:len(s.texts)+len(out)]
				out = slices.Clip(out)
			}
			return unsafe.String(unsafe.SliceData(out), len(out)), true
		case c < ' ':
			return "", false
		case c != '\\':
			d.pos--
			n := max(plainLen(d.src[d.pos:]), 1)
			out = append(out, d.src[d.pos:d.pos+n]...)
			d.pos += n
			continue
		}
		if d.pos >= len(d.src) {
			return "", false
		}
		c = d.src[d.pos]
		d.pos++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := d.hex4()
			if !ok {
				return "", false
			}
			if utf16.IsSurrogate(r) {
				r = d.surrogate(r)
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", false
		}
	}
	return "", false
}

// surrogate reads the second half of a pair, if it is next. A half alone is U+FFFD, and what follows it is read as if it
// stood alone: RFC 8259, section 8.2, leaves open what such a text means.
func (d *decoder) surrogate(high rune) rune {
	at := d.pos
	if d.word(`\u`) {
		if low, ok := d.hex4(); ok {
			if full := utf16.DecodeRune(high, low); full != utf8.RuneError {
				return full
			}
		}
	}
	d.pos = at
	return utf8.RuneError
}

// hex4 reads the four digits of an escape.
func (d *decoder) hex4() (rune, bool) {
	if len(d.src)-d.pos < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(d.src[d.pos:d.pos+4], 16, 16)
	d.pos += 4
	return rune(n), err == nil
}
