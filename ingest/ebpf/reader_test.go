package ebpf

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"weir/bpf"
	"weir/ingest"
	"weir/internal/config"
)

// TestRun: each connection becomes one record, in order, however many batches they make, also those that come when the
// programs are taken out of the kernel.
func TestRun(t *testing.T) {
	const n = 3*maxBatch + 7
	k := &fakeKernel{ring: conns(n, 1), late: conns(5, n+1), bad: 2}
	d, c, log := &door{hold: true}, newCounts(), new(bytes.Buffer)
	s := source(k, config.EBPF{}, c, log)
	run(t, s, d, func() bool { return d.has() >= n })
	if len(d.values) != n+5 || c.records != n+5 {
		t.Fatalf("%d records, %d counted, want %d", len(d.values), c.records, n+5)
	}
	size := 0
	for i, text := range d.values {
		size += len(text)
		var got struct{ Cookie int }
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Cookie != i+1 {
			t.Fatalf("record %d: %d, %v", i+1, got.Cookie, err)
		}
	}
	if r := d.raws[0]; r.Input != Input || r.Proto != "ebpf" || r.Origin != "web-1" || r.Received.IsZero() || r.Key != "" || r.Peer.IsValid() {
		t.Errorf("%+v", r)
	}
	if c.bytes != size || !c.sources["ebpf/web-1"] || len(c.sources) != 1 {
		t.Errorf("%d bytes of %v, want %d", c.bytes, c.sources, size)
	}
	if !k.detached || k.closed != 1 || c.drops != 5 {
		t.Errorf("detached %t, closed %d times, %d lost", k.detached, k.closed, c.drops)
	}
	if n := strings.Count(log.String(), "cannot be read"); n != 2 {
		t.Errorf("%d of 2 bad records in the log:\n%s", n, log)
	}
	s.Close()
	if k.closed != 1 || s.Listening() != nil {
		t.Errorf("closed %d times", k.closed)
	}
}

// TestRunGoesOnWhenRefused: the front door counts what it refuses; the next batch is tried.
func TestRunGoesOnWhenRefused(t *testing.T) {
	k := &fakeKernel{ring: conns(2*maxBatch, 1)}
	d, c, log := &door{err: ingest.ErrRefused}, newCounts(), new(bytes.Buffer)
	s := source(k, config.EBPF{}, c, log)
	run(t, s, d, func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.records == 2*maxBatch })
	if !strings.Contains(log.String(), "refused by the front door") || s.inFlight.Load() != 0 {
		t.Errorf("%d in flight\n%s", s.inFlight.Load(), log)
	}
}

// TestRunCountsLost: each lost record once, and one line in the log with what to do.
func TestRunCountsLost(t *testing.T) {
	k := &fakeKernel{counts: bpf.Counts{Seen: 9, Lost: 4}}
	d, c, log := &door{}, newCounts(), new(bytes.Buffer)
	s := source(k, config.EBPF{Ring: 4 << 20}, c, log)
	r := newReader(s, d.emit)
	r.countLost()
	r.countLost()
	k.counts.Lost = 6
	r.countLost()
	if c.drops != 6 || !c.inputs["ebpf"] {
		t.Errorf("%d lost of %v", c.drops, c.inputs)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "raise inputs.ebpf.ring, now 4 MiB") {
		t.Errorf("%d lines:\n%s", n, log)
	}
}
