package correlate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
)

// An engine that is written and read back at any moment gives the same revisions, byte for byte, as one that never was;
// also when groups are evicted all the time.
func TestSnapshot_atRandom(t *testing.T) {
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		opts := Options{Lateness: 2 * time.Second, MaxGroups: 1 + rnd.IntN(6)} // less than the disorder: some come too late
		in := mixed(seed, 80)
		run := func(cuts bool) []string {
			en := New(opts)
			en.SetRules(testRules())
			var out []string
			for _, s := range in {
				if cuts && rnd.IntN(20) == 0 {
					en = copyOf(t, en, opts)
				}
				if err := en.Apply(s, func(a *alert.Alert) {
					b, _ := json.Marshal(a)
					out = append(out, string(b))
				}); err != nil {
					t.Fatal(err)
				}
			}
			return out
		}
		want, got := run(false), run(true)
		if !slices.Equal(want, got) {
			t.Fatalf("seed %d: %d revisions, want %d", seed, len(got), len(want))
		}
		if len(want) < 50 {
			t.Errorf("seed %d: only %d revisions", seed, len(want))
		}
	}
}

func copyOf(t testing.TB, en *Engine, opts Options) *Engine {
	t.Helper()
	var b, again bytes.Buffer
	if err := en.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	next := New(opts)
	next.SetRules(testRules())
	if err := next.Restore(bytes.NewReader(b.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := next.Snapshot(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Fatalf("a restored state is written as other bytes: %d and %d, %v", b.Len(), again.Len(), err)
	}
	return next
}

func BenchmarkSnapshot(b *testing.B) {
	r := counting(10, time.Minute, time.Hour)
	en := engine(r)
	for i := range 50_000 {
		if err := en.Apply(at(r, i/50, "event", fmt.Sprint(i), fmt.Sprintf("10.0.%d.%d", i/250, i%250)), func(*alert.Alert) {}); err != nil {
			b.Fatal(err)
		}
	}
	_ = en.Apply(&signal.Signal{Kind: signal.Idle}, func(*alert.Alert) {})
	b.ReportAllocs()
	for b.Loop() {
		var size counting64
		if err := en.Snapshot(&size); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(size))
	}
}

type counting64 int64

func (c *counting64) Write(b []byte) (int, error) { *c += counting64(len(b)); return len(b), nil }
