package query

import (
	"fmt"
	"testing"
	"time"

	"weir/event"
	"weir/event/ecs"
)

// doc is an event that most tests ask about.
const doc = `{"@timestamp":"2026-11-21T07:50:08.412Z","message":"Failed password for root from 203.0.113.5 port 40122 ssh2 (user:alice, host web-1.example.com, 김민수님 로그인)",
"event":{"id":"a1","dataset":"sshd","outcome":"failure","original":"raw needle text","kind":"event","severity":5,"category":["authentication","network"]},
"source":{"ip":"203.0.113.5","port":40122,"geo":{"location":{"lat":1,"lon":2}}},"destination":{"ip":"2001:DB8::1"},
"user":{"name":"Kim Min"},"host":{"name":"web-1","ip":["10.1.2.3","10.200.0.9"]},"process":{"name":"sshd","command_line":"C:\\Windows\\cmd.exe /c dir"},
"labels":{"env":"prod"},"weir":{"data":{"bytes":1200,"note":"two words","size":"900","deep":{"er":"x"}}},"odd":{"thing":"v1"},
"related":{"ip":[]},"rule":{"name":null},"network":{"bytes":80},"event.risk_score":80.5,"file":{"size":"80"},
"dns":{"answers":[{"data":"1.1.1.1","type":"A"},{"data":"2.2.2.2","type":"AAAA"}]},"dll":{"code_signature":{"exists":true}}}`

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.FixedZone("KST", 9*3600))

