package cursor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"weir/internal/state"
)

// memory is a store that a test can end in the middle of a save.
type memory struct {
	values map[string][]byte
	// How many more changes are written before the machine stops; negative: it does not.
	left int
	err  error
}

func (m *memory) Load(context.Context) (map[string][]byte, error) { return maps.Clone(m.values), m.err }
func (m *memory) Close()                                          {}

func (m *memory) Save(_ context.Context, changes []state.Change, done func(error)) {
	for _, c := range changes {
		if m.left == 0 {
			done(errors.New("the machine stopped"))
			return
		}
		m.left--
		if c.Value == nil {
			delete(m.values, c.Key)
		} else {
			m.values[c.Key] = c.Value
		}
	}
	done(nil)
}

// rec is a record of the raw log; its offset is its index.
type rec struct {
	key  string
	line int64
	at   time.Time
}

var begin = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// replayable makes a log in which objects come in pieces, mixed, and again, whole or in part, now or weeks later.
func replayable(rnd *rand.Rand, n int) []rec {
	type obj struct{ next, size int64 }
	objects := map[string]*obj{}
	var log []rec
	now := begin
	for len(log) < n {
		key := fmt.Sprint("o", rnd.IntN(12))
		o := objects[key]
		if o == nil {
			o = &obj{size: int64(1 + rnd.IntN(40))}
			objects[key] = o
		}
		for range 1 + rnd.IntN(8) {
			if o.next == o.size || rnd.IntN(30) == 0 { // delivered again from its beginning
				o.next = 0
				if rnd.IntN(4) == 0 {
					o.size += int64(rnd.IntN(20)) // a file that grows
				}
			}
			log = append(log, rec{key, o.next, now})
			o.next++
			now = now.Add(time.Duration(rnd.IntN(3000)) * time.Millisecond)
		}
		if rnd.IntN(60) == 0 {
			now = now.Add(time.Duration(rnd.IntN(20*24)) * time.Hour)
		}
	}
	return log[:n]
}

// oracle says of each record of a log whether it is fresh, from the whole log before it and nothing else.
func oracle(log []rec) []bool {
	out := make([]bool, len(log))
	for x, r := range log {
		high, seen := int64(-1), time.Time{}
		for _, e := range log[:x] {
			if e.key != r.key {
				continue
			}
			if !seen.IsZero() && e.at.Sub(seen) > Idle {
				high = -1
			}
			high, seen = max(high, e.line), e.at
		}
		if !seen.IsZero() && r.at.Sub(seen) > Idle {
			high = -1
		}
		out[x] = r.line > high
	}
	return out
}

// TestCursors_CrashesAtRandom runs workers over such a log that crash at random: before a checkpoint, in the middle of
// writing it, after it and before its commit, with a commit between two checkpoints, with commits that lag. Each decision
// that any of them makes is the one that follows from the log alone.
func TestCursors_CrashesAtRandom(t *testing.T) {
	decisions, crashes, dups := 0, 0, 0
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		log := replayable(rnd, 700)
		want := oracle(log)
		store, stats := &memory{values: map[string][]byte{}, left: -1}, &Stats{}
		commits := []int64{0} // all that were ever committed; a start is one of the last
		for at := int64(0); at < int64(len(log)); {
			store.left = -1
			c, err := Open(t.Context(), store, at, stats, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			for x := max(0, at-int64(c.Behind())); x < at; x++ {
				c.Fresh(log[x].key, log[x].line, log[x].at)
			}
			crashed := false
			for next := at; next < int64(len(log)) && !crashed; {
				var marks []Mark
				var ends []int64 // of the batches of one checkpoint
				for range 1 + rnd.IntN(4) {
					for to := min(int64(len(log)), next+1+int64(rnd.IntN(30))); next < to; next++ {
						r := log[next]
						if got := c.Fresh(r.key, r.line, r.at); got != want[next] {
							t.Fatalf("seed %d: a worker that began at %d says %v of offset %d, object %s line %d", seed, at, got, next, r.key, r.line)
						}
						decisions++
						if !want[next] {
							dups++
						}
					}
					marks = append(marks, c.Take()...)
					ends = append(ends, next)
				}
				switch rnd.IntN(8) {
				case 0: // before the checkpoint
					crashed = true
					continue
				case 1: // in the middle of it
					store.left, crashed = rnd.IntN(6), true
				}
				durable := false
				c.Save(t.Context(), next, marks, func(err error) { durable = err == nil })
				if !durable {
					crashed = true
					continue
				}
				switch rnd.IntN(6) {
				case 0: // the commit is lost
					crashed = true
				case 1: // it fell between two boundaries
					commits = append(commits, ends[rnd.IntN(len(ends))])
					crashed = true
				case 2: // it comes later, or never
				default:
					commits = append(commits, next)
				}
			}
			c.Close()
			if crashed {
				crashes++
			}
			at = commits[len(commits)-1]
			if !crashed {
				break
			}
		}
		if n := stats.Objects.Load(); n != 0 {
			t.Errorf("seed %d: %d objects are counted after the last worker ended", seed, n)
		}
	}
	if crashes < 1000 || dups < decisions/10 {
		t.Errorf("only %d crashes, %d copies in %d decisions", crashes, dups, decisions)
	}
}
