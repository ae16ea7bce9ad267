package step_test

import (
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
)

// kindSteps has, for each kind of step, steps of it in which any message can be. Readers in Go have fuzz targets of their own.
var kindSteps = map[string]string{
	"dissect":   "- dissect: {patterns: ['%{_a->} [%{user.name}] %{+_a}', '%{?x}=%{acme.thing.v}', '%{user.id}']}",
	"grok":      "- grok: {patterns: ['^%{IP:source.ip:ip}[ :]%{INT:source.port:int}', '%{WORD:user.name}=%{GREEDYDATA:acme.thing.v}', '%{NUMBER:event.severity:float}']}",
	"kv":        "- kv: {pairs: [' ', ';'], value: ['=', ':'], escape: '\\', trim: '[]', lazy: true, fields: {a: [user.name, _a], b: ~}, rest: acme.thing, names: snake}",
	"csv":       "- csv: {separator: ';', quote: \"'\", columns: [user.name, _, ~, _a], rest: acme.thing.rest}",
	"json":      "- json: {to: _j}\n- copy: {_j: acme.thing.j, _j.a: user.name}",
	"xml":       "- xml: {to: _x}\n- copy: {_x: acme.thing.x}",
	"syslog":    "- syslog: {to: _s}\n- copy: {_s: acme.thing.s, _s.time: event.start}",
	"call":      "- call: kv\n- call: {name: linux.pam, from: message}",
	"set":       "- set: {acme.thing.a: '<{{message}}>', _t: '{{message}}', event.type: [a, '{{_t}}']}",
	"default":   "- default: {user.name: '{{message}}'}\n- default: {user.name: never}",
	"copy":      "- copy: {message: [user.name, acme.thing.a, source.ip, event.severity]}",
	"move":      "- copy: {message: _m}\n- move: {_m: acme.thing.m, _none: user.name}",
	"eval":      "- eval: {acme.thing.a: 'split(message, \",\")', acme.thing.n: 'int(message) ?? len(message)', acme.thing.f: 'find(message, `(.)`) + upper(message)'}",
	"append":    "- append: {related.user: ['{{message}}', x], acme.thing.l: '{{message}}'}\n- append: {related.user: '{{message}}'}",
	"remove":    "- set: {acme.thing.a: '{{message}}'}\n- remove: [acme.thing.a, user, _x.y]",
	"convert":   "- copy: {message: [_i, _f, _b, _p, _m, _h, _l]}\n- convert: {_i: int, _f: float, _b: bool, _p: ip, _m: mac, _h: hex, _l: list}\n- copy: {_i: acme.thing.i, _f: acme.thing.f, _p: source.ip, _m: source.mac}",
	"lower":     "- copy: {message: acme.thing.a}\n- lower: [acme.thing.a]",
	"upper":     "- copy: {message: acme.thing.a}\n- upper: [acme.thing.a]",
	"trim":      "- copy: {message: acme.thing.a}\n- trim: [acme.thing.a]",
	"urldecode": "- copy: {message: acme.thing.a}\n- urldecode: [acme.thing.a]",
	"replace":   "- copy: {message: acme.thing.a}\n- replace: {acme.thing.a: [['(a+)', '<$1>'], ['\\s+', '']]}",
	"split":     "- copy: {message: acme.thing.a}\n- split: {acme.thing.a: ','}",
	"join":      "- eval: {acme.thing.a: 'split(message, \",\")'}\n- join: {acme.thing.a: '|'}",
	"lookup":    "- lookup: {from: message, to: user.name, table: {a|b: c}, else: '{{message}}', fold: true}",
	"choose":    "- choose: {on: message, fold: true, cases: {a|b: {event.action: '{{message}}'}}, else: {event.action: other}}",
	"date":      "- date: {from: message, layouts: [ISO8601, UNIX, UNIX_MS, UNIX_NS, RFC3164, HTTP, 'MMM d yyyy HH:mm:ss.SSS Z', 'dd/MM/yy hh:mm a', 'EEE VV']}",
	"uri":       "- uri: {from: message}",
	"domain":    "- domain: {from: message, to: dns.question}",
	"address":   "- address: {message: source}",
	"dump":      "- json: {}\n- dump: {from: _json, to: acme.thing, names: snake, except: [a.b]}",
	"do":        "- do: [{dissect: 'x%{user.name}'}, {set: {event.action: x}}]\n  on_error: [{set: {event.action: y}}]",
	"switch":    "- switch: {on: message, fold: true, cases: {a: [{stop: true}]}, else: [{append: {event.type: '{{message}}'}}]}",
	"first":     "- first: [[{dissect: 'x%{user.name}'}], [{json: {}}], [{kv: {rest: acme.thing}}]]",
	"foreach":   "- {json: {}, optional: true}\n- foreach: {in: _json, as: _i, do: [{append: {acme.thing.l: '{{_i}}'}}]}\n- foreach: {in: message, as: _i, do: [{set: {user.name: '{{_i}}'}}]}",
	"include":   "- include: common",
	"use":       "- use: acme.other",
	"drop":      "- drop: true\n  if: message contains \"a\"",
	"stop":      "- stop: true\n  if: message contains \"a\"\n- set: {event.action: '{{message}}'}",
	"fail":      "- fail: 'no {{message}}'",
}

