package answer

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/internal/app/apptest"

	"weir/event"
	"weir/internal/control"
)

// TestParseQuery: who looks for a word does not find the looks for it, unless that is what is asked for.
func TestParseQuery(t *testing.T) {
	audit := `{"event":{"dataset":"weir.audit"},"message":"search by kim, hits: 2","weir":{"class":"audit","query":{"kql":"kim"}}}`
	log := `{"event":{"dataset":"system.auth"},"message":"kim logged in"}`
	tests := []struct {
		kql        string
		audit, log bool
	}{
		{"", false, true},
		{"   ", false, true},
		{"kim", false, true},
		{"kim or nobody", false, true}, // the exclusion holds for both sides
		{"not nobody", false, true},
		{"weir.class: audit", true, false},
		{"event.dataset: weir.audit", true, false},
		{"event.dataset: system.auth", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.kql, func(t *testing.T) {
			q, warnings, err := parseQuery(tt.kql)
			if err != nil || len(warnings) != 0 {
				t.Fatal(warnings, err)
			}
			if got := q.Match(apptest.Decode(t, audit)); got != tt.audit {
				t.Errorf("the look: %t", got)
			}
			if got := q.Match(apptest.Decode(t, log)); got != tt.log {
				t.Errorf("the event: %t", got)
			}
		})
	}
}

func TestParseQuery_Faults(t *testing.T) {
	for _, kql := range []string{"a and", "(", `x: "open`, "a) or (b"} {
		if _, _, err := parseQuery(kql); err == nil {
			t.Errorf("%q was taken", kql)
		}
	}
	_, warnings, err := parseQuery("sourc.ip: 192.0.2.1")
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Error()+warnings[0].Do, "source.ip") {
		t.Errorf("a name that no list knows: %v (%v)", warnings, err)
	}
}

// TestAsksRevisions: who asks about revisions means all of them.
func TestAsksRevisions(t *testing.T) {
	for kql, want := range map[string]bool{"": false, "user.name: kim": false, "weir.revision: 1": true, "a and weir.revision > 1": true, "weir.revised.run: x": true, "weir.class: audit": false} {
		if got := asksRevisions(kql); got != want {
			t.Errorf("%q: %v", kql, got)
		}
	}
}

type names map[string]string

func (n names) NameOf(address string) string { return n[address] }

func TestDisplaySource(t *testing.T) {
	known := names{"192.0.2.1": "fw-1"}
	for source, want := range map[string]string{
		"syslog/192.0.2.1": "syslog/fw-1", "syslog/192.0.2.2": "syslog/192.0.2.2", "other": "other", "": "", "192.0.2.1": "192.0.2.1",
	} {
		if got := displaySource(source, known); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
		if got := displaySource(source, nil); got != source {
			t.Errorf("without names %q became %q", source, got)
		}
	}
}

func TestDiskUse(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"a": 100, "below/b": 50, "below/empty": 0} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, make([]byte, size), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if used, free := DiskUse(dir); used != 150 || free <= 0 {
		t.Errorf("used %d, free %d", used, free)
	}
	if used, free := DiskUse(filepath.Join(dir, "none")); used != 0 || free != 0 {
		t.Errorf("a folder that is not there: used %d, free %d", used, free)
	}
}

// TestCloneLetter: what is returned outlives the event that it was read from.
func TestCloneLetter(t *testing.T) {
	doc := []byte(`{"event":{"id":"line-1"},"message":"raw bytes"}`)
	var e event.Event
	if err := e.Decode(doc); err != nil {
		t.Fatal(err)
	}
	d := cloneLetter(control.DeadLetter{ID: e.Str(event.EventID), Detail: e.Str(event.Message), Raw: doc[:8]})
	for i := range doc {
		doc[i] = '#'
	}
	if d.ID != "line-1" || d.Detail != "raw bytes" || string(d.Raw) != `{"event"` {
		t.Errorf("got %+v", d)
	}
}

func TestFieldsOf(t *testing.T) {
	got := FieldsOf([]string{"source.ip", "labels.env", "message", "labels.tier"})
	if !slices.Equal(got, []event.Field{event.SourceIP, event.Labels, event.Message}) {
		t.Errorf("got %v", got)
	}
	if got := FieldsOf([]string{"source.ip", "no.such.field"}); !slices.Equal(got, []event.Field{event.SourceIP}) {
		t.Errorf("with a path that no list knows: %v", got)
	}
	if got := FieldsOf(nil); got != nil {
		t.Errorf("none asked for: %v", got)
	}
}
