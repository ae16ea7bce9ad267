package query

import (
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/event/ecs"
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

// TestTester_types: what one value means depends on the type of the field. Each row holds one value against the same
// events, whose field has that type.
func TestTester_types(t *testing.T) {
	text := Lit{Text: "42"}
	word := Lit{Text: "true"}
	star := Lit{Text: "4*", Parts: []string{"4", ""}}
	num, str, truth, real, list := event.Num(42), event.Str("42"), event.Truth(true), event.Real(42), event.Str("forty 42 two")
	for _, c := range []struct {
		name string
		typ  ecs.Type
		lit  Lit
		hits []event.Value
		not  []event.Value
	}{
		{"a keyword compares text, and a float has a point", ecs.Keyword, text, []event.Value{num, str}, []event.Value{list, truth, real}},
		{"a keyword with a star", ecs.Keyword, star, []event.Value{num, str, real}, []event.Value{list}},
		{"text looks for tokens", ecs.Text, text, []event.Value{str, list, num}, []event.Value{truth}},
		{"a number compares numbers", ecs.Long, text, []event.Value{num, str, real}, []event.Value{list, truth}},
		{"a float is a number too", ecs.Double, text, []event.Value{num, str, real}, []event.Value{list}},
		{"an open key is a number where both are", ecs.Flattened, text, []event.Value{num, str, real}, []event.Value{list}},
		{"an open key is a text elsewhere", ecs.Flattened, word, []event.Value{truth, event.Str("true")}, []event.Value{num}},
		{"a boolean takes its word", ecs.Boolean, word, []event.Value{truth, event.Str("true")}, []event.Value{num, str}},
	} {
		x, why := termTester(c.typ, c.lit, noon)
		if x == nil {
			t.Errorf("%s: %s", c.name, why)
			continue
		}
		for _, v := range c.hits {
			if !x.test(v) {
				t.Errorf("%s: %v is passed over", c.name, v.Text())
			}
		}
		for _, v := range c.not {
			if x.test(v) {
				t.Errorf("%s: %v is taken", c.name, v.Text())
			}
		}
	}
}

// TestRangeTester_orders: how values are ordered depends on the type too.
func TestRangeTester_orders(t *testing.T) {
	for _, c := range []struct {
		name, q, below, equal, above string // documents
	}{
		{"numbers", "source.port OP 100", `{"source":{"port":20}}`, `{"source":{"port":100}}`, `{"source":{"port":1000}}`},
		{"numbers in texts", "source.port OP 100", `{"source":{"port":"20"}}`, `{"source":{"port":"100"}}`, `{"source":{"port":"1000"}}`},
		{"fractions", "event.risk_score OP 1.5", `{"event":{"risk_score":1.25}}`, `{"event":{"risk_score":1.5}}`, `{"event":{"risk_score":2}}`},
		{"keywords by bytes", "user.name OP m", `{"user":{"name":"Z"}}`, `{"user":{"name":"m"}}`, `{"user":{"name":"김"}}`},
		{"addresses", "source.ip OP 10.0.0.9", `{"source":{"ip":"9.255.0.0"}}`, `{"source":{"ip":"10.0.0.9"}}`, `{"source":{"ip":"10.0.0.10"}}`},
		{"addresses over families", `source.ip OP "2001:db8::9"`, `{"source":{"ip":"203.0.113.5"}}`, `{"source":{"ip":"2001:DB8:0::9"}}`, `{"source":{"ip":"2001:db8::10"}}`},
		{"open keys, numbers", "labels.n OP 100", `{"labels":{"n":"20"}}`, `{"labels":{"n":"100"}}`, `{"labels":{"n":"1000"}}`},
		{"open keys, texts", "labels.n OP b", `{"labels":{"n":"a"}}`, `{"labels":{"n":"b"}}`, `{"labels":{"n":"c"}}`},
		{"moments", `@timestamp OP "2026-11-21T00:00:00.000000000Z"`, `{"@timestamp":"2026-11-20T23:59:59.999Z"}`, `{"@timestamp":"2026-11-21T00:00:00Z"}`, `{"@timestamp":"2026-11-21T00:00:00.001Z"}`},
	} {
		docs := []*event.Event{decode(t, c.below), decode(t, c.equal), decode(t, c.above)}
		for op, want := range map[string][3]bool{">": {false, false, true}, ">=": {false, true, true}, "<": {true, false, false}, "<=": {true, true, false}} {
			q, err := ParseAt(strings.Replace(c.q, "OP", op, 1), noon)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range docs {
				if got := q.Match(e); got != want[i] {
					t.Errorf("%s: %s on document %d: %v", c.name, q, i, got)
				}
			}
			if q.Match(new(event.Event)) {
				t.Errorf("%s: %s is true without the field", c.name, q)
			}
		}
	}
}

func TestParseNumber_long(t *testing.T) {
	if _, ok := parseNumber(strings.Repeat("1", 65)); ok {
		t.Error("what is longer than any number of a log is taken, and would cost time")
	}
	if n, ok := parseNumber(strings.Repeat("1", 64)); !ok || n.whole {
		t.Errorf("64 digits are a number, if not a whole one: %v %v", n, ok)
	}
}
