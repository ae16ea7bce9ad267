package rhythm

import (
	"slices"
	"time"
)

// Cohort is a part of the sources that falls silent together: on a holiday those of an office do, and those of the
// machine room do not.
type Cohort uint8

// The cohorts.
const (
	Always  Cohort = iota // speak on weekends too
	Working               // do not
	cohorts = iota
)

// cohort tells to which part a source belongs, by what it does on the weekends that are known of it.
func (s *source) cohort() Cohort {
	var work, free, workSeen, freeSeen float64
	for h, w := range s.weights {
		if h < 24 || h >= 6*24 {
			free, freeSeen = free+float64(s.shares[h]), freeSeen+min(1, float64(w))
		} else {
			work, workSeen = work+float64(s.shares[h]), workSeen+min(1, float64(w))
		}
	}
	if freeSeen >= 24 && workSeen > 0 && free/freeSeen < 0.1*work/workSeen {
		return Working
	}
	return Always
}

const (
	// massLeast is how many sources are many.
	massLeast = 5
	// massMissed is the least number of words that each of them missed, and more than in any pause of four weeks. That
	// happens to each now and then, and never to half of them at once.
	massMissed = 3
	// massAtOnce is how many sources that are over their limits at the same moment are said together, however many others
	// are well: a switch died, or a relay.
	massAtOnce = 10
	// massRecent is how old a word is, in seconds, that tells that a source is well.
	massRecent = 3600
)

// mass is a silence of most sources of a cohort. Its times are Unix seconds.
type mass struct {
	began   int64 // since when; 0: there is none
	opened  int64
	members []string // in order
}

// holds tells whether the silence of a source is part of it: it began with it or while it lasts. A source that stopped an
// hour before has its own reason.
func (m *mass) holds(s *source) bool {
	return m.began != 0 && s.heard >= m.began-massRecent
}

// judgeMass says when most sources of a cohort are silent that should be heard, and when that is over.
func (r *Rhythms) judgeMass(out []Change, now int64) []Change {
	var lost [cohorts][]string
	var well [cohorts]int
	after := 0.8 * r.opts.After.Seconds() // before the first of them is said alone
	for name, s := range r.sources {
		if float64(now-s.since) < week || s.presence == Ephemeral || s.hoursHeard < 5 {
			continue
		}
		c := s.part
		switch {
		case s.silent: // it is known to be gone, and says nothing of the others
		case s.quiet >= after && s.missed >= massMissed && s.missed > float64(maxOf(s.most[:])):
			lost[c] = append(lost[c], name)
		case s.quiet < massRecent:
			well[c]++
		}
	}
	for c := range Cohort(cohorts) {
		slices.Sort(lost[c])
		out = r.massOf(out, c, lost[c], well[c], now)
	}
	return out
}

// massOf moves the mass of one cohort on.
func (r *Rhythms) massOf(out []Change, c Cohort, lost []string, well int, now int64) []Change {
	m := &r.mass[c]
	all := len(lost) + well
	if m.began == 0 {
		if len(lost) < massLeast || 2*len(lost) < all {
			return out
		}
		return append(out, r.fall(c, lost, all, now))
	}
	change := Change{At: time.Unix(now, 0), Cohort: c, Of: all, Since: time.Unix(m.began, 0)}
	var still []*source
	for _, name := range m.members {
		if s := r.sources[name]; s != nil && s.massed {
			still = append(still, s)
		}
	}
	if 2*len(still) < len(m.members) {
		change.Kind, change.Members = MassOver, m.members
		// Who is silent still may only take longer to come back: its pause is judged from here on.
		for _, s := range still {
			s.quiet, s.missed = 0, 0
		}
		*m = mass{}
		return append(out, change)
	}
	var more []string
	for _, name := range lost {
		if s := r.sources[name]; !s.massed && m.holds(s) {
			more = append(more, name)
		}
	}
	if len(more) == 0 {
		return out
	}
	r.mark(more)
	m.members = append(m.members, more...)
	slices.Sort(m.members)
	m.members = slices.Compact(m.members)
	change.Kind, change.Members = MassGrew, slices.Clone(m.members)
	return append(out, change)
}

// fall begins a mass of sources, which are in order, of so many that should be heard.
func (r *Rhythms) fall(c Cohort, names []string, of int, now int64) Change {
	r.mass[c] = mass{began: r.since(names), opened: now, members: slices.Clone(names)}
	r.mark(names)
	return Change{Kind: MassFell, At: time.Unix(now, 0), Since: time.Unix(r.mass[c].began, 0), Cohort: c, Members: slices.Clone(names), Of: of}
}

// mark makes sources part of a mass.
func (r *Rhythms) mark(names []string) {
	for _, name := range names {
		r.sources[name].massed = true
	}
}

// since is when half of the sources had been heard for the last time.
func (r *Rhythms) since(names []string) int64 {
	times := make([]int64, len(names))
	for i, name := range names {
		times[i] = r.sources[name].heard
	}
	slices.Sort(times)
	return times[len(times)/2]
}
