package roll

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"weir/internal/ledger"
	"weir/internal/record"
)

// process is one with what it published and whose counts it was asked for.
type process struct {
	Roll
	words   []*ledger.Record
	counted []string
	silent  int // how often somebody is still missing
	err     error
}

func started(stages ...string) *process {
	p := &process{}
	p.Roll = Roll{Self: record.Ing{Ingester: "a", Start: 3}, Stages: stages, Interval: time.Second, Log: slog.New(slog.DiscardHandler),
		Publish: func(_ context.Context, r *ledger.Record) error { p.words = append(p.words, r); return p.err },
		Counts:  func(_ context.Context, s string) error { p.counted = append(p.counted, s); return p.err },
		Missing: func(string, []string, time.Time, time.Duration) []string {
			if p.silent--; p.silent < 0 {
				return []string{ledger.StartKey("a", 3)} // it does not wait for itself
			}
			return []string{"b/1"}
		}}
	return p
}

// TestHear: a question of somebody else about a stage that is here gets the counts and then the answer; all else nothing.
func TestHear(t *testing.T) {
	for _, tt := range []struct {
		name    string
		rec     ledger.Record
		counted []string
	}{
		{"about a stage that is here", ledger.Record{Hop: ledger.HopAsk, Instance: "b", Start: 1, ID: "q", Stages: []string{"archive"}}, []string{"archive"}},
		{"about one that is elsewhere", ledger.Record{Hop: ledger.HopAsk, Instance: "b", Start: 1, ID: "q", Stages: []string{"elastic"}}, nil},
		{"its own", ledger.Record{Hop: ledger.HopAsk, Instance: "a", Start: 3, ID: "q", Stages: []string{"archive"}}, nil},
		{"of its start before", ledger.Record{Hop: ledger.HopAsk, Instance: "a", Start: 2, ID: "q", Stages: []string{"archive"}}, []string{"archive"}},
		{"no question", ledger.Record{Hop: ledger.HopHere, Instance: "b"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := started("archive", Door)
			b, err := json.Marshal(tt.rec)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.hear(t.Context(), b); err != nil || !slices.Equal(p.counted, tt.counted) {
				t.Errorf("%v, counted %v", err, p.counted)
			}
			if answered := len(p.words) == 1 && p.words[0].Hop == ledger.HopAnswer && p.words[0].ID == "q"; answered != (tt.counted != nil) {
				t.Errorf("%d words", len(p.words))
			}
		})
	}
	p := started("archive")
	if err := p.hear(t.Context(), []byte("no json")); err != nil || p.words != nil {
		t.Errorf("%v", err)
	}
}

// TestAsk: it waits until everybody else has answered, and goes on without one that never does.
func TestAsk(t *testing.T) {
	p := started()
	p.silent = 3
	if err := p.Ask(t.Context(), "normalise"); err != nil || p.silent != -1 {
		t.Errorf("%v, %d", err, p.silent)
	}
	if len(p.words) != 1 || p.words[0].Hop != ledger.HopAsk || p.words[0].ID != "a/3/1" || !slices.Equal(p.words[0].Stages, []string{"normalise"}) {
		t.Errorf("%+v", p.words)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	p.silent = 1 << 30
	if err := p.Ask(ctx, "normalise"); err != nil {
		t.Error(err)
	}
	p.err = errors.New("away")
	if err := p.Ask(t.Context(), "normalise"); !errors.Is(err, p.err) {
		t.Error(err)
	}
}

// TestAlone: a process with an embedded broker asks nobody and says nothing.
func TestAlone(t *testing.T) {
	p := started("archive")
	p.Interval = 0
	if err := errors.Join(p.Ask(t.Context(), "archive"), p.Here(t.Context())); err != nil || p.words != nil || p.Lively() != 0 {
		t.Errorf("%v, %v", err, p.words)
	}
}
