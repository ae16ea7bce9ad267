package normalise

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/processors"
)

// An original that is read again comes as an order (package rerun) over a raw topic of its own, so its positions, its
// counts and its way to the readers are those of any record. Three things are different: what it makes is a revision of a
// document that is there; one that says the same as that document is counted and goes no further; and no rule sees it, nor
// does the time of the stream, since it is not of now.

// again is the order of the record under way.
type again struct {
	rerun.Order
	raw      record.Raw // the record as it was when it came in
	landed   bool       // the document of the order has a new revision, or says the same as before
	filtered bool       // an event was dropped by a filter
	scratch  event.Event
}

// DatasetParser is what a parser may be besides: it reads a record as one of a dataset that is named.
type DatasetParser interface {
	ParseDataset(name string, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error
}

// AgainParser is what a parser may be besides: it reads the original of an event of a dataset, which may be a part of a record,
// as one of another dataset if that is named.
type AgainParser interface {
	ParseAgain(as, was string, part bool, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error
}

// ReasonOrder is the reason of a dead letter whose record is no order, or one that cannot be followed.
const ReasonOrder = "order-unreadable"

// readAgain reads the original that a record brings.
func (w *worker) readAgain(value []byte) error {
	o, original, err := rerun.Parse(value)
	if err != nil {
		return &processors.DeadLetter{Reason: ReasonOrder, Detail: err.Error()}
	}
	a := &again{Order: o, raw: o.Raw(original)}
	w.again = a
	if err := a.parse(w.parser, &w.e, w.emit); err != nil {
		return err
	}
	if w.sub == 0 { // today's format drops it
		w.counts.Filtered++
		a.filtered = true
	}
	if o.By == rerun.InputRedrive && !a.landed {
		w.closeLetter()
	}
	return nil
}

// parse lets the parser read the original.
func (a *again) parse(p processors.Parser, e *event.Event, emit func(*event.Event) error) error {
	if by, ok := p.(AgainParser); ok && a.By == rerun.InputReparse {
		return by.ParseAgain(a.As, a.Was, a.Part, &a.raw, e, emit)
	}
	if a.As == "" {
		return p.Parse(&a.raw, e, emit)
	}
	if by, ok := p.(DatasetParser); ok {
		return by.ParseDataset(a.As, &a.raw, e, emit)
	}
	return &processors.DeadLetter{Reason: ReasonOrder, Detail: "the parser takes no name of a dataset"}
}

// id returns the event.id of the event under way. Events of a dead letter's record have the ids that they would have had
// then. A stored event has its own; what its original makes beyond it has ids that no event has yet.
func (a *again) id(sub int32) string {
	switch {
	case a.By == rerun.InputRedrive && sub > 0:
		return fmt.Sprintf("%s-%d", a.Base, sub)
	case a.By == rerun.InputRedrive:
		return a.Base
	case sub > 0:
		return fmt.Sprintf("%s-x%d", a.ID, sub)
	}
	return a.ID
}

// revision finishes one event of an original and hands it on if it is another than the one that is stored.
func (w *worker) revision(e *event.Event) error {
	a, c := w.again, w.counts
	if w.sub < a.Skip { // made when the record was new
		c.Duplicate++
		w.sub++
		return nil
	}
	id := a.id(w.sub)
	mine := id == a.ID
	revision := a.number(id)
	src := w.stamp(e, id, revision, a.raw.Received)
	if !a.finish(e, w.opts, mine) {
		c.Filtered++
		w.sub++
		return nil
	}
	doc := w.sheet.encode(e)
	if len(doc) > maxEvent {
		return tooLarge(doc)
	}
	if mine {
		a.landed = true
		if a.same(doc) {
			c.Duplicate++
			w.sub++
			return nil
		}
	}
	class, day := classDay(e)
	if mine {
		class, day = a.first(class, day)
	}
	w.sheet.add(doc, src, w.lastEvent, &w.raw, id, strconv.AppendInt(nil, revision, 10), class, day)
	w.lastEvent = append(w.lastEvent[:0], src...)
	c.Events++
	w.sub++
	return nil
}

// number returns the revision that the event with this id gets.
func (a *again) number(id string) int64 {
	if id == a.ID {
		return a.Revision + 1
	}
	return 1
}

// finish does with an event what is done with a new one, but for the rules. False: a filter drops it.
func (a *again) finish(e *event.Event, opts *Options, mine bool) bool {
	a.Restore(e, &a.scratch)
	a.mark(e, mine)
	for _, step := range opts.Steps {
		step(e, &a.raw)
	}
	if opts.DropIf != nil && opts.DropIf(e) {
		a.filtered = true
		return false
	}
	return true
}

// mark writes down what a revision is of, and which rules matched the event when it was new: they do not see it again.
func (a *again) mark(e *event.Event, mine bool) {
	e.SetStr(event.WeirRevisedBy, a.By)
	e.SetStr(event.WeirRevisedRun, a.Run)
	for _, f := range [...]event.Field{event.WeirRevisedAt, event.WeirRevisedClass, event.WeirRevisedDay, event.WeirRules} {
		e.Delete(f)
	}
	if !mine {
		return
	}
	for _, ns := range a.At {
		e.Append(event.WeirRevisedAt, time.Unix(0, ns).UTC().Format(time.RFC3339Nano))
	}
	e.SetStr(event.WeirRevisedClass, a.Class)
	e.SetStr(event.WeirRevisedDay, a.Day)
	for _, rule := range a.Rules {
		e.Append(event.WeirRules, rule)
	}
}

// same tells whether a document says what the stored one does.
func (a *again) same(doc []byte) bool {
	return a.scratch.Decode(doc) == nil && rerun.Sum(&a.scratch) == a.Sum
}

// first returns the class and day of the event's first revision, by which its index in Elasticsearch is named: a revision
// has to replace it there. Where there is none, they are its own.
func (a *again) first(class string, day int64) (string, int64) {
	if at, err := time.Parse(time.DateOnly, a.Day); err == nil {
		return a.Class, at.Unix() / int64(24*time.Hour/time.Second)
	}
	return class, day
}

// failedAgain deals with an original that cannot be read, as far as it goes. A stored event stays as it is, and so does a
// dead letter that would say the same; one with another reason gets a revision.
func (w *worker) failedAgain(d *processors.DeadLetter) {
	a, c := w.again, w.counts
	a.landed = true
	w.opts.Log.Warn("an original cannot be read again", "event", a.ID, "reason", d.Reason, "detail", d.Detail)
	if a.By == rerun.InputReparse {
		c.Duplicate++
		c.Failed++
		return
	}
	id := a.id(max(w.sub, a.Skip))
	src := w.letter(id, d)
	if id == a.ID && a.same(w.e.AppendJSON(nil)) {
		c.Duplicate++
		c.Failed++
		return
	}
	countDead(c, d.Reason)
	w.addLetter(src, &a.raw)
}

// letter makes the document of a dead letter that was redriven.
func (w *worker) letter(id string, d *processors.DeadLetter) (src []byte) {
	a := w.again
	fillDeadLetter(&w.e, &a.raw, d)
	a.mark(&w.e, id == a.ID)
	return w.stamp(&w.e, id, a.number(id), a.raw.Received)
}

// Outcomes of dead letters whose record made no event under their id.
const (
	OutcomeFiltered = "filtered" // a filter drops what the record says
	OutcomeAbsorbed = "absorbed" // the record became other events
)

// closeLetter writes down that a dead letter was redriven although no event has its id: else it would be tried for ever.
// This is a note and no dead letter, so it is not counted as one.
func (w *worker) closeLetter() {
	a := w.again
	src := w.letter(a.ID, &processors.DeadLetter{Reason: a.Reason, Detail: a.Detail})
	outcome := OutcomeAbsorbed
	if a.filtered {
		outcome = OutcomeFiltered
	}
	w.e.SetStr(event.WeirDeadletterOutcome, outcome)
	w.addLetter(bytes.Clone(src), &a.raw)
}
