package draft

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive/search"
	"weir/internal/calendar"
	"weir/internal/match"
	"weir/internal/query"
	"weir/internal/review"
)

// Source is where events are read: an archive, live or not.
type Source interface {
	Scan(ctx context.Context, opts search.ScanOptions) iter.Seq2[*event.Event, error]
}

// System is a system that holds personal data, as its owner describes it.
type System struct {
	ID, Title, TitleKo, Owner string
	Reviewers                 []string
	Class                     string
	Subjects                  int64
	Sensitive                 bool
	// Names are other names by which records call it (weir.privacy.system), besides the id.
	Names []string
	// Hosts are the names of its machines (host.name). Upper and lower case are alike in them, and in the names of the system.
	Hosts []string
	// Events is KQL of more of its events, as its owner writes it.
	Events string
	// Match is a condition that more of its events fulfil, and MatchText that condition as it is written. Nil: there is none.
	Match     *match.Cond
	MatchText string
	// What its owner says of how it is used; what is not said is as the searches have it.
	Hours    string         // working hours: Mon-Fri 09:00-18:00
	Zone     *time.Location // of the hours; nil: that of the period
	Home     []string       // countries
	Expected []string       // addresses and networks
	Shared   []string       // accounts
}

// Person is what the list of users knows of an account.
type Person struct {
	Name, Department, Owner string
	Privileged              bool
}

// Options say what is drafted.
type Options struct {
	ID             string
	Period, Before review.Period
	Systems        []System
	Searches       *Searches
	Policy         review.Policy
	Law            []review.Law
	Gaps           []review.Gap
	// Missing finds further gaps, of what the events of the systems came from and are. It is asked once, when they were read.
	// May be nil.
	Missing func(ctx context.Context, h Heard) ([]review.Gap, error)
	// Spelled returns the values that a field has in the time and that differ from names in upper and lower case at most, so that
	// the queries of a review, which tell cases apart, find what was counted. Nil: names are in the cases that people usually write.
	Spelled func(ctx context.Context, field string, names []string, from, to time.Time) ([]string, error)
	By      string
	Now     time.Time
	// Users finds an account in the list of users; nil: there is none.
	Users func(account string, at time.Time) (Person, bool)
	// Progress is told from time to time, on the caller's goroutine. May be nil.
	Progress func(Progress)
}

// Heard is of what the events of the systems are, in the period or the one before: what fell silent, or came as nothing but
// dead letters, was heard before.
type Heard struct {
	Sources  []string // input/address, as the ledger names them
	Datasets []string
	// Scope is KQL of all of them. Where Exact is false it finds others too, and Own tells which events are of the systems by the
	// fields of Fields; nil: by any.
	Scope  string
	Exact  bool
	Own    func(e *event.Event) bool
	Fields []event.Field
}

