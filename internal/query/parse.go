package query

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/nearest"
)

// Bounds on a query: what people write is far below, and every later stage may recurse.
const (
	maxSource = 64 << 10
	maxDepth  = 100
)

// Query is a parsed query, ready to be held against events. It is immutable: any number of goroutines may use it.
type Query struct {
	root   Node
	match  matcher
	fields []Lit
}

// Parse reads a query; now and dates without a zone are those of the local clock at this moment. The error is a
// *fault.Error that points into the query.
func Parse(src string) (*Query, error) { return ParseAt(src, time.Now()) }

// ParseAt reads a query as if it were the moment now; dates without a zone are read in the zone of now.
func ParseAt(src string, now time.Time) (*Query, error) {
	p := parser{lex: lexer{src: src}, now: now}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	c := compiler{src: src, now: now}
	m, err := c.compile(root, scope{})
	if err != nil {
		return nil, err
	}
	return &Query{root: root, match: m, fields: p.fields}, nil
}

// Root returns the tree of the query.
func (q *Query) Root() Node { return q.root }

// Match tells whether the query is true for e.
func (q *Query) Match(e *event.Event) bool { return q.match.match(e, nil) }

// Fields returns the names of the fields that the query asks for, as they are written, each once.
func (q *Query) Fields() []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range q.fields {
		if !seen[f.Text] {
			seen[f.Text] = true
			out = append(out, f.Text)
		}
	}
	return out
}

// String returns the query in one plain form: parsed again it means the same.
func (q *Query) String() string {
	var b strings.Builder
	q.root.appendTo(&b, precOr)
	return b.String()
}

// Unknown returns a warning for each field that is neither in the field lists nor, as has says, in the data: such a
// condition cannot match. candidates are further names that a suggestion may come from.
func (q *Query) Unknown(has func(path string) bool, candidates ...string) []*fault.Error {
	var out []*fault.Error
	src := q.String()
	for _, f := range q.fields {
		if f.Wild() || known(f.Text) || has != nil && has(f.Text) {
			continue
		}
		w := &fault.Error{Code: "kql-unknown-field", Warn: true, What: "no event in this time has the field `" + f.Text + "`",
			Where: "query, column " + strconv.Itoa(f.Col), Why: "not in ECS and not in the data", Do: "weir search '" + src + "' --fields shows which fields there are"}
		names := candidates
		for _, id := range event.Fields() {
			names = append(names, id.Path())
		}
		if n := nearest.Name(f.Text, names); n != "" {
			w.Do = "did you mean `" + n + "`?"
		}
		out = append(out, w)
	}
	return out
}

// known tells whether path is a field, a key below an open one, or the parent of fields.
func known(path string) bool {
	if _, ok := event.Lookup(path); ok || openKey(path) {
		return true
	}
	return len(fieldsBelow(path)) > 0
}

// parser builds the tree by recursive descent with one token of lookahead. It is used by one Parse call.
type parser struct {
	lex    lexer
	tok    token
	now    time.Time
	depth  int
	open   []token // the groups and braces around the token at hand
	fields []Lit
}

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
	if p.tok.kind != tokEnd {
		return nil, p.unexpected()
	}
	return n, nil
}

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

func (p *parser) advance() *fault.Error {
	var err *fault.Error
	p.tok, err = p.lex.next()
	return err
}

func (p *parser) wrong(from, to int, what, do string) *fault.Error {
	return mistake(p.lex.src, from, to, what, do)
}

func (p *parser) or() (Node, *fault.Error) {
	return p.chain(tokOr, p.and, func(ns []Node) Node { return &Or{ns} })
}

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

