package parse

import (
	"net/netip"
	"testing"

	"weir/event"
)

// TestTexts_Bounded: forged addresses cost no more than the bound.
func TestTexts_Bounded(t *testing.T) {
	var x texts
	for i := range 3 * maxPeers {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		for range 2 { // made, then kept
			if x.peer(a) != a.String() {
				t.Fatal("wrong text")
			}
		}
	}
	if len(x.peers) > maxPeers {
		t.Errorf("%d addresses kept", len(x.peers))
	}
	for seconds, want := range map[int]string{0: "+00:00", 32400: "+09:00", -12600: "-03:30", 30472: "+08:27:52"} {
		for range 2 {
			if got := x.offset(seconds); got != want {
				t.Errorf("%d: got %s", seconds, got)
			}
		}
	}
}

// TestRelate gathers every role, once, and takes no address for a host.
func TestRelate(t *testing.T) {
	var e event.Event
	e.SetStr(event.UserName, "kim")
	e.SetStr(event.UserEffectiveName, "root")
	e.SetStr(event.UserTargetName, "kim")
	e.SetStr(event.SourceIP, "192.0.2.1")
	e.Set(event.HostIP, event.Strs("192.0.2.1", "2001:db8::1"))
	e.SetStr(event.HostName, "192.0.2.1")
	e.SetStr(event.HostHostname, "web1")
	e.SetStr(event.SourceDomain, "a.example.com")
	e.SetStr(event.FileHashSha256, "abc")
	relate(&e)
	for f, want := range map[event.Field]string{
		event.RelatedUser: `["kim","root"]`, event.RelatedIP: `["192.0.2.1","2001:db8::1"]`, event.RelatedHosts: `["web1","a.example.com"]`, event.RelatedHash: `["abc"]`,
	} {
		if got := e.Get(f).Text(); got != want {
			t.Errorf("%s: got %s, want %s", f.Path(), got, want)
		}
	}
}
