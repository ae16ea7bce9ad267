package alert

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"weir/event"
)

// closing is a change with all that one can have.
func closing() *Change {
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	return &Change{Alert: "3f9c0a1b2c3d4e5f", Version: 3, Kind: ToState, State: Closed, Verdict: TruePositive, Note: "계정을 잠갔다", Assignee: "ben", By: "ana", At: at,
		Rule: "ssh-brute-force", Created: at.Add(-time.Hour), Count: 17}
}

func TestSay(t *testing.T) {
	for want, c := range map[string]Change{
		"ana closed alert 3f9c as benign":    {Kind: ToState, State: Closed, Verdict: Benign, By: "ana"},
		"ana closed alert 3f9c":              {Kind: ToState, State: Closed, By: "ana"}, // of years ago
		"weir opened alert 3f9c":             {Kind: ToState, State: Open, By: Self},
		"ana acknowledged alert 3f9c":        {Kind: ToState, State: Acknowledged, By: "ana"},
		"ana took alert 3f9c":                {Kind: Assign, Assignee: "ana", By: "ana"},
		"ana gave alert 3f9c to ben":         {Kind: Assign, Assignee: "ben", By: "ana"},
		"ana took alert 3f9c from everybody": {Kind: Assign, By: "ana"},
		"ana wrote a note on alert 3f9c":     {Kind: Note, Note: "x", By: "ana", State: Open},
	} {
		if got := c.Say("3f9c"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestChange_keys: what is on the topic is read by other programs too. Keys may be added, none may go.
func TestChange_keys(t *testing.T) {
	b, err := json.Marshal(closing())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"alert":"3f9c0a1b2c3d4e5f","version":3,"kind":"state","state":"closed","verdict":"true_positive","note":"계정을 잠갔다","assignee":"ben","by":"ana","at":"2026-11-21T08:00:00Z",` +
		`"rule":"ssh-brute-force","created":"2026-11-21T07:00:00Z","count":17}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	b, err = json.Marshal(Change{Alert: "a", Version: 1, Kind: Note, State: Open, By: "ana"})
	if want := `{"alert":"a","version":1,"kind":"note","state":"open","by":"ana","at":"0001-01-01T00:00:00Z"}`; err != nil || string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestChangeEvent(t *testing.T) {
	var e event.Event
	e.SetStr(event.HostName, "left over")
	ChangeEvent(closing(), &e)
	for path, want := range map[string]string{
		"@timestamp": "2026-11-21T08:00:00.000Z", "weir.time": "2026-11-21T08:00:00.000Z", "event.kind": "event", "event.category": `["database"]`, "event.type": `["change"]`,
		"event.dataset": "weir.change", "event.action": "alert-closed", "event.id": "3f9c0a1b2c3d4e5f-change-3", "message": "ana closed alert 3f9c0a1b2c3d4e5f as true_positive: 계정을 잠갔다",
		"rule.id": "ssh-brute-force", "user.name": "ana", "related.user": `["ana"]`, "weir.alert.id": "3f9c0a1b2c3d4e5f", "weir.alert.state": "closed", "weir.alert.verdict": "true_positive",
		"weir.alert.assignee": "ben", "weir.alert.note": "계정을 잠갔다", "weir.alert.changes": "3", "weir.alert.count": "17", "weir.alert.created": "2026-11-21T07:00:00.000Z", "weir.alert.by": "ana",
		"host.name": "", "user.target.name": "",
	} {
		if got := e.GetPath(path).Text(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	doc := e.AppendJSON(nil)
	var back event.Event
	if err := back.Decode(doc); err != nil || !bytes.Equal(back.AppendJSON(nil), doc) {
		t.Errorf("read back: %v\n%s\n%s", err, doc, back.AppendJSON(nil))
	}
}

// TestChangeEvent_kinds: each kind has an action of its own; what weir decides has no user, and who was given an alert is
// found as well as who gave it.
func TestChangeEvent_kinds(t *testing.T) {
	for _, tc := range []struct {
		c                             Change
		action, user, related, target string
	}{
		{Change{Kind: ToState, State: Acknowledged, Assignee: "ana", By: "ana"}, "alert-acknowledged", "ana", `["ana"]`, ""},
		{Change{Kind: ToState, State: Open, By: Self}, "alert-opened", "", "", ""},
		{Change{Kind: Note, State: Closed, By: "ana"}, "alert-noted", "ana", `["ana"]`, ""},
		{Change{Kind: Assign, State: Open, Assignee: "ben", By: "ana"}, "alert-assigned", "ana", `["ana","ben"]`, "ben"},
		{Change{Kind: Assign, State: Open, Assignee: "ana", By: "ana"}, "alert-assigned", "ana", `["ana"]`, "ana"},
		{Change{Kind: Assign, State: Open, By: "ana"}, "alert-assigned", "ana", `["ana"]`, ""},
	} {
		var e event.Event
		ChangeEvent(&tc.c, &e)
		if a, u, r, to := e.Str(event.EventAction), e.Str(event.UserName), e.Get(event.RelatedUser).Text(), e.Str(event.UserTargetName); a != tc.action || u != tc.user || r != tc.related || to != tc.target {
			t.Errorf("%+v: %s by %q, related %s, target %q", tc.c, a, u, r, to)
		}
	}
}
