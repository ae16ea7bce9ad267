package step_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"weir/event"
	"weir/processors"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
	"weir/processors/parse/readers"
)

// stepCase is a small file, a message and what becomes of it.
type stepCase struct{ name, steps, msg, want string }

// check runs cases.
func check(t *testing.T, cases []stepCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			if got := ran(t, c.steps, c.msg); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestIf: a condition is asked each time, over what the steps before wrote, and `else` is for a false one only.
func TestIf(t *testing.T) {
	check(t, []stepCase{
		{
			name: "over a place that a step before wrote",
			steps: `
- dissect: '%{_kind} %{user.name}'
- set: {event.action: login}
  if: _kind == "in"
- set: {event.action: logout}
  if: _kind == "out"
`,
			msg:  "out kim",
			want: `{"event":{"action":"logout"},"user":{"name":"kim"}}`,
		},
		{
			name: "of what is not there",
			steps: `
- set: {event.action: a}
  if: _nothing == "x"
- set: {event.reason: b}
  if: _nothing != "x"
`,
			msg:  "m",
			want: `{"event":{"reason":"b"}}`,
		},
		{
			name: "else is not for a failed step",
			steps: `
- dissect: 'a %{user.name}'
  if: message == "b"
  else:
    - set: {event.action: otherwise}
`,
			msg:  "b",
			want: `{"weir":{"parse_errors":["acme.log: dissect at line 6: message: the text does not fit the pattern"]}}`,
		},
		{
			name: "else within else",
			steps: `
- set: {event.action: one}
  if: message == "1"
  else:
    - set: {event.action: two}
      if: message == "2"
      else:
        - set: {event.action: 'many {{message}}'}
`,
			msg:  "3",
			want: `{"event":{"action":"many 3"}}`,
		},
		{
			name: "a failure in else has the line of its own step",
			steps: `
- set: {event.action: one}
  if: message == "1"
  else:
    - fail: not one
`,
			msg:  "3",
			want: `{"weir":{"parse_errors":["acme.log: fail at line 9: message: not one"]}}`,
		},
		{
			name: "a condition on a block",
			steps: `
- do:
    - set: {event.action: a}
    - set: {event.reason: b}
  if: message startsWith "x"
- set: {event.outcome: success}
`,
			msg:  "y",
			want: `{"event":{"outcome":"success"}}`,
		},
	})
}

// TestSwitch: on, fold, cases and else; of a list the first item that has a case counts.
func TestSwitch(t *testing.T) {
	const steps = `
- switch:
    on: message
    cases:
      a | b:
        - set: {event.action: first}
        - set: {event.reason: '{{message}}'}
      "7":
        - set: {event.action: seven}
      none:
    else:
      - set: {event.action: other}
`
	check(t, []stepCase{
		{"one alternative", steps, "a", `{"event":{"action":"first","reason":"a"}}`},
		{"the other one", steps, "b", `{"event":{"action":"first","reason":"b"}}`},
		{"capital letters count", steps, "A", `{"event":{"action":"other"}}`},
		{"a number as text", steps, "7", `{"event":{"action":"seven"}}`},
		{"a case without steps", steps, "none", `{}`},
		{"an empty text", steps, "", `{"event":{"action":"other"}}`},
		{
			"without else nothing runs",
			"- switch: {on: message, cases: {a: [{set: {event.action: x}}]}}", "b", `{}`,
		},
		{
			"a place without a value",
			"- switch: {on: _no, cases: {a: [{set: {event.action: x}}]}, else: [{set: {event.action: y}}]}", "b", `{"event":{"action":"y"}}`,
		},
		{
			"fold, letters of other scripts too",
			"- switch: {on: message, fold: true, cases: {'Größe|ÄÖ': [{set: {event.action: x}}]}}", "äö", `{"event":{"action":"x"}}`,
		},
		{
			"a list",
			"- set: {_l: [p, q, r]}\n- switch: {on: _l, cases: {r: [{set: {event.action: r}}], q: [{set: {event.action: q}}]}}", "m", `{"event":{"action":"q"}}`,
		},
		{
			"a list of which none has a case",
			"- set: {_l: [p, q]}\n- switch: {on: _l, cases: {x: [{stop: true}]}, else: [{set: {event.action: none}}]}", "m", `{"event":{"action":"none"}}`,
		},
		{
			"an expression that is a number",
			"- switch: {on: '(len(message) % 2)', cases: {0: [{set: {event.action: even}}], 1: [{set: {event.action: odd}}]}}", "abc", `{"event":{"action":"odd"}}`,
		},
		{
			"an expression that is true or false",
			"- switch: {on: '(message == \"x\")', cases: {true: [{set: {event.action: yes}}], false: [{set: {event.action: no}}]}}", "x", `{"event":{"action":"yes"}}`,
		},
		{
			"what fails in a case does not end the others behind it",
			"- switch: {on: message, cases: {a: [{fail: one}, {set: {event.action: x}}]}}", "a",
			`{"event":{"action":"x"},"weir":{"parse_errors":["acme.log: fail at line 6: message: one"]}}`,
		},
	})
}

// TestFirst: the first list without a failure wins, and the failure of the last one is told.
func TestFirst(t *testing.T) {
	const steps = `
- first:
    - - dissect: 'a=%{_a} b=%{user.name}'
      - convert: {_a: int}
      - copy: {_a: event.severity}
    - - dissect: 'a=%{user.id} b=%{}'
      - set: {event.action: second}
- set: {event.kind: event}
`
	check(t, []stepCase{
		{"the first", steps, "a=7 b=kim", `{"event":{"kind":"event","severity":7},"user":{"name":"kim"}}`},
		{"the second, and what the first wrote stays", steps, "a=x b=kim", `{"event":{"action":"second","kind":"event"},"user":{"id":"x","name":"kim"}}`},
		{"none", steps, "nothing", `{"event":{"kind":"event"},"weir":{"parse_errors":["acme.log: first at line 6: message: the text does not fit the pattern"]}}`},
		{
			"optional steps do not end a list",
			"- first: [[{dissect: 'x %{user.id}', optional: true}, {set: {event.action: one}}], [{set: {event.action: two}}]]", "m", `{"event":{"action":"one"}}`,
		},
		{
			"steps with on_error do not either, unless those fail",
			"- first: [[{dissect: 'x %{user.id}', on_error: [{fail: again}]}, {set: {event.action: one}}], [{set: {event.action: two}}]]", "m", `{"event":{"action":"two"}}`,
		},
		{
			"first within first",
			"- first: [[{first: [[{fail: a}], [{fail: b}]]}], [{set: {event.action: outer}}]]", "m", `{"event":{"action":"outer"}}`,
		},
		{
			"stop within first ends all",
			"- first: [[{stop: true}], [{set: {event.action: two}}]]\n- set: {event.action: three}", "m", `{}`,
		},
		{"an optional first", "- first: [[{fail: a}], [{fail: b}]]\n  optional: true", "m", `{}`},
		{"on_error of first", "- first: [[{fail: a}], [{fail: b}]]\n  on_error: [{set: {event.reason: neither}}]", "m", `{"event":{"reason":"neither"}}`},
		{"no lists", "- first: []\n- set: {event.action: a}", "m", `{"event":{"action":"a"}}`},
	})
}

// TestForeach: items come in order under the name that `as` gives, which is empty again behind the step.
func TestForeach(t *testing.T) {
	check(t, []stepCase{
		{
			name: "objects",
			steps: `
- json: {}
- foreach:
    in: _json.users
    as: _user
    do:
      - append: {related.user: '{{_user.name}}'}
      - append: {user.roles: '{{_user.name}}'}
        if: _user.admin
`,
			msg:  `{"users":[{"name":"kim","admin":true},{"name":"lee"},{"name":"park","admin":true}]}`,
			want: `{"related":{"user":["kim","lee","park"]},"user":{"roles":["kim","park"]}}`,
		},
		{
			"one value is a list of one",
			"- foreach: {in: message, as: _it, do: [{set: {event.action: '{{_it}}'}}]}", "m", `{"event":{"action":"m"}}`,
		},
		{
			"an object is one item",
			"- json: {}\n- foreach: {in: _json, as: _it, do: [{append: {event.type: '{{_it.a}}'}}]}", `{"a":"x","b":2}`, `{"event":{"type":["x"]}}`,
		},
		{
			"nothing, null and an empty list",
			"- json: {}\n- foreach: {in: _json.n, as: _it, do: [{fail: n}]}\n- foreach: {in: _json.l, as: _it, do: [{fail: l}]}\n- foreach: {in: _no, as: _it, do: [{fail: no}]}", `{"n":null,"l":[]}`, `{}`,
		},
		{
			"the item is gone behind it",
			"- set: {_l: [a, b]}\n- foreach: {in: _l, as: _it, do: []}\n- copy: {_it: user.name}", "m", `{}`,
		},
		{
			"stop within it",
			"- set: {_l: [a, b, c]}\n- foreach: {in: _l, as: _it, do: [{append: {event.type: '{{_it}}'}}, {stop: true, if: _it == \"b\"}]}\n- set: {event.action: never}", "m", `{"event":{"type":["a","b"]}}`,
		},
		{
			"drop within it",
			"- set: {_l: [a, b, c]}\n- foreach: {in: _l, as: _it, do: [{drop: true, if: _it == \"b\"}]}", "m", `dropped`,
		},
		{
			"a failing item does not end the others",
			"- set: {_l: ['1', x, '3']}\n- foreach: {in: _l, as: _it, do: [{convert: {_it: int}}, {append: {event.type: '{{_it}}'}}]}", "m",
			`{"event":{"type":[1,"x",3]},"weir":{"parse_errors":["acme.log: convert at line 7: _it: the value is no int"]}}`,
		},
		{
			"unless the whole is optional",
			"- set: {_l: ['1', x, '3']}\n- foreach: {in: _l, as: _it, do: [{convert: {_it: int}}, {append: {event.type: 'n{{_it}}'}}]}\n  optional: true", "m", `{"event":{"type":["n1"]}}`,
		},
		{
			"what changes the list does not change the items",
			"- set: {_l: [a, b]}\n- foreach: {in: _l, as: _it, do: [{append: {_l: 'x{{_it}}'}}]}\n- copy: {_l: event.type}", "m", `{"event":{"type":["a","b","xa","xb"]}}`,
		},
	})
}

// TestEnds: drop, stop and fail.
func TestEnds(t *testing.T) {
	check(t, []stepCase{
		{"drop ends the steps", "- drop: true\n- fail: never", "m", "dropped"},
		{"drop within a case", "- switch: {on: message, cases: {m: [{drop: true}]}}", "m", "dropped"},
		{"drop as what a failure does", "- dissect: 'x %{user.name}'\n  on_error: [{drop: true}]", "m", "dropped"},
		{"stop as what a failure does", "- dissect: 'x %{user.name}'\n  on_error: [{stop: true}]\n- fail: never", "m", "{}"},
		{"fail with a place", "- set: {_why: odd}\n- fail: 'this is {{_why}}: {{message}}'", "m", `{"weir":{"parse_errors":["acme.log: fail at line 7: message: this is odd: m"]}}`},
		{"fail with a place that is not there", "- fail: 'this is {{_why}}'", "m", `{"weir":{"parse_errors":["acme.log: fail at line 6: message: the format refuses it"]}}`},
		{"fail that is optional", "- fail: x\n  optional: true", "m", "{}"},
		{"several failures", "- fail: one\n- fail: two", "m", `{"weir":{"parse_errors":["acme.log: fail at line 6: message: one","acme.log: fail at line 7: message: two"]}}`},
	})
	if got := ran(t, "- include: common\n- fail: never", "m", "shared/common.yaml", "steps: [{stop: true}]"); got != "{}" {
		t.Errorf("stop in an included file: %s", got)
	}
}

// TestOnError: steps for a failure see what was there, and may fail themselves.
func TestOnError(t *testing.T) {
	check(t, []stepCase{
		{
			"they see the message",
			"- dissect: 'x %{user.name}'\n  on_error: [{set: {event.reason: 'odd {{message}}'}}]\n- set: {event.kind: event}", "m", `{"event":{"kind":"event","reason":"odd m"}}`,
		},
		{
			"their own failure is told, with their line",
			"- dissect: 'x %{user.name}'\n  on_error:\n    - grok: '^y (?<user.name>.*)'", "m",
			`{"weir":{"parse_errors":["acme.log: grok at line 8: message: the text does not fit the pattern"]}}`,
		},
		{
			"none at all is as optional",
			"- dissect: 'x %{user.name}'\n  on_error: []\n- set: {event.kind: event}", "m", `{"event":{"kind":"event"}}`,
		},
		{
			"on_error beside optional",
			"- dissect: 'x %{user.name}'\n  optional: true\n  on_error: [{set: {event.reason: odd}}]", "m", `{"event":{"reason":"odd"}}`,
		},
		{
			"a block ends at its first failure",
			"- do: [{set: {event.action: a}}, {fail: x}, {set: {event.action: b}}]\n  on_error: [{set: {event.reason: odd}}]", "m", `{"event":{"action":"a","reason":"odd"}}`,
		},
		{
			"they do not run where nothing fails",
			"- do: [{set: {event.action: a}}]\n  on_error: [{set: {event.reason: odd}}]", "m", `{"event":{"action":"a"}}`,
		},
		{
			"blocks within such a block end with it",
			"- do: [{do: [{fail: x}, {set: {event.action: b}}]}, {set: {event.action: c}}]\n  optional: true", "m", `{}`,
		},
	})
}

// TestUse_Steps: the steps of another format write below its own root and name the format that runs.
func TestUse_Steps(t *testing.T) {
	other := "dataset: acme.other\nid: two\ntitle: Other\nroot: acme.thing\nempty: [nil]\nsteps:\n  - set: {acme.thing.x: '-', user.name: nil}\n  - fail: odd\n"
	got := ran(t, "- use: acme.other/two", "m", "acme/other.yaml", other)
	// Words that mean nothing are those of the format that runs.
	if want := `{"user":{"name":"nil"},"weir":{"parse_errors":["acme.log: fail at line 8: message: odd"]}}`; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
	twice := "- include: common\n- include: common\n- do: [{include: common}]\n  if: message == \"m\""
	if got := ran(t, twice, "m", "shared/common.yaml", "title: x\nabout: y\nsteps: [{append: {event.type: '{{message}}'}}]"); got != `{"event":{"type":["m"]}}` {
		t.Errorf("a file that is included three times: %s", got)
	}
}

// TestInclude_Faults: a mistake in a shared file is told once with its own place, and at each format that includes it.
func TestInclude_Faults(t *testing.T) {
	for _, c := range []struct {
		name, steps string
		more        []string
		want        []string // of the faults, in any order
	}{
		{"not there", "- include: comon", []string{"shared/common.yaml", "steps: [{stop: true}]"}, []string{"f/acme/log.yaml:6:12: no file shared/comon.yaml; did you mean `common`?"}},
		{"itself", "- include: common", []string{"shared/common.yaml", "steps: [{include: common}]"}, []string{"shared/common includes itself, by way of acme.log, shared/common"}},
		{"by another", "- include: common", []string{"shared/common.yaml", "steps: [{include: more}]", "shared/more.yaml", "steps: [{include: common}]"}, []string{"shared/common includes itself, by way of acme.log, shared/common, shared/more"}},
		{"a format itself", "- use: acme.log", nil, []string{"acme.log includes itself, by way of acme.log"}},
		{"formats each other", "- use: acme.other", []string{"acme/other.yaml", "dataset: acme.other\ntitle: O\nsteps: [{use: acme.log}]"}, []string{"includes itself, by way of"}},
		{"a mistake in it", "- include: common", []string{"shared/common.yaml", "steps:\n  - set: {usr.name: x}"}, []string{"f/shared/common.yaml:2:11: no field is called usr.name", "f/acme/log.yaml:6:12: shared/common has a mistake"}},
		{"no steps", "- include: common", []string{"shared/common.yaml", "title: x"}, []string{"f/acme/log.yaml:6:12: shared/common has no steps"}},
		{"an unknown key", "- include: common", []string{"shared/common.yaml", "stepps: []"}, []string{"f/shared/common.yaml:1:1: unknown key `stepps` in shared steps; did you mean `steps`?"}},
		{"a format that is not there", "- use: acme.oter", []string{"acme/other.yaml", "dataset: acme.other\ntitle: O"}, []string{"f/acme/log.yaml:6:8: no format is called acme.oter; did you mean `acme.other`?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, faults := compiled(t, c.steps, c.more...)
			if f != nil {
				t.Error("the format is in use")
			}
			all := ""
			for _, e := range faults {
				all += e.Where + ": " + e.What + "; " + e.Do + "\n"
			}
			for _, want := range c.want {
				if !strings.Contains(all, want) {
					t.Errorf("no %q in\n%s", want, all)
				}
			}
		})
	}
}

// TestCall_DeadLetter: a reader that can make no event of a message ends all steps, optional or not, in a block or not.
func TestCall_DeadLetter(t *testing.T) {
	table := readers.Table()
	table["dead"] = readers.Reader{Read: func(*event.Event, string) error {
		return &processors.DeadLetter{Reason: "no-event", Detail: "no event"}
	}}
	for name, steps := range map[string]string{
		"alone": "[{call: dead}]", "optional": "[{call: dead, optional: true}]", "with on_error": "[{call: dead, on_error: [{stop: true}]}]",
		"within blocks": "[{do: [{first: [[{call: dead}], [{stop: true}]]}], optional: true}]", "in a list": "[{foreach: {in: message, as: _i, do: [{call: dead}]}}]",
	} {
		set, faults := format.LoadWith(table, format.Source{Name: "f", FS: fstest.MapFS{"a.yaml": {Data: []byte("dataset: a.log\ntitle: A\nsteps: " + steps)}}})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		var e event.Event
		e.SetStr(event.Message, "m")
		m := step.NewMachine()
		_, err := m.Run(set.Named("a.log").Program(), &e, step.Input{})
		if dead, ok := errors.AsType[*processors.DeadLetter](err); !ok || dead.Detail != "no event" {
			t.Errorf("%s: %v", name, err)
		}
		// The machine is as good as new.
		f, _ := compiled(t, "- fail: x")
		if _, err := m.Run(f.Program(), &e, step.Input{}); err != nil || !e.Has(event.WeirParseErrors) {
			t.Errorf("%s: the machine is not usable afterwards: %v", name, err)
		}
	}
}
