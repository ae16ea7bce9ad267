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

// TestFaults: what is wrong in a step that writes is told where it stands, and the format is not used.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, steps, where, what string }{
		{"set of weir's own", "- set: {ecs.version: '1'}", "6:9", "weir itself sets ecs.version"},
		{"default of what is no field", "- default: {usr.id: x}", "6:", "no field is called usr.id"},
		{"copy to a list with one that is none", "- copy: {_x: [user.name, usr.id]}", "6:", "no field is called usr.id"},
		{"copy to the record", "- copy: {_x: _raw}", "6:14", "weir itself sets _raw"},
		{"eval without an expression", "- eval: {user.name: ''}", "6:", "an expression is missing"},
		{"append of an object", "- append: {event.type: {a: b}}", "6:", "a value is a text, a number, true, false, or a list of these"},
		{"remove of no place", "- remove: ['a b']", "6:", `"a b" is no place`},
		{"lower of weir's own", "- lower: [event.original]", "6:", "weir itself sets event.original"},
		{"convert of what is no field", "- convert: {usr.id: int}", "6:", "no field is called usr.id"},
		{"replace by an odd expression", "- replace: {user.name: [['[', x]]}", "6:", ""},
		{"split by a list", "- split: {event.type: [a]}", "6:", "`split` needs what separates"},
		{"lookup with a template as table", "- lookup: {from: _x, to: user.name, table: [a, b]}", "", ""},
		{"a constant of a date", "- set: {event.start: noon}", "6:", "event.start takes no value such as `noon`"},
		{"a constant of a port", "- set: {source.port: http}", "6:", "source.port takes no value such as `http`"},
		{"in a case", "- choose: {on: _x, cases: {a: {source.ip: nope}}}", "6:", "source.ip takes no value such as `nope`"},
		{"date with an odd letter", "- date: {from: _x, layouts: ['yyyy-QQ']}", "6:", ""},
		{"date into the record", "- date: {from: _x, to: event.ingested}", "6:", "weir itself sets event.ingested"},
		{"uri below what is no place", "- uri: {from: _x, to: nowhere}", "6:", "no field is called nowhere.domain"},
		{"domain below what is no place", "- domain: {from: _x, to: nowhere}", "6:", "no field is called nowhere.registered_domain"},
		{"address below what is no place", "- address: {_x: nowhere}", "6:", "no field is called nowhere.address"},
		{"address to a list", "- address: {_x: [source]}", "6:", "`address` needs the place below which it writes"},
		{"dump except no path", "- dump: {from: _x, to: acme, except: ['a..b']}", "6:", "`a..b` is no path"},
		{"dump in an odd way", "- dump: {from: _x, to: acme, names: camel}", "6:", "`names` cannot be `camel`"},
	} {
		if c.where == "" {
			continue
		}
		f, faults := load(c.steps)
		if f != nil || len(faults) == 0 {
			t.Errorf("%s: it is taken", c.name)
			continue
		}
		if e := faults[0]; !strings.HasPrefix(e.Where, "f/acme/log.yaml:"+c.where) || !strings.Contains(e.What, c.what) || e.Mark == 0 {
			t.Errorf("%s: %s: %s", c.name, e.Where, e.What)
		}
	}
}

// BenchmarkWriting is what a format does with the parts of a line: twenty places of all kinds.
func BenchmarkWriting(b *testing.B) {
	loaded, faults := load(`
- dissect: '%{_d} %{_t} %{_src} %{_dst} %{_action} %{_user} %{url.original}'
- date: {from: [_d, _t], layouts: ['yyyy-MM-dd HH:mm:ss']}
- address: {_src: source, _dst: destination}
- choose: {on: _action, fold: true, cases: {allow: {event.outcome: success, event.type: [connection, allowed]}}, else: {event.outcome: failure}}
- set: {event.kind: event, event.category: [network], event.reason: '{{_action}} by {{_user}}'}
- copy: {_user: [user.name, related.user]}
- lookup: {from: _action, to: event.action, table: {allow: allowed, deny: denied}, fold: true}
- uri: {from: url.original}
- append: {related.user: '{{_user}}'}
- convert: {source.ip: ip}
`[1:])
	if len(faults) > 0 {
		b.Fatal(faults)
	}
	const line = "2024-05-01 10:00:00 192.0.2.1:50000 198.51.100.9:443 ALLOW kim https://www.example.com/a/b.html?q=1"
	m := step.NewMachine()
	var e event.Event
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		e.Reset()
		e.SetStr(event.Message, line)
		if _, err := m.Run(loaded.Program(), &e, step.Input{Raw: line, Received: received}); err != nil {
			b.Fatal(err)
		}
	}
}
