package step_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/event"
	"weir/processors/parse/format/step"
)

// tracedSteps runs steps and returns one line for each trace.
func tracedSteps(t *testing.T, steps, msg string, more ...string) (lines []string, doc string) {
	t.Helper()
	f, faults := compiled(t, steps, more...)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var e event.Event
	e.SetStr(event.Message, msg)
	in := step.Input{Trace: func(s step.Trace) {
		line := fmt.Sprintf("%s%s:%d %s %s", strings.Repeat("  ", s.Depth), strings.TrimPrefix(s.File, "f/"), s.Line, s.Kind, s.Outcome)
		for _, a := range s.Reads {
			line += " <" + a.Place
		}
		for _, a := range s.Writes {
			line += " >" + a.Place
			if a.Value.Kind() == event.Absent {
				line += " removed"
			}
		}
		if s.Why != "" {
			line += " (" + s.Why + ")"
		}
		lines = append(lines, line)
	}}
	if _, err := step.NewMachine().Run(f.Program(), &e, in); err != nil {
		t.Fatal(err)
	}
	e.Delete(event.Message)
	return lines, string(e.AppendJSON(nil))
}

// TestTrace_Blocks: what is within a block stands below it, one deeper, with the file that it is from.
func TestTrace_Blocks(t *testing.T) {
	for _, c := range []struct {
		name, steps, msg string
		more             []string
		want             string
	}{
		{
			name: "switch, foreach and else",
			steps: `
- switch:
    on: message
    cases:
      m:
        - set: {_l: [a, b]}
- foreach: {in: _l, as: _i, do: [{append: {event.type: '{{_i}}'}}]}
- stop: true
  if: message == "x"
  else:
    - remove: [_l]
`,
			msg: "m",
			want: `
acme/log.yaml:6 switch ran
  acme/log.yaml:10 set ran >_l
acme/log.yaml:11 foreach ran
  acme/log.yaml:11 append ran <_i <event.type >event.type
  acme/log.yaml:11 append ran <_i <event.type >event.type
acme/log.yaml:12 stop skipped <message
  acme/log.yaml:15 remove ran >_l removed`,
		},
		{
			name:  "an included file",
			steps: "- include: common\n- set: {event.action: a}",
			msg:   "m",
			more:  []string{"shared/common.yaml", "steps:\n  - copy: {message: user.name}\n"},
			want: `
acme/log.yaml:6 include ran
  shared/common.yaml:2 copy ran <message >user.name
acme/log.yaml:7 set ran >event.action`,
		},
		{
			name:  "a failure and what is for it",
			steps: "- dissect: 'x %{user.name}'\n  on_error:\n    - set: {event.reason: odd}\n- convert: {message: int}\n  optional: true",
			msg:   "m",
			want: `
acme/log.yaml:6 dissect failed <message (message: the text does not fit the pattern)
  acme/log.yaml:8 set ran >event.reason
acme/log.yaml:9 convert failed <message (message: the value is no int)`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, _ := tracedSteps(t, c.steps, c.msg, c.more...)
			if got := "\n" + strings.Join(lines, "\n"); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestTrace_SameResult: an event that somebody looks at is the same as one at which nobody does, and the next one is not traced.
func TestTrace_SameResult(t *testing.T) {
	for _, c := range []struct{ steps, msg string }{
		{"- first: [[{dissect: 'x %{user.name}'}], [{fail: no}]]\n- set: {event.action: a}", "m"},
		{"- do: [{fail: x}, {set: {event.action: a}}]\n  optional: true\n- kv: {rest: acme.thing}", "a=1 b=2"},
		{"- json: {}\n- dump: {from: _json, to: acme.thing}\n- call: json\n  optional: true", `{"a":{"b":[1,2]}}`},
		{"- do: [{stop: true}]\n- fail: never", "m"},
	} {
		_, traced := tracedSteps(t, c.steps, c.msg)
		if plain := ran(t, c.steps, c.msg); plain != traced {
			t.Errorf("%s\ntraced %s\nelse   %s", c.steps, traced, plain)
		}
	}
	f, _ := compiled(t, "- copy: {message: user.name}")
	m := step.NewMachine()
	n := 0
	var e event.Event
	e.SetStr(event.Message, "m")
	for _, in := range []step.Input{{Trace: func(step.Trace) { n++ }}, {}, {}} {
		if _, err := m.Run(f.Program(), &e, in); err != nil {
			t.Fatal(err)
		}
	}
	if n != 1 {
		t.Errorf("%d traces of one event", n)
	}
}

// TestTrace_Reader: a reader in Go writes to the event itself; what came and what changed is told all the same.
func TestTrace_Reader(t *testing.T) {
	lines, _ := tracedSteps(t, "- set: {user.name: old}\n- call: linux.pam", "pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)")
	if len(lines) != 2 || !strings.Contains(lines[1], "call ran <message") || !strings.Contains(lines[1], ">user.name") {
		t.Errorf("got %q", lines)
	}
}
