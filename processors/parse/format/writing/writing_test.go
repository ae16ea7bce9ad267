package writing_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/event"
	"weir/internal/fault"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
)

// load loads one format of the steps, with files beside it.
func load(steps string, more ...string) (*format.Format, fault.List) {
	files := fstest.MapFS{"acme/log.yaml": {Data: []byte("dataset: acme.log\ntitle: Acme\nempty: ['-']\nroot: acme\nsteps:\n" + steps)}}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	set, faults := format.Load(format.Source{Name: "f", FS: files})
	return set.Named("acme.log"), faults
}

var received = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

// ran runs steps on a message and returns the event's JSON without it.
func ran(t testing.TB, steps, msg string, more ...string) string {
	t.Helper()
	f, faults := load(steps, more...)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var e event.Event
	e.SetStr(event.Message, msg)
	in := step.Input{Raw: msg, Received: received, Zone: func() *time.Location { return time.FixedZone("", 9*3600) }}
	if _, err := step.NewMachine().Run(f.Program(), &e, in); err != nil {
		t.Fatal(err)
	}
	e.Delete(event.Message)
	return string(e.AppendJSON(nil))
}

func TestWriting(t *testing.T) {
	for _, c := range []struct{ name, steps, msg, want string }{
		{"set", "- set: {event.kind: alert, event.type: [a, b], event.severity: 5, user.name: 'x {{message}}', user.id: '{{_no}} y'}", "m", `{"event":{"kind":"alert","severity":5,"type":["a","b"]},"user":{"name":"x m"}}`},
		{"a place alone keeps its type", "- eval: {_n: '1 + 1'}\n- set: {event.severity: '{{_n}}'}", "m", `{"event":{"severity":2}}`},
		{"a list of texts with places", "- set: {event.type: [a, '{{message}}', '{{_no}}']}", "m", `{"event":{"type":["a","m"]}}`},
		{"default", "- set: {user.name: a}\n- default: {user.name: b, user.id: c}", "m", `{"user":{"id":"c","name":"a"}}`},
		{"copy and move", "- set: {_a: x, _b: y}\n- copy: {_a: [user.name, user.id]}\n- move: {_b: user.email}\n- copy: {_b: user.domain, _no: user.hash}", "m", `{"user":{"email":"y","id":"x","name":"x"}}`},
		{"eval", "- eval: {user.name: 'upper(message)', event.severity: 'len(message) * 2', user.id: '_no'}", "abc", `{"event":{"severity":6},"user":{"name":"ABC"}}`},
		{"append", "- append: {related.user: '{{message}}', event.type: [a, b]}\n- append: {related.user: [kim, lee], event.type: b}", "kim", `{"event":{"type":["a","b"]},"related":{"user":["kim","lee"]}}`},
		{"convert", "- dissect: '%{event.severity} %{event.duration} %{source.ip} %{source.mac} %{process.pid} %{user.name}'\n- convert: {event.severity: int, event.duration: int, source.ip: ip, source.mac: mac, process.pid: hex, user.name: upper}", "7 0x10 192.0.2.1 0200.5e00.5301 ff Kim",
			`{"event":{"duration":16,"severity":7},"process":{"pid":255},"source":{"ip":"192.0.2.1","mac":"02-00-5E-00-53-01"},"user":{"name":"KIM"}}`},
		{"convert, what does not", "- dissect: '%{source.ip} %{event.severity}'\n- convert: {source.ip: ip, event.severity: int}", "host x", `{"event":{"severity":"x"},"source":{"ip":"host"},"weir":{"parse_errors":["acme.log: convert at line 7: source.ip: the value is no ip"]}}`},
		{"convert a list", "- set: {_l: ['1', '2']}\n- convert: {_l: int}\n- eval: {event.severity: '_l[0] + _l[1]'}", "m", `{"event":{"severity":3}}`},
		{"lower, upper, trim, urldecode", "- set: {user.name: 'KIM', user.id: 'ab', user.email: ' x ', user.hash: 'a%20b', event.type: ['A']}\n- lower: [user.name, event.type]\n- upper: user.id\n- trim: [user.email]\n- urldecode: [user.hash]", "m", ""},
		{"replace", "- set: {user.name: 'a-b-c'}\n- replace: {user.name: [['-', '.'], ['^a', 'x']]}", "m", `{"user":{"name":"x.b.c"}}`},
		{"replace by nothing", "- set: {user.name: 'aaa'}\n- replace: {user.name: ['a+', '']}", "m", `{}`},
		{"split and join", "- set: {event.type: 'a, b,,-', user.name: [x, y]}\n- split: {event.type: ','}\n- join: {user.name: ' '}", "m", `{"event":{"type":["a","b"]},"user":{"name":"x y"}}`},
		{"lookup", "- lookup: {from: message, to: event.outcome, table: {OK|done: success}, else: unknown, fold: true}", "Done", `{"event":{"outcome":"success"}}`},
		{"lookup, else", "- lookup: {from: message, to: event.outcome, table: {OK: success}, else: unknown}", "ok", `{"event":{"outcome":"unknown"}}`},
		{"lookup of a list", "- set: {_l: [a, x, b]}\n- lookup: {from: _l, to: event.type, table: {a: one, b: two}}", "m", `{"event":{"type":["one","two"]}}`},
		{"choose", "- choose: {on: message, fold: true, cases: {allow: {event.type: [connection, allowed], event.outcome: success}, 'deny|drop': {event.outcome: failure, user.name: '{{message}}'}}}", "DROP", `{"event":{"outcome":"failure"},"user":{"name":"DROP"}}`},
		{"choose, else", "- choose: {on: '(len(message))', cases: {2: {user.name: two}}, else: {user.name: other}}", "abc", `{"user":{"name":"other"}}`},
		{"date with a zone", "- date: {from: message}", "2024-04-30T09:00:00+09:00", `{"@timestamp":"2024-04-30T00:00:00.000Z"}`},
		{"date without", "- date: {from: message, layouts: ['yyyy-MM-dd HH:mm:ss']}", "2024-04-30 09:00:00", `{"@timestamp":"2024-04-30T00:00:00.000Z","event":{"timezone":"+09:00"}}`},
		{"date, its own zone", "- date: {from: message, to: event.start, layouts: ['yyyy-MM-dd HH:mm:ss'], zone: America/New_York}", "2024-04-30 09:00:00", `{"event":{"start":"2024-04-30T13:00:00.000Z"}}`},
		{"date, the zone of a place", "- set: {_z: '-0300'}\n- date: {from: message, to: event.start, layouts: ['yyyy-MM-dd HH:mm:ss'], zone: _z}", "2024-04-30 09:00:00", `{"event":{"start":"2024-04-30T12:00:00.000Z"}}`},
		{"date of two places", "- dissect: '%{_d} %{_t}'\n- date: {from: [_d, _t], to: event.start, layouts: ['yyyy-MM-dd HH:mm:ss'], zone: UTC}", "2024-04-30 09:00:00", `{"event":{"start":"2024-04-30T09:00:00.000Z"}}`},
		{"no date", "- date: {from: message}", "noon", ""},
		{"uri", "- uri: {from: message}", "https://kim:pw@www.example.com:8443/a%20b/c.tar.gz?q=1%2B1#top", `{"url":{"domain":"www.example.com","extension":"gz","fragment":"top","original":"https://kim:pw@www.example.com:8443/a%20b/c.tar.gz?q=1%2B1#top","password":"pw","path":"/a b/c.tar.gz","port":8443,"query":"q=1+1","scheme":"https","username":"kim"}}`},
		{"uri of a path", "- uri: {from: message}", "/a/b?x=%zz", `{"url":{"original":"/a/b?x=%zz","path":"/a/b","query":"x=%zz"}}`},
		{"domain", "- set: {dns.question.name: www.example.co.uk}\n- domain: {from: dns.question.name, to: dns.question}", "m", `{"dns":{"question":{"name":"www.example.co.uk","registered_domain":"example.co.uk","subdomain":"www","top_level_domain":"co.uk"}}}`},
		{"address", "- set: {_a: '192.0.2.1:80', _b: 'host.example:443', _c: '[2001:db8::1]:53'}\n- address: {_a: source, _b: destination, _c: client}", "m",
			`{"client":{"address":"2001:db8::1","ip":"2001:db8::1","port":53},"destination":{"address":"host.example","domain":"host.example","port":443},"source":{"address":"192.0.2.1","ip":"192.0.2.1","port":80}}`},
		{"dump", "- json: {}\n- dump: {from: _json, to: acme, names: snake, except: [b, c.d]}", `{"aKey":1,"b":2,"c":{"d":3,"eF":[{"gH":4},null,""]},"n":null,"s":"-"}`, `{"acme":{"a_key":1,"c":{"e_f":[{"g_h":4}]}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ran(t, c.steps, c.msg)
			switch {
			case c.name == "lower, upper, trim, urldecode":
				for _, part := range []string{`"name":"kim"`, `"id":"AB"`, `"email":"x"`, `"hash":"a b"`, `"type":["a"]`} {
					if !strings.Contains(got, part) {
						t.Errorf("no %s in %s", part, got)
					}
				}
			case c.name == "no date":
				if !strings.Contains(got, "acme.log: date at line 6: message: ") {
					t.Errorf("got %s", got)
				}
			case got != c.want:
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestLookup_File: a table beside the format names its places in its first row, or has one column of values.
func TestLookup_File(t *testing.T) {
	table := "# codes\ncode,event.action,event.outcome\n1,login,success\n2,logout,\n2,never,never\n"
	for msg, want := range map[string]string{"1": `{"event":{"action":"login","outcome":"success"}}`, "2": `{"event":{"action":"logout"}}`, "3": `{}`} {
		if got := ran(t, "- lookup: {from: message, table: tables/codes.csv}", msg, "acme/tables/codes.csv", table); got != want {
			t.Errorf("%s: got %s", msg, got)
		}
	}
	if got := ran(t, "- lookup: {from: message, to: user.name, table: tables/names.csv}", "7", "tables/names.csv", "7,kim\n"); got != `{"user":{"name":"kim"}}` {
		t.Errorf("from the top of the source: %s", got)
	}
	for name, csv := range map[string]string{"one column": "a\n", "a quote": "a,\"b\n", "a place that is none": "code,usr.name\n1,x\n"} {
		if f, faults := load("- lookup: {from: message, table: x.csv}", "acme/x.csv", csv); f != nil || len(faults) == 0 {
			t.Errorf("%s: loaded", name)
		}
	}
	if f, faults := load("- lookup: {from: message, table: nope.csv}"); f != nil || len(faults) != 1 || !strings.Contains(faults[0].What, "nope.csv cannot be read") {
		t.Errorf("a table that is not there: %v", faults)
	}
}

// allSteps has steps of every kind that writes, on whatever the message is.
const allSteps = `- {json: {}, optional: true}
- {set: {_m: '{{message}}', acme.m: 'x{{_m}}'}}
- {default: {user.name: '{{message}}'}}
- {copy: {_json.a: acme.a, _json.b: [acme.b, _l]}}
- {move: {_json.c: acme.c}}
- {eval: {acme.e: 'upper(_m) + string(len(_m))', acme.f: '_json.a + 1'}, optional: true}
- {append: {related.user: '{{_m}}', acme.l: ['{{_json.a}}', '{{_m}}']}}
- {set: {_i: '{{_m}}', _f: '{{_m}}', _b: '{{_m}}', _ip: '{{_m}}', _mac: '{{_m}}', _h: '{{_m}}'}}
- {convert: {_i: int, _f: float, _b: bool, _ip: ip, _mac: mac, _h: hex}, optional: true}
- {set: {acme.t: '{{_m}}', acme.u: '{{_m}}', acme.s: '{{_m}}', acme.r: '{{_m}}'}}
- {lower: [acme.t]}
- {upper: [acme.t]}
- {trim: [acme.t]}
- {urldecode: [acme.u]}
- {replace: {acme.r: [['[aeiou]+', '<$0>']]}}
- {split: {acme.s: ','}}
- {join: {acme.s: '|'}}
- {lookup: {from: _m, to: acme.k, table: {a: b}, else: '{{_m}}', fold: true}}
- {choose: {on: _m, fold: true, cases: {a: {acme.ch: 1}}, else: {acme.ch: '{{_m}}'}}}
- {date: {from: _m, to: acme.d, layouts: [ISO8601, UNIX, UNIX_MS, RFC3164, HTTP, 'MMM d yyyy HH:mm:ss Z', 'dd/MM/yy hh:mm a']}, optional: true}
- {uri: {from: _m}}
- {set: {dns.question.name: '{{_m}}'}}
- {domain: {from: dns.question.name, to: dns.question}}
- {address: {_m: source}}
- {dump: {from: _json, to: acme, names: snake, except: [x.y]}}
- {remove: [_json.a.b, acme.c, acme.l]}
`

// FuzzWriting: no message makes a step panic, and what comes is a document that a store takes and that can be read back.
func FuzzWriting(f *testing.F) {
	for _, s := range []string{"", "a", "192.0.2.1:80", "https://a:b@c.example.co.uk:1/d?e#f", `{"a":{"b":1},"b":[1,{"c":null}],"c":"x","x":{"y":1,"zZ":2}}`, "2024-02-30T25:61:00Z", "99999999999999999999", "Feb 29 00:00:00", "%zz%00+", "0x7fffffffffffffff", "a,b,,c", "[::1%eth0]:x", "\u0130\u2028\x7f", "1e400", "-"} {
		f.Add(s)
	}
	loaded, faults := load(allSteps)
	if len(faults) > 0 {
		f.Fatal(faults)
	}
	m := step.NewMachine()
	var e, back event.Event
	var doc []byte
	f.Fuzz(func(t *testing.T, msg string) {
		msg = strings.ToValidUTF8(msg, "?")
		e.Reset()
		e.SetStr(event.Message, msg)
		if _, err := m.Run(loaded.Program(), &e, step.Input{Raw: msg, Received: received}); err != nil {
			t.Fatal(err)
		}
		if got := e.Str(event.Message); got != msg {
			t.Fatalf("the message became %q", got)
		}
		e.Conform()
		doc = e.AppendJSON(doc[:0])
		if err := back.Decode(doc); err != nil {
			t.Fatalf("%q: %v in %s", msg, err, doc)
		}
	})
}
