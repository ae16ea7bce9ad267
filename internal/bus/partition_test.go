package bus_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/bus"
	"weir/internal/bus/produce"
	"weir/internal/config"
)

// numbers are records whose values are numbers.
type numbers struct{ settled chan error }

func (numbers) Record(i int, r *produce.Record) {
	*r = produce.Record{Time: time.Unix(1_700_000_000, 0), Value: fmt.Append(nil, i), Headers: []byte{0}}
}

func (n numbers) Settled(from, to int, err error) {
	for range to - from {
		n.settled <- err
	}
}

func TestPartition(t *testing.T) {
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Embedded.MinFree = 2, 0
	b, err := bus.Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	topic := b.Topic(bus.Events)
	p, err := b.Partition(topic, 1)
	if err != nil {
		t.Fatal(err)
	}
	run := numbers{make(chan error, 10)}
	p.Write(run, 0, 3)
	p.Write(run, 3, 5)
	for range 5 {
		if err := <-run.settled; err != nil {
			t.Fatal(err)
		}
	}
	p.Close()
	p.Close()
	p.Write(run, 5, 6)
	if err := <-run.settled; !errors.Is(err, produce.ErrClosed) {
		t.Errorf("what was written after the end: %v", err)
	}
	recs, err := b.ReadBack(t.Context(), topic, 1, 5, 10)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, r := range recs {
		got += string(r.Value)
	}
	if got != "01234" {
		t.Errorf("the partition holds %q", got)
	}
}
