package correlation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a correlation: state is kept per group and step, and every word of a text may bring steps along.
const (
	maxSteps   = 16
	maxWords   = 200
	maxDepth   = 32
	maxChoices = 256
)

// Mistake is what is wrong with a text. It is an error that knows its place in the text.
type Mistake struct {
	// In bytes of the text.
	At, Width int
	What, Do  string
	// A name that is there nowhere.
	Unknown bool
}

// Error is what is wrong, in one line.
func (m *Mistake) Error() string { return m.What }

// ParseText reads which steps must be there: names with and, or, not and brackets, and `1 of x*`, `all of x*`, `2 of them`
// over the names that there are. The words are read in any case; not binds most, or least.
func ParseText(text string, names []string) (*Logic, error) {
	p := &parser{text: text, words: cut(text), names: names}
	// Before the first word is read: all that follows takes time for each of them.
	if len(p.words) > maxWords {
		return nil, &Mistake{Width: 1, What: fmt.Sprintf("the condition has more than %d words", maxWords), Do: "use `1 of name*`, or correlations within correlations"}
	}
	l := p.or()
	if w, ok := p.peek(); ok && p.wrong == nil {
		if w.text == ")" {
			p.fail(w, "remove it, or add a ( before", "this bracket closes nothing")
		} else {
			p.fail(w, "join them with `and` or `or`", "`%s` follows without a word that joins it", w.text)
		}
	}
	if p.wrong != nil {
		return nil, p.wrong
	}
	return l.pushed(false), nil
}

// word is a name, a word of the language or a bracket.
type word struct {
	text string
	at   int
}

// is tells whether the word is one of the language.
func (w word) is(text string) bool { return strings.EqualFold(w.text, text) }

// cut cuts a text into words.
func cut(s string) []word {
	var out []word
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case c == '(' || c == ')':
			out = append(out, word{s[i : i+1], i})
			i++
		default:
			end := strings.IndexAny(s[i:], " \t\r\n()")
			if end < 0 {
				end = len(s) - i
			}
			out = append(out, word{s[i : i+end], i})
			i += end
		}
	}
	return out
}

// parser reads one text by recursive descent. It stops at the first mistake: what follows one is seldom what it seems.
type parser struct {
	text  string
	words []word
	next  int
	depth int
	names []string
	wrong *Mistake
}

// peek returns the next word, and behind the last one an empty one for a caret at the end.
func (p *parser) peek() (word, bool) {
	if p.next >= len(p.words) {
		return word{at: len(strings.TrimRight(p.text, " \t\r\n"))}, false
	}
	return p.words[p.next], true
}

// take goes past the next word if it is this one.
func (p *parser) take(text string) bool {
	w, ok := p.peek()
	if ok && w.is(text) {
		p.next++
		return true
	}
	return false
}

// fail notes the first mistake. What it returns is never looked at.
func (p *parser) fail(w word, do, format string, args ...any) *Logic {
	if p.wrong == nil {
		p.wrong = &Mistake{At: w.at, Width: max(len([]rune(w.text)), 1), What: fmt.Sprintf(format, args...), Do: do}
	}
	return &Logic{}
}

