package show

import (
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/term"
)

func TestAlert_Values(t *testing.T) {
	f := &term.Face{ASCII: true, Width: 100, Zone: time.UTC, Now: time.Now}
	d := control.AlertDetail{AlertRow: control.AlertRow{State: "open", Alert: alert.Alert{Rule: "r", Level: "low", What: "x", Count: 1, Author: "a sigma author",
		Group: map[string]string{"url.path": `/a "b"`}, Conditions: []alert.Condition{{Name: "event", Expr: "true", Needed: 1, Matched: 1}}}}}
	var asked string
	page := Alert(f, d, func(q string) string { asked = q; return "SEARCH" })
	for _, want := range []string{"once", "Why          url.path = /a \"b\"\n", "ok event", "Author       a sigma author\n", "Next         SEARCH"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if asked != `url.path: "/a \"b\""` {
		t.Errorf("asked %s", asked)
	}
	d.Group = nil
	if page = Alert(f, d, func(q string) string { return q }); !strings.Contains(page, "one event is enough") || !strings.Contains(page, "Next         *") {
		t.Errorf("without a group:\n%s", page)
	}
	d.Evidence = []alert.Evidence{{EventID: "a:b", When: "event"}}
	if page = Alert(f, d, func(q string) string { return q }); !strings.Contains(page, `Next         event.id: "a:b"`) {
		t.Errorf("one event:\n%s", page)
	}
}

func TestLevelStyle(t *testing.T) {
	for level, want := range map[string]term.Style{"critical": term.Red, "high": term.Red, "medium": term.Yellow, "low": term.Plain, "": term.Plain} {
		if LevelStyle(level) != want {
			t.Errorf("%s: %v", level, LevelStyle(level))
		}
	}
}
