package leef

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
	"weir/event/ecs"
)

func TestParse_Success(t *testing.T) {
	tests := []struct {
		name, msg string
		want      map[string]string
	}{
		{"version 1", "LEEF:1.0|Microsoft|MSExchange|4.0 SP1|15345|src=192.0.2.0\tdst=198.51.100.1\tsev=5\tcat=anomaly\tsrcPort=81\tdstPort=21\tusrName=joe.black", map[string]string{
			"leef.version": "1.0", "observer.vendor": "Microsoft", "observer.product": "MSExchange", "observer.version": "4.0 SP1", "event.code": "15345", "leef.event_id": "15345",
			"source.ip": "192.0.2.0", "destination.port": "21", "event.severity": "5", "event.action": "anomaly", "user.name": "joe.black", "leef.attributes.usrName": "joe.black", "event.dataset": "leef.log",
		}},
		{"version 2 with a character", "LEEF:2.0|V|P|1|41|^|src=192.0.2.0^msg=a b=c^dst=198.51.100.1", map[string]string{"source.ip": "192.0.2.0", "message": "a b=c", "destination.ip": "198.51.100.1"}},
		{"version 2 in hexadecimal", "LEEF:2.0|V|P|1|41|0x5E|src=192.0.2.0^proto=17", map[string]string{"source.ip": "192.0.2.0", "network.transport": "udp"}},
		{"version 2 in short hexadecimal", "LEEF:2.0|V|P|1|41|x09|src=192.0.2.0\tproto=6", map[string]string{"source.ip": "192.0.2.0", "network.transport": "tcp"}},
		{"version 2 with capitals", "LEEF:2.0|V|P|1|41|0X7C|src=192.0.2.0|proto=6", map[string]string{"source.ip": "192.0.2.0", "network.transport": "tcp"}},
		{"version 2 with the bar", "LEEF:2.0|V|P|1|41|||src=192.0.2.0|proto=6", map[string]string{"source.ip": "192.0.2.0", "network.transport": "tcp"}},
		{"version 2 with an empty delimiter", "LEEF:2.0|V|P|1|41||src=192.0.2.0\tproto=6", map[string]string{"source.ip": "192.0.2.0", "network.transport": "tcp"}},
		{"version 2 without a delimiter", "LEEF:2.0|V|P|1|41|src=192.0.2.0\tproto=6", map[string]string{"source.ip": "192.0.2.0", "network.transport": "tcp"}},
		{"version 2 without a delimiter, a bar in a value", "LEEF:2.0|V|P|1|41|src=192.0.2.0\tmsg=a|b", map[string]string{"source.ip": "192.0.2.0", "message": "a|b"}},
		{"version 2 with several characters", "LEEF:2.0|V|P|1|41|;;|src=192.0.2.0;;msg=a;b", map[string]string{"source.ip": "192.0.2.0", "message": "a;b"}},
		{"a relay's tabs", "LEEF:1.0|V|P|1|2|src=192.0.2.0#011msg=a b#011dstPort=5", map[string]string{"source.ip": "192.0.2.0", "message": "a b", "destination.port": "5"}},
		{"blanks for tabs", "LEEF:1.0|V|P|1|2|src=192.0.2.0 msg=a b=c d dstPort=5", map[string]string{"source.ip": "192.0.2.0", "leef.attributes.b": "c d", "message": "a", "destination.port": "5"}},
		{"time with a format", "LEEF:1.0|V|P|1|2|devTime=Jan 18 2013 11:07:53.520 UTC\tdevTimeFormat=MMM dd yyyy HH:mm:ss.SSS z", map[string]string{"@timestamp": "2013-01-18T11:07:53.520Z"}},
		{"time without a format", "LEEF:1.0|V|P|1|2|devTime=1700000000123", map[string]string{"@timestamp": "2023-11-14T22:13:20.123Z"}},
		{"no time", "LEEF:1.0|V|P|1|2|devTime=soon\tdevTimeFormat=QQQ", map[string]string{"@timestamp": "", "leef.attributes.devTime": "soon"}},
		{"bytes", "LEEF:1.0|V|P|1|2|srcBytes=5\tdstBytes=6\ttotalPackets=2", map[string]string{"network.bytes": "11", "network.packets": "2"}},
		{"translated", "LEEF:1.0|V|P|1|2|src=192.0.2.1\tsrcPostNAT=203.0.113.1\tsrcPostNATPort=9", map[string]string{"source.nat.ip": "203.0.113.1", "source.nat.port": "9"}},
		{"a name for an address", "LEEF:1.0|V|P|1|2|src=h.example\tsrcMAC=00:11:22:33:44:55", map[string]string{"source.domain": "h.example", "source.ip": "", "source.mac": "00-11-22-33-44-55"}},
		{"text without a key", "LEEF:1.0|V|P|1|2|noise\tsrc=192.0.2.1", map[string]string{"leef.attributes.rest": "noise", "source.ip": "192.0.2.1"}},
		{"no attributes", "LEEF:1.0|V|P|1|2|", map[string]string{"event.code": "2", "leef.attributes": ""}},
		{"no last bar", "LEEF:1.0|V|P|1|2", map[string]string{"event.code": "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			for path, want := range tt.want {
				if got := e.GetPath(path).Text(); got != want {
					t.Errorf("%s: got %q, want %q", path, got, want)
				}
			}
		})
	}
}

