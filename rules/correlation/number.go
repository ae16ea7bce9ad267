package correlation

import (
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/nearest"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// maxNumber bounds what is counted: that much may have to be kept for each group.
const maxNumber = 1_000_000

// is reads bounds: {gt: 10, lte: 100}.
func (n *node) is(v ast.Node) {
	list, ok := yamlfile.Mapping(v)
	if !ok || len(list) == 0 {
		n.f.Fail(v, "rule-value", "write is: {gte: 5, lt: 100}", "`is` needs one of: %s", strings.Join(ops, ", "))
		return
	}
	readers := map[string]func(ast.Node){}
	for _, op := range ops {
		readers[op] = func(v ast.Node) { n.bound(op, op, v) }
	}
	n.f.Keys(" in is", list, readers)
}

// bound reads the number of one bound.
func (n *node) bound(key, op string, v ast.Node) {
	// Whole numbers where events are counted: half an event is a slip.
	value, ok := 0.0, false
	switch n.c.Kind {
	case Count, Distinct:
		low := 0
		if key == "at_least" {
			low = 1
		}
		var whole int
		before := len(n.f.Faults())
		n.f.Integer(key, low, maxNumber, &whole)(v)
		if len(n.f.Faults()) > before {
			return
		}
		value, ok = float64(whole), true
	default:
		value, ok = numberOf(v)
	}
	if !ok {
		n.f.Fail(v, "rule-value", "write a number such as 500 or 0.5", "`%s` needs a number", key)
		return
	}
	n.c.Bounds = append(n.c.Bounds, Bound{Op: op, Value: value})
}

// percent reads which number of the sorted ones is meant.
func (n *node) percent(v ast.Node) {
	p, ok := numberOf(v)
	if !ok || p < 0 || p > 100 {
		n.f.Fail(v, "rule-value", "write percent: 95", "`percent` needs a number from 0 to 100")
		return
	}
	n.c.Percent = p
}

// numberOf returns a number of a file. What is not finite is none.
func numberOf(v ast.Node) (float64, bool) {
	// The parser has read whole numbers already, whatever base or underscores they were written with.
	if whole, ok := keys.Whole(v); ok {
		return float64(whole), true
	}
	switch v.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		text, _ := yamlfile.Text(v)
		f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	}
	return 0, false
}

// Nearest says which of some names could have been meant.
func Nearest(name string, names []string) string {
	if near := nearest.Name(name, names); near != "" {
		return "did you mean `" + near + "`?"
	}
	return "there are: " + strings.Join(names, ", ")
}
