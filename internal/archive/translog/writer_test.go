package translog

import (
	"fmt"
	"testing"
)

// BenchmarkAppend is one line of the manifest with nine segments, synced and signed, into logs of several sizes.
func BenchmarkAppend(b *testing.B) {
	for _, lines := range []int{10, 1000} {
		b.Run(fmt.Sprintf("behind-%d-lines", lines), func(b *testing.B) {
			w := newWorld(b)
			for range lines {
				w.add(9)
			}
			wr, err := w.keeper().open()
			if err != nil {
				b.Fatal(err)
			}
			if err := wr.catchUp(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				w.add(9)
				b.StartTimer()
				if err := wr.catchUp(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
