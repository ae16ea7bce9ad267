package query

import (
	"testing"

	"weir/event"
	"weir/event/ecs"
)

// Fields that become known after a query was read are looked into too.
func TestAnyField_registeredLater(t *testing.T) {
	free, err := Parse("brandnew")
	if err != nil {
		t.Fatal(err)
	}
	glob, err := Parse("later.*: brandnew")
	if err != nil {
		t.Fatal(err)
	}
	f, err := event.Register(ecs.Keyword, "later.field")
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	e.Set(f, event.Str("brandnew"))
	if !free.Match(&e) || !glob.Match(&e) {
		t.Error("a field of a format that was loaded later is passed over")
	}
}

func TestAnyField_below(t *testing.T) {
	cases := []struct {
		name, q, doc string
		want         bool
	}{
		{"member", "weir.data.a*: x", `{"weir":{"data":{"abc":"x"}}}`, true},
		{"member of a member", "weir.data.*.c: x", `{"weir":{"data":{"b":{"c":"x"}}}}`, true},
		{"in a list", "weir.data.*: x", `{"weir":{"data":{"b":[{"c":"y"},{"c":"x"}]}}}`, true},
		{"other name", "weir.data.b*: x", `{"weir":{"data":{"abc":"x"}}}`, false},
		{"other value", "weir.data.*: x", `{"weir":{"data":{"abc":"y"}}}`, false},
		{"long name", "weir.data.*z: x", `{"weir":{"data":{"` + longName + `z":"x"}}}`, true},
		{"unknown list of objects", "foo.*: x", `{"foo":[{"bar":"x"}]}`, true},
		{"unknown path", "*.bar: x", `{"foo":{"bar":"x"}}`, true},
		{"star in the middle", "foo.*.baz: x", `{"foo":{"bar":{"baz":"x"}}}`, true},
		{"boolean of the right name", "*.exists: true", `{"dll":{"code_signature":{"exists":true}}}`, true},
		{"exists below an unknown parent", "foo: *", `{"foo":{"bar":"x"}}`, true},
		{"exists, but null", "foo: *", `{"foo":{"bar":null}}`, false},
	}
	for _, c := range cases {
		q, err := Parse(c.q)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Match(decode(t, c.doc)); got != c.want {
			t.Errorf("%s: %s in %s: %v", c.name, c.q, c.doc, got)
		}
	}
}

const longName = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" +
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// A pattern of names asks what all fields with such a name would be asked one by one.
func TestAnyField_oracle(t *testing.T) {
	e := decode(t, doc)
	for _, c := range []struct{ pattern, value string }{
		{"source.*", "203.0.113.5"}, {"*.ip", "10.1.2.3"}, {"*.name", "sshd"}, {"event.*", "failure"}, {"*.port", "40122"}, {"event.*", "nothing"}, {"host.*", "web-1"}, {"*er.na*", "Kim Min"},
	} {
		q, err := Parse(c.pattern + ": " + c.value)
		if err != nil {
			t.Fatal(err)
		}
		name := q.Root().(*Term).Field
		want := false
		for _, f := range event.Fields() {
			if !name.Match(f.Path()) {
				continue
			}
			one, err := Parse(f.Path() + ": " + c.value)
			want = want || err == nil && one.Match(e) // a field that cannot hold the value is passed over
		}
		if got := q.Match(e); got != want {
			t.Errorf("%s: %v, field by field %v", q, got, want)
		}
	}
}

// Many conditions with one pattern share one list: a query of a thousand addresses must not cost a thousand lists.
func TestAnyField_plansAreShared(t *testing.T) {
	c := compiler{now: noon}
	wild := Lit{Text: "*.ip", Parts: []string{"", ".ip"}}
	first, again := c.plans(wild), c.plans(wild)
	if &first[0] != &again[0] {
		t.Error("the same pattern has two lists")
	}
	if other := c.plans(Lit{Text: "*.id", Parts: []string{"", ".id"}}); &other[0] == &first[0] {
		t.Error("two patterns have one list")
	}
	if free := c.plans(Lit{}); free[event.EventOriginal] != skip || free[event.Message] == skip {
		t.Errorf("free text: original %d, message %d", free[event.EventOriginal], free[event.Message])
	}
	if first[event.SourceIP] == skip || first[event.Message] != skip {
		t.Errorf("*.ip: source.ip %d, message %d", first[event.SourceIP], first[event.Message])
	}
}
