package correlation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

const chain = "sequence: [{when: burst}, {when: b}]\nby: [{who: {burst: user.name, b: user.target.name}}]\nwithin: 1h\nof:\n  burst: {count: {when: [a, c], at_least: 5}, by: [user.name], within: 5m}"

func TestNodes(t *testing.T) {
	t.Parallel()
	c, _ := read(t, chain)
	if n := c.Nodes(); len(n) != 2 || n[0] != c || n[1].Name != "burst" {
		t.Fatal(n)
	}
	for when, want := range map[string]string{"a": "[ burst]", "b": "[]", "c": "[ burst]", "burst": "[]", "d": "none"} {
		var names []string
		for _, n := range c.PathTo(when) {
			names = append(names, n.Name)
		}
		got := fmt.Sprint(names)
		if names == nil {
			got = "none"
		}
		if got != want {
			t.Errorf("%s: %s", when, got)
		}
		if n := c.NodeOf(when); (n == nil) != (want == "none") || n != nil && n.Name != names[len(names)-1] {
			t.Errorf("%s: %v", when, n)
		}
	}
	if c.Reads("who", "burst") != "user.name" || c.Reads("who", "b") != "user.target.name" || c.Reads("who", "d") != "" || c.Reads("host.name", "b") != "host.name" {
		t.Error(c.Alias)
	}
	if (*Correlate)(nil).Nodes() != nil || (*Correlate)(nil).PathTo("a") != nil {
		t.Error("nothing has nodes")
	}
}

func TestMonotone(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]bool{
		"count: {when: a, at_least: 2}":                                             true,
		"count: {when: a, is: {gt: 2}}":                                             true,
		"count: {when: a, is: {gt: 2, lt: 9}}":                                      false,
		"distinct: {when: a, of: user.name, is: {eq: 9}}":                           false,
		"sum: {when: a, of: source.bytes, at_least: 9}":                             true,
		"avg: {when: a, of: source.bytes, at_least: 9}":                             false,
		"median: {when: a, of: source.bytes, at_least: 9}":                          false,
		"percentile: {when: a, of: source.bytes, percent: 1, at_least: 9}":          false,
		"any_order: [{when: a}, {when: b}]":                                         true,
		"any_order: {condition: a or b}":                                            true,
		"any_order: {condition: a and not b}":                                       false,
		"sequence: {condition: a and b and not c}":                                  false,
		"sequence: [{when: a}, {when: b}]":                                          true,
		"absence: {after: a}":                                                       false,
		"new_value: {when: a, of: user.name}":                                       false,
		"count: {when: x, at_least: 2}\nof: {x: {absence: {after: a}, within: 1m}}": true,
	} {
		c, faults := read(t, doc+"\nwithin: 31d\n")
		if c == nil || c.Monotone() != want {
			t.Errorf("%s: %v", doc, faults)
		}
	}
}

// TestRequires: without which conditions a correlation cannot hold.
func TestRequires(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"count: {when: a, at_least: 2}":          "a",
		"count: {when: [a, b], at_least: 2}":     "",
		"any_order: [{when: a}, {when: b}]":      "a b",
		"any_order: {condition: a and (b or c)}": "a",
		"any_order: {condition: a and not b}":    "a",
		"any_order: {condition: (a and b) or a}": "a",
		"absence: {after: a, of: b}":             "a",
		"sequence: [{when: x}, {when: b}]\nof: {x: {any_order: {condition: a and (c or d)}, within: 1m}}": "a b",
		"any_order: {condition: x or b}\nof: {x: {count: {when: a, at_least: 2}, within: 1m}}":            "",
	} {
		c, faults := read(t, doc+"\nwithin: 1d\n")
		if c == nil {
			t.Fatal(faults)
		}
		var got []string
		for _, when := range []string{"a", "b", "c", "d"} {
			if c.Requires(when) {
				got = append(got, when)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %q", doc, s)
		}
	}
}

// TestWriteTo: whatever changes what is found changes what is written, and nothing else does.
func TestWriteTo(t *testing.T) {
	t.Parallel()
	text := func(c *Correlate) string {
		var b bytes.Buffer
		if n, err := c.WriteTo(&b); err != nil || n != int64(b.Len()) {
			t.Fatal(n, b.Len(), err)
		}
		return b.String()
	}
	full := func() *Correlate {
		return &Correlate{Name: "n", Kind: Sequence, Steps: []Step{{"a", 1}}, Logic: &Logic{Step: "a"}, By: []string{"x"}, Alias: map[string]map[string]string{"x": {"a": "b", "c": "d"}, "y": {}},
			Within: 1, Window: Sliding, Bounds: []Bound{{"gt", 1}}, Field: []string{"f"}, Percent: 1, MinValues: 1, Learn: 1, Inner: []*Correlate{{Name: "i"}}}
	}
	whole := text(full())
	if whole != text(full()) {
		t.Error("the same is written in two ways")
	}
	v := reflect.ValueOf(full()).Elem()
	for i := range v.NumField() {
		c := full()
		f := reflect.ValueOf(c).Elem().Field(i)
		f.Set(reflect.Zero(f.Type()))
		if text(c) == whole {
			t.Errorf("%s changes nothing", v.Type().Field(i).Name)
		}
	}
	if _, err := full().WriteTo(broken{}); err == nil {
		t.Error("a writer that fails is not told of")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

var _ io.WriterTo = (*Correlate)(nil)

func TestHolds(t *testing.T) {
	t.Parallel()
	for op, want := range map[string]string{"gt": "3", "gte": "2 3", "lt": "1", "lte": "1 2", "eq": "2", "neq": "1 3", "": ""} {
		var got []string
		for n := 1; n <= 3; n++ {
			if (Bound{op, 2}).Holds(float64(n)) {
				got = append(got, itoa(n))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", op, got)
		}
	}
}
