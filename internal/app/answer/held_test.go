package answer

import (
	"encoding/json"
	"testing"

	"weir/internal/alert"
	"weir/internal/match"
)

func TestHeld(t *testing.T) {
	a := &alert.Alert{
		Conditions: []alert.Condition{
			{Name: "failed", Expr: `event.outcome == "failure" and user.name == "root"`},
			{Name: "login", Expr: `event.outcome == "success"`},
			{Name: "gone", Expr: `in_list(user.name, "was-there")`},
			{Name: "broken", Expr: `user.name ==`},
			{Name: "unseen", Expr: `user.name == "x"`},
		},
		Evidence: []alert.Evidence{
			{EventID: "1", When: "failed"},
			{EventID: "2", When: "failed", Values: map[string]string{"event.outcome": "failure", "user.name": "root"}},
			{EventID: "3", When: "login", Values: map[string]string{"event.outcome": "success"}},
			{EventID: "4", When: "gone", Values: map[string]string{"user.name": "kim"}},
		},
	}
	docs := map[string]json.RawMessage{"1": json.RawMessage(`{"event":{"outcome":"failure","original":"Failed password for root"},"user":{"name":"root"}}`)}
	got := held(a, docs, nil)
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	if h := got[0]; h.When != "failed" || h.EventID != "1" || len(h.Parts) != 2 || h.Parts[1].Field != "user.name" || h.Parts[1].Value != "root" || h.Parts[1].From != 20 || h.Parts[1].To != 24 || h.Parts[0].From != -1 {
		t.Errorf("of a stored event: %+v", h)
	}
	if h := got[1]; h.When != "login" || len(h.Parts) != 1 || h.Parts[0].Expr != `event.outcome == "success"` || h.Parts[0].Value != "success" {
		t.Errorf("of values that the alert kept: %+v", h)
	}
	if got = held(a, docs, match.Lists{"was-there": match.NewList("kim")}); len(got) != 3 || got[2].When != "gone" || got[2].Parts[0].Value != "kim" {
		t.Errorf("with the list that a condition names: %+v", got)
	}
}
