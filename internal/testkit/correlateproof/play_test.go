package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors/correlate/oracle"
	"weir/processors/correlate/oracle/gen"
)

func TestMemory(t *testing.T) {
	m := &memory{}
	if all, err := m.Load(t.Context(), 0); err != nil || len(all) > 0 {
		t.Errorf("at first there is %d, %v", len(all), err)
	}
	put := func(text string) error {
		return m.Store(t.Context(), 0, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
	}
	if err := put("one"); err != nil {
		t.Fatal(err)
	}
	m.kill(true)
	if err := put("two"); !errors.Is(err, errKilled) {
		t.Errorf("who was killed writes: %v", err)
	}
	m.kill(false)
	if err := m.Store(t.Context(), 0, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return io.ErrShortWrite }); err == nil {
		t.Error("half a snapshot is one")
	}
	all, err := m.Load(t.Context(), 0)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d, %v", len(all), err)
	}
	r, err := all[0]()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != "one" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestRecords: every match is on one partition, every mark on all, and what comes twice has the position of the first.
func TestRecords(t *testing.T) {
	for _, f := range gen.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 1))
			r := gen.Rule(rnd, gen.Forms()[1])
			in := gen.Stream(rnd, r, f, 80)
			parts, err := records(rnd, r, f, in)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: engines, false: 1}[f.Split]; len(parts) != want {
				t.Fatalf("%d partitions", len(parts))
			}
			matches, marks, again := map[string]int{}, 0, 0
			for _, list := range parts {
				seen := map[string]bool{}
				for i, rec := range list {
					if rec.Offset != int64(i) || i > 0 && rec.Timestamp.Before(list[i-1].Timestamp) {
						t.Fatalf("record %d has the offset %d", i, rec.Offset)
					}
					var s signal.Signal
					if err := signal.Decode(rec.Value, &s); err != nil {
						t.Fatal(err)
					}
					at := slices.IndexFunc(rec.Headers, func(h kgo.RecordHeader) bool { return h.Key == record.HeaderSource })
					src := string(rec.Headers[at].Value)
					switch {
					case seen[src]:
						again++
					case s.Kind == signal.Match:
						matches[src]++
					case s.Kind != signal.Ruleset:
						marks++
					}
					seen[src] = true
				}
			}
			wantMatches, wantMarks := 0, 0
			for _, a := range in {
				if a.Kind == signal.Match {
					wantMatches++
				} else {
					wantMarks += len(parts)
				}
			}
			if len(matches) != wantMatches || marks != wantMarks || (again > 0) != f.Twice {
				t.Errorf("%d matches of %d, %d marks of %d, %d records again", len(matches), wantMatches, marks, wantMarks, again)
			}
			for src, n := range matches {
				if n != 1 {
					t.Errorf("%s is on %d partitions", src, n)
				}
			}
		})
	}
}

// TestPlay: what workers say is what the oracle is asked about; one hit more or less is noticed.
func TestPlay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	r := gen.Rule(rnd, gen.Forms()[0])
	in := gen.Stream(rnd, r, gen.Fault{}, 60)
	got, err := play(t.Context(), rnd, r, gen.Fault{}, in)
	if err != nil {
		t.Fatal(err)
	}
	want := oracle.Alerts(r, in.Signals())
	if n, err := oracle.Compare(r, got, want); err != nil || n == 0 {
		t.Fatalf("%d alerts, %v", n, err)
	}
	if _, err := oracle.Compare(r, got, oracle.Alerts(r, in.Signals()[3:])); err == nil {
		t.Error("an event less is not noticed")
	}
	if text := shown(r, in); !strings.Contains(text, in[0].Pos.String()) || !strings.Contains(text, in[len(in)-1].Pos.String()) {
		t.Error("the stream is not shown")
	}
}