func decode(t testing.TB, src string) *event.Event {
	t.Helper()
	e := new(event.Event)
	if err := e.Decode([]byte(src)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMatch(t *testing.T) {
	yes, no := true, false
	cases := []struct {
		name, q string
		want    bool
	}{
		{"empty", "", yes},
		{"blank", " \t", yes},
		{"star", "*", yes},
		{"all", "*:*", yes},
		{"keyword", "event.outcome: failure", yes},
		{"keyword case differs", "event.outcome: Failure", no},
		{"keyword part", "event.outcome: fail", no},
		{"keyword of two words", "user.name: Kim Min", yes},
		{"keyword quoted", `user.name: "Kim Min"`, yes},
		{"keyword glob", "user.name: Kim*", yes},
		{"keyword glob whole", "user.name: *im M*n", yes},
		{"keyword glob no", "user.name: im*", no},
		{"star in quotes is a star", `user.name: "Kim*"`, no},
		{"escaped star", `user.name: Kim\*`, no},
		{"escaped backslash", `process.command_line: C\:\\Windows\\cmd.exe /c dir`, yes},
		{"backslash in quotes", `process.command_line: "C:\Windows\cmd.exe /c dir"`, yes},
		{"backslash glob", `process.command_line: *\\cmd.exe*`, yes},
		{"list item", "event.category: network", yes},
		{"list none", "event.category: web", no},
		{"and", "event.outcome: failure and user.name: Kim Min", yes},
		{"and no", "event.outcome: failure and user.name: x", no},
		{"or", "event.outcome: x or user.name: Kim Min", yes},
		{"any case", "event.outcome: x OR user.name: Kim Min", yes},
		{"not", "not event.outcome: success", yes},
		{"not not", "NOT not event.outcome: failure", yes},
		{"and binds closer", "event.outcome: x and event.outcome: y or event.dataset: sshd", yes},
		{"group", "event.outcome: x and (event.outcome: y or event.dataset: sshd)", no},
		{"values or", "event.outcome:(success or failure)", yes},
		{"values and", "event.category:(network and authentication)", yes},
		{"values and or", "event.category:(web or network and authentication)", yes},
		{"values not", "event.category:(network and not web)", yes},
		{"values group", "event.category:((web or network) and authentication)", yes},
		{"unknown field", "no.such.field: x", no},
		{"not unknown field", "not no.such.field: x", yes},
		{"path that no list knows", "odd.thing: v1", yes},
		{"labels", "labels.env: prod", yes},
		{"open key number", "weir.data.bytes: 1200", yes},
		{"open key number range", "weir.data.bytes > 1000", yes},
		{"open key text number", "weir.data.size < 1000", yes},
		{"open key text", "weir.data.note: two words", yes},
		{"open key deep", "weir.data.deep.er: x", yes},
		{"open field as a whole", "weir.data: two words", yes},
		{"exists", "source.ip: *", yes},
		{"exists parent", "source: *", yes},
		{"exists open", "weir.data: *", yes},
		{"exists open key", "weir.data.note: *", yes},
		{"exists no", "file.name: *", no},
		{"exists null", "rule.name: *", no},
		{"exists empty list", "related.ip: *", no},
		{"exists of a glob", "sour*.ip: *", yes},
		{"number", "source.port: 40122", yes},
		{"number as float", "source.port: 40122.0", yes},
		{"number in text", "file.size: 80", yes},
		{"number quoted", `network.bytes: "80"`, yes},
		{"float", "event.risk_score: 80.5", yes},
		{"range", "network.bytes >= 80 and network.bytes <= 80", yes},
		{"range no", "network.bytes > 80 or network.bytes < 80", no},
		{"range tight", "network.bytes>79", yes},
		{"keyword range", "event.outcome >= fa and event.outcome < g", yes},
		{"ip", "source.ip: 203.0.113.5", yes},
		{"ip no", "source.ip: 203.0.113.50", no},
		{"cidr", "source.ip: 203.0.113.0/24", yes},
		{"cidr quoted", `source.ip: "203.0.0.0/16"`, yes},
		{"cidr unmasked", `source.ip: 203.0.113.77/24`, yes},
		{"cidr no", "source.ip: 10.0.0.0/8", no},
		{"cidr list", "host.ip: 10.192.0.0/10", yes},
		{"octets", "host.ip: 10.200.*", yes},
		{"octets no", "source.ip: 204.*", no},
		{"ipv6", `destination.ip: "2001:db8:0:0::1"`, yes},
		{"ipv6 cidr", `destination.ip: "2001:db8::/32"`, yes},
		{"ip range", "source.ip >= 203.0.113.0 and source.ip < 203.0.113.6", yes},
		{"ip range over families", `destination.ip > 203.0.113.0`, yes},
		{"boolean", "dll.code_signature.exists: true", yes},
		{"boolean no", "dll.code_signature.exists: false", no},
		{"date span", "@timestamp: 2026-11-21", yes},
		{"date month", "@timestamp: 2026-11", yes},
		{"date no", "@timestamp: 2026-11-20", no},
		{"date zone of the clock", `@timestamp >= 2026-11-21T16\:50`, yes},
		{"date zone of the clock no", `@timestamp >= 2026-11-21T16\:51`, no},
		{"date rfc 3339", `@timestamp: "2026-11-21T07:50:08.412Z"`, yes},
		{"date seconds", `@timestamp: "2026-11-21T16:50:08+09:00"`, yes},
		{"after the day", "@timestamp > 2026-11-21", no},
		{"up to the day", "@timestamp <= 2026-11-21", yes},
		{"before the day", "@timestamp < 2026-11-21", no},
		{"millis", "@timestamp: 1795247408412", yes},
		{"now", "@timestamp > now+4h", yes},
		{"now no", "@timestamp > now+5h", no},
		{"now minus", "@timestamp > now-1h", yes},
		{"now rounded", "@timestamp >= now/d and @timestamp <= now/d", yes},
		{"anchor", "@timestamp >= 2026-11-20||+1d/d", yes},
		{"text word", "message: password", yes},
		{"text case", "message: PASSWORD", yes},
		{"text any word", "message: nothing password", yes},
		{"text phrase", `message: "failed password for"`, yes},
		{"text phrase no", `message: "password failed"`, no},
		{"text phrase over punctuation", `message: "ssh2 user alice"`, yes},
		{"text phrase without tokens", `message: "!!"`, no},
		{"text ip is one token", "message: 203.0.113.5", yes},
		{"text part of a token", "message: 203", no},
		{"text after a colon", "message: alice", yes},
		{"text host", "message: example.com", yes},
		{"text dotted", "message: web", yes},
		{"text glob", "message: pass*", yes},
		{"text glob case", "message: *SSwor*", yes},
		{"text glob and word", "message: zzz* root", yes},
		{"text glob of two tokens", "message: failed*password", no},
		{"korean", "message: 로그인", yes},
		{"korean glob", "message: 김민수*", yes},
		{"free word", "password", yes},
		{"free keyword", "sshd", yes},
		{"free ip", "203.0.113.5", yes},
		{"free ip other form", `"2001:db8:0::1"`, yes},
		{"free cidr", "10.0.0.0/8", yes},
		{"free number", "40122", yes},
		{"free phrase", `"failed password"`, yes},
		{"free open key", "prod", yes},
		{"free unknown path", "v1", yes},
		{"free glob", "passw*", yes},
		{"free two words", "zzz password", yes},
		{"free not the original", "needle", no},
		{"free no date", "2026", no},
		{"named original", "event.original: raw needle text", yes},
		{"glob field", "sour*.ip: 203.0.113.5", yes},
		{"glob field skips what cannot hold it", "source.*: 203.0.113.5", yes},
		{"glob field no", "dest*: 203.0.113.5", no},
		{"glob open key", "weir.data.*: two words", yes},
		{"glob open key no", "weir.data.n*: 1200", no},
		{"glob unknown path", "odd.*: v1", yes},
		{"glob range", "*.port >= 40000", yes},
		{"list of objects", "dns.answers.data: 2.2.2.2", yes},
		{"objects apart", "dns.answers.data: 1.1.1.1 and dns.answers.type: AAAA", yes},
		{"one object", "dns.answers:{ data: 1.1.1.1 and type: A }", yes},
		{"one object no", "dns.answers:{ data: 1.1.1.1 and type: AAAA }", no},
		{"object of fields", "source:{ ip: 203.0.113.5 and port > 1 }", yes},
		{"keyword as a word", `message: \and password`, yes},
		{"unicode escape", `user.name: K\u0069m Min`, yes},
		{"unicode escape in quotes", `user.name: "K\u0069m Min"`, yes},
		{"keyword inside a word", "user.name: android", no},
		{"parenthesis right after a keyword", "not(event.outcome: x)and(event.outcome: failure)", yes},
	}
	e := decode(t, doc)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			q, err := ParseAt(c.q, noon)
			if err != nil {
				t.Fatalf("%s: %v", c.q, err)
			}
			if got := q.Match(e); got != c.want {
				t.Errorf("%s: %v, want %v (%s)", c.q, got, c.want, q)
			}
			again, err := ParseAt(q.String(), noon)
			if err != nil {
				t.Fatalf("%s printed as %s: %v", c.q, q, err)
			}
			if again.Match(e) != c.want || again.String() != q.String() {
				t.Errorf("%s printed as %s, then as %s", c.q, q, again)
			}
		})
	}
}

