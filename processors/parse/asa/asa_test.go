package asa

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weir/event"
	"weir/event/ecs"
)

func TestTablesCompile(t *testing.T) {
	if err := messages().err; err != nil {
		t.Fatal(err)
	}
	if n := len(messages().byCode); n < 900 {
		t.Errorf("the tables have %d messages", n)
	}
	for code, m := range messages().byCode {
		if len(code) != 6 || !digits(code) {
			t.Errorf("%q is no message number", code)
		}
		if !m.pairs && (m.kind == nil || len(m.patterns) == 0) {
			t.Errorf("%s has no kind or no pattern", code)
		}
	}
}

func TestCatalogue_Refuses(t *testing.T) {
	c := &catalogue{byCode: map[string]*message{}}
	if err := c.add(row{"100001", denied, []string{"{nope}"}}); err == nil {
		t.Error("a pattern with an unknown slot was taken")
	}
	if err := c.add(row{"100001", denied, []string{"x"}}); err != nil {
		t.Error(err)
	}
	if err := c.add(row{"100001", flowStart, []string{"y"}}); err == nil {
		t.Error("a message of two kinds was taken")
	}
}

func TestReadTag(t *testing.T) {
	tests := []struct {
		msg  string
		want tag
	}{
		{"%ASA-6-302013: Built", tag{"ASA", "", 6, "302013", "Built"}},
		{"%ASA-session-6-302013: Built", tag{"ASA", "session", 6, "302013", "Built"}},
		{"%FTD--4-733100: x", tag{"FTD", "", 4, "733100", "x"}},
		{"%ASA-vpn--4-733100:x", tag{"ASA", "vpn", 4, "733100", "x"}},
		{"%PIX-3-710003 TCP", tag{"PIX", "", 3, "710003", "TCP"}},
		{"%ASA-8-999999:", tag{"ASA", "", 8, "999999", ""}},
	}
	for _, tt := range tests {
		if got, ok := readTag(tt.msg); !ok || got != tt.want {
			t.Errorf("%s: %+v, %t", tt.msg, got, ok)
		}
	}
	for _, msg := range []string{"", "%", "ASA-6-302013: x", "%ASA", "%ASA-6-", "%ASA-6-30201: x", "%ASA-6-3020133: x", "%ASA-x-302013: x", "%-6-302013: x", "%6-302013: x", "%ASA-6-30201x: x"} {
		if got, ok := readTag(msg); ok {
			t.Errorf("%q was read as %+v", msg, got)
		}
	}
}

func TestParse_Failure(t *testing.T) {
	var e event.Event
	e.Set(event.EventOriginal, event.Str("o"))
	if err := Parse(&e, "no tag"); err == nil || e.Len() != 1 {
		t.Errorf("%v, %s", err, e.AppendJSON(nil))
	}
}

// A number that no table has, and a known one with a text of another release, keep what the head tells.
func TestParse_Unknown(t *testing.T) {
	for _, msg := range []string{"%ASA-3-999999: whatever this is", "%ASA-3-302013: Built something new"} {
		var e event.Event
		if err := Parse(&e, msg); err != nil {
			t.Fatal(err)
		}
		if e.Str(event.Message) != msg || e.Get(event.EventSeverity).Int() != 3 || e.Str(event.LogLevel) != "error" || !e.Has(event.EventCategory) {
			t.Errorf("%s", e.AppendJSON(nil))
		}
		if e.Has(event.SourceIP) {
			t.Error("a source out of nothing")
		}
	}
}

func TestParse_Products(t *testing.T) {
	tests := []struct{ tag, dataset, product, typ string }{
		{"ASA", "cisco_asa.log", "asa", "firewall"}, {"PIX", "cisco_asa.log", "pix", "firewall"}, {"FWSM", "cisco_asa.log", "fwsm", "firewall"},
		{"FTD", "cisco_ftd.log", "ftd", "idps"}, {"NGIPS", "cisco_ftd.log", "ftd", "idps"},
	}
	for _, tt := range tests {
		var e event.Event
		if err := Parse(&e, "%"+tt.tag+"-6-302010: 3 in use, 9 most used"); err != nil {
			t.Fatal(err)
		}
		if e.Str(event.EventDataset) != tt.dataset || e.Str(event.ObserverProduct) != tt.product || e.Str(event.ObserverType) != tt.typ {
			t.Errorf("%s: %s", tt.tag, e.AppendJSON(nil))
		}
	}
}

func TestParse_Times(t *testing.T) {
	at := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	line := `%ASA-6-302014: Teardown TCP connection 1 for a:192.0.2.1/1 to b:192.0.2.2/2 duration 0:00:30 bytes 1 TCP FINs`
	var e event.Event
	e.Set(event.Timestamp, event.At(at))
	if err := Parse(&e, line); err != nil {
		t.Fatal(err)
	}
	if !e.Get(event.EventEnd).Time().Equal(at) || !e.Get(event.EventStart).Time().Equal(at.Add(-30*time.Second)) {
		t.Errorf("from %s to %s", e.Get(event.EventStart), e.Get(event.EventEnd))
	}
	e.Reset()
	if err := Parse(&e, line); err != nil || e.Has(event.EventEnd) || e.Get(event.EventDuration).Int() != 30e9 {
		t.Errorf("without a time: %v, %s", err, e.AppendJSON(nil))
	}
}

