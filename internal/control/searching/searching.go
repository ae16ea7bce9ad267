// Package searching is what is asked, and what is answered, by the questions about stored events: pages of them, the fields
// that they have, saved searches, and everything that a query finds.
package searching

import (
	"time"

	"weir/internal/fault"
)

// Names of the questions.
const (
	AskPage   = "search/page"   // PageRequest -> documents, Page
	AskFields = "search/fields" // FieldsRequest -> Fields
	AskSaved  = "search/saved"  // SavedRequest -> SavedList
	AskSave   = "search/save"   // SaveRequest -> Saved
	AskExport = "search/export" // ExportRequest -> documents, Exported
)

// MaxSize is how many documents one page has at most; who wants more asks for the next page, or exports.
const MaxSize = 10_000

// MaxCountBy is how many fields one count may be by.
const MaxCountBy = 3

// Scope says which events are meant. The zero value is everything.
type Scope struct {
	Query string    `json:"query,omitempty"` // KQL
	From  time.Time `json:"from,omitzero"`
	To    time.Time `json:"to,omitzero"` // not included
	// Classes are retention classes; empty: all.
	Classes []string `json:"classes,omitempty"`
	// Revisions asks for all revisions of each event; else the newest of each is searched.
	Revisions bool `json:"revisions,omitempty"`
}

// PageRequest asks for one page of events, and for counts beside it.
type PageRequest struct {
	Scope
	// Size is how many documents are wanted, at most MaxSize; 0: only counts.
	Size int `json:"size,omitempty"`
	// Sort is the field by which events are ordered, with - before it for the highest first; "": -@timestamp. Events without
	// the field come last, and equal ones newest first.
	Sort string `json:"sort,omitempty"`
	// After is Page.Next of the page before; the rest of the request must be the same. Page.Hits and counts are left out
	// then unless Counts asks for them.
	After  string `json:"after,omitempty"`
	Counts bool   `json:"counts,omitempty"`
	// Fields are those of each document; empty: all.
	Fields []string `json:"fields,omitempty"`
	// Buckets asks for a histogram with at most so many bars; Interval, if it is set, is their width.
	Buckets  int           `json:"buckets,omitempty"`
	Interval time.Duration `json:"interval_ns,omitempty"`
	// CountBy are one to three fields: how many events have each combination of their values. CountSize of them (10), the
	// most frequent first. One field is what is called its top values.
	CountBy   []string `json:"count_by,omitempty"`
	CountSize int      `json:"count_size,omitempty"`
}

