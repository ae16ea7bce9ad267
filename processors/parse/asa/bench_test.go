package asa

import (
	"testing"

	"weir/event"
)

func benchmark(b *testing.B, line string) {
	b.ReportAllocs()
	var e event.Event
	var buf []byte
	for b.Loop() {
		e.Reset()
		if err := Parse(&e, line); err != nil {
			b.Fatal(err)
		}
		buf = e.AppendJSON(buf[:0])
	}
}

func BenchmarkBuilt(b *testing.B) {
	benchmark(b, `%ASA-6-302013: Built outbound TCP connection 11757 for outside:192.0.2.104/80 (192.0.2.104/80) to inside:198.51.100.44/1772 (203.0.113.7/40001)`)
}

func BenchmarkTeardown(b *testing.B) {
	benchmark(b, `%ASA-6-302014: Teardown TCP connection 11749 for outside:192.0.2.242/80(LOCAL\alice) to inside:198.51.100.44/1758 duration 0:01:07 bytes 38110 TCP FINs from outside (alice)`)
}

func BenchmarkDeny(b *testing.B) {
	benchmark(b, `%ASA-4-106023: Deny tcp src outside:192.0.2.126/53638 dst inside:198.51.100.132/8111 by access-group "acl_out" [0x71761f18, 0x0]`)
}

func BenchmarkUnknown(b *testing.B) { benchmark(b, `%ASA-7-999999: something that no table has`) }
