package app

import (
	"log/slog"
	"testing"

	"weir/internal/ledger"
)

// TestTotalsAdd: what was there before a run is none of its doing.
func TestTotalsAdd(t *testing.T) {
	var got Totals
	got.add([]ledger.Row{
		{Received: 100, Split: 1, Stored: 90, Duplicate: 2, Dead: 3, Refused: 4, Filtered: 1, InFlight: 1}, {Received: 10, Stored: 10},
	}, 1)
	got.add([]ledger.Row{{Received: 60, Stored: 55, Dead: 2, Refused: 3}}, -1)
	want := Totals{Received: 50, Split: 1, Stored: 45, Duplicate: 2, Dead: 1, Refused: 1, Filtered: 1, InFlight: 1}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }
