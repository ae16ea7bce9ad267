package compliance_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/internal/console/consoletest"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/control/retaining"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/retention"
	"weir/internal/review"
	"weir/internal/review/keys"
	"weir/internal/review/store"
)

// evil is what attackers write where a person reads.
const evil = "<script>alert(1)</script>\u202e"

// says is a handler that keeps what it was asked and gives one answer.
func says[Q, A any](into *Q, answer A) question.Handler {
	return question.Typed(func(_ context.Context, q Q) (A, error) {
		*into = q
		return answer, nil
	})
}

func facts() retention.Facts {
	return retention.Facts{
		Policy: retention.PolicyFacts{Version: "9d1fc204aabbccdd", Since: consoletest.Now, Enforce: false}, Segments: 3, Events: 81204, Bytes: 3 << 20,
		Classes: []retention.ClassFacts{{Name: "access", Title: retention.Text{En: "Access records", Ko: "접속기록"}, Law: retention.Text{En: "PIPA", Ko: "개인정보 보호법"}, Article: "29", Checked: "never", Keep: "2 years", DeleteBy: "3 years", Events: 81204,
			Oldest: consoletest.Now.AddDate(-1, 0, 0), Newest: consoletest.Now, Gaps: []retention.Gap{{From: "2026-10-01", To: "2026-10-03", Days: 3}}, NextExpiry: consoletest.Now.AddDate(1, 0, 0), Held: 2, Beyond: 1}},
		Unknown:  []retention.UnknownFacts{{Name: evil, Events: 5, Near: "access"}},
		Warnings: []retention.Warning{{Kind: retention.WarnNeverChecked, Class: "access"}, {Kind: retention.WarnBeyond, Class: "access", Hold: "h1", Segments: 1}, {Kind: "of-tomorrow", Class: "x"}},
	}
}

// weir answers everything that the page asks.
func weir() *consoletest.Weir {
	var none struct{}
	var list archiving.ListRequest
	var report retaining.ReportRequest
	var holds retaining.HoldsRequest
	var status reviewing.StatusRequest
	return &consoletest.Weir{Named: question.Table{
		retaining.AskReport: says(&report, facts()),
		retaining.AskHolds:  says(&holds, retaining.HoldsAnswer{Holds: []retention.HoldFacts{{ID: "h1", Query: "user.name: kim", Owner: "Legal", Reason: evil, By: "ana", Placed: consoletest.Now, Active: true, Keeps: 2}}}),
		archiving.AskStatus: says(&none, archiving.Status{Last: &archiving.Verified{OK: false, Segments: 1204, Events: 88120433, Found: 2, Proof: "key", At: consoletest.Now.Add(-time.Hour), Findings: []archiving.Finding{{Kind: "changed", Path: "class=access/day=2026-09-03/s-412.parquet", Why: "sha256 is 77ab, must be 9d1f"}}}}),
		archiving.AskList:   says(&list, archiving.List{Log: archiving.Log{On: true, Size: 1204, Anchored: 1190, Until: consoletest.Now, How: "file"}}),
		reviewing.AskStatus: says(&status, reviewing.Status{Cycle: "monthly", Grace: 10, Rows: []reviewing.Row{{Period: "2026-10", ID: "2026-10", State: "overdue", Hits: 3, Reasons: 2, Waits: []string{"hr"}}, {Period: "2026-09", Month: "2026-09", State: "missing", From: time.Date(2026, 9, 1, 0, 0, 0, 0, consoletest.Zone).UTC()}}}),
		reporting.List:      says(&none, reporting.Schedule{Entries: []reporting.Entry{{Report: "retention", Every: "month", Error: evil}}}),
	}}
}

