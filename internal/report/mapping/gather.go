package mapping

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/report/doc"
)

// Found is what a search found.
type Found struct {
	Hits int64
	Top  []Value // the most frequent first
	// Days are hits by local day, from the first of the time.
	Days []int64
	// Unreadable are parts of the archive that the answer is without.
	Unreadable int
}

// Value is one value of a field and how many events have it.
type Value struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// Reader is where the evidence comes from.
type Reader struct {
	// Search runs one search over the time; top is the field of Found.Top, "" for none.
	Search func(ctx context.Context, kql, top string, from, to time.Time, zone *time.Location) (Found, error)
	// Report makes another report of the same time. It is asked once for each kind.
	Report func(ctx context.Context, kind string) (*doc.Document, error)
	// Step is called before each search; nil: nobody looks.
	Step func(done, all int)
}

// Facts are the evidence for each control, as plain data.
type Facts struct {
	V       int       `json:"v"` // of this form: 1
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Zone    string    `json:"zone"`
	Made    time.Time `json:"made"`
	Mapping *Mapping  `json:"mapping"`
	Shown   []Shown   `json:"shown"` // as Mapping.Controls
}

// Shown is what was found for one control.
type Shown struct {
	Number   string          `json:"number"`
	Searches []SearchShown   `json:"searches,omitempty"`
	Sections []SectionsShown `json:"sections,omitempty"`
}

// States of what was found.
const (
	OK      = "ok"
	Nothing = "nothing" // nothing was found, and nothing had to be
	Look    = "look"    // somebody has to look
	Gap     = "gap"     // there is no evidence
)

// State is that of a control: the worst of its parts. One of which nothing at all was found is not shown.
func (s *Shown) State() string {
	state, found := OK, false
	part := func(x string) {
		if x != Nothing {
			state, found = worse(state, x), true
		}
	}
	for _, x := range s.Searches {
		part(x.State)
	}
	for _, x := range s.Sections {
		part(x.State)
	}
	if !found {
		return Gap
	}
	return state
}

// worse returns the worse of two.
func worse(a, b string) string {
	order := []string{OK, Look, Gap}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}

// SearchShown is the outcome of one search.
type SearchShown struct {
	KQL   string  `json:"kql"`
	Hits  int64   `json:"hits"`
	Top   []Value `json:"top,omitempty"`
	State string  `json:"state"`
	// Missing are local days without a hit, of a search that expects one a day; at most MaxDays, and how many more.
	Missing []string `json:"missing,omitempty"`
	Left    int      `json:"left,omitempty"`
	Err     string   `json:"err,omitempty"`
}

// SectionsShown is how a section of another report stands.
type SectionsShown struct {
	Section string `json:"section"`
	Rows    int    `json:"rows"`
	Warn    int    `json:"warn"` // cells that are marked
	Bad     int    `json:"bad"`
	State   string `json:"state"`
	Err     string `json:"err,omitempty"` // why there is no such report
}

// MaxDays bounds how many days are named.
const MaxDays = 10

// Gather finds the evidence. A search or a report that fails is a gap with its reason: the other controls are shown all the
// same. Only the end of ctx ends it.
func Gather(ctx context.Context, r Reader, m *Mapping, from, to time.Time, zone *time.Location, now time.Time) (*Facts, error) {
	if zone == nil {
		zone = time.UTC
	}
	f := &Facts{V: 1, From: from, To: to, Zone: zone.String(), Made: now, Mapping: m}
	g := &gatherer{Reader: r, Facts: f, zone: zone, now: now, reports: map[string]made{}}
	all, done := 0, 0
	for _, c := range m.Controls {
		all += len(c.Searches)
	}
	for _, c := range m.Controls {
		s := Shown{Number: c.Number}
		for _, q := range c.Searches {
			if r.Step != nil {
				r.Step(done, all)
			}
			done++
			s.Searches = append(s.Searches, g.search(ctx, q))
		}
		for _, name := range c.Sections {
			s.Sections = append(s.Sections, g.section(ctx, name))
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("gathering evidence for %s: %w", c.Number, err)
		}
		f.Shown = append(f.Shown, s)
	}
	return f, nil
}

// made is another report, or why there is none.
type made struct {
	doc *doc.Document
	err error
}

// gatherer belongs to one goroutine.
type gatherer struct {
	Reader
	*Facts
	zone    *time.Location
	now     time.Time
	reports map[string]made
}

// search runs one search and judges what it found.
func (g *gatherer) search(ctx context.Context, q Search) SearchShown {
	out := SearchShown{KQL: q.KQL, State: OK}
	found, err := g.Search(ctx, q.KQL, q.Top, g.From, g.To, g.zone)
	if err != nil {
		out.State, out.Err = Gap, err.Error()
		return out
	}
	out.Hits, out.Top = found.Hits, found.Top
	if found.Unreadable > 0 {
		out.State, out.Err = Look, fmt.Sprintf("%d segments cannot be read", found.Unreadable)
	}
	switch {
	case q.Expect == Any && found.Hits == 0 && out.State == OK:
		out.State = Nothing
	case q.Expect == Some && found.Hits == 0:
		out.State = Gap
	case q.Expect == None && found.Hits > 0:
		out.State = Look
	case q.Expect == Daily:
		g.days(&out, found.Days)
	}
	return out
}

// days names the days without a hit. Days that are not over yet are none.
func (g *gatherer) days(out *SearchShown, days []int64) {
	first := g.From.In(g.zone)
	for i, n := range days {
		day := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, g.zone)
		if n > 0 || day.AddDate(0, 0, 1).After(g.now) {
			continue
		}
		if out.State = Gap; len(out.Missing) < MaxDays {
			out.Missing = append(out.Missing, day.Format(time.DateOnly))
		} else {
			out.Left++
		}
	}
}

// section looks how a section of another report stands.
func (g *gatherer) section(ctx context.Context, name string) SectionsShown {
	out := SectionsShown{Section: name, State: OK}
	kind, section, _ := strings.Cut(name, "/")
	m, ok := g.reports[kind]
	if !ok {
		if g.Report == nil {
			m.err = fmt.Errorf("no report %s can be made here", kind)
		} else {
			m.doc, m.err = g.Report(ctx, kind)
		}
		g.reports[kind] = m
	}
	if m.err != nil {
		out.State, out.Err = Gap, m.err.Error()
		return out
	}
	for _, b := range m.doc.Blocks {
		if b.Table == nil {
			continue
		}
		if own, _, _ := strings.Cut(b.Table.Name, "."); own != section {
			continue
		}
		out.Rows += len(b.Table.Rows)
		for _, row := range b.Table.Rows {
			for _, c := range row {
				switch c.Mark {
				case "warn":
					out.Warn++
				case "bad":
					out.Bad++
				}
			}
		}
	}
	switch {
	case out.Warn+out.Bad > 0:
		out.State = Look
	case out.Rows == 0:
		out.State = Nothing
	}
	return out
}
