package main

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/processors/correlate"
	"weir/rules"
)

// speed is what one workload came to.
type speed struct {
	Name    string
	Decoded float64 // signals a second where they are at hand
	Encoded float64 // signals a second from their bytes on
	Bytes   int     // of a signal
	Alerts  int
}

// chunk is how many signals are made at a time: only what an engine does with them is timed.
const chunk = 20_000

// measure runs a workload twice, each time from an empty engine through a warm-up of no more than a round, and takes the median of rounds.
func measure(w workload, rounds, perRound int) (speed, error) {
	out := speed{Name: w.name}
	for _, encoded := range []bool{false, true} {
		st, en := newStream(w), newEngine(w.rule)
		if err := pump(st, en, min(w.warm, perRound), encoded, nil, &out); err != nil {
			return out, err
		}
		var rates []float64
		for range rounds {
			var took time.Duration
			if err := pump(st, en, perRound, encoded, &took, &out); err != nil {
				return out, err
			}
			rates = append(rates, float64(perRound)/took.Seconds())
		}
		slices.Sort(rates)
		if encoded {
			out.Encoded = rates[len(rates)/2]
		} else {
			out.Decoded = rates[len(rates)/2]
		}
	}
	return out, nil
}

func newEngine(r *rules.Rule) *correlate.Engine {
	en := correlate.New(correlate.Options{MaxGroups: 2_000_000, MaxBytes: 8 << 30, Lateness: 5 * time.Second})
	en.SetRules([]*rules.Rule{r})
	return en
}

// spent is the CPU time of the process so far, with that of the collector of garbage: what else the machine does must not
// count.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail for the process itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// apply gives some signals to an engine as a worker does.
func apply(en *correlate.Engine, part []signal.Signal, emit func(*alert.Alert)) error {
	en.Ahead(part)
	for i := range part {
		if err := en.Apply(&part[i], emit); err != nil {
			return err
		}
	}
	return nil
}

// pump gives n signals to an engine. took gets the time that the engine had: with the reading of the records if encoded, else
// they are read before.
func pump(st *stream, en *correlate.Engine, n int, encoded bool, took *time.Duration, out *speed) error {
	emit := func(*alert.Alert) { out.Alerts++ }
	var arena []byte
	list := make([]signal.Signal, chunk)
	ends := make([]int, 0, chunk)
	var decs [correlate.Lookahead]signal.Decoder
	for done := 0; done < n; done += chunk {
		arena, ends = arena[:0], ends[:0]
		for range min(chunk, n-done) {
			var err error
			if arena, err = signal.AppendTo(arena, st.next()); err != nil {
				return err
			}
			ends = append(ends, len(arena))
		}
		began, from := spent(), 0
		for i := 0; i < len(ends); i += correlate.Lookahead {
			part := list[i:min(i+correlate.Lookahead, len(ends))]
			for k := range part {
				if err := decs[k].Decode(arena[from:ends[i+k]], &part[k]); err != nil {
					return err
				}
				from = ends[i+k]
			}
			if !encoded {
				continue
			}
			if err := apply(en, part, emit); err != nil {
				return err
			}
		}
		if !encoded {
			began = spent()
			for part := range slices.Chunk(list[:len(ends)], correlate.Lookahead) {
				if err := apply(en, part, emit); err != nil {
					return err
				}
			}
		} else {
			out.Bytes = len(arena) / len(ends)
		}
		if took != nil {
			*took += spent() - began
		}
	}
	if late := en.Stats().Late; late > 0 {
		return fmt.Errorf("%d signals of %s were late: the stream is wrong", late, st.w.name)
	}
	return nil
}
