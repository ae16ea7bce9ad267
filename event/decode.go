package event

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// maxDepth bounds the nesting of a document that Decode accepts.
const maxDepth = 64

var errJSON = errors.New("not a JSON object")

// Decode reads one JSON object into e, which is reset first. Nested objects become flat paths; keys with dots in them
// mean the same as nested ones. Strings without escapes alias doc, which must stay unchanged until e is reset.
// Text in a date field that is RFC 3339 becomes a Time. The error says at which byte the document is broken; e then
// holds what was read before it.
func (e *Event) Decode(doc []byte) error {
	e.Reset()
	d := decoder{t: load(), e: e, src: unsafe.String(unsafe.SliceData(doc), len(doc))}
	d.path = d.buf[:0]
	d.space()
	if !d.object(0) {
		return d.fail()
	}
	d.space()
	if d.pos != len(d.src) {
		return d.fail()
	}
	return nil
}

// ParseValue reads one JSON value. Strings without escapes alias doc.
func ParseValue(doc []byte) (Value, error) {
	d := decoder{src: unsafe.String(unsafe.SliceData(doc), len(doc))}
	d.space()
	v, ok := d.value(0)
	d.space()
	if !ok || d.pos != len(d.src) {
		return Value{}, d.fail()
	}
	return v, nil
}

type decoder struct {
	t    *table
	e    *Event
	src  string
	pos  int
	path []byte
	buf  [256]byte
}

func (d *decoder) fail() error { return fmt.Errorf("%w: byte %d of %d", errJSON, d.pos+1, len(d.src)) }

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

func (d *decoder) eat(c byte) bool {
	d.space()
	if d.pos < len(d.src) && d.src[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// members reads the members of an object, whose opening brace is next, and calls fn at each value.
func (d *decoder) members(fn func(key string) bool) bool {
	if !d.eat('{') {
		return false
	}
	if d.eat('}') {
		return true
	}
	for {
		d.space()
		key, ok := d.str()
		if !ok || !d.eat(':') {
			return false
		}
		d.space()
		if !fn(key) {
			return false
		}
		if d.eat('}') {
			return true
		}
		if !d.eat(',') {
			return false
		}
	}
}

// object reads an object whose members lie below d.path.
func (d *decoder) object(depth int) bool {
	if depth > maxDepth {
		return false
	}
	return d.members(func(key string) bool {
		n := len(d.path)
		if n > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, key...)
		ok := d.field(depth)
		d.path = d.path[:n]
		return ok
	})
}

// field reads the value at d.path and puts it into the event.
func (d *decoder) field(depth int) bool {
	n := d.t.nodes[string(d.path)]
	open := n != nil && n.isField && !n.children
	if !open && d.pos < len(d.src) && d.src[d.pos] == '{' {
		return d.object(depth + 1)
	}
	v, ok := d.value(depth + 1)
	if !ok {
		return false
	}
	if n != nil && n.isField {
		if d.t.specs[n.field].typ == TypeDate && v.kind == String {
			if tm, err := time.Parse(time.RFC3339Nano, v.str); err == nil {
				v = At(tm)
			}
		}
		d.e.Set(n.field, v)
		return true
	}
	d.e.SetPath(string(d.path), v)
	return true
}

func (d *decoder) value(depth int) (Value, bool) {
	if d.pos >= len(d.src) || depth > maxDepth {
		return Value{}, false
	}
	switch c := d.src[d.pos]; c {
	case '"':
		s, ok := d.str()
		return Str(s), ok
	case '{':
		var kv []Value
		ok := d.members(func(key string) bool {
			v, ok := d.value(depth + 1)
			kv = append(kv, Str(key), v)
			return ok
		})
		return Members(kv...), ok
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

func (d *decoder) list(depth int) (Value, bool) {
	d.pos++
	if d.eat(']') {
		return Items(), true
	}
	items := make([]Value, 0, 4)
	for {
		d.space()
		v, ok := d.value(depth + 1)
		if !ok {
			return Value{}, false
		}
		items = append(items, v)
		if d.eat(']') {
			return Items(items...), true
		}
		if !d.eat(',') {
			return Value{}, false
		}
	}
}

func (d *decoder) word(w string) bool {
	if len(d.src)-d.pos < len(w) || d.src[d.pos:d.pos+len(w)] != w {
		return false
	}
	d.pos += len(w)
	return true
}

func (d *decoder) number() (Value, bool) {
	start, whole := d.pos, true
	for ; d.pos < len(d.src); d.pos++ {
		switch c := d.src[d.pos]; {
		case c >= '0' && c <= '9', c == '-' && d.pos == start:
			continue
		case c == '.', c == 'e', c == 'E', c == '+', c == '-':
			whole = false
			continue
		}
		break
	}
	text := d.src[start:d.pos]
	if !validNumber(text) {
		return Value{}, false
	}
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return Num(n), true
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return Value{}, false
	}
	if math.IsInf(f, 0) {
		return Str(text), true // a number that no float holds stays readable as text
	}
	return Real(f), true
}

// validNumber tells whether s is a number by the grammar of RFC 8259 section 6.
func validNumber(s string) bool {
	i := 0
	digits := func() bool {
		n := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > n
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	zero := i
	if !digits() || (s[zero] == '0' && i > zero+1) {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(s)
}

// str reads a string whose opening quote is next.
func (d *decoder) str() (string, bool) {
	if d.pos >= len(d.src) || d.src[d.pos] != '"' {
		return "", false
	}
	d.pos++
	start := d.pos
	for d.pos < len(d.src) {
		switch c := d.src[d.pos]; {
		case c == '"':
			d.pos++
			return d.src[start : d.pos-1], true
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", false
		}
		d.pos++
	}
	return "", false
}

// escaped reads on from the first backslash of a string that began at start.
func (d *decoder) escaped(start int) (string, bool) {
	out := append(make([]byte, 0, 2*(d.pos-start)+32), d.src[start:d.pos]...)
	for d.pos < len(d.src) {
		c := d.src[d.pos]
		d.pos++
		switch {
		case c == '"':
			return string(out), true
		case c < ' ':
			return "", false
		case c != '\\':
			out = append(out, c)
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
			if utf16.IsSurrogate(r) && d.word(`\u`) {
				low, ok := d.hex4()
				if !ok {
					return "", false
				}
				if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
					r = full
				} else { // a lone surrogate, then another character
					out = utf8.AppendRune(out, utf8.RuneError)
					r = low
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", false
		}
	}
	return "", false
}

func (d *decoder) hex4() (rune, bool) {
	if len(d.src)-d.pos < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(d.src[d.pos:d.pos+4], 16, 16)
	d.pos += 4
	return rune(n), err == nil
}
