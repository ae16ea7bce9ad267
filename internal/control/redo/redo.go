// Package redo is what is asked, and what is answered, about originals that are read again.
package redo

import (
	"context"
	"strings"
	"time"

	"weir/internal/fault"
)

// Redoer reads kept originals again. A weir that runs implements it besides control.Backend; files alone cannot be written
// to.
type Redoer interface {
	// Redo calls each for every line of the answer. The end of ctx ends the reading, not the answer: it is about what was
	// read by then.
	Redo(ctx context.Context, r Request, each func(Line) error) (Summary, error)
}

// StateOpen is the state of a dead letter that was not redriven, or failed again; any other says what became of it.
const StateOpen = "open"

// Request asks for originals to be read again by today's formats.
type Request struct {
	// Redrive takes dead letters that are open, else stored events are taken.
	Redrive bool `json:"redrive,omitempty"`
	// Query is KQL over the stored documents; empty: all of them.
	Query string    `json:"query,omitempty"`
	From  time.Time `json:"from,omitzero"`
	To    time.Time `json:"to,omitzero"` // exclusive
	// Dataset narrows to events of one dataset; of dead letters to those that a format of it gave up.
	Dataset string `json:"dataset,omitempty"`
	// As names the dataset that reads them, whatever they look like; empty: they are recognised.
	As string `json:"as,omitempty"`
	// ID is one dead letter, or the beginning of its id that no other has.
	ID string `json:"id,omitempty"`
	// Source, Reason and Input narrow dead letters.
	Source string `json:"source,omitempty"`
	Reason string `json:"reason,omitempty"`
	Input  string `json:"input,omitempty"`
	// DryRun writes nothing, and shows Examples of what would become of them.
	DryRun   bool `json:"dry_run,omitempty"`
	Examples int  `json:"examples,omitempty"`
}

// DeadLetters is the KQL of the open dead letters that a request is about. The beginning of an id, of a source and of the
// words of a dataset is left to who compares: KQL has no beginnings of quoted values.
func (r Request) DeadLetters() string {
	terms := []string{`event.dataset: "weir.deadletter"`, `not weir.deadletter.outcome: *`}
	for _, t := range [...][2]string{{"weir.deadletter.reason", r.Reason}, {"weir.input", r.Input}} {
		if t[1] != "" {
			terms = append(terms, t[0]+": "+Quote(t[1]))
		}
	}
	if strings.TrimSpace(r.Query) != "" {
		terms = append(terms, "("+r.Query+")")
	}
	return strings.Join(terms, " and ")
}

// Quote writes a value as KQL reads it back.
func Quote(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }

// Line is one line of the answer. One of its members is set.
type Line struct {
	Progress *Progress `json:"progress,omitempty"`
	Example  *Example  `json:"example,omitempty"`
}

// Progress is how far the reading is.
type Progress struct {
	Done  int64     `json:"done"`
	Total int64     `json:"total"`
	At    time.Time `json:"at,omitzero"` // of the documents that are read
}

// Example is what would become of one original.
type Example struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Dataset string    `json:"dataset,omitempty"` // of the document that would be written
	Failed  string    `json:"failed,omitempty"`  // why it could not be read
	Changes []Change  `json:"changes,omitempty"`
}

// Change is a field that differs; an empty text is an absent field.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Summary is what became of them. Tried = Stored + Unchanged + Failed + Filtered, but where one original makes several
// events: those are in Stored each.
type Summary struct {
	Run string `json:"run"` // weir.revised.run of what was written
	// Tried originals, and Stored documents: revisions, and events of dead letters.
	Tried     int64            `json:"tried"`
	Stored    int64            `json:"stored"`
	Unchanged int64            `json:"unchanged"` // said the same as before
	Failed    int64            `json:"failed"`    // could not be read: dead letters that stay some, or events that stay as they are
	FailedBy  map[string]int64 `json:"failed_by,omitempty"`
	Filtered  int64            `json:"filtered"` // dropped by a filter: dead letters are closed, events stay as they are
	// Skipped were not tried: dead letters that were redriven already, and documents without an original.
	Skipped   int64            `json:"skipped"`
	SkippedBy map[string]int64 `json:"skipped_by,omitempty"`
	DryRun    bool             `json:"dry_run,omitempty"`
	// Stopped tells that it ended before all were tried.
	Stopped bool  `json:"stopped,omitempty"`
	TookMS  int64 `json:"took_ms"`

	Warnings []*fault.Error `json:"-"` // carried in the stream
}

// Fail counts originals that could not be read.
func (s *Summary) Fail(reason string, n int64) {
	if s.FailedBy == nil {
		s.FailedBy = map[string]int64{}
	}
	s.FailedBy[reason] += n
	s.Failed += n
}

// Why documents are not tried.
const (
	SkippedRedriven   = "redriven already"
	SkippedNoOriginal = "no original is kept"
	SkippedOwn        = "a document of weir itself"
	SkippedElsewhere  = "a dead letter of a later stage: its event is stored"
)