func TestPage(t *testing.T) {
	s := consoletest.New(t, weir(), nil)
	page := s.Page("/compliance")
	text := consoletest.Text(page)
	consoletest.Has(t, text, "TAMPERED: 2 findings · 1,204 segments, 88,120,433 events", "changed class=access/day=2026-09-03/s-412.parquet sha256 is 77ab, must be 9d1f", "It rests on the public key outside the archive.", "Transparency log: 1,204 leaves, 1,190 of them published",
		"planned only: nothing is deleted", "Access records access PIPA 29 text checked: never 2 y deleted by 3 y 2025-11-21 2026-11-21 2026-10-01 – 2026-10-03 81,204", "1 kept too long", "not in the policy perhaps access is meant",
		"Nobody has checked the text of the law behind the class access.", "beyond the day by which they must be deleted, by the hold h1", "of-tomorrow x", "h1 user.name: kim", "it is released", "2026-10 overdue", "2026-09 missing", "monthly, 10 days after the end of the period", "Access review", "not made")
	consoletest.Has(t, page, `name="month" value="2026-09"`, `name="id" value="h1"`, `action="/compliance/verify"`)
	consoletest.Lacks(t, page, "<script>alert", "\u202e")
	consoletest.Has(t, consoletest.Text(s.Page("/compliance?lang=ko")), "접속기록", "개인정보 보호법", "법령 원문 확인: 안 함", "3년 이내 파기", "매월 점검", "변조 의심: 2건")
	for _, q := range s.Weir.Asked {
		if q.Who != "ana" && q.Name != "alerts" {
			t.Errorf("%s was asked by %q", q.Name, q.Who)
		}
	}
}

// TestPage_elsewhere: a process without the archive says so in each part, and shows the rest.
func TestPage_elsewhere(t *testing.T) {
	text := consoletest.Text(consoletest.New(t, &consoletest.Weir{}, nil).Page("/compliance"))
	consoletest.Has(t, text, "Not answered here: verification.", "Not answered here: classes of retention.", "Not answered here: legal holds.", "Not answered here: access reviews.", "Reports")
	w := weir()
	w.Named[retaining.AskReport] = question.Typed(func(context.Context, retaining.ReportRequest) (retention.Facts, error) {
		return retention.Facts{}, &fault.Error{Code: "retention-doubt", What: "the policy cannot be read"}
	})
	consoletest.Has(t, consoletest.Text(consoletest.New(t, w, nil).Page("/compliance")), "[retention-doubt]", "h1 user.name: kim")
}

func TestVerify(t *testing.T) {
	w := weir()
	var asked archiving.VerifyRequest
	w.Named[archiving.AskVerify] = says(&asked, archiving.Status{Running: true})
	s := consoletest.New(t, w, nil)
	if r := s.Post("/compliance/verify", url.Values{}); r.Code != http.StatusSeeOther || asked.Stop || asked.Copy != 1 {
		t.Errorf("%d %+v", r.Code, asked)
	}
	if r := s.Post("/compliance/verify", url.Values{"stop": {"1"}}); r.Code != http.StatusSeeOther || !asked.Stop {
		t.Errorf("%d %+v", r.Code, asked)
	}
	var none struct{}
	w.Named[archiving.AskStatus] = says(&none, archiving.Status{Running: true, Progress: archiving.Progress{Bytes: 1 << 20, BytesTotal: 4 << 20, Segments: 1, SegmentsTotal: 4, Left: 3 * time.Second}})
	part := s.Page("/compliance/verify")
	consoletest.Has(t, part, `data-live="/compliance/verify" data-every="1000"`, `value="25"`, "1 MiB of 4 MiB", "1 of 4 segments", "3 s left", `name="csrf" value="`+s.CSRF)
	consoletest.Lacks(t, part, "<html")
}

