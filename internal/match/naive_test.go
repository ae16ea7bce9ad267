package match

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/match/source"
)

// plainly is the meaning of expressions as the package comment tells it, written down once more without any of the tricks
// of the product: no closures, no reordering, no guards, no sets. It walks expr's tree and looks every field up by its
// path. It knows lists, missing fields and mixed types, which the oracle of expr does not.
type plainly struct{ e *event.Event }

// values returns the single values of one side of a comparison: of a field all but its nulls, of a constant itself.
func (n plainly) values(x ast.Node) []event.Value {
	switch x := x.(type) {
	case *ast.StringNode:
		return []event.Value{event.Str(x.Value)}
	case *ast.IntegerNode:
		return []event.Value{event.Num(int64(x.Value))}
	case *ast.FloatNode:
		return []event.Value{event.Real(x.Value)}
	case *ast.BoolNode:
		return []event.Value{event.Truth(x.Value)}
	case *ast.ArrayNode:
		var out []event.Value
		for _, it := range x.Nodes {
			out = append(out, n.values(it)...)
		}
		return out
	case *ast.BuiltinNode:
		var out []event.Value
		for _, v := range n.values(x.Arguments[0]) {
			switch {
			case x.Name == "lower" && v.Kind() == event.String:
				v = event.Str(strings.ToLower(v.Str()))
			case x.Name == "upper" && v.Kind() == event.String:
				v = event.Str(strings.ToUpper(v.Str()))
			}
			out = append(out, v)
		}
		return out
	}
	path, ok := source.FieldPath(x)
	if !ok {
		panic("no value: " + x.String())
	}
	return single(n.e.GetPath(path))
}

// single takes a value apart.
func single(v event.Value) []event.Value {
	if v.Kind() == event.Absent || v.Kind() == event.Null {
		return nil
	}
	if v.Kind() != event.List {
		return []event.Value{v}
	}
	var out []event.Value
	for i := range v.Len() {
		if v.Item(i).Kind() != event.Null {
			out = append(out, v.Item(i))
		}
	}
	return out
}

func (n plainly) holds(x ast.Node) bool {
	switch x := x.(type) {
	case *ast.UnaryNode:
		return !n.holds(x.Node)
	case *ast.CallNode:
		return n.call(x)
	case *ast.BinaryNode:
		switch x.Operator {
		case "and":
			return n.holds(x.Left) && n.holds(x.Right)
		case "or":
			return n.holds(x.Left) || n.holds(x.Right)
		case "!=":
			left, right := n.values(x.Left), n.values(x.Right)
			return len(left) > 0 && len(right) > 0 && !anyOfPairs("==", left, right)
		case "in":
			return anyOfPairs("==", n.values(x.Left), n.values(x.Right))
		}
		return anyOfPairs(x.Operator, n.values(x.Left), n.values(x.Right))
	}
	panic("no condition: " + x.String())
}

func (n plainly) call(x *ast.CallNode) bool {
	vs := n.values(x.Arguments[0])
	name := x.Callee.String()
	if name == "exists" || name == "absent" {
		return (len(vs) > 0) == (name == "exists")
	}
	for _, v := range vs {
		for _, arg := range x.Arguments[1:] {
			s, sub := strings.ToLower(v.Text()), strings.ToLower(arg.(*ast.StringNode).Value)
			if name == "ieq" && s == sub || name == "icontains" && strings.Contains(s, sub) ||
				name == "istartswith" && strings.HasPrefix(s, sub) || name == "iendswith" && strings.HasSuffix(s, sub) {
				return true
			}
		}
	}
	return false
}

func anyOfPairs(operator string, left, right []event.Value) bool {
	for _, a := range left {
		for _, b := range right {
			if pairHolds(operator, a, b) {
				return true
			}
		}
	}
	return false
}

func pairHolds(operator string, a, b event.Value) bool {
	number := func(v event.Value) bool { return v.Kind() == event.Int || v.Kind() == event.Float }
	text := a.Kind() == event.String && b.Kind() == event.String
	switch operator {
	case "contains":
		return text && strings.Contains(a.Str(), b.Str())
	case "startsWith":
		return text && strings.HasPrefix(a.Str(), b.Str())
	case "endsWith":
		return text && strings.HasSuffix(a.Str(), b.Str())
	case "matches":
		return text && regexp.MustCompile(b.Str()).MatchString(a.Str())
	}
	if a.Kind() == event.Bool && b.Kind() == event.Bool {
		return operator == "==" && a.Bool() == b.Bool()
	}
	if !text && (!number(a) || !number(b)) {
		return false
	}
	less, equal := a.Float() < b.Float(), a.Float() == b.Float()
	if text {
		less, equal = a.Str() < b.Str(), a.Str() == b.Str()
	}
	switch operator {
	case "==":
		return equal
	case "<":
		return less
	case "<=":
		return less || equal
	case ">":
		return !less && !equal
	case ">=":
		return !less
	}
	panic("no operator " + operator)
}

