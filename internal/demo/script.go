package demo

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// Total is the number of lines in the minute: 214 a second on average.
const Total = 214 * 60

// Attacker is the one address from which the attack comes; nobody else uses it.
const Attacker = "203.0.113.5"

// Length is how long the script lasts.
const Length = time.Minute

// Line is one record of the script.
type Line struct {
	At   time.Duration // since the start
	Host string        // the name in the record's header
	Text string        // the whole record, without framing
}

// Script returns the minute in the order of time, stamped from start on in the zone of start.
func Script(start time.Time, seed uint64) []Line { return script(start, 1, seed) }

// script is Script with stamps that run speed times slower than the script's own clock, for lines that are sent that
// much faster.
func script(start time.Time, speed float64, seed uint64) []Line {
	b := &builder{start: start, speed: speed, rand: rand.New(rand.NewPCG(seed, 0x77656972))}
	attack(b)
	configChange(b)
	b.limit = Total
	for len(b.lines) < Total {
		ordinary(b)
	}
	slices.SortStableFunc(b.lines, func(x, y Line) int { return cmp.Compare(x.At, y.At) })
	return b.lines
}

// builder collects lines in any order. It is used by one goroutine.
type builder struct {
	start time.Time
	speed float64
	rand  *rand.Rand
	lines []Line
	limit int // no more lines than this; 0: no limit
}

// add writes one record of a host. What would come after the end of the minute is left out, as a recording would.
func (b *builder) add(at time.Duration, h host, severity int, program string, pid int, text string) {
	if at >= Length || b.limit > 0 && len(b.lines) >= b.limit {
		return
	}
	stamp := b.start.Add(time.Duration(float64(at) / b.speed))
	b.lines = append(b.lines, Line{At: at, Host: h.name, Text: h.record(stamp, severity, program, pid, text)})
}

// some returns a number from lo to hi, both included.
func (b *builder) some(lo, hi int) int { return lo + b.rand.IntN(hi-lo+1) }

// moment returns a time span from lo to hi milliseconds.
func (b *builder) moment(lo, hi int) time.Duration {
	return time.Duration(b.some(lo, hi)) * time.Millisecond
}

// pick returns one of the choices.
func pick[T any](b *builder, choices []T) T { return choices[b.rand.IntN(len(choices))] }

// pid returns a process id that grows with time, as a host's do.
func (b *builder) pid(at time.Duration) int {
	return 2100 + int(at/(8*time.Millisecond)) + b.some(0, 3)
}
