package typed

import (
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/match/tree"
)

// Literal is a constant of a condition: a text, a number or a truth.
type Literal struct {
	Text   string
	IsText bool
	// Text that is a time in RFC 3339.
	IsTime bool
	Number float64
	// Of any number; a whole one is kept as such too.
	IsNumber bool
	nanos    int64
	whole    int64
	isWhole  bool
	truth    bool
}

// LiteralOf reads a constant; -1 is an operator and a number to expr, and a number here.
func LiteralOf(n ast.Node) (Literal, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		c := Literal{Text: n.Value, IsText: true}
		if t, err := time.Parse(time.RFC3339Nano, n.Value); err == nil {
			c.IsTime, c.nanos = true, event.At(t).Int() // years that do not fit become the first and the last that do
		}
		return c, true
	case *ast.BytesNode: // how text that is not UTF-8 is written
		return Literal{Text: string(n.Value), IsText: true}, true
	case *ast.IntegerNode:
		return Literal{Number: float64(n.Value), whole: int64(n.Value), IsNumber: true, isWhole: true}, true
	case *ast.FloatNode:
		return Literal{Number: n.Value, IsNumber: true}, true
	case *ast.BoolNode:
		return Literal{truth: n.Value}, true
	case *ast.UnaryNode:
		c, ok := LiteralOf(n.Node)
		if !ok || !c.IsNumber || (n.Operator != "-" && n.Operator != "+") {
			return Literal{}, false
		}
		if n.Operator == "-" {
			// Both, since a whole number is compared with floats too.
			c.Number, c.whole = -c.Number, -c.whole
		}
		return c, true
	}
	return Literal{}, false
}

// Digits returns a number as trees have it.
func (c Literal) Digits() string {
	s := strconv.FormatFloat(c.Number, 'g', -1, 64)
	if c.isWhole {
		s = strconv.FormatInt(c.whole, 10)
	}
	n, _ := tree.Canonical(s)
	return n
}
