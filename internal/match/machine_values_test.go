package match

import (
	"fmt"
	"strings"
	"testing"

	"weir/event"
)

// TestAMachineForgetsTheEventBefore runs one condition on events that have ever less: a value that stayed in the
// environment would make the next event match on it.
func TestAMachineForgetsTheEventBefore(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, `(user.name ?? "") + (source.address ?? "") == "kim10" or (user.name ?? "none") + "" == "none" and (source.address ?? "none") + "" == "none"`)
	for i, tc := range []struct {
		doc  string
		want bool
	}{
		{`{"user":{"name":"kim"},"source":{"address":"10"}}`, true},
		{`{"user":{"name":"kim"}}`, false},
		{`{}`, true},
		{`{"source":{"address":"10"}}`, false},
		{`{"user":{"name":"kim"},"source":{"address":"10"}}`, true},
	} {
		var e event.Event
		if err := e.Decode([]byte(tc.doc)); err != nil {
			t.Fatal(err)
		}
		if got := c.Match(&e); got != tc.want {
			t.Errorf("event %d %s: %v", i, tc.doc, got)
		}
	}
}

// TestWhatTheMachineSees names the type that each kind of value has on expr's machine.
func TestWhatTheMachineSees(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value event.Value
		want  string
	}{
		{event.Str("x"), "string x"}, {event.Num(5), "int 5"}, {event.Real(1.5), "float64 1.5"}, {event.Truth(true), "bool true"}, {event.Nil(), "<nil> <nil>"},
		{event.Items(event.Str("a"), event.Nil(), event.Num(2)), "[]interface {} [a <nil> 2]"},
		{event.Members(event.Str("k"), event.Items(event.Num(1))), "map[string]interface {} map[k:[1]]"},
		{event.Items(), "[]interface {} []"},
	} {
		got := toAny(tc.value)
		if s := fmt.Sprintf("%T %v", got, got); s != tc.want {
			t.Errorf("%s, want %s", s, tc.want)
		}
	}
	var e event.Event
	if err := e.Decode([]byte(sampleDoc)); err != nil {
		t.Fatal(err)
	}
	at := toAny(e.GetPath("weir.time"))
	if s, ok := at.(string); !ok || !strings.HasPrefix(s, "2026-11-21T07:50:08") {
		t.Errorf("a time is %T %v", at, at)
	}
}

// TestWhatCannotBeComputedIsFalse holds a part on the machine to its promise: no event makes it fail, and what has no
// answer is no match.
func TestWhatCannotBeComputedIsFalse(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`int(user.name) == 1`, `related.ip[99] == "x"`, `user.domain + "x" == "x"`, `split(event.severity, "x")[0] == ""`, `first(user.name) == "R"`,
		`any(user.domain, # == "x")`, `event.severity + 1`, `user.name ?? 5`, `1 / 0 == event.severity`, `any(event.severity, # == 5)`,
	} {
		c, err := Compile(src)
		if err != nil {
			continue // refused at load: better still
		}
		if c.Match(sample(t)) {
			t.Errorf("%s holds", src)
		}
		if misses, of := c.Explain(sample(t)); len(misses) == 0 || of == 0 {
			t.Errorf("%s: no reason is given", src)
		}
	}
}

// TestAGroupIsNoValue has fields above and below one another in one part: the place of the upper one is a map then.
func TestAGroupIsNoValue(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, `(labels.a.b ?? "") + (labels.a.c ?? "") == "xy" and labels.a + "" != "z"`)
	var e event.Event
	e.SetPath("labels.a.b", event.Str("x"))
	e.SetPath("labels.a.c", event.Str("y"))
	c.Match(&e) // no panic; what it says of a group is not defined
	p := &part{slots: []slot{{key: "a"}, {above: []string{"a"}, key: "b"}, {above: []string{"ab"}, key: "b"}, {above: []string{"a", "b"}, key: "c"}}}
	p.markParents()
	var groups []bool
	for _, s := range p.slots {
		groups = append(groups, s.group)
	}
	if fmt.Sprint(groups) != "[true true false false]" {
		t.Errorf("groups: %v", groups)
	}
}

func TestTheHelperTakesWhatTheMachineHandsIt(t *testing.T) {
	t.Parallel()
	p := &part{tests: []func(string) bool{func(s string) bool { return s == "x" }}}
	for _, tc := range []struct {
		params []any
		want   any
		fails  bool
	}{
		{[]any{0, "x"}, true, false}, {[]any{0, "y"}, false, false}, {[]any{0, []any{"y", 5, nil, "x"}}, true, false}, {[]any{0, []any{"y", 5}}, false, false},
		{[]any{0, 5}, false, false}, {[]any{0, nil}, false, false}, {[]any{0, map[string]any{"x": "x"}}, false, false},
		{[]any{1, "x"}, nil, true}, {[]any{-1, "x"}, nil, true}, {[]any{"0", "x"}, nil, true},
	} {
		got, err := p.call(tc.params...)
		if got != tc.want || (err != nil) != tc.fails {
			t.Errorf("%v: %v %v", tc.params, got, err)
		}
	}
}
