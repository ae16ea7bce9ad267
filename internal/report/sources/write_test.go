package sources

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"weir/internal/report"
	"weir/internal/report/prose"
	"weir/internal/report/reporttest"
)

// TestDocument: what has to be looked at is marked, in both languages, and the sections are those that mappings may name.
func TestDocument(t *testing.T) {
	f, err := Gather(t.Context(), reader(sample()), begin, begin.AddDate(0, 1, 0), seoul, begin.AddDate(0, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"en": {"Not balanced at 2026-12-03 00:00", "Not heard at 2026-12-03 00:00: 2.", "clock is ahead by more than a minute: 1.", "syslog/192.0.2.10 (fw-1)", "never heard", "Lost before weir could read it: 3 (kernel)"},
		"ko": {"원장", "수신 중단", "수신 이력 없음", "시각이 1분 넘게 앞선 소스: 1개", "11시간", "-47분"},
	} {
		d := Document(f, prose.Voice{Lang: lang, Zone: seoul, Console: "https://weir.example.org"})
		var names []string
		marks := map[string]int{}
		for _, b := range d.Blocks {
			if b.Table == nil {
				continue
			}
			names = append(names, b.Table.Name)
			if !b.Table.Whole() || b.Table.Empty == "" {
				t.Errorf("%s is not whole", b.Table.Name)
			}
			for _, row := range b.Table.Rows {
				for _, c := range row {
					if c.Mark != "" {
						marks[b.Table.Name]++
					}
				}
			}
		}
		if !slices.Equal(names, report.Sections("sources")) {
			t.Errorf("sections %v", names)
		}
		if marks["sources"] != 2 || marks["clock"] != 2 || marks["ledger"] != 2 || marks["silence"] != 2 {
			t.Errorf("marks %v", marks)
		}
		var b bytes.Buffer
		if err := report.Write(&b, d, "pdf", report.Options{}); err != nil {
			t.Fatal(err)
		}
		texts, err := reporttest.Texts(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(reporttest.Pages(texts), "")
		flat := strings.ReplaceAll(text, "\n", " ")
		for _, w := range want {
			if !strings.Contains(flat, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, text)
			}
		}
		if !bytes.Contains(b.Bytes(), []byte("/search?from=2026-10-31T15%3A00%3A00Z&q=weir.input%3A+%22syslog%22+and+log.source.address%3A+%22192.0.2.10%22")) {
			t.Error("no link to the events of a source")
		}
	}
}

// TestDocument_elsewhere: a ledger that another process has is said, and so is a flood that was not counted.
func TestDocument_elsewhere(t *testing.T) {
	notes := strings.Join(prose.Notes(Document(&Facts{From: begin, To: begin.AddDate(0, 1, 0), Left: 7}, prose.Voice{})), "\n")
	if !strings.Contains(notes, "The ledger is with another process") || !strings.Contains(notes, "7 events are of sources beyond") {
		t.Error(notes)
	}
}

// TestCut: only a source with an address can be searched for.
func TestCut(t *testing.T) {
	for in, want := range map[string][2]string{"syslog/192.0.2.1": {"syslog", "192.0.2.1"}, "file//var/log/x": {"file", "/var/log/x"}} {
		if input, address, ok := cut(in); !ok || input != want[0] || address != want[1] {
			t.Errorf("%s: %s, %s, %v", in, input, address, ok)
		}
	}
	for _, in := range []string{"", "canary", "x/"} {
		if _, _, ok := cut(in); ok {
			t.Errorf("%q has an address", in)
		}
	}
}
