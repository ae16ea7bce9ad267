package kv

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

const (
	firewall = `date=2019-03-31 time=06:42:54 devname="FG" devid="FG3" logid="0000000013" type="traffic" level="notice" vd="root" tz="+0200" srcip=192.0.2.11 srcport=54190 srcintf="port12" dstip=198.51.100.235 dstport=443 dstintf="wan 1" proto=6 action="close" user="CORP\\bob" sentbyte=100 rcvdbyte=200 duration=5 transip=203.0.113.7 transport=54191 service="HTTPS" msg="hello \"x\" y" policyid=7`
	kernel   = `IN=eth0 OUT= MAC=00:11:22:33:44:55 SRC=192.0.2.4 DST=192.0.2.5 LEN=60 TOS=0x00 PROTO=TCP SPT=1 DPT=2 WINDOW=29200 RES=0x00 SYN URGP=0`
)

func TestLooks(t *testing.T) {
	tests := []struct {
		name, msg string
		want      bool
	}{
		{"firewall", firewall, true},
		{"kernel", kernel, true},
		{"commas", `a=1,b=2,c=3`, true},
		{"bars", `a=1|b=2|c=3`, true},
		{"a word first", `id=firewall sn=1 time="2020-01-01 00:00:00" fw=192.0.2.1`, true},
		{"words first", `Connection closed: src=192.0.2.1 dst=192.0.2.2 proto=tcp`, true},
		{"quotes with blanks", `msg="a b c d e f g h" src=1 dst=2`, true},
		{"two pairs", `src=192.0.2.1 dst=192.0.2.2`, false},
		{"prose with pairs", `pam_unix(cron:session): session opened for user root by (uid=0) euid=0 x=1`, false},
		{"pairs between much prose", `a=1 this is a long text of b=2 many words that c=3 mean nothing`, false},
		{"pairs far behind", strings.Repeat("word ", 20) + "a=1 b=2 c=3", false},
		{"nothing", "", false},
		{"equal signs", "=== a === b === c ===", false},
		{"a formula", "1=2 3=4 5=6", false},
		{"base64", "dGhpcyBpcyBh=dGVzdA==", false},
		{"a URL", "GET /x?a=1&b=2&c=3 HTTP/1.1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Looks(tt.msg); got != tt.want {
				t.Errorf("%t", got)
			}
		})
	}
}

