package role

import (
	"net/netip"
	"testing"

	"weir/event"
)

func TestRead(t *testing.T) {
	var e event.Event
	e.SetStr(event.SourceIP, "::ffff:192.0.2.1")
	e.Set(event.DestinationIP, event.Strs("2001:db8::1%eth0", "192.0.2.9"))
	e.SetStr(event.ClientIP, "::ffff:192.0.2.1")
	e.SetStr(event.ServerIP, "no address")
	got := Read(&e)
	want := Addresses{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1"), netip.Addr{}}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	// A client that is not the source is read for itself.
	e.SetStr(event.ClientIP, "198.51.100.7")
	if got := Read(&e)[Client]; got != netip.MustParseAddr("198.51.100.7") {
		t.Errorf("client %v", got)
	}
	e.Reset()
	if got := Read(&e); got != (Addresses{}) {
		t.Errorf("of nothing: %v", got)
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "0.0.0.0": "0.0.0.0", "255.255.255.255": "255.255.255.255", "::ffff:10.0.0.1": "10.0.0.1", "fe80::1%eth0": "fe80::1",
		"2001:db8::1": "2001:db8::1", "256.1.1.1": "", "1.2.3.256": "", "1.2.3": "", "1.2.3.": "", "1.2.3.4.5": "", "01.2.3.4": "", "1.2.3.04": "", ".1.2.3": "",
		"1..2.3": "", "1234.1.1.1": "", "": "", "host": "", "1.2.3.4 ": "", "10.0.0.1/8": "",
	} {
		got := Parse(in)
		if want == "" && got.IsValid() || want != "" && got != netip.MustParseAddr(want) {
			t.Errorf("%q: %s", in, got)
		}
	}
}

// FuzzParse: what is read is what netip reads, and nothing else is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.2.3.4", "::1", "fe80::1%a", "::ffff:1.2.3.4", "1.2.3.4.5", "010.1.1.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		got := Parse(s)
		if err != nil && got.IsValid() || got.IsValid() && got != want.Unmap().WithZone("") {
			t.Errorf("%q: %s, netip says %s (%v)", s, got, want, err)
		}
		if err == nil && !got.IsValid() && len(s) <= 64 {
			t.Errorf("%q is an address", s)
		}
	})
}

func TestPublic(t *testing.T) {
	for s, want := range map[string]bool{
		"81.2.69.142": true, "2001:470::1": true, "10.0.0.1": false, "127.0.0.1": false, "169.254.1.1": false, "224.0.0.1": false,
		"255.255.255.255": false, "0.0.0.0": false, "fe80::1": false, "fc00::1": false, "::1": false,
	} {
		if got := Public(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %t", s, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	var e event.Event
	e.SetStr(event.SourceIP, "81.2.69.142")
	e.SetStr(event.DestinationIP, "192.168.7.12")
	e.SetStr(event.ClientIP, "81.2.69.142")
	for b.Loop() {
		Read(&e)
	}
}
