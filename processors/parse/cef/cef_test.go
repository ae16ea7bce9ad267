package cef

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/testkit"
)

// fields checks path=value pairs; a value of "" means that the field must be absent.
func fields(t *testing.T, e *event.Event, want map[string]string) {
	t.Helper()
	for path, w := range want {
		v := e.GetPath(path)
		if w == "" && v.Kind() != event.Absent || v.Text() != w {
			t.Errorf("%s: got %q, want %q", path, v.Text(), w)
		}
	}
}

func TestParse_Success(t *testing.T) {
	tests := []struct {
		name, msg string
		want      map[string]string
	}{
		{"header", `CEF:0|Vendor|Product|1.2|100|worm stopped|10|`, map[string]string{
			"observer.vendor": "Vendor", "observer.product": "Product", "observer.version": "1.2", "event.code": "100", "event.severity": "10", "message": "worm stopped",
			"cef.name": "worm stopped", "cef.device.event_class_id": "100", "cef.severity": "10", "cef.version": "0", "event.dataset": "cef.log", "event.module": "cef",
		}},
		{"header without the last bar", `CEF:0|V|P|1|2|n|High`, map[string]string{"event.severity": "7", "cef.severity": "High"}},
		{"escapes in the header", `CEF:1|Ven\|dor|Pro\\duct|1|2|a \= b|Unknown|`, map[string]string{"observer.vendor": "Ven|dor", "observer.product": `Pro\duct`, "message": "a = b", "event.severity": ""}},
		{"blanks in the header", `CEF: 0| V | P |1|2|n|3|src=192.0.2.1`, map[string]string{"cef.version": "0", "observer.vendor": "V", "source.ip": "192.0.2.1"}},
		{"extensions", `CEF:0|V|P|1|2|n|3|src=192.0.2.1 spt=5 dst=198.51.100.2 dpt=80 proto=TCP act=blocked by rule msg=a long text suser=CORP\\eve`, map[string]string{
			"source.ip": "192.0.2.1", "source.port": "5", "destination.port": "80", "network.transport": "tcp", "event.action": "blocked by rule", "message": "a long text",
			"source.user.name": "eve", "source.user.domain": "CORP", "cef.extensions.sourceUserName": `CORP\eve`, "related.ip": `["192.0.2.1","198.51.100.2"]`,
		}},
		{"escapes in extensions", `CEF:0|V|P|1|2|n|3|msg=a\=b c\\d e\nf g|h request=http://x/?q\=1&r=2 act=x`, map[string]string{"message": "a=b c\\d e\nf g|h", "url.original": "http://x/?q=1&r=2", "event.action": "x"}},
		{"equals that are not escaped", `CEF:0|V|P|1|2|n|3|request=http://x/?q=1&r=2 act=x`, map[string]string{"url.original": "http://x/?q=1&r=2", "event.action": "x"}},
		{"empty values", `CEF:0|V|P|1|2|n|3|act= src= dst=192.0.2.1 cs1=`, map[string]string{"event.action": "", "source.address": "", "destination.ip": "192.0.2.1", "cef.extensions.deviceCustomString1": ""}},
		{"labels", `CEF:0|V|P|1|2|n|3|cs1Label=Rule Name cs1=my rule cn1=5 cn1Label=Duration in Seconds c6a2=2001:db8::1 c6a2Label=Source IPv6 Address`, map[string]string{
			"rule.name": "my rule", "event.duration": "5000000000", "source.ip": "2001:db8::1", "cef.extensions.deviceCustomString1": "my rule", "cef.extensions.deviceCustomString1Label": "Rule Name",
		}},
		{"a label does not win over the field", `CEF:0|V|P|1|2|n|3|src=192.0.2.1 c6a2=2001:db8::1 c6a2Label=Source IPv6 Address`, map[string]string{"source.ip": "192.0.2.1"}},
		{"full names", `CEF:0|V|P|1|2|n|3|sourceAddress=192.0.2.1 deviceAction=deny`, map[string]string{"source.ip": "192.0.2.1", "event.action": "deny", "cef.extensions.sourceAddress": "192.0.2.1"}},
		{"names for addresses", `CEF:0|V|P|1|2|n|3|src=host.example dhost=other.example`, map[string]string{"source.domain": "host.example", "source.ip": "", "destination.domain": "other.example"}},
		{"times", `CEF:0|V|P|1|2|n|3|rt=Jan 17 2020 08:52:10 start=1543270652000 end=nonsense`, map[string]string{
			"@timestamp": "2020-01-17T08:52:10.000Z", "event.start": "2018-11-26T22:17:32.000Z", "event.end": "", "cef.extensions.endTime": "nonsense",
		}},
		{"direction, hash, outcome, bytes", `CEF:0|V|P|1|2|n|3|deviceDirection=1 fileHash=580a783c1cb2b20613323f715d231a69 outcome=Failure in=5 out=6`, map[string]string{
			"network.direction": "outbound", "file.hash.md5": "580a783c1cb2b20613323f715d231a69", "event.outcome": "failure", "source.bytes": "5", "destination.bytes": "6",
		}},
		{"a key twice", `CEF:0|V|P|1|2|n|3|foo=1 foo=2`, map[string]string{"cef.extensions.foo": `["1","2"]`}},
		{"identity is not taken", `CEF:0|V|P|1|2|n|3|externalId=77 eventId=5`, map[string]string{"event.id": "", "cef.extensions.externalId": "77"}},
		{"a number that is none", `CEF:0|V|P|1|2|n|3|spt=http fsize=big`, map[string]string{"source.port": "", "file.size": "", "cef.extensions.sourcePort": "http"}},
		{"no pair", `CEF:0|V|P|1|2|n|3|just text`, map[string]string{"cef.extensions.rest": "just text", "message": "n"}},
		{"keys with brackets", `CEF:0|V|P|1|2|n|3|ad.field[0]=x ad.field[1]=y`, map[string]string{"cef.extensions.ad.field[0]": "x", "cef.extensions.ad.field[1]": "y"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			fields(t, &e, tt.want)
		})
	}
}