// Progress is how far a draft is.
type Progress struct {
	Events int64     `json:"events"` // read
	At     time.Time `json:"at"`     // of the event at hand
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// progressEvery is how many events lie between two words about progress.
const progressEvery = 20000

// Draft makes the facts. It reads the archive twice: rights from the beginning on, since who holds one may have got it long
// ago, and everything of the systems from the period before on.
func Draft(ctx context.Context, src Source, o Options) (*review.Facts, error) {
	f := &review.Facts{
		V: 1, ID: o.ID, Revision: 1, Period: o.Period, Before: o.Before, Drafted: review.Stamp{At: o.Now.UTC(), By: o.By}, Searches: o.Searches.SHA256,
		Policy: o.Policy, Law: []review.Law{}, Systems: []review.System{}, Record: review.Record{Gaps: o.Gaps}, State: review.Open,
	}
	d := &drafter{o: &o, facts: f, zone: o.Period.Location(), back: o.back(), scratch: &event.Event{}}
	systems, err := d.spelled(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range systems {
		if err := d.add(s); err != nil {
			return nil, err
		}
	}
	if len(d.systems) == 0 {
		return f, nil
	}
	if err := d.rights(ctx, src); err != nil {
		return nil, err
	}
	if err := d.pass(ctx, src); err != nil {
		return nil, err
	}
	for _, t := range d.systems {
		f.Systems = append(f.Systems, t.facts(d))
		f.Record.Events += t.now.events
		f.Record.Gaps = append(f.Record.Gaps, t.silences(d)...)
	}
	f.Law = d.law()
	if o.Missing == nil {
		return f, nil
	}
	more, err := o.Missing(ctx, d.heard())
	if err != nil {
		return nil, fmt.Errorf("finding the gaps of the record: %w", err)
	}
	f.Record.Gaps = append(f.Record.Gaps, more...)
	return f, nil
}

// heard joins what the systems were heard by.
func (d *drafter) heard() Heard {
	var h Heard
	sources, datasets := map[string]bool{}, map[string]bool{}
	var scopes []string
	for _, t := range d.systems {
		maps.Copy(sources, t.sources)
		maps.Copy(datasets, t.datasets)
		scopes = append(scopes, "("+t.scopeText+")")
	}
	h.Sources, h.Datasets, h.Scope = slices.Sorted(maps.Keys(sources)), slices.Sorted(maps.Keys(datasets)), strings.Join(scopes, " or ")
	h.Exact = !slices.ContainsFunc(d.systems, func(t *tally) bool { return t.rest != nil })
	h.Own = func(e *event.Event) bool {
		return slices.ContainsFunc(d.systems, func(t *tally) bool { return t.own(e) })
	}
	if paths, ok := ownPaths(d.systems); ok {
		h.Fields = fieldsAt(paths)
	}
	return h
}

// law is what the options know of the law, without classes that have nothing to do with these systems: a reviewer is to see
// what they answer to. A duty to review stays in any case.
func (d *drafter) law() []review.Law {
	out := []review.Law{}
	for _, l := range d.o.Law {
		if l.Review != "" || slices.ContainsFunc(d.systems, func(t *tally) bool { return t.sys.Class == l.Class || t.classes[l.Class] }) {
			out = append(out, l)
		}
	}
	return out
}

// drafter is one draft under way. One goroutine has it.
type drafter struct {
	o       *Options
	facts   *review.Facts
	zone    *time.Location
	systems []*tally
	back    time.Time    // from which on the second pass reads
	read    int64        // events
	scratch *event.Event // of the evidence of alerts
}

// The searches are compiled once for each system and for each of the two periods, before anything is read: a mistake in a
// query ends the draft at once and not after an hour. Compiled queries are immutable.

// add makes a system ready.
func (d *drafter) add(s System) error {
	t := newTally(s)
	var err error
	// Findings of the period before are counted with its own working hours.
	if t.was, err = d.o.Searches.compile(s, d.o.Before.From, d.o.Before.To, d.zone); err != nil {
		return err
	}
	if t.is, err = d.o.Searches.compile(s, d.o.Period.From, d.o.Period.To, d.zone); err != nil {
		return err
	}
	if t.bare, err = query.ParseAt(t.bareText, d.o.Period.To.In(d.zone)); err != nil {
		return fmt.Errorf("the events of the system %s: %w", s.ID, err)
	}
	for range t.is.finding {
		t.counts = append(t.counts, &count{groups: map[string]*group{}})
	}
	d.systems = append(d.systems, t)
	return nil
}

// back is from which on events are read: the period before, and as far back as an account may be silent.
func (o *Options) back() time.Time {
	back := o.Before.From
	for _, s := range o.Systems {
		if x := o.Period.To.AddDate(0, 0, -*o.Searches.settings(s).Dormant); back.IsZero() || x.Before(back) {
			back = x
		}
	}
	return back
}

// Both passes go through the archive's own filter, so segments and rows of other systems are left out by their columns and
// indexes. The events that are left are made with the few fields that anything here looks at.

// rights reads who was given what, from the beginning of the archive to the end of the period.
func (d *drafter) rights(ctx context.Context, src Source) error {
	q, err := query.Parse(`event.dataset: "access_rights.log"`)
	if err != nil {
		return err
	}
	opts := search.ScanOptions{To: d.o.Period.To, Filter: q, Fields: fieldsOf(d.systems)}
	return d.each(ctx, src, opts, func(e *event.Event) {
		for _, t := range d.systems {
			if t.own(e) {
				t.holds(e, when(e), d.o.Period)
			}
		}
	})
}

// pass reads the events of the systems and the alerts about them.
func (d *drafter) pass(ctx context.Context, src Source) error {
	scopes := []string{`event.dataset: ("weir.alert" or "weir.change")`}
	for _, t := range d.systems {
		scopes = append(scopes, "("+t.scopeText+")")
	}
	q, err := query.ParseAt(strings.Join(scopes, " or "), d.o.Period.To.In(d.zone))
	if err != nil {
		return err
	}
	opts := search.ScanOptions{From: d.back, To: d.o.Period.To, Filter: q, Fields: fieldsOf(d.systems)}
	return d.each(ctx, src, opts, d.event)
}

// each reads events and goes on where a part of the archive cannot be read.
func (d *drafter) each(ctx context.Context, src Source, opts search.ScanOptions, f func(*event.Event)) error {
	for e, err := range src.Scan(ctx, opts) {
		if err != nil {
			if e := ctx.Err(); e != nil {
				return e
			}
			if text := err.Error(); !slices.Contains(d.facts.Record.Unreadable, text) {
				d.facts.Record.Unreadable = append(d.facts.Record.Unreadable, text)
			}
			continue
		}
		if d.read++; d.read%progressEvery == 0 && d.o.Progress != nil {
			from := opts.From
			if from.IsZero() {
				from = d.back
			}
			d.o.Progress(Progress{Events: d.read, At: when(e), From: from, To: opts.To})
		}
		f(e)
	}
	return ctx.Err()
}

// event counts one event in every system that it belongs to.
func (d *drafter) event(e *event.Event) {
	at := when(e)
	switch dataset := e.Str(event.EventDataset); dataset {
	case alertDataset:
		for _, t := range d.systems {
			if t.about(e, d.scratch) {
				t.alert(e, at, d.o)
			}
		}
		return
	case changeDataset:
		for _, t := range d.systems {
			t.decided(e)
		}
		return
	}
	for _, t := range d.systems {
		if !t.own(e) {
			continue
		}
		if d.facts.Record.First.IsZero() {
			d.facts.Record.First = at
		}
		if at.Before(d.o.Period.From) {
			t.earlier(e, at, !at.Before(d.o.Before.From) && at.Before(d.o.Before.To))
			continue
		}
		t.event(e, at, d.zone)
	}
}

// when is the time of an event, that by which it was found.
func when(e *event.Event) time.Time { return e.Get(event.Timestamp).Time() }

// A query that looks for a word anywhere, or into open keys, may need any field of an event: then whole events are read, which
// is slower and never wrong.

// roleFields are what the tallies read of an event besides what the queries ask for.
var roleFields = []string{
	"@timestamp", "event.id", "event.dataset", "event.action", "event.category", "event.outcome", "message", "host.name",
	"user.name", "user.id", "user.target.name", "user.target.id", "group.name", "source.ip", "source.domain", "source.geo.country_iso_code",
	"weir.asset.source.site", "weir.class", "weir.user.name", "weir.user.department", "weir.user.owner", "weir.user.privileged",
	"weir.privacy.action", "weir.privacy.missing", "weir.privacy.reason", "weir.privacy.subject.count", "weir.privacy.subject.id", "weir.privacy.system",
	"weir.rights.action", "weir.rights.approved_by", "weir.rights.new", "weir.rights.old", "weir.rights.reason", "weir.rights.right", "weir.rights.system",
	"weir.input", "log.source.address", "rule.id", "rule.name", "weir.alert.id", "weir.alert.level", "weir.alert.count", "weir.alert.state", "weir.alert.verdict", "weir.alert.evidence",
}

// ownPaths are the fields by which events are of a system; ok is false where it may be any.
func ownPaths(systems []*tally) (paths []string, ok bool) {
	paths = slices.Clone(naming)
	for _, t := range systems {
		if t.rest != nil && t.rest.Whole() || anyField(t.bare.Root()) {
			return nil, false
		}
		paths = append(paths, t.bare.Fields()...)
		if t.rest != nil {
			paths = append(paths, t.rest.Fields()...)
		}
	}
	return paths, true
}

// fieldsOf returns the only fields that are to be read, nil where a query may look at any.
func fieldsOf(systems []*tally) []event.Field {
	own, ok := ownPaths(systems)
	if !ok {
		return nil
	}
	paths := append(slices.Clone(roleFields), own...)
	for _, t := range systems {
		for _, c := range []*compiled{t.is, t.was} {
			for _, q := range c.define {
				paths = append(paths, q.Fields()...)
			}
			for _, f := range c.finding {
				paths = append(paths, f.spec.By...)
				if f.spec.Distinct != "" {
					paths = append(paths, f.spec.Distinct)
				}
				if f.query != nil {
					paths = append(paths, f.query.Fields()...)
					if anyField(f.query.Root()) {
						return nil
					}
				}
			}
		}
	}
	return fieldsAt(paths)
}

// fieldsAt returns the fields at paths, nil where one is below an open field or of no list.
func fieldsAt(paths []string) []event.Field {
	var out []event.Field
	for _, p := range paths {
		f, ok := event.Lookup(p)
		if !ok || strings.Contains(p, "*") {
			return nil
		}
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// anyField tells whether a query looks for a word anywhere.
func anyField(n query.Node) bool {
	switch n := n.(type) {
	case *query.And:
		return slices.ContainsFunc(n.Nodes, anyField)
	case *query.Or:
		return slices.ContainsFunc(n.Nodes, anyField)
	case *query.Not:
		return anyField(n.Node)
	case *query.Term:
		return n.Field.Text == ""
	case *query.Nested:
		return true
	}
	return false
}

// Periods are of the calendar: a quarter begins in January, April, July or October. Their ends are midnights of the zone, so a
// month in which the clocks change is an hour longer or shorter.

// PeriodOf is the period of a cycle that a day lies in, and the one before it.
func PeriodOf(cycle string, day time.Time, zone *time.Location) (now, before review.Period, err error) {
	months := map[string]int{"": 1, "monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}[cycle]
	if months == 0 {
		return now, before, errors.New("the cycle " + cycle + " is not known: monthly, quarterly, half-yearly or yearly")
	}
	day = day.In(zone)
	first := (int(day.Month())-1)/months*months + 1
	// Named by the date and not by the moment: where the clocks skip midnight a period begins later on its first day.
	make := func(from time.Time) review.Period {
		name := ""
		switch months {
		case 1:
			name = from.Format("2006-01")
		case 3:
			name = fmt.Sprintf("%d-Q%d", from.Year(), (int(from.Month())-1)/3+1)
		case 6:
			name = fmt.Sprintf("%d-H%d", from.Year(), (int(from.Month())-1)/6+1)
		default:
			name = from.Format("2006")
		}
		return review.Period{Name: name, From: calendar.Start(from, zone).UTC(), To: calendar.Start(from.AddDate(0, months, 0), zone).UTC(), Zone: zone.String()}
	}
	from := time.Date(day.Year(), time.Month(first), 1, 0, 0, 0, 0, time.UTC)
	return make(from), make(from.AddDate(0, -months, 0)), nil
}

// byCount orders what was counted most first, so that equal events make equal facts.
func byCount(a, b review.Group) int {
	if c := cmp.Compare(b.Count, a.Count); c != 0 {
		return c
	}
	return slices.Compare(a.Values, b.Values)
}
