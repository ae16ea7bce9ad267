package network

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/match/lists"
)

func ranges(t testing.TB, texts ...string) *Ranges {
	t.Helper()
	r, err := NewRanges(texts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDirection(t *testing.T) {
	own := ranges(t, Private, "203.0.113.0/24", "2001:db8::/32", "198.51.100.7")
	for _, tt := range []struct{ src, dst, want string }{
		{"10.0.0.1", "192.168.1.1", "internal"}, {"10.0.0.1", "81.2.69.142", "outbound"}, {"81.2.69.142", "172.31.255.255", "inbound"}, {"81.2.69.142", "172.32.0.0", "external"},
		{"203.0.113.255", "1.1.1.1", "outbound"}, {"203.0.114.0", "1.1.1.1", "external"}, {"198.51.100.7", "198.51.100.8", "outbound"},
		{"2001:db8::1", "2001:470::1", "outbound"}, {"fe80::1", "ff02::fb", "internal"}, {"10.0.0.1", "255.255.255.255", "internal"}, {"10.0.0.1", "239.255.255.250", "internal"},
		{"0.0.0.0", "255.255.255.255", "internal"}, {"9.255.255.255", "11.0.0.0", "external"},
	} {
		if got := own.Direction(netip.MustParseAddr(tt.src), netip.MustParseAddr(tt.dst)); got != tt.want {
			t.Errorf("%s to %s: %s, want %s", tt.src, tt.dst, got, tt.want)
		}
	}
}

func TestNewRanges(t *testing.T) {
	for _, s := range []string{"x", "10.0.0.0/33", "", "10.0.0"} {
		if _, err := NewRanges([]string{s}); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
	if r, err := NewRanges(nil); r != nil || err != nil {
		t.Error("no networks are no ranges")
	}
	if r := ranges(t, "10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "0.0.0.0/0"); len(r.v4) != 1 {
		t.Errorf("%v", r.v4)
	}
}

// TestHas_Oracle: what the spans say is what the networks say one by one.
func TestHas_Oracle(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var texts []string
		for range 1 + rnd.IntN(6) {
			a := netip.AddrFrom4([4]byte{10, byte(rnd.IntN(4)), byte(rnd.IntN(256)), 0})
			texts = append(texts, netip.PrefixFrom(a, 8+rnd.IntN(25)).Masked().String())
		}
		r := ranges(t, texts...)
		for range 200 {
			a := netip.AddrFrom4([4]byte{byte(9 + rnd.IntN(3)), byte(rnd.IntN(5)), byte(rnd.IntN(256)), byte(rnd.IntN(256))})
			want := false
			for _, s := range texts {
				p, _ := lists.ParsePrefix(s)
				want = want || p.Contains(a)
			}
			if r.Has(a) != want {
				t.Fatalf("%s in %v: %t", a, texts, !want)
			}
		}
	}
}

func TestAdd(t *testing.T) {
	own := ranges(t, Private)
	for _, tt := range []struct {
		name, doc, want string
		id, direction   bool
	}{
		{"all", `{"source":{"ip":"192.168.1.52","port":54585},"destination":{"ip":"8.8.8.8","port":53},"network":{"transport":"udp"}}`,
			`"network":{"community_id":"1:d/FP5EW3wiY1vCndhwleRRKHowQ=","direction":"outbound","iana_number":"17","transport":"udp","type":"ipv4"}`, true, true},
		{"what is there stays", `{"source":{"ip":"192.168.1.52"},"destination":{"ip":"8.8.8.8"},"network":{"direction":"ingress","type":"ipv6","community_id":"1:x"}}`,
			`"network":{"community_id":"1:x","direction":"ingress","type":"ipv6"}`, true, true},
		{"no ports", `{"source":{"ip":"2001:db8::1"},"destination":{"ip":"2001:db8::2"},"network":{"iana_number":"6"}}`,
			`"network":{"direction":"external","iana_number":"6","transport":"tcp","type":"ipv6"}`, false, true},
		{"one end", `{"source":{"ip":"192.168.1.52"},"network":{"transport":"tcp"}}`, `"network":{"iana_number":"6","transport":"tcp"}`, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			src, _ := lists.ParseAddr(e.Str(event.SourceIP))
			dst, _ := lists.ParseAddr(e.Str(event.DestinationIP))
			known, id, direction := Add(&e, src, dst, own)
			if got := string(e.AppendJSON(nil)); !strings.Contains(got, tt.want) || id != tt.id || direction != tt.direction || known != dst.IsValid() {
				t.Errorf("%t %t %t %s", known, id, direction, got)
			}
		})
	}
	var e event.Event
	if Add(&e, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"), nil); e.Has(event.NetworkDirection) || e.Str(event.NetworkType) != "ipv4" {
		t.Errorf("without networks of one's own: %s", e.AppendJSON(nil))
	}
}

func BenchmarkAdd(b *testing.B) {
	own := ranges(b, Private)
	var e event.Event
	src, dst := netip.MustParseAddr("192.168.1.52"), netip.MustParseAddr("8.8.8.8")
	e.SetStr(event.SourceIP, "192.168.1.52")
	e.SetStr(event.DestinationIP, "8.8.8.8")
	e.SetInt(event.SourcePort, 54585)
	e.SetInt(event.DestinationPort, 53)
	e.SetStr(event.NetworkTransport, "udp")
	b.ReportAllocs()
	for b.Loop() {
		e.Delete(event.NetworkCommunityID)
		e.Delete(event.NetworkIanaNumber)
		e.Delete(event.NetworkType)
		e.Delete(event.NetworkDirection)
		Add(&e, src, dst, own)
	}
}
