package arena

import (
	"bytes"
	"testing"
)

func TestWriter_PacksAndGoesOn(t *testing.T) {
	p := NewPool(DefaultBudget)
	w := p.NewWriter()
	b := p.Batch()
	datagram := bytes.Repeat([]byte("d"), 30<<10)
	var copies [][]byte
	for i := range 5 { // two in each chunk
		datagram[0] = byte(i)
		copies = append(copies, w.Copy(b, datagram))
	}
	for i, c := range copies {
		if len(c) != len(datagram) || c[0] != byte(i) || cap(c) != len(c) {
			t.Errorf("copy %d: %d bytes, begins with %d, room for %d", i, len(c), c[0], cap(c))
		}
	}
	if len(b.chunks) != 3 {
		t.Errorf("%d chunks", len(b.chunks))
	}
	big := w.Copy(b, make([]byte, 100<<10))
	if len(big) != 100<<10 {
		t.Errorf("%d bytes of a copy larger than a chunk", len(big))
	}
	w.Close()
	b.Drop()
	if p.Large() != 0 {
		t.Errorf("%d bytes are still out", p.Large())
	}
}
