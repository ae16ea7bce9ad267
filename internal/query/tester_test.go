package query

import (
	"testing"
	"time"

	"weir/event"
)

func TestNumber(t *testing.T) {
	const big = 1<<53 + 1 // no float holds it
	cases := []struct {
		name, q string
		v       event.Value
		c       int
		ok      bool
	}{
		{"equal", "80", event.Num(80), 0, true},
		{"float", "80", event.Real(80), 0, true},
		{"text", "80", event.Str("80.0"), 0, true},
		{"less", "80", event.Num(79), -1, true},
		{"more", "-80", event.Real(-79.5), 1, true},
		{"exact beyond floats", "9007199254740993", event.Num(big - 1), -1, true},
		{"no number", "80", event.Str("http"), 0, false},
		{"address is no number", "80", event.Str("1.2.3.4"), 0, false},
		{"infinity is no number", "80", event.Str("inf"), 0, false},
		{"truth is no number", "1", event.Truth(true), 0, false},
	}
	for _, c := range cases {
		n, ok := parseNumber(c.q)
		if !ok {
			t.Fatal(c.q)
		}
		if got, ok := n.compare(c.v); got != c.c || ok != c.ok {
			t.Errorf("%s: %d %v", c.name, got, ok)
		}
	}
	for _, bad := range []string{"", "-", "1e", "0x10", "1_000", "NaN", "1 2", "--1"} {
		if _, ok := parseNumber(bad); ok {
			t.Errorf("%q is taken as a number", bad)
		}
	}
}

func TestTimeOf(t *testing.T) {
	want := time.Date(2026, 11, 21, 7, 50, 8, 412_000_000, time.UTC)
	for name, v := range map[string]event.Value{"time": event.At(want), "text": event.Str("2026-11-21T16:50:08.412+09:00"), "millis": event.Num(want.UnixMilli())} {
		if ns, ok := timeOf(v); !ok || ns != want.UnixNano() {
			t.Errorf("%s: %d %v", name, ns, ok)
		}
	}
	for _, v := range []event.Value{event.Str("noon"), event.Truth(true), event.Real(1.5)} {
		if _, ok := timeOf(v); ok {
			t.Errorf("%s is taken as a time", v.Text())
		}
	}
}

// A keyword compares the text of values that are no strings.
func TestKeywordTester(t *testing.T) {
	cases := []struct {
		l    Lit
		v    event.Value
		want bool
	}{
		{Lit{Text: "4625"}, event.Num(4625), true},
		{Lit{Text: "46*", Parts: []string{"46", ""}}, event.Num(4625), true},
		{Lit{Text: "true"}, event.Truth(true), true},
		{Lit{Text: "1.5"}, event.Real(1.5), true},
		{Lit{Text: "1"}, event.Truth(true), false},
	}
	for _, c := range cases {
		if got := (keywordTester{c.l}).test(c.v); got != c.want {
			t.Errorf("%s and %s: %v", c.l.Text, c.v.Text(), got)
		}
	}
	if !(textOrder{"4", ">"}).test(event.Num(46)) || (textOrder{"5", ">"}).test(event.Num(46)) {
		t.Error("keywords are ordered by their text")
	}
	if !(boolTester(true)).test(event.Str("true")) || (boolTester(true)).test(event.Num(1)) {
		t.Error("a boolean is true or its word")
	}
}
