package gen

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"weir/internal/record"
	"weir/internal/signal"
	"weir/rules"
)

// Fault is what a stream suffers on its way.
type Fault struct {
	Name string
	// Signals come up to Lateness after their turn.
	Late bool
	// Some come twice.
	Twice bool
	// A dataset has a clock that is days ahead.
	Future bool
	// A partition of the source has nothing to say, and another falls silent half-way.
	Idle bool
	// Several workers write, each as far behind as it likes.
	Workers bool
	// What reads the signals stops, in order or not, and goes on from its snapshot.
	Restored bool
	// The rules are loaded anew, with others beside the one at hand.
	Reloaded bool
	// Several engines share the signals.
	Split bool
}

// Faults returns all of them, with none first and all at once last.
func Faults() []Fault {
	return []Fault{
		{Name: "in order"},
		{Name: "late", Late: true},
		{Name: "twice", Twice: true},
		{Name: "future", Future: true},
		{Name: "idle", Idle: true},
		{Name: "workers", Workers: true},
		{Name: "restored", Restored: true},
		{Name: "reloaded", Reloaded: true},
		{Name: "split", Split: true},
		{Name: "all at once", Late: true, Twice: true, Future: true, Idle: true, Workers: true, Restored: true, Reloaded: true, Split: true},
	}
}

// Lateness is how late a signal of a dataset may be: of Slow, SlowLateness.
const (
	Lateness     = 15 * time.Second
	SlowLateness = 40 * time.Second
	Slow         = "slow"
)

// Base is the time at which streams begin.
var Base = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

// Arrival is a signal with its place in the records of the worker that wrote it.
type Arrival struct {
	*signal.Signal
	// Pos is what the worker derived it from, unique and ascending for each worker.
	Pos record.Pos
	// Written is when it was written: a mark is not believed that is far beyond that.
	Written time.Time
}

// stream makes one stream.
type stream struct {
	rnd     *rand.Rand
	rule    *rules.Rule
	fault   Fault
	sources []*source
	out     []Arrival
	now     time.Time // when what comes next is written
	seq     int
}

// source is a worker of normalise and its partition.
type source struct {
	number   int32
	datasets []string
	behind   time.Duration // how long after their time its signals come
	silent   time.Time     // says nothing after this, if set
	newest   map[string]time.Time
	offset   int64
}

// Arrivals are a stream in the order in which it arrives.
type Arrivals []Arrival

// Signals returns the signals alone.
func (list Arrivals) Signals() []*signal.Signal {
	out := make([]*signal.Signal, len(list))
	for i := range list {
		out[i] = list[i].Signal
	}
	return out
}

// Stream makes n events that the rule's conditions match, and returns what workers write of them to weir.signals, in the
// order in which it arrives there, marks and all. The last marks say that nothing more will come.
func Stream(rnd *rand.Rand, r *rules.Rule, f Fault, n int) Arrivals {
	s := &stream{rnd: rnd, rule: r, fault: f, now: Base}
	s.makeSources()
	span := time.Duration(n/8+rnd.IntN(1+n*3)) * time.Second
	type due struct {
		src *source
		ev  []signal.Signal
		at  time.Time
	}
	var list []due
	for range n {
		src := s.sources[rnd.IntN(len(s.sources))]
		if f.Idle && src.number == 0 {
			src = s.sources[len(s.sources)-1] // the first one has nothing to say
		}
		at := Base.Add(time.Duration(rnd.Int64N(int64(span/time.Second)+1)) * time.Second) // whole seconds: many are equal
		if rnd.IntN(4) == 0 {
			at = at.Add(time.Duration(rnd.Int64N(1e9)))
		}
		if !src.silent.IsZero() && at.After(src.silent) {
			at = src.silent
		}
		ev, lateness := s.event(src, at)
		d := due{src: src, ev: ev, at: at.Add(src.behind)}
		if f.Late {
			d.at = d.at.Add(time.Duration(rnd.Int64N(int64(lateness))))
		}
		list = append(list, d)
		if f.Twice && rnd.IntN(6) == 0 {
			d.at = at.Add(src.behind)
			if f.Late {
				d.at = d.at.Add(time.Duration(rnd.Int64N(int64(lateness))))
			}
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b due) int { return a.at.Compare(b.at) })
	for _, src := range s.sources {
		for _, ds := range src.datasets {
			s.mark(src, signal.Watermark, ds, Base.Add(-time.Second))
		}
	}
	for _, d := range list {
		s.now = d.at
		for i := range d.ev {
			s.put(d.src, &d.ev[i], int32(i))
			d.src.see(&d.ev[i])
		}
		d.src.offset++
		s.marks(d.src, d.at)
	}
	s.end()
	return s.out
}

// makeSources makes one worker, or several that run as far behind as they like.
func (s *stream) makeSources() {
	n := 1
	if s.fault.Workers || s.fault.Idle {
		n = 3
	}
	for i := range n {
		src := &source{number: int32(i), datasets: []string{"sshd", Slow}, newest: map[string]time.Time{}, offset: 100}
		if s.fault.Future && i == n-1 {
			src.datasets = append(src.datasets, "ahead")
		}
		if s.fault.Workers {
			src.behind = time.Duration(s.rnd.IntN(90)) * time.Second
		}
		if s.fault.Idle && i == 1 {
			src.silent = Base.Add(20 * time.Second)
		}
		s.sources = append(s.sources, src)
	}
}