func TestHold(t *testing.T) {
	w := weir()
	var asked retaining.HoldRequest
	w.Named[retaining.AskHold] = says(&asked, retaining.HoldAnswer{Hold: retention.HoldFacts{ID: "h2"}})
	s := consoletest.New(t, w, nil)
	form := url.Values{"query": {"user.name: kim"}, "owner": {"Legal"}, "reason": {"case 12"}, "from": {"2026-01-01"}, "until": {"2027-01-01"}}
	if r := s.Post("/compliance/hold", form); r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/compliance#holds" {
		t.Fatalf("%d %v", r.Code, r.Header())
	}
	if asked.Query != "user.name: kim" || asked.Owner != "Legal" || !asked.From.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, consoletest.Zone)) || !asked.To.IsZero() || asked.Until.IsZero() {
		t.Errorf("asked %+v", asked)
	}
	for name, change := range map[string]url.Values{"no owner": {"owner": {" "}}, "no reason": {"reason": {""}}, "no query": {"query": {"(a"}}, "no time": {"from": {"yesterday"}}} {
		asked = retaining.HoldRequest{}
		f := url.Values{"query": {`a: "<b>"`}, "owner": {"Legal"}, "reason": {"case 12"}}
		maps.Copy(f, change)
		r := s.Post("/compliance/hold", f)
		if r.Code != http.StatusBadRequest || asked.Owner != "" {
			t.Errorf("%s: %d", name, r.Code)
		}
		if name == "no reason" {
			consoletest.Has(t, r.Body.String(), `value="a: &#34;&lt;b&gt;&#34;"`, `value="Legal"`) // nothing that was written is lost
		}
	}
}

func TestRelease(t *testing.T) {
	w := weir()
	var asked retaining.ReleaseRequest
	w.Named[retaining.AskRelease] = says(&asked, retaining.ReleaseAnswer{Hold: retention.HoldFacts{ID: "h1"}, Due: 2})
	s := consoletest.New(t, w, nil)
	if r := s.Post("/compliance/release", url.Values{"id": {"h1"}}); r.Code != http.StatusBadRequest || asked.ID != "" {
		t.Errorf("without a reason: %d", r.Code)
	}
	if r := s.Post("/compliance/release", url.Values{"id": {"h1"}, "reason": {"closed"}}); r.Code != http.StatusSeeOther || asked.ID != "h1" || asked.Reason != "closed" {
		t.Errorf("%d %+v", r.Code, asked)
	}
}

