package parse

import (
	"net/netip"
	"testing"
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
