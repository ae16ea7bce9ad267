// Package formattest runs the tests that formats bring along, through the parser of live.
package formattest

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// Result is what became of one test.
type Result struct {
	Name string
	// Line is where it stands in the format's file.
	Line int
	Took time.Duration
	// Problems are what differs; none: the test passed.
	Problems []Problem
	// Recognised is the dataset of the message when nothing says what it is; "" where the test has a document, or no events.
	Recognised string
	// Unknown tells that no format recognises it: it would be a plain line. Misfit says what of the format's own match does not
	// hold, "" if all does.
	Unknown bool
	Misfit  string
}

// Problem is one difference. Of a path it has what was wanted and what came, else only What.
type Problem struct {
	// Event is the number of the event, from 0, where the test has several; else -1.
	Event     int
	What      string
	Want, Got string
}

// Runner runs tests. It belongs to one goroutine.
type Runner struct {
	parser *parse.Parser
	event  event.Event
	drops  int
	format *format.Format // of the last record, nil if none fits
}

// New makes a runner with the options of a parser, whose formats are those to be tested and what they use. Times without a zone
// are in UTC unless the options say otherwise, so that a test comes to the same result anywhere.
func New(o parse.Options) (*Runner, error) {
	if o.DefaultZone == nil {
		o.DefaultZone = time.UTC
	}
	o.History = true
	r := &Runner{}
	o.Recognised = func(by parse.Recognised) { r.format = by.Format }
	p, err := parse.New(o)
	if err != nil {
		return nil, fmt.Errorf("making the parser of format tests: %w", err)
	}
	r.parser = p
	p.OnDrop(func() { r.drops++ })
	return r, nil
}

// Run runs all tests of a format.
func (r *Runner) Run(f *format.Format) []Result {
	out := make([]Result, 0, len(f.Tests))
	for i := range f.Tests {
		out = append(out, r.one(f, &f.Tests[i]))
	}
	return out
}

// one runs one test.
func (r *Runner) one(f *format.Format, t *format.Test) Result {
	start := time.Now()
	res := Result{Name: t.Name, Line: t.Line}
	raw := record.Raw{Value: []byte(t.Raw), Received: t.At, Input: "syslog", Proto: "test", ID: "test"}
	if t.Input != "" {
		raw.Input = t.Input
	}
	if t.Doc.Kind() != event.Absent && t.Raw == "" {
		raw.Value = t.Doc.AppendJSON(nil)
	}
	r.drops = 0
	events, wrong := 0, 0
	err := r.parser.ParseDocument(f.Name(), t.Doc, &raw, &r.event, func(e *event.Event) error {
		number := -1
		if len(t.Expect) > 1 {
			number = events
		}
		if events < len(t.Expect) {
			res.Problems = append(res.Problems, compare(e, t.Expect[events], number)...)
		}
		wrong += e.Get(event.WeirParseErrors).Len()
		// The first reason says more than the number of them.
		if wrong > t.Errors {
			res.Problems = append(res.Problems, Problem{Event: number, What: event.WeirParseErrors.Path(), Want: strconv.Itoa(t.Errors), Got: e.Get(event.WeirParseErrors).Text()})
		}
		events++
		return nil
	})
	res.Problems = append(res.Problems, r.counts(t, events, wrong, err)...)
	if t.Doc.Kind() == event.Absent && events > 0 {
		if res.Recognised = r.recognised(&raw); res.Recognised != "" {
			res.Unknown, res.Misfit = r.format == nil, r.parser.Misfit(f)
		}
	}
	res.Took = time.Since(start)
	return res
}

// counts compares the numbers of events, of errors and of those that were filtered.
func (r *Runner) counts(t *format.Test, events, wrong int, err error) (out []Problem) {
	say := func(what, want, got string) {
		if want != got {
			out = append(out, Problem{Event: -1, What: what, Want: want, Got: got})
		}
	}
	if dead, ok := errors.AsType[*parse.DeadLetter](err); ok {
		return append(out, Problem{Event: -1, What: "the record", Want: "an event", Got: "dead letter: " + dead.Error()})
	}
	if err != nil {
		return append(out, Problem{Event: -1, What: "the record", Want: "an event", Got: err.Error()})
	}
	if t.Dropped {
		if r.drops == 0 {
			say("the event", "dropped", fmt.Sprintf("%d kept", events))
		}
		return out
	}
	if r.drops > 0 && events == 0 {
		say("the event", "kept", "dropped")
		return out
	}
	say("events", strconv.Itoa(max(1, len(t.Expect))), strconv.Itoa(events))
	if wrong < t.Errors {
		say(event.WeirParseErrors.Path(), strconv.Itoa(t.Errors), strconv.Itoa(wrong))
	}
	return out
}

// recognised returns the dataset of a record of which nothing is known.
func (r *Runner) recognised(raw *record.Raw) (dataset string) {
	err := r.parser.Parse(raw, &r.event, func(e *event.Event) error {
		if dataset == "" {
			dataset = e.Str(event.EventDataset)
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return dataset
}
