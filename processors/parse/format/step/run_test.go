package step_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/event"
	"weir/internal/fault"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
	"weir/processors/parse/readers"
)

// compiled loads one format of the steps, which are indented by nothing and begin in line 6 of the file.
func compiled(t testing.TB, steps string, more ...string) (*format.Format, fault.List) {
	t.Helper()
	return compiledAt(t, "acme.thing", steps, more...)
}

// compiledAt is compiled with a root.
func compiledAt(t testing.TB, root, steps string, more ...string) (*format.Format, fault.List) {
	t.Helper()
	files := fstest.MapFS{"acme/log.yaml": {Data: []byte("dataset: acme.log\ntitle: Acme\nempty: ['-']\nroot: " + root + "\nsteps:\n" + strings.TrimPrefix(steps, "\n"))}}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	table := readers.Table()
	table["broken"] = readers.Reader{Read: func(*event.Event, string) error { return fmt.Errorf("byte 3") }}
	set, faults := format.LoadWith(table, format.Source{Name: "f", FS: files})
	return set.Named("acme.log"), faults
}

// load loads one format.
func load(t testing.TB, doc string) (*format.Format, fault.List) {
	t.Helper()
	set, faults := format.Load(format.Source{Name: "f", FS: fstest.MapFS{"acme/log.yaml": {Data: []byte(doc)}}})
	return set.Named("acme.log"), faults
}