// wide returns an event of 40 fields, as a parsed login has.
func wide(t testing.TB) *event.Event {
	e := decode(t, doc)
	for i := range 40 - e.Len() {
		e.SetPath(fmt.Sprintf("labels.l%d", i), event.Str("value"))
	}
	n := 0
	for _, f := range event.Fields() {
		if f.Type() == ecs.Keyword && !e.Has(f) && e.Len() < 40 {
			e.Set(f, event.Str(fmt.Sprintf("value %d", n)))
			n++
		}
	}
	return e
}

var typical = []struct{ name, q string }{
	{"keyword", "event.outcome: failure"},
	{"and", "event.dataset: sshd and event.outcome: failure and not user.name: alice"},
	{"glob", "user.name: K*"},
	{"cidr", "source.ip: 203.0.113.0/24"},
	{"range", "source.port >= 1024 and @timestamp > now-1h"},
	{"text", "message: accepted"},
	{"phrase", `message: "port 40122 ssh2"`},
	{"text glob", "message: ssh*"},
	{"open key", "weir.data.bytes > 5000"},
	{"exists", "source.ip: *"},
	{"free text", "nosuchword"},
	{"free phrase", `"no such words"`},
	{"any field", "*.name: nobody"},
}

func TestMatch_allocates(t *testing.T) {
	e := wide(t)
	for _, c := range typical {
		q, err := ParseAt(c.q, noon)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { q.Match(e) }); n != 0 {
			t.Errorf("%s: %v allocations an event", c.q, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	e := wide(b)
	for _, c := range typical {
		b.Run(c.name, func(b *testing.B) {
			q, err := ParseAt(c.q, noon)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				q.Match(e)
			}
		})
	}
}

// What braces cannot hold.
func TestCompile_Mistakes(t *testing.T) {
	mistakes{
		{"free text in braces", `dns.answers:{ 1.1.1.1 }`, `
inside braces every value needs the full name of its field
dns.answers:{ 1.1.1.1 }
              ^^^^^^^
write '{ name: value }'`},
		{"star in a name in braces", `dns.answers:{ d*: 1.1.1.1 }`, `
inside braces every value needs the full name of its field
dns.answers:{ d*: 1.1.1.1 }
              ^^
write '{ name: value }'`},
		{"existence of a star in braces", `dns.answers:{ d*: * }`, `
inside braces every value needs the full name of its field
dns.answers:{ d*: * }
              ^^
write '{ name: value }'`},
		{"braces in braces", `dns.answers:{ data:{ x: y } }`, `
braces stand behind one full field name and not in other braces
dns.answers:{ data:{ x: y } }
              ^^^^
write the full name of the list of objects before them`},
		{"braces of a star", `dns.*:{ data: 1.1.1.1 }`, `
braces stand behind one full field name and not in other braces
dns.*:{ data: 1.1.1.1 }
^^^^^
write the full name of the list of objects before them`},
	}.check(t)
}

// Objects in lists: how they were written decides where they lie in the event, and must not decide what matches.
func TestMatch_objects(t *testing.T) {
	const (
		list   = `{"dns":{"answers":[{"data":"1.1.1.1","type":"A"},{"data":"2.2.2.2","type":"AAAA"}]}}`
		single = `{"dns":{"answers":{"data":"1.1.1.1","type":"A"}}}`
		other  = `{"odd":{"items":[{"k":"a","v":1},{"k":"b","v":2}]}}`
		deep   = `{"odd":[{"in":{"k":"a"}},{"in":{"k":"b"}}]}`
		dotted = `{"weir":{"data":{"a.b":"x","c":{"d.e":"y"}}}}`
	)
	for _, c := range []struct {
		name, q, doc string
		want         bool
	}{
		{"a member in a list", "dns.answers.data: 2.2.2.2", list, true},
		{"a member of one object", "dns.answers.data: 1.1.1.1", single, true},
		{"both in one object of a list", "dns.answers:{data: 2.2.2.2 and type: AAAA}", list, true},
		{"both in one object", "dns.answers:{data: 1.1.1.1 and type: A}", single, true},
		{"both, but in two objects", "dns.answers:{data: 2.2.2.2 and type: A}", list, false},
		{"either in one object", "dns.answers:{data: 9.9.9.9 or type: A}", list, true},
		{"some object is not it", "dns.answers:{not type: A}", list, true},
		{"no object is it", "not dns.answers:{type: MX}", list, true},
		{"presence in an object", "dns.answers:{type: *}", list, true},
		{"order in an object", "odd.items:{k: a and v < 2}", other, true},
		{"order in the other object", "odd.items:{k: a and v >= 2}", other, false},
		{"values in an object", "odd.items:{k: (a or c)}", other, true},
		{"objects that are not there", "dns.answers:{type: A}", other, false},
		{"not of objects that are not there", "dns.answers:{not type: A}", other, true},
		{"a path through a list", "odd.in.k: b", deep, true},
		{"a path through braces", "odd:{in.k: b}", deep, true},
		{"a key with a point in it", "weir.data.a.b: x", dotted, true},
		{"a key with a point below another", "weir.data.c.d.e: y", dotted, true},
		{"presence of a key with a point", "weir.data.a.b: *", dotted, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := ParseAt(c.q, noon)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.Match(decode(t, c.doc)); got != c.want {
				t.Errorf("%s on %s: %v", q, c.doc, got)
			}
		})
	}
}