func TestReport(t *testing.T) {
	w := weir()
	var asked reporting.Request
	var files []string
	w.Named[reporting.Make] = question.Streamed(func(_ context.Context, q reporting.Request, each func([]byte) error) (reporting.Answer, error) {
		asked = q
		send := func(d reporting.Document) error {
			b, err := json.Marshal(d)
			if err != nil {
				return err
			}
			return each(b)
		}
		if err := send(reporting.Document{Step: "reading"}); err != nil {
			return reporting.Answer{}, err
		}
		for _, name := range files {
			for _, piece := range []string{"first ", "second"} {
				if err := send(reporting.Document{File: name, Body: []byte(piece)}); err != nil {
					return reporting.Answer{}, err
				}
			}
		}
		return reporting.Answer{}, nil
	})
	s := consoletest.New(t, w, nil)
	files = []string{"../../retention-2026-10.pdf"}
	r := s.Get("/compliance/report?kind=retention&month=2026-10&lang=ko&format=pdf")
	if r.Code != http.StatusOK || r.Body.String() != "first second" || r.Header().Get("Content-Type") != "application/pdf" || r.Header().Get("Content-Disposition") != "attachment; filename=retention-2026-10.pdf" {
		t.Errorf("%d %v %q", r.Code, r.Header(), r.Body)
	}
	if asked.Kind != "retention" || asked.Month != "2026-10" || asked.Lang != "ko" || len(asked.Formats) != 1 || asked.Zone != "Asia/Seoul" {
		t.Errorf("asked %+v", asked)
	}
	files = []string{"a.csv", "b.csv"}
	r = s.Get("/compliance/report?kind=retention&lang=en&format=csv")
	z, err := zip.NewReader(bytes.NewReader(r.Body.Bytes()), int64(r.Body.Len()))
	if err != nil || len(z.File) != 2 || r.Header().Get("Content-Type") != "application/zip" {
		t.Fatalf("CSV: %v %v", err, r.Header())
	}
	f, err := z.File[1].Open()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "first second" || z.File[1].Name != "b.csv" {
		t.Errorf("%s: %q %v", z.File[1].Name, b, err)
	}
	files = nil
	for _, path := range []string{"/compliance/report?kind=retention&lang=en&format=pdf", "/compliance/report?kind=secrets&lang=en&format=pdf", "/compliance/report?kind=retention&lang=de&format=pdf", "/compliance/report?kind=retention&lang=en&format=exe"} {
		if r := s.Get(path); r.Code == http.StatusOK || r.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
}

// office is a review with something in every part.
func office(state string) reviewing.View {
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, consoletest.Zone)
	f := &review.Facts{ID: "2026-10", State: state, Period: review.Period{Name: "2026-10", From: from, To: from.AddDate(0, 1, 0), Zone: "Asia/Seoul"}, Drafted: review.Stamp{At: consoletest.Now, By: "weir"},
		Law: []review.Law{{Law: "Standard of Measures", LawKo: "안전성 확보조치 기준", Article: "8", Checked: "never"}},
		Systems: []review.System{{
			ID: "hr", Title: "HR", TitleKo: "인사", Scope: "weir.privacy.system: hr", Events: 1000, Subjects: 120000, Completeness: review.Completeness{Records: 900, Incomplete: 4, Missing: []review.Group{{Values: []string{"place"}, Count: 4}}, KQL: "a: 1"},
			Findings:  []review.Finding{{ID: "off-hours", Title: "Off-hours access", Severity: "medium", KQL: `x: "y"`, To: from.AddDate(0, 1, 0), Hit: true, Events: 12, Groups: []review.Group{{Values: []string{evil}, Count: 12}}}, {ID: "bulk", Title: "Bulk", Severity: "low"}},
			Accounts:  []review.Account{{Name: evil, Privileged: true, Dormant: true, Logons: 3}},
			Rights:    []review.RightsChange{{Event: "e9", At: from, Action: "grant", Account: "kim", Right: "admin", Reason: evil}},
			Downloads: []review.Handling{{Event: "d1", At: from, Account: "kim", Subjects: 500}, {Event: "d2", At: from, Account: "lee", Reason: "audit", Decisions: []review.Decision{{Kind: "approve", Stamp: review.Stamp{By: "ben"}}}}},
			Comments:  []review.Comment{{Stamp: review.Stamp{By: "ben"}, Nr: 1, Finding: "off-hours", Text: evil}},
			Changes:   review.Changes{Counts: []review.Delta{{What: "logons", Now: 10, Before: 5}}},
		}, {ID: "crm", Title: "CRM"}}}
	f.Systems[0].Logons.Hours[0][9] = 40
	return reviewing.View{View: store.View{Version: 7, Facts: f}}
}

func reviews(state string) *consoletest.Weir {
	w := weir()
	var none struct{}
	var show reviewing.ShowRequest
	w.Named[reviewing.AskShow] = says(&show, office(state))
	w.Named[reviewing.AskKeys] = says(&none, reviewing.Keys{Keys: []keys.Key{{Name: "ana"}, {Name: "old", Revoked: consoletest.Now}}})
	return w
}

func TestReview(t *testing.T) {
	s := consoletest.New(t, reviews(review.Commented), nil)
	page := s.Page("/compliance/review?id=2026-10")
	text := consoletest.Text(page)
	consoletest.Has(t, text, "Access review 2026-10", "Access records: 900, of which 4 lack one of the five items · place 4", "medium Off-hours access: 12 events", "1 searches found nothing", "1 without a reason", "kim 500 no reason", "audit ben, -: approve", "privileged dormant", "grant kim admin", "Mon 40", "logons 10 5", "HR 1", "CRM")
	consoletest.Has(t, page, `name="version" value="7"`, `name="finding" value="off-hours"`, `name="download" value="d1"`, `name="passphrase" autocomplete="off"`, "<option>ana</option>", "weir review sign 2026-10", `href="/compliance/review?id=2026-10&amp;system=crm"`, `q=x%3A&#43;%22y%22`)
	consoletest.Lacks(t, page, "<script>alert", "<option>old", "Bulk")
	if strings.Contains(consoletest.Text(page), "\u202e") {
		t.Error("a mark turns the text around")
	}
	consoletest.Has(t, consoletest.Text(s.Page("/compliance/review?id=2026-10&lang=ko")), "접속기록 점검 2026-10", "인사", "안전성 확보조치 기준", "사유 없음", "관리자 장기 미사용")
	consoletest.Has(t, consoletest.Text(s.Page("/compliance/review?id=2026-10&system=crm")), "CRM", "Nobody.")
	signed := consoletest.New(t, reviews(review.Signed), nil).Page("/compliance/review?id=2026-10")
	consoletest.Lacks(t, signed, "<textarea", `name="passphrase"`, `name="download"`)
}

