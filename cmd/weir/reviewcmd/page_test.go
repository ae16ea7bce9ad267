package reviewcmd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/cmd/weir/ui"
	"weir/internal/control/reviewing"
	"weir/internal/review"
	"weir/internal/review/seal"
	"weir/internal/review/store"
	"weir/internal/term"
)

// view is a review with one of everything that a page shows.
func view() reviewing.View {
	at := time.Date(2026, 10, 5, 1, 0, 0, 0, time.UTC)
	f := &review.Facts{
		V: 1, ID: "2026-10.2", Revision: 2, Corrects: "2026-10", Why: "one host was missing", State: review.Commented,
		Period:  review.Period{Name: "2026-10", From: time.Date(2026, 9, 30, 15, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 31, 15, 0, 0, 0, time.UTC), Zone: "Asia/Seoul"},
		Drafted: review.Stamp{At: at, By: "ana"}, Policy: review.Policy{Cycle: "monthly", Grace: 14, Due: at},
		Law:      []review.Law{{Class: "kr-pipa-access-1y", Law: "The standard", LawKo: "안전성 확보조치 기준", Article: "8(2)", Notice: "Notice 2023-6", Status: "read", Checked: "2026-11-21"}},
		Comments: []review.Comment{{Stamp: review.Stamp{At: at, By: "ana"}, Nr: 1, Text: "seen"}},
		Record:   review.Record{Gaps: []review.Gap{{From: at, To: at, Source: "system crm", What: "no event for 4 days"}}, Unreadable: []string{"segment 7"}},
		Systems: []review.System{{
			ID: "crm", Title: "Customers", TitleKo: "고객관리", Events: 1234567, Completeness: review.Completeness{Records: 20, Incomplete: 3},
			Accounts: []review.Account{{Name: "kim"}}, Logons: review.Logons{Success: 5, Failed: 7}, Changes: review.Changes{Known: true, New: []string{"lee"}},
			Findings: []review.Finding{
				{ID: "off-hours", Title: "Out of hours", TitleKo: "업무시간 외", Severity: "medium", Hit: true, Count: 7, Groups: groups(7)},
				{ID: "foreign", Title: "From abroad", Severity: "high"}, {ID: "downloads", Title: "Downloads", Severity: "info", Hit: true, Count: 1},
			},
			Downloads: []review.Handling{{Event: "e1", At: at, Account: "kim", Subjects: 3, Decisions: []review.Decision{{Kind: "ask", Text: "why?", Whom: "kim"}}}, {Event: "e2", At: at, Reason: "audit"}},
			Alerts:    []review.Alert{{At: at, Level: "high", Title: "Guessed password", State: "open"}},
			Comments:  []review.Comment{{Stamp: review.Stamp{At: at, By: "park"}, Nr: 2, Finding: "off-hours", Text: "agreed"}},
		}, {ID: "hr", Title: "HR"}},
		Signatures: []review.Signature{{Key: "jung", By: "jung01", At: at, Parts: []review.Part{{}, {System: "hr"}}}},
	}
	return reviewing.View{View: store.View{Version: 4, Facts: f}}
}

func groups(n int) (out []review.Group) {
	for i := range n {
		out = append(out, review.Group{Values: []string{fmt.Sprint("user", i)}, Count: int64(n - i)})
	}
	return out
}

// face is a terminal of these tests.
func face(w *bytes.Buffer, cells int) *term.Face {
	return term.Detect(w, term.Options{Env: []string{"LANG=ko_KR.UTF-8"}, Color: "never", Now: func() time.Time { return now }, Terminal: cells, Zone: now.Location()})
}

func shellOf(out, msg *bytes.Buffer, cells int) ui.Shell {
	return ui.Shell{Out: face(out, cells), Msg: face(msg, cells), Note: func(format string, args ...any) { fmt.Fprintf(msg, format+"\n", args...) }}
}

