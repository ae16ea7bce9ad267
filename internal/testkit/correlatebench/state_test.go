package main

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"weir/processors/correlate/keep"
)

func TestWatched(t *testing.T) {
	w := &watched{Snapshots: keep.Folder(t.TempDir())}
	err := w.Store(t.Context(), 0, func(to io.Writer) error {
		if !w.writing.Load() {
			t.Error("it does not know that it writes")
		}
		_, err := to.Write(bytes.Repeat([]byte{1}, 1000))
		return err
	})
	if err != nil || w.writing.Load() || w.saves.Load() != 1 || w.size.Load() != 1000 {
		t.Errorf("%v: %d snapshots of %d bytes", err, w.saves.Load(), w.size.Load())
	}
}

func TestMeasureState(t *testing.T) {
	s, err := measureState(context.Background(), t.TempDir(), 3000, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if s.Heap == 0 || s.RSS == 0 || s.Size == 0 || s.Saved == 0 || s.Restart == 0 || s.Batches+1 < 1 {
		t.Errorf("%+v", s)
	}
}
