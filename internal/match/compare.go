package match

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/event/ecs"
)

// comparison lowers a binary operator with a field on at least one side and a literal, or a field, on the other.
func (l *lowering) comparison(n *ast.BinaryNode) (*node, error) {
	// A nil node without an error, here and below, hands the part to expr's machine.
	left, lok, err := l.operand(n.Left)
	if err != nil {
		return nil, err
	}
	right, rok, err := l.operand(n.Right)
	if err != nil {
		return nil, err
	}
	switch {
	case lok && rok:
		return l.twoFields(n, left, right)
	case lok && n.Operator == "in":
		return l.inList(n, left)
	case rok && n.Operator == "in": // "x" in tags: one of the field's values is "x"
		if right.form != formPlain {
			return nil, nil
		}
		return l.withLiteral(n, "==", right, n.Left)
	case lok:
		return l.withLiteral(n, n.Operator, left, n.Right)
	case rok:
		if flipped, ok := map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[n.Operator]; ok {
			return l.withLiteral(n, flipped, right, n.Left)
		}
	}
	return nil, nil
}

// withLiteral lowers operand operator literal.
func (l *lowering) withLiteral(n *ast.BinaryNode, operator string, o operand, literal ast.Node) (*node, error) {
	// nil stands for a field that is missing; there is nothing else that it could be compared with.
	if _, ok := literal.(*ast.NilNode); ok {
		return nilTest(operator, o), nil
	}
	lit, ok := literalOf(literal)
	if !ok {
		return nil, nil
	}
	l.doubt(n, o, lit)
	fields := []event.Ref{o.ref}
	if o.form == formLen {
		if numberOrder(operator) == nil {
			return nil, nil
		}
		return lenTest(operator, o, lit), nil
	}
	switch operator {
	case "==":
		leaf := &node{test: anyValue(o.ref, equalTo(o.form, lit)), fields: fields, cost: costEqual}
		if s, ok := lit.text(); ok && o.form == formPlain {
			leaf.test = equalText(o.ref, s)
			leaf.path, leaf.values = o.ref.Path(), []string{s}
			// The same moment can be written in another zone, so such a text is no value that an index could look up.
			if lit.isTime {
				leaf.test, leaf.path, leaf.values = anyValue(o.ref, equalTo(o.form, lit)), "", nil
			}
		}
		return leaf, nil
	case "!=":
		// Not the opposite of ==: both want the field to be there.
		return &node{test: noValue(o.ref, equalTo(o.form, lit)), fields: fields, cost: costEqual}, nil
	case "<", "<=", ">", ">=":
		return &node{test: anyValue(o.ref, orderedTo(operator, o.form, lit)), fields: fields, cost: costSet}, nil
	case "contains", "startsWith", "endsWith":
		s, ok := lit.text()
		if !ok {
			from, to := span(literal)
			return nil, at(l.src, from, to, "expr-type", "%s needs a text on its right", operator).do("put it in quotes")
		}
		fn := textOps[operator]
		return &node{test: anyText(o, func(v string) bool { return fn(v, s) }), fields: fields, cost: costText}, nil
	case "matches":
		return l.matches(literal, o, lit)
	}
	return nil, nil
}