func TestParse_Success(t *testing.T) {
	tests := []struct {
		name, msg string
		want      map[string]string
	}{
		{"firewall", firewall, map[string]string{
			"@timestamp": "2019-03-31T04:42:54.000Z", "observer.name": "FG", "observer.serial_number": "FG3", "event.code": "0000000013", "log.level": "notice", "source.ip": "192.0.2.11", "source.port": "54190",
			"destination.port": "443", "network.transport": "tcp", "event.action": "close", "user.name": "bob", "user.domain": "CORP", "network.bytes": "300", "event.duration": "5000000000",
			"source.nat.ip": "203.0.113.7", "source.nat.port": "54191", "network.protocol": "https", "message": `hello "x" y`, "rule.id": "7", "weir.data.vd": "root", "weir.data.type": "traffic",
			"observer.egress.interface.name": "wan 1", "related.ip": `["192.0.2.11","198.51.100.235","203.0.113.7"]`,
		}},
		{"kernel", kernel, map[string]string{
			"observer.ingress.interface.name": "eth0", "observer.egress.interface.name": "", "source.ip": "192.0.2.4", "destination.port": "2", "network.transport": "tcp", "weir.data.WINDOW": "29200", "weir.data.RES": "0x00",
			"weir.data.rest": "SYN", "weir.data.OUT": "", "message": kernel,
		}},
		{"commas", `src=192.0.2.1, dst=198.51.100.2, action=deny, reason=no rule`, map[string]string{"source.ip": "192.0.2.1", "destination.ip": "198.51.100.2", "event.action": "deny", "event.reason": "no rule"}},
		{"text without quotes", `src=192.0.2.1 reason=the peer went away dst=198.51.100.2`, map[string]string{"event.reason": "the peer went away", "destination.ip": "198.51.100.2"}},
		{"single quotes", `reason='it\'s over' user='a b' src=192.0.2.1`, map[string]string{"event.reason": "it's over", "user.name": "a b"}},
		{"a path of Windows", `path="C:\Windows\system32" user=bob pid=7`, map[string]string{"file.path": `C:\Windows\system32`, "process.pid": "7"}},
		{"an open quote", `src=192.0.2.1 dst=198.51.100.2 msg="cut off here`, map[string]string{"source.ip": "192.0.2.1", "message": `"cut off here`}},
		{"address with port and interface", `src=192.0.2.1:5060:X1 dst=198.51.100.2:80:X2:host proto=udp/sip`, map[string]string{
			"source.ip": "192.0.2.1", "source.port": "5060", "observer.ingress.interface.name": "X1", "destination.port": "80", "observer.egress.interface.name": "X2", "weir.data.proto": "udp/sip",
		}},
		{"a name", `src=host.example dst=198.51.100.2 user=bob`, map[string]string{"source.domain": "host.example", "source.ip": ""}},
		{"an address of version 6", `src=2001:db8::1 dst=2001:db8::2 proto=58`, map[string]string{"source.ip": "2001:db8::1", "network.transport": "ipv6-icmp"}},
		{"spellings", `Source_IP=192.0.2.1 dest-ip=198.51.100.2 Dst_Port=5 User.Name=bob`, map[string]string{"source.ip": "192.0.2.1", "destination.ip": "198.51.100.2", "destination.port": "5", "user.name": "bob"}},
		{"bytes in in and out", `in=5 out=6 x=1`, map[string]string{"source.bytes": "5", "destination.bytes": "6"}},
		{"a protocol in transport", `transport=udp a=1 b=2`, map[string]string{"network.transport": "udp", "source.nat.port": ""}},
		{"severity as a number", `severity=3 a=1 b=2`, map[string]string{"event.severity": "3", "log.level": ""}},
		{"severity as a word", `severity=HIGH a=1 b=2`, map[string]string{"log.level": "high"}},
		{"a key twice", `a=1 a=2 b=3`, map[string]string{"weir.data.a": `["1","2"]`, "weir.data.b": "3"}},
		{"nothing said", `user=N/A action=- src=`, map[string]string{"user.name": "", "event.action": "", "source.address": ""}},
		{"time in one key", `ts=1700000000.5 a=1 b=2`, map[string]string{"@timestamp": "2023-11-14T22:13:20.500Z"}},
		{"time in nanoseconds", `eventtime=1700000000123456789 date=2001-01-01 time=00:00:00`, map[string]string{"@timestamp": "2023-11-14T22:13:20.123456789Z"}},
		{"time as text", `time="2023-11-14 22:13:20" a=1 b=2`, map[string]string{"@timestamp": "2023-11-14T22:13:20.000Z"}},
		{"text before", `<x> dropped: src=192.0.2.1 dst=198.51.100.2`, map[string]string{"source.ip": "192.0.2.1"}},
		{"parentheses", `conn (src=192.0.2.1 dst=198.51.100.2)`, map[string]string{"destination.ip": "198.51.100.2"}},
		{"weir's own names are only data", `event.id=1 weir.class=x ecs.version=9`, map[string]string{"event.id": "", "weir.class": "", "ecs.version": "", "weir.data.event.id": "1"}},
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
	for _, msg := range []string{"", "no pairs here", "==", "a =b", "1=2"} {
		var e event.Event
		if err := Parse(&e, msg); err == nil || e.Str(event.Message) != msg || e.Has(event.WeirData) {
			t.Errorf("%q: %v, %s", msg, err, e.AppendJSON(nil))
		}
	}
}

func TestParse_Bounded(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "k%d=v%d ", i, i)
	}
	var e event.Event
	if err := Parse(&e, b.String()); err != nil {
		t.Fatal(err)
	}
	data := e.Get(event.WeirData)
	if data.Len() != maxPairs+1 || !strings.Contains(data.Get("rest").Str(), "k2999=v2999") {
		t.Errorf("%d pairs", data.Len())
	}
}

