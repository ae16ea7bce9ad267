package incidents

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"weir/internal/report"
	"weir/internal/report/prose"
	"weir/internal/report/reporttest"
)

// TestDocument: the report in both languages, with the sections that mappings may name.
func TestDocument(t *testing.T) {
	f, err := Gather(t.Context(), sample().reader(), begin, end, seoul, now)
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"en": {"Security alerts", "5 alerts were made in the period, of 15 hits; 3 alerts were not closed at 2026-12-01 00:00.", "what of bb02", "1 / 2 (50.0 %)", "10 min", "true positive", "web-1", "81.2"},
		"ko": {"보안 경보 현황 보고서", "경보 5건(탐지 15회)", "bb02의 내용", "제목 high", "10분", "정탐", "심각", "미전달", "호스트"},
	} {
		d := Document(f, prose.Voice{Lang: lang, Zone: seoul, Console: "https://weir.example.org"})
		var names []string
		for _, b := range d.Blocks {
			if b.Table != nil {
				names = append(names, b.Table.Name)
				if !b.Table.Whole() || b.Table.Empty == "" {
					t.Errorf("%s is not whole", b.Table.Name)
				}
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, slices.Sorted(slices.Values(report.Sections("incidents")))) {
			t.Errorf("sections %v", names)
		}
		var b bytes.Buffer
		if err := report.Write(&b, d, "pdf", report.Options{}); err != nil {
			t.Fatal(err)
		}
		texts, err := reporttest.Texts(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		flat := strings.ReplaceAll(strings.Join(reporttest.Pages(texts), ""), "\n", " ")
		for _, w := range want {
			if !strings.Contains(flat, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, flat)
			}
		}
		if !bytes.Contains(b.Bytes(), []byte("(https://weir.example.org/alerts?id=bb02)")) {
			t.Error("no link to an alert")
		}
	}
}

// TestDocument_elsewhere: what another process has is said and not shown as nothing.
func TestDocument_elsewhere(t *testing.T) {
	d := Document(&Facts{From: begin, To: end, OpenLeft: 4}, prose.Voice{Lang: "en"})
	notes := strings.Join(prose.Notes(d), "\n")
	for _, want := range []string{"The decisions are with another process", "What was sent is with another process", "The risk is with another process", "4 more are not listed"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
	for _, b := range d.Blocks {
		if b.Table != nil && (b.Table.Name == "escalations" || b.Table.Name == "risk") {
			t.Errorf("a table of %s that nobody knows", b.Table.Name)
		}
	}
}