// The operators of expr that take two texts. Case matters to all of them.
var textOps = map[string]func(s, sub string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

// matches lowers field matches "pattern". A pattern that is not written out is refused later: it would have to be compiled
// for every event.
func (l *lowering) matches(at ast.Node, o operand, lit literal) (*node, error) {
	s, ok := lit.text()
	if !ok {
		return nil, nil
	}
	re, err := l.regex(at, s)
	if err != nil {
		return nil, err
	}
	return &node{test: anyText(o, re.match), fields: []event.Ref{o.ref}, cost: costRegex}, nil
}

// nilTest lowers field == nil and field != nil.
func nilTest(operator string, o operand) *node {
	ref := o.ref
	has := func(e *event.Event) bool { return present(ref.Of(e)) }
	switch operator {
	case "==":
		return &node{test: func(e *event.Event) bool { return !has(e) }, fields: []event.Ref{ref}, cost: costEqual}
	case "!=":
		return &node{test: has, fields: []event.Ref{ref}, cost: costEqual}
	}
	return &node{test: func(*event.Event) bool { return false }, fields: []event.Ref{ref}}
}

// present tells whether a value counts as one: neither absent nor null, nor a list without any such value.
func present(v event.Value) bool {
	switch v.Kind() {
	case event.Absent, event.Null:
		return false
	case event.List:
		for i := range v.Len() {
			if v.Item(i).Kind() != event.Null {
				return true
			}
		}
		return false
	}
	return true
}

// lenTest compares the number of a field's values, or of the letters of its one text.
func lenTest(operator string, o operand, lit literal) *node {
	ref, hold := o.ref, numberOrder(operator)
	return &node{fields: []event.Ref{ref}, cost: costSet, test: func(e *event.Event) bool {
		v := ref.Of(e)
		if !present(v) || !lit.isNumber {
			return false
		}
		n := v.Len()
		if v.Kind() == event.String {
			// Letters and not bytes: it is what the writer of a rule counts.
			n = utf8.RuneCountInString(v.Str())
		}
		return hold(float64(n), lit.number)
	}}
}

// numberOrder returns the comparison that an operator stands for, nil for operators that are none. Texts and times use it
// on the sign of their own comparison.
func numberOrder(operator string) func(a, b float64) bool {
	return map[string]func(a, b float64) bool{
		"==": func(a, b float64) bool { return a == b }, "!=": func(a, b float64) bool { return a != b },
		"<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
		">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
	}[operator]
}

// inList lowers field in ["a", "b"] and field in otherField.
func (l *lowering) inList(n *ast.BinaryNode, o operand) (*node, error) {
	arr, ok := n.Right.(*ast.ArrayNode)
	if !ok || o.form == formLen {
		return nil, nil
	}
	// Texts are looked up at once, however many there are; values of other kinds are few and tried in turn.
	texts := make(map[string]struct{}, len(arr.Nodes))
	var others []func(event.Value) bool
	var values []string
	plainTexts := o.form == formPlain
	for _, item := range arr.Nodes {
		lit, ok := literalOf(item)
		if !ok {
			return nil, nil
		}
		l.doubt(n, o, lit)
		if s, ok := lit.text(); ok && !lit.isTime {
			texts[s] = struct{}{}
			values = append(values, s)
			continue
		}
		plainTexts = false
		others = append(others, equalTo(o.form, lit))
	}
	leaf := &node{fields: []event.Ref{o.ref}, cost: costSet}
	// A folded text has many spellings in events, and the index knows only the one that is written.
	if plainTexts {
		leaf.path, leaf.values = o.ref.Path(), append([]string{}, values...)
	}
	leaf.test = anyValue(o.ref, func(v event.Value) bool {
		if v.Kind() == event.String {
			s := o.form.apply(v.Str())
			if _, ok := texts[s]; ok {
				return true
			}
		}
		for _, eq := range others {
			if eq(v) {
				return true
			}
		}
		return false
	})
	return leaf, nil
}

// literal is a constant of a condition.
type literal struct {
	str    string
	isText bool
	// Text that is a time in RFC 3339.
	isTime   bool
	nanos    int64
	number   float64
	whole    int64
	isNumber bool
	isWhole  bool
	isBool   bool
	truth    bool
}

// text returns the constant if it is a text.
func (c literal) text() (string, bool) { return c.str, c.isText }

// literalOf reads a constant; -1 is an operator and a number to expr, and a number here.
func literalOf(n ast.Node) (literal, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		c := literal{str: n.Value, isText: true}
		if t, err := time.Parse(time.RFC3339Nano, n.Value); err == nil {
			c.isTime, c.nanos = true, t.UnixNano()
		}
		return c, true
	case *ast.IntegerNode:
		return literal{number: float64(n.Value), whole: int64(n.Value), isNumber: true, isWhole: true}, true
	case *ast.FloatNode:
		return literal{number: n.Value, isNumber: true}, true
	case *ast.BoolNode:
		return literal{isBool: true, truth: n.Value}, true
	case *ast.UnaryNode:
		c, ok := literalOf(n.Node)
		if !ok || !c.isNumber || (n.Operator != "-" && n.Operator != "+") {
			return literal{}, false
		}
		if n.Operator == "-" {
			// Both, since a whole number is compared with floats too.
			c.number, c.whole = -c.number, -c.whole
		}
		return c, true
	}
	return literal{}, false
}

