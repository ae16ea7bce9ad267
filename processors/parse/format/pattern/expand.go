package pattern

import (
	"errors"
	"regexp/syntax"
	"strconv"
	"strings"
)

const (
	// maxExpanded bounds the text of a pattern with all names put in: a name that uses another twice, ten levels deep,
	// is a thousand of them.
	maxExpanded = 64 << 10
	// maxDepth bounds names within names, and so ends a name that uses itself.
	maxDepth = 32
	// maxSteps bounds the machine that the pattern becomes, in instructions of 40 bytes. RE2 needs no exponential time,
	// but a long text in {1000} would write a million instructions.
	maxSteps = 100_000
)

// expander writes a grok pattern out as one of RE2, in which only groups with a name capture.
type expander struct {
	defs     map[string]string
	out      strings.Builder
	captures []Capture
	// Set while a name's own pattern is written, whose columns the reader does not see: the column of its %{ in src.
	depth, column int
	src           string
}

// pattern writes src out.
func (x *expander) pattern(src string) error {
	x.src = src
	return x.write(src)
}

// fail makes an error of byte i of the text that is being written.
func (x *expander) fail(i int, why string) error {
	column := i + 1
	// Inside of a name the reader sees only where the name stands.
	if x.depth > 0 {
		column = x.column
	}
	return &Error{Pattern: x.src, Column: column, Why: why}
}

// write writes one text, the pattern itself or that of a name.
func (x *expander) write(s string) error {
	for i := 0; i < len(s); {
		if x.out.Len() > maxExpanded {
			return x.fail(i, "the pattern is more than "+strconv.Itoa(maxExpanded)+" letters with its names written out")
		}
		n, err := x.piece(s, i)
		if err != nil {
			return err
		}
		i += n
	}
	return nil
}

// piece writes what begins at s[i] and returns its length.
func (x *expander) piece(s string, i int) (int, error) {
	rest := s[i:]
	switch {
	case rest[0] == '\\' && len(rest) > 1:
		x.out.WriteString(rest[:2])
		return 2, nil
	case rest[0] == '[':
		n := class(rest)
		x.out.WriteString(rest[:n])
		return n, nil
	// Inside of a class and behind a backslash %{ is no name.
	case strings.HasPrefix(rest, "%{"):
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return 0, x.fail(i, "%{ without its }")
		}
		return end + 1, x.reference(rest[2:end], i)
	case rest[0] == '(':
		return x.group(s, i)
	}
	x.out.WriteByte(rest[0])
	return 1, nil
}

// class returns the length of the [class] that s begins with. A ] at its start is a member, and so is one in [:alnum:].
func class(s string) int {
	i := 1
	if i < len(s) && s[i] == '^' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for i < len(s) {
		switch {
		case s[i] == ']':
			return i + 1
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "[:"):
			if end := strings.Index(s[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
		i++
	}
	return len(s)
}

// group writes what begins with a parenthesis.
func (x *expander) group(s string, i int) (int, error) {
	rest := s[i:]
	switch {
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") ||
		strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		return 0, x.fail(i, "looking ahead or behind is not known: a pattern is matched in one pass")
	case strings.HasPrefix(rest, "(?>"): // no way back into it: needless where there is no way back at all
		x.out.WriteString("(?:")
		return 3, nil
	}
	open := 0
	switch {
	case strings.HasPrefix(rest, "(?<"):
		open = 3
	case strings.HasPrefix(rest, "(?P<"):
		open = 4
	case strings.HasPrefix(rest, "(?"):
		x.out.WriteString("(?")
		return 2, nil
	default:
		x.out.WriteString("(?:")
		return 1, nil
	}
	end := strings.IndexByte(rest, '>')
	if end <= open {
		return 0, x.fail(i, "a group without its name: (?<place>...)")
	}
	x.capture(rest[open:end])
	return end + 1, nil
}

// capture opens a group for a place, place:type or [a][b].
func (x *expander) capture(place string) {
	// Only a known type is one: a colon may be part of a quoted key.
	c := Capture{Name: place}
	if i := strings.LastIndexByte(place, ':'); i >= 0 {
		switch place[i+1:] {
		case "int", "long", "float", "boolean", "ip", "string":
			c.Name, c.Type = place[:i], place[i+1:]
		}
	}
	if c.Type == "string" {
		c.Type = ""
	}
	if strings.HasPrefix(c.Name, "[") && strings.HasSuffix(c.Name, "]") {
		c.Name = strings.ReplaceAll(c.Name[1:len(c.Name)-1], "][", ".")
	}
	x.captures = append(x.captures, c)
	x.out.WriteByte('(')
}

// reference writes the pattern that %{ref} stands for.
func (x *expander) reference(ref string, at int) error {
	name, place, captures := strings.Cut(ref, ":")
	// Own patterns win, so that a library that grows changes no format.
	def, ok := x.defs[name]
	if !ok {
		def, ok = library[name]
	}
	if !ok {
		return x.fail(at, "no pattern is called "+name)
	}
	if x.depth == 0 {
		x.column = at + 1
	}
	if x.depth >= maxDepth {
		return x.fail(at, "the pattern "+name+" uses itself")
	}
	// %{NAME:} captures nothing, like %{NAME}.
	if captures && place != "" {
		x.capture(place)
	} else {
		x.out.WriteString("(?:")
	}
	x.depth++
	err := x.write(def)
	x.depth--
	x.out.WriteByte(')')
	return err
}

// bounded refuses a pattern that is no pattern, and one whose machine would take too much memory.
func bounded(src, expanded string) error {
	tree, err := syntax.Parse(expanded, syntax.Perl)
	if err != nil {
		return locate(src, err)
	}
	if steps(tree) > maxSteps {
		return &Error{Pattern: src, Column: 1, Why: "the repetitions of the pattern need more than " +
			strconv.Itoa(maxSteps) + " steps"}
	}
	return nil
}

// steps estimates the instructions of a tree, and stops counting where there are too many.
func steps(t *syntax.Regexp) int {
	// A class costs about one instruction for each four of its ranges.
	n := 1
	switch t.Op {
	case syntax.OpLiteral:
		n = len(t.Rune)
	case syntax.OpCharClass:
		n = 1 + len(t.Rune)/4
	}
	for _, sub := range t.Sub {
		n += steps(sub)
	}
	if t.Op == syntax.OpRepeat {
		n *= max(t.Min, t.Max, 1)
	}
	return min(n, maxSteps+1)
}

// locate makes an Error of one of the regexp packages. They tell the piece that is wrong, which stands in the pattern
// unless it came out of a name.
func locate(src string, err error) error {
	e := &Error{Pattern: src, Column: 1, Why: err.Error()}
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		e.Why = wrong.Code.String() + ": " + wrong.Expr
		if i := strings.Index(src, wrong.Expr); i >= 0 && wrong.Expr != "" {
			e.Column = i + 1
		}
	}
	return e
}
