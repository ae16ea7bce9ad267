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

// Values that the type of the field cannot have are errors where one field is named.
func TestTester_Mistakes(t *testing.T) {
	mistakes{
		{"number", `source.port: http`, `
'source.port' is a number
source.port: http
             ^^^^
write a value that the field can have, or 'source.port: *'`},
		{"number in a range", `source.port > many`, `
'source.port' is a number
source.port > many
              ^^^^
write a value that the field can have, or 'source.port: *'`},
		{"number with a star", `source.port: 80*`, `
'source.port' is a number
source.port: 80*
             ^^^
write a value that the field can have, or 'source.port: *'`},
		{"date", `@timestamp: 21.11.2026`, `
'@timestamp' is a date (2026-11-21, now-15m)
@timestamp: 21.11.2026
            ^^^^^^^^^^
write a value that the field can have, or '@timestamp: *'`},
		{"date in a range", `@timestamp > yesterday`, `
'@timestamp' is a date (2026-11-21, now-15m)
@timestamp > yesterday
             ^^^^^^^^^
write a value that the field can have, or '@timestamp: *'`},
		{"date with a star", `@timestamp: 2026*`, `
'@timestamp' is a date (2026-11-21, now-15m)
@timestamp: 2026*
            ^^^^^
write a value that the field can have, or '@timestamp: *'`},
		{"unknown unit of time", `@timestamp >= now-1x`, `
'@timestamp' is a date (2026-11-21, now-15m)
@timestamp >= now-1x
              ^^^^^^
write a value that the field can have, or '@timestamp: *'`},
		{"boolean", `dll.code_signature.exists: yes`, `
'dll.code_signature.exists' is true or false
dll.code_signature.exists: yes
                           ^^^
write a value that the field can have, or 'dll.code_signature.exists: *'`},
		{"order of a boolean", `dll.code_signature.exists > true`, `
'dll.code_signature.exists' has no order
dll.code_signature.exists > true
                            ^^^^
write a value that the field can have, or 'dll.code_signature.exists: *'`},
		{"point on the map", `source.geo.location: 1,2`, `
'source.geo.location' is a point on the map and has no text
source.geo.location: 1,2
                     ^^^
write a value that the field can have, or 'source.geo.location: *'`},
		{"order of points", `source.geo.location > 1`, `
'source.geo.location' has no order
source.geo.location > 1
                      ^
write a value that the field can have, or 'source.geo.location: *'`},
		{"order of a text", `message > a`, `
'message' is text, which has no order
message > a
          ^
write a value that the field can have, or 'message: *'`},
		{"value behind Korean text", `user.name: 김민수 and source.port: 없음`, `
'source.port' is a number
user.name: 김민수 and source.port: 없음
                                ^^
write a value that the field can have, or 'source.port: *'`},
	}.check(t)
}
