package reporting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/internal/control/question"
	"weir/internal/control/reporting"
	"weir/internal/control/retaining"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/report/sources"
	"weir/internal/retention"
	"weir/internal/review"
	"weir/sinks/alerts"
)

// seoul is 9 hours ahead.
var seoul = time.FixedZone("Asia/Seoul", 9*3600)

// now is when reports are made.
var now = time.Date(2026, 12, 3, 8, 0, 0, 0, seoul)

// world is what a process has.
type world struct {
	desk  *Desk
	data  string
	looks []auditing.Look
	asked []string
	table question.Table
}

// newWorld has an archive with two days of logons of November, and an alert.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{data: t.TempDir(), table: question.Table{}}
	ar, err := archive.Open(filepath.Join(w.data, "archive"), archive.Options{Log: slog.New(slog.DiscardHandler), Writer: "test"})
	if err != nil {
		t.Fatal(err)
	}
	var rows []archive.Row
	for i := range 40 {
		at := time.Date(2026, 11, 1+i/20, i%20, 0, 0, 0, seoul).UTC()
		doc := fmt.Sprintf(`{"@timestamp":%q,"event":{"id":"e%d","created":%q,"dataset":"system.auth","category":["authentication"],"outcome":"failure"},"user":{"name":"user%d"},"log":{"source":{"address":"192.0.2.10"}},"weir":{"input":"syslog","class":"standard","time":%q}}`,
			at.Format(time.RFC3339), i, at.Add(2*time.Second).Format(time.RFC3339), i%3, at.Format(time.RFC3339))
		rows = append(rows, archive.Row{Doc: []byte(doc), Consumed: record.Pos{Topic: "weir.events", Offset: int64(i)}, Account: "syslog/192.0.2.10"})
	}
	if err := ar.Append(t.Context(), rows, func(error) {}); err != nil {
		t.Fatal(err)
	}
	store, err := alerts.Open(filepath.Join(w.data, "alerts.db"), alerts.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(ar.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	at := time.Date(2026, 11, 2, 3, 0, 0, 0, seoul)
	if err := store.Upsert(t.Context(), []alert.Alert{{ID: "3f9c12ab77e0", Revision: 1, Rule: "ssh-brute-force", Version: 1, Title: "Guessed", Level: "high", Group: map[string]string{"host.name": "web-1"}, What: "guessed", First: at, Last: at, Created: at, Count: 2, Conditions: []alert.Condition{}, Evidence: []alert.Evidence{}}}); err != nil {
		t.Fatal(err)
	}
	w.answers()
	w.desk = New(Deps{
		Archive: func() (*archive.Archive, error) { return ar, nil }, Alerts: func() *alerts.Store { return store }, Ask: w.table, Data: w.data, Zone: seoul, Now: func() time.Time { return now },
		Ledger:  func(context.Context) (control.Ledger, error) { return control.Ledger{Balanced: true, At: now}, nil },
		Console: func() string { return "https://weir.example.org" }, Note: func(_ context.Context, l auditing.Look) { w.looks = append(w.looks, l) },
	})
	return w
}

// answers are those of the other parts of the process.
func (w *world) answers() {
	facts := func(id string) *review.Facts {
		return &review.Facts{ID: id, State: review.Open, Period: review.Period{Name: "2026-11", From: time.Date(2026, 11, 1, 0, 0, 0, 0, seoul), To: time.Date(2026, 12, 1, 0, 0, 0, 0, seoul), Zone: "Asia/Seoul"}}
	}
	view := func(id string) (v reviewing.View) {
		v.Facts = facts(id)
		return v
	}
	w.table[retaining.AskReport] = question.Typed(func(context.Context, retaining.ReportRequest) (retention.Facts, error) {
		w.asked = append(w.asked, "retention")
		return retention.Facts{Made: now, Classes: []retention.ClassFacts{{Name: "standard", Keep: "90 days"}}}, nil
	})
	w.table[reviewing.AskStatus] = question.Typed(func(context.Context, reviewing.StatusRequest) (reviewing.Status, error) {
		month := func(m time.Month) (a, b time.Time) {
			a = time.Date(2026, m, 1, 0, 0, 0, 0, seoul)
			return a, a.AddDate(0, 1, 0)
		}
		var st reviewing.Status
		for _, r := range []reviewing.Row{{ID: "2026-10", Corrected: "2026-10-r2", Systems: 9}, {ID: "2026-10-hr", Systems: 1}, {ID: "2026-10-r2", Systems: 2}} {
			r.From, r.To = month(time.October)
			st.Rows = append(st.Rows, r)
		}
		none, web := reviewing.Row{State: "missing", Names: []string{"hr", "web"}}, reviewing.Row{State: "overdue", Names: []string{"web"}}
		none.From, none.To = month(time.November)
		web.From, web.To = month(time.October)
		st.Rows = append(st.Rows, none, web)
		return st, nil
	})
	w.table[reviewing.AskShow] = question.Typed(func(_ context.Context, r reviewing.ShowRequest) (reviewing.View, error) {
		w.asked = append(w.asked, "show "+r.ID)
		return view(r.ID), nil
	})
	w.table[reviewing.AskOpen] = question.Streamed(func(_ context.Context, r reviewing.OpenRequest, each func([]byte) error) (reviewing.View, error) {
		w.asked = append(w.asked, fmt.Sprint("open ", r.Month, " preview ", r.Preview))
		v := view("drafted")
		v.Facts.State = review.Preview
		return v, each([]byte(`{"step":"x"}`))
	})
}

// made asks for a report as a command does, and puts its files together.
func (w *world) made(t testing.TB, r reporting.Request) (reporting.Answer, map[string]string, error) {
	t.Helper()
	files := map[string]string{}
	a, err := question.Ask[reporting.Answer](t.Context(), Questions(w.desk, nil), reporting.Make, r, func(doc []byte) error {
		var d reporting.Document
		if err := json.Unmarshal(doc, &d); err != nil {
			return err
		}
		if d.File != "" {
			files[d.File] += string(d.Body)
		}
		return nil
	})
	return a, files, err
}

// TestMake: each report in each form, in both languages, and who made it is recorded.
func TestMake(t *testing.T) {
	for _, c := range []struct {
		r    reporting.Request
		want []string // in the JSON or the page
	}{
		{reporting.Request{Kind: "sources"}, []string{`"source": "syslog/192.0.2.10"`, `"stored": 40`, `"median_ms": 2016`, `"max_ms": 2000`, "192.0.2.10"}},
		{reporting.Request{Kind: "incidents"}, []string{`"id": "ssh-brute-force"`, "guessed", "https://weir.example.org/alerts?id=3f9c12ab77e0"}},
		{reporting.Request{Kind: "retention"}, []string{`"name": "standard"`}},
		{reporting.Request{Kind: "access-review"}, []string{`"id": "drafted"`, `"state": "preview"`, "weir review open --month 2026-11"}},
		{reporting.Request{Kind: "mapping", Name: "isms-p"}, []string{`"number": "2.11.3"`, `"hits": 40`, `"section": "retention/classes"`}},
	} {
		for _, lang := range []string{"en", "ko"} {
			t.Run(c.r.Kind+" "+lang, func(t *testing.T) {
				w := newWorld(t)
				c.r.Lang, c.r.Month, c.r.Formats = lang, "2026-11", reporting.Formats()
				a, files, err := w.made(t, c.r)
				if err != nil {
					t.Fatal(err)
				}
				if a.Month != "2026-11" || len(a.Files) != 4 || len(files) != 4 || a.Title == "" || !a.From.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, seoul)) {
					t.Errorf("%+v", a)
				}
				text := ""
				for _, f := range a.Files {
					body := files[f.Name]
					if int64(len(body)) != f.Bytes || !strings.HasPrefix(f.Name, c.r.Kind) {
						t.Errorf("%s: %d of %d bytes", f.Name, len(body), f.Bytes)
					}
					switch begin := map[string]string{"html": "<!DOCTYPE html>\n<html lang=\"" + lang, "pdf": "%PDF-", "csv": "PK", "json": "{\n"}[f.Format]; {
					case !strings.HasPrefix(body, begin):
						t.Errorf("%s begins with %.30q", f.Name, body)
					case f.Format == "html" || f.Format == "json":
						text += body
					}
				}
				for _, want := range c.want {
					if !strings.Contains(text, want) {
						t.Errorf("no %s", want)
					}
				}
				if len(w.looks) != 1 || w.looks[0].Action != "report" || !strings.HasPrefix(w.looks[0].Query, c.r.Kind) || w.looks[0].Err != nil {
					t.Errorf("%+v", w.looks)
				}
			})
		}
	}
}