func TestParse_Failure(t *testing.T) {
	for _, msg := range []string{"", "LEEF", "leef:1.0|", "CEF:0|"} {
		var e event.Event
		if err := Parse(&e, msg); err == nil || e.Len() != 0 {
			t.Errorf("%q: %v", msg, err)
		}
	}
	var e event.Event
	if err := Parse(&e, "LEEF:1.0|V|P"); err == nil || e.Str(event.ObserverProduct) != "P" || e.Str(event.Message) != "LEEF:1.0|V|P" {
		t.Errorf("cut off: %v, %s", err, e.AppendJSON(nil))
	}
}

func TestParse_Bounded(t *testing.T) {
	for _, delimiter := range []string{"\t", " "} {
		var b strings.Builder
		b.WriteString("LEEF:1.0|V|P|1|2|")
		for i := range 3000 {
			fmt.Fprintf(&b, "k%d=v%d%s", i, i, delimiter)
		}
		var e event.Event
		if err := Parse(&e, b.String()); err != nil {
			t.Fatal(err)
		}
		a := e.Get(event.LEEFAttributes)
		if a.Len() != maxAttributes+1 || !strings.Contains(a.Get("rest").Str(), "v2999") {
			t.Errorf("%d attributes", a.Len())
		}
	}
}

// FuzzParse: originals stay, addresses are addresses, values are out of the message, the event conforms and encodes.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"LEEF:2.0|V|P|1|41|^|src=192.0.2.0^msg=a b=c^dst=198.51.100.1^devTime=1700000000", "LEEF:1.0|V|P|1|2|src=192.0.2.0 msg=a b=c d dstPort=5", "LEEF:2.0|V|P|1|41|0x5E|a=b",
		"LEEF:1.0|V|P|1|2|devTime=Jan 18 2013 11:07:53\tdevTimeFormat=MMM dd yyyy HH:mm:ss'x", "LEEF:2.0||||||||", "LEEF:1.0|a|b|c|d|=\t==\tx", "LEEF:2.0|a|b|c|d|xFFFF|a=b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		e.Set(event.EventOriginal, event.Str(msg))
		_ = Parse(&e, msg)
		if e.Str(event.EventOriginal) != msg {
			t.Fatal("event.original was changed")
		}
		attrs := e.Get(event.LEEFAttributes)
		for i := range attrs.Len() {
			if _, v := attrs.Member(i); v.Kind() == event.String && !strings.Contains(msg, v.Str()) {
				t.Fatalf("%q is not in the message", v.Str())
			}
		}
		e.Each(func(f event.Field, v event.Value) bool {
			for i := range v.Len() {
				if f.Type() == ecs.IP {
					if _, err := netip.ParseAddr(v.Item(i).Str()); err != nil {
						t.Fatalf("%s is %q", f, v.Item(i).Str())
					}
				}
			}
			return true
		})
		e.Conform()
		if doc := e.AppendJSON(nil); e.Has(event.WeirOther) || !json.Valid(doc) || !utf8.Valid(doc) {
			t.Fatalf("%q", doc)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	msg := "LEEF:2.0|Vendor|Product|1.0|41|^|src=192.0.2.0^dst=198.51.100.1^sev=5^cat=anomaly^srcPort=81^dstPort=21^usrName=joe.black^proto=6^srcBytes=100^dstBytes=200^devTime=1700000000123^policy=default"
	var e event.Event
	var buf []byte
	for b.Loop() {
		e.Reset()
		if err := Parse(&e, msg); err != nil {
			b.Fatal(err)
		}
		buf = e.AppendJSON(buf[:0])
	}
}

