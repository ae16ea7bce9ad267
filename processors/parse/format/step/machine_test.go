package step_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/event"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
)

// once runs a program on a message and returns the event's JSON without the message.
func once(t testing.TB, m *step.Machine, f *format.Format, msg string) string {
	t.Helper()
	var e event.Event
	e.SetStr(event.Message, msg)
	if _, err := m.Run(f.Program(), &e, step.Input{Raw: msg}); err != nil {
		t.Fatal(err)
	}
	e.Delete(event.Message)
	return string(e.AppendJSON(nil))
}

// TestMachine_Scratch: each kind of step that writes scratch leaves none of it to the next event.
func TestMachine_Scratch(t *testing.T) {
	for name, write := range map[string]string{
		"dissect": "- {dissect: 'x %{_a}', optional: true}",
		"grok":    "- {grok: 'x (?<_a>.*)', optional: true}",
		"kv":      "- {kv: {fields: {a: _a}, rest: _kv}, optional: true}",
		"rest":    "- {kv: {rest: _a}, optional: true}",
		"csv":     "- csv: {separator: ' ', columns: [_, _a]}",
		"json":    "- {json: {to: _a}, optional: true}",
		"xml":     "- {xml: {to: _a}, optional: true}",
		"syslog":  "- {syslog: {to: _a}, if: message startsWith \"x\"}",
		"set":     "- {set: {_a.b.c: '{{message}}'}, if: message startsWith \"x\"}",
		"append":  "- {append: {_a: '{{message}}'}, if: message startsWith \"x\"}",
		"foreach": "- {foreach: {in: message, as: _a, do: []}}",
	} {
		f, faults := compiled(t, "- set: {event.reason: old}\n  if: _a != nil\n"+write)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", name, faults)
		}
		m := step.NewMachine()
		for range 3 {
			for _, msg := range []string{"x a=1", `{"x":1}`, "<x a='1'/>", "y", ""} {
				if got := once(t, m, f, msg); strings.Contains(got, "old") {
					t.Fatalf("%s: an event sees what one before it left: %s", name, got)
				}
			}
		}
	}
}

// TestMachine_Aliases: values of one event do not share memory by mistake: each is what it was, however much is made after it.
func TestMachine_Aliases(t *testing.T) {
	var steps strings.Builder
	want := map[string]string{}
	for i := range 200 {
		fmt.Fprintf(&steps, "- set: {_t%d: 'text %d of {{message}}', acme.thing.t%d: '{{_t%d}}!'}\n", i, i, i, i)
		fmt.Fprintf(&steps, "- append: {acme.thing.l%d: ['{{_t%d}}', 'b{{message}}', '{{acme.thing.t%d}}']}\n", i, i, i)
		fmt.Fprintf(&steps, "- set: {_o.k%d: 'v%d'}\n", i, i)
	}
	steps.WriteString("- copy: {_o: acme.thing.o}\n")
	f, faults := compiled(t, steps.String())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := step.NewMachine()
	for _, msg := range []string{"first", "a much longer second message than the first one", "3"} {
		var e event.Event
		e.SetStr(event.Message, msg)
		if _, err := m.Run(f.Program(), &e, step.Input{}); err != nil {
			t.Fatal(err)
		}
		for i := range 200 {
			text := fmt.Sprintf("text %d of %s", i, msg)
			want[fmt.Sprintf("acme.thing.t%d", i)] = text + "!"
			want[fmt.Sprintf("acme.thing.l%d", i)] = fmt.Sprintf(`["%s","b%s","%s!"]`, text, msg, text)
			want[fmt.Sprintf("acme.thing.o.k%d", i)] = fmt.Sprintf("v%d", i)
		}
		for path, text := range want {
			if got := event.MakeRef(path).Of(&e).Text(); got != text {
				t.Fatalf("%s: %s is %q, want %q", msg, path, got, text)
			}
		}
	}
}