// FuzzKinds: for each kind of step, no message makes it panic, hang or lose the message; what comes is a document that can be read
// back, and the machine does with the next message what a new one does.
func FuzzKinds(f *testing.F) {
	for _, s := range []string{
		"", "a", "-", "x [y] z", "a=1 b=\"2 3\" c='4", `{"a":{"b":1},"l":[1,null,{"c":2}]}`, `<a b="c">d<e/></a>`, "<13>Mar 10 11:00:00 h p[1]: a=b", "192.0.2.1:80", "[2001:db8::1]:443",
		"https://a:b@c.example.co.uk:1/d?e#f", "2024-02-30T25:61:00Z", "99999999999999999999", "Feb 29 00:00:00", "%zz%00+", "0x7fffffffffffffff", "a;'b;c';;d", "\u0130\u2028\x7f", "1e400", strings.Repeat("a,", 50),
	} {
		f.Add(s)
	}
	const ordinary = "kim=1, a.example 192.0.2.1"
	type target struct {
		kind string
		f    *format.Format
		want string // what a new machine makes of the ordinary message
	}
	var all []target
	for _, k := range format.Kinds() {
		steps, ok := kindSteps[k.Name]
		if !ok {
			f.Fatalf("no steps of the kind %s", k.Name)
		}
		loaded, faults := compiled(f, steps, "shared/common.yaml", "steps: [{set: {event.action: '{{message}}'}}]", "acme/other.yaml", "dataset: acme.other\ntitle: O\nsteps: [{kv: {rest: acme}}]")
		if len(faults) > 0 {
			f.Fatalf("%s: %v", k.Name, faults)
		}
		all = append(all, target{k.Name, loaded, fuzzed(f, step.NewMachine(), loaded, ordinary)})
	}
	m := step.NewMachine()
	f.Fuzz(func(t *testing.T, msg string) {
		msg = strings.ToValidUTF8(msg, "?")
		for _, x := range all {
			fuzzed(t, m, x.f, msg)
			if got := fuzzed(t, m, x.f, ordinary); got != x.want {
				t.Fatalf("%s after %q:\ngot  %s\nwant %s", x.kind, msg, got, x.want)
			}
		}
	})
}

// fuzzed runs a format on a message and returns the document, which must be one that a store can read.
func fuzzed(t testing.TB, m *step.Machine, f *format.Format, msg string) string {
	var e, back event.Event
	e.SetStr(event.Message, msg)
	dropped, err := m.Run(f.Program(), &e, step.Input{Raw: msg, Received: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatalf("%q: %v", msg, err)
	}
	if got := e.Str(event.Message); got != msg {
		t.Fatalf("the message %q became %q", msg, got)
	}
	e.Conform()
	doc := e.AppendJSON(nil)
	if err := back.Decode(doc); err != nil {
		t.Fatalf("%q: %v in %s", msg, err, doc)
	}
	if dropped {
		return "dropped"
	}
	return string(doc)
}

// TestKindSteps: each kind of step has its own in the fuzz target, and writes something of an ordinary message of its own.
func TestKindSteps(t *testing.T) {
	names := map[string]bool{}
	for _, k := range format.Kinds() {
		names[k.Name] = true
	}
	for name := range kindSteps {
		if !names[name] {
			t.Errorf("%s is no kind of step", name)
		}
	}
	if len(names) != len(kindSteps) {
		t.Errorf("%d kinds, steps for %d", len(names), len(kindSteps))
	}
}
