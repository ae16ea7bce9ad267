package match

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

func TestTreesThatAreRefused(t *testing.T) {
	t.Parallel()
	leaf := func(t tree.Test) *tree.Node { return tree.LeafOf(t) }
	deep := leaf(tree.Test{Kind: kind.Exists, Field: "user.name"})
	for range source.MaxDepth {
		deep = tree.NotOf(deep)
	}
	values := make([]string, source.MaxNodes+1)
	for name, tc := range map[string]struct {
		n         *tree.Node
		code, msg string
	}{
		"nothing":                      {nil, "expr-syntax", "not whole"},
		"a leaf without a test":        {&tree.Node{}, "expr-syntax", "not whole"},
		"a leaf with kids":             {&tree.Node{Test: &tree.Test{}, Kids: []*tree.Node{tree.Truth(true)}}, "expr-syntax", "not whole"},
		"not of nothing":               {&tree.Node{Op: tree.Not}, "expr-syntax", "not whole"},
		"not of two":                   {&tree.Node{Op: tree.Not, Kids: []*tree.Node{tree.Truth(true), tree.Truth(true)}}, "expr-syntax", "not whole"},
		"nothing within and":           {&tree.Node{Op: tree.And, Kids: []*tree.Node{nil}}, "expr-syntax", "not whole"},
		"an unknown operator":          {&tree.Node{Op: 9}, "expr-syntax", "not whole"},
		"depth":                        {deep, "expr-too-deep", "nested deeper than"},
		"values":                       {leaf(tree.Test{Kind: kind.Equal, Field: "user.name", Values: values}), "expr-too-long", "parts"},
		"length":                       {leaf(tree.Test{Kind: kind.Equal, Field: "user.name", Values: []string{strings.Repeat("x", source.MaxSource)}}), "expr-too-long", "KiB"},
		"length when printed":          {leaf(tree.Test{Kind: kind.Equal, Field: "user.name", Values: []string{strings.Repeat("\x01", source.MaxSource/2)}}), "expr-too-long", "KiB"},
		"no field":                     {leaf(tree.Test{Kind: kind.Equal, Values: []string{"x"}}), "expr-argument", "names no field"},
		"an empty part of a field":     {leaf(tree.Test{Kind: kind.Exists, Field: "a..b"}), "expr-syntax", "empty part"},
		"an unknown kind":              {leaf(tree.Test{Kind: 99, Field: "user.name"}), "expr-argument", "no known kind"},
		"an unknown form":              {leaf(tree.Test{Kind: kind.Equal, Field: "user.name", Form: 99}), "expr-argument", "no known kind"},
		"any value exists":             {leaf(tree.Test{Kind: kind.Exists, Field: tree.Any}), "expr-argument", "every event has values"},
		"a glob of a field":            {leaf(tree.Test{Kind: kind.Glob, Field: "user.name", Other: "user.id", Fold: true}), "expr-argument", "another field"},
		"case of another field":        {leaf(tree.Test{Kind: kind.Equal, Field: "user.name", Other: "user.id"}), "expr-argument", "another field"},
		"a form of a text test":        {leaf(tree.Test{Kind: kind.Contains, Field: "user.name", Form: form.Hour, Values: []string{"x"}}), "expr-argument", "only numbers"},
		"a number that is none":        {leaf(tree.Test{Kind: kind.Less, Field: "user.name", Values: []string{"x"}}), "expr-type", "no number"},
		"a comparison without one":     {leaf(tree.Test{Kind: kind.Less, Field: "user.name"}), "expr-argument", "one number"},
		"an hour that is no number":    {leaf(tree.Test{Kind: kind.Equal, Form: form.Hour, Field: "user.name", Values: []string{"5", ""}}), "expr-type", "no number"},
		"a pattern":                    {leaf(tree.Test{Kind: kind.Regex, Field: "user.name", Values: []string{"x", "(?=y)"}}), "expr-regex", "cannot be used"},
		"a network":                    {leaf(tree.Test{Kind: kind.CIDR, Field: "user.name", Values: []string{"10.0.0.0/99"}}), "expr-argument", "no network"},
		"a list":                       {leaf(tree.Test{Kind: kind.InList, Field: "user.name", Values: []string{"nope"}}), "rule-unknown-list", "no list"},
		"two lists":                    {leaf(tree.Test{Kind: kind.InList, Field: "user.name", Values: []string{"list", "list"}}), "expr-argument", "one list"},
		"source that does not parse":   {leaf(tree.Test{Kind: kind.Code, Values: []string{"a ="}}), "expr-syntax", "did not expect"},
		"source that is not allowed":   {leaf(tree.Test{Kind: kind.Code, Values: []string{"now() > 5"}}), "expr-not-allowed", "`now`"},
		"a mistake below other things": {tree.AllOf(tree.Truth(true), tree.NotOf(leaf(tree.Test{Kind: kind.Regex, Field: "a", Values: []string{"("}}))), "expr-regex", "cannot be used"},
	} {
		_, err := Compiler{Lists: propertyLists}.CompileTree(tc.n)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != tc.code || !strings.Contains(e.Msg, tc.msg) || e.Line < 1 || e.Col < 1 || e.Width < 1 {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

// TestSourceInTrees: parts that are source become what they say.
func TestSourceInTrees(t *testing.T) {
	t.Parallel()
	n := tree.AllOf(tree.LeafOf(tree.Test{Kind: kind.Code, Values: []string{`user.name == "Root" or event.severity + 1 == 9`}}), tree.LeafOf(tree.Test{Kind: kind.Code, Values: []string{`event.severity == 5`}}),
		tree.LeafOf(tree.Test{Kind: kind.Code, Values: []string{`exists(source.ip) and process.name in ["sshd"]`}}))
	c, err := Compiler{}.CompileTree(n)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Tree().String(), `(user.name == "Root" or event.severity + 1 == 9) and event.severity == 5 and exists(source.ip) and process.name == "sshd"`; got != want {
		t.Errorf("%s", got)
	}
	if len(c.Tree().Kids) != 4 || c.Slow() != 1 || !c.Match(sample(t)) {
		t.Errorf("%d parts, %d on the machine, %v", len(c.Tree().Kids), c.Slow(), c.Match(sample(t)))
	}
	if got := strings.Join(c.Fields(), " "); got != "user.name event.severity source.ip process.name" {
		t.Errorf("reads %s", got)
	}
	sameAgain(t, c, n.String(), sample(t))
}

// TestLargestRules compiles what the largest rules of others look like, printed and as trees.
func TestLargestRules(t *testing.T) {
	t.Parallel()
	drivers := tree.Test{Kind: kind.Contains, Field: "winlog.event_data.Hashes", Fold: true}
	for i := range 5000 {
		drivers.Values = append(drivers.Values, fmt.Sprintf("SHA256=%064d", i))
	}
	conditions := &tree.Node{Op: tree.Or}
	nots := &tree.Node{Op: tree.And}
	for i := range 10_000 {
		conditions.Kids = append(conditions.Kids, tree.AllOf(tree.LeafOf(tree.Test{Kind: kind.EndsWith, Field: "process.executable", Fold: true, Values: []string{fmt.Sprintf(`\tool%d.exe`, i)}}),
			tree.LeafOf(tree.Test{Kind: kind.Contains, Field: "process.command_line", Fold: true, Values: []string{fmt.Sprintf(" -flag%d ", i)}})))
		nots.Kids = append(nots.Kids, tree.NotOf(tree.LeafOf(tree.Test{Kind: kind.Contains, Field: "process.command_line", Values: []string{fmt.Sprintf(" -flag%d ", i)}})))
	}
	var e event.Event
	e.SetPath("winlog.event_data.Hashes", event.Str("MD5=0,SHA256="+fmt.Sprintf("%064d", 4999)))
	e.SetPath("process.executable", event.Str(`C:\x\TOOL9999.exe`))
	e.SetPath("process.command_line", event.Str(`tool9999 -FLAG9999 x`))
	for name, n := range map[string]*tree.Node{"vulnerable drivers": tree.LeafOf(drivers), "ten thousand conditions": conditions, "ten thousand exceptions": nots} {
		sameEverywhere(t, n, []*event.Event{&e, {}})
		if c, err := (Compiler{}).CompileTree(n); err != nil || !c.Match(&e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What is larger is refused, not tried: by the tree as by the text.
	huge := &tree.Node{Op: tree.Or}
	for range 10 {
		huge.Kids = append(huge.Kids, conditions.Kids...)
	}
	if _, err := (Compiler{}).CompileTree(huge); err == nil {
		t.Error("a condition of megabytes is taken")
	}
	if _, err := Compile(huge.String()); err == nil {
		t.Error("a condition of megabytes is taken")
	}
}
