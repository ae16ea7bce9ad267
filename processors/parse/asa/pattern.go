package asa

import (
	"fmt"
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// A pattern is the text of a message with holes, compiled once into a small program:
//
//	{name}        a capture; name is a slot below, or the path of a field that takes the text as it is
//	{name:class}  a capture of another class than the slot's own
//	[ ... ]       may be missing
//	{=a|b|c}      one of several texts
//	\             takes the meaning from the next character
//	$             the end of the message, but for blanks and full stops
//
// A blank matches one or more blanks, and letters match in either case: both differ between releases. Text after the
// end of a pattern is allowed, unless it ends with $.

// class says which text a capture takes.
type class uint8

// The classes.
const (
	classText      class = iota // as little as lets the rest match; may not be empty
	classPlain                  // the same, but does not begin with a parenthesis
	classWord                   // up to a blank
	classInterface              // up to a blank, a colon or a slash
	classAddress                // an address or a name
	classIP                     // as little as is an address and lets the rest match
	classInt                    // digits
	classTime                   // 0:01:07, 1h:02m:03s, 2d 3h:...
	classParen                  // up to the parenthesis that closes the one before it
	classIdentity               // the same, for who is behind an address; "type 8, code 0" is nobody
	classRest                   // to the end of the message
	classMark                   // the same, but what follows is matched against that text too
)

// classNames are the letters by which patterns name classes.
var classNames = map[string]class{"t": classText, "x": classPlain, "w": classWord, "i": classInterface, "a": classAddress, "ip": classIP, "n": classInt, "d": classTime, "p": classParen, "r": classRest, "m": classMark}

// opcode is what an instruction does.
type opcode uint8

// The instructions.
const (
	opText  opcode = iota // text must come next
	opTake                // capture slot with class
	opSplit               // go on with the next instruction; if that fails, at x
	opJump                // go on at x
	opEnd                 // only blanks and full stops are left
	opDone
)

// instr is one instruction. A program is a list of them; the next one follows unless the instruction says otherwise.
type instr struct {
	op    opcode
	class class
	stop  byte   // classText: the first byte of the text after the capture, 0 if it is not known
	slot  uint8  // number of the capture within its pattern
	x     uint16 // opSplit, opJump
	text  string // opText, lower case
}

// capture is one hole of a pattern: a slot that the code knows, or a field.
type capture struct {
	slot  slot
	field event.Field
}

// Limits of patterns and matches.
const (
	maxCaptures = 32
	// maxSteps bounds the backtracking of one match, so that no message can keep a worker busy. Going over that many
	// bytes counts as a step too.
	maxSteps  = 4000
	stepBytes = 32
	// maxAddress bounds an address or a name; the longest name of a host has 253 bytes.
	maxAddress = 256
)

// pattern is a compiled pattern. It is immutable and shared by all goroutines.
type pattern struct {
	code     []instr
	captures []capture
}

// compiler is the state of compile.
type compiler struct {
	src  string
	pos  int
	code []instr
	caps []capture
}

// compile turns a pattern's text into its program. Patterns are constants of this package: an error is a mistake in a
// table, found by the tests.
func compile(src string) (*pattern, error) {
	c := compiler{src: src}
	if err := c.sequence(0); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", src, err)
	}
	c.emit(instr{op: opDone})
	for i := range c.code {
		if c.code[i].op == opTake {
			c.code[i].stop = c.stopAfter(i + 1)
		}
	}
	return &pattern{c.code, c.caps}, nil
}

// emit appends an instruction and returns its place.
func (c *compiler) emit(in instr) int {
	c.code = append(c.code, in)
	return len(c.code) - 1
}

// sequence compiles up to the byte end, which it leaves, or to the end of the pattern for 0.
func (c *compiler) sequence(end byte) error {
	var text []byte
	flush := func() {
		if len(text) > 0 {
			c.emit(instr{op: opText, text: strings.ToLower(string(text))})
			text = text[:0]
		}
	}
	for c.pos < len(c.src) {
		ch := c.src[c.pos]
		if ch == end && end != 0 {
			break
		}
		var err error
		switch ch {
		case '\\':
			if c.pos++; c.pos < len(c.src) {
				text = append(text, c.src[c.pos])
			}
			c.pos++
			continue
		case '{':
			flush()
			err = c.hole()
		case '[':
			flush()
			err = c.optional()
		case '$':
			flush()
			c.pos++
			c.emit(instr{op: opEnd})
		default:
			text = append(text, ch)
			c.pos++
		}
		if err != nil {
			return err
		}
	}
	flush()
	return nil
}

