package tree

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// String prints the tree as an expression that match.Compile turns into the same tree again (see [Node.Flat]).
func (n *Node) String() string {
	var p printer
	p.node(n, 0)
	return p.b.String()
}

// String prints the test as String of a leaf does, without brackets around it.
func (t *Test) String() string {
	var p printer
	p.test(t, 0)
	return p.b.String()
}

// The levels of what is being printed: a part of a lower level needs brackets within one of a higher level.
const (
	levelOr = iota
	levelAnd
	levelNot
)

type printer struct{ b strings.Builder }

// node prints a node that stands within something of the given level.
func (p *printer) node(n *Node, within int) {
	switch n.Op {
	case Leaf:
		p.test(n.Test, within)
	case Not:
		p.b.WriteString("not (")
		if len(n.Kids) > 0 {
			p.node(n.Kids[0], levelOr)
		}
		p.b.WriteByte(')')
	case And:
		p.chain(n.Kids, "and", levelAnd, within, "true")
	case Or:
		p.chain(n.Kids, "or", levelOr, within, "false")
	}
}

// chain prints kids joined by a word; one kid alone is no chain, and none is a constant.
func (p *printer) chain(kids []*Node, word string, level, within int, none string) {
	switch len(kids) {
	case 0:
		p.b.WriteString(none)
		return
	case 1:
		p.node(kids[0], within)
		return
	}
	p.brackets(within > level, func() {
		for i, k := range kids {
			if i > 0 {
				p.b.WriteString(" " + word + " ")
			}
			p.node(k, level)
		}
	})
}

func (p *printer) brackets(need bool, inner func()) {
	if need {
		p.b.WriteByte('(')
		defer p.b.WriteByte(')')
	}
	inner()
}

// The functions and operators by which kinds are printed.
var (
	foldNames   = map[kind.Kind]string{kind.Equal: "ieq", kind.Contains: "icontains", kind.StartsWith: "istartswith", kind.EndsWith: "iendswith", kind.Glob: "iglob"}
	plainNames  = map[kind.Kind]string{kind.Glob: "glob", kind.Regex: "re", kind.CIDR: "cidr", kind.InList: "in_list"}
	operators   = map[kind.Kind]string{kind.Contains: "contains", kind.StartsWith: "startsWith", kind.EndsWith: "endsWith", kind.Regex: "matches"}
	comparisons = map[kind.Kind]string{kind.Less: "<", kind.LessEqual: "<=", kind.Greater: ">", kind.GreaterEqual: ">="}
)

// test prints a leaf.
func (p *printer) test(t *Test, within int) {
	field := Path(t.Field)
	switch t.Kind {
	case kind.Constant:
		p.b.WriteString(strconv.FormatBool(len(t.Values) > 0))
	case kind.Exists:
		p.b.WriteString("exists(" + field + ")")
	case kind.Absent:
		p.b.WriteString("absent(" + field + ")")
	case kind.Less, kind.LessEqual, kind.Greater, kind.GreaterEqual:
		p.b.WriteString(formed(t.Form, field) + " " + comparisons[t.Kind] + " " + number(t.first()))
	case kind.Code:
		p.brackets(within > levelOr && loose(t.first()), func() { p.b.WriteString(t.first()) })
	default:
		p.texts(t, field, within)
	}
}

// texts prints a leaf that compares with values.
func (p *printer) texts(t *Test, field string, within int) {
	values := len(t.Values)
	switch {
	case t.Kind == kind.Equal && t.Form != form.Plain:
		p.equal(formed(t.Form, field), t.Values, number)
	case t.Other != "":
		p.b.WriteString(foldNames[t.Kind] + "(" + field + ", " + Path(t.Other) + ")")
	case t.Kind == kind.Equal && !t.Fold:
		p.equal(field, t.Values, Quote)
	case values == 0:
		p.b.WriteString("false")
	case t.operator():
		// The operators take one text each.
		p.brackets(within > levelOr && values > 1, func() {
			for i, v := range t.Values {
				if i > 0 {
					p.b.WriteString(" or ")
				}
				p.b.WriteString(field + " " + operators[t.Kind] + " " + Quote(v))
			}
		})
	default:
		name := plainNames[t.Kind]
		if folded, ok := foldNames[t.Kind]; ok && t.Fold {
			name = folded
		}
		p.b.WriteString(name + "(" + field)
		for _, v := range t.Values {
			p.b.WriteString(", " + Quote(v))
		}
		p.b.WriteByte(')')
	}
}

// operator tells whether the test is that of an operator of expr with one text.
func (t *Test) operator() bool {
	if t.Kind == kind.Regex {
		return t.Operator
	}
	return !t.Fold && operators[t.Kind] != ""
}