// TestMake_review: the newest revision of all systems; of a period that nobody opened a preview, which leaves nothing behind and says so.
func TestMake_review(t *testing.T) {
	w := newWorld(t)
	for month, want := range map[string]string{"2026-10": "show 2026-10-r2", "2026-11": "open 2026-11 preview true"} {
		w.asked = nil
		a, _, err := w.made(t, reporting.Request{Kind: "access-review", Month: month, Formats: []string{"json"}})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(w.asked, ",") != want {
			t.Errorf("%s: %v", month, w.asked)
		}
		// A system of whose month there is no review is named; a preview is of all of them.
		if notes := strings.Join(a.Notes, "\n"); strings.Contains(notes, "was opened for: web.") != (month == "2026-10") || strings.Contains(notes, "hr, web") {
			t.Errorf("%s: %s", month, notes)
		}
	}
}

// TestReviewsOf: the month decides, also where the days of a report begin in another zone than those of the review; other reviews
// of the period come behind the largest.
func TestReviewsOf(t *testing.T) {
	row := func(id string, m time.Month, zone *time.Location, systems int) reviewing.Row {
		return reviewing.Row{ID: id, Systems: systems, From: time.Date(2026, m, 1, 0, 0, 0, 0, zone), To: time.Date(2026, m+1, 1, 0, 0, 0, 0, zone)}
	}
	old, none := row("", time.October, time.UTC, 1), row("", time.November, time.UTC, 2)
	old.Names, none.Names = []string{"old"}, []string{"web", "erp"}
	rows := []reviewing.Row{old, none, row("2026-10", time.October, time.UTC, 2), row("2026-11-crm", time.November, time.UTC, 1), row("2026-11-hr", time.November, time.UTC, 2), {ID: "2026-11-x", Corrected: "2026-11-x.2"}}
	for _, zone := range []*time.Location{seoul, time.UTC, time.FixedZone("west", -11*3600)} {
		from := time.Date(2026, 11, 1, 0, 0, 0, 0, zone)
		got, without := reviewsOf(rows, from.Add(from.AddDate(0, 1, 0).Sub(from)/2))
		if len(got) != 2 || got[0].ID != "2026-11-hr" || got[1].ID != "2026-11-crm" || !slices.Equal(without, []string{"web", "erp"}) {
			t.Errorf("%s: %+v without %v", zone, got, without)
		}
	}
}

