// Package sources finds out how the sources of logs did in some time: what came of them, what the ledger says, when they
// were silent, by which rhythm they speak, and how far their clocks are off.
package sources

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/control"
	"weir/internal/control/watching"
)

// Event is what a scan hands over of one event. It is a value; Source may be kept.
type Event struct {
	Source  string    // input/address, as the ledger has it
	Time    time.Time // @timestamp: what the device wrote, or when it came
	Created time.Time // event.created: when weir received it
	// Logged tells that Time is what the device wrote. Where it wrote none, its clock is not known by it.
	Logged bool
}

// Reader is where the facts come from. Scan has to hand over every event of the time that came through the front door, in
// any order; Ledger and Heard say how it stands now, and may be nil where another process knows.
type Reader struct {
	Scan   func(ctx context.Context, from, to time.Time, each func(Event) error) error
	Ledger func(ctx context.Context) (control.Ledger, error)
	Heard  func(ctx context.Context) (watching.Sources, error)
	// Step is called now and then with how many events were read; nil: nobody looks.
	Step func(events int64)
}

// Facts are what was found out, as plain data. Durations are in milliseconds.
type Facts struct {
	V    int       `json:"v"` // of this form: 1
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Zone string    `json:"zone"`
	Made time.Time `json:"made"`
	// Sources are those that were heard in the time, that the ledger knows, or that are expected; by name.
	Sources []Source `json:"sources"`
	Events  int64    `json:"events"`
	// Left counts events of sources beyond the first MaxSources.
	Left int64 `json:"left,omitempty"`
	// Ledger tells whether the counts of the ledger are in here, and whether all of it is balanced.
	Ledger      bool      `json:"ledger"`
	LedgerAt    time.Time `json:"ledger_at,omitzero"`
	Balanced    bool      `json:"balanced"`
	KernelDrops int64     `json:"kernel_drops"`
	RingLosses  int64     `json:"ring_losses"`
	// Watched tells whether silence was looked for by the watch on sources.
	Watched bool `json:"watched"`
}

