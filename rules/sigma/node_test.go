package sigma

import (
	"fmt"
	"strings"
	"testing"

	"weir/rules/yamlfile"
)

// fileNamed is an empty file with a name.
func fileNamed(name string) *yamlfile.File {
	f, _ := yamlfile.Open(name, nil)
	return f
}

// TestNodes reads every kind of value.
func TestNodes(t *testing.T) {
	t.Parallel()
	file, docs := yamlfile.Open("f.yml", []byte("a: text\nb: 'quoted'\nc: 0x10\nd: True\ne: 1.50\nf: ~\ng:\nh: |\n  two\n  lines\ni: [1, x, [y]]\nj: {k: v}\nl: .inf\nm: 2026-01-02\nn: 99999999999999999999\no: \"\\u00e9\"\n"))
	n := read(file, file.Body(docs[0]))
	var got []string
	var say func(n *node) string
	say = func(n *node) string {
		switch n.sort {
		case null:
			return "null"
		case text:
			return fmt.Sprintf("%q", n.text)
		case plain:
			return n.text
		case list:
			var parts []string
			for _, it := range n.items {
				parts = append(parts, say(it))
			}
			return "[" + strings.Join(parts, " ") + "]"
		}
		return fmt.Sprintf("{%s: %s}", n.keys[0].key, say(n.keys[0].value))
	}
	for _, p := range n.keys {
		got = append(got, p.key+"="+say(p.value))
	}
	want := `a="text" b="quoted" c=0x10 d=True e=1.50 f=null g=null h="two\nlines\n" i=[1 "x" ["y"]] j={k: "v"} l=.inf m="2026-01-02" n="99999999999999999999" o="é"`
	if s := strings.Join(got, " "); s != want || len(file.Faults()) != 0 {
		t.Errorf("got  %s\nwant %s\n%s", s, want, show(file.Faults()))
	}
	if n.get("none") != nil || (*node)(nil).get("a") != nil {
		t.Error("a key that is not there")
	}
}

// TestAliases: aliases stand for what their anchors say, and merge keys add what is not there.
func TestAliases(t *testing.T) {
	t.Parallel()
	got := parse(detection(
		"base: &base {User: a, Name: b}", "list: {Image: &images [x, y]}",
		"more: {<<: *base, Name: c, Image: *images}", "two: {<<: [*base], Image: z}", "condition: more or two or base or list"), Options{})
	want := `ieq(Name, "c") and ieq(Image, "x", "y") and ieq(User, "a") or ieq(Image, "z") and ieq(User, "a") and ieq(Name, "b") or ieq(User, "a") and ieq(Name, "b") or ieq(Image, "x", "y")`
	if len(got.rules) != 1 {
		t.Fatal(show(got.faults))
	}
	if s := got.rules[0].Detection.String(); !sameParts(s, want) {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// sameParts compares chains without the order of their parts.
func sameParts(a, b string) bool {
	count := func(s string) map[string]int {
		out := map[string]int{}
		for or := range strings.SplitSeq(s, " or ") {
			for and := range strings.SplitSeq(or, " and ") {
				out[and]++
			}
		}
		return out
	}
	return fmt.Sprint(count(a)) == fmt.Sprint(count(b))
}

// bomb is a few lines whose aliases stand for 10 to the power of depth values.
func bomb(depth int) string {
	var b strings.Builder
	b.WriteString(head + "detection:\n  s0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < depth; i++ {
		fmt.Fprintf(&b, "  s%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	b.WriteString("  condition: all of s*\n")
	return b.String()
}

// TestAliasesAreBounded: neither aliases that stand for billions nor aliases within themselves cost anything.
func TestAliasesAreBounded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ doc, what string }{
		"a bomb":               {bomb(9), "the aliases of this document stand for more than 200000 values"},
		"a loop":               {detection("s: &a [x, *a]", "condition: s"), "the alias `a` stands within itself"},
		"a loop of a mapping":  {detection("s: &a {User: x, Name: *a}", "condition: s"), "the alias `a` stands within itself"},
		"a loop over two":      {detection("s: &a [x, &b [y, *a]]", "t: *b", "condition: s"), "the alias `a` stands within itself"},
		"a loop of merge keys": {detection("s: &a {<<: *a}", "condition: s"), "the alias `a` stands within itself"},
		"no anchor":            {detection("s: *a", "condition: s"), "no anchor `a` stands before its alias"},
		"a merge of a text":    {detection("s: {<<: x, User: y}", "condition: s"), "`<<` takes keys and values"},
	} {
		got := parse(tc.doc, Options{})
		if len(got.rules) != 0 || len(got.faults) == 0 || got.faults[0].What != tc.what {
			t.Errorf("%s: %s", name, show(got.faults))
		}
	}
	if got := parse(bomb(3), Options{}); len(got.rules) != 1 {
		t.Errorf("1,110 values: %s", show(got.faults))
	}
}