// ran runs steps on a message and returns the event's JSON without what all events have.
func ran(t testing.TB, steps, msg string, more ...string) string {
	t.Helper()
	f, faults := compiled(t, steps, more...)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var e event.Event
	e.SetStr(event.Message, msg)
	dropped, err := step.NewMachine().Run(f.Program(), &e, step.Input{Raw: "<13>" + msg, Received: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if dropped {
		return "dropped"
	}
	e.Delete(event.Message)
	return string(e.AppendJSON(nil))
}

func TestControl(t *testing.T) {
	for _, c := range []struct{ name, steps, msg, want string }{
		{"if", "- set: {event.action: a}\n  if: message == \"x\"", "x", `{"event":{"action":"a"}}`},
		{"else", "- set: {event.action: a}\n  if: message == \"y\"\n  else:\n    - set: {event.action: b}", "x", `{"event":{"action":"b"}}`},
		{"switch", "- switch: {on: message, fold: true, cases: {'a|x': [{set: {event.action: one}}], b: [{set: {event.action: two}}]}}", "X", `{"event":{"action":"one"}}`},
		{"switch by an expression", "- switch: {on: '(len(message))', cases: {1: [{set: {event.action: one}}]}, else: [{set: {event.action: more}}]}", "xy", `{"event":{"action":"more"}}`},
		{"first", "- first:\n    - [{dissect: 'a %{user.name}'}]\n    - [{dissect: 'b %{user.name}'}]", "b kim", `{"user":{"name":"kim"}}`},
		{"first, none", "- first:\n    - [{dissect: 'a %{user.name}'}]\n    - [{dissect: 'c %{user.name}'}]", "b kim", `{"weir":{"parse_errors":["acme.log: first at line 6: message: the text does not fit the pattern"]}}`},
		{"foreach", "- set: {_list: [a, b]}\n- foreach: {in: _list, as: _it, do: [{append: {event.type: 'x{{_it}}'}}]}", "m", `{"event":{"type":["xa","xb"]}}`},
		{"stop", "- set: {event.action: a}\n- stop: true\n- set: {event.action: b}", "m", `{"event":{"action":"a"}}`},
		{"stop within a block", "- do:\n    - stop: true\n- set: {event.action: b}", "m", `{}`},
		{"drop", "- drop: true\n  if: message startsWith \"noise\"", "noise 1", "dropped"},
		{"fail", "- fail: 'no {{message}}'", "x", `{"weir":{"parse_errors":["acme.log: fail at line 6: message: no x"]}}`},
		{"optional", "- dissect: 'a %{user.name}'\n  optional: true\n- set: {event.action: b}", "x", `{"event":{"action":"b"}}`},
		{"on_error", "- dissect: 'a %{user.name}'\n  on_error:\n    - set: {event.action: odd}", "x", `{"event":{"action":"odd"}}`},
		{"an optional block ends at its first failure", "- do:\n    - fail: no\n    - set: {event.action: b}\n  optional: true", "x", `{}`},
		{"a block of its own goes on", "- do:\n    - fail: no\n    - set: {event.action: b}", "x", `{"event":{"action":"b"},"weir":{"parse_errors":["acme.log: fail at line 7: message: no"]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ran(t, c.steps, c.msg); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestIncludeAndUse(t *testing.T) {
	shared := "steps:\n  - set: {event.action: shared}\n"
	other := "dataset: acme.other\ntitle: Other\nsteps:\n  - set: {user.name: kim}\n"
	if got, want := ran(t, "- include: common\n- use: acme.other", "m", "shared/common.yaml", shared, "acme/other.yaml", other), `{"event":{"action":"shared"},"user":{"name":"kim"}}`; got != want {
		t.Errorf("got %s", got)
	}
	for name, more := range map[string][]string{
		"itself, by another": {"shared/common.yaml", "steps: [{include: more}]", "shared/more.yaml", "steps: [{include: common}]"},
		"a broken one":       {"shared/common.yaml", "steps: [{sett: {}}]"},
		"one without steps":  {"shared/common.yaml", "title: x"},
	} {
		if f, faults := compiled(t, "- include: common", more...); f != nil || len(faults) == 0 {
			t.Errorf("%s: loaded with %v", name, faults)
		}
	}
}

// TestPlaces: scratch trees, lists, odd names, and that nothing is written of what means nothing.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ name, steps, want string }{
		{"set and read below", "- set: {_x.a.b: 1, _x.a.c: two}\n- copy: {_x.a.b: event.severity, _x.a.c: user.name, _x.no: user.id}", `{"event":{"severity":1},"user":{"name":"two"}}`},
		{"items and lists of objects", "- json: {from: _raw, to: _j}\n  optional: true\n- eval: {_l: '[\"p\", \"q\"]'}\n- copy: {_l.1: user.name}", `{"user":{"name":"q"}}`},
		{"quotes", "- set: {'_x.\"a.b\"': v}\n- copy: {'_x.\"a.b\"': user.name}", `{"user":{"name":"v"}}`},
		{"empty", "- set: {user.name: '-', user.id: '', user.email: x}", `{"user":{"email":"x"}}`},
		{"remove", "- set: {user.name: a, user.id: b, _x.a: 1, _x.b: 2}\n- remove: [user.name, _x.a]\n- copy: {_x.a: user.email, _x.b: event.severity}", `{"event":{"severity":2},"user":{"id":"b"}}`},
		{"below the root", "- set: {acme.thing.odd: 1, acme.thing.deep.er: 2}\n- move: {acme.thing.odd: event.severity}", `{"acme":{"thing":{"deep.er":2}},"event":{"severity":1}}`},
		{"the record", "- copy: {_raw: acme.thing.raw}", `{"acme":{"thing":{"raw":"<13>m"}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ran(t, c.steps, "m"); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestFaults: each mistake is told with its line and its column, and nothing of the file is used.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, steps, where, code, what string }{
		{"a step that is none", "- sett: {a: b}", "f/acme/log.yaml:6:3", "format-unknown-key", "unknown key `sett`"},
		{"two in one", "- set: {user.name: a}\n  remove: [user.id]", "f/acme/log.yaml:7:11", "format-value", "a step does one thing"},
		{"a field that is none", "- set: {usr.name: a}", "f/acme/log.yaml:6:9", "format-place", "no field is called usr.name"},
		{"a field of weir", "- set: {event.original: a}", "f/acme/log.yaml:6:9", "format-place", "weir itself sets event.original"},
		{"no place at all", "- set: {'a b': a}", "f/acme/log.yaml:6:9", "format-place", "is no place"},
		{"an expression", "- set: {user.name: a}\n  if: message ===", "f/acme/log.yaml:7:", "format-expr", ""},
		{"a place in an expression", "- eval: {user.name: usr.name + 1}", "f/acme/log.yaml:6:21", "format-expr", "usr.name"},
		{"else alone", "- set: {user.name: a}\n  else: [{stop: true}]", "f/acme/log.yaml:6:", "format-value", "`else` stands without `if`"},
		{"a key twice", "- lookup: {from: message, to: user.name, table: {a: b}, fold: true, fold: true}", "f/acme/log.yaml:6:", "format-duplicate-key", "twice"},
		{"a dissect pattern", "- dissect: '%{a.b'", "f/acme/log.yaml:6:", "format-pattern", ""},
		{"a grok pattern", "- grok: '%{NOPE:user.name}'", "f/acme/log.yaml:6:", "format-pattern", ""},
		{"a layout", "- date: {from: _x, layouts: [QQQ]}", "f/acme/log.yaml:6:", "format-pattern", ""},
		{"a reader", "- call: cisco.asaa", "f/acme/log.yaml:6:9", "format-unknown-key", "no reader is called cisco.asaa"},
		{"a shared file", "- include: nope", "f/acme/log.yaml:6:12", "format-unknown-key", "no file shared/nope.yaml"},
		{"a format", "- use: nope.log", "f/acme/log.yaml:6:8", "format-unknown-key", "no format is called nope.log"},
		{"a template", "- set: {user.name: '{{_x'}", "f/acme/log.yaml:6:", "format-value", "has no `}}`"},
		{"no place for keys", "- kv: {rest: user.name}", "f/acme/log.yaml:6:14", "format-place", "takes one value"},
		{"a constant that does not fit", "- set: {source.ip: nope}", "f/acme/log.yaml:6:20", "format-value", "source.ip takes no value such as `nope`"},
		{"a comma in a flow mapping", "- eval: {user.name: first(map(_a, .v)), user.id: _b}", "f/acme/log.yaml:6:", "format-expr", ""},
		{"below one value", "- set: {acme.thing.a: 1}\n- set: {user.name.x: 1}", "f/acme/log.yaml:7:9", "format-place", "user.name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, faults := compiled(t, c.steps)
			if f != nil || len(faults) == 0 {
				t.Fatalf("loaded: %v", faults)
			}
			if got := faults[0]; !strings.HasPrefix(got.Where, c.where) || got.Code != c.code || !strings.Contains(got.What, c.what) || got.Text == "" || got.Mark == 0 {
				t.Errorf("got %s %s: %s (mark %d of %q)", got.Where, got.Code, got.What, got.Mark, got.Text)
			}
		})
	}
}

// TestBounds: what a file or a message could make without end, ends.
func TestBounds(t *testing.T) {
	deep := "- do:\n"
	for i := range 40 {
		deep += strings.Repeat("  ", 2*i+2) + "- do:\n"
	}
	if f, _ := compiled(t, deep+strings.Repeat("  ", 82)+"- stop: true"); f != nil {
		t.Error("forty steps within one another are taken")
	}
	steps := "- json: {from: message, to: _j}\n- foreach: {in: _j, as: _a, do: [{foreach: {in: _j, as: _b, do: [{foreach: {in: _j, as: _c, do: [{set: {_x: 1}}]}}]}}]}\n- set: {event.action: never}"
	list := "[" + strings.TrimSuffix(strings.Repeat("1,", 300), ",") + "]"
	if got := ran(t, steps, list); !strings.Contains(got, "more than 100000 steps ran") || strings.Contains(got, "never") {
		t.Errorf("got %.200s", got)
	}
	if got := ran(t, "- json: {from: message, to: _j}\n- foreach: {in: _j, as: _a, do: [{fail: 'n{{_a}}'}]}", "["+strings.TrimSuffix(strings.Repeat("1,2,3,4,", 10), ",")+"]"); strings.Count(got, "fail at") > 20 {
		t.Errorf("got %s", got)
	}
}

// TestTrace: each step says what it read and wrote, in order, and blocks what is within them.
func TestTrace(t *testing.T) {
	f, faults := compiled(t, "- dissect: '%{user.name} %{_x}'\n- set: {event.action: a}\n  if: user.name == \"lee\"\n- do:\n    - copy: {_x: user.id}\n- grok: '^no$'\n- call: broken")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var e event.Event
	e.SetStr(event.Message, "kim 7")
	var got []string
	in := step.Input{Trace: func(s step.Trace) {
		line := fmt.Sprintf("%d %d %s %s", s.Line, s.Depth, s.Kind, s.Outcome)
		for _, a := range s.Reads {
			line += " <" + a.Place
		}
		for _, a := range s.Writes {
			line += " >" + a.Place + "=" + a.Value.Text()
		}
		got = append(got, line+" "+s.Why)
	}}
	if _, err := step.NewMachine().Run(f.Program(), &e, in); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"6 0 dissect ran <message >user.name=kim >_x=7 ", "7 0 set skipped <user.name ", "9 0 do ran ", "10 1 copy ran <_x >user.id=7 ",
		"11 0 grok failed <message message: the text does not fit the pattern", "12 0 call failed <message broken: byte 3",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMachine_Reused: nothing of one event is left for the next, of the same format or another.
func TestMachine_Reused(t *testing.T) {
	f, _ := compiled(t, "- dissect: '%{_x} %{user.name}'\n  optional: true\n- copy: {_x: user.id}")
	g, _ := compiled(t, "- copy: {_x: user.email}")
	m := step.NewMachine()
	var e event.Event
	for i, c := range []struct {
		f         *format.Format
		msg, want string
	}{{f, "a kim", `{"message":"a kim","user":{"id":"a","name":"kim"}}`}, {f, "none", `{"message":"none"}`}, {g, "x", `{"message":"x"}`}, {f, "b lee", `{"message":"b lee","user":{"id":"b","name":"lee"}}`}} {
		e.Reset()
		e.SetStr(event.Message, c.msg)
		if _, err := m.Run(c.f.Program(), &e, step.Input{}); err != nil {
			t.Fatal(err)
		}
		if got := string(e.AppendJSON(nil)); got != c.want {
			t.Errorf("event %d: %s", i, got)
		}
	}
}

// TestKinds: each kind of step says what it is for and what it takes.
func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range format.Kinds() {
		if k.Name == "" || k.About == "" || k.Takes == "" || k.Group == "" || k.Compile == nil || seen[k.Name] {
			t.Errorf("%+v", k)
		}
		seen[k.Name] = true
		for _, key := range k.Keys {
			if key.Name == "" || key.Takes == "" || key.About == "" {
				t.Errorf("%s: %+v", k.Name, key)
			}
		}
	}
}

// FuzzControl: whatever a message is, steps end, and the event is one that can be read back.
func FuzzControl(f *testing.F) {
	const steps = `- {json: {}, optional: true}
- foreach: {in: _json, as: _a, do: [{foreach: {in: _a, as: _b, do: [{append: {acme.thing.l: '{{_b}}'}}]}}]}
- switch: {on: message, fold: true, cases: {a: [{set: {event.action: a}}], 'b|c': [{stop: true}]}, else: [{set: {event.action: '{{message}}'}}]}
- first: [[{dissect: '%{user.name}=%{user.id}'}, {fail: 'no {{user.id}}', if: 'len(user.id) > 3'}], [{grok: '(?<user.email>[a-z]+@[a-z]+)'}], [{set: {user.domain: none}}]]
- {do: [{fail: 'x {{message}}'}], if: 'message contains "fail"', on_error: [{set: {event.reason: failed}}]}
- {remove: [_json.a, _json.0.b, acme.thing.x], if: '_json != nil'}
- {copy: {_json.a.b: acme.thing.x, _json.0.c: acme.thing.y.z, _json.l.m: acme.thing.l}}
- {drop: true, if: 'message startsWith "noise"'}
`
	for _, s := range []string{"", "a", "B", "x=y", "x=yyyy", "kim@x", "fail", "noise", `[[1,[2]],{"b":3}]`, `{"a":{"b":{}},"l":[{"m":1},{"m":[2]}]}`, "[[[[[[[[1]]]]]]]]"} {
		f.Add(s)
	}
	loaded, faults := compiled(f, steps)
	if len(faults) > 0 {
		f.Fatal(faults)
	}
	m := step.NewMachine()
	var e, back event.Event
	f.Fuzz(func(t *testing.T, msg string) {
		msg = strings.ToValidUTF8(msg, "?")
		e.Reset()
		e.SetStr(event.Message, msg)
		if _, err := m.Run(loaded.Program(), &e, step.Input{Raw: msg}); err != nil {
			t.Fatal(err)
		}
		e.Conform()
		if err := back.Decode(e.AppendJSON(nil)); err != nil || back.Str(event.Message) != msg {
			t.Fatalf("%q: %v, %s", msg, err, e.AppendJSON(nil))
		}
	})
}
