// Package rhythm learns when each source speaks, by hour and weekday of its own time zone, and says when one is silent for
// longer than that explains.
//
// # What is learned
//
// Time is cut into the steps in which counts come (ten seconds). Of each of the 168 hours of a week a source keeps in
// which share of the steps it spoke, over about the last month; a thousand records in one step are one word, so a burst
// weighs no more than a single record. The pause that a source makes is measured twice: as time, and as the number of
// words that were to be expected meanwhile ("missed"). At night, or on a Sunday, nothing is missed by a printer.
//
// What a pause may come to is learned too, from the longest one of each day: those follow a Gumbel distribution for any
// source whose pauses are not wilder than exponential, regular, Poisson or in bursts alike, and its spread says how far
// beyond the usual one a pause may go (see limits).
//
// # What is no silence
//
// Time in which nobody looked: before a start, or while the machine slept. A source that would have been likely to speak in
// it begins its pause anew; one that speaks once a night does not. Sources that are ephemeral never fall silent, and
// a source has to be known for a day, and to have spoken in five different hours, before it can.
//
// When most sources that should be heard are silent, that is said once and not of each (see mass.go).
package rhythm

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Heard is what is known of one source at a moment.
type Heard struct {
	Source string // as the ledger calls it: input/address
	Count  int64  // records received in all
	Last   time.Time
}

// Presence is what the inventory says of a source.
type Presence uint8

// The presences.
const (
	Unknown   Presence = iota
	Expected           // its silence is an alarm, however little is known of its rhythm
	Ephemeral          // it comes and goes
)

// Options are how silence is judged. Functions are called by Observe, while it holds its lock.
type Options struct {
	// After is the least silence that is ever said.
	After time.Duration
	// Every is how often Observe is called.
	Every time.Duration
	// Zone is where a source keeps its hours; nil, or an answer of nil: time.Local.
	Zone func(source string) *time.Location
	// Presence is what the inventory says of a source; nil: nothing.
	Presence func(source string) Presence
	// QuietDay tells whether a day (as 2026-12-25) is like a Sunday; nil: none is.
	QuietDay func(day string) bool
	// Max bounds the sources that are kept.
	Max int
}

// Kind tells what a Change says.
type Kind uint8

// The kinds of change.
const (
	Silent   Kind = iota // a source is silent
	Spoke                // it spoke again, or is forgotten
	MassFell             // most sources are silent
	MassGrew             // more are
	MassOver             // they are not any more
)

// Change is something that Observe found.
type Change struct {
	Kind   Kind
	Source string // Silent, Spoke
	// Since is when the source was last heard; of a mass, when most of its sources were.
	Since time.Time
	At    time.Time
	// Missed is how many words were to be expected in a silence, Limit how long its pauses may be at this hour.
	Missed float64
	Quiet  time.Duration
	// Gone tells, of Spoke, that the source did not speak but is given up.
	Gone bool
	// Of a mass: which part of the sources it is of, those that are silent, and how many should be heard.
	Cohort  Cohort
	Members []string
	Of      int
}

// Row is one source as it is known.
type Row struct {
	Source   string
	Since    time.Time // first heard
	Last     time.Time // last heard
	Silent   bool      // and it was said
	Many     bool      // it is silent together with many
	Quiet    time.Duration
	Missed   float64
	Presence Presence
	// Learning tells that it is known for too short a time to fall silent.
	Learning bool
}

// Rhythms are the rhythms of all sources. Observe is called by one goroutine; Rows and Encode by any.
type Rhythms struct {
	opts Options

	mu      sync.Mutex
	sources map[string]*source
	zones   map[*time.Location]*zone
	mass    [cohorts]mass
	at      int64 // of the last Observe, Unix seconds; 0: none
	wait    int64 // nothing is said before
}

// zone is one time zone at the moment of the last Observe, shared by its sources.
type zone struct {
	loc  *time.Location
	hour int   // of the week, from Sunday 00
	day  int32 // local days since 1970
}

