// Package policy reads how long records are kept: the retention classes that weir ships, those of a file that are laid over
// them, and the systems that hold personal data. It says which class an event has, and from which moment a day's records of a
// class may go. Laws change, so nothing of this is in code: all of it is data with its source, and with the day on which
// somebody read it.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"weir/internal/match"
	"weir/internal/retention"
)

// Standard is the class of everything that no other class takes.
const Standard = "standard"

// How well the text of a law is known.
const (
	Read      retention.Status = "read"      // the article's wording was read, in at least two copies
	Secondary retention.Status = "secondary" // several sources report it, the text was not seen
	Memory    retention.Status = "memory"    // it was not found
)

// Never is what stands for the day of a law that nobody has read.
const Never = "never"

// Class is one retention class, in one of its variants by day.
type Class struct {
	Name    string
	Title   retention.Text
	Law     retention.Text
	Article string
	Notice  string
	Applies retention.Text // to whom, to what
	Note    retention.Text // what is known of the source
	Status  retention.Status
	Checked string // 2026-11-21 or never; "" where no law is named
	// Keep is for how long records are kept, DeleteBy until when they must be gone. For ever where they are zero.
	Keep     Period
	DeleteBy Period
	Review   string // cycle of the review: monthly, quarterly, half-yearly, yearly; "" for none
	Original string // what becomes of event.original: keep, mask, encrypt, drop; "" is keep
	// From and To are the first and the last civil day of events that this variant is for; zero is open.
	From, To time.Time
	When     string // the condition of its events; "": nothing chooses it but an inventory or a system
	// Shipped tells that weir ships it, Shorter that a file made it shorter than what weir ships.
	Shipped, Shorter bool

	cond *match.Cond
}

// holds tells whether the variant is for events of a civil day.
func (c *Class) holds(day time.Time) bool {
	return (c.From.IsZero() || !day.Before(c.From)) && (c.To.IsZero() || !day.After(c.To))
}

// Policy is everything that was read. It is immutable and safe for many goroutines.
type Policy struct {
	classes []*Class // in the order in which they are tried, variants of a name beside one another
	systems []*System
	cycle   string
	grace   int
	zone    *time.Location
	files   []string
	text    []byte
	version string
	// byName are the variants of each name.
	byName map[string][]*Class
	// own is how many of classes stand before the systems: those of the file.
	own int
	// originals are what becomes of event.original, by class.
	originals map[string]string
}

// finish makes what follows from the lists.
func (p *Policy) finish() {
	p.byName, p.originals = map[string][]*Class{}, map[string]string{}
	for _, c := range p.classes {
		p.byName[c.Name] = append(p.byName[c.Name], c)
		if c.Original != "" && c.Original != "keep" {
			p.originals[c.Name] = c.Original
		}
	}
	p.text = p.canonical()
	sum := sha256.Sum256(p.text)
	p.version = hex.EncodeToString(sum[:])
}

// Class returns a class by its name: the variant for today's events, else the last; nil if the policy does not know it.
func (p *Policy) Class(name string, today time.Time) *Class {
	list := p.byName[name]
	if len(list) == 0 {
		return nil
	}
	day := civil(today, p.zone)
	for _, c := range list {
		if c.holds(day) {
			return c
		}
	}
	return list[len(list)-1]
}

// Classes returns all classes with all their variants, in the order in which they are tried.
func (p *Policy) Classes() []*Class { return slices.Clone(p.classes) }

// Names returns the names of the classes, each once, in the order in which they are tried.
func (p *Policy) Names() []string {
	var out []string
	for _, c := range p.classes {
		if !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// Systems returns the systems that hold personal data, in the order of their file.
func (p *Policy) Systems() []*System { return slices.Clone(p.systems) }

// Review returns the cycle of the review of access records, and how many days after its end a review is overdue.
func (p *Policy) Review() (cycle string, graceDays int) { return p.cycle, p.grace }

// Zone is that in whose days records fall due.
func (p *Policy) Zone() *time.Location { return p.zone }

// Files are the files that were laid over what weir ships.
func (p *Policy) Files() []string { return slices.Clone(p.files) }

// Text is the policy in its canonical form, and Version the SHA-256 of it. What has the same text keeps the same records for the
// same time.
func (p *Policy) Text() []byte { return slices.Clone(p.text) }

// Version is the SHA-256 of Text, in hexadecimal.
func (p *Policy) Version() string { return p.version }

// Originals are what becomes of event.original by class, of those that do not keep it: mask, encrypt or drop.
func (p *Policy) Originals() map[string]string { return p.originals }

// Due returns the moment until which the records of a class and UTC day of weir.time are kept, and the one at which they must be
// gone. Zero is never. ok is false where the policy does not know the class, or has no variant for the day: such records are
// kept. A UTC day is due when the last local day that it lies in is; where two variants meet in it, the longer one counts.
func (p *Policy) Due(class, day string) (keepUntil, deleteBy time.Time, ok bool) {
	utc, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, time.Time{}, false
	}
	first, last := localDays(utc, p.zone)
	forever := false
	for _, c := range p.byName[class] {
		if !c.holds(first) && !c.holds(last) {
			continue
		}
		ok = true
		// The part of the day that is the variant's.
		first, last := first, last
		if !c.holds(first) {
			first = last
		}
		if !c.holds(last) {
			last = first
		}
		if c.Keep.Forever() {
			forever = true
		} else if t := startOf(afterLast(last, c.Keep), p.zone); t.After(keepUntil) {
			keepUntil = t
		}
		// The first of the day's records is the one that must be gone first.
		if t := startOf(afterLast(first, c.DeleteBy), p.zone); !c.DeleteBy.Forever() && (deleteBy.IsZero() || t.Before(deleteBy)) {
			deleteBy = t
		}
	}
	if forever {
		return time.Time{}, time.Time{}, ok
	}
	// A day goes as a whole, so nothing has to be gone before all of it may go.
	if !deleteBy.IsZero() && deleteBy.Before(keepUntil) {
		deleteBy = keepUntil
	}
	return keepUntil, deleteBy, ok
}

// Law is what a class says about the law behind it, at one time.
type Law struct {
	Class   string           `json:"class"`
	Title   retention.Text   `json:"title"`
	Law     retention.Text   `json:"law"`
	Article string           `json:"article,omitempty"`
	Notice  string           `json:"notice,omitempty"`
	Applies retention.Text   `json:"applies,omitzero"`
	Note    retention.Text   `json:"note,omitzero"`
	Status  retention.Status `json:"status"`
	Checked string           `json:"checked"`
	Keep    string           `json:"keep"`
	Review  string           `json:"review,omitempty"`
}

// Laws returns the laws that the classes name, as they stood on a day: of each class the variant for events of that day.
func (p *Policy) Laws(at time.Time) []Law {
	day := civil(at, p.zone)
	var out []Law
	for _, c := range p.classes {
		if c.Law == (retention.Text{}) || !c.holds(day) {
			continue
		}
		out = append(out, Law{c.Name, c.Title, c.Law, c.Article, c.Notice, c.Applies, c.Note, c.Status, c.Checked, c.Keep.String(), c.Review})
	}
	return out
}
