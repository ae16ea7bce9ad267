package sigma

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/internal/match/tree"
	"weir/internal/nearest"
)

// Bounds of one condition: the parser is recursive, and every word of a condition may bring a search along.
const (
	maxTokens = 5_000
	maxDepth  = 100
)

// token is a word, a bracket or a bar of a condition.
type token struct {
	text string
	// In bytes.
	at int
}

// is tells whether the token is a word of the language of conditions, in any case.
func (t token) is(word string) bool { return strings.EqualFold(t.text, word) }

// parser reads one condition, by recursive descent: or binds least, then and, then not.
type parser struct {
	d      *document
	n      *node
	tokens []token
	next   int
	depth  int
}

// condition reads one condition; nil, with a fault, if it cannot be read.
func (d *document) condition(n *node) *tree.Node {
	p := &parser{d: d, n: n, tokens: tokens(n.text)}
	// Before the first word is read: what follows takes time for each of them.
	if len(p.tokens) > maxTokens {
		d.fail(n, "rule-too-large", "use `1 of name*`, or split the rule", "the condition has more than %d words", maxTokens)
		return nil
	}
	// The whole rest of the line is quoted, since that is what a person has to move into a correlation.
	for i, t := range p.tokens {
		if t.text == "|" || p.counts(i) {
			p.fail(t, "sigma-aggregation", "write it as a correlation: weir rules convert does it", "`%s` counts over several events, and a rule is about one", strings.TrimSpace(n.text[t.at:]))
			return nil
		}
	}
	out := p.or()
	// What is left has no place in the grammar: mostly a word that was forgotten before it.
	if t, ok := p.peek(); ok && !d.f.Refused() {
		if t.text == ")" {
			p.fail(t, "sigma-condition", "remove it, or add a ( before", "this bracket closes nothing")
		} else {
			p.fail(t, "sigma-condition", "join them with `and` or `or`", "`%s` follows without a word that joins it", t.text)
		}
	}
	if d.f.Refused() {
		return nil
	}
	return out
}

// counts tells whether what begins at token i is of the language before correlations, which stands behind a bar, and was
// written without it too.
func (p *parser) counts(i int) bool {
	t := p.tokens[i]
	functions := []string{"count", "min", "max", "avg", "sum"}
	return i+1 < len(p.tokens) && p.tokens[i+1].text == "(" && p.d.names[t.text] == nil && slices.ContainsFunc(functions, t.is)
}

// tokens cuts a condition into words.
func tokens(s string) []token {
	var out []token
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case strings.IndexByte("()|,", c) >= 0:
			out = append(out, token{s[i : i+1], i})
			i++
		default:
			end := strings.IndexAny(s[i:], " \t\r\n()|,")
			if end < 0 {
				end = len(s) - i
			}
			out = append(out, token{s[i : i+end], i})
			i += end
		}
	}
	return out
}

// peek returns the next token, and behind the last one a token of no letters, for a caret at the end of the text.
func (p *parser) peek() (token, bool) {
	if p.next >= len(p.tokens) {
		return token{at: len(p.n.text)}, false
	}
	return p.tokens[p.next], true
}

// take goes past the next token if it is the word.
func (p *parser) take(word string) bool {
	t, ok := p.peek()
	if ok && t.is(word) {
		p.next++
		return true
	}
	return false
}

// fail notes an error at a token.
func (p *parser) fail(t token, code, do, format string, args ...any) {
	p.d.f.Add(place(p.d.f, p.n, t.at), max(utf8.RuneCountInString(t.text), 1), fault.Error{Code: code, What: fmt.Sprintf(format, args...), Do: do})
}

// or reads what binds least. Like all that follow it stops at the first mistake: what comes after one is seldom what it
// seems to be.
func (p *parser) or() *tree.Node {
	kids := []*tree.Node{p.and()}
	for !p.d.f.Refused() && p.take("or") {
		kids = append(kids, p.and())
	}
	return joinAny(kids)
}

// and reads one part of an or.
func (p *parser) and() *tree.Node {
	kids := []*tree.Node{p.not()}
	for !p.d.f.Refused() && p.take("and") {
		kids = append(kids, p.not())
	}
	return joinAll(kids)
}

// not reads one part of an and. It loops over `not not not`, so that a long row of them is no deep recursion.
func (p *parser) not() *tree.Node {
	negative := false
	for p.take("not") {
		negative = !negative
	}
	n := p.primary()
	if !negative {
		return n
	}
	if holds, ok := constant(n); ok {
		return tree.Truth(!holds)
	}
	return tree.NotOf(n)
}

// primary reads brackets, `1 of ...` or the name of a search. It never returns nil.
func (p *parser) primary() *tree.Node {
	t, ok := p.peek()
	if !ok {
		p.fail(t, "sigma-condition", "write the name of a search", "the condition ends where a search is expected")
		return tree.Truth(false)
	}
	p.next++
	switch {
	case t.text == "(":
		return p.brackets(t)
	case t.text == ")" || t.text == "," || t.is("and") || t.is("or") || t.is("of"):
		p.fail(t, "sigma-condition", "write the name of a search before it", "`%s` stands where a search is expected", t.text)
		return tree.Truth(false)
	}
	// A search may be called 1 or all, if nothing else is meant.
	if of, ok := p.peek(); ok && of.is("of") && p.d.names[t.text] == nil {
		p.next++
		return p.some(t)
	}
	return p.name(t)
}

// brackets reads what stands in them. Only here the parser goes deeper.
func (p *parser) brackets(open token) *tree.Node {
	if p.depth++; p.depth > maxDepth {
		p.fail(open, "rule-too-large", "write fewer brackets within brackets", "the condition is nested deeper than %d", maxDepth)
		return tree.Truth(false)
	}
	n := p.or()
	p.depth--
	if !p.d.f.Refused() && !p.take(")") {
		if t, more := p.peek(); more {
			p.fail(t, "sigma-condition", "join them with `and` or `or`", "`%s` follows without a word that joins it", t.text)
		} else {
			p.fail(open, "sigma-condition", "add a )", "this bracket is not closed")
		}
	}
	return n
}

// name reads the name of a search.
func (p *parser) name(t token) *tree.Node {
	d := p.d
	s := d.names[t.text]
	// Other tools take names in any case. Two that differ in case only are found by their exact names first.
	if s == nil {
		for _, other := range d.searches {
			if strings.EqualFold(other.key, t.text) {
				d.f.Add(place(d.f, p.n, t.at), len(t.text), fault.Error{Code: "sigma-condition", What: fmt.Sprintf("`%s` is taken for `%s`", t.text, other.key), Do: "write the name as it is below `detection`", Warn: true})
				s = other
				break
			}
		}
	}
	if s == nil {
		var all []string
		for _, other := range d.searches {
			all = append(all, other.key)
		}
		do := "there are: " + strings.Join(all, ", ")
		if near := nearest.Name(t.text, all); near != "" {
			do = fmt.Sprintf("did you mean `%s`?", near)
		}
		p.fail(t, "sigma-condition", do, "there is no search `%s`", t.text)
		return tree.Truth(false)
	}
	return p.use(t, s)
}

// use returns the tree of a search. A condition may name a search many times, so what it comes to is counted here.
func (p *parser) use(t token, s *search) *tree.Node {
	// The same tree stands in several places and is one in memory; printed it is as often there as it is named.
	s.used = true
	if p.d.values += s.size; p.d.values > maxValues {
		p.fail(t, "rule-too-large", "split the rule, or its searches", "the rule comes to more than %d values", maxValues)
		return tree.Truth(false)
	}
	return s.tree
}