// New makes rhythms that know nothing.
func New(o Options) *Rhythms {
	if o.Zone == nil {
		o.Zone = func(string) *time.Location { return nil }
	}
	if o.Presence == nil {
		o.Presence = func(string) Presence { return Unknown }
	}
	if o.QuietDay == nil {
		o.QuietDay = func(string) bool { return false }
	}
	return &Rhythms{opts: o, sources: map[string]*source{}, zones: map[*time.Location]*zone{}}
}

// Observe takes what is known of all sources at now, and says what changed. now is the time of the counts: counts that
// come late are of the time in which they were made, so a ledger that lags is no silence. Sources may be left out, which
// is as if their counts had not changed.
//
// It keeps nothing of heard but the names of new sources.
func (r *Rhythms) Observe(now time.Time, heard []Heard) []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := now.Unix()
	step, gone := t-r.at, int64(0)
	first := r.at == 0
	switch {
	case step <= 0 && !first: // the counts are those of before, or the clock went back
		if step < -60 {
			r.at = t
		}
		return nil
	case first:
		step = 0
	case step > r.longestStep():
		step, gone = 0, step
		// Who was away hears nobody at once: devices connect again, relays send what they kept.
		r.wait = t + int64(r.opts.After/time.Second)
	}
	for _, z := range r.zones {
		z.set(now, r.opts.QuietDay)
	}
	if gone > 0 {
		r.away(r.at, t)
	}
	r.at = t
	var out []Change
	for i := range heard {
		h := &heard[i]
		s := r.sources[h.Source]
		if s == nil {
			r.add(h, t)
			continue
		}
		s.news = s.news || h.Count > s.count || gone > 0 && h.Last.Unix() > s.heard
		s.count = h.Count
	}
	for name, s := range r.sources {
		out = r.step(out, name, s, t, float64(step))
	}
	if t < r.wait {
		return out
	}
	return r.judge(out, t)
}

// longestStep is how many seconds may lie between two looks for the time between them to have been looked at.
func (r *Rhythms) longestStep() int64 {
	return max(60, int64(3*r.opts.Every/time.Second))
}

// set moves a zone to a moment.
func (z *zone) set(now time.Time, quiet func(string) bool) {
	l := now.In(z.loc)
	day := int(l.Weekday())
	if quiet(l.Format(time.DateOnly)) {
		day = 0
	}
	z.hour = day*24 + l.Hour()
	_, offset := l.Zone()
	z.day = int32((l.Unix() + int64(offset)) / 86400)
}

// zoneOf returns the shared zone of a source.
func (r *Rhythms) zoneOf(name string, now int64) *zone {
	loc := r.opts.Zone(name)
	if loc == nil {
		loc = time.Local
	}
	z := r.zones[loc]
	if z == nil {
		z = &zone{loc: loc}
		z.set(time.Unix(now, 0), r.opts.QuietDay)
		r.zones[loc] = z
	}
	return z
}

// add begins to know a source. Who was heard long ago, and never since somebody looks, is nobody yet.
func (r *Rhythms) add(h *Heard, now int64) {
	if len(r.sources) >= r.opts.Max || len(h.Source) > maxName || now-h.Last.Unix() > forgetAfter {
		return
	}
	z := r.zoneOf(h.Source, now)
	s := &source{since: now, heard: now, count: h.Count, zone: z, presence: r.opts.Presence(h.Source), hour: -1, day: z.day}
	if last := h.Last.Unix(); !h.Last.IsZero() && last < now {
		s.heard = last
	}
	s.days = 1
	r.sources[h.Source] = s
}

// away takes a time in which nobody looked out of all pauses. Who was likely to speak in it begins anew.
func (r *Rhythms) away(from, to int64) {
	expect := map[*zone]*[hours]float64{}
	for _, s := range r.sources {
		e := expect[s.zone]
		if e == nil {
			e = s.zone.hoursIn(from, to, r.opts.QuietDay)
			expect[s.zone] = e
		}
		missed := 0.0
		for h, seconds := range e {
			if seconds > 0 {
				missed += s.rate(h) * seconds / r.opts.Every.Seconds()
			}
		}
		if missed >= 0.5 && !s.silent {
			s.quiet, s.missed = 0, 0
		}
		if to-from >= 3600 { // these days are not held against it
			passed := max(0, int(s.zone.day-s.day))
			s.endDay()
			s.excused |= 1<<(min(30, passed)+1) - 1
		}
	}
}

