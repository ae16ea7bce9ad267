package source

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/operator"

	"weir/internal/match/tree"
)

// Spell writes an expression of expr so that it reads as the same expression again, which expr's own printing does not do
// for every form. It is for the forms that a condition may have; what is refused anyway is printed as expr does.
func Spell(n ast.Node) string {
	if path, ok := FieldPath(n); ok {
		return tree.Path(path)
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return tree.Quote(n.Value)
	case *ast.BytesNode:
		return tree.Quote(string(n.Value))
	case *ast.FloatNode:
		return spellFloat(n.Value)
	case *ast.UnaryNode:
		word := n.Operator
		if word == "not" || word == "!" {
			word = "not "
		}
		return word + within(n.Node, operator.Unary[n.Operator].Precedence+1)
	case *ast.BinaryNode:
		return spellBinary(n)
	case *ast.ConditionalNode:
		// In brackets of its own, so that it may stand anywhere.
		return "(" + within(n.Cond, 1) + " ? " + within(n.Exp1, 1) + " : " + within(n.Exp2, 1) + ")"
	case *ast.ChainNode:
		return Spell(n.Node)
	case *ast.MemberNode:
		return spellMember(n)
	case *ast.SliceNode:
		return within(n.Node, tight) + "[" + spellOptional(n.From) + ":" + spellOptional(n.To) + "]"
	case *ast.CallNode:
		return Spell(n.Callee) + "(" + spellList(n.Arguments) + ")"
	case *ast.BuiltinNode:
		return n.Name + "(" + spellList(n.Arguments) + ")"
	case *ast.ArrayNode:
		return "[" + spellList(n.Nodes) + "]"
	case *ast.PredicateNode:
		return Spell(n.Node)
	}
	return n.String()
}

// tight is above all operators: what stands there is a name, a call or in brackets.
const tight = 1000

// within prints a part that stands where only operators of at least some precedence may.
func within(n ast.Node, least int) string {
	loose := false
	switch k := n.(type) {
	case *ast.BinaryNode:
		loose = operator.Binary[k.Operator].Precedence < least
	case *ast.UnaryNode:
		// After a leading operator another one needs no brackets, but what follows it may take its operand away.
		loose = least == tight || operator.Unary[k.Operator].Precedence < least-1
	case *ast.IntegerNode:
		loose = least == tight // 1.x is no member of 1
	case *ast.FloatNode:
		loose = least == tight
	}
	if loose {
		return "(" + Spell(n) + ")"
	}
	return Spell(n)
}

// spellBinary writes an operator and its sides. Equal precedence on the right side, or mixed and, or and ??, are put in
// brackets also where expr could do without.
func spellBinary(n *ast.BinaryNode) string {
	p := operator.Binary[n.Operator].Precedence
	left, right := p, p+1
	if operator.IsComparison(n.Operator) || operator.Binary[n.Operator].Associativity == operator.Right {
		left = p + 1 // a < b < c is two comparisons to expr
	}
	if l, ok := n.Left.(*ast.BinaryNode); ok && (n.Operator == "??") != (l.Operator == "??") {
		left = tight
	}
	if r, ok := n.Right.(*ast.BinaryNode); ok && (n.Operator == "??" || r.Operator == "??") {
		right = tight
	}
	if _, ok := n.Left.(*ast.UnaryNode); ok && left > 50 {
		left = tight
	}
	if _, ok := n.Right.(*ast.UnaryNode); ok && right > 50 {
		right = tight
	}
	return within(n.Left, left) + " " + n.Operator + " " + within(n.Right, right)
}

// spellMember writes a member that is no field: of what is calculated, of the item of a loop, or by number.
func spellMember(n *ast.MemberNode) string {
	of := within(n.Node, tight)
	dot, bracket := ".", "["
	if n.Optional {
		dot, bracket = "?.", "?.["
	}
	if key, ok := n.Property.(*ast.StringNode); ok {
		if name := tree.Path(key.Value); name == key.Value && !strings.Contains(name, ".") && name != tree.Any {
			return of + dot + name
		}
	}
	return of + bracket + Spell(n.Property) + "]"
}

// spellFloat keeps a point or an exponent in a number that has one: 5.0 is no 5 to the machine.
func spellFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if strings.ContainsAny(s, ".e") {
		return s
	}
	return s + ".0"
}

// spellOptional prints what may be left out, as an end of a slice.
func spellOptional(n ast.Node) string {
	if n == nil {
		return ""
	}
	return Spell(n)
}

// spellList prints arguments and items.
func spellList(nodes []ast.Node) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = Spell(n)
	}
	return strings.Join(parts, ", ")
}
