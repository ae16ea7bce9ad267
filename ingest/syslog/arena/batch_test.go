package arena

import (
	"context"
	"errors"
	"testing"

	"weir/internal/record"
)

// keeper is a front door that takes everything and is done when told.
type keeper struct{ done []func(error) }

func (k *keeper) emit(_ context.Context, _ []record.Raw, done func(error)) error {
	k.done = append(k.done, done)
	return nil
}

func TestBatch_HoldsUntilDone(t *testing.T) {
	p := NewPool(DefaultBudget)
	w := p.NewWriter()
	k := &keeper{}
	values := [][]byte{}
	for _, text := range []string{"one", "two"} {
		b := p.Batch()
		v := w.Copy(b, []byte(text))
		values = append(values, v)
		b.Recs = append(b.Recs, record.Raw{Value: v})
		if err := b.Emit(t.Context(), k.emit, nil); err != nil {
			t.Fatal(err)
		}
	}
	if p.InFlight() != 2 || string(values[0]) != "one" || string(values[1]) != "two" {
		t.Fatalf("%d in flight, %q", p.InFlight(), values)
	}
	if cap(values[0]) != 3 {
		t.Error("a record can grow into its neighbour")
	}
	chunk := w.chunk
	if chunk.alone() {
		t.Error("the chunk is free while two batches point into it")
	}
	k.done[0](nil)
	if chunk.alone() {
		t.Error("the chunk is free while one batch points into it")
	}
	k.done[1](nil)
	if !chunk.alone() || p.InFlight() != 0 {
		t.Error("the chunk is held after both batches are done")
	}
	b := p.Batch()
	if v := w.Copy(b, []byte("three")); &v[0] != &chunk.Buf[0] {
		t.Error("free memory is not used again")
	}
}

func TestBatch_AfterAnErrorMemoryIsNotUsedAgain(t *testing.T) {
	p := NewPool(DefaultBudget)
	w := p.NewWriter()
	k := &keeper{}
	b := p.Batch()
	b.Recs = append(b.Recs, record.Raw{Value: w.Copy(b, []byte("kept"))})
	chunk := w.chunk
	var heard error
	if err := b.Emit(t.Context(), k.emit, func(err error) { heard = err }); err != nil {
		t.Fatal(err)
	}
	w.Close()
	bad := errors.New("refused after all")
	k.done[0](bad)
	if !errors.Is(heard, bad) {
		t.Errorf("heard %v", heard)
	}
	if !chunk.lost.Load() || p.Large() != 0 || p.InFlight() != 0 {
		t.Errorf("lost %v, large %d, in flight %d", chunk.lost.Load(), p.Large(), p.InFlight())
	}
	for range 10 {
		if p.Get(2, 0) == chunk {
			t.Fatal("the chunk is back in the pool")
		}
	}
}

func TestBatch_NotTaken(t *testing.T) {
	p := NewPool(DefaultBudget)
	w := p.NewWriter()
	b := p.Batch()
	b.Recs = append(b.Recs, record.Raw{Value: w.Copy(b, []byte("x"))})
	bad := errors.New("full")
	called := false
	err := b.Emit(t.Context(), func(context.Context, []record.Raw, func(error)) error { return bad }, func(error) { called = true })
	if !errors.Is(err, bad) || called || p.InFlight() != 0 || !w.chunk.alone() {
		t.Errorf("%v, called %v, in flight %d, alone %v", err, called, p.InFlight(), w.chunk.alone())
	}
}

func BenchmarkBatch(b *testing.B) {
	p := NewPool(DefaultBudget)
	w := p.NewWriter()
	value := make([]byte, 150)
	emit := func(_ context.Context, _ []record.Raw, done func(error)) error {
		done(nil)
		return nil
	}
	b.ReportAllocs()
	for b.Loop() {
		x := p.Batch()
		for range 256 {
			x.Recs = append(x.Recs, record.Raw{Value: w.Copy(x, value)})
		}
		if err := x.Emit(b.Context(), emit, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/256, "ns/record")
}
