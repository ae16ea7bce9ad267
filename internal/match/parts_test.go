package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

func TestKnownFields(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"source.ip": true, "labels.anything.at.all": true, "user.nope": false, "destination": false, "": false, "source.ip.x": false, ".": false, "message": true,
	} {
		if Known(path) != want {
			t.Errorf("%q known: %v", path, !want)
		}
	}
	if got := fieldBelow("source"); !strings.HasPrefix(got, "source.") {
		t.Errorf("below source is %q", got)
	}
	if got := fieldBelow("sourc"); got != "" {
		t.Errorf("below sourc is %q", got)
	}
}

func TestTextsOfArguments(t *testing.T) {
	t.Parallel()
	str := func(s string) ast.Node { return &ast.StringNode{Value: s} }
	got, bad := constantTexts([]ast.Node{str("a"), &ast.ArrayNode{Nodes: []ast.Node{str("b"), &ast.ArrayNode{Nodes: []ast.Node{str("c")}}}}})
	if bad != nil || strings.Join(got, " ") != "a b c" {
		t.Errorf("%v %v", got, bad)
	}
	five := &ast.IntegerNode{Value: 5}
	if _, bad := constantTexts([]ast.Node{str("a"), &ast.ArrayNode{Nodes: []ast.Node{five}}}); bad != ast.Node(five) {
		t.Errorf("%v is called the bad one", bad)
	}
}

// TestCheapPartsAreTriedFirst counts what runs: a rule with a slow part costs little on events that it is not about.
func TestCheapPartsAreTriedFirst(t *testing.T) {
	t.Parallel()
	var ran []string
	leaf := func(name string, cost int, holds bool) *node {
		return &node{ask: &tree.Test{Kind: kind.Code}, cost: cost, run: func(*fold.View) bool { ran = append(ran, name); return holds }}
	}
	for _, tc := range []struct {
		name string
		root *node
		want string
		held bool
	}{
		{"and ends at the first that fails", &node{op: tree.And, kids: []*node{leaf("slow", costSlow, true), leaf("cheap", costEqual, false), leaf("regex", costRegex, true)}}, "cheap", false},
		{"or ends at the first that holds", &node{op: tree.Or, kids: []*node{leaf("slow", costSlow, true), leaf("cheap", costEqual, false), leaf("regex", costRegex, true)}}, "cheap regex", true},
		{"a group costs what is in it", &node{op: tree.And, kids: []*node{{op: tree.Or, kids: []*node{leaf("a", costCIDR, true), leaf("b", costCIDR, true)}}, leaf("c", costCIDR, true)}}, "c a", true},
		{"a not costs what is in it", &node{op: tree.And, kids: []*node{{op: tree.Not, kids: []*node{leaf("slow", costSlow, false)}}, leaf("cheap", costEqual, true)}}, "cheap slow", true},
		{"the written order decides between equals", &node{op: tree.Or, kids: []*node{leaf("a", 1, false), leaf("b", 1, false), leaf("c", 1, false)}}, "a b c", false},
	} {
		ran = nil
		run, err := newLowering("", nil).compile(tc.root)
		if err != nil {
			t.Fatal(err)
		}
		if held := run(nil); held != tc.held || strings.Join(ran, " ") != tc.want {
			t.Errorf("%s: %v after %v, want %v after %s", tc.name, held, ran, tc.held, tc.want)
		}
	}
}

func TestNeedsHasABound(t *testing.T) {
	t.Parallel()
	list := func(n, from int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = fmt.Sprintf("%q", fmt.Sprint("w", from+i))
		}
		return "process.name in [" + strings.Join(words, ",") + "]"
	}
	for _, tc := range []struct {
		name, src string
		want      int
		ok        bool
	}{
		{"as many as it may have", list(maxNeeded, 0), maxNeeded, true},
		{"one more", list(maxNeeded+1, 0), 0, false},
		{"more in two parts", list(200, 0) + " or " + list(200, 200), 0, false},
		{"the same in two parts", list(200, 0) + " or " + list(200, 0), 200, true},
		{"a part that is small enough", list(maxNeeded+1, 0) + ` and process.name == "x"`, 1, true},
		{"the smaller of two", list(9, 0) + " and " + list(3, 0), 3, true},
		{"in a list that is empty", "process.name in []", 0, true},
		{"a mixed list", `process.name in ["a", 5]`, 0, false},
		{"a time may be written in many ways", `process.name == "2026-11-21T07:50:08Z"`, 0, false},
		{"not at all", "true", 0, false},
	} {
		got, ok := mustCompile(t, tc.src).Needs("process.name")
		if ok != tc.ok || ok && len(got) != tc.want {
			t.Errorf("%s: %d values, %v", tc.name, len(got), ok)
		}
	}
}