// TestMachine_CopiesOfTrees: a change of a copy leaves the tree alone that it was copied from.
func TestMachine_CopiesOfTrees(t *testing.T) {
	check(t, []stepCase{
		{
			"an object",
			"- json: {}\n- copy: {_json.a: _b}\n- set: {_b.x: changed}\n- remove: [_b.y]\n- copy: {_json.a.x: user.name, _json.a.y: user.id, _b.x: user.email, _b.y: user.hash}",
			`{"a":{"x":"old","y":"1"}}`, `{"user":{"email":"changed","id":"1","name":"old"}}`,
		},
		{
			"a list",
			"- json: {}\n- copy: {_json.l: _l}\n- append: {_l: z}\n- upper: [_l]\n- copy: {_json.l: event.type, _l: event.category}",
			`{"l":["a"]}`, `{"event":{"category":["A","Z"],"type":["a"]}}`,
		},
		{
			"what an event has already",
			"- set: {event.type: [a]}\n- copy: {event.type: _l}\n- append: {event.type: b}\n- copy: {_l: event.category}",
			"m", `{"event":{"category":["a"],"type":["a","b"]}}`,
		},
	})
}

// TestMachine_Errors: the list of failures is bounded, and other failures still run what is for them.
func TestMachine_Errors(t *testing.T) {
	f, faults := compiled(t, strings.Repeat("- fail: x\n", 30)+"- fail: last\n  on_error: [{set: {event.reason: handled}}]")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := step.NewMachine()
	for range 2 {
		var e event.Event
		e.SetStr(event.Message, "m")
		if _, err := m.Run(f.Program(), &e, step.Input{}); err != nil {
			t.Fatal(err)
		}
		if n := e.Get(event.WeirParseErrors).Len(); n != 20 {
			t.Errorf("%d failures are told, want 20", n)
		}
		if e.Str(event.EventReason) != "handled" {
			t.Error("a failure behind the bound is not handled")
		}
	}
}

// TestMachine_Runs: an event whose steps run too often ends with a word about it, also below `optional`, and the next event is
// counted anew.
func TestMachine_Runs(t *testing.T) {
	const steps = `
- json: {}
- foreach:
    in: _json
    as: _a
    do:
      - foreach:
          in: _json
          as: _b
          do:
            - set: {_x: '{{_a}}{{_b}}'}
  optional: true
- set: {event.action: never}
`
	f, faults := compiled(t, steps)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := step.NewMachine()
	long := "[" + strings.TrimSuffix(strings.Repeat("1,", 400), ",") + "]"
	for range 2 {
		if got := once(t, m, f, long); !strings.Contains(got, "more than 100000 steps ran for one event") || strings.Contains(got, "never") {
			t.Errorf("got %.300s", got)
		}
		if got := once(t, m, f, "[1,2]"); got != `{"event":{"action":"never"}}` {
			t.Errorf("the next event: %s", got)
		}
	}
}

// TestMachine_Message: keep_message says what becomes of a message that no step wrote.
func TestMachine_Message(t *testing.T) {
	for _, c := range []struct{ keep, steps, want string }{
		{"true", "[{set: {user.name: a}}]", "m"},
		{"false", "[{set: {user.name: a}}]", ""},
		{"false", "[{set: {message: other}}]", "other"},
		{"false", "[{set: {message: m}}]", "m"},
		{"true", "[{remove: [message]}]", ""},
		{"false", "[{remove: [message]}]", ""},
	} {
		f, faults := load(t, "dataset: acme.log\ntitle: A\nkeep_message: "+c.keep+"\nsteps: "+c.steps)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		var e event.Event
		e.SetStr(event.Message, "m")
		if _, err := step.NewMachine().Run(f.Program(), &e, step.Input{}); err != nil {
			t.Fatal(err)
		}
		if got := e.Str(event.Message); got != c.want {
			t.Errorf("keep_message: %s, %s: %q, want %q", c.keep, c.steps, got, c.want)
		}
	}
}