// equal prints what is one of several constants.
func (p *printer) equal(what string, values []string, print func(string) string) {
	if len(values) == 1 {
		p.b.WriteString(what + " == " + print(values[0]))
		return
	}
	p.b.WriteString(what + " in [")
	for i, v := range values {
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.b.WriteString(print(v))
	}
	p.b.WriteByte(']')
}

// formed prints a field in a form.
func formed(f form.Form, field string) string {
	if f == form.Plain {
		return field
	}
	return f.Name() + "(" + field + ")"
}

func (t *Test) first() string {
	if len(t.Values) == 0 {
		return "false"
	}
	return t.Values[0]
}

// number prints a number in the one way in which Compile hands it back.
func number(s string) string {
	if n, ok := Canonical(s); ok {
		return n
	}
	return Quote(s) // no number: refused where the tree is compiled
}

// Canonical returns the one way in which a number is written in trees; ok is false for what is none.
func Canonical(s string) (n string, ok bool) {
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return "", false // no hexadecimal digits, underscores, infinities
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return strconv.FormatInt(i, 10), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "", false
	}
	// Up to here each whole number is a number of its own as a float.
	if f == float64(int64(f)) && f > -1<<53 && f < 1<<53 {
		return strconv.FormatInt(int64(f), 10), true
	}
	return strconv.FormatFloat(f, 'g', -1, 64), true
}

// loose tells whether an expression needs brackets to stand in a chain: it has an operator outside of all brackets and
// texts that binds less than a comparison does.
func loose(src string) bool {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '"', '\'', '`':
			i = skipText(src, i)
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '?', '|', '&', ';', '/': // a / may begin a comment
			if depth == 0 {
				return true
			}
		default:
			if depth == 0 && (i == 0 || !wordByte(src[i-1])) && looseWord(src[i:]) {
				return true
			}
		}
	}
	return depth != 0
}

// skipText returns the place of the quote that ends the text at i.
func skipText(src string, i int) int {
	for j := i + 1; j < len(src); j++ {
		if src[j] == '\\' && src[i] != '`' {
			j++
		} else if src[j] == src[i] {
			return j
		}
	}
	return len(src)
}

func looseWord(s string) bool {
	n := 0
	for n < len(s) && wordByte(s[n]) {
		n++
	}
	return slices.Contains([]string{"and", "or", "if", "let"}, s[:n])
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf
}

// keywords are words of expr that cannot stand for a field.
var keywords = []string{"not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else", "true", "false", "nil"}

// Path prints the dotted path of a field as expr reads it: labels["a-b"] where a part is no identifier.
func Path(path string) string {
	if path == Any {
		return Any
	}
	first, rest, more := strings.Cut(path, ".")
	if !identifier(first) || first == Any {
		return Any + "[" + Quote(path) + "]"
	}
	if !more {
		return first
	}
	var b strings.Builder
	b.WriteString(first)
	for part := range strings.SplitSeq(rest, ".") {
		if identifier(part) {
			b.WriteString("." + part)
		} else {
			b.WriteString("[" + Quote(part) + "]")
		}
	}
	return b.String()
}

// identifier tells whether expr reads s as a name.
func identifier(s string) bool {
	for i, r := range s {
		if r == utf8.RuneError || r != '_' && r != '$' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && !slices.Contains(keywords, s)
}

// Quote prints a text as a constant of expr, in one line of visible characters. Text that is not UTF-8 becomes a constant
// of bytes, b"...", since expr has no other way to write it.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	if !utf8.ValidString(s) {
		b.WriteByte('b')
		b.WriteByte('"')
		for i := 0; i < len(s); {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 || n > 1 && !unicode.IsPrint(r) {
				for _, c := range []byte(s[i : i+n]) {
					b.WriteString(`\x` + hex(rune(c), 2))
				}
			} else {
				quoteRune(&b, r)
			}
			i += n
		}
		b.WriteByte('"')
		return b.String()
	}
	b.WriteByte('"')
	for _, r := range s {
		quoteRune(&b, r)
	}
	b.WriteByte('"')
	return b.String()
}

// quoteRune writes one character of a constant.
func quoteRune(b *strings.Builder, r rune) {
	switch {
	case r == '"' || r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < 0x80 && !unicode.IsPrint(r):
		b.WriteString(`\x` + hex(r, 2))
	case unicode.IsPrint(r):
		b.WriteRune(r)
	case r < 0x10000:
		b.WriteString(`\u` + hex(r, 4))
	default:
		b.WriteString(`\U` + hex(r, 8))
	}
}

// hex writes r in at least so many digits.
func hex(r rune, digits int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", max(digits-len(s), 0)) + s
}