// hole compiles a capture, or alternatives.
func (c *compiler) hole() error {
	end := strings.IndexByte(c.src[c.pos:], '}')
	if end < 0 {
		return fmt.Errorf("{ at byte %d is not closed", c.pos+1)
	}
	inside := c.src[c.pos+1 : c.pos+end]
	c.pos += end + 1
	if texts, ok := strings.CutPrefix(inside, "="); ok {
		c.alternatives(strings.Split(texts, "|"))
		return nil
	}
	name, className, given := strings.Cut(inside, ":")
	entry := capture{slot: slotField}
	cls := classText
	if s, ok := slots[name]; ok {
		entry.slot, cls = s.slot, s.class
	} else if f, ok := event.Lookup(name); ok {
		entry.field = f
	} else {
		return fmt.Errorf("%s is neither a slot nor a field", name)
	}
	if given {
		var ok bool
		if cls, ok = classNames[className]; !ok {
			return fmt.Errorf("class %s is unknown", className)
		}
	}
	if len(c.caps) == maxCaptures {
		return fmt.Errorf("more than %d captures", maxCaptures)
	}
	c.emit(instr{op: opTake, class: cls, slot: uint8(len(c.caps))})
	c.caps = append(c.caps, entry)
	return nil
}

// optional compiles what stands in brackets: a choice between it and nothing, it first.
func (c *compiler) optional() error {
	c.pos++
	split := c.emit(instr{op: opSplit})
	if err := c.sequence(']'); err != nil {
		return err
	}
	if c.pos == len(c.src) {
		return fmt.Errorf("[ is not closed")
	}
	c.pos++
	c.code[split].x = uint16(len(c.code))
	return nil
}

// alternatives compiles the texts of {=a|b|c}: a choice each, but for the last.
func (c *compiler) alternatives(texts []string) {
	var jumps []int
	for i, text := range texts {
		split := -1
		if i < len(texts)-1 {
			split = c.emit(instr{op: opSplit})
		}
		if text != "" {
			c.emit(instr{op: opText, text: strings.ToLower(text)})
		}
		if split >= 0 {
			jumps = append(jumps, c.emit(instr{op: opJump}))
			c.code[split].x = uint16(len(c.code))
		}
	}
	for _, j := range jumps {
		c.code[j].x = uint16(len(c.code))
	}
}

// stopAfter returns the byte that must follow a capture whose next instruction is i, or 0.
func (c *compiler) stopAfter(i int) byte {
	if in := c.code[i]; in.op == opText && (in.text[0] < 'a' || in.text[0] > 'z') {
		return in.text[0]
	}
	return 0
}

// span is the place of a capture in the message.
type span struct{ from, to int32 }

// matcher is the state of one match. It lives on the stack of the caller.
type matcher struct {
	code  []instr
	msg   string
	set   uint32 // captures that took part
	steps int
	spans [maxCaptures]span
}

// run matches the program from pc on at msg[pos:].
func (m *matcher) run(pc, pos int) bool {
	for m.steps++; m.steps < maxSteps; m.steps++ {
		in := &m.code[pc]
		switch in.op {
		case opText:
			end := matchText(m.msg, pos, in.text)
			if end < 0 {
				return false
			}
			m.steps += (end - pos) / stepBytes
			pos, pc = end, pc+1
		case opTake:
			switch in.class {
			case classText, classPlain, classIP:
				return m.lazy(pc, pos)
			}
			end := take(m.msg, pos, in.class)
			if end <= pos {
				return false
			}
			m.steps += (end - pos) / stepBytes
			m.keep(in.slot, pos, end)
			if in.class != classMark {
				pos = end
			}
			pc++
		case opSplit:
			set := m.set
			if m.run(pc+1, pos) {
				return true
			}
			m.set, pc = set, int(in.x)
		case opJump:
			pc = int(in.x)
		case opEnd:
			if !ended(m.msg, pos) {
				return false
			}
			pc++
		case opDone:
			return true
		}
	}
	return false
}