// hoursIn counts the seconds of each hour of the week between two moments, of at most two weeks: who was away for longer
// missed everybody.
func (z *zone) hoursIn(from, to int64, quiet func(string) bool) *[hours]float64 {
	out := new([hours]float64)
	from = max(from, to-14*86400)
	at := *z
	for from < to {
		at.set(time.Unix(from, 0), quiet)
		next := min(to, from-from%900+900) // zones differ by quarters of an hour
		out[at.hour] += float64(next - from)
		from = next
	}
	return out
}

// step moves one source on by so many seconds that were looked at, and takes in whether it spoke.
func (r *Rhythms) step(out []Change, name string, s *source, now int64, seconds float64) []Change {
	if s.presence = r.refresh(name, s, now); s.zone.day != s.day {
		s.endDay()
	}
	slots := min(1, seconds/r.opts.Every.Seconds())
	if !s.silent && !s.massed {
		s.look(seconds)
	}
	if s.news {
		s.news = false
		if s.silent {
			out = append(out, s.change(Spoke, name, now))
		}
		s.speak(now, seconds)
		return out
	}
	s.quiet += seconds
	s.missed += s.rate(s.zone.hour) * slots
	if s.quiet > forgetAfter && s.presence != Expected {
		delete(r.sources, name)
		if s.silent {
			gone := s.change(Spoke, name, now)
			gone.Gone = true
			out = append(out, gone)
		}
	}
	return out
}

// change says something of a source.
func (s *source) change(kind Kind, name string, now int64) Change {
	return Change{Kind: kind, Source: name, Since: time.Unix(s.heard, 0), At: time.Unix(now, 0), Missed: s.missed, Quiet: time.Duration(s.quiet) * time.Second}
}

// forgetAfter is when a source is given up, in seconds that were looked at.
const forgetAfter = 30 * 86400

// refresh asks once an hour what the inventory says, since it may have been changed.
func (r *Rhythms) refresh(name string, s *source, now int64) Presence {
	if s.zone.hour == int(s.hour) {
		return s.presence
	}
	s.endHour()
	s.zone = r.zoneOf(name, now)
	s.hour = int16(s.zone.hour)
	return r.opts.Presence(name)
}

// judge says who fell silent.
func (r *Rhythms) judge(out []Change, now int64) []Change {
	out = r.judgeMass(out, now)
	var fell [cohorts][]string
	after := r.opts.After.Seconds()
	for name, s := range r.sources {
		if s.silent || s.quiet < after || !s.over(now) || r.mass[s.part].holds(s) {
			continue
		}
		if s.presence = r.opts.Presence(name); s.presence != Ephemeral {
			fell[s.part] = append(fell[s.part], name)
		}
	}
	for c, names := range fell {
		slices.Sort(names)
		if m := &r.mass[c]; m.began == 0 && len(names) >= massAtOnce {
			out = append(out, r.fall(Cohort(c), names, len(names), now))
			continue
		}
		for _, name := range names {
			s := r.sources[name]
			s.silent = true
			out = append(out, s.change(Silent, name, now))
		}
	}
	return out
}

// Rows returns all sources, in no order.
func (r *Rhythms) Rows() []Row {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Row, 0, len(r.sources))
	for name, s := range r.sources {
		gap, due := s.limits(r.at)
		out = append(out, Row{Source: name, Since: time.Unix(s.since, 0).UTC(), Last: time.Unix(s.heard, 0).UTC(), Silent: s.silent, Many: s.massed && r.mass[s.part].began != 0, Presence: s.presence,
			Quiet: time.Duration(s.quiet) * time.Second, Missed: s.missed, Learning: math.IsInf(gap, 1) && math.IsInf(due, 1)})
	}
	return out
}

// IsSilent tells whether it was said of a source that it is silent, and whether it is known at all.
func (r *Rhythms) IsSilent(source string) (silent, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sources[source]
	if s == nil {
		return false, false
	}
	return s.silent, true
}