// FuzzParse: originals stay, addresses are addresses, values are out of the message, the event conforms and encodes,
// and what Looks takes, Parse reads.
func FuzzParse(f *testing.F) {
	for _, s := range []string{firewall, kernel, `a="b\"c" d='e' f=g,h=i;j=k|l=m`, `src=192.0.2.1:5060:X1 x= y=" z=`, "a=\xff b=\x00 c=1", `a=(b=[c={d=1}])`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		e.Set(event.EventOriginal, event.Str(msg))
		err := Parse(&e, msg)
		if Looks(msg) && err != nil {
			t.Fatalf("%q looks like pairs: %v", msg, err)
		}
		if e.Str(event.EventOriginal) != msg || e.Has(event.WeirClass) || e.Has(event.EventID) {
			t.Fatal("a field of weir's own was changed")
		}
		data := e.Get(event.WeirData)
		for i := range data.Len() {
			key, v := data.Member(i)
			if !strings.Contains(msg, key) && key != "rest" || v.Kind() == event.String && !strings.Contains(msg, `\`) && !strings.Contains(msg, v.Str()) {
				t.Fatalf("%q = %q is not in the message", key, v.Str())
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
			t.Fatalf("%q: %q", msg, doc)
		}
	})
}

func BenchmarkLooks(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if !Looks(firewall) || Looks("Accepted publickey for root from 192.0.2.1 port 22 ssh2: RSA SHA256:abc") {
			b.Fatal("wrong")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	var e event.Event
	var buf []byte
	for b.Loop() {
		e.Reset()
		if err := Parse(&e, firewall); err != nil {
			b.Fatal(err)
		}
		buf = e.AppendJSON(buf[:0])
	}
}

func TestReadValue(t *testing.T) {
	for _, c := range []struct{ name, in, value, next string }{
		{"one word", "a b=1", "a", "b=1"},
		{"blanks in it", "a b c=1", "a b", "c=1"},
		{"the last", "a b", "a b", ""},
		{"empty", " b=1", "", "b=1"},
		{"in quotes", `"a b=c" d=1`, "a b=c", "d=1"},
		{"in single quotes", `'a b' d=1`, "a b", "d=1"},
		{"quotes in quotes", `"a \"b\"" d=1`, `a "b"`, "d=1"},
		{"a quote that is never closed", `"a b d=1`, `"a b`, "d=1"},
		{"empty quotes", `"" d=1`, "", "d=1"},
		{"text behind the quotes", `"a" is b d=1`, "a", "d=1"},
		{"a comma", "a, b=1", "a", "b=1"},
		{"a comma in it", "a,b c=1", "a,b", "c=1"},
		{"an = without a key", "a == b=1", "a ==", "b=1"},
		{"in parentheses", "a)", "a", ""},
		{"parentheses of its own", "a(b)", "a(b)", ""},
		{"a line end", "a\r\nb=1", "a", "b=1"},
	} {
		value, next := readValue(c.in, 0)
		if value != c.value || c.in[next:] != c.next {
			t.Errorf("%s: %q, then %q", c.name, value, c.in[next:])
		}
	}
}

func TestSplitFlags(t *testing.T) {
	for in, want := range map[string]string{
		"29200 SYN": "29200|SYN", "0x00 ACK PSH": "0x00|ACK PSH", "5": "", "SYN": "", "5 syn": "", "5 SYN1": "", "a SYN": "", " SYN": "", "5 ": "",
	} {
		number, flags, ok := splitFlags(in)
		if got := number + "|" + flags; ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %t", in, got, ok)
		}
	}
}

// Where the first pair begins: what stands before it is text, however much it looks like a formula.
func TestFirstKey(t *testing.T) {
	for in, want := range map[string]int{
		"a=1": 0, " a=1": 1, "dropped: src=1": 9, "(src=1": 1, "1=2 b=3": 4, "x==1": 0, "a =1": -1, "=1": -1, "": -1, "김=1": -1, "키 a=1": 4,
		"http://h/?a=1": -1, "http://h/? a=1": 11,
	} {
		if got := firstKey(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}

// What is put into quotes comes out as it went in, whatever it holds and whatever stands between the pairs.
func TestParse_RoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b c", "=", "|", `\`, "김민수", "x=y", " ", "'", `"`, "k=v,", "http://h/?q=1", "(", "}"}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for _, between := range []string{" ", ", ", ";", "|", "\t", "\n"} {
		for range 300 {
			var pairs []string
			want := map[string]string{}
			for i := range 1 + rnd.IntN(6) {
				value := ""
				for range rnd.IntN(5) {
					value += pieces[rnd.IntN(len(pieces))]
				}
				key := fmt.Sprintf("key%d", i)
				want[key] = value
				pairs = append(pairs, key+`="`+quote.Replace(value)+`"`)
			}
			msg := strings.Join(pairs, between)
			var e event.Event
			if err := Parse(&e, msg); err != nil {
				t.Fatal(err)
			}
			data := e.Get(event.WeirData)
			for key, value := range want {
				if got := data.Get(key).Str(); got != value {
					t.Fatalf("%q: %s is %q, want %q", msg, key, got, value)
				}
			}
			if data.Len() != len(want) {
				t.Fatalf("%q: %d pairs, want %d: %s", msg, data.Len(), len(want), data)
			}
		}
	}
}
