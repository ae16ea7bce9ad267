package manifest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/manifest"
)

// TestNewAction: what an action says is read back as it was said, in UTC, and one that no leaf could hold is refused.
func TestNewAction(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.FixedZone("KST", 9*3600))
	h := manifest.Hold{ID: "h1", Query: "user.name: 김민수", Owner: "ana", Reason: "case 7"}
	a, err := manifest.NewAction(manifest.KindHold, "ana", at, h)
	if err != nil || a.Kind != "hold" || a.At.Location() != time.UTC || !a.At.Equal(at) {
		t.Fatalf("%+v, %v", a, err)
	}
	var back manifest.Hold
	if err := json.Unmarshal(a.Body, &back); err != nil || back != h {
		t.Errorf("%+v, %v", back, err)
	}
	h.Reason = strings.Repeat("x", manifest.MaxAction)
	if _, err := manifest.NewAction(manifest.KindHold, "ana", at, h); err == nil {
		t.Error("an action that fits no leaf was made")
	}
	if _, err := manifest.NewAction("x", "kim", at, func() {}); err == nil {
		t.Error("one without JSON was made")
	}
}

func TestAction_Check(t *testing.T) {
	cases := map[string]struct{ kind, body, want string }{
		"expiry":                 {manifest.KindExpiry, `{"path":"class=a/x","sha256":"ab"}`, ""},
		"expiry of nothing":      {manifest.KindExpiry, `{}`, "names no segment"},
		"expiry of another file": {manifest.KindExpiry, `{"path":"manifest.jsonl","sha256":"ab"}`, "names no segment"},
		"hold":                   {manifest.KindHold, `{"id":"h1","until":"2027-01-01T00:00:00Z"}`, ""},
		"hold without id":        {manifest.KindHold, `{}`, "no id"},
		"hold with a bad time":   {manifest.KindHold, `{"id":"h1","until":"soon"}`, "hold: parsing time"},
		"release":                {manifest.KindRelease, `{"id":"h1"}`, ""},
		"release of nothing":     {manifest.KindRelease, `{}`, "names no hold"},
		"policy":                 {manifest.KindPolicy, `{"path":"policy/ab.yaml","sha256":"ab"}`, ""},
		"review outside":         {manifest.KindReview, `{"path":"/etc/passwd","sha256":"ab"}`, "names no file"},
		"key":                    {manifest.KindKey, `{"old":"a","new":"b"}`, ""},
		"later kind":             {"later", `[1]`, ""},
		"no kind":                {"", `{}`, "without a kind"},
		"no JSON":                {"later", `{`, "unexpected end"},
		"no body":                {"later", ``, "unexpected end"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := manifest.Action{Kind: c.kind, Body: json.RawMessage(c.body)}.Check()
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Kinds of a newer weir are kept as they are; what cannot be true makes the line one that was changed.
func TestRead_Actions(t *testing.T) {
	line := func(actions, segments string) string {
		return `{"seq":1,"published":"2026-11-21T00:00:00Z","writer":"w","epoch":"","segments":` + segments + `,"sources":{},"actions":` + actions + `,"prev":""}`
	}
	segment := `[{"path":"class=a/day=2026-11-21/s-1.parquet","class":"a","day":"2026-11-21","sha256":"` + strings.Repeat("ab", 32) + `","bytes":1,"rows":1,"min":"2026-11-21T00:00:00Z","max":"2026-11-21T00:00:00Z","schema":1}]`
	cases := map[string]struct{ line, reason string }{
		"later kind":      {line(`[{"kind":"later","at":"2026-11-21T00:00:00Z","by":"kim","body":{"a":[1]}}]`, `[]`), ""},
		"known kind":      {line(`[{"kind":"hold","at":"2026-11-21T00:00:00Z","by":"kim","body":{"id":"h1"}}]`, `[]`), ""},
		"broken body":     {line(`[{"kind":"hold","at":"2026-11-21T00:00:00Z","by":"kim","body":{"id":1}}]`, `[]`), "hold"},
		"beside segments": {line(`[{"kind":"hold","at":"2026-11-21T00:00:00Z","by":"kim","body":{"id":"h1"}}]`, segment), "segments and actions"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rec, reason := manifest.Parse([]byte(c.line))
			if (reason == "") != (c.reason == "") || !strings.Contains(reason, c.reason) {
				t.Fatalf("got %q, want %q", reason, c.reason)
			}
			l := read(t, []byte(c.line+"\n"))
			if (len(l.Problems) == 0) != (c.reason == "") {
				t.Errorf("%+v", l.Problems)
			}
			if name == "later kind" && (len(rec.Actions) != 1 || string(rec.Actions[0].Body) != `{"a":[1]}`) {
				t.Errorf("%+v", rec.Actions)
			}
		})
	}
}
