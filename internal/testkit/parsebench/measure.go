package main

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/processors/parse/header"
)

// result is what one event costs.
type result struct {
	ns, allocs, bytes float64 // medians
	best              float64 // the quickest run, in nanoseconds: what the machine does when nobody else uses it
	look              float64 // of recognition alone, in nanoseconds
}

// runs is how often a measurement is made; the median counts.
const runs = 7

// measure reads a record again and again, for about d each time, on one core.
func measure(set *format.Set, s sample, d time.Duration) (result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p, err := parse.New(parse.Options{DefaultZone: time.UTC, Formats: set, History: true})
	if err != nil {
		return result{}, err
	}
	raw := record.Raw{Value: []byte(s.raw), Received: s.test.At, Input: "syslog", Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "udp"}
	if s.test.Input != "" {
		raw.Input = s.test.Input
	}
	doc := event.Value{}
	if s.test.Raw == "" {
		doc = s.test.Doc
	}
	var e event.Event
	var out []byte
	emit := func(e *event.Event) error { out = e.AppendJSON(out[:0]); return nil }
	one := func() error { return p.ParseDocument(s.format.Name(), doc, &raw, &e, emit) }
	r, err := timed(one, d)
	if err != nil {
		return r, err
	}
	if len(out) == 0 {
		return r, fmt.Errorf("no event comes of %q", s.raw)
	}
	look := lookOf(s.raw, raw.Input)
	found, err := timed(func() error { set.Recognise(look); return nil }, d/4)
	r.look = found.ns
	return r, err
}

// lookOf makes what recognition sees of a record.
func lookOf(raw, input string) *format.Look {
	h := new(header.Header)
	header.Read(raw, h)
	program := h.Program[strings.LastIndexByte(h.Program, '/')+1:]
	return &format.Look{Input: input, Line: raw, Head: h, Program: program}
}

// used is the CPU time of this process so far: others who use the machine do not count, the collector does.
func used() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("asking for the time of the process: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// timed calls fn until it has used about d, several times, and returns the medians of one call.
func timed(fn func() error, d time.Duration) (result, error) {
	var ns, allocs, bytes []float64
	n := 1
	for range runs {
		for {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start, err := used()
			if err != nil {
				return result{}, err
			}
			for range n {
				if err := fn(); err != nil {
					return result{}, err
				}
			}
			end, err := used()
			if err != nil {
				return result{}, err
			}
			took := end - start
			runtime.ReadMemStats(&after)
			if took < d/2 {
				n = max(n*2, int(float64(n)*float64(d)/float64(took+1)*0.8))
				continue
			}
			ns = append(ns, float64(took)/float64(n))
			allocs = append(allocs, float64(after.Mallocs-before.Mallocs)/float64(n))
			bytes = append(bytes, float64(after.TotalAlloc-before.TotalAlloc)/float64(n))
			break
		}
	}
	return result{ns: median(ns), best: slices.Min(ns), allocs: median(allocs), bytes: median(bytes)}, nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
