package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Node is one condition of a parsed query: *And, *Or, *Not, *Term, *Range, *Exists, *Nested or *All. Trees are
// immutable; whoever plans from one must not change it. The tree says what was asked and nothing of how it is answered:
// the predicate is compiled from it, the archive plans columns and row groups from it, Elasticsearch gets its own query
// from it. There is a node for what those must tell apart and for nothing else: a group of values is an Or or an And of
// terms.
type Node interface {
	// appendTo writes the node as KQL; prec is how closely the text around it binds.
	appendTo(b *strings.Builder, prec int)
}

// And is true when all its nodes are. It has at least two.
type And struct{ Nodes []Node }

// Or is true when any of its nodes is. It has at least two.
type Or struct{ Nodes []Node }

// Not is true when its node is not.
type Not struct{ Node Node }

// All is true for every event.
type All struct{}

// Exists is true when the field has a value.
type Exists struct{ Field Lit }

// Term compares the values of a field with one value. An empty field means free text.
type Term struct{ Field, Value Lit }

// Range compares the values of a field by order. Op is one of > >= < <=.
type Range struct {
	Field Lit
	Op    string
	Value Lit
	moment
}

// Nested is true when one object below the field fulfils the condition, whose fields are named from that object on.
type Nested struct {
	Field Lit
	Node  Node
}

// Lit is a name or a value as it was meant: escapes are resolved.
//
// Text alone is not enough: an escaped star and one that stands for anything have the same text. Parts tells them apart.
type Lit struct {
	Text   string   // stars that stand for any run of characters included
	Parts  []string // the texts around such stars; nil when there is none
	Quoted bool
	Col    int // where it stands in the query, in runes from 1
}

// Wild tells whether the literal has a star that stands for any run of characters.
func (l Lit) Wild() bool { return l.Parts != nil }

// Source writes the literal so that it is read back as it is, as a name or as a value.
func (l Lit) Source() string {
	var b strings.Builder
	l.appendTo(&b, true)
	return b.String()
}

// Match tells whether s is the literal, or fits it where it has stars.
func (l Lit) Match(s string) bool {
	if l.Parts == nil {
		return s == l.Text
	}
	return globMatch(l.Parts, s)
}

// any tells whether the literal is nothing but stars.
func (l Lit) any() bool {
	return l.Parts != nil && strings.Trim(l.Text, "*") == "" && !strings.Contains(strings.Join(l.Parts, ""), "*")
}

// globMatch tells whether s is the parts with anything between them.
// The first and last part are fixed to the ends, those between are taken where they come first: no way back is ever
// needed, so the time is bounded by the length of s times the number of parts.
func globMatch(parts []string, s string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return true
}

// How closely operators bind, loosest first.
const (
	precOr = iota
	precAnd
	precNot
)

// group writes nodes with a word between them, in parentheses where the text around binds closer.
func group(b *strings.Builder, nodes []Node, word string, prec, around int) {
	if around > prec {
		b.WriteByte('(')
	}
	for i, n := range nodes {
		if i > 0 {
			b.WriteString(word)
		}
		n.appendTo(b, prec+1)
	}
	if around > prec {
		b.WriteByte(')')
	}
}

func (n *And) appendTo(b *strings.Builder, prec int) { group(b, n.Nodes, " and ", precAnd, prec) }
func (n *Or) appendTo(b *strings.Builder, prec int)  { group(b, n.Nodes, " or ", precOr, prec) }

// A not binds closest, so what it negates is put in parentheses if it has operators.
func (n *Not) appendTo(b *strings.Builder, _ int) {
	b.WriteString("not ")
	n.Node.appendTo(b, precNot)
}

func (n *All) appendTo(b *strings.Builder, _ int) { b.WriteString("*:*") }

// A star alone after a field is presence, never a pattern: any value at all, also an empty text.
func (n *Exists) appendTo(b *strings.Builder, _ int) {
	n.Field.appendTo(b, true)
	b.WriteString(": *")
}

// Free text has no field and no colon.
func (n *Term) appendTo(b *strings.Builder, _ int) {
	if n.Field.Text != "" {
		n.Field.appendTo(b, true)
		b.WriteString(": ")
	}
	n.Value.appendTo(b, false)
}

func (r *Range) appendTo(b *strings.Builder, _ int) {
	r.Field.appendTo(b, true)
	b.WriteString(" " + r.Op + " ")
	r.Value.appendTo(b, false)
}

// Inside braces operators start anew: nothing around them can bind to what is in them.
func (n *Nested) appendTo(b *strings.Builder, _ int) {
	n.Field.appendTo(b, true)
	b.WriteString(": {")
	n.Node.appendTo(b, precOr)
	b.WriteByte('}')
}

// appendTo writes the literal so that it is read back as it is. name: blanks would end a field's name.
func (l Lit) appendTo(b *strings.Builder, name bool) {
	if l.Quoted || l.Parts == nil && l.Text == "" {
		b.WriteByte('"')
		for i := 0; i < len(l.Text); i++ {
			appendQuotedByte(b, l.Text[i])
		}
		b.WriteByte('"')
		return
	}
	parts := l.Parts
	if parts == nil {
		parts = []string{l.Text}
	}
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('*')
		}
		appendBare(b, p, name, i == 0, i == len(parts)-1)
	}
}

// appendQuotedByte escapes what ends a quote and what would end the line that the query is shown on.
func appendQuotedByte(b *strings.Builder, c byte) {
	switch c {
	case '"', '\\':
		b.WriteByte('\\')
		b.WriteByte(c)
	case '\t':
		b.WriteString(`\t`)
	case '\n':
		b.WriteString(`\n`)
	case '\r':
		b.WriteString(`\r`)
	default:
		b.WriteByte(c)
	}
}

// appendBare writes text outside quotes. Blanks at an end of the literal, and any in a name, are written as \uXXXX,
// which never ends a word; each keyword gets a backslash.
// The test reads everything back that it prints; whoever adds a special character here adds it to isSpecial and to the
// package comment as well.
func appendBare(b *strings.Builder, s string, name, first, last bool) {
	inner := s
	if first {
		inner = strings.TrimLeftFunc(inner, unicode.IsSpace)
	}
	lead := len(s) - len(inner)
	if last {
		inner = strings.TrimRightFunc(inner, unicode.IsSpace)
	}
	trail := lead + len(inner)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsSpace(r) && (name || i < lead || i >= trail || r != ' '):
			const hex = "0123456789abcdef"
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(hex[r>>shift&15])
			}
		case n == 1 && isSpecial(s[i]):
			b.WriteByte('\\')
			b.WriteByte(s[i])
		default:
			if (i == 0 || isBlankBefore(s, i)) && keywordAt(s[i:]) != "" {
				b.WriteByte('\\')
			}
			b.WriteString(s[i : i+n])
		}
		i += n
	}
}

// isBlankBefore tells whether a word begins at byte i: only there a keyword would be read as one.
func isBlankBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsSpace(r)
}

// keywordAt returns the keyword that the first word of s is, "" if it is none.
func keywordAt(s string) string {
	for _, k := range [...]string{"and", "or", "not"} {
		if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
			r, n := utf8.DecodeRuneInString(s[len(k):])
			if n == 0 || unicode.IsSpace(r) || n == 1 && isSpecial(s[len(k)]) {
				return k
			}
		}
	}
	return ""
}

// isSpecial tells whether c ends a word outside quotes unless a backslash is before it.
func isSpecial(c byte) bool {
	switch c {
	case '\\', '(', ')', ':', '<', '>', '"', '*', '{', '}':
		return true
	}
	return false
}