// TestFind_days: days are counted also in a month in which clocks skip a midnight.
func TestFind_days(t *testing.T) {
	w := newWorld(t)
	ar, err := w.desk.d.Archive()
	if err != nil {
		t.Fatal(err)
	}
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 9, 1, 0, 0, 0, 0, santiago) // no midnight on the 6th
	f, err := find(t.Context(), ar, "event.dataset: *", "", from, time.Date(2026, 10, 1, 0, 0, 0, 0, santiago), santiago, now)
	if err != nil || len(f.Days) != 30 {
		t.Errorf("%d days, %v", len(f.Days), err)
	}
}

// TestMake_mapping: each other report is made once, however many sections are named, and days without events are.
func TestMake_mapping(t *testing.T) {
	w := newWorld(t)
	_, files, err := w.made(t, reporting.Request{Kind: "mapping", Name: "iso-27001-a8", Month: "2026-11", Formats: []string{"json"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(w.asked, ",") != "retention" {
		t.Errorf("asked %v", w.asked)
	}
	if text := files["mapping-iso-27001-a8-2026-11.json"]; !strings.Contains(text, `"2026-11-03"`) || strings.Contains(text, `"2026-11-02"`) || !strings.Contains(text, `"value": "system.auth"`) {
		t.Error(text)
	}
}

// TestMake_refused: what is wrong with a request, before anything is read.
func TestMake_refused(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		r    reporting.Request
		code string
	}{
		"no such report":   {reporting.Request{Kind: "weather", Formats: []string{"pdf"}}, "usage"},
		"no form":          {reporting.Request{Kind: "sources"}, "usage"},
		"no such form":     {reporting.Request{Kind: "sources", Formats: []string{"docx"}}, "usage"},
		"no such language": {reporting.Request{Kind: "sources", Lang: "fr", Formats: []string{"pdf"}}, "usage"},
		"no such zone":     {reporting.Request{Kind: "sources", Zone: "Asia/Seul", Formats: []string{"pdf"}}, "usage"},
		"no month":         {reporting.Request{Kind: "sources", Month: "november", Formats: []string{"pdf"}}, "usage"},
		"a month to come":  {reporting.Request{Kind: "sources", Month: "2027-01", Formats: []string{"pdf"}}, "usage"},
		"a name too many":  {reporting.Request{Kind: "sources", Name: "isms-p", Formats: []string{"pdf"}}, "usage"},
		"no such mapping":  {reporting.Request{Kind: "mapping", Name: "nist", Formats: []string{"pdf"}}, "report-mapping"},
	} {
		if _, files, err := w.made(t, c.r); fault.Code(err) != c.code || len(files) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.looks) != 9 || w.looks[0].Err == nil {
		t.Errorf("%d looks", len(w.looks))
	}
}

// TestMake_elsewhere: a process that has nothing says so for each report, and none is made of nothing.
func TestMake_elsewhere(t *testing.T) {
	w := &world{desk: New(Deps{Now: func() time.Time { return now }, Data: t.TempDir()})}
	for _, kind := range reporting.Kinds() {
		r := reporting.Request{Kind: kind, Formats: []string{"json"}}
		if kind == "mapping" {
			r.Name = "isms-p"
		}
		if _, _, err := w.made(t, r); fault.Code(err) != "report-elsewhere" {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestMake_default: without a month it is the one before, in the zone of the configuration.
func TestMake_default(t *testing.T) {
	w := newWorld(t)
	for at, want := range map[time.Time]string{now: "2026-11", time.Date(2027, 1, 1, 0, 0, 0, 0, seoul): "2026-12", time.Date(2026, 12, 31, 23, 0, 0, 0, seoul): "2026-11"} {
		w.desk.d.Now = func() time.Time { return at }
		if a, _, err := w.made(t, reporting.Request{Kind: "retention", Formats: []string{"json"}}); err != nil || a.Month != want {
			t.Errorf("%s: %s, %v", at, a.Month, err)
		}
	}
}

// TestMake_own: a file of one's own that has a mistake is said where its mapping is asked for.
func TestMake_own(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(w.data, "reports", "mapping")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "house.yaml"), []byte("id: house\ncontrols: 7\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.made(t, reporting.Request{Kind: "mapping", Name: "house", Formats: []string{"json"}})
	if fault.Code(err) != "report-mapping" || !strings.Contains(err.Error(), "house.yaml:2") {
		t.Error(err)
	}
}

// TestQuestions: the facts for the console, and what runs by itself.
func TestQuestions(t *testing.T) {
	w := newWorld(t)
	table := Questions(w.desk, func() reporting.Schedule { return reporting.Schedule{File: "f"} })
	f, err := question.Ask[sources.Facts](t.Context(), table, reporting.SourcesFacts, reporting.FactsRequest{From: time.Date(2026, 11, 2, 0, 0, 0, 0, seoul), To: time.Date(2026, 11, 3, 0, 0, 0, 0, seoul), Zone: "Asia/Seoul"}, nil)
	if err != nil || f.Events != 20 || len(f.Sources) != 1 || f.Sources[0].Hours[3] != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := question.Ask[sources.Facts](t.Context(), table, reporting.SourcesFacts, reporting.FactsRequest{}, nil); fault.Code(err) != "usage" {
		t.Error(err)
	}
	if st, err := question.Ask[reporting.Schedule](t.Context(), table, reporting.List, nil, nil); err != nil || st.File != "f" {
		t.Errorf("%+v, %v", st, err)
	}
	if st, err := question.Ask[reporting.Schedule](t.Context(), Questions(w.desk, nil), reporting.List, nil, nil); err != nil || len(st.Entries) != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestDesk_Make: the schedule gets the same files, with their types for mails.
func TestDesk_Make(t *testing.T) {
	w := newWorld(t)
	m, err := w.desk.Make(t.Context(), reporting.Request{Kind: "retention", Month: "2026-11", Lang: "ko", Formats: []string{"pdf", "csv"}})
	if err != nil || len(m.Files) != 2 || m.Files[0].Type != "application/pdf" || m.Files[0].Name != "retention-2026-11-ko.pdf" || m.Title != "로그 기록 보존 현황 보고서 2026년 11월" || len(m.Notes) == 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestDesk_told: without a notify.yaml nobody is told, and reports of incidents are made all the same.
func TestDesk_told(t *testing.T) {
	if (&Desk{}).told() != nil {
		t.Error("a process without the stage says nothing about what was sent")
	}
	for code, wrong := range map[string]bool{"notify-unreadable": false, "version-mismatch": true} {
		k := &Desk{d: Deps{Told: func(context.Context, string) ([]notifying.Past, error) {
			return nil, &fault.Error{Code: code, What: "x"}
		}}}
		if past, err := k.told()(t.Context(), "id"); len(past) != 0 || (err != nil) != wrong {
			t.Errorf("%s: %v, %v", code, past, err)
		}
	}
}
