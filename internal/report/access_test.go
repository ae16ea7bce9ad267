package report

import (
	"slices"
	"strings"
	"testing"

	"weir/internal/report/doc"
	"weir/internal/report/prose"
	"weir/internal/review"
)

// tableOf returns a table of a document.
func tableOf(t testing.TB, d *doc.Document, name string) *doc.Table {
	t.Helper()
	for _, b := range d.Blocks {
		if b.Table != nil && b.Table.Name == name {
			return b.Table
		}
	}
	t.Fatalf("there is no table %s", name)
	return nil
}

// texts joins the cells of a table's row.
func texts(row []doc.Cell) string {
	var out []string
	for _, c := range row {
		out = append(out, c.Mark+c.Text)
	}
	return strings.Join(out, " | ")
}

// TestAccessReview: the whole report in both languages, as it is read.
func TestAccessReview(t *testing.T) {
	for _, lang := range []string{"en", "ko"} {
		d := AccessReview(sampleReview(), voice(lang), Beside{})
		want := slices.Sorted(slices.Values(Sections("access-review")))
		if got := sections(t, d); !slices.Equal(got, want) {
			t.Errorf("sections %v, want %v", got, want)
		}
		golden(t, "access-review-"+lang, d)
	}
}

// TestAccessReview_says: what a reviewer has to see is there, marked, and leads to its events.
func TestAccessReview_says(t *testing.T) {
	d := AccessReview(sampleReview(), voice("en"), Beside{})
	if got := texts(tableOf(t, d, "systems").Rows[0]); got != "Human resources | 정보보호팀 | 40,211 | warn12 | 4 | 3 | 4 | bad2 | bad2" {
		t.Error(got)
	}
	down := tableOf(t, d, "downloads.hr")
	for i, want := range []string{"approved by kim.auditor, 2026-11-03 10:00", "warnexplanation asked for", "badno reason", "explained"} {
		if c := down.Rows[i][5]; c.Mark+c.Text != want {
			t.Errorf("download %d: %s, want %s", i, c.Mark+c.Text, want)
		}
	}
	if got := down.Rows[1][4].Text; got != "asked of it.choi: 심야에 전체 명단을 내려받은 사유" {
		t.Error(got)
	}
	if got := down.Rows[3][4].Text; got != "asked of minsu.kim: 사유? · answer of minsu.kim: 감사 자료" {
		t.Error(got)
	}
	if link := down.Rows[0][0].Link; link != "https://weir.example.org/search?from=2026-09-30T15%3A00%3A00Z&q=event.id%3A+%22d1%22&to=2026-10-31T15%3A00%3A00Z" {
		t.Error(link)
	}
	accounts := tableOf(t, d, "accounts.hr")
	if got := texts(accounts.Rows[1]); !strings.HasSuffix(got, "warnprivileged, shared, not in the list of users, 4 addresses at a time, KR VN") {
		t.Error(got)
	}
	rights := tableOf(t, d, "rights.hr")
	if got := texts(rights.Rows[1]); got != "2026-10-20 09:00:00 | removed | "+hostile+" | 조회 → - | it.choi | warn- | -" {
		t.Error(got)
	}
	if c := rights.Rows[2][5]; c.Mark != "" { // what a system itself writes knows of no approval
		t.Errorf("%+v", c)
	}
	finds := tableOf(t, d, "findings.hr")
	if got := texts(finds.Rows[0]); got != "Access out of hours | medium | warnfound: 2 | 54 | 12 | admin (40), minsu.kim (14), 3 more (rare ones may be missing)" || finds.Rows[0][0].Link == "" {
		t.Error(got)
	}
	if got := texts(finds.Rows[2]); got != "Rights of nobody | low | nothing found | 0 | 0 | -" {
		t.Error(got)
	}
	if got := texts(tableOf(t, d, "changes.hr").Rows[2]); got != "failed logons | 128 | 300 | -172" {
		t.Error(got)
	}
	if got := texts(tableOf(t, d, "changes.crm").Rows[0]); got != "access records | 40,211 | - | -" {
		t.Error(got)
	}
	notes := strings.Join(prose.Notes(d), "\n")
	for _, want := range []string{"Not signed yet: hr.", "pci-10.5.1: never checked against the text.", "s-000412.parquet", "Downloads without a confirmed reason: 2.", "812 of addresses are not listed"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note %q in\n%s", want, notes)
		}
	}
}

// TestAccessReview_preview: what nobody opened says so first, with what opens it; other reviews of the period and conditions that no
// search says in full are named.
func TestAccessReview_preview(t *testing.T) {
	for lang, want := range map[string][]string{"en": {"Preview: no review of this period was opened.", "weir review open --month 2026-10", "not in this report: 2026-10-crm", "No review of this period was opened for: web, erp.", "links find more than was counted: ieq(host.name"}, "ko": {"미리보기:", "weir review open --month 2026-10", "다른 점검: 2026-10-crm", "점검이 시작되지 않은 시스템: web, erp", "집계보다 많을 수 있습니다: ieq(host.name"}} {
		f := sampleReview()
		f.State, f.Signatures = review.Preview, nil
		f.Systems[0].Match = `ieq(host.name, "x")`
		notes := strings.Join(prose.Notes(AccessReview(f, voice(lang), Beside{Reviews: []string{"2026-10-crm"}, Without: []string{"web", "erp"}})), "\n")
		for _, w := range want {
			if !strings.Contains(notes, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, notes)
			}
		}
		if strings.Contains(notes, "Not signed yet") || strings.Contains(notes, "draft") {
			t.Errorf("%s: it speaks of signatures:\n%s", lang, notes)
		}
	}
}

// TestAccessReview_states: a draft says that it is one, and what is late that it is late.
func TestAccessReview_states(t *testing.T) {
	f := sampleReview()
	f.Signatures, f.State = nil, review.Overdue
	notes := strings.Join(prose.Notes(AccessReview(f, voice("ko"), Beside{})), "\n")
	for _, want := range []string{"초안입니다", "점검 기한이 지났습니다", "아직 서명하지 않은 시스템: hr, crm"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
}

// TestAccessReview_empty: a month of which there is nothing is a report all the same.
func TestAccessReview_empty(t *testing.T) {
	for _, lang := range []string{"en", "ko"} {
		d := AccessReview(&review.Facts{Period: sampleReview().Period}, prose.Voice{Lang: lang}, Beside{})
		written(t, d, "html")
		written(t, d, "pdf")
		if got := tableOf(t, d, "systems"); len(got.Rows) != 0 || got.Empty == "" {
			t.Errorf("%+v", got)
		}
	}
}

// TestAccessReview_same: writing changes nothing of what is signed.
func TestAccessReview_same(t *testing.T) {
	f := sampleReview()
	AccessReview(f, voice("ko"), Beside{})
	a, b := written(t, &doc.Document{Facts: f}, "json"), written(t, &doc.Document{Facts: sampleReview()}, "json")
	if string(a) != string(b) {
		t.Error("the facts were changed")
	}
}
