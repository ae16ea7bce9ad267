package lint

import (
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// parsed is the tree of a condition.
func parsed(t testing.TB, src string) *tree.Node {
	t.Helper()
	c, err := match.Compile(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return c.Tree()
}

// judge says in a word what the lint thinks of a condition, with the parts that can never hold.
func judge(t testing.TB, src string) string {
	t.Helper()
	return judgeTree(parsed(t, src))
}

func judgeTree(n *tree.Node) string {
	var l logic
	switch l.whole(n) {
	case never:
		return "never: " + l.why.why
	case always:
		return "always: " + l.why.why
	}
	var parts []string
	for _, d := range l.dead {
		parts = append(parts, "dead: "+d.why)
	}
	return strings.Join(parts, "; ")
}

func TestLogic_never(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src, want string }{
		{"two values of one field", `process.name == "a" and process.name == "b"`, "an event has one `process.name`, which cannot be both"},
		{"the same, with case left out", `ieq(process.name, "A") and process.name == "b"`, "cannot be both"},
		{"two sets", `process.name in ["a", "b"] and process.name in ["c", "d"]`, "cannot be both"},
		{"value and beginning", `process.name == "abc" and process.name startsWith "b"`, "beginning with"},
		{"value and a part that is longer", `process.name == "abc" and process.name contains "abcd"`, "with \"abcd\""},
		{"two beginnings", `istartswith(process.name, "ab") and istartswith(process.name, "b")`, "beginning with"},
		{"two ends", `file.path endsWith ".exe" and file.path endsWith ".dll"`, "ending with"},
		{"numbers", `source.port > 1024 and source.port < 22`, "> 1024"},
		{"numbers that touch", `source.port > 22 and source.port < 22`, "< 22"},
		{"numbers of one form", `hour(@timestamp) > 22 and hour(@timestamp) < 3`, ""},
		{"there and not", `exists(user.name) and absent(user.name)`, "must be absent and have a value"},
		{"absent with a value", `absent(user.name) and user.name == "x"`, "must be absent"},
		{"and its opposite", `user.name == "x" and not (user.name == "x")`, "asked for and ruled out"},
		{"a narrower one ruled out by a wider", `user.name == "xyz" and not (user.name startsWith "x")`, "is ruled out"},
		{"ruled out in a choice", `user.name == "x" and not (host.name == "h" or user.name == "x")`, "ruled out"},
		{"all of what is ruled out holds", `user.name == "x" and host.name == "h" and not (user.name == "x" and host.name == "h")`, "ruled out"},
		{"each way of a choice", `process.name == "z" and (process.name == "a" or process.name == "b")`, "cannot be both"},
		{"across levels", `(process.name == "a" and user.name == "x") and process.name == "b"`, "cannot be both"},
		{"no address", `source.ip == "web-1"`, "holds addresses"},
		{"also a field with several values, if it is ruled out", `event.category == "x" and not (event.category == "x")`, "ruled out"},
		{"KELVIN SIGN is a k", `ieq(user.name, "K") and user.name == "k2"`, "cannot be both"},
	} {
		got := judge(t, strings.ReplaceAll(c.src, "@timestamp", `$env["@timestamp"]`))
		if !strings.HasPrefix(got, "never: ") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s is %q", c.name, c.src, got)
		}
	}
}

func TestLogic_always(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src string }{
		{"there or not", `exists(user.name) or absent(user.name)`},
		{"or its opposite", `user.name == "x" or not (user.name == "x")`},
		{"neither of two that exclude one another", `not (process.name == "a") or not (process.name == "b")`},
		{"the same within a not", `not (process.name == "a" and process.name == "b")`},
		{"a constant", `true or user.name == "x"`},
		{"not what can never hold", `not (exists(user.name) and absent(user.name))`},
	} {
		if got := judge(t, c.src); !strings.HasPrefix(got, "always: ") {
			t.Errorf("%s: %s is %q", c.name, c.src, got)
		}
	}
}

// TestLogic_perhaps: what may hold is never called impossible, nor a field with several values one with one.
func TestLogic_perhaps(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`process.name == "a"`,
		`event.category == "a" and event.category == "b"`,
		`labels.x == "a" and labels.x == "b"`,
		`process.args == "a" and process.args == "b"`,
		`process.name contains "a" and process.name contains "b"`,
		`process.name startsWith "a" and process.name endsWith "b"`,
		`process.name startsWith "ab" and process.name startsWith "abc"`,
		`ieq(process.name, "ABC") and process.name == "abc"`,
		`process.name startsWith "a" and not (process.name == "ab")`,
		`source.port > 22 and source.port < 24`,
		`source.port >= 22 and source.port <= 22`,
		`re(process.name, "^a$") and process.name == "b"`,
		`glob(process.name, "a*") and process.name == "b"`,
		`cidr(source.ip, "10.0.0.0/8") and cidr(source.ip, "192.0.2.0/24")`,
		`user.name == "a" or user.name == "b"`,
		`not (user.name == "a") and not (user.name == "b")`,
		`process.name != "a" and process.name != "b"`,
		`source.ip == "10.0.0.1"`,
		`icontains($env, "a") and not (icontains($env, "b"))`,
		`absent(user.name) and not (user.name == "x")`,
		`exists(user.name) and not (user.name == "x")`,
	} {
		if got := judge(t, src); got != "" {
			t.Errorf("%s is called %q", src, got)
		}
	}
}

