package expression

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// root is what stands before a place that no name can spell: $["@timestamp"]; $env does as well.
const root = "$"

// placeOf returns the place that a node spells, if the whole of it is constant: event.code, _x[0].name, $["@timestamp"].
func placeOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, n.Value != root && n.Value != "$env"
	case *ast.ChainNode:
		return placeOf(n.Node)
	case *ast.MemberNode:
		if n.Method {
			return "", false
		}
		key, ok := n.Property.(*ast.StringNode)
		if id, isRoot := n.Node.(*ast.IdentifierNode); isRoot && (id.Value == root || id.Value == "$env") {
			// What stands in these brackets is a place as a whole.
			if !ok || key.Value == "" {
				return "", false
			}
			return key.Value, true
		}
		above, isPlace := placeOf(n.Node)
		if !isPlace {
			return "", false
		}
		if at, isIndex := n.Property.(*ast.IntegerNode); isIndex && at.Value >= 0 {
			return above + "." + strconv.Itoa(at.Value), true
		}
		if !ok || key.Value == "" || strings.ContainsAny(key.Value, "\"\\") {
			return "", false
		}
		return above + "." + quoted(key.Value), true
	}
	return "", false
}

// quoted writes one key of a place: in quotes where it is no plain word, since a full stop would part it.
func quoted(key string) string {
	for _, r := range key {
		if !nameRune(r) && r != '-' && r != '@' {
			return `"` + key + `"`
		}
	}
	return key
}
