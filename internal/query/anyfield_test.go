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
	f, err := event.Register("later.field", ecs.Keyword)
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
