package xmltree

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/event"
)

// few is the number of members up to which a search beats a map.
const few = 16

// take takes what an element left off the stack, copies it into memory of just its size, and makes the value of an element from what its attributes and children left on the stack from base on.
func (p *parser) take(base int, text string) event.Value {
	own := p.stack[base:]
	if len(own) == 0 {
		return event.Str(text)
	}
	vs := make([]event.Value, 0, len(own)+2)
	// lists holds, for members that came more than once, all their values by the place of the first.
	var lists map[int][]event.Value
	var places map[string]int
	if len(own) > 2*few {
		places = make(map[string]int, len(own)/2)
	}
	if text != "" { // as one member more, so that a child of that name does not hide it
		p.stack = append(p.stack, event.Str(textMember), event.Str(text))
		own = p.stack[base:]
	}
	for i := 0; i < len(own); i += 2 {
		name := own[i].Str()
		// The place of the first of a name is that of all: members stay in their order.
		at := find(vs, places, name)
		if at < 0 {
			if places != nil {
				places[name] = len(vs)
			}
			vs = append(vs, own[i], own[i+1])
			continue
		}
		if lists == nil {
			lists = map[int][]event.Value{}
		}
		if lists[at] == nil {
			lists[at] = append(lists[at], vs[at+1])
		}
		lists[at] = append(lists[at], own[i+1])
	}
	// In any order: each list has a place of its own.
	for at, list := range lists {
		vs[at+1] = event.Items(list...)
	}
	p.stack = p.stack[:base]
	return event.Members(vs...)
}

// find returns the place of the member called name, -1 if there is none.
func find(vs []event.Value, places map[string]int, name string) int {
	if places != nil {
		if at, ok := places[name]; ok {
			return at
		}
		return -1
	}
	for i := 0; i < len(vs); i += 2 {
		if vs[i].Str() == name {
			return i
		}
	}
	return -1
}

// unescape replaces the five entities that need no DTD, and the numeric ones. Others stay as they are.
func unescape(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	// An entity is never shorter than its letter, so this is enough.
	b := make([]byte, 0, len(s))
	for i >= 0 {
		b = append(b, s[:i]...)
		s = s[i:]
		// Without a known name behind it an & is a letter, which much that calls itself XML has.
		n := 1
		// The longest is &#x10FFFF;
		if end := strings.IndexByte(s[:min(len(s), 12)], ';'); end > 0 {
			if r, ok := entity(s[1:end]); ok {
				b = utf8.AppendRune(b, r)
				n = end + 1
			}
		}
		if n == 1 {
			b = append(b, '&')
		}
		s = s[n:]
		i = strings.IndexByte(s, '&')
	}
	return string(append(b, s...))
}

// entity returns the letter that an entity stands for.
func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return 0, false
	}
	base := 10
	if len(digits) > 1 && digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	// Nul and halves of pairs are no letters of XML; they stay as they are written.
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
