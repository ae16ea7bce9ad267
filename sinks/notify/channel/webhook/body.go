package webhook

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// Version is the version of the body. Keys are only ever added; a change that breaks a reader makes
// another version.
const Version = 1

// Schema is the JSON Schema of the body.
//
//go:embed schema.json
var Schema []byte

// body is what is sent. The alerts are those of weir.alerts with their state, so that there is one form
// of an alert.
type body struct {
	Schema  string            `json:"schema"`
	Version int               `json:"version"`
	ID      string            `json:"id"`
	Kind    channel.Kind      `json:"kind"`
	Time    time.Time         `json:"time"`
	Group   string            `json:"group"`
	Labels  map[string]string `json:"labels"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	Lang    string            `json:"lang"`
	URL     string            `json:"url,omitempty"`
	Ticket  string            `json:"ticket,omitempty"`
	Count   int               `json:"count"`
	More    int               `json:"more"`
	Alerts  []oneAlert        `json:"alerts"`
}

// oneAlert is an alert with what people did with it. Its keys are those of weir.alerts, but for
// rule_version, which says there that it is the rule's.
type oneAlert struct {
	ID           string            `json:"id"`
	Revision     int               `json:"revision"`
	State        string            `json:"state"`
	Verdict      string            `json:"verdict,omitempty"`
	Assignee     string            `json:"assignee,omitempty"`
	Rule         string            `json:"rule"`
	RuleVersion  int               `json:"rule_version"`
	Title        string            `json:"title"`
	Level        string            `json:"level"`
	Tags         []string          `json:"tags"`
	Labels       map[string]string `json:"labels"`
	What         string            `json:"what"`
	WhatKo       string            `json:"what_ko,omitempty"`
	Group        map[string]string `json:"group"`
	Count        int               `json:"count"`
	First        time.Time         `json:"first"`
	Last         time.Time         `json:"last"`
	Created      time.Time         `json:"created"`
	Approximate  string            `json:"approximate,omitempty"`
	Suppressed   int               `json:"suppressed,omitempty"`
	MergedInto   string            `json:"merged_into,omitempty"`
	SuppressedBy string            `json:"suppressed_by,omitempty"`
	Evidence     []evidence        `json:"evidence"`
}

// evidence is one event behind an alert, with the values that the rule kept. The event itself is found
// by its id.
type evidence struct {
	EventID string            `json:"event_id"`
	Time    time.Time         `json:"time"`
	When    string            `json:"when"`
	Values  map[string]string `json:"values"`
}

// encode writes the body. Texts in it are as they were in the logs: JSON escapes what is no text, and
// whoever shows them escapes them for where they are shown. subject and text are clean.
func encode(m *channel.Message) ([]byte, error) {
	b := body{
		Schema: "weir.notification", Version: Version, ID: m.ID, Kind: m.Kind, Time: m.Time.UTC(), Group: m.Group, Labels: filled(m.Labels),
		Subject: text.Subject(m), Text: text.Long(m), Lang: m.Lang, URL: m.URL, Ticket: m.Ticket,
		Count: len(m.Alerts) + m.More, More: m.More, Alerts: make([]oneAlert, 0, len(m.Alerts)),
	}
	for i := range m.Alerts {
		b.Alerts = append(b.Alerts, alertOf(&m.Alerts[i]))
	}
	data, err := json.Marshal(b)
	if err != nil { // a time in a year of five digits
		return nil, &channel.Error{Permanent: true, Err: fmt.Errorf("writing the message as JSON: %w", err)}
	}
	return data, nil
}

// alertOf is an alert as the body has it. Times are in UTC, whatever zone people read: programs compare
// them as texts.
func alertOf(a *channel.Alert) oneAlert {
	out := oneAlert{
		ID: a.ID, Revision: a.Revision, State: a.State, Verdict: a.Verdict, Assignee: a.Assignee, Rule: a.Rule, RuleVersion: a.Version,
		Title: a.Title, Level: a.Level, Tags: a.Tags, Labels: filled(a.Labels), What: a.What, WhatKo: a.WhatKo, Group: filled(a.Group),
		Count: a.Count, First: a.First.UTC(), Last: a.Last.UTC(), Created: a.Created.UTC(), Approximate: a.Approximate,
		Suppressed: a.Suppressed, MergedInto: a.MergedInto, SuppressedBy: a.SuppressedBy, Evidence: make([]evidence, 0, len(a.Evidence)),
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	for _, e := range a.Evidence {
		out.Evidence = append(out.Evidence, evidence{e.EventID, e.Time.UTC(), e.When, filled(e.Values)})
	}
	return out
}

// filled gives an empty map for none, so that readers find an object and never null.
func filled(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
