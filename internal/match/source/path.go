package source

import (
	"github.com/expr-lang/expr/ast"

	"weir/internal/match/tree"
)

// FieldPath returns the dotted path that a node spells: user.name, user?.name, labels["a-b"], $env["@timestamp"].
func FieldPath(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, n.Value != tree.Any
	case *ast.ChainNode:
		return FieldPath(n.Node)
	case *ast.MemberNode:
		key, ok := n.Property.(*ast.StringNode)
		if !ok || n.Method || key.Value == "" {
			return "", false
		}
		if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == tree.Any {
			return key.Value, key.Value != tree.Any
		}
		above, ok := FieldPath(n.Node)
		return above + "." + key.Value, ok
	}
	return "", false
}

// Span returns the runes that a node covers as far as its parts tell; expr itself keeps only one token of each.
func Span(n ast.Node) (from, to int) {
	from, to = n.Location().From, n.Location().To
	visit(n, func(x ast.Node) {
		from, to = min(from, x.Location().From), max(to, x.Location().To)
	})
	return from, to
}

// visit calls fn for every node below n and for n itself.
func visit(n ast.Node, fn func(ast.Node)) {
	if n != nil {
		ast.Walk(&n, walker(fn))
	}
}

type walker func(ast.Node)

// Visit implements ast.Visitor.
func (w walker) Visit(n *ast.Node) { w(*n) }