// wild makes random conditions and events without regard to types.
type wild struct{ r *rand.Rand }

var (
	wildFields = []string{"user.name", "related.user", "event.severity", "tags", "labels.x", "tls.established", "wholly.unknown"}
	wildWords  = []string{"root", "Root", "r", "", "oo", "admin"}
)

func (w wild) field() string { return wildFields[w.r.IntN(len(wildFields))] }

func (w wild) literal() string {
	switch w.r.IntN(5) {
	case 0:
		return fmt.Sprint(w.r.IntN(4))
	case 1:
		return "1.5"
	case 2:
		return "true"
	}
	return fmt.Sprintf("%q", wildWords[w.r.IntN(len(wildWords))])
}

func (w wild) text() string { return fmt.Sprintf("%q", wildWords[w.r.IntN(len(wildWords))]) }

func (w wild) cond(depth int) string {
	if depth > 0 {
		switch w.r.IntN(4) {
		case 0:
			return "(" + w.cond(depth-1) + " and " + w.cond(depth-1) + ")"
		case 1:
			return "(" + w.cond(depth-1) + " or " + w.cond(depth-1) + ")"
		case 2:
			return "not (" + w.cond(depth-1) + ")"
		}
	}
	order := []string{"==", "!=", "<", "<=", ">", ">="}[w.r.IntN(6)]
	switch w.r.IntN(10) {
	case 0:
		return w.field() + " in [" + w.literal() + ", " + w.literal() + "]"
	case 1:
		return w.field() + " not in [" + w.literal() + "]"
	case 2:
		return w.field() + " " + order + " " + w.field()
	case 3:
		return w.field() + " " + []string{"contains", "startsWith", "endsWith", "matches"}[w.r.IntN(4)] + " " + w.text()
	case 4:
		return []string{"exists", "absent"}[w.r.IntN(2)] + "(" + w.field() + ")"
	case 5:
		return []string{"ieq", "icontains", "istartswith", "iendswith"}[w.r.IntN(4)] + "(" + w.field() + ", " + w.text() + ", " + w.text() + ")"
	case 6:
		return []string{"lower", "upper"}[w.r.IntN(2)] + "(" + w.field() + ") == " + w.text()
	case 7:
		return w.literal() + " == " + w.field()
	case 8:
		return w.text() + " in " + w.field()
	}
	return w.field() + " " + order + " " + w.literal()
}

func (w wild) value(depth int) event.Value {
	switch w.r.IntN(8) {
	case 0:
		return event.Value{}
	case 1:
		return event.Nil()
	case 2:
		return event.Num(int64(w.r.IntN(4)))
	case 3:
		return event.Real(1.5)
	case 4:
		return event.Truth(w.r.IntN(2) == 0)
	case 5:
		if depth == 0 {
			break
		}
		items := make([]event.Value, w.r.IntN(4))
		for i := range items {
			if items[i] = w.value(depth - 1); items[i].Kind() == event.Absent {
				items[i] = event.Nil()
			}
		}
		return event.Items(items...)
	}
	return event.Str(wildWords[w.r.IntN(len(wildWords))])
}

// TestNaive compares the lowered conditions with the naive meaning on events with lists, nulls and mixed types.
func TestNaive(t *testing.T) {
	t.Parallel()
	w := wild{rand.New(rand.NewPCG(7, 8))}
	held, tried := 0, 0
	for round := range 3000 {
		src := w.cond(w.r.IntN(4))
		c := mustCompile(t, src)
		if c.Slow() != 0 {
			t.Fatalf("%s was not lowered", src)
		}
		tree, err := source.Parse(src, Functions())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 15 {
			e := &event.Event{}
			for _, f := range wildFields {
				e.SetPath(f, w.value(1))
			}
			if i == 0 && round%5 == 0 {
				sameAgain(t, c, src, e)
			}
			want := plainly{e}.holds(tree)
			if got := c.Match(e); got != want {
				t.Fatalf("%s on %s: got %v, want %v", src, e.AppendJSON(nil), got, want)
			}
			if misses, of := c.Explain(e); (len(misses) == 0) != want || len(misses) > of {
				t.Fatalf("%s on %s: holds %v, explained by %v of %d", src, e.AppendJSON(nil), want, misses, of)
			}
			tried++
			if want {
				held++
			}
		}
	}
	if held < tried/10 || held > tried*9/10 {
		t.Errorf("%d of %d held: the test says little", held, tried)
	}
}