func TestReview_change(t *testing.T) {
	w := reviews(review.Open)
	var comment reviewing.CommentRequest
	var explained reviewing.ExplainRequest
	var here reviewing.HereRequest
	var opened reviewing.OpenRequest
	w.Named[reviewing.AskComment] = says(&comment, office(review.Commented))
	w.Named[reviewing.AskExplain] = says(&explained, office(review.Commented))
	w.Named[reviewing.AskHere] = says(&here, office(review.Signed))
	w.Named[reviewing.AskOpen] = says(&opened, office(review.Open))
	s := consoletest.New(t, w, nil)
	base := func(more url.Values) url.Values {
		more.Set("id", "2026-10")
		more.Set("version", "7")
		more.Set("system", "hr")
		return more
	}
	for path, form := range map[string]url.Values{
		"comment": base(url.Values{"finding": {"off-hours"}, "text": {" it was the night shift "}}), "explain": base(url.Values{"download": {"d1"}, "kind": {"ask"}, "whom": {"kim"}, "text": {"why?"}}), "sign": base(url.Values{"key": {"ana"}, "passphrase": {"secret"}, "all": {"0"}}), "open": {"month": {"2026-10"}},
	} {
		if r := s.Post("/compliance/review/"+path, form); r.Code != http.StatusSeeOther || !strings.HasPrefix(r.Header().Get("Location"), "/compliance/review?id=2026-10") {
			t.Errorf("%s: %d %v", path, r.Code, r.Header())
		}
	}
	if comment != (reviewing.CommentRequest{ID: "2026-10", Version: 7, System: "hr", Finding: "off-hours", Text: "it was the night shift"}) {
		t.Errorf("comment %+v", comment)
	}
	if explained.Download != "d1" || explained.Kind != "ask" || explained.Whom != "kim" || explained.Text != "why?" || explained.Version != 7 {
		t.Errorf("decision %+v", explained)
	}
	if here.Key != "ana" || here.Passphrase != "secret" || here.Version != 7 || len(here.Systems) != 1 || here.Systems[0] != "hr" {
		t.Errorf("signature %+v", here)
	}
	if opened.Month != "2026-10" {
		t.Errorf("opened %+v", opened)
	}
	s.Post("/compliance/review/comment", base(url.Values{"whole": {"1"}, "text": {"x"}}))
	if comment.System != "" {
		t.Errorf("a comment on the whole is on %q", comment.System)
	}
}

// TestReview_second: who comes second sees the review as it is, is told, keeps what was written, and no passphrase comes
// back.
func TestReview_second(t *testing.T) {
	w := reviews(review.Open)
	changed := &fault.Error{Code: "review-changed", What: "ben changed this review", Exit: fault.ExitUsage}
	w.Named[reviewing.AskComment] = question.Typed(func(context.Context, reviewing.CommentRequest) (struct{}, error) { return struct{}{}, changed })
	w.Named[reviewing.AskHere] = question.Typed(func(context.Context, reviewing.HereRequest) (struct{}, error) { return struct{}{}, changed })
	s := consoletest.New(t, w, nil)
	r := s.Post("/compliance/review/comment", url.Values{"id": {"2026-10"}, "system": {"hr"}, "text": {"a long <text>"}})
	consoletest.Has(t, r.Body.String(), "[review-changed]", "a long &lt;text&gt;</textarea>")
	if r.Code == http.StatusOK {
		t.Error("a refusal is no success")
	}
	consoletest.Lacks(t, s.Post("/compliance/review/sign", url.Values{"id": {"2026-10"}, "key": {"ana"}, "passphrase": {"my secret"}}).Body.String(), "my secret")
}
