package reading_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"weir/event"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
)

// compiled loads one format of the steps.
func compiled(t testing.TB, steps string) *format.Format {
	t.Helper()
	set, faults := format.Load(format.Source{Name: "f", FS: fstest.MapFS{"acme/log.yaml": {Data: []byte("dataset: acme.log\ntitle: Acme\nempty: ['-']\nroot: acme\nsteps:\n" + steps)}}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return set.Named("acme.log")
}

var received = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

// ran runs steps on a message and returns the event's JSON without it.
func ran(t testing.TB, steps, msg string) string {
	t.Helper()
	var e event.Event
	e.SetStr(event.Message, msg)
	if _, err := step.NewMachine().Run(compiled(t, steps).Program(), &e, step.Input{Raw: msg, Received: received}); err != nil {
		t.Fatal(err)
	}
	e.Delete(event.Message)
	return string(e.AppendJSON(nil))
}

func TestReading(t *testing.T) {
	const kv = "- kv: {fields: {src: source.ip, user: [user.name, related.user], junk: ~}, rest: acme, names: snake}"
	for _, c := range []struct{ name, steps, msg, want string }{
		{"dissect", "- dissect: '%{source.ip}:%{source.port} %{} %{user.name}'", "192.0.2.1:80 x -", `{"source":{"ip":"192.0.2.1","port":"80"}}`},
		{"dissect, the second", "- dissect: {patterns: ['a %{user.id}', 'b %{user.name}']}", "b kim", `{"user":{"name":"kim"}}`},
		{"dissect, a list", "- dissect: ['a %{user.id}', 'b %{user.name}']", "a 7", `{"user":{"id":"7"}}`},
		{"dissect of what is not there", "- dissect: {from: _x, pattern: '%{user.id}'}", "m", `{}`},
		{"dissect fails", "- dissect: 'a %{user.id}'", "b", `{"weir":{"parse_errors":["acme.log: dissect at line 6: message: the text does not fit the pattern"]}}`},
		{"grok", `- grok: '^%{IP:source.ip:ip} %{NUMBER:event.severity:int} (?<user.name>\w+)$'`, "192.0.2.1 5 kim", `{"event":{"severity":5},"source":{"ip":"192.0.2.1"},"user":{"name":"kim"}}`},
		{"grok, own names", "- grok: {patterns: ['%{ID:user.id}'], definitions: {ID: 'u[0-9]+'}}", "x u77 y", `{"user":{"id":"u77"}}`},
		{"grok, no address is none", `- grok: '%{NOTSPACE:source.ip:ip}'`, "host", `{}`},
		{"kv", kv, `src=192.0.2.1 user="kim lee" junk=1 OddKey=2 empty=- x=1 x=2`, `{"acme":{"odd_key":"2","x":["1","2"]},"related":{"user":"kim lee"},"source":{"ip":"192.0.2.1"},"user":{"name":"kim lee"}}`},
		{"kv below what is there", "- set: {acme.a: 0, acme.b: 1}\n- kv: {rest: acme}", "a=1 c=2", `{"acme":{"a":"1","b":1,"c":"2"}}`},
		{"kv into scratch", "- kv: {pairs: ';', value: ':', rest: _kv}\n- copy: {_kv.a: user.name}", "a:x;b:y", `{"user":{"name":"x"}}`},
		{"kv by patterns", `- kv: {pairs: '/[,;] */', value: '/ ?= ?/', rest: acme}`, "a = 1, b=2;c=3", `{"acme":{"a":"1","b":"2","c":"3"}}`},
		{"kv of no pairs", kv, "nothing", `{"weir":{"parse_errors":["acme.log: kv at line 6: message: no key with a value in the text"]}}`},
		{"csv", "- csv: {columns: [user.name, _, ~, user.id], rest: acme.rest}", `kim,"a ""b""",c,7,8,9`, `{"acme":{"rest":["8","9"]},"user":{"id":"7","name":"kim"}}`},
		{"csv, fewer", "- csv: {separator: ';', columns: [user.name, user.id, user.email]}", "kim;7", `{"user":{"id":"7","name":"kim"}}`},
		{"json", "- json: {}\n- copy: {_json.a.0.b: user.name, _json.n: event.severity}", ` {"a":[{"b":"kim"}],"n":3} `, `{"event":{"severity":3},"user":{"name":"kim"}}`},
		{"json, a list of objects", "- json: {}\n- copy: {_json.a.b: user.roles}", `{"a":[{"b":"x"},{"c":1},{"b":"y"}]}`, `{"user":{"roles":["x","y"]}}`},
		{"xml", "- xml: {to: _x}\n- copy: {_x.Event.System.Computer: host.name}", `<Event><System><Computer>pc1</Computer></System></Event>`, `{"host":{"name":"pc1"}}`},
		{"syslog", "- syslog: {}\n- copy: {_syslog.host: host.name, _syslog.program: process.name, _syslog.message: user.name, _syslog.priority: event.severity}", `<13>Mar 10 11:00:00 web1 app[7]: kim`, `{"event":{"severity":13},"host":{"name":"web1"},"process":{"name":"app"},"user":{"name":"kim"}}`},
		{"call", "- set: {_m: 'pam_unix(sshd:session): session opened for user root by (uid=0)'}\n- call: {name: linux.pam, from: _m}\n- remove: [event, process, related]", "m", `{"user":{"name":"root"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ran(t, c.steps, c.msg); got != c.want && !(c.name == "call" && strings.Contains(got, `"name":"root"`)) {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestReading_Broken(t *testing.T) {
	for name, c := range map[string]struct{ steps, msg string }{
		"json": {"- json: {}", `{"a":`}, "xml": {"- xml: {}", `<a><b>`}, "deep json": {"- json: {}", strings.Repeat("[", 20_000)}, "deep xml": {"- xml: {}", strings.Repeat("<a>", 20_000)},
		"bomb": {"- xml: {}", `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>`},
	} {
		if got := ran(t, c.steps, c.msg); !strings.Contains(got, "parse_errors") {
			t.Errorf("%s: got %.200s", name, got)
		}
	}
}

// stepSteps has steps of every kind that reads, in which any message can be.
const allSteps = `- {dissect: '%{_a} %{user.name->} [%{+_a}] %{acme.rest}', optional: true}
- {grok: {patterns: ['^%{IP:source.ip:ip}[: ]%{INT:source.port:int}', '(?<user.id>[a-z]+)=(?<acme.v>\d+)']}, optional: true}
- {kv: {fields: {a: user.email}, rest: acme.kv, names: snake, lazy: true}, optional: true}
- {kv: {pairs: '/[;,]/', value: ':', escape: '\', rest: _kv}, optional: true}
- {csv: {columns: [_c, acme.c, _], rest: acme.more}, optional: true}
- {json: {}, optional: true}
- {xml: {}, optional: true}
- syslog: {}
- {call: kv, optional: true}
- {call: cef, optional: true}
- {copy: {_json.a: acme.json, _xml.a: acme.xml, _kv.a: acme.two}}
`

// FuzzReading: no message makes a step panic, hang or lose the message, and what comes is a document that can be read back.
func FuzzReading(f *testing.F) {
	for _, s := range []string{"", "a b [c] d", "192.0.2.1:80 x", `a=1 b="2 3" c='4`, `{"a":[{"b":1}]}`, `<a b="c">d<e/></a>`, "<13>Mar 10 11:00:00 h p[1]: a=b;c:d", "CEF:0|v|p|1|2|3|4|src=1.2.3.4 msg=a\\=b", "a,b,\"c\"\"d\",,e", "\x00\xff\u2028", strings.Repeat("a=b ", 100)} {
		f.Add(s)
	}
	program := compiled(f, allSteps).Program()
	m := step.NewMachine()
	var e, back event.Event
	var doc []byte
	f.Fuzz(func(t *testing.T, msg string) {
		msg = strings.ToValidUTF8(msg, "?")
		e.Reset()
		e.SetStr(event.Message, msg)
		if _, err := m.Run(program, &e, step.Input{Raw: msg, Received: received}); err != nil {
			t.Fatal(err)
		}
		e.Conform()
		doc = e.AppendJSON(doc[:0])
		if err := back.Decode(doc); err != nil {
			t.Fatalf("%q: %v in %s", msg, err, doc)
		}
	})
}

// BenchmarkKV is a line of a firewall with forty pairs.
func BenchmarkKV(b *testing.B) {
	const line = `date=2024-12-10 time=06:55:46 devname=fw1 devid=FGT60F0000000001 logid=0000000013 type=traffic subtype=forward level=notice vd=root eventtime=1733813746 srcip=10.1.100.11 srcport=54190 srcintf=port12 srcintfrole=undefined dstip=198.51.100.22 dstport=443 dstintf=port11 dstintfrole=undefined sessionid=3652 proto=6 action=close policyid=1 policytype=policy service=HTTPS dstcountry=Reserved srccountry=Reserved trandisp=snat transip=192.0.2.1 transport=54190 duration=10 sentbyte=1500 rcvdbyte=9000 sentpkt=12 rcvdpkt=14 appcat=unscanned mastersrcmac=02:00:00:00:00:01 srcmac=02:00:00:00:00:01 srcserver=0 crscore=5 craction=131072`
	program := compiled(b, "- kv: {fields: {srcip: source.ip, srcport: source.port, dstip: destination.ip, dstport: destination.port, sentbyte: source.bytes, rcvdbyte: destination.bytes, action: event.action}, rest: acme}").Program()
	m := step.NewMachine()
	var e event.Event
	var doc []byte
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		e.Reset()
		e.SetStr(event.Message, line)
		if _, err := m.Run(program, &e, step.Input{Raw: line, Received: received}); err != nil {
			b.Fatal(err)
		}
		e.Conform()
		doc = e.AppendJSON(doc[:0])
	}
}

// TestDissect_Keys: from, pattern, patterns and the modifiers.
func TestDissect_Keys(t *testing.T) {
	check(t, []stepCase{
		{"modifiers", "- dissect: '%{_a->} %{+user.name} %{?skip} %{} %{+user.name}'", "x    kim 1 2 lee", `{"user":{"name":"kim lee"}}`},
		{"from and pattern", "- set: {_t: 'a b'}\n- dissect: {from: _t, pattern: '%{user.name} %{user.id}'}", "m", `{"user":{"id":"b","name":"a"}}`},
		{"pattern goes before patterns", "- dissect: {pattern: '%{user.id}', patterns: ['%{user.name}']}", "m", `{"user":{"id":"m"}}`},
		{"one that does not fit writes nothing", "- dissect: {patterns: ['%{user.id} x %{user.name}', '%{user.email}']}", "a b", `{"user":{"email":"a b"}}`},
		{"a number as source", "- json: {}\n- dissect: {from: _json.n, pattern: '%{user.id}.%{user.name}'}", `{"n":1.5}`, `{"user":{"id":"1","name":"5"}}`},
		{"an empty value", "- dissect: '%{user.id},%{user.name}'", ",kim", `{"user":{"name":"kim"}}`},
		{"letters of other scripts", "- dissect: '사용자 %{user.name} 로그인'", "사용자 김 로그인", `{"user":{"name":"김"}}`},
		{"fails in a scratch place", "- set: {_t: x}\n- dissect: {from: _t, pattern: 'a %{user.id}'}", "m", `{"weir":{"parse_errors":["acme.log: dissect at line 7: _t: the text does not fit the pattern"]}}`},
	})
}

// TestGrok_Keys: patterns in order, types, names of one's own.
func TestGrok_Keys(t *testing.T) {
	check(t, []stepCase{
		{"from and pattern", "- set: {_t: 'u7'}\n- grok: {from: _t, pattern: 'u%{INT:user.id}'}", "m", `{"user":{"id":"7"}}`},
		{"the first that fits", "- grok: ['^a(?<user.id>.*)', '^(?<user.name>.*)']", "bc", `{"user":{"name":"bc"}}`},
		{"types", "- grok: '^%{INT:acme.i:int} %{NUMBER:acme.f:float} %{WORD:acme.b:boolean} %{INT:acme.l:long}$'", "7 1.5 true 8", `{"acme":{"i":7,"f":1.5,"b":true,"l":8}}`},
		{"a type that does not fit stays text", "- grok: '^%{WORD:acme.i:int}$'", "seven", `{"acme":{"i":"seven"}}`},
		{"an address that is none is not written", "- grok: '^%{NOTSPACE:source.ip:ip} %{WORD:user.name}$'", "host kim", `{"user":{"name":"kim"}}`},
		{"names within names", "- grok: {patterns: ['%{PAIR}'], definitions: {PAIR: '%{KEY:acme.key}=%{VAL:acme.val}', KEY: '[a-z]+', VAL: '[0-9]+'}}", "x=1", `{"acme":{"key":"x","val":"1"}}`},
		{"a place twice", "- grok: '^(?:a(?<user.name>x)|b(?<user.name>y))'", "by", `{"user":{"name":"y"}}`},
		{"what is optional", "- grok: '^(?<user.name>[a-z]+)(?:@(?<user.domain>.*))?$'", "kim", `{"user":{"name":"kim"}}`},
		{"in the middle", "- grok: 'id=(?<user.id>[0-9]+)'", "x id=12 y", `{"user":{"id":"12"}}`},
		{"fails", "- grok: '^$'", "x", `{"weir":{"parse_errors":["acme.log: grok at line 6: message: the text does not fit the pattern"]}}`},
	})
}

// TestCSV_Keys: separator, quote, columns and rest.
func TestCSV_Keys(t *testing.T) {
	check(t, []stepCase{
		{"a tabulator", "- csv: {separator: \"\\t\", columns: [user.name, user.id]}", "kim\t7", `{"user":{"id":"7","name":"kim"}}`},
		{"another quote", "- csv: {quote: \"'\", columns: [user.name, user.id]}", "'a,b',7", `{"user":{"id":"7","name":"a,b"}}`},
		{"no quote", "- csv: {quote: '', columns: [user.name, user.id]}", `"a,b"`, `{"user":{"id":"b\"","name":"\"a"}}`},
		{"empty columns", "- csv: {columns: [user.name, user.id, user.email]}", ",,x", `{"user":{"email":"x"}}`},
		{"more without rest", "- csv: {columns: [user.name]}", "a,b,c", `{"user":{"name":"a"}}`},
		{"rest that is not there", "- csv: {columns: [user.name], rest: acme.rest}", "a", `{"user":{"name":"a"}}`},
		{"from", "- set: {_t: 'a,b'}\n- csv: {from: _t, columns: [user.name, user.id]}", "m", `{"user":{"id":"b","name":"a"}}`},
		{"from nothing", "- csv: {from: _t, columns: [user.name]}", "m", `{}`},
		{"a row after another", "- csv: {columns: [user.name, user.id]}\n- set: {_t: 'x'}\n- csv: {from: _t, columns: [user.email, user.hash]}", "a,b", `{"user":{"email":"x","id":"b","name":"a"}}`},
	})
}

// TestTrees_Keys: from and to of json, xml and syslog.
func TestTrees_Keys(t *testing.T) {
	check(t, []stepCase{
		{"json below the root", "- json: {to: acme.doc}", `{"a":[1,{"b":null}],"c":1.5}`, `{"acme":{"doc":{"a":[1,{"b":null}],"c":1.5}}}`},
		{"json without keys", "- json: ~\n- copy: {_json.a: user.name}", `{"a":"x"}`, `{"user":{"name":"x"}}`},
		{"json of a text", "- json: {}\n- copy: {_json: user.name}", `"x"`, `{"user":{"name":"x"}}`},
		{"json from", "- set: {_t: '[1,2]'}\n- json: {from: _t, to: acme.l}", `m`, `{"acme":{"l":[1,2]}}`},
		{"json within json", "- json: {}\n- json: {from: _json.inner, to: _in}\n- copy: {_in.a: user.name, _json.b: user.id}", `{"inner":"{\"a\":\"x\"}","b":"y"}`, `{"user":{"id":"y","name":"x"}}`},
		{"xml, attributes and text", "- xml: {}\n- copy: {_xml.e.a: user.name, _xml.e.text: user.id}", `<e a="x">y</e>`, `{"user":{"id":"y","name":"x"}}`},
		{"xml, children of one name are a list", "- xml: {}\n- copy: {_xml.e.v: event.type}", `<e><v>a</v><v>b</v></e>`, `{"event":{"type":["a","b"]}}`},
		{"syslog of RFC 5424", "- syslog: {}\n- copy: {_syslog.host: host.name, _syslog.program: process.name, _syslog.msgid: event.code, _syslog.data.x@1.k: user.name, _syslog.message: user.id, _syslog.time: event.start}",
			`<13>1 2024-04-30T09:00:00Z web1 app 7 ID5 [x@1 k="kim"] text`, `{"event":{"code":"ID5","start":"2024-04-30T09:00:00.000Z"},"host":{"name":"web1"},"process":{"name":"app"},"user":{"id":"text","name":"kim"}}`},
		{"syslog within a text", "- dissect: 'relay: %{_t}'\n- syslog: {from: _t, to: _s}\n- copy: {_s.host: host.name, _s.message: user.name}", `relay: <13>Mar 10 11:00:00 h p: kim`, `{"host":{"name":"h"},"user":{"name":"kim"}}`},
		{"syslog without a header", "- syslog: {}\n- copy: {_syslog.message: user.name, _syslog.priority: event.severity}", `kim`, `{"user":{"name":"kim"}}`},
	})
}

// TestFaults: what is wrong in a step that reads is told where it stands, and the format is not used.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, steps, where, what string }{
		{"dissect without an end", "- dissect: '%{user.name'", "6:13", ""},
		{"dissect with nothing between", "- dissect: '%{user.name}%{user.id}'", "6:", ""},
		{"dissect of a number", "- dissect: {pattern: [{a: b}]}", "6:", "a pattern is a text"},
		{"dissect into what is no field", "- dissect: '%{usr.name}'", "6:", "no field is called usr.name"},
		{"the second of two patterns", "- dissect:\n    patterns:\n      - '%{user.name}'\n      - '%{'", "9:10", ""},
		{"grok with an unknown name", "- grok: '%{NOPE:user.name}'", "6:", ""},
		{"grok into what is no field", "- grok: '(?<usr_name>x)'", "6:", "no field is called usr_name"},
		{"grok with an unknown type", "- grok: '%{INT:user.name:number}'", "6:", ""},
		{"kv with a list of keys", "- kv: {fields: [a, b]}", "6:", "`fields` needs keys"},
		{"kv with a rest that is one value", "- kv: {rest: event.code}", "6:14", "event.code takes one value, no keys"},
		{"kv with two letters to quote", "- kv: {quote: '<>'}", "6:", "`quote` needs one letter"},
		{"csv without a separator", "- csv: {separator: '', columns: [_x]}", "6:", "`separator` is empty"},
		{"csv into what is no field", "- csv: {columns: [user.name, usr.id]}", "6:", "no field is called usr.id"},
		{"json with an unknown key", "- json: {into: _x}", "6:", "unknown key `into`"},
		{"json of a text", "- json: message", "6:", "needs keys"},
		{"call of nothing", "- call: {from: message}", "6:", "no reader is called"},
		{"call of what is none", "- call: linux.shd", "6:", "no reader is called linux.shd"},
	} {
		set, faults := format.Load(format.Source{Name: "f", FS: fstest.MapFS{"acme/log.yaml": {Data: []byte("dataset: acme.log\ntitle: Acme\nempty: ['-']\nroot: acme\nsteps:\n" + c.steps)}}})
		if len(set.List()) > 0 || len(faults) == 0 {
			t.Errorf("%s: it is taken: %v", c.name, faults)
			continue
		}
		if e := faults[0]; !strings.HasPrefix(e.Where, "f/acme/log.yaml:"+c.where) || !strings.Contains(e.What, c.what) || e.Mark == 0 {
			t.Errorf("%s: %s: %s", c.name, e.Where, e.What)
		}
	}
}
