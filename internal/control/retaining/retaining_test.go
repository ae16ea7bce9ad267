package retaining_test

import (
	"encoding/json"
	"testing"
	"time"

	"weir/internal/control/retaining"
)

// TestRequests: the JSON of questions is a contract between versions: times that nobody gave are left out, since a zero time is
// one too.
func TestRequests(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	for want, q := range map[string]any{
		`{"query":"","owner":"lee","reason":"x"}`:                             retaining.HoldRequest{Owner: "lee", Reason: "x"},
		`{"query":"a","from":"2026-11-21T07:00:00Z","owner":"","reason":""}`:  retaining.HoldRequest{Query: "a", From: at},
		`{"query":"a","owner":"","reason":"","until":"2026-11-21T07:00:00Z"}`: retaining.HoldRequest{Query: "a", Until: at},
		`{"id":"H1","reason":"x"}`:                                            retaining.ReleaseRequest{ID: "H1", Reason: "x"},
		`{}`:                                                                  retaining.HoldsRequest{},
		`{"all":true}`:                                                        retaining.HoldsRequest{All: true},
		`{"plan":true}`:                                                       retaining.PolicyRequest{Plan: true},
		`{"trust_clock":true}`:                                                retaining.PolicyRequest{TrustClock: true},
		`{"path":"p","class":"c","day":"d","rows":1,"bytes":2,"why":"held","holds":["H1"]}`: retaining.PlanLine{Path: "p", Class: "c", Day: "d", Rows: 1, Bytes: 2, Why: "held", Holds: []string{"H1"}},
	} {
		if b, err := json.Marshal(q); err != nil || string(b) != want {
			t.Errorf("%s %v, want %s", b, err, want)
		}
	}
}

// TestNames: each question has a name of its own.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{retaining.AskReport, retaining.AskHold, retaining.AskRelease, retaining.AskHolds, retaining.AskPolicy} {
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
}