func TestReadDelimiter(t *testing.T) {
	for _, c := range []struct{ name, in, delimiter, rest string }{
		{"a character", "^|a=b", "^", "a=b"},
		{"a character with blanks around it", " ^ |a=b", "^", "a=b"},
		{"the blank", " |a=b", " ", "a=b"},
		{"the tab itself", "\t|a=b", "\t", "a=b"},
		{"the bar itself", "||a=b", "|", "a=b"},
		{"nothing", "|a=b", "\t", "a=b"},
		{"hexadecimal", "0x5E|a=b", "^", "a=b"},
		{"hexadecimal without a zero", "x5e|a=b", "^", "a=b"},
		{"hexadecimal in capitals", "0X5E|a=b", "^", "a=b"},
		{"four digits", "0x00A6|a=b", "¦", "a=b"},
		{"no hexadecimal", "xyz|a=b", "xyz", "a=b"},
		{"zero is none", "x00|a=b", "x00", "a=b"},
		{"several characters", "<>|a=b", "<>", "a=b"},
		{"left out", "a=b\tc=d", "\t", "a=b\tc=d"},
		{"left out, a bar in a value", "a=b|c\td=e", "\t", "a=b|c\td=e"},
		{"only a delimiter", "^", "^", ""},
		{"nothing at all", "", "\t", ""},
	} {
		if delimiter, rest := readDelimiter(c.in); delimiter != c.delimiter || rest != c.rest {
			t.Errorf("%s: %q, %q", c.name, delimiter, rest)
		}
	}
}

// Whatever the delimiter, attributes come out as they went in: the format has no escapes, and needs none.
func TestAttributes_RoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b c", "=", `\`, "김민수", "x=y", "1", ":", "http://h/?q=1", `C:\dir`, "[x]", "'", "é"}
	for _, d := range []struct{ header, delimiter string }{
		{"LEEF:1.0|V|P|1|2|", "\t"}, {"LEEF:2.0|V|P|1|2|^|", "^"}, {"LEEF:2.0|V|P|1|2|0x7C|", "|"}, {"LEEF:2.0|V|P|1|2|;;|", ";;"}, {"LEEF:2.0|V|P|1|2||", "\t"}, {"LEEF:1.0|V|P|1|2|", "#011"},
	} {
		for range 500 {
			var pairs []string
			want := map[string]string{}
			for i := range 2 + rnd.IntN(5) {
				value := ""
				for range 1 + rnd.IntN(4) {
					value += pieces[rnd.IntN(len(pieces))]
				}
				key := fmt.Sprintf("key%d", i)
				want[key] = strings.TrimSpace(value)
				pairs = append(pairs, key+"="+value)
			}
			msg := d.header + strings.Join(pairs, d.delimiter)
			var e event.Event
			if err := Parse(&e, msg); err != nil {
				t.Fatal(err)
			}
			attrs := e.Get(event.LEEFAttributes)
			for key, value := range want {
				if got := attrs.Get(key).Str(); got != value {
					t.Fatalf("%q: %s is %q, want %q", msg, key, got, value)
				}
			}
			if attrs.Len() != len(want) {
				t.Fatalf("%q: %d attributes, want %d", msg, attrs.Len(), len(want))
			}
		}
	}
}