// TestNeedsIsNecessary compares the index with what it stands for: an event whose field has none of the values can never
// match, whatever else it holds.
func TestNeedsIsNecessary(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "sshd", ""}
	for _, src := range []string{
		`process.name == "a" and user.name != "x"`, `process.name in ["a", "b"] or process.name == "c"`, `(process.name == "a" or process.name == "b") and not (process.name == "b")`,
		`process.name == "a" and (process.name == "b" or true)`, `process.name == "sshd" or process.name == "sshd" and any(related.ip, # == "x")`,
	} {
		c := mustCompile(t, src)
		need, ok := c.Needs("process.name")
		if !ok {
			t.Fatalf("%s needs nothing", src)
		}
		for _, name := range names {
			var e event.Event
			e.SetStr(event.ProcessName, name)
			e.SetStr(event.UserName, "y")
			if c.Match(&e) && !slices.Contains(need, name) {
				t.Errorf("%s holds for %q, which is not in %v", src, name, need)
			}
		}
	}
}

func TestExplainChoosesTheNearestWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		src  string
		want string // the parts that fail
		of   int
	}{
		{`user.name == "a" or user.name == "Root"`, "", 1},
		{`user.name == "a" and process.name == "sshd" or process.name == "x" and event.code == "4625" and user.id == "5"`, `user.name == "a"`, 2},
		{`not (process.name == "sshd" or user.name == "Root")`, `not (process.name == "sshd"); not (user.name == "Root")`, 2},
		{`not (process.name == "sshd" and user.name == "Root")`, `not (process.name == "sshd")`, 1},
		{`not (not (process.name == "x"))`, `process.name == "x"`, 1},
		{`not (process.name == "sshd" and user.name == "x")`, "", 1},
		{`process.name == "x" and process.name == "x"`, `process.name == "x"; process.name == "x"`, 2},
	} {
		misses, of := mustCompile(t, tc.src).Explain(sample(t))
		var got []string
		for _, m := range misses {
			got = append(got, m.Expr)
		}
		if strings.Join(got, "; ") != tc.want || of != tc.of {
			t.Errorf("%s: %v of %d, want %s of %d", tc.src, got, of, tc.want, tc.of)
		}
	}
	// What is explained outlives the event.
	e := sample(t)
	misses, _ := mustCompile(t, `user.name == "a" and user.name == "b"`).Explain(e)
	e.Reset()
	if misses[0].Values[0] != (Found{Field: "user.name", Value: "Root", Has: true}) {
		t.Errorf("%+v", misses[0].Values)
	}
}

func TestNestingThatIsStillAllowed(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		strings.Repeat("(", source.MaxDepth-1) + `user.name == "x"` + strings.Repeat(")", source.MaxDepth-1),
		strings.Repeat("not ", source.MaxDepth-1) + "tls.established",
		strings.Repeat("(true) and ", 1000) + "true", // wide is not deep
		`user.name in [` + strings.Repeat(`"a",`, 5000) + `"b"]`,
	} {
		if _, err := Compile(src); err != nil {
			t.Errorf("%.40s: %v", src, err)
		}
	}
	// At most so many fields are warned about: each of them is made known to the event table.
	var b strings.Builder
	for i := range maxWarnings + 20 {
		fmt.Fprintf(&b, "unheard.of%d == 1 or ", i)
	}
	if w := mustCompile(t, b.String()+"true").Warnings(); len(w) != maxWarnings {
		t.Errorf("%d warnings", len(w))
	}
}
