package pattern

import (
	"slices"
	"strings"
)

// Dissect cuts a text at fixed delimiters. It is immutable and safe for many goroutines.
type Dissect struct {
	// What the text must begin with.
	lead  string
	cuts  []cut
	names []string
}

// cut is one key and the delimiter behind it.
type cut struct {
	// Index of the name, -1 for a part that is skipped.
	out int
	// Behind the part; "" ends the text.
	delimiter string
	// More of the same delimiter may follow: %{name->}.
	padded bool
	// The part goes behind what the name has already: %{+name}.
	adds bool
}

// CompileDissect compiles a pattern such as `%{a} %{b->} [%{+a}] %{}`. The error is an *Error.
func CompileDissect(src string) (*Dissect, error) {
	d := &Dissect{}
	rest := strings.Index(src, "%{")
	if rest < 0 {
		return nil, &Error{Pattern: src, Column: 1, Why: "no %{name} in the pattern"}
	}
	d.lead = src[:rest]
	for rest < len(src) { // src[rest:] begins with %{
		key, end := keyOf(src[rest:])
		if end < 0 {
			return nil, &Error{Pattern: src, Column: rest + 1, Why: "%{ without its }"}
		}
		next := strings.Index(src[rest+end:], "%{")
		c := cut{out: -1}
		if next < 0 {
			next = len(src) - rest - end
		} else if next == 0 { // which text would be whose?
			return nil, &Error{Pattern: src, Column: rest + end + 1, Why: "two names with nothing between them: where the first ends is not said"}
		}
		c.delimiter = src[rest+end : rest+end+next]
		if why := d.name(&c, key); why != "" {
			return nil, &Error{Pattern: src, Column: rest + 1, Why: why}
		}
		d.cuts = append(d.cuts, c)
		rest += end + next
	}
	return d, nil
}

// keyOf returns what is between the braces at the start of s, and how long both are together; end is -1 without a }.
// A } in quotes belongs to the name.
func keyOf(s string) (key string, end int) {
	quoted := false
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '}' && !quoted:
			return s[2:i], i + 1
		}
	}
	if i := strings.IndexByte(s, '}'); i >= 0 { // a lonely quote is a letter
		return s[2:i], i + 1
	}
	return "", -1
}

// name reads the modifiers and the name of a key. It returns why they cannot be, or "".
func (d *Dissect) name(c *cut, key string) (why string) {
	key, c.padded = strings.CutSuffix(key, "->")
	if key == "" || key[0] == '?' {
		return ""
	}
	if key[0] == '*' || key[0] == '&' {
		return "%{*key} and %{&value} are not known here: use a kv step"
	}
	key, c.adds = strings.CutPrefix(key, "+")
	if key == "" {
		return "%{+} without a name"
	}
	known := slices.Index(d.names, key)
	switch {
	case known < 0:
		c.out = len(d.names)
		d.names = append(d.names, key)
	case !c.adds:
		return "the name " + key + " is there already: write %{+" + key + "} to add to it"
	default:
		c.out = known
	}
	return ""
}

// Names returns the names of the pattern, each once, in the order of Match's out.
func (d *Dissect) Names() []string { return d.names }

// Match cuts s and stores the parts by the index of their name in out, which has at least as many items as there are
// names. The parts belong to s; only a name of several parts is a copy. After a delimiter at the very end of the
// pattern anything may follow. If it returns false, out holds nothing that means anything.
func (d *Dissect) Match(s string, out []string) bool {
	rest, ok := strings.CutPrefix(s, d.lead)
	if !ok {
		return false
	}
	// Names that stand twice are added to, so none may have a text of the last line.
	for i := range d.names {
		out[i] = ""
	}
	for i := range d.cuts {
		c := &d.cuts[i]
		// Without a delimiter this is the last part, and takes what is left.
		part := rest
		if c.delimiter != "" {
			at := strings.Index(rest, c.delimiter)
			if at < 0 {
				return false
			}
			part, rest = rest[:at], rest[at+len(c.delimiter):]
		}
		if c.padded {
			for c.delimiter != "" && strings.HasPrefix(rest, c.delimiter) {
				rest = rest[len(c.delimiter):]
			}
		}
		switch {
		case c.out < 0:
		case c.adds && out[c.out] != "" && part != "":
			out[c.out] += " " + part
		case c.adds && part == "":
		default:
			out[c.out] = part
		}
	}
	return true
}
