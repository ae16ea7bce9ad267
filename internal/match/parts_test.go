package match

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/ast"

	"weir/event"
)

func TestFieldPath(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`user.name`: "user.name", `user?.name`: "user.name", `labels["a-b"]`: "labels.a-b", `labels["a-b"].c`: "labels.a-b.c", `$env["@timestamp"]`: "@timestamp",
		`$env["a.b"]`: "a.b", `$env`: "", `related.ip[0]`: "", `user[""]`: "", `user.name()`: "", `lower(user.name)`: "", `"x"`: "", `source`: "source", `user[source.ip]`: "",
	} {
		n, err := parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		got, ok := fieldPath(n)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`"x"`: "text x", `'x'`: "text x", `5`: "whole 5", `-5`: "whole -5", `+5`: "whole 5", `- -5`: "whole 5", `1.5`: "number 1.5", `-1.5`: "number -1.5", `true`: "truth true",
		`"2026-11-21T07:50:08Z"`: "time 1795247408000000000", `"2026-11-21"`: "text 2026-11-21", `nil`: "none", `[1]`: "none", `user.name`: "none", `not true`: "none", `-"x"`: "none", `0x10`: "whole 16",
	} {
		n, err := parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		c, ok := literalOf(n)
		got := "none"
		switch {
		case !ok:
		case c.isTime:
			got = fmt.Sprint("time ", c.nanos)
		case c.isText:
			got = "text " + c.str
		case c.isWhole:
			got = fmt.Sprint("whole ", c.whole)
		case c.isNumber:
			got = fmt.Sprint("number ", c.number)
		case c.isBool:
			got = fmt.Sprint("truth ", c.truth)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}

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

func TestPrefixes(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "10.1.2.3": "10.1.2.3/32", "2001:db8::1": "2001:db8::1/128", "::ffff:10.0.0.0/104": "10.0.0.0/8",
		"::ffff:10.1.2.3": "10.1.2.3/32", "::/0": "::/0", "0.0.0.0/0": "0.0.0.0/0", "::ffff:0:0/90": "::ffc0:0:0/90",
		"": "", "x": "", "10.0.0.0/33": "", "10.0.0/8": "", "10.0.0.0/": "", "/8": "", "010.0.0.0/8": "",
	} {
		p, err := parsePrefix(s)
		got := ""
		if err == nil {
			got = p.String()
		}
		if want == "::ffc0:0:0/90" { // a network that is larger than all of IPv4 stays one of IPv6
			want = netip.MustParsePrefix(s).Masked().String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s (%v)", s, got, want, err)
		}
	}
}

func TestNetworksOfAddresses(t *testing.T) {
	t.Parallel()
	in, err := prepareCIDR([]string{"10.0.0.0/8", "fe80::/10", "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]bool{
		"10.255.0.1": true, "::ffff:10.0.0.1": true, "11.0.0.1": false, "fe80::1%eth0": true, "fec0::1": false, "192.0.2.7": true, "192.0.2.8": false,
		"": false, "host": false, "10.0.0.1:5": false, "10.0.0": false,
	} {
		if in(ip) != want {
			t.Errorf("%q: %v", ip, !want)
		}
	}
}

func TestListsOfAnySize(t *testing.T) {
	t.Parallel()
	l := NewList("10.0.0.0/8", "10.0.0.0/8", "a", "a", "10.1.0.0/16", "0.0.0.0/0")
	if l.Len() != 4 {
		t.Errorf("%d values", l.Len())
	}
	if !slices.IsSortedFunc(l.bits, func(a, b prefixLen) int { return b.bits - a.bits }) {
		t.Errorf("lengths are tried in the order %v", l.bits)
	}
	if l.Has("2001:db8::1") || !l.Has("8.8.8.8") || !l.Has("::ffff:8.8.8.8") {
		t.Error("a network of one family holds addresses of the other")
	}
	if NewList("a/b").Has("10.0.0.1") || !NewList("a/b").Has("a/b") {
		t.Error("a path is taken for a network")
	}
	if _, err := ReadList(&endless{line: "10.0.0.1\n"}); err == nil || !strings.Contains(err.Error(), "longer than 64 MiB") {
		t.Errorf("a list without end: %v", err)
	}
	if _, err := ReadList(io.MultiReader(strings.NewReader("a\n"), broken{})); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("a list that breaks off: %v", err)
	}
}

// endless repeats a line.
type endless struct {
	line string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.line[e.at]
		e.at = (e.at + 1) % len(e.line)
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }

func TestTextsOfArguments(t *testing.T) {
	t.Parallel()
	str := func(s string) ast.Node { return &ast.StringNode{Value: s} }
	got, bad := texts([]ast.Node{str("a"), &ast.ArrayNode{Nodes: []ast.Node{str("b"), &ast.ArrayNode{Nodes: []ast.Node{str("c")}}}}})
	if bad != nil || strings.Join(got, " ") != "a b c" {
		t.Errorf("%v %v", got, bad)
	}
	five := &ast.IntegerNode{Value: 5}
	if _, bad := texts([]ast.Node{str("a"), &ast.ArrayNode{Nodes: []ast.Node{five}}}); bad != ast.Node(five) {
		t.Errorf("%v is called the bad one", bad)
	}
}

func TestValueTests(t *testing.T) {
	t.Parallel()
	isX := func(v event.Value) bool { return v.Kind() == event.String && v.Str() == "x" }
	ref := event.MakeRef("labels.v")
	for _, tc := range []struct {
		name                         string
		value                        event.Value
		any, none, text, equal, true bool
		items                        int
	}{
		{"the text", event.Str("x"), true, false, true, true, false, 1},
		{"another text", event.Str("y"), false, true, false, false, false, 1},
		{"a number", event.Num(1), false, true, false, false, false, 1},
		{"true", event.Truth(true), false, true, false, false, true, 1},
		{"null", event.Nil(), false, false, false, false, false, 1},
		{"a list with it", event.Items(event.Nil(), event.Num(2), event.Str("x")), true, false, true, true, false, 3},
		{"a list with true", event.Items(event.Truth(false), event.Truth(true)), false, true, false, false, true, 2},
		{"a list without it", event.Items(event.Str("y"), event.Nil()), false, true, false, false, false, 2},
		{"a list of nulls", event.Items(event.Nil(), event.Nil()), false, false, false, false, false, 2},
		{"an empty list", event.Items(), false, false, false, false, false, 0},
	} {
		e := &event.Event{}
		e.SetPath("labels.v", tc.value)
		got := []bool{anyValue(ref, isX)(e), noValue(ref, isX)(e), anyText(operand{ref: ref}, func(s string) bool { return s == "x" })(e), equalText(ref, "x")(e), anyValue(ref, isTrue)(e)}
		if want := []bool{tc.any, tc.none, tc.text, tc.equal, tc.true}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", tc.name, got, want)
		}
		if items(tc.value) != tc.items {
			t.Errorf("%s: %d values", tc.name, items(tc.value))
		}
	}
	var empty event.Event
	if anyValue(ref, isX)(&empty) || noValue(ref, isX)(&empty) || equalText(ref, "")(&empty) {
		t.Error("a field that is not there is compared")
	}
}

// TestCheapPartsAreTriedFirst counts what runs: a rule with a slow part costs little on events that it is not about.
func TestCheapPartsAreTriedFirst(t *testing.T) {
	t.Parallel()
	var ran []string
	leaf := func(name string, cost int, holds bool) *node {
		return &node{cost: cost, test: func(*event.Event) bool { ran = append(ran, name); return holds }}
	}
	for _, tc := range []struct {
		name string
		root *node
		want string
		held bool
	}{
		{"and ends at the first that fails", &node{op: opAnd, kids: []*node{leaf("slow", costSlow, true), leaf("cheap", costEqual, false), leaf("regex", costRegex, true)}}, "cheap", false},
		{"or ends at the first that holds", &node{op: opOr, kids: []*node{leaf("slow", costSlow, true), leaf("cheap", costEqual, false), leaf("regex", costRegex, true)}}, "cheap regex", true},
		{"a group costs what is in it", &node{op: opAnd, kids: []*node{{op: opOr, kids: []*node{leaf("a", costCIDR, true), leaf("b", costCIDR, true)}}, leaf("c", costCIDR, true)}}, "c a", true},
		{"a not costs what is in it", &node{op: opAnd, kids: []*node{{op: opNot, kids: []*node{leaf("slow", costSlow, false)}}, leaf("cheap", costEqual, true)}}, "cheap slow", true},
		{"the written order decides between equals", &node{op: opOr, kids: []*node{leaf("a", 1, false), leaf("b", 1, false), leaf("c", 1, false)}}, "a b c", false},
	} {
		ran = nil
		if held := tc.root.compile()(nil); held != tc.held || strings.Join(ran, " ") != tc.want {
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
		strings.Repeat("(", maxDepth-1) + `user.name == "x"` + strings.Repeat(")", maxDepth-1),
		strings.Repeat("not ", maxDepth-1) + "tls.established",
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
