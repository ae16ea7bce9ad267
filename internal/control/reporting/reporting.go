// Package reporting is what is asked, and what is answered, about reports: which one, of which month, in which forms.
package reporting

import "time"

// Make is the name of the question. Its documents are of type Document, in order; its answer is an Answer.
const Make = "report/make"

// List is the name of the question for what runs by itself: reports.yaml and what became of it. Its answer is Schedule.
const List = "report/schedule"

// SourcesFacts is the name of the question for the facts about sources of any time, for who draws them otherwise: of type
// FactsRequest, answered by sources.Facts.
const SourcesFacts = "report/sources-facts"

// FactsRequest bounds facts. It costs a scan of that time.
type FactsRequest struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Zone string    `json:"zone,omitempty"`
}

// Kinds of reports, as the command line calls them.
const (
	AccessReview = "access-review"
	Retention    = "retention"
	Sources      = "sources"
	Incidents    = "incidents"
	Mapping      = "mapping"
)

// Kinds returns all of them.
func Kinds() []string { return []string{AccessReview, Retention, Sources, Incidents, Mapping} }

// Formats returns the forms that a report can have.
func Formats() []string { return []string{"html", "pdf", "csv", "json"} }

// Request asks for one report.
type Request struct {
	Kind    string   `json:"kind"`
	Name    string   `json:"name,omitempty"`  // of the mapping
	Month   string   `json:"month,omitempty"` // YYYY-MM; empty: the one before this
	Zone    string   `json:"zone,omitempty"`  // Asia/Seoul; empty: that of the configuration
	Lang    string   `json:"lang,omitempty"`  // en or ko; empty: en
	Formats []string `json:"formats"`         // at least one
	// NoBOM leaves out the mark at the beginning of CSV by which Excel knows UTF-8.
	NoBOM bool `json:"no_bom,omitempty"`
}

// Document is one of what is streamed before the answer: how far it is, or a piece of a file. Pieces of a file come in
// order and one file after the other.
type Document struct {
	Step string  `json:"step,omitempty"` // what is done now, in words
	Done float64 `json:"done,omitempty"` // of it, in events
	File string  `json:"file,omitempty"` // name of the file that Body is a piece of
	Body []byte  `json:"body,omitempty"`
}

// Answer says what was made.
type Answer struct {
	Kind  string    `json:"kind"`
	Title string    `json:"title"`
	Month string    `json:"month"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	Files []File    `json:"files"`
	// Notes are what the report says must not be overlooked, in its language.
	Notes []string `json:"notes,omitempty"`
}

// File is one file that was made.
type File struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Schedule is what runs by itself.
type Schedule struct {
	File    string   `json:"file"`
	Entries []Entry  `json:"entries"`
	Faults  []string `json:"faults,omitempty"` // why the file as it is now is not in use
}

// Entry is one line of reports.yaml and what became of it.
type Entry struct {
	Report string    `json:"report"`
	Name   string    `json:"name,omitempty"`
	Every  string    `json:"every"`
	Next   time.Time `json:"next,omitzero"`
	// Last is when it was made last, and Month of which month it was.
	Last     time.Time `json:"last,omitzero"`
	Month    string    `json:"month,omitempty"`
	Attempts int       `json:"attempts,omitempty"` // since it failed first
	Error    string    `json:"error,omitempty"`    // of the last attempt
}
