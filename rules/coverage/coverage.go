// Package coverage is what is known of which events the rules were tried on: it writes and reads the documents that say
// so, and computes from them what is covered, by ATT&CK technique, by rule and over time.
//
// There are two kinds of documents, both of the dataset weir.coverage in the class audit. A stretch says that a range of
// offsets of one raw partition was evaluated by one rule set, which datasets and log sources were in it, and from when to
// when their events were. The description of a rule set says which rules that set has, and which of them could not run.
package coverage

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"weir/event"
)

// Dataset is event.dataset of what this package writes, and Class its retention class: who is asked in a year what was
// watched needs it as long as the records of who looked.
const (
	Dataset = "weir.coverage"
	Class   = "audit"
)

// Values of event.action: what a document is.
const (
	actionStretch = "events-evaluated"
	actionRuleSet = "rules-used"
)

// Span is what one stretch holds of one dataset and one log source, of times that are not further apart than Apart; a stretch may
// have several.
type Span struct {
	Dataset string `json:"dataset"`
	// Products, categories and services of the events, as in windows/process_creation/sysmon; empty: not known.
	Source string    `json:"source,omitempty"`
	Events int64     `json:"events"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

// Stretch is a range of offsets of one raw partition that one rule set evaluated. All signals of its events are durable:
// a stretch is written after them.
type Stretch struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	// From is in it, To is not.
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// Hash of the rule set.
	Set string `json:"set"`
	// When the first and the last of it were evaluated.
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
	Spans []Span    `json:"spans,omitempty"`
}

// Apart is how far events may be from each other that are one span: all of the time between counts as seen.
const Apart = 10 * time.Minute

// Bounds of the spans of a stretch. What comes beyond maxSpans is counted under the dataset "other"; once there are maxApart, what
// is of a dataset that is there goes to its nearest span, however far that is.
const (
	maxSpans = 200
	maxApart = maxSpans / 2
)

// other is the dataset of what is beyond maxSpans.
const other = "other"

// Events counts the events of all spans.
func (s *Stretch) Events() int64 {
	var n int64
	for i := range s.Spans {
		n += s.Spans[i].Events
	}
	return n
}

// Add takes in what another part of the stretch holds.
func (s *Stretch) Add(spans []Span) {
	for _, x := range spans {
		at := s.nearest(&x)
		if at == nil && len(s.Spans) >= maxSpans {
			x.Dataset, x.Source = other, ""
			at = s.nearest(&x)
		}
		if at == nil || at.from(&x) > Apart && len(s.Spans) < maxApart {
			s.Spans = append(s.Spans, x)
			continue
		}
		at.Events += x.Events
		if x.First.Before(at.First) {
			at.First = x.First
		}
		if x.Last.After(at.Last) {
			at.Last = x.Last
		}
	}
}

// nearest returns the span of the same dataset and log source that is the least far away, nil if there is none.
func (s *Stretch) nearest(x *Span) (out *Span) {
	for i := range s.Spans {
		if y := &s.Spans[i]; y.Dataset == x.Dataset && y.Source == x.Source && (out == nil || y.from(x) < out.from(x)) {
			out = y
		}
	}
	return out
}

// from is how far apart two spans are, 0 if they touch.
func (x *Span) from(y *Span) time.Duration {
	return max(0, y.First.Sub(x.Last), x.First.Sub(y.Last))
}

// times returns the oldest and the newest event time.
func (s *Stretch) times() (first, last time.Time) {
	for _, x := range s.Spans {
		if first.IsZero() || x.First.Before(first) {
			first = x.First
		}
		if x.Last.After(last) {
			last = x.Last
		}
	}
	return first, last
}

// Event fills e, which is reset first, with the document of the stretch. Equal stretches give equal documents: one that
// is written again after a crash is the same. Strings of e alias the stretch.
func (s *Stretch) Event(e *event.Event) {
	head(e, s.Ended, actionStretch, s.Set)
	e.SetStr(event.EventID, fmt.Sprintf("%s/%d/%d-%d/%s", s.Topic, s.Partition, s.From, s.To, short(s.Set)))
	e.Set(event.EventStart, event.At(s.Began))
	e.Set(event.EventEnd, event.At(s.Ended))
	e.SetStr(event.WeirCoverageTopic, s.Topic)
	e.SetInt(event.WeirCoveragePartition, int64(s.Partition))
	e.SetInt(event.WeirCoverageFrom, s.From)
	e.SetInt(event.WeirCoverageTo, s.To)
	e.SetInt(event.WeirCoverageEvents, s.Events())
	first, last := s.times()
	if !first.IsZero() {
		e.Set(event.WeirCoverageFirst, event.At(first))
		e.Set(event.WeirCoverageLast, event.At(last))
	}
	list := make([]event.Value, len(s.Spans))
	for i, x := range s.Spans {
		list[i] = event.Members(event.Str("dataset"), event.Str(x.Dataset), event.Str("source"), event.Str(x.Source),
			event.Str("events"), event.Num(x.Events), event.Str("first"), event.At(x.First), event.Str("last"), event.At(x.Last))
	}
	if len(list) > 0 {
		e.Set(event.WeirCoverageSources, event.Items(list...))
	}
	e.SetStr(event.Message, fmt.Sprintf("rule set %s evaluated %d events of %s/%d, offsets %d to %d", short(s.Set), s.Events(), s.Topic, s.Partition, s.From, s.To-1))
}

// head sets what all documents of the package have.
func head(e *event.Event, at time.Time, action, set string) {
	e.Reset()
	for _, f := range []event.Field{event.Timestamp, event.EventCreated, event.EventIngested, event.WeirTime} {
		e.Set(f, event.At(at))
	}
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventKind, "state")
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, Dataset)
	e.SetStr(event.EventAction, action)
	e.SetStr(event.WeirClass, Class)
	e.SetInt(event.WeirRevision, 1)
	e.SetStr(event.WeirRulesetHash, set)
}

// short is enough of a hash to tell sets apart; one that is no hash is made one, so that ids stay short.
func short(hash string) string {
	if len(hash) == 32 {
		return hash[:8]
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(hash)) // a hash never fails
	return hex.EncodeToString(h.Sum(nil))
}

// ReadStretch reads the document of a stretch; ok is false for any other. Nothing of e is kept.
func ReadStretch(e *event.Event) (s Stretch, ok bool) {
	if e.Str(event.EventDataset) != Dataset || e.Str(event.EventAction) != actionStretch {
		return s, false
	}
	s = Stretch{
		Topic: strings.Clone(e.Str(event.WeirCoverageTopic)), Partition: int32(e.Get(event.WeirCoveragePartition).Int()),
		From: e.Get(event.WeirCoverageFrom).Int(), To: e.Get(event.WeirCoverageTo).Int(), Set: strings.Clone(e.Str(event.WeirRulesetHash)),
		Began: timeOf(e.Get(event.EventStart)), Ended: timeOf(e.Get(event.EventEnd)),
	}
	for _, v := range list(e.Get(event.WeirCoverageSources)) {
		s.Spans = append(s.Spans, Span{Dataset: text(v, "dataset"), Source: text(v, "source"), Events: v.Get("events").Int(), First: timeOf(v.Get("first")), Last: timeOf(v.Get("last"))})
	}
	return s, s.To > s.From && s.Topic != "" && s.Set != ""
}

// list returns the items of a list, or the one value that is none.
func list(v event.Value) []event.Value {
	if v.Kind() != event.List {
		if v.Kind() == event.Object {
			return []event.Value{v}
		}
		return nil
	}
	out := make([]event.Value, v.Len())
	for i := range out {
		out[i] = v.Item(i)
	}
	return out
}

// text returns a copy of a member's text.
func text(v event.Value, key string) string {
	if m := v.Get(key); m.Kind() == event.String {
		return strings.Clone(m.Str())
	}
	return ""
}

// texts returns copies of the texts of a list.
func texts(v event.Value) []string {
	if v.Kind() == event.String {
		return []string{strings.Clone(v.Str())}
	}
	var out []string
	for i := range v.Len() {
		if x := v.Item(i); x.Kind() == event.String {
			out = append(out, strings.Clone(x.Str()))
		}
	}
	return out
}

// timeOf reads a time; those in objects come back as text.
func timeOf(v event.Value) time.Time {
	switch v.Kind() {
	case event.Time:
		return v.Time()
	case event.String:
		if t, err := time.Parse(time.RFC3339Nano, v.Str()); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
