package formattest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// run loads a format and runs its tests: one line for each, with what differs.
func run(t *testing.T, files map[string]string) []string {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, faults := format.Load(format.Source{Name: "x", FS: fsys})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	r, err := New(parse.Options{Formats: set})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range set.List() {
		for _, res := range r.Run(f) {
			line := res.Name + ":"
			for _, p := range res.Problems {
				line += fmt.Sprintf(" [%d %s: %s, want %s]", p.Event, p.What, p.Got, p.Want)
			}
			if res.Recognised != f.Dataset {
				line += " as " + res.Recognised
			}
			if res.Line == 0 {
				line += " without a line"
			}
			out = append(out, line)
		}
	}
	return out
}

const gate = `dataset: acme.log
title: Acme
match: {starts: ["GATE|"]}
steps:
  - dissect: 'GATE|%{_action}|%{source.ip}|%{source.port}'
  - {if: _action == "QUIET", drop: true}
  - date: {from: _at}
    if: _at != nil
  - {if: _action == "BAD", fail: "{{_action}} is not known"}
  - {if: _action == "WORSE", fail: one}
  - {if: _action == "WORSE", fail: two}
`

func TestRun(t *testing.T) {
	for _, tt := range []struct{ test, want string }{
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', expect: {source.ip: 192.0.2.1, source.port: 80, user.name: ~}}`, "a:"},
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', expect: {source.port: "80"}}`, `a: [-1 source.port: 80, want "80"]`},
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', expect: {source.port: ~, user.name: ann}}`, `a: [-1 source.port: 80, want absent] [-1 user.name: absent, want "ann"]`},
		{`{name: a, raw: 'GATE|QUIET|192.0.2.1|80', dropped: true}`, "a: as "},
		{`{name: a, raw: 'GATE|QUIET|192.0.2.1|80'}`, "a: [-1 the event: dropped, want kept] as "},
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', dropped: true}`, "a: [-1 the event: 1 kept, want dropped]"},
		{`{name: a, raw: 'GATE|BAD|192.0.2.1|80', errors: 1}`, "a:"},
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', errors: 1}`, "a: [-1 weir.parse_errors: 0, want 1]"},
		{`{name: a, raw: 'GATE|WORSE|192.0.2.1|80', errors: 2}`, "a:"},
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', events: 2}`, "a: [-1 events: 1, want 2]"},
		{`{name: a, raw: '<134>1 2024-03-05T10:20:30Z gate-2 x - - - GATE|PASS|192.0.2.1|80', expect: {"@timestamp": 2024-03-05T10:20:30Z, host.hostname: gate-2}}`, "a:"},
		{`{name: a, raw: 'GATE|PASS|192.0.2.1|80', at: 2024-06-01T00:00:00Z, expect: {event.created: 2024-06-01T00:00:00Z}}`, "a:"},
		{`{name: a, doc: {message: 'GATE|PASS|192.0.2.1|80', tags: [x]}, expect: {source.ip: 192.0.2.1, tags: x}}`, "a: as "},
		{`{name: a, raw: 'GATE', errors: 1}`, "a: as system.syslog"},
	} {
		got := run(t, map[string]string{"gate.yaml": gate + "tests:\n  - " + tt.test + "\n"})
		if len(got) != 1 || strings.TrimSpace(got[0]) != strings.TrimSpace(tt.want) {
			t.Errorf("%s\n%q\nwant\n%q", tt.test, got, tt.want)
		}
	}
}

// TestRun_Several: of several events each has what is expected of it, and the first reason of an error is told.
func TestRun_Several(t *testing.T) {
	text := "dataset: acme.log\ntitle: Acme\nmatch: {starts: ['A|']}\nsplit: {lines: true}\nsteps:\n  - dissect: 'A|%{event.code}'\n" +
		"tests:\n  - name: two\n    raw: |-\n      A|1\n      A|2\n    expect: [{event.code: \"1\"}, {event.code: \"3\"}]\n  - {name: broken, raw: 'B'}\n"
	got := run(t, map[string]string{"a.yaml": text})
	if len(got) != 2 || got[0] != `two: [1 event.code: "2", want "3"]` {
		t.Errorf("%q", got)
	}
	if !strings.HasPrefix(got[1], "broken: [-1 weir.parse_errors: [") || !strings.Contains(got[1], "acme.log: dissect at line 6") {
		t.Errorf("%q", got)
	}
}

// TestRun_OneOfSeveral: of a dataset with several formats each runs its own tests, also where another would be recognised.
func TestRun_OneOfSeveral(t *testing.T) {
	head := "dataset: acme.log\ntitle: Acme\n"
	got := run(t, map[string]string{
		"a.yaml": head + "match: {starts: ['AB']}\nsteps: [{set: {event.action: first}}]\ntests: [{name: one, raw: 'AB', expect: {event.action: first}}]\n",
		"b.yaml": head + "id: other\nmatch: {starts: ['ABC']}\nsteps: [{set: {event.action: second}}]\ntests: [{name: two, raw: 'ABC', expect: {event.action: second}}, {name: three, raw: 'AB', expect: {event.action: second}}]\n",
	})
	if strings.Join(got, "; ") != "one:; two:; three:" {
		t.Errorf("%q", got)
	}
}

// TestSame compares what YAML can write with what an event can hold.
func TestSame(t *testing.T) {
	obj := func(s string) event.Value {
		v, err := event.ParseValue([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		want, got string
		same      bool
	}{
		{`null`, `null`, true}, {`null`, `1`, false}, {`1`, `null`, false},
		{`1`, `1`, true}, {`1`, `1.0`, true}, {`1.5`, `1.5`, true}, {`1`, `"1"`, false}, {`"1"`, `1`, false}, {`9007199254740993`, `9007199254740992`, false},
		{`true`, `true`, true}, {`true`, `"true"`, false}, {`"a"`, `"A"`, false},
		{`"a"`, `["a"]`, true}, {`["a"]`, `"a"`, true}, {`["a","b"]`, `["a","b"]`, true}, {`["a","b"]`, `["b","a"]`, false}, {`["a"]`, `["a","b"]`, false}, {`[]`, `["a"]`, false},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true}, {`{"a":1}`, `{"a":2}`, false}, {`{"a":1}`, `{"a":1,"b":2}`, false}, {`{"a":1}`, `[{"a":1}]`, true}, {`[{"a":1}]`, `{"a":1}`, true}, {`{"a":1}`, `"a"`, false}, {`{"a":{"b":[1]}}`, `{"a":{"b":1}}`, true},
	} {
		if got := same(obj(tt.want), obj(tt.got)); got != tt.same {
			t.Errorf("%s and %s: %v", tt.want, tt.got, got)
		}
	}
	at := event.At(event.Str("").Time())
	if !same(event.Str("1970-01-01T00:00:00Z"), at) || !same(event.Str("1970-01-01T09:00:00+09:00"), at) || same(event.Str("1970-01-01T00:00:01Z"), at) || same(event.Str("x"), at) {
		t.Errorf("times: %s", at)
	}
	if spell(event.Value{}) != "absent" || spell(event.Str("1")) != `"1"` || spell(event.Num(1)) != "1" {
		t.Error("a text and a number are spelt alike")
	}
}
