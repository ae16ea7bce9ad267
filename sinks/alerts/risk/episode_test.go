package risk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
)

func sample(kind, value string) *Episode {
	e := &Episode{Entity: Entity{kind, value}, Begin: noon, Revision: 2, At: noon.Add(time.Hour), Score: 119.6, First: noon.Add(-time.Hour), Alerts: 25, Rules: 3}
	for i := range 25 {
		e.Parts = append(e.Parts, Part{Alert: fmt.Sprintf("%016x", i), Revision: 3, Rule: fmt.Sprint("rule-", i%3), Level: "high", What: "김민수 did it", At: noon, Points: 40 - float64(i)})
	}
	return e
}

// TestAlert: the alert says who, how much, and of what; its id is that of the episode, whatever revision it is.
func TestAlert(t *testing.T) {
	c := Default()
	e := sample(User, "kim")
	a := c.Alert(e)
	if a.What != "user kim has a risk of 120 from 25 alerts by 3 rules" || a.WhatKo != "사용자 kim의 위험도 120: 규칙 3개의 알림 25건" || a.Level != "high" || a.Rule != Rule || a.Count != 25 {
		t.Errorf("%+v", a)
	}
	if a.Group["user.name"] != "kim" || !a.Created.Equal(noon) || !a.Last.Equal(noon.Add(time.Hour)) || !a.First.Equal(noon.Add(-time.Hour)) {
		t.Errorf("%+v", a)
	}
	if len(a.Evidence) != shown || a.Evidence[0].EventID != "0000000000000000-3" || a.Evidence[0].Values["points"] != "40.0" || a.Evidence[1].Values["rule.id"] != "rule-1" {
		t.Errorf("evidence %+v", a.Evidence[:2])
	}
	if a.Conditions[0].Needed != 100 || a.Conditions[0].Matched != 120 || a.Conditions[1].Needed != 2 || a.Conditions[1].Matched != 3 {
		t.Errorf("conditions %+v", a.Conditions)
	}
	later := *e
	later.Revision, later.At, later.Score = 9, noon.Add(5*time.Hour), 400
	other := *e
	other.Begin = noon.Add(1)
	if b := c.Alert(&later); b.ID != a.ID || b.Revision != 9 || len(a.ID) != 16 || strings.Trim(a.ID, "0123456789abcdef") != "" {
		t.Errorf("ids %s and %s", a.ID, b.ID)
	}
	for name, x := range map[string]*Episode{"another beginning": &other, "another kind": sample(Host, "kim"), "another value": sample(User, "lee")} {
		if x.ID() == a.ID {
			t.Errorf("%s has the same id", name)
		}
	}
}

// TestEntityOf: from its alert one comes back to the entity, of each kind; other alerts have none.
func TestEntityOf(t *testing.T) {
	c := Default()
	for _, want := range []Entity{{User, "kim"}, {Host, "web-1"}, {Address, "203.0.113.5"}} {
		a := c.Alert(sample(want.Kind, want.Value))
		if got, ok := EntityOf(&a); !ok || got != want {
			t.Errorf("%+v came back as %+v, %v", want, got, ok)
		}
	}
	for _, a := range []alert.Alert{{Rule: "other", Group: map[string]string{"user.name": "kim"}}, {Rule: Rule}} {
		if got, ok := EntityOf(&a); ok {
			t.Errorf("%+v is about %+v", a, got)
		}
	}
}

// TestAlert_document: as an event the alert is found by what it is about.
func TestAlert_document(t *testing.T) {
	c := Default()
	a := c.Alert(sample(Address, "203.0.113.5"))
	var e event.Event
	alert.Event(&a, &e)
	if got := e.Get(event.RelatedIP).Text(); got != `["203.0.113.5"]` && got != "203.0.113.5" {
		t.Errorf("related.ip is %s", got)
	}
	if e.Str(event.RuleID) != Rule || e.Get(event.EventSeverity).Int() != 73 {
		t.Errorf("%s", e.AppendJSON(nil))
	}
}