// equalTo makes the test of one value against a constant.
func equalTo(f form, lit literal) func(event.Value) bool {
	switch {
	case lit.isText:
		return func(v event.Value) bool {
			switch v.Kind() {
			case event.String:
				return f.apply(v.Str()) == lit.str
			case event.Time:
				return lit.isTime && v.Int() == lit.nanos
			}
			return false
		}
	case lit.isNumber:
		return func(v event.Value) bool {
			switch v.Kind() {
			case event.Int:
				if lit.isWhole {
					return v.Int() == lit.whole
				}
				return v.Float() == lit.number
			case event.Float:
				return v.Float() == lit.number
			}
			return false
		}
	}
	return func(v event.Value) bool { return v.Kind() == event.Bool && v.Bool() == lit.truth }
}

// orderedTo makes the test that one value lies below or above a constant: numbers by size, texts by bytes, times by time.
func orderedTo(operator string, f form, lit literal) func(event.Value) bool {
	hold := numberOrder(operator)
	// Whole numbers never become floats on the way: those have 53 bits, and ids in events have more.
	sign := func(c int) bool { return hold(float64(c), 0) }
	return func(v event.Value) bool {
		switch v.Kind() {
		case event.Int:
			if lit.isWhole {
				return sign(compareInt(v.Int(), lit.whole))
			}
			return lit.isNumber && hold(v.Float(), lit.number)
		case event.Float:
			return lit.isNumber && hold(v.Float(), lit.number)
		case event.String:
			return lit.isText && sign(strings.Compare(f.apply(v.Str()), lit.str))
		case event.Time:
			return lit.isTime && sign(compareInt(v.Int(), lit.nanos))
		}
		return false
	}
}

// compareInt keeps whole numbers whole: as floats, large ones would be equal to their neighbours.
func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// apply does what the form asks of a text. Texts that are in that case already are returned without a copy.
func (f form) apply(s string) string {
	switch f {
	case formLower:
		return strings.ToLower(s)
	case formUpper:
		return strings.ToUpper(s)
	}
	return s
}

// doubt warns where a field's type and a constant can never be equal.
func (l *lowering) doubt(n ast.Node, o operand, lit literal) {
	f, ok := o.ref.Field()
	if !ok || o.form != formPlain || !Known(o.ref.Path()) {
		return
	}
	number := f.Type() == ecs.Long || f.Type() == ecs.Double
	text := f.Type() == ecs.Keyword || f.Type() == ecs.Text || f.Type() == ecs.IP
	from, to := span(n)
	switch {
	case number && lit.isText:
		l.warnings = append(l.warnings, &Error{Code: "rule-type", Msg: fmt.Sprintf("`%s` holds numbers, %q is a text", o.ref.Path(), lit.str),
			Why: "they are never equal", Do: "leave out the quotes", Warn: true})
	case text && lit.isNumber:
		l.warnings = append(l.warnings, &Error{Code: "rule-type", Msg: fmt.Sprintf("`%s` holds texts, %v is a number", o.ref.Path(), lit.number),
			Why: "they are never equal", Do: fmt.Sprintf("write it in quotes: \"%v\"", lit.number), Warn: true})
	default:
		return
	}
	l.warnings[len(l.warnings)-1].place(l.src, from, to)
}

// regexp is compiled once, at load.
func (l *lowering) regex(n ast.Node, pattern string) (*guarded, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		from, to := span(n)
		return nil, regexError(at(l.src, from, to, "expr-regex", "the pattern cannot be used"), err)
	}
	return guard(re), nil
}
