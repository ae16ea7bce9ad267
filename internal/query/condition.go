package query

import "weir/internal/fault"

// condition reads what follows a field's name: a colon and values, or an operator and a value.
func (p *parser) condition(words []token) (Node, *fault.Error) {
	if len(words) > 1 {
		if err := p.foreign(words); err != nil { // a && b: c is more often another language than a forgotten and
			return nil, err
		}
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

// ranged reads the value of a comparison. What it means as a date is settled here, where the moment is known.
// Two moments must not be mixed in one query: all of now are the same instant.
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

// nested reads the condition between braces. The names in it are meant from the object on, and noted in full.
// fields is put aside meanwhile, so that names inside can be completed without touching those before.
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
// The recursion is bounded by grouped, which counts parentheses, and by oneOf, which counts nots.
func (p *parser) values(field Lit, op kind) (Node, *fault.Error) {
	if op == tokOr {
		return p.chain(tokOr, func() (Node, *fault.Error) { return p.values(field, tokAnd) }, func(ns []Node) Node { return &Or{ns} })
	}
	return p.chain(tokAnd, func() (Node, *fault.Error) { return p.oneOf(field) }, func(ns []Node) Node { return &And{ns} })
}

// oneOf reads one member of a group of values: a value, a group in it, or the negation of one. Each becomes a condition
// of its own on the field, so that the tree knows no groups of values.
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
// A star alone is no pattern: it asks whether there is a value, also for numbers and dates, which have no patterns.
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