func TestParse_Failure(t *testing.T) {
	for _, msg := range []string{"", "CEF", "cef:0|", "LEEF:1.0|", "x CEF:0|"} {
		var e event.Event
		if err := Parse(&e, msg); err == nil || e.Len() != 0 {
			t.Errorf("%q: %v, %s", msg, err, e.AppendJSON(nil))
		}
	}
	for _, msg := range []string{"CEF:", "CEF:0|V|P", "CEF:0|V|P|1|2|n"} { // cut off: what is there is kept
		var e event.Event
		if err := Parse(&e, msg); err == nil || e.Str(event.Message) != msg {
			t.Errorf("%q: %v, %s", msg, err, e.AppendJSON(nil))
		}
	}
	var e event.Event
	if err := Parse(&e, "CEF:0|V|P"); err == nil || e.Str(event.ObserverProduct) != "P" {
		t.Errorf("%v, %s", err, e.AppendJSON(nil))
	}
}

func TestParse_Bounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("CEF:0|V|P|1|2|n|3|")
	for i := range 3000 {
		fmt.Fprintf(&b, "k%d=v%d ", i, i)
	}
	var e event.Event
	if err := Parse(&e, b.String()); err != nil {
		t.Fatal(err)
	}
	ext := e.Get(event.CEFExtensions)
	if ext.Len() != maxExtensions+1 || !strings.HasSuffix(ext.Get("rest").Str(), "k2999=v2999 ") {
		t.Errorf("%d extensions", ext.Len())
	}
	e.Reset()
	if err := Parse(&e, "CEF:0|V|P|1|2|n|3|a="+strings.Repeat("b=", 30000)); err != nil { // must not take the square of its length
		t.Error(err)
	}
}

// TestScore compares with the documents that another product makes of a public collection of lines. Vendor fields and
// those that it derives otherwise on purpose are left out.
func TestScore(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t), "data", "integrations", "cef", "log", "*-expected.json"))
	if err != nil || len(files) == 0 {
		testkit.Skip(t, "shared", "no lines of cef")
	}
	total, right := 0, 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Expected []map[string]any }
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for _, d := range doc.Expected {
			line, _ := d["event"].(map[string]any)["original"].(string)
			var e event.Event
			if err := Parse(&e, line); err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			compare(d, "", func(path, want string) {
				total++
				if got := e.GetPath(path).Text(); got == want || got == `["`+want+`"]` {
					right++
				} else if testing.Verbose() {
					t.Logf("%s: want %q, got %q", path, want, got)
				}
			})
		}
	}
	share := float64(right) / float64(total)
	t.Logf("cef: %d of %d fields (%.2f %%)", right, total, 100*share)
	if share < 0.93 {
		t.Errorf("share %.4f", share)
	}
}

func compare(m map[string]any, prefix string, fn func(path, want string)) {
	for k, v := range m {
		path := prefix + k
		switch {
		case path == "ecs" || path == "tags" || path == "checkpoint" || path == "forcepoint" || k == "geo" || k == "as" || path == "event.original" || path == "cef.extensions" || path == "network.transport" || path == "related":
		default:
			switch v := v.(type) {
			case map[string]any:
				compare(v, path+".", fn)
			case []any:
			default:
				fn(path, fmt.Sprint(v))
			}
		}
	}
}

