package query

import (
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/fault"
)

// Bounds on a query: what people write is far below, and every later stage may recurse.
const (
	maxSource = 64 << 10
	maxDepth  = 100
)

// parser builds the tree by recursive descent with one token of lookahead. It is used by one Parse call. Each method
// begins with its first token in tok and ends with the token after its last one there; the depth of calls is bounded
// by enter and leave.
// Errors are *fault.Error and not error inside of this package, so that none can be lost in a wrap: each is shown to a
// person as it is. Parse turns nil into a nil error.
type parser struct {
	lex    lexer
	tok    token
	now    time.Time
	depth  int
	open   []token // the groups and braces around the token at hand
	fields []Lit
}

// parse reads the whole query.
func (p *parser) parse() (Node, *fault.Error) {
	if len(p.lex.src) > maxSource {
		return nil, p.wrong(0, 0, "the query is longer than 64 KiB", "search with fewer values at once")
	}
	if i := invalidUTF8(p.lex.src); i >= 0 {
		return nil, p.wrong(i, i+1, "the query is not UTF-8 here", "save or type it as UTF-8")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokEnd {
		return &All{}, nil
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	// Whatever is left over began as a mistake before it: a group closed once too often, a missing and.
	if p.tok.kind != tokEnd {
		return nil, p.unexpected()
	}
	return n, nil
}

// invalidUTF8 returns where s is no UTF-8, -1 if it is all right. Later code may then step by characters without care.
func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// advance goes on to the next token.
func (p *parser) advance() *fault.Error {
	var err *fault.Error
	p.tok, err = p.lex.next()
	return err
}

// wrong makes the error of this query for the bytes from to to.
func (p *parser) wrong(from, to int, what, do string) *fault.Error {
	return mistake(p.lex.src, from, to, what, do)
}

// or reads conditions with or between them.
func (p *parser) or() (Node, *fault.Error) {
	return p.chain(tokOr, p.and, func(ns []Node) Node { return &Or{ns} })
}

// and reads conditions with and between them; it binds closer than or.
func (p *parser) and() (Node, *fault.Error) {
	return p.chain(tokAnd, p.not, func(ns []Node) Node { return &And{ns} })
}

// chain reads one or more operands with the operator op between them.
func (p *parser) chain(op kind, operand func() (Node, *fault.Error), join func([]Node) Node) (Node, *fault.Error) {
	n, err := operand()
	if err != nil {
		return nil, err
	}
	nodes := []Node{n}
	for p.tok.kind == op {
		word := p.tok
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.tok.kind == tokEnd || p.tok.kind == tokClose || p.tok.kind == tokBraceClose {
			return nil, p.dangling(word, "right")
		}
		if n, err = operand(); err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 1 {
		return n, nil
	}
	return join(nodes), nil
}

// dangling names an operator without a condition on one side. At the end of the query, a group that is still open is
// the first thing to repair.
func (p *parser) dangling(word token, side string) *fault.Error {
	if p.tok.kind == tokEnd && len(p.open) > 0 {
		return p.unclosed(p.open[len(p.open)-1])
	}
	text := p.lex.src[word.start:word.end]
	return p.wrong(word.start, word.end, "`"+text+"` has nothing on its "+side, "add a condition, or write `\\"+text+"` if you mean the word")
}

// not reads a condition with any number of nots before it. They count as depth: the tree nests as they do.
func (p *parser) not() (Node, *fault.Error) {
	if p.tok.kind != tokNot {
		return p.primary()
	}
	word := p.tok
	if err := p.enter(word); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokEnd || p.tok.kind == tokClose || p.tok.kind == tokBraceClose {
		return nil, p.dangling(word, "right")
	}
	n, err := p.not()
	if err != nil {
		return nil, err
	}
	return &Not{n}, nil
}

// enter counts one level of nesting, which leave takes back. Every stage after the parser may recurse over the tree, so
// its depth is bounded here, once, for all of them.
func (p *parser) enter(t token) *fault.Error {
	if p.depth++; p.depth > maxDepth {
		return p.wrong(t.start, t.end, "more than 100 groups lie in one another here", "write the conditions side by side with `and` and `or`")
	}
	return nil
}

// leave takes back one enter, on every way out: hence always deferred.
func (p *parser) leave() { p.depth-- }

// primary reads a group, a condition on a field, or free text. Which of the last two it is shows only behind the words.
func (p *parser) primary() (Node, *fault.Error) {
	switch p.tok.kind {
	case tokOpen:
		return p.grouped(p.or)
	case tokWord, tokQuoted:
	default:
		return nil, p.unexpected()
	}
	words, err := p.literal()
	if err != nil {
		return nil, err
	}
	switch p.tok.kind {
	case tokColon, tokOp:
		return p.condition(words)
	}
	if err := p.foreign(words); err != nil {
		return nil, err
	}
	lit := p.lit(words)
	if lit.any() {
		return &All{}, nil
	}
	return &Term{Value: lit}, nil
}

// grouped reads what inner reads, between parentheses.
func (p *parser) grouped(inner func() (Node, *fault.Error)) (Node, *fault.Error) {
	open := p.tok
	if err := p.enter(open); err != nil {
		return nil, err
	}
	defer p.leave()
	p.open = append(p.open, open)
	defer func() { p.open = p.open[:len(p.open)-1] }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokClose {
		return nil, p.wrong(open.start, p.tok.end, "this group is empty", "put a condition into it, or leave it out")
	}
	if p.tok.kind == tokEnd {
		return nil, p.unclosed(open)
	}
	n, err := inner()
	if err != nil {
		return nil, err
	}
	if p.tok.kind == tokEnd {
		return nil, p.unclosed(open)
	}
	if p.tok.kind != tokClose {
		return nil, p.unexpected()
	}
	return n, p.advance()
}

// unclosed points at the opening one, not at the end of the query: that is where the reader must look.
func (p *parser) unclosed(open token) *fault.Error {
	end := ")"
	if open.kind == tokBraceOpen {
		end = "}"
	}
	return p.wrong(open.start, open.end, "the group opened here is never closed", "add `"+end+"` at the end")
}

// literal reads a quoted text, or words up to something that is no word.
// A quoted text is always alone: "a" "b" is a missing and, never one value.
func (p *parser) literal() ([]token, *fault.Error) {
	words := []token{p.tok}
	quoted := p.tok.kind == tokQuoted
	if err := p.advance(); err != nil {
		return nil, err
	}
	for !quoted && p.tok.kind == tokWord {
		words = append(words, p.tok)
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// lit joins words and the blanks between them.
func (p *parser) lit(words []token) Lit {
	l := Lit{Text: words[0].text, Parts: words[0].parts, Quoted: words[0].kind == tokQuoted, Col: column(p.lex.src, words[0].start)}
	text := []string{l.Text} // the texts around the stars so far
	if l.Parts != nil {
		text = append([]string(nil), l.Parts...)
	}
	for i, w := range words[1:] {
		text[len(text)-1] += p.lex.src[words[i].end:w.start]
		if w.parts == nil {
			text[len(text)-1] += w.text
			continue
		}
		text[len(text)-1] += w.parts[0]
		text = append(text, w.parts[1:]...)
	}
	l.Text, l.Parts = strings.Join(text, "*"), nil
	if len(text) > 1 {
		l.Parts = text
	}
	return l
}