// or reads what binds least.
func (p *parser) or() *Logic {
	parts := []*Logic{p.and()}
	for p.wrong == nil && p.take("or") {
		parts = append(parts, p.and())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return &Logic{Or: parts}
}

// and reads one part of an or.
func (p *parser) and() *Logic {
	parts := []*Logic{p.not()}
	for p.wrong == nil && p.take("and") {
		parts = append(parts, p.not())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return &Logic{And: parts}
}

// not loops over `not not`, so that a long row of them is no deep recursion.
func (p *parser) not() *Logic {
	negative := false
	for p.take("not") {
		negative = !negative
	}
	l := p.primary()
	if negative {
		return &Logic{Not: l}
	}
	return l
}

// primary reads brackets, `1 of ...` or the name of a step. It never returns nil.
func (p *parser) primary() *Logic {
	w, ok := p.peek()
	if !ok {
		return p.fail(w, "write the name of a step", "the condition ends where a step is expected")
	}
	p.next++
	switch {
	case w.text == "(":
		return p.brackets(w)
	case w.text == ")" || w.is("and") || w.is("or") || w.is("of"):
		return p.fail(w, "write the name of a step before it", "`%s` stands where a step is expected", w.text)
	}
	// A step may be called 1 or all; what follows tells which is meant.
	if of, ok := p.peek(); ok && of.is("of") {
		p.next++
		return p.some(w)
	}
	if !slices.Contains(p.names, w.text) {
		p.fail(w, Nearest(w.text, p.names), "there is no step `%s`", w.text)
		p.wrong.Unknown = true
		return &Logic{}
	}
	return &Logic{Step: w.text}
}

// brackets reads what stands in them. Only here the parser goes deeper.
func (p *parser) brackets(open word) *Logic {
	if p.depth++; p.depth > maxDepth {
		return p.fail(open, "write fewer brackets within brackets", "the condition is nested deeper than %d", maxDepth)
	}
	l := p.or()
	p.depth--
	if p.wrong == nil && !p.take(")") {
		if w, more := p.peek(); more {
			return p.fail(w, "join them with `and` or `or`", "`%s` follows without a word that joins it", w.text)
		}
		return p.fail(open, "add a )", "this bracket is not closed")
	}
	return l
}

// some reads the names of `1 of`, `all of` or `N of`.
func (p *parser) some(quantity word) *Logic {
	w, ok := p.peek()
	if !ok || w.text == "(" || w.text == ")" {
		return p.fail(w, "write `1 of name*` or `1 of them`", "`of` is followed by no name")
	}
	p.next++
	pattern := w.text
	if w.is("them") {
		pattern = "*"
	}
	// In the order of the steps, so that what is written out reads as the rule does.
	var chosen []*Logic
	for _, name := range p.names {
		if fits(pattern, name) {
			chosen = append(chosen, &Logic{Step: name})
		}
	}
	if len(chosen) == 0 {
		return p.fail(w, "there are: "+strings.Join(p.names, ", "), "no step is called `%s`", w.text)
	}
	n, err := strconv.Atoi(quantity.text)
	switch {
	case quantity.is("all"):
		n = len(chosen)
	case quantity.is("any"):
		n = 1
	case err != nil || n < 1:
		return p.fail(quantity, "write `1 of`, `all of` or a number", "`%s of` does not exist", quantity.text)
	case n > len(chosen):
		return p.fail(quantity, fmt.Sprintf("write a number up to %d", len(chosen)), "`%s of %s` cannot hold: there are %d", quantity.text, w.text, len(chosen))
	}
	l := Choose(n, chosen)
	if l == nil {
		return p.fail(quantity, "use `1 of` or `all of`, or fewer steps", "there are more than %d ways to choose %d of %d", maxChoices, n, len(chosen))
	}
	return l
}

// Choose returns that n of the parts hold, written out; nil, if there are too many ways to choose them.
func Choose(n int, parts []*Logic) *Logic {
	switch {
	case len(parts) == 1:
		return parts[0]
	case n == 1:
		return &Logic{Or: parts}
	case n == len(parts):
		return &Logic{And: parts}
	}
	var ways []*Logic
	// The places of the parts that are chosen, counted up as an odometer is.
	pick := make([]int, n)
	for i := range pick {
		pick[i] = i
	}
	for {
		if len(ways) == maxChoices {
			return nil
		}
		way := make([]*Logic, n)
		for i, k := range pick {
			way[i] = parts[k]
		}
		ways = append(ways, &Logic{And: way})
		// The last place that can still go up does, and all behind it follow closely.
		i := n - 1
		for i >= 0 && pick[i] == len(parts)-n+i {
			i--
		}
		if i < 0 {
			return &Logic{Or: ways}
		}
		pick[i]++
		for j := i + 1; j < n; j++ {
			pick[j] = pick[j-1] + 1
		}
	}
}

// fits tells whether a name is of a pattern, in which * is any text. Without a star it is the name itself.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	// Each part at its first place: that leaves the most for the others.
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