func TestPage(t *testing.T) {
	var out, msg bytes.Buffer
	sh := shellOf(&out, &msg, 100)
	for lang, want := range map[string][]string{
		"en": {
			"review 2026-10.2  commented  version 4", "2026-10-01 00:00 .. 2026-11-01 00:00 (Asia/Seoul)", "corrects  2026-10: one host was missing", "law  The standard (Notice 2023-6) 8(2), kr-pipa-access-1y, text read on 2026-11-21",
			"no event for 4 days", "unreadable  segment 7", "#1 ana", "crm  Customers", "1,234,567", "access records 20, incomplete 3", "new lee; gone -", "Out of hours  (off-hours)", "user4", "…", "e1", "asked  why?", "entered  audit",
			"Guessed password open", "#2 [off-hours] park", "jung (jung01)", "not signed: crm",
		},
		"ko": {"접속기록 점검 2026-10.2", "법령  안전성 확보조치 기준", "고객관리", "업무시간 외", "Downloads", "미서명: crm"},
	} {
		got := page(sh, view(), lang)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not shown:\n%s", lang, w, got)
			}
		}
		for _, w := range []string{"user5", "From abroad"} { // more than the first few, and a search that found nothing
			if strings.Contains(got, w) {
				t.Errorf("%s: %q is shown", lang, w)
			}
		}
	}
}

// TestPage_Checked: a signed review says whether it holds, in words.
func TestPage_Checked(t *testing.T) {
	var out, msg bytes.Buffer
	sh := shellOf(&out, &msg, 100)
	v := view()
	v.Check = &seal.Result{OK: true}
	if got := page(sh, v, "en"); !strings.Contains(got, "the signatures hold") {
		t.Errorf("%s", got)
	}
	v.Check = &seal.Result{Problems: []string{"the head was \x1b[31mchanged"}}
	if got := page(sh, v, "en"); strings.Contains(got, "the signatures hold") || !strings.Contains(got, `the head was \x1b[31mchanged`) {
		t.Errorf("%s", got)
	}
}

func TestSummary(t *testing.T) {
	var out, msg bytes.Buffer
	v := view()
	if err := summary(shellOf(&out, &msg, 0), v); err != nil || out.String() != "2026-10.2\tcommented\t2\t0\t1\t1\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	out.Reset()
	v.Overdue = true
	if err := summary(shellOf(&out, &msg, 0), v); err != nil || !strings.Contains(out.String(), "\toverdue\t") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestStatusRows(t *testing.T) {
	var out, msg bytes.Buffer
	st := reviewing.Status{Rows: []reviewing.Row{
		{Period: "2026-10", State: "missing", Due: now, Waits: []string{"crm", "hr"}},
		{Period: "2026-09", ID: "2026-09", State: "signed", Due: now, Signed: []string{"jung"}, Hits: 1200, Corrected: "2026-09.2"},
	}}
	if err := statusRows(shellOf(&out, &msg, 0), st); err != nil {
		t.Fatal(err)
	}
	want := "2026-10\t-\tmissing\t2026-11-03T01:00:00Z\t-\t0\t0\tcrm, hr\n2026-09\t2026-09\tsigned\t2026-11-03T01:00:00Z\tjung\t1200\t0\tcorrected by 2026-09.2\n"
	if out.String() != want || msg.Len() != 0 {
		t.Errorf("%q %q", out.String(), msg.String())
	}
	out.Reset()
	if err := statusRows(shellOf(&out, &msg, 100), reviewing.Status{}); err != nil || out.Len() != 0 || !strings.Contains(msg.String(), "no period is to be reviewed yet") {
		t.Errorf("%q %q %v", out.String(), msg.String(), err)
	}
}

func TestNames(t *testing.T) {
	if got := names(nil); got != "-" {
		t.Errorf("%q", got)
	}
	if got := names(strings.Split(strings.Repeat("a ", 12), " ")[:12]); !strings.HasSuffix(got, "… (12)") || strings.Count(got, "a") != 10 {
		t.Errorf("%q", got)
	}
}

// TestPrinter_words: cycles, and how well a law is known, are said in the reader's language.
func TestPrinter_words(t *testing.T) {
	policy, law := review.Policy{Cycle: "monthly", Grace: 14}, review.Law{Status: "read", Checked: "2026-11-21"}
	en, ko := &printer{}, &printer{ko: true}
	for got, want := range map[string]string{
		en.cycle(policy): "monthly, within 14 days", ko.cycle(policy): "매월, 기간 종료 후 14일 이내",
		en.checked(law): "text read on 2026-11-21", ko.checked(law): "조문 대조(2026-11-21)", ko.checked(review.Law{Status: "memory", Checked: "never"}): "조문 미확인",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
