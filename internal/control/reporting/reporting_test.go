package reporting

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// TestNames: scripts and files name these; they are never renamed.
func TestNames(t *testing.T) {
	if got := Kinds(); !slices.Equal(got, []string{"access-review", "retention", "sources", "incidents", "mapping"}) {
		t.Errorf("kinds: %v", got)
	}
	if got := Formats(); !slices.Equal(got, []string{"html", "pdf", "csv", "json"}) {
		t.Errorf("formats: %v", got)
	}
	if Make != "report/make" || List != "report/schedule" {
		t.Errorf("questions: %s, %s", Make, List)
	}
}

// TestJSON: what travels, key by key. An older command reads the answers of a newer weir.
func TestJSON(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		v    any
		want string
	}{
		{"request", Request{Kind: Mapping, Name: "isms-p", Month: "2026-11", Zone: "Asia/Seoul", Lang: "ko", Formats: []string{"pdf"}, NoBOM: true},
			`{"kind":"mapping","name":"isms-p","month":"2026-11","zone":"Asia/Seoul","lang":"ko","formats":["pdf"],"no_bom":true}`},
		{"the least request", Request{Kind: Sources, Formats: []string{"csv"}}, `{"kind":"sources","formats":["csv"]}`},
		{"progress", Document{Step: "clocks", Done: 12}, `{"step":"clocks","done":12}`},
		{"piece", Document{File: "a.pdf", Body: []byte{0xff}}, `{"file":"a.pdf","body":"/w=="}`},
		{"answer", Answer{Kind: Sources, Title: "t", Month: "2026-11", From: at, To: at, Files: []File{{"a.csv", "csv", 3, "ab"}}, Notes: []string{"n"}},
			`{"kind":"sources","title":"t","month":"2026-11","from":"2026-11-01T00:00:00Z","to":"2026-11-01T00:00:00Z","files":[{"name":"a.csv","format":"csv","bytes":3,"sha256":"ab"}],"notes":["n"]}`},
		{"schedule", Schedule{File: "f", Entries: []Entry{{Report: Sources, Every: "day 08:00", Next: at, Attempts: 2, Error: "e"}}},
			`{"file":"f","entries":[{"report":"sources","every":"day 08:00","next":"2026-11-01T00:00:00Z","attempts":2,"error":"e"}]}`},
	} {
		got, err := json.Marshal(c.v)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s, %v\nwant %s", c.name, got, err, c.want)
		}
	}
}
