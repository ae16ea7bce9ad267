// Package redo finds the documents whose originals are to be read again, and says in what a new reading differs.
package redo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control"
	"weir/internal/control/redo"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/rerun"
)

// Found is one document whose original can be read again. It is valid until the next one.
type Found struct {
	Order    rerun.Order
	Original []byte
	// Doc is the document, in memory of its own.
	Doc []byte
	At  time.Time // its sort time
}

// Selection says what a walk over the documents left out, and how many there are.
type Selection struct {
	Total   int64 // that fulfil the query, as the archive counts them before it is read
	Skipped map[string]int64
	// Warnings are about parts of the archive that cannot be read.
	Warnings []*fault.Error
}

// skip counts a document that is not tried.
func (s *Selection) skip(why string, n int64) {
	if n <= 0 {
		return
	}
	if s.Skipped == nil {
		s.Skipped = map[string]int64{}
	}
	s.Skipped[why] += n
}

// Walk calls each for the documents that a request is about, the newest revision of each, oldest first. began is called
// before the first with what is known by then. The archive is read as it was at the beginning: what the new readings add
// is not met.
func Walk(ctx context.Context, ar *archive.Archive, r redo.Request, began func(*Selection), each func(*Found) error) (*Selection, error) {
	kql, err := Query(r)
	if err != nil {
		return nil, err
	}
	q, err := query.Parse(kql)
	if err != nil {
		return nil, fmt.Errorf("reading the query: %w", err)
	}
	sel := &Selection{}
	if err := sel.count(ctx, ar, r, q); err != nil {
		return sel, err
	}
	began(sel)
	var scratch event.Event
	for e, err := range ar.Scan(ctx, search.ScanOptions{Filter: q, From: r.From, To: r.To}) {
		switch {
		case ctx.Err() != nil:
			return sel, ctx.Err()
		case err != nil:
			sel.Warnings = append(sel.Warnings, &fault.Error{Code: "segment-unreadable", What: "a part of the archive cannot be read; its events are left out", Why: err.Error(), Warn: true, Cause: err})
			continue
		}
		f := Found{Doc: e.AppendJSON(nil), At: sortTime(e)}
		if !meant(r, e) {
			continue
		}
		if f.Order, f.Original, err = rerun.Of(f.Doc, &scratch); err != nil {
			sel.skip(why(err), 1)
			continue
		}
		f.Order.As = r.As
		if err := each(&f); err != nil {
			return sel, err
		}
	}
	return sel, ctx.Err()
}

// Query is the KQL of the documents that a request is about. Documents of weir itself are left out where it does not ask
// for dead letters: no device sent them.
func Query(r redo.Request) (string, error) {
	if r.Redrive {
		if _, err := query.Parse(r.Query); err != nil {
			return "", fmt.Errorf("reading the query: %w", err)
		}
		return r.DeadLetters(), nil
	}
	if _, err := query.Parse(r.Query); err != nil { // before it is put in brackets, where its caret would be off
		return "", fmt.Errorf("reading the query: %w", err)
	}
	terms := []string{"weir.input: *", `not weir.input: "audit"`, "not event.dataset: " + redo.Quote(rerun.DeadLetterDataset)}
	if r.Dataset != "" {
		terms = append(terms, "event.dataset: "+redo.Quote(r.Dataset))
	}
	if strings.TrimSpace(r.Query) != "" {
		terms = append(terms, "("+r.Query+")")
	}
	return strings.Join(terms, " and "), nil
}

// count learns how many documents there are, and which dead letters were redriven before.
func (s *Selection) count(ctx context.Context, ar *archive.Archive, r redo.Request, q *query.Query) error {
	sum, err := ar.Search(ctx, search.Request{Query: q, From: r.From, To: r.To}, nil)
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	s.Total = int64(sum.Total)
	if !r.Redrive {
		return nil
	}
	open, err := letters(ctx, ar, r, false)
	if err != nil {
		return err
	}
	all, err := letters(ctx, ar, r, true)
	if err != nil {
		return err
	}
	closed := int64(0)
	for id := range all {
		if !open[id] {
			closed++
		}
	}
	s.skip(redo.SkippedRedriven, closed)
	s.Total = int64(len(open))
	return nil
}

// letters returns the ids of the dead letters that a request is about: the open ones, or with those that were redriven.
func letters(ctx context.Context, ar *archive.Archive, r redo.Request, all bool) (map[string]bool, error) {
	q, err := query.Parse(r.DeadLetters())
	if err != nil {
		return nil, fmt.Errorf("reading the query: %w", err)
	}
	out := map[string]bool{}
	for e, err := range ar.Scan(ctx, search.ScanOptions{Filter: q, From: r.From, To: r.To, Revisions: all}) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && meant(r, e) {
			out[strings.Clone(e.Str(event.EventID))] = true
		}
	}
	return out, ctx.Err()
}

// meant compares what KQL has no words for.
func meant(r redo.Request, e *event.Event) bool {
	if !r.Redrive {
		return true
	}
	return control.DeadLettersRequest{ID: r.ID, Source: r.Source, Dataset: r.Dataset}.Holds(
		e.Str(event.EventID), e.Str(event.WeirInput)+"/"+e.Str(event.LogSourceAddress), e.Str(event.ErrorMessage))
}

// why names the reason for which a document is not tried.
func why(err error) string {
	switch {
	case errors.Is(err, rerun.ErrOwn):
		return redo.SkippedOwn
	case errors.Is(err, rerun.ErrElsewhere):
		return redo.SkippedElsewhere
	}
	return redo.SkippedNoOriginal
}

// sortTime is when the archive has the document.
func sortTime(e *event.Event) time.Time {
	for _, f := range [...]event.Field{event.Timestamp, event.WeirTime} {
		if v := e.Get(f); v.Kind() == event.Time {
			return v.Time()
		}
	}
	return time.Time{}
}