func TestLogic_dead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src, want string }{
		{"one way of a choice", `process.name == "a" and (process.name == "b" or user.name == "x")`, "dead: an event has one"},
		{"an exception that never applies", `process.name == "a" and not (user.name == "x" and user.name == "y")`, "dead: an event has one"},
		{"two", `user.name == "x" and ((process.name == "a" and process.name == "b") or (file.path == "c" and file.path == "d") or host.name == "h")`, "dead: an event has one `process.name`, which cannot be both \"a\" and \"b\"; dead: an event has one `file.path`"},
	} {
		if got := judge(t, c.src); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestLogic_twin: a name of Sigma that means several fields is no mistake where one of them cannot have the value; anything
// else that cannot hold beside it is.
func TestLogic_twin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, src, want string }{
		{"the same of another field", `ieq(winlog.event_data.IpAddress, "-") or ieq(source.ip, "-")`, ""},
		{"another value", `ieq(winlog.event_data.IpAddress, "x") or ieq(source.ip, "-")`, "dead: source.ip holds addresses"},
		{"the same field", `ieq(source.ip, "10.0.0.1") or ieq(source.ip, "-")`, "dead: source.ip holds addresses"},
		{"within an exception", `event.code == "4624" and not (ieq(winlog.event_data.IpAddress, "-") or ieq(source.ip, "-"))`, ""},
	} {
		if got := judge(t, c.src); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestLogic_shapes are trees that no expression is printed as.
func TestLogic_shapes(t *testing.T) {
	t.Parallel()
	leaf := func(k kind.Kind, field string, fold bool, values ...string) *tree.Node {
		return tree.LeafOf(tree.Test{Kind: k, Field: field, Fold: fold, Values: values})
	}
	for name, c := range map[string]struct {
		n    *tree.Node
		want string
	}{
		"no part that could hold": {&tree.Node{Op: tree.Or}, "never"},
		"no part that must hold":  {&tree.Node{Op: tree.And}, "always"},
		"a test without values":   {leaf(kind.Equal, "user.name", true), "never"},
		"Windows data":            {tree.AllOf(leaf(kind.Equal, "winlog.event_data.User", true, "a"), leaf(kind.Equal, "winlog.event_data.User", true, "b")), "never"},
		"another field's values":  {tree.AllOf(tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "user.name", Fold: true, Other: "host.name"}), leaf(kind.Equal, "user.name", true, "b")), ""},
	} {
		if got := judgeTree(c.n); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestLogic_bounded: a condition of thousands of tests takes no longer than anybody waits.
func TestLogic_bounded(t *testing.T) {
	t.Parallel()
	var kids []*tree.Node
	for i := range 5000 {
		kids = append(kids, tree.NotOf(tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "user.name", Fold: true, Values: []string{strings.Repeat("x", i%50)}})))
	}
	var l logic
	if v := l.whole(&tree.Node{Op: tree.And, Kids: kids}); v != perhaps {
		t.Errorf("%v: %s", v, l.why.why)
	}
	if l.pairs > maxPairs+5000*5000 {
		t.Errorf("%d pairs", l.pairs)
	}
}

// FuzzLogic: whatever is called impossible holds for no event, and whatever is called certain for every one.
func FuzzLogic(f *testing.F) {
	for _, s := range []string{
		`process.name == "a" and process.name == "b"`, `ieq(user.name, "x") and not (istartswith(user.name, "X"))`, `exists(user.name) or absent(user.name)`,
		`(user.name == "a" or source.port > 5) and not (source.port > 6 or user.name contains "b")`, `event.category == "a" and event.category == "b"`,
	} {
		f.Add(s)
	}
	docs := []string{
		`{}`, `{"process":{"name":"a"},"user":{"name":"x"},"source":{"port":6},"event":{"category":["a","b"]}}`, `{"process":{"name":"b"},"user":{"name":"ab"},"source":{"port":0,"ip":"10.0.0.1"}}`,
		`{"user":{"name":""},"event":{"category":["b"]},"file":{"path":"/etc/passwd"}}`, `{"user":{"name":null},"process":{"name":"A"},"source":{"port":22}}`,
	}
	events := make([]event.Event, len(docs))
	for i, d := range docs {
		if err := events[i].Decode([]byte(d)); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 500 {
			return
		}
		c, err := match.Compile(src)
		if err != nil {
			return
		}
		var l logic
		v := l.whole(c.Tree())
		if v == perhaps {
			return
		}
		for i := range events {
			if got := c.Match(&events[i]); got != (v == always) {
				t.Fatalf("%q is called %v (%s), and is %v of %s", src, v, l.why.why, got, docs[i])
			}
		}
	})
}
