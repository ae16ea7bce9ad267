package watchdog

import (
	"context"
	"time"
)

// Reading is what a process can be asked about itself.
type Reading struct {
	// Stages are where the stages of this process are in their topics.
	Stages func(ctx context.Context) ([]Position, error)
	// Kernel is what was lost before weir could read it, Refused what it turned away, by input and by reason; both since
	// the start.
	Kernel, Refused func() map[string]int64
	// Differences are records that nothing explains, by store, sure ones only; ok is false before the ledger was read.
	Differences func() (by map[string]int64, ok bool)
	// Dead are dead letters by reason, over all starts.
	Dead func() (by map[string]int64, ok bool)
	// Disks are those that weir writes to.
	Disks func() []Disk
	// Certificates are those that weir shows or believes.
	Certificates func() []Certificate
	// Refusals are rule files, or rules in them, that are not used.
	Refusals func() []Refusal
	// RuleTimes is how long each rule was tried, since it was loaded.
	RuleTimes func() map[string]time.Duration
	// Unclean are starts that ended without their last count.
	Unclean func() []Unclean
	// Canaries are how those of this process fare, by transport.
	Canaries func() []Canary
	// Concerns are what is wrong with what is kept.
	Concerns func() []Concern
}

// Position is where a stage is in one partition.
type Position struct {
	Stage, Topic string
	Partition    int32
	Done, End    int64
}

// Disk is one file system.
type Disk struct {
	Path        string
	Free, Guard int64 // weir takes nothing more below Guard
}

// Certificate is one that somebody has to renew.
type Certificate struct {
	Name  string // what it is for: syslog TLS
	File  string
	Until time.Time
	// Err says why it cannot be read; Until means nothing then.
	Err error
}

// Refusal is a rule file, or a rule in it, that is not used.
type Refusal struct {
	Where, Why string
}

// Unclean is a start that ended without its last count.
type Unclean struct {
	Start string // ingester/start
	At    time.Time
	Most  int64 // records that may be uncounted
}

// Canary is how the canaries by one transport fare.
type Canary struct {
	Via            string
	Sent, Answered time.Time // the last ones; zero: none
	// Lost is how many in a row did not come out; the last of them was seen up to Hop.
	Lost int
	Hop  string
	// Forged are canary lines, since the start, that weir never sent.
	Forged int64
}

// sample is one reading. A part that could not be read, or that the process does not have, is nil.
type sample struct {
	now          time.Time
	up           time.Duration
	stages       []Position
	kernel       map[string]int64
	refused      map[string]int64
	differences  map[string]int64
	dead         map[string]int64
	disks        []Disk
	certificates []Certificate
	refusals     []Refusal
	took         map[string]time.Duration // by rules
	unclean      []Unclean
	canaries     []Canary
	concerns     []Concern
}

// certificatesEvery is how often certificates are read.
const certificatesEvery = 10 * time.Minute

// sample takes a reading.
func (w *Watchdog) sample(ctx context.Context, now time.Time) *sample {
	r, s := &w.opts.Reading, &sample{now: now, up: w.opts.Up()}
	if r.Stages != nil {
		list, err := r.Stages(ctx)
		if err != nil && ctx.Err() == nil {
			w.opts.Log.Debug("reading positions", "component", "watchdog", "err", err)
		}
		if err == nil {
			s.stages = append([]Position{}, list...)
		}
	}
	s.kernel, s.refused = ask(r.Kernel), ask(r.Refused)
	s.differences, s.dead = known(r.Differences), known(r.Dead)
	s.disks, s.refusals, s.unclean = all(r.Disks), all(r.Refusals), all(r.Unclean)
	if r.RuleTimes != nil {
		s.took = r.RuleTimes()
	}
	if m := &w.memory; r.Certificates != nil {
		if m.certificates == nil || now.Sub(m.read).Abs() >= certificatesEvery {
			m.certificates, m.read = all(r.Certificates), now
		}
		s.certificates = m.certificates
	}
	s.canaries, s.concerns = all(r.Canaries), all(r.Concerns)
	return s
}

// ask calls a function that may not be there.
func ask(f func() map[string]int64) map[string]int64 {
	if f == nil {
		return nil
	}
	if m := f(); m != nil {
		return m
	}
	return map[string]int64{}
}

// known calls a function that may not be there, or not know yet.
func known(f func() (map[string]int64, bool)) map[string]int64 {
	if f == nil {
		return nil
	}
	m, ok := f()
	switch {
	case !ok:
		return nil
	case m == nil:
		return map[string]int64{}
	}
	return m
}

// all calls a function that may not be there; what it returns is not nil if it is.
func all[T any](f func() []T) []T {
	if f == nil {
		return nil
	}
	return append([]T{}, f()...)
}
