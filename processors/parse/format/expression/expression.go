// Package expression compiles the expressions of format files: conditions and values over the places of one event.
//
// The text is parsed with expr's parser and lowered to closures. There is no machine, no reflection and no state: the same
// expression over the same event is the same value, whatever the event holds. What cannot be calculated, such as a sum with a
// place that is absent, is the absent value, which a step does not write.
package expression

import (
	"weir/event"
	"weir/internal/match/source"
)

// Limits. Expressions are written by people, what they are evaluated over is sent by anybody.
const (
	// maxSource is of the text, in bytes: longer lists of values belong into a table.
	maxSource = 64 << 10
	// maxDepth is of the tree: lowering and evaluation call themselves once for each level.
	maxDepth = 2000
	// maxText is of a text that is made, in bytes. What would be longer is absent.
	maxText = 1 << 20
	// maxItems is of a list that is made or gone through. Later items of a longer one are left out.
	maxItems = 4096
	// maxLoops is how deep filter, map and the like may stand within one another.
	maxLoops = 2
	// maxInner is maxItems for a loop within another: their time is the product of both.
	maxInner = 256
	// maxMade is of all that one map makes, in bytes: its items may be as large as a text each.
	maxMade = 4 * maxText
)

// Env gives the values of places by the slots that resolve gave them. Values may alias the event's memory, and so may the
// result of an expression.
type Env interface {
	Value(slot int) event.Value
}

// Program is one compiled expression. It is immutable and safe for many goroutines.
type Program struct {
	code code
}

// Compile compiles an expression. resolve is called for each place in it, in the order of the text, with the place as it would
// be written in a step (_x.a."b c".0); its error becomes that of the place. The error is always a *source.Error, which has line
// and column in the text.
func Compile(src string, resolve func(path string) (slot int, err error)) (*Program, error) {
	if len(src) > maxSource {
		return nil, source.Fault("expr-too-long", "the expression is longer than %d KiB", maxSource>>10).Advise("put long lists of values into a table and use lookup")
	}
	text, shifts := indexes(src)
	node, err := source.Parse(text, own())
	if err != nil {
		return nil, shifts.restore(src, text, err)
	}
	l := &lowering{src: text, resolve: resolve}
	c, err := l.lower(node)
	if err != nil {
		return nil, shifts.restore(src, text, err)
	}
	return &Program{code: c}, nil
}

// Eval calculates the value. Absent is one, too.
func (p *Program) Eval(env Env) event.Value {
	return p.code.value(frame{env: env})
}

// Holds tells whether the expression is true: the boolean, or the text that says so. Anything else is not, so that a condition
// over an absent place is false.
func (p *Program) Holds(env Env) bool {
	return p.code.test(frame{env: env})
}

// Const returns the value of an expression that names no place, and whether it is one.
func (p *Program) Const() (event.Value, bool) {
	return p.code.konst, p.code.constant
}
