package answer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/record"
	"weir/rules"
	"weir/rules/coverage"
)

// TestCoverage_OfAnArchive: events, stretches and descriptions as they lie in an archive become a report, within the time
// that is asked for.
func TestCoverage_OfAnArchive(t *testing.T) {
	ar, err := archive.Open(t.TempDir(), archive.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer ar.Close()
	at := func(min int) time.Time { return time.Date(2026, 11, 21, 12, min, 0, 0, time.UTC) }
	offset := int64(0)
	add := func(docs ...string) {
		t.Helper()
		var rows []archive.Row
		for _, d := range docs {
			rows = append(rows, archive.Row{Doc: []byte(d), Consumed: record.Pos{Topic: "weir.events", Offset: offset}, Account: "t"})
			offset++
		}
		if err := ar.Append(t.Context(), rows, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	doc := func(fill func(e *event.Event)) string {
		var e event.Event
		fill(&e)
		return string(e.AppendJSON(nil))
	}
	evt := func(min int, dataset, more string) string {
		return fmt.Sprintf(`{"@timestamp":"%s","event":{"dataset":%q},"weir":{"class":"standard"%s}}`, at(min).Format(time.RFC3339), dataset, more)
	}
	set := coverage.RuleSet{Hash: "S", At: at(-600), Rules: []coverage.Rule{
		{ID: "found", Title: "F", Tags: []string{"attack.t1110"}, Needs: [][]string{{"event.dataset"}}},
		{ID: "blind", Title: "B", Needs: [][]string{{"user.name"}}, Source: rules.LogSource{Product: "linux"}},
	}}
	if err := set.Events(func(e *event.Event) error { add(string(e.AppendJSON(nil))); return nil }); err != nil {
		t.Fatal(err)
	}
	stretch := func(from, to int64, first, last int) *coverage.Stretch {
		return &coverage.Stretch{Topic: "raw", From: from, To: to, Set: "S", Began: at(first), Ended: at(last), Spans: []coverage.Span{{Dataset: "sshd", Source: "linux//sshd", Events: to - from, First: at(first), Last: at(last)}}}
	}
	add(evt(1, "sshd", `,"rules":["found"]`), evt(2, "sshd", `,"rules":["found","other"]`), evt(40, "sshd", ""), evt(3, `od"d`, ""),
		`{"@timestamp":"2026-11-21T12:02:00Z","event":{"dataset":"weir.alert"},"rule":{"id":"found"},"weir":{"class":"alerts","revision":1}}`,
		`{"@timestamp":"2026-11-21T12:03:00Z","event":{"dataset":"weir.alert"},"rule":{"id":"found"},"weir":{"class":"alerts","revision":2}}`,
		doc(stretch(0, 2, 1, 2).Event), doc(stretch(2, 9, 58, 59).Event),
		evt(42, "sshd", `,"time":"2026-11-21T12:58:30Z"`)) // its own time was not believed: it was tried on after the time of the report
	rep, err := Coverage(t.Context(), ar, []coverage.Stretch{*stretch(2, 3, 3, 4), *stretch(90, 99, -90, -80)}, coverage.Request{From: at(0), To: at(50)})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Set != "S" || len(rep.Sets) != 1 || rep.Sets[0].Events != 3 || fmt.Sprint(rep.Seen) != "[linux//sshd]" {
		t.Errorf("sets %+v, seen %v", rep.Sets, rep.Seen)
	}
	if r := rep.Rules[0]; r.ID != "found" || r.Matches != 2 || r.Alerts != 1 || !r.CanRun {
		t.Errorf("%+v", r)
	}
	if r := rep.Rules[1]; r.ID != "blind" || r.FieldsSeen || !r.SourceSeen {
		t.Errorf("%+v", r)
	}
	var gaps []string
	for _, g := range rep.Gaps {
		gaps = append(gaps, fmt.Sprintf("%s %s %d", g.Kind, g.Dataset, g.Events))
	}
	if got := strings.Join(gaps, ", "); got != `not-evaluated od"d 1, not-evaluated sshd 1` {
		t.Errorf("gaps: %s", got)
	}
	// What nobody bounded is the last month.
	if rep, err = Coverage(t.Context(), ar, nil, coverage.Request{}); err != nil || rep.To.Sub(rep.From) != coverageSpan || time.Since(rep.To) > time.Minute {
		t.Errorf("from %s to %s, %v", rep.From, rep.To, err)
	}
}

// TestCoverage_Damaged: a segment that cannot be read costs what it holds and no more. The report says so, once, and what is in it
// stays in its gap.
func TestCoverage_Damaged(t *testing.T) {
	dir := t.TempDir()
	ar, err := archive.Open(dir, archive.Options{Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	at := func(min int) time.Time { return time.Date(2026, 11, 21, 12, min, 0, 0, time.UTC) }
	offset := int64(0)
	add := func(docs ...string) {
		t.Helper()
		var rows []archive.Row
		for _, d := range docs {
			rows = append(rows, archive.Row{Doc: []byte(d), Consumed: record.Pos{Topic: "weir.events", Offset: offset}, Account: "t"})
			offset++
		}
		if err := ar.Append(t.Context(), rows, nil); err != nil {
			t.Fatal(err)
		}
		if err := ar.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	evt := func(min int, own int) string {
		return fmt.Sprintf(`{"@timestamp":"%s","event":{"dataset":"sshd"},"weir":{"class":"standard","time":"%s"}}`, at(min).Format(time.RFC3339), at(own).Format(time.RFC3339))
	}
	stretch := func(from int64, min int) string {
		s := coverage.Stretch{Topic: "raw", From: from, To: from + 1, Set: "S", Began: at(min), Ended: at(min), Spans: []coverage.Span{{Dataset: "sshd", Events: 1, First: at(min), Last: at(min)}}}
		var e event.Event
		s.Event(&e)
		return string(e.AppendJSON(nil))
	}
	add(stretch(0, 10))
	add(stretch(1, 20))
	add(evt(30, 10), evt(30, 30)) // the first was tried on by its own time
	add(evt(31, 10))
	spoiled := map[string]bool{}
	for _, s := range ar.Segments() {
		if s.Class == coverage.Class && s.Min.Equal(at(20)) || s.Min.Equal(at(31)) {
			spoiled[s.Path] = true
		}
	}
	if err := ar.Close(); err != nil || len(spoiled) != 2 {
		t.Fatal(err, spoiled)
	}
	for path := range spoiled {
		name := filepath.Join(dir, filepath.FromSlash(path))
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-1] ^= 0x40
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if ar, err = archive.Open(dir, archive.Options{Writer: "test"}); err != nil {
		t.Fatal(err)
	}
	defer ar.Close()
	for range 2 { // found, then known
		rep, err := Coverage(t.Context(), ar, nil, coverage.Request{From: at(0), To: at(50)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range rep.Gaps {
			if g.Kind == coverage.Unread {
				ok := false
				for path := range spoiled {
					ok = ok || strings.Contains(g.Why, path)
				}
				g.Why = fmt.Sprint(ok)
				got = append(got, g.Kind+" "+g.Why)
				continue
			}
			got = append(got, fmt.Sprintf("%s %s %d", g.Kind, g.Dataset, g.Events))
		}
		if text := strings.Join(got, ", "); text != "unread true, unread true, older-set  1, not-evaluated sshd 1" || len(rep.Sets) != 1 || rep.Sets[0].Events != 1 {
			t.Errorf("%s; sets %+v", text, rep.Sets)
		}
	}
	// Events that cannot be read where their gap was counted before stay in it.
	in := &coverage.Input{Stretches: []coverage.Stretch{{Spans: []coverage.Span{{Dataset: "sshd", First: at(10), Last: at(10)}}}}}
	gaps, err := Recount(t.Context(), ar, in, []coverage.Gap{{Kind: coverage.NotEvaluated, Dataset: "sshd", From: at(30), To: at(32), Events: 3}}, Which{})
	if err != nil || len(gaps) != 1 || gaps[0].Events != 2 {
		t.Errorf("%+v, %v", gaps, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Recount(gone, ar, in, []coverage.Gap{{Kind: coverage.NotEvaluated, Dataset: "sshd", From: at(30), To: at(32), Events: 3}}, Which{}); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
}

func TestQuoted(t *testing.T) {
	if got := quoted(`a "b" \c`); got != `"a \"b\" \\c"` {
		t.Error(got)
	}
}
