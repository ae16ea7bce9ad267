package app

import (
	"testing"

	"weir/internal/ledger"
	"weir/internal/record"
)

// TestPublishCounts_NothingAfterTheLast: whoever asks a process for its counts while it ends gets none that would be
// taken for those of a process that was killed.
func TestPublishCounts_NothingAfterTheLast(t *testing.T) {
	// Without a producer: any attempt to write would panic.
	a := &App{book: ledger.NewBook(record.Ing{Ingester: "a", Start: 1}, 10)}
	a.counted.clean = true
	if err := a.publishCounts(t.Context(), false); err != nil {
		t.Error(err)
	}
}