// TestMachine_Doc: what an agent put beside the message is scratch of the event, by its name, and gone with it.
func TestMachine_Doc(t *testing.T) {
	str := event.Str
	f, faults := compiled(t, `
- copy: {_conf.site: user.domain, _top: user.name, _doc.plain: user.id, winlog_odd.name: user.email}
- copy: {_deep.a.b: event.reason}
`)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	doc := event.Members(
		str("_conf"), event.Members(str("site"), str("here")), str("_top"), str("kim"), str("plain"), str("7"),
		str("_deep.a"), event.Members(str("b"), str("below")), str("winlog_odd"), event.Members(str("name"), str("odd")), str("_other"), str("never"),
	)
	m := step.NewMachine()
	for i, c := range []struct {
		doc  event.Value
		want string
	}{
		{doc, `{"event":{"reason":"below"},"user":{"domain":"here","email":"odd","id":"7","name":"kim"}}`},
		{event.Value{}, `{}`},
		{str("no object"), `{}`},
		{event.Members(), `{}`},
	} {
		var e event.Event
		if _, err := m.Run(f.Program(), &e, step.Input{Doc: c.doc}); err != nil {
			t.Fatal(err)
		}
		if got := string(e.AppendJSON(nil)); got != c.want {
			t.Errorf("%d: %s", i, got)
		}
	}
	if !f.Program().ReadsDoc("_top") || !f.Program().ReadsDoc("plain") { // the second by way of _doc
		t.Error("a program does not say what it reads of a document")
	}
	g, _ := compiled(t, "- copy: {_x: user.name}")
	if g.Program().ReadsDoc("plain") || !g.Program().ReadsDoc("_x") {
		t.Error("a program says that it reads what it does not")
	}
}

// TestMachine_ICMP: type and code, which no field has, make the id of a flow.
func TestMachine_ICMP(t *testing.T) {
	steps := func(code string) string {
		return "- set: {source.ip: 192.0.2.1, destination.ip: 198.51.100.1, network.transport: icmp, _icmp.type: '8'" + code + "}"
	}
	with, without := ran(t, steps(", _icmp.code: '0'"), "m"), ran(t, steps(""), "m")
	if !strings.Contains(with, `"community_id":"1:`) || with != without {
		t.Errorf("got %s\nand without a code %s", with, without)
	}
	if got := ran(t, strings.Replace(steps(""), "'8'", "echo", 1), "m"); strings.Contains(got, "community_id") {
		t.Errorf("of a type that is no number: %s", got)
	}
}

// TestMachine_Warm: a line that was seen before costs no allocation.
func TestMachine_Warm(t *testing.T) {
	f, faults := compiled(t, `
- dissect: '%{_d} %{_t} %{source.ip} %{_action} %{_rest}'
- kv: {from: _rest, fields: {user: user.name}, rest: acme.thing, names: snake}
- set: {event.reason: '{{_action}} by {{user.name}}'}
- choose: {on: _action, fold: true, cases: {allow: {event.outcome: success, event.type: [allowed]}}, else: {event.outcome: failure}}
- append: {related.user: '{{user.name}}'}
- date: {from: [_d, _t], layouts: ['yyyy-MM-dd HH:mm:ss']}
- convert: {source.ip: ip}
- switch: {on: _action, cases: {Allow: [{set: {event.action: a}}]}}
`)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := step.NewMachine()
	var e event.Event
	run := func() {
		e.Reset()
		e.SetStr(event.Message, "2024-05-01 10:00:00 192.0.2.1 Allow user=kim bytesSent=12 x=y")
		if _, err := m.Run(f.Program(), &e, step.Input{}); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n > 0 {
		t.Errorf("a line costs %v allocations", n)
	}
}

// TestMachine_Reloads: formats that are loaded again and again do not fill the memory of a machine.
func TestMachine_Reloads(t *testing.T) {
	m := step.NewMachine()
	for i := range 600 {
		f, faults := compiled(t, fmt.Sprintf("- set: {_x: a%d}\n- copy: {_x: user.name}", i))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if got, want := once(t, m, f, "m"), fmt.Sprintf(`{"user":{"name":"a%d"}}`, i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}