// ended tells whether nothing but blanks and the end of a sentence is left.
func ended(msg string, pos int) bool {
	for ; pos < len(msg); pos++ {
		switch msg[pos] {
		case ' ', '.', '\r', '\n', '\t', '"':
		default:
			return false
		}
	}
	return true
}

// keep notes what a capture took. A choice that fails later takes the note back through set.
func (m *matcher) keep(slot uint8, from, to int) {
	m.spans[slot] = span{int32(from), int32(to)}
	m.set |= 1 << slot
}

// lazy tries longer and longer captures until the rest of the program matches.
func (m *matcher) lazy(pc, pos int) bool {
	in := &m.code[pc]
	if in.class == classPlain && pos < len(m.msg) && m.msg[pos] == '(' {
		return false
	}
	set := m.set
	for end := pos + 1; end <= len(m.msg); end++ {
		if in.stop != 0 {
			next := strings.IndexByte(m.msg[end:], in.stop)
			if next < 0 {
				return false
			}
			m.steps += next / stepBytes
			end += next
		}
		if in.class == classIP {
			if _, _, ok := ends.ParseIP(m.msg[pos:end]); !ok {
				if end-pos > 64 {
					return false
				}
				continue
			}
		}
		m.set = set
		m.keep(in.slot, pos, end)
		if m.run(pc+1, end) {
			return true
		}
		if m.steps >= maxSteps {
			return false
		}
	}
	return false
}

// matchText returns the position after text, which is in lower case, or -1.
func matchText(msg string, pos int, text string) int {
	for i := 0; i < len(text); i++ {
		if pos >= len(msg) {
			return -1
		}
		c := msg[pos]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != text[i] {
			return -1
		}
		pos++
		if c == ' ' {
			for pos < len(msg) && msg[pos] == ' ' {
				pos++
			}
		}
	}
	return pos
}

// take returns the end of the text that a class takes at pos, pos if it takes none.
func take(msg string, pos int, cls class) int {
	end := pos
	switch cls {
	case classWord:
		for end < len(msg) && msg[end] != ' ' {
			end++
		}
	case classInterface:
		for end < len(msg) && msg[end] != ' ' && msg[end] != ':' && msg[end] != '/' {
			end++
		}
	case classInt:
		for end < len(msg) && msg[end] >= '0' && msg[end] <= '9' {
			end++
		}
	case classRest, classMark:
		end = pos + len(strings.TrimRight(msg[pos:], " \r\n\t"))
	case classAddress:
		return takeAddress(msg, pos)
	case classTime:
		for end < len(msg) && isTime(msg, end) {
			end++
		}
	case classParen, classIdentity:
		if cls == classIdentity && strings.HasPrefix(msg[pos:], "type ") {
			return pos
		}
		for depth := 0; end < len(msg); end++ {
			switch msg[end] {
			case '(':
				depth++
			case ')':
				if depth == 0 {
					return end
				}
				depth--
			}
		}
	}
	return end
}

// isTime tells whether a duration may go on with msg[i].
func isTime(msg string, i int) bool {
	switch c := msg[i]; {
	case c >= '0' && c <= '9', c == ':', c == 'd', c == 'h', c == 'm', c == 's':
		return true
	case c == ' ': // between days and hours
		return i > 0 && msg[i-1] == 'd' && i+1 < len(msg) && msg[i+1] >= '0' && msg[i+1] <= '9'
	}
	return false
}

// takeAddress takes an address or a name. Colons and full stops at its end are the sentence's, unless it is an
// address with them (2001:db8::).
func takeAddress(msg string, pos int) int {
	end := pos
	for end < len(msg) && end-pos < maxAddress && isAddress[msg[end]] {
		end++
	}
	if end > pos && (msg[end-1] == ':' || msg[end-1] == '.') {
		if _, _, ok := ends.ParseIP(msg[pos:end]); !ok {
			end = pos + len(strings.TrimRight(msg[pos:end], ":."))
		}
	}
	return end
}

// isAddress has the bytes of addresses and names: letters, digits, and any byte outside ASCII.
var isAddress = func() (ok [256]bool) {
	for c := range ok {
		ch := byte(c)
		ok[c] = ch >= '0' && ch <= '9' || ch|0x20 >= 'a' && ch|0x20 <= 'z' || strings.IndexByte("._:-%*", ch) >= 0 || ch >= 0x80
	}
	return ok
}()