func TestParse_Names(t *testing.T) {
	var e event.Event
	if err := Parse(&e, `%ASA-6-302013: Built inbound TCP connection 1 for o:host.example/1 (map.example/3) to i:192.0.2.2/2 (192.0.2.2/2)`); err != nil {
		t.Fatal(err)
	}
	if e.Has(event.SourceIP) || e.Str(event.SourceDomain) != "host.example" || e.Str(event.SourceAddress) != "host.example" || e.Str(event.CiscoASAMappedSourceHost) != "map.example" || e.Has(event.NetworkCommunityID) {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}

func TestParse_CommunityID(t *testing.T) {
	ids := map[string]bool{}
	for _, line := range []string{
		`%ASA-6-302013: Built outbound TCP connection 1 for o:128.232.110.120/34855 (128.232.110.120/34855) to i:66.35.250.204/80 (66.35.250.204/80)`,
		`%ASA-6-302014: Teardown TCP connection 1 for o:128.232.110.120/34855 to i:66.35.250.204/80 duration 0:00:01 bytes 1`,
	} {
		var e event.Event
		if err := Parse(&e, line); err != nil {
			t.Fatal(err)
		}
		ids[e.Str(event.NetworkCommunityID)] = true
	}
	if len(ids) != 1 || !ids["1:LQU9qZlK+B5F3KDmev6m5PMibrg="] { // the example of the specification
		t.Errorf("%v", ids)
	}
}

// Hostile lines make the matcher go back and forth as much as it can. This test hangs if nothing bounds that.
func TestParse_Bounded(t *testing.T) {
	for _, line := range []string{
		"%ASA-6-302014: Teardown TCP connection 1 for " + strings.Repeat("a:", 30000),
		"%ASA-4-113029: Group " + strings.Repeat("> User < ", 7000),
		"%ASA-6-302016: Teardown UDP connection 1 for a:1.1.1.1/1(" + strings.Repeat("(", 60000),
		"%ASA-4-338002: Dynamic filter dropped " + strings.Repeat("listed ", 9000),
		"%ASA-6-302013: Built inbound TCP connection 1 for " + strings.Repeat("::", 30000),
		"%ASA-6-302014: Teardown TCP connection 1 for a:1.1.1.1/1 to " + strings.Repeat(" ", 60000),
		"%FTD-1-430002: " + strings.Repeat("A: b, ", 10000),
		"%FTD-1-430002: " + strings.Repeat(", ", 30000),
	} {
		var e event.Event
		if err := Parse(&e, line); err != nil || !e.Has(event.EventCode) {
			t.Errorf("%s: %v", line[:40], err)
		}
	}
}

// FuzzParse: the message is kept byte for byte, addresses are addresses, and the event conforms and encodes.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`%ASA-6-302013: Built outbound TCP connection 1 for outside:192.0.2.104/80 (192.0.2.104/80) to inside:198.51.100.44/1772 (203.0.113.7/40001)(LOCAL\a, 9:b) (c)`,
		`%ASA-6-302014: Teardown TCP connection 1 for o:192.0.2.1/80 user1 to i:192.0.2.2/1758 user2 duration 0:01:07 bytes 38110 TCP FINs from o (x)`,
		`%ASA-4-106023: Deny icmp src a:192.0.2.1 dst b:fe80::1%25 (type 11, code 0) by access-group "x" [0x0, 0x0]`, `%ASA-5-304001: a@192.0.2.1(b) Accessed URL 192.0.2.2:http://u:p@h:1/x.y?z#w`,
		`%FTD-1-430003: SrcIP: 192.0.2.1, DstIP: 192.0.2.2, Protocol: tcp, User: A\b, ConnectionDuration: 3, InitiatorBytes: 1, ResponderBytes: 2, URL: http://x/`,
		`%ASA-4-113019: Group = g, Username = u, IP = 192.0.2.1, Session disconnected. Session Type: SSL, Duration: 1d 2h:03m:04s, Bytes xmt: 1, Bytes rcv: 2, Reason: r`,
		`%ASA-4-733100: [ x] drop rate-1 exceeded. Current burst rate is 4 per second`, `%ASA-3-713902: Group = g, IP = 192.0.2.1, x`, "%ASA-6-302013: \xff\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		var e event.Event
		e.Set(event.EventOriginal, event.Str("<1>"+msg))
		if Parse(&e, msg) != nil {
			return
		}
		if e.Str(event.EventOriginal) != "<1>"+msg {
			t.Fatal("event.original was changed")
		}
		if got := e.Str(event.Message); got == "" || !strings.Contains(msg, got) {
			t.Fatalf("message is %q", got)
		}
		checkIPs(t, &e)
		e.Conform()
		if e.Has(event.WeirOther) {
			t.Fatalf("%q: types do not fit: %s", msg, e.Get(event.WeirOther))
		}
		doc := e.AppendJSON(nil)
		if !json.Valid(doc) || !utf8.Valid(doc) {
			t.Fatalf("%q: %q", msg, doc)
		}
	})
}

func checkIPs(t *testing.T, e *event.Event) {
	e.Each(func(f event.Field, v event.Value) bool {
		if f.Type() != ecs.IP {
			return true
		}
		for i := range v.Len() {
			if _, err := netip.ParseAddr(v.Item(i).Str()); err != nil {
				t.Fatalf("%s is %q", f, v.Item(i).Str())
			}
		}
		return true
	})
}