// FuzzParse: originals stay, addresses are addresses, the event conforms and encodes, and no value is made up: what
// is in cef.extensions is in the message, but for escapes.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`CEF:0|Sec\|urity|threat\\mgr|1.0|100|worm|10|src=10.0.0.1 dst=2.1.2.2 spt=1232 msg=a\=b c cs1=v w cs1Label=Rule Name rt=1543270652000 request=http://x.y/z?a\=1`,
		`CEF:0|||||||=`, `CEF:0|a|b|c|d|e|f|a= b==c d=\`, `CEF:1`, "CEF:0|a|b|c|d|e|f|k=\xff\x00 dvc=1.2.3.4 dvcmac=00:11:22:33:44:55",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		e.Set(event.EventOriginal, event.Str(msg))
		e.Set(event.EventID, event.Str("id"))
		_ = Parse(&e, msg)
		if e.Str(event.EventOriginal) != msg || e.Str(event.EventID) != "id" {
			t.Fatal("a field of weir's own was changed")
		}
		if !strings.Contains(msg, `\`) {
			ext := e.Get(event.CEFExtensions)
			for i := range ext.Len() {
				if _, v := ext.Member(i); v.Kind() == event.String && !strings.Contains(msg, v.Str()) {
					t.Fatalf("%q is not in the message", v.Str())
				}
			}
		}
		check(t, &e)
	})
}

// check holds what every parser must hold.
func check(t *testing.T, e *event.Event) {
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
	if e.Has(event.WeirOther) {
		t.Fatalf("types do not fit: %s", e.Get(event.WeirOther))
	}
	if doc := e.AppendJSON(nil); !json.Valid(doc) || !utf8.Valid(doc) {
		t.Fatalf("%q", doc)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	msg := `CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|https|Unknown|act=Accept deviceDirection=0 rt=1543270652000 spt=49363 dpt=443 cs2Label=Rule Name cs2=allow web layer_name=Network ifname=eth0 logid=0 origin=192.0.2.254 dst=198.51.100.156 inzone=Internal outzone=External product=VPN-1 & FireWall-1 proto=6 service_id=https src=192.0.2.100`
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

func TestHeaderPart(t *testing.T) {
	for _, c := range []struct {
		name, in   string
		more       bool
		part, rest string
		ok         bool
	}{
		{"up to the bar", "a|b|c", true, "a", "b|c", true},
		{"an escaped bar is none", `a\|b|c`, true, "a|b", "c", true},
		{"an escaped backslash before a bar", `a\\|b`, true, `a\`, "b", true},
		{"another escape stays", `a\d|b`, true, `a\d`, "b", true},
		{"blanks around it", " a b |c", true, "a b", "c", true},
		{"empty", "|b", true, "", "b", true},
		{"the end before the last part", "a", true, "a", "", false},
		{"the end of the last part", "a", false, "a", "", true},
		{"the end in an escape", `a\`, false, `a\`, "", true},
		{"an escaped bar at the end", `a\|`, false, "a|", "", true},
	} {
		part, rest, ok := headerPart(c.in, c.more)
		if part != c.part || rest != c.rest || ok != c.ok {
			t.Errorf("%s: %q, %q, %t", c.name, part, rest, ok)
		}
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`a\=b`:      "a=b",
		`a\|b`:      "a|b",
		`a\\b`:      `a\b`,
		`a\nb\rc`:   "a\nb\rc",
		`a\tb`:      `a\tb`,
		`C:\Users`:  `C:\Users`,
		`a\`:        `a\`,
		`\\\=`:      `\=`,
		`\\n`:       `\n`,
		``:          ``,
		`김\=민수`:     "김=민수",
		"\\\xff\\=": "\\\xff=",
	} {
		if got := unescape(in); got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
}

// Where a value ends is the one hard thing of this format: nothing marks it but the next key.
func TestValueEnd(t *testing.T) {
	for _, c := range []struct{ name, in, value, next string }{
		{"one word", "v b=1", "v", "b=1"},
		{"blanks in it", "a b c d=1", "a b c", "d=1"},
		{"the last", "a b c", "a b c", ""},
		{"line end behind the last", "a b\r\n", "a b", ""},
		{"an = without a blank before its word", "x?a=1&b=2 c=3", "x?a=1&b=2", "c=3"},
		{"an escaped =", `a b\=1 c=2`, `a b\=1`, "c=2"},
		{"an = after a blank", "a = b c=1", "a = b", "c=1"},
		{"empty", " b=1", "", "b=1"},
		{"empty, and the blank is lost", "b=1", "", "b=1"},
		{"blanks behind it", "a   b=1", "a", "b=1"},
		{"a key with an index", "a x.y[0]=1", "a", "x.y[0]=1"},
		{"Korean before the next key", "차단 됨 b=1", "차단 됨", "b=1"},
		{"a word that can be no key", "a 김=1 b=2", "a 김=1", "b=2"},
	} {
		value, next := valueEnd(c.in, 0)
		rest := ""
		if next >= 0 {
			rest = c.in[next:]
		}
		if value != c.value || rest != c.next {
			t.Errorf("%s: %q, then %q", c.name, value, rest)
		}
	}
}

// Whatever a sender that escapes as the format wants puts into its values, it comes out as it went in.
func TestExtensions_RoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b c", "=", "|", `\`, "\n", "김민수", "x=y", "  ", "1", ":", "http://h/?q=1", `C:\dir`, "[", "\t", "é"}
	escape := strings.NewReplacer(`\`, `\\`, "=", `\=`, "\n", `\n`, "\r", `\r`)
	for range 2000 {
		var msg strings.Builder
		msg.WriteString("CEF:0|V|P|1|2|n|3|")
		want := map[string]string{}
		for i := range 1 + rnd.IntN(6) {
			value := ""
			for range 1 + rnd.IntN(5) {
				value += pieces[rnd.IntN(len(pieces))]
			}
			if value = strings.TrimSpace(value); value == "" {
				continue
			}
			key := fmt.Sprintf("adKey%d", i)
			want[key] = value
			fmt.Fprintf(&msg, "%s=%s ", key, escape.Replace(value))
		}
		var e event.Event
		if err := Parse(&e, msg.String()); err != nil {
			t.Fatal(err)
		}
		ext := e.Get(event.CEFExtensions)
		if ext.Len() != len(want) {
			t.Fatalf("%s: %d extensions, want %d: %s", msg.String(), ext.Len(), len(want), ext)
		}
		for key, value := range want {
			if got := ext.Get(key).Str(); got != value {
				t.Fatalf("%s: %s is %q, want %q", msg.String(), key, got, value)
			}
		}
	}
}

// Words stand for the lowest number of their range, so that severity >= 7 finds them.
func TestSeverity(t *testing.T) {
	for word, want := range map[string]string{
		"0": "0", "10": "10", "Low": "0", "MEDIUM": "4", "High": "7", "Very-High": "9", "very high": "9", "critical": "9", "Unknown": "", "": "", "-1": "-1", "7.5": "",
	} {
		var e event.Event
		if err := Parse(&e, "CEF:0|V|P|1|2|n|"+word+"|"); err != nil {
			t.Fatal(err)
		}
		if got := e.Get(event.EventSeverity).Text(); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
		if got := e.Str(event.CEFSeverity); got != word {
			t.Errorf("%q is kept as %q", word, got)
		}
	}
}

// A sender that lies, breaks off or repeats itself changes what it says and nothing else.
func TestParse_Hostile(t *testing.T) {
	for _, c := range []struct {
		name, ext string
		want      map[string]string
	}{
		{"an address that is none", "src=999.1.1.1 dst=::g", map[string]string{"source.ip": "", "cef.extensions.sourceAddress": "999.1.1.1", "destination.ip": ""}},
		{"a port out of range", "spt=70000 dpt=-1", map[string]string{"source.port": "", "destination.port": "", "cef.extensions.sourcePort": "70000"}},
		{"a field of weir's own", "event.id=1 weir.class=x ecs.version=9 @timestamp=0", map[string]string{"event.id": "", "weir.class": "", "ecs.version": "", "@timestamp": ""}},
		{"both spellings of a key", "src=192.0.2.1 sourceAddress=192.0.2.2", map[string]string{"cef.extensions.sourceAddress": `["192.0.2.1","192.0.2.2"]`}},
		{"a label without a value", "cs1Label=Rule Name", map[string]string{"rule.name": "", "cef.extensions.deviceCustomString1Label": "Rule Name"}},
		{"a value without a label", "cs1=x", map[string]string{"rule.name": "", "cef.extensions.deviceCustomString1": "x"}},
		{"a label of another field", "cs1=x cs2Label=Rule Name", map[string]string{"rule.name": ""}},
		{"a label of a field that does not exist", "cs9=x cs9Label=Rule Name", map[string]string{"rule.name": "", "cef.extensions.cs9": "x"}},
		{"control characters", "msg=a\x00b\x1b[2J", map[string]string{"message": "a\x00b\x1b[2J"}},
		{"a key of only equals", "=== a=1", map[string]string{"cef.extensions.rest": "=== a=1"}},
		{"a backslash at the end", `msg=a\`, map[string]string{"message": `a\`}},
		{"a header in an extension", "msg=CEF:0|x|y src=192.0.2.1", map[string]string{"message": "CEF:0|x|y", "source.ip": "192.0.2.1", "observer.vendor": "V"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, "CEF:0|V|P|1|2|n|3|"+c.ext); err != nil {
				t.Fatal(err)
			}
			fields(t, &e, c.want)
			check(t, &e)
		})
	}
}