// Source is one source, or a device that is expected and never was one.
type Source struct {
	Source string `json:"source"`         // input/address; "" of a device that was never heard
	Name   string `json:"name,omitempty"` // of its device
	// Of the time that was asked for.
	Stored int64     `json:"stored"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	// Hours are its events by hour of the day in the zone; Silent the longest time of whole hours without any between
	// the first and the last, and SilentFrom when that began.
	Hours      [24]int64 `json:"hours"`
	HeardHours int       `json:"heard_hours"` // in how many hours of the time it was heard
	SilentMS   int64     `json:"silent_ms,omitempty"`
	SilentFrom time.Time `json:"silent_from,omitzero"`
	Skew       Skew      `json:"skew"`
	// Of the ledger, since the source is known: it keeps no months.
	Known *Counts `json:"ledger,omitempty"`
	// State is how it is heard now: heard, silent, never or learning; "" where nobody watches.
	State    string  `json:"state,omitempty"`
	QuietMS  int64   `json:"quiet_ms,omitempty"`
	Missed   float64 `json:"missed,omitempty"`
	Presence string  `json:"presence,omitempty"`
}

// Skew is how far the times in a source's records are from when weir received them: positive, where its clock is behind or
// its records come late; negative, where its clock is ahead.
type Skew struct {
	Events   int64 `json:"events"` // that say a time of their own
	MedianMS int64 `json:"median_ms"`
	MaxMS    int64 `json:"max_ms"` // the furthest from zero, with its sign
	Ahead    int64 `json:"ahead"`  // events more than AheadOf ahead
}

// AheadOf is how far ahead of weir a time must be to be counted: less is the difference of two good clocks.
const AheadOf = time.Minute

// Counts are those of the ledger.
type Counts struct {
	First      time.Time `json:"first,omitzero"`
	Last       time.Time `json:"last,omitzero"`
	Received   int64     `json:"received"`
	Split      int64     `json:"split"`
	Stored     int64     `json:"stored"`
	Duplicate  int64     `json:"duplicate"`
	Dead       int64     `json:"dead"`
	Refused    int64     `json:"refused"`
	Filtered   int64     `json:"filtered"`
	InFlight   int64     `json:"in_flight"`
	Difference int64     `json:"difference"`
}

// MaxSources bounds how many sources are counted one by one: somebody may forge addresses.
const MaxSources = 20_000

// stepEvery is after how many events it is said how far it is.
const stepEvery = 100_000

// Gather finds out the facts of a time. Months begin at midnight of zone, and hours of the day are its hours.
func Gather(ctx context.Context, r Reader, from, to time.Time, zone *time.Location, now time.Time) (*Facts, error) {
	if zone == nil {
		zone = time.UTC
	}
	f := &Facts{V: 1, From: from, To: to, Zone: zone.String(), Made: now}
	g := &gatherer{from: from, to: to, zone: zone, by: map[string]*track{}}
	if err := r.Scan(ctx, from, to, func(e Event) error {
		g.add(e)
		if f.Events++; r.Step != nil && f.Events%stepEvery == 0 {
			r.Step(f.Events)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("reading what the sources sent: %w", err)
	}
	f.Left = g.left
	for name, t := range g.by {
		f.Sources = append(f.Sources, t.source(name, from))
	}
	if err := f.ledger(ctx, r); err != nil {
		return nil, err
	}
	if err := f.watch(ctx, r); err != nil {
		return nil, err
	}
	slices.SortFunc(f.Sources, func(a, b Source) int {
		if c := strings.Compare(a.Source, b.Source); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return f, nil
}

// index returns the places of sources by name. It holds until one is added.
func (f *Facts) index() map[string]int {
	out := make(map[string]int, len(f.Sources))
	for i := range f.Sources {
		out[f.Sources[i].Source] = i
	}
	return out
}

// ledger takes in what the ledger says now.
func (f *Facts) ledger(ctx context.Context, r Reader) error {
	if r.Ledger == nil {
		return nil
	}
	l, err := r.Ledger(ctx)
	if err != nil {
		return fmt.Errorf("asking the ledger: %w", err)
	}
	f.Ledger, f.LedgerAt, f.Balanced, f.KernelDrops, f.RingLosses = true, l.At, l.Balanced, l.KernelDrops, l.RingLosses
	known := f.index()
	for _, row := range l.Rows {
		s := &Source{}
		if i, ok := known[row.Source]; ok {
			s = &f.Sources[i]
		} else if len(f.Sources) < MaxSources {
			f.Sources = append(f.Sources, Source{Source: row.Source})
			known[row.Source] = len(f.Sources) - 1
			s = &f.Sources[len(f.Sources)-1]
		}
		s.Name = device(row.Name)
		s.Known = &Counts{First: row.First, Last: row.Last, Received: row.Received, Split: row.Split, Stored: row.Stored, Duplicate: row.Duplicate, Dead: row.Dead,
			Refused: row.Refused, Filtered: row.Filtered, InFlight: row.InFlight, Difference: row.Difference}
	}
	return nil
}

// device is the name of a device without the input before it.
func device(name string) string {
	if _, after, ok := strings.Cut(name, "/"); ok {
		return after
	}
	return name
}

// watch takes in who is not heard now.
func (f *Facts) watch(ctx context.Context, r Reader) error {
	if r.Heard == nil {
		return nil
	}
	list, err := r.Heard(ctx)
	if err != nil {
		return fmt.Errorf("asking which sources are heard: %w", err)
	}
	f.Watched = true
	known := f.index()
	for _, w := range list.Rows {
		i, ok := known[w.Source]
		if !ok || w.Source == "" {
			if len(f.Sources) >= MaxSources {
				continue
			}
			f.Sources = append(f.Sources, Source{Source: w.Source})
			i = len(f.Sources) - 1
			if w.Source != "" {
				known[w.Source] = i
			}
		}
		s := &f.Sources[i]
		s.State, s.QuietMS, s.Missed, s.Presence = w.State, w.Quiet, w.Missed, w.Presence
		if w.Device != "" {
			s.Name = w.Device
		}
	}
	return nil
}
