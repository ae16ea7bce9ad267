package sources

import (
	"math"
	"math/bits"
	"time"
)

// gatherer adds up the events of a scan. It belongs to the goroutine that scans.
type gatherer struct {
	from, to time.Time
	zone     *time.Location
	by       map[string]*track
	left     int64
	// The hour of the last event in the zone: most events are of the same one, and a zone costs time to ask.
	hourAt  int64
	hourIs  int
	hourSet bool
}

// track is one source while it is counted: a few hundred bytes, whatever it sent.
type track struct {
	stored      int64
	first, last time.Time
	hours       [24]int64
	heard       []uint64 // a bit for each hour since the beginning
	skews       map[int16]int64
	skewed      int64
	worst       time.Duration
	ahead       int64
}

// add counts one event.
func (g *gatherer) add(e Event) {
	if e.Source == "" || e.Time.Before(g.from) || !e.Time.Before(g.to) {
		return
	}
	t := g.by[e.Source]
	if t == nil {
		if len(g.by) >= MaxSources {
			g.left++
			return
		}
		t = &track{first: e.Time, last: e.Time, heard: make([]uint64, int(g.to.Sub(g.from)/time.Hour)/64+1), skews: map[int16]int64{}}
		g.by[e.Source] = t
	}
	t.stored++
	if e.Time.Before(t.first) {
		t.first = e.Time
	}
	if e.Time.After(t.last) {
		t.last = e.Time
	}
	t.hours[g.hour(e.Time)]++
	i := int(e.Time.Sub(g.from) / time.Hour)
	t.heard[i/64] |= 1 << (i % 64)
	if e.Logged && !e.Created.IsZero() {
		t.skew(e.Created.Sub(e.Time))
	}
}

// hour is the hour of the day in the zone. Quarters of an hour decide: no zone changes within one.
func (g *gatherer) hour(t time.Time) int {
	if at := t.Unix() / 900; !g.hourSet || at != g.hourAt {
		g.hourAt, g.hourIs, g.hourSet = at, t.In(g.zone).Hour(), true
	}
	return g.hourIs
}

// skew counts by how much a time is off.
func (t *track) skew(d time.Duration) {
	t.skewed++
	t.skews[bucket(d)]++
	if abs(d) > abs(t.worst) {
		t.worst = d
	}
	if d < -AheadOf {
		t.ahead++
	}
}

// abs is never negative: the smallest span has no positive form.
func abs(d time.Duration) time.Duration {
	if d == math.MinInt64 {
		return math.MaxInt64
	}
	if d < 0 {
		return -d
	}
	return d
}

// bucket is the class of a span: its sign, and its size in milliseconds in steps of a sixteenth. A median from these is
// within 3.2 percent, and a month of any clock needs a few hundred of them at most.
func bucket(d time.Duration) int16 {
	ms := uint64(abs(d) / time.Millisecond)
	b := int16(ms)
	if ms >= 32 { // exact below
		shift := bits.Len64(ms) - 5
		b = int16(shift*16) + int16(ms>>shift) // 16 to 31 in each power of two
	}
	if d < 0 {
		return -b
	}
	return b
}

// middle is the span in the middle of a class.
func middle(b int16) time.Duration {
	sign := int64(1)
	if b < 0 {
		sign, b = -1, -b
	}
	if b < 32 {
		return time.Duration(sign*int64(b)) * time.Millisecond
	}
	shift := int(b)/16 - 1
	low := uint64(int(b)-shift*16) << shift
	ms := low + (uint64(1)<<shift)/2
	return time.Duration(sign*int64(min(ms, math.MaxInt64/uint64(time.Millisecond)))) * time.Millisecond
}

// median is the span that as many are below as above.
func (t *track) median() time.Duration {
	if t.skewed == 0 {
		return 0
	}
	low, high := int16(math.MaxInt16), int16(math.MinInt16)
	for b := range t.skews {
		low, high = min(low, b), max(high, b)
	}
	seen := int64(0)
	for b := low; ; b++ {
		if seen += t.skews[b]; seen*2 >= t.skewed || b == high {
			return middle(b)
		}
	}
}

// source is what is reported of it.
func (t *track) source(name string, from time.Time) Source {
	s := Source{Source: name, Stored: t.stored, First: t.first, Last: t.last, Hours: t.hours}
	s.Skew = Skew{Events: t.skewed, MedianMS: t.median().Milliseconds(), MaxMS: t.worst.Milliseconds(), Ahead: t.ahead}
	silent, since := 0, 0
	firstHour, lastHour := int(t.first.Sub(from)/time.Hour), int(t.last.Sub(from)/time.Hour)
	for i := firstHour; i <= lastHour; i++ {
		if t.heard[i/64]&(1<<(i%64)) == 0 {
			continue
		}
		s.HeardHours++
		if gap := i - since - 1; s.HeardHours > 1 && gap > silent {
			silent = gap
			s.SilentFrom = from.Add(time.Duration(since+1) * time.Hour)
		}
		since = i
	}
	s.SilentMS = (time.Duration(silent) * time.Hour).Milliseconds()
	return s
}