// event makes the matches of one event: of one condition, or of several.
func (s *stream) event(src *source, at time.Time) (out []signal.Signal, lateness time.Duration) {
	rnd := s.rnd
	ds := src.datasets[rnd.IntN(len(src.datasets))]
	lateness = Lateness
	if ds == Slow {
		lateness = SlowLateness
	}
	if ds == "ahead" {
		at = at.Add(3 * 24 * time.Hour)
	}
	s.seq++
	base := signal.Signal{Kind: signal.Match, Rule: s.rule.ID, Hash: s.rule.Hash, Time: at, Dataset: ds,
		EventID: fmt.Sprintf("%s/1/%d", []string{"k3v9q1xw", "m2b7c4df"}[rnd.IntN(2)], s.seq)}
	if rnd.IntN(5) == 0 {
		base.EventID = fmt.Sprintf("bucket/key-%d/%d/x", rnd.IntN(3), s.seq) // of an object, as no front door names it
	}
	fields := map[string]string{
		fieldIP:   fmt.Sprintf("203.0.113.%d", rnd.IntN(2)),
		fieldPeer: fmt.Sprintf("203.0.113.%d", rnd.IntN(2)),
		fieldUser: fmt.Sprintf("user%d", rnd.IntN(2)),
	}
	if rnd.IntN(10) > 0 {
		fields[fieldHost] = fmt.Sprintf("host-%d", rnd.IntN(4))
	}
	if rnd.IntN(10) > 0 {
		fields[fieldBytes] = fmt.Sprint(float64(rnd.IntN(80)-8) / 4)
	}
	if rnd.IntN(20) == 0 {
		fields[fieldBytes] = []string{"n/a", "NaN", "1e400", " 7", "+Inf"}[rnd.IntN(5)]
	}
	first := rnd.IntN(len(s.rule.When))
	for i, c := range s.rule.When {
		if i == first || rnd.IntN(8) == 0 {
			out = append(out, s.match(base, c.Name, fields))
		}
	}
	return out, lateness
}

// match makes the match of one condition as detect does: it groups by what the condition's own correlation groups by, and
// shows the fields and what the names stand for.
func (s *stream) match(base signal.Signal, when string, fields map[string]string) signal.Signal {
	base.When = when
	base.Values = maps.Clone(fields)
	by := s.rule.Fold.By
	c := owner(s.rule.Correlate, when)
	if c != nil {
		by = c.By
	}
	for _, name := range by {
		field := name
		if c != nil && c.Alias[name][when] != "" {
			field = c.Alias[name][when]
			base.Values[name] = fields[field]
		}
		base.Group = append(base.Group, fields[field])
	}
	return base
}

// owner returns the correlation that a condition belongs to.
func owner(c *rules.Correlate, when string) *rules.Correlate {
	if c == nil {
		return nil
	}
	for _, in := range c.Inner {
		if found := owner(in, when); found != nil {
			return found
		}
	}
	if slices.ContainsFunc(c.Steps, func(st rules.Step) bool { return st.When == when }) {
		return c
	}
	return nil
}

// see takes note of how far a dataset has been read.
func (src *source) see(m *signal.Signal) {
	if m.Time.After(src.newest[m.Dataset]) {
		src.newest[m.Dataset] = m.Time
	}
}

// put writes a record. The number 0 of an offset is left for a mark of the rule set, as a worker of normalise leaves it.
func (s *stream) put(src *source, m *signal.Signal, sub int32) {
	pos := record.Pos{Topic: "weir.raw.syslog", Partition: src.number, Offset: src.offset, Sub: sub + 1}
	own := *m
	if own.Src == "" {
		own.Src = record.Pos{Topic: pos.Topic, Partition: pos.Partition, Offset: pos.Offset}.String()
		m.Src = own.Src // of a copy it is the same
	}
	s.out = append(s.out, Arrival{Signal: &own, Pos: pos, Written: s.now})
}

func (s *stream) mark(src *source, k signal.Kind, ds string, at time.Time) {
	src.offset++
	s.put(src, &signal.Signal{Kind: k, Dataset: ds, Time: at}, 0)
	src.offset++
}

// marks says, sometimes, how far a worker has read; the others may be idle meanwhile.
func (s *stream) marks(src *source, now time.Time) {
	for _, ds := range src.datasets {
		if t := src.newest[ds]; !t.IsZero() && s.rnd.IntN(3) == 0 {
			s.mark(src, signal.Watermark, ds, t)
		}
	}
	for _, other := range s.sources {
		quiet := s.fault.Idle && (other.number == 0 || !other.silent.IsZero() && now.After(other.silent.Add(other.behind+SlowLateness)))
		if quiet && s.rnd.IntN(5) == 0 {
			s.mark(other, signal.Idle, other.datasets[0], now.Add(-other.behind))
		}
	}
}

// end says of all workers, weeks later, that nothing came any more.
func (s *stream) end() {
	for weeks := range 2 {
		s.now = Base.Add(time.Duration(8+weeks) * 7 * 24 * time.Hour)
		for _, src := range s.sources {
			s.mark(src, signal.Idle, src.datasets[0], s.now)
		}
	}
}