func (p *parser) enter(t token) *fault.Error {
	if p.depth++; p.depth > maxDepth {
		return p.wrong(t.start, t.end, "more than 100 groups lie in one another here", "write the conditions side by side with `and` and `or`")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

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

func (p *parser) unclosed(open token) *fault.Error {
	end := ")"
	if open.kind == tokBraceOpen {
		end = "}"
	}
	return p.wrong(open.start, open.end, "the group opened here is never closed", "add `"+end+"` at the end")
}

// literal reads a quoted text, or words up to something that is no word.
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

// condition reads what follows a field's name: a colon and values, or an operator and a value.
func (p *parser) condition(words []token) (Node, *fault.Error) {
	if len(words) > 1 {
		last := words[len(words)-1]
		return nil, p.wrong(last.start, last.end, "`and` or `or` is missing before `"+p.lex.src[last.start:last.end]+"`", "write `and` between the two conditions")
	}
	field := p.lit(words)
	if field.Text == "" {
		return nil, p.wrong(words[0].start, words[0].end, "a field has no name here", "write the field's name before the colon")
	}
	p.fields = append(p.fields, field)
	op := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	if op.kind == tokOp {
		return p.ranged(field, op)
	}
	switch p.tok.kind {
	case tokOpen:
		return p.grouped(func() (Node, *fault.Error) { return p.values(field, tokOr) })
	case tokBraceOpen:
		return p.nested(field)
	case tokWord, tokQuoted:
		return p.value(field)
	case tokOp:
		return nil, p.wrong(op.start, p.tok.end, "a comparison is written without a colon", "write `"+field.Text+" "+p.tok.text+" ...`")
	case tokColon:
		return nil, p.wrong(p.tok.start, p.tok.end, "there is one colon too many", "a value that begins with a colon must be in quotes")
	}
	return nil, p.wrong(op.start, op.end, "no value follows `"+field.Text+":`", "`"+field.Text+": *` finds the events that have the field")
}

func (p *parser) ranged(field Lit, op token) (Node, *fault.Error) {
	if p.tok.kind != tokWord && p.tok.kind != tokQuoted {
		return nil, p.wrong(op.start, op.end, "no value follows `"+op.text+"`", "write a number, a date or an address after it")
	}
	words, err := p.literal()
	if err != nil {
		return nil, err
	}
	if err := p.afterValue(words); err != nil {
		return nil, err
	}
	l := p.lit(words)
	if l.Wild() {
		return nil, p.wrong(words[0].start, words[len(words)-1].end, "a star has no place in the order of values", "compare with a whole value, or write `"+field.Text+": "+l.Text+"`")
	}
	return &Range{Field: field, Op: op.text, Value: l, moment: momentOf(l.Text, p.now)}, nil
}

func (p *parser) nested(field Lit) (Node, *fault.Error) {
	open := p.tok
	if err := p.enter(open); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	p.open = append(p.open, open)
	defer func() { p.open = p.open[:len(p.open)-1] }()
	outer := p.fields
	p.fields = nil
	n, err := p.or()
	for i := range p.fields { // names inside are meant from the object on
		p.fields[i].Text = field.Text + "." + p.fields[i].Text
	}
	p.fields = append(outer, p.fields...)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokBraceClose {
		if p.tok.kind == tokEnd {
			return nil, p.unclosed(open)
		}
		return nil, p.unexpected()
	}
	return &Nested{Field: field, Node: n}, p.advance()
}

// values reads the values between the parentheses of field: (a or b and not c).
func (p *parser) values(field Lit, op kind) (Node, *fault.Error) {
	if op == tokOr {
		return p.chain(tokOr, func() (Node, *fault.Error) { return p.values(field, tokAnd) }, func(ns []Node) Node { return &Or{ns} })
	}
	return p.chain(tokAnd, func() (Node, *fault.Error) { return p.oneOf(field) }, func(ns []Node) Node { return &And{ns} })
}

func (p *parser) oneOf(field Lit) (Node, *fault.Error) {
	switch p.tok.kind {
	case tokNot:
		word := p.tok
		if err := p.enter(word); err != nil {
			return nil, err
		}
		defer p.leave()
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.tok.kind == tokEnd || p.tok.kind == tokClose {
			return nil, p.dangling(word, "right")
		}
		n, err := p.oneOf(field)
		if err != nil {
			return nil, err
		}
		return &Not{n}, nil
	case tokOpen:
		return p.grouped(func() (Node, *fault.Error) { return p.values(field, tokOr) })
	case tokWord, tokQuoted:
		return p.value(field)
	case tokOp:
		return nil, p.wrong(p.tok.start, p.tok.end, "a comparison has no place in a group of values", "write `"+field.Text+" "+p.tok.text+" ...` as a condition of its own")
	}
	return nil, p.unexpected()
}

// value reads one value of a field.
func (p *parser) value(field Lit) (Node, *fault.Error) {
	words, err := p.literal()
	if err != nil {
		return nil, err
	}
	if err := p.afterValue(words); err != nil {
		return nil, err
	}
	l := p.lit(words)
	switch {
	case l.any() && field.any():
		return &All{}, nil
	case l.any():
		return &Exists{Field: field}, nil
	}
	return &Term{Field: field, Value: l}, nil
}