// TestKeys: the attributes that searches and rules stand on, one by one.
func TestKeys(t *testing.T) {
	for _, c := range []struct{ pair, field, want string }{
		{"src=192.0.2.1", "source.ip", "192.0.2.1"},
		{"src=2001:db8::1", "source.ip", "2001:db8::1"},
		{"dst=198.51.100.1", "destination.ip", "198.51.100.1"},
		{"srcPort=1024", "source.port", "1024"},
		{"dstPort=443", "destination.port", "443"},
		{"srcPostNAT=203.0.113.1", "source.nat.ip", "203.0.113.1"},
		{"srcPreNAT=203.0.113.1", "source.nat.ip", ""},
		{"dstMAC=00:11:22:33:44:55", "destination.mac", "00-11-22-33-44-55"},
		{"usrName=joe", "user.name", "joe"},
		{`usrName=CORP\joe`, "user.domain", "CORP"},
		{"accountName=admin", "destination.user.name", "admin"},
		{"identHostName=web-1", "host.hostname", "web-1"},
		{"cat=Login Failed", "event.action", "Login Failed"},
		{"sev=7", "event.severity", "7"},
		{"sev=high", "event.severity", ""},
		{"proto=TCP", "network.transport", "tcp"},
		{"policy=default", "rule.name", "default"},
		{"url=https://h.example/p", "url.original", "https://h.example/p"},
		{"action=deny", "event.action", "deny"},
		{"reason=bad password", "event.reason", "bad password"},
		{"outcome=failure", "event.outcome", "failure"},
		{"fileName=a.exe", "file.name", "a.exe"},
		{"fileHash=580a783c1cb2b20613323f715d231a69", "file.hash.md5", "580a783c1cb2b20613323f715d231a69"},
		{"application=SSH", "network.application", "ssh"},
		{"devName=fw-1", "observer.name", "fw-1"},
		{"srcZone=trust", "observer.ingress.zone", "trust"},
		{"processName=sshd", "process.name", "sshd"},
		{"requestMethod=GET", "http.request.method", "GET"},
		{"SRC=192.0.2.1", "source.ip", ""},
		{"unheardOf=x", "leef.attributes.unheardOf", "x"},
	} {
		var e event.Event
		if err := Parse(&e, "LEEF:1.0|V|P|1|2|"+c.pair+"\tx=y"); err != nil {
			t.Fatal(err)
		}
		if got := e.GetPath(c.field).Text(); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.pair, c.field, got, c.want)
		}
		key, value, _ := strings.Cut(c.pair, "=")
		if got := e.Get(event.LEEFAttributes).Get(key).Str(); got != value {
			t.Errorf("%s is kept as %q", c.pair, got)
		}
	}
}

// What a hostile or broken sender writes stays in its place.
func TestParse_Hostile(t *testing.T) {
	for _, c := range []struct {
		name, attrs string
		want        map[string]string
	}{
		{"an address that is none", "src=999.1.1.1\tdst=::g", map[string]string{"source.ip": "", "leef.attributes.src": "999.1.1.1", "destination.ip": ""}},
		{"a field of weir's own", "event.id=1\tweir.class=x\tecs.version=9", map[string]string{"event.id": "", "weir.class": "", "ecs.version": ""}},
		{"a key twice", "src=192.0.2.1\tsrc=192.0.2.2", map[string]string{"leef.attributes.src": `["192.0.2.1","192.0.2.2"]`}},
		{"no key", "=x\tsrc=192.0.2.1", map[string]string{"source.ip": "192.0.2.1"}},
		{"no value", "usrName=\tsrc=192.0.2.1", map[string]string{"user.name": "", "leef.attributes.usrName": ""}},
		{"only delimiters", "\t\t\t", map[string]string{"leef.attributes": ""}},
		{"control characters", "msg=a\x00b\x1b[2J\tx=y", map[string]string{"message": "a\x00b\x1b[2J"}},
		{"another message in it", "msg=LEEF:2.0|X|Y\tx=y", map[string]string{"observer.vendor": "V", "message": "LEEF:2.0|X|Y"}},
		{"a format without a time", "devTimeFormat=yyyy", map[string]string{"@timestamp": ""}},
		{"a sum that is none", "srcBytes=1\tdstBytes=many", map[string]string{"source.bytes": "1", "network.bytes": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, "LEEF:1.0|V|P|1|2|"+c.attrs); err != nil {
				t.Fatal(err)
			}
			for path, want := range c.want {
				if got := e.GetPath(path).Text(); got != want {
					t.Errorf("%s: got %q, want %q", path, got, want)
				}
			}
			if doc := e.AppendJSON(nil); !json.Valid(doc) {
				t.Errorf("%q", doc)
			}
		})
	}
}
