package xmltree

import (
	"fmt"
	"strings"
	"testing"
)

// Beyond a few members a map is used: the result must be the same.
func TestManyMembers(t *testing.T) {
	var doc strings.Builder
	doc.WriteString("<a>")
	for i := range 100 {
		fmt.Fprintf(&doc, "<m%d>%d</m%d>", i, i, i)
	}
	doc.WriteString("<m7>again</m7>tail</a>")
	v, err := Parse(doc.String())
	if err != nil {
		t.Fatal(err)
	}
	a := v.Get("a")
	if a.Len() != 101 {
		t.Errorf("%d members, want 101", a.Len())
	}
	if got := string(a.Get("m7").AppendJSON(nil)); got != `["7","again"]` {
		t.Errorf("m7 is %s", got)
	}
	if got := a.Get("m99").Str(); got != "99" {
		t.Errorf("m99 is %q", got)
	}
	if got := a.Get("text").Str(); got != "tail" {
		t.Errorf("text is %q", got)
	}
}

func TestEntity(t *testing.T) {
	for _, c := range []struct {
		name string
		want rune
		ok   bool
	}{
		{"amp", '&', true}, {"lt", '<', true}, {"gt", '>', true}, {"quot", '"', true}, {"apos", '\'', true},
		{"#65", 'A', true}, {"#x41", 'A', true}, {"#X41", 'A', true}, {"#xAC00", '가', true},
		{"#", 0, false}, {"#x", 0, false}, {"#0", 0, false}, {"#xD800", 0, false}, {"#x110000", 0, false}, {"nbsp", 0, false},
	} {
		if r, ok := entity(c.name); r != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v", c.name, r, ok)
		}
	}
}

func TestUnescapeOfPlainTextIsNoCopy(t *testing.T) {
	s := strings.Repeat("plain ", 10)
	if n := testing.AllocsPerRun(10, func() { unescape(s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
