// Package trace follows the values that decided a condition back to the bytes that were received.
package trace

import (
	"bytes"
	"encoding/base64"
	"strings"
	"time"

	"weir/event"
	"weir/internal/match"
	"weir/internal/match/fold"
)

// Part is a part of a condition that held, with the value that satisfied it and the literal that it was compared with.
type Part struct {
	Expr    string `json:"expr"`
	Field   string `json:"field,omitempty"`
	Value   string `json:"value,omitempty"`
	Literal string `json:"literal,omitempty"`
	// Start and End are where in the value it was found, in bytes.
	Start int `json:"start"`
	End   int `json:"end"`
}

// Parts returns which parts of a condition hold for the event of the view, each with its value; nil if the condition does
// not hold. They outlive the event.
func Parts(c *match.Cond, v *fold.View) []Part {
	list := c.Held(v)
	out := make([]Part, len(list))
	for i, h := range list {
		out[i] = Part{h.Expr, h.Field, h.Value, h.Literal, h.Start, h.End}
	}
	return out
}

// Place is where a value stands in what was received, in bytes; From and To are -1 for a value that does not stand in it
// as it is: the parser worked it out, or something else than the record told it.
type Place struct {
	From int `json:"from"`
	To   int `json:"to"`
	// HitFrom and HitTo are the bytes that a literal of the rule was found in; all of the value where the rule asked for no
	// part of it.
	HitFrom int `json:"hit_from"`
	HitTo   int `json:"hit_to"`
}

// Find returns where the value of a part stands in what was received.
func Find(original string, p Part) Place {
	from, to := standsIn(original, p.Value)
	out := Place{from, to, from, to}
	if from >= 0 && to-from == len(p.Value) && p.Start < p.End { // bytes of the record are those of the value
		out.HitFrom, out.HitTo = from+p.Start, from+p.End
	}
	return out
}

// standsIn finds a value in what was received: as it is, else with other capitals, else in the form in which JSON writes it.
// The first place counts; a value may stand in several.
func standsIn(original, value string) (from, to int) {
	if value == "" || original == "" {
		return -1, -1
	}
	quoted := strings.ReplaceAll(strings.ReplaceAll(value, `\`, `\\`), `"`, `\"`)
	for _, s := range []string{value, quoted} {
		if i := strings.Index(original, s); i >= 0 {
			return i, i + len(s)
		}
	}
	// Letters of ASCII alone: folding others could move bytes.
	if i := bytes.Index(lowered(original), lowered(value)); i >= 0 {
		return i, i + len(value)
	}
	return -1, -1
}

// lowered is a text with the capitals of ASCII made small: each byte stays in its place.
func lowered(s string) []byte {
	out := []byte(s)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

// Original is what was received, also where it is no text.
func Original(e *event.Event) string {
	if s := e.Str(event.EventOriginal); s != "" {
		return strings.Clone(s)
	}
	raw, err := base64.StdEncoding.DecodeString(e.Str(event.WeirOriginalBase64))
	if err != nil {
		return ""
	}
	return string(raw)
}

// RecordOf reads what the event says of its record.
func RecordOf(e *event.Event) Record {
	text := func(f event.Field) string { return strings.Clone(e.Str(f)) }
	r := Record{Position: text(event.WeirSrc), Peer: text(event.LogSourceAddress), Input: text(event.WeirInput), Transport: text(event.WeirTransport),
		Dataset: text(event.EventDataset), Module: text(event.EventModule)}
	if v := e.Get(event.EventCreated); v.Kind() == event.Time {
		r.Received = v.Time()
	}
	list := e.Get(event.WeirParseErrors)
	for i := range list.Len() {
		r.Errors = append(r.Errors, list.Item(i).Text())
	}
	return r
}

// Record is what an event says of the record that it was made of.
type Record struct {
	Position  string    `json:"position,omitempty"` // topic/partition/offset/sub
	Peer      string    `json:"peer,omitempty"`
	Input     string    `json:"input,omitempty"`
	Transport string    `json:"transport,omitempty"`
	Received  time.Time `json:"received,omitzero"`
	Dataset   string    `json:"dataset,omitempty"`
	Module    string    `json:"module,omitempty"`
	Errors    []string  `json:"parse_errors,omitempty"`
}