// Page is what a page says after its documents.
type Page struct {
	Hits  int64 `json:"hits"` // that match, shown or not; -1: not counted, because a page before has told
	Shown int   `json:"shown"`
	// Next is the cursor of the next page; "": this was the last one.
	Next string    `json:"next,omitempty"`
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`

	Buckets     []Bucket      `json:"buckets,omitempty"` // ascending, without holes
	BucketWidth time.Duration `json:"bucket_width_ns,omitempty"`

	Groups  []Group `json:"groups,omitempty"`   // of CountBy, the most frequent first
	Total   int64   `json:"groups_total"`       // how many different groups there are
	Missing int64   `json:"missing,omitempty"`  // events that lack one of the fields: they are in no group
	Exact   bool    `json:"groups_exact"`       // false: there were more groups than are counted at once, and rare ones are missing
	Warn    []Word  `json:"warnings,omitempty"` // what the answer lacks, and names that no list knows

	TookMS        int64 `json:"took_ms"`
	SegmentsRead  int   `json:"segments_read"`
	SegmentsTotal int   `json:"segments_total"`
}

// Bucket is one bar of a histogram.
type Bucket struct {
	Time  time.Time `json:"time"`
	Count int64     `json:"count"`
}

// Group is one combination of values, in the order of CountBy.
type Group struct {
	Values []string `json:"values"`
	Count  int64    `json:"count"`
}

// Word is a warning as plain data: Code, What, Why and Do of a fault.
type Word struct {
	Code string `json:"code"`
	What string `json:"what"`
	Why  string `json:"why,omitempty"`
	Do   string `json:"do,omitempty"`
}

// WordOf is the word of a fault.
func WordOf(f *fault.Error) Word { return Word{Code: f.Code, What: f.What, Why: f.Why, Do: f.Do} }

// Fault is the warning of a word.
func (w Word) Fault() *fault.Error {
	return &fault.Error{Code: w.Code, What: w.What, Why: w.Why, Do: w.Do, Warn: true}
}

// FieldsRequest asks which fields events have.
type FieldsRequest struct {
	Scope
	// Sample is how many of the newest matching events are looked at; 0: all.
	Sample int `json:"sample,omitempty"`
	// Values is how many of the most frequent values of each field are wanted; 0: only how many events have it.
	Values int `json:"values,omitempty"`
	// Only limits the answer to these fields and those below them; empty: all.
	Only []string `json:"only,omitempty"`
}

// Fields are those of some events, in the order of their names.
type Fields struct {
	Events  int64   `json:"events"` // that were looked at
	Sampled bool    `json:"sampled,omitempty"`
	Rows    []Field `json:"rows"`
	Warn    []Word  `json:"warnings,omitempty"`
	TookMS  int64   `json:"took_ms"`
}

// Field is one field.
type Field struct {
	Name   string `json:"name"`
	Type   string `json:"type"`   // keyword, text, ip, long, double, date, boolean, flattened; "": no list knows it
	Events int64  `json:"events"` // that have it
	// Values are the most frequent ones; none for fields whose values hardly ever repeat (message, event.id).
	Values   []Value `json:"values,omitempty"`
	Distinct int64   `json:"distinct,omitempty"` // how many different values there are
	Exact    bool    `json:"exact,omitempty"`    // false: there are more values than are counted
}

// Value is one value of a field and how many events have it.
type Value struct {
	Text  string `json:"value"`
	Count int64  `json:"count"`
}

// Saved is a search that is kept in a file: searches/NAME.yaml of the data folder, or one that weir brings.
type Saved struct {
	Name    string `json:"name" yaml:"name,omitempty"`
	Title   string `json:"title,omitempty" yaml:"title,omitempty"`
	TitleKo string `json:"title_ko,omitempty" yaml:"title.ko,omitempty"`
	Query   string `json:"query" yaml:"query"`
	// From and To are times as people write them: -24h, 2026-11-01.
	From      string   `json:"from,omitempty" yaml:"from,omitempty"`
	To        string   `json:"to,omitempty" yaml:"to,omitempty"`
	Sort      string   `json:"sort,omitempty" yaml:"sort,omitempty"`
	Size      int      `json:"size,omitempty" yaml:"size,omitempty"`
	Fields    []string `json:"fields,omitempty" yaml:"fields,omitempty"`
	CountBy   []string `json:"count_by,omitempty" yaml:"count_by,omitempty"`
	Histogram bool     `json:"histogram,omitempty" yaml:"histogram,omitempty"`
	// Shipped is one that weir brings, and that no file of the same name replaces.
	Shipped bool `json:"shipped,omitempty" yaml:"-"`
}

// SavedRequest asks for saved searches: one by name, or all.
type SavedRequest struct {
	Name string `json:"name,omitempty"`
}

// SavedList are saved searches in the order of their names, and what is wrong with files that are none.
type SavedList struct {
	Rows []Saved `json:"rows"`
	Warn []Word  `json:"warnings,omitempty"`
}

// SaveRequest keeps a search. One that is there already is refused unless Replace is set.
type SaveRequest struct {
	Saved
	Replace bool `json:"replace,omitempty"`
}

// ExportRequest asks for everything that a query finds, the oldest first. Each document comes as it is stored.
type ExportRequest struct {
	Scope
	// Fields are those of each document; empty: all.
	Fields []string `json:"fields,omitempty"`
	// Format and To are only for the record of who exported what.
	Format string `json:"format,omitempty"`
	Into   string `json:"into,omitempty"`
}

// Exported ends an export.
type Exported struct {
	Events int64  `json:"events"`
	Warn   []Word `json:"warnings,omitempty"`
	TookMS int64  `json:"took_ms"`
}

// Reason says what became of an export, for the record of it.
func (r ExportRequest) Reason() string {
	switch {
	case r.Format == "":
		return r.Into
	case r.Into == "":
		return r.Format
	}
	return r.Format + " into " + r.Into
}