// The whole laws of logic hold for absent fields as for any: not is always the opposite.
func TestMatch_laws(t *testing.T) {
	docs := []*event.Event{decode(t, doc), new(event.Event), decode(t, `{"user":{"name":["a","b"]},"source":{"port":1}}`)}
	atoms := []string{"user.name: a", "user.name: *", "source.port > 1", "message: password", "nosuch: x", "*.name: b", "dns.answers:{type: A}", "passw*"}
	holds := func(q string) (out string) {
		p, err := ParseAt(q, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range docs {
			out += fmt.Sprint(p.Match(e), " ")
		}
		return out
	}
	for _, a := range atoms {
		if holds("not not "+a) != holds(a) || holds(a) == holds("not "+a) {
			t.Errorf("%s: negation", a)
		}
		for _, b := range atoms {
			for law, pair := range map[string][2]string{
				"not and": {"not (" + a + " and " + b + ")", "not " + a + " or not " + b},
				"not or":  {"not (" + a + " or " + b + ")", "not " + a + " and not " + b},
				"swap":    {a + " and " + b, b + " and " + a},
				"absorb":  {a + " or (" + a + " and " + b + ")", a},
			} {
				if holds(pair[0]) != holds(pair[1]) {
					t.Errorf("%s: %s is not %s", law, pair[0], pair[1])
				}
			}
		}
	}
}
