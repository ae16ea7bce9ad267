package source

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/ast"
)

func TestWhatIsNotParsed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ src, code string }{
		"nothing":      {" \n", "expr-syntax"},
		"too long":     {strings.Repeat("x", MaxSource+1), "expr-too-long"},
		"too many":     {"[" + strings.Repeat("1,", MaxNodes) + "1]", "expr-too-long"},
		"not UTF-8":    {"user.name == \"\xff\"", "expr-syntax"},
		"brackets":     {strings.Repeat("(", MaxDepth+1) + "a" + strings.Repeat(")", MaxDepth+1), "expr-too-deep"},
		"signs":        {strings.Repeat("-", MaxDepth+2) + "a", "expr-too-deep"},
		"powers":       {strings.Repeat("a ** ", MaxRun+1) + "a", "expr-too-deep"},
		"a variable":   {"let x = 1; x", "expr-not-allowed"},
		"half a text":  {`"x`, "expr-syntax"},
		"wrong letter": {"a ~ b", "expr-syntax"},
	} {
		_, err := Parse(tc.src, nil)
		if e, ok := errors.AsType[*Error](err); !ok || e.Code != tc.code {
			t.Errorf("%s: %.100v", name, err)
		}
	}
}

// TestOwnFunctions: a function of ours is a call, also where expr has one of that name.
func TestOwnFunctions(t *testing.T) {
	t.Parallel()
	n, err := Parse(`trim(a)`, []string{"trim"})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := n.(*ast.CallNode); !ok {
		t.Errorf("%T", n)
	}
	if n, err = Parse(`trim(a)`, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok := n.(*ast.BuiltinNode); !ok {
		t.Errorf("%T", n)
	}
}

// FuzzParse: what is parsed is printed as the same, and what is not has a place within the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`a.b == "x" and not (c in [1, -2.5])`, `(a ? b : c)[1:2].d`, `any(x, {# > 1 and .y ?? 2})`, "a['b\\n']?.c", `-(-a) ** 2 % 3`, `!a == b`, `1 < a < 2 <= b`, "`x``y` contains b\"\\xff\"", `if a { b } else { c }`, `a | trim() | len()`, `not not not a`, `$env["x"].y`, `x[:1] + y[2:]`, `{"a": 1}.a`, `a ?? b ?? (c + d)`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		n, err := Parse(src, []string{"f", "cidr"})
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Line < 1 || e.Line > strings.Count(src, "\n")+1 || e.Col < 1 || e.Width < 1 || e.Msg == "" {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		if refused(n) {
			return
		}
		text := Spell(n)
		again, err := Parse(text, []string{"f", "cidr"})
		if err != nil {
			if strings.Contains(err.Error(), "nested deeper") { // brackets that say what was said without
				return
			}
			t.Fatalf("%q is printed as %q: %v", src, text, err)
		}
		if got := Spell(again); got != text {
			t.Fatalf("%q is printed as %q and then as %q", src, text, got)
		}
		// ?. does not matter to fields, ! is another way to write not, and if one for ? and :. Keys that are names need no
		// brackets, and bytes that are UTF-8 no b.
		other := slices.ContainsFunc([]string{"?.", "!", "if", "$env", "[", "b'", "b\"", "B"}, func(s string) bool { return strings.Contains(src, s) })
		if !other && len(src) < 500 && ast.Dump(n) != ast.Dump(again) {
			t.Fatalf("%q is printed as %q, which is something else", src, text)
		}
	})
}

// refused tells whether a tree has forms that no condition may have: how they are printed does not matter.
func refused(n ast.Node) (found bool) {
	ast.Walk(&n, walker(func(k ast.Node) {
		switch k := k.(type) {
		case *ast.MapNode, *ast.PairNode, *ast.SequenceNode, *ast.VariableDeclaratorNode, *ast.ConstantNode:
			found = true
		case *ast.MemberNode:
			found = found || k.Method
		case *ast.CallNode:
			_, named := k.Callee.(*ast.IdentifierNode)
			found = found || !named
		case *ast.BinaryNode:
			found = found || k.Operator == ".."
		}
	}))
	return found
}
