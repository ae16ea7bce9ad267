package reviewing

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/retention/policy"
	"weir/internal/review"
	"weir/internal/review/keys"
	"weir/internal/review/store"
)

const systemsFile = `
systems:
  - name: hr-db
    title: {en: HR database, ko: 인사 데이터베이스}
    owner: hr
    reviewers: [park, jung]
    subjects: 60000
    events: 'host.name: "LabSZ"'
    hours: Mon-Fri 09:00-18:00
  - name: crm
    title: {en: Customers, ko: 고객관리}
    owner: sales
    reviewers: [jung]
    events: 'event.dataset: "system.security"'
`

// office is a desk with an archive, a clock and what was recorded of who did what.
type office struct {
	desk  *Desk
	table question.Table
	ar    *archive.Archive
	dir   string
	now   time.Time
	notes []auditing.Look
	n     int64 // documents that were put in behind the month
}

// newOffice makes a desk over documents, with two systems.
func newOffice(t testing.TB, docs [][]byte) *office {
	t.Helper()
	dir := t.TempDir()
	return officeOf(t, dir, fill(t, filepath.Join(dir, "archive"), docs))
}

// emptyOffice is one over an archive without events.
func emptyOffice(t testing.TB) *office {
	t.Helper()
	dir := t.TempDir()
	ar, err := archive.Open(filepath.Join(dir, "archive"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ar.Close() })
	return officeOf(t, dir, ar)
}

func officeOf(t testing.TB, dir string, ar *archive.Archive) *office {
	t.Helper()
	o := &office{ar: ar, dir: dir, now: time.Date(2026, 11, 3, 1, 0, 0, 0, time.UTC)}
	p, faults := policy.Parse(policy.Options{Zone: seoul}, nil, []byte(systemsFile))
	for _, f := range faults {
		if !f.Warn {
			t.Fatal(f, f.Why)
		}
	}
	o.desk = New(Deps{
		Archive: func() (*archive.Archive, error) { return o.ar, nil }, Data: o.dir, Policy: func() (*policy.Policy, error) { return p, nil }, KeyFolder: filepath.Join(o.dir, "outside"),
		Note: func(_ context.Context, l auditing.Look) { o.notes = append(o.notes, l) }, Now: func() time.Time { return o.now },
	})
	o.table = Questions(o.desk)
	return o
}

// ask asks as somebody.
func ask[A any](t testing.TB, o *office, who, name string, q any) (A, error) {
	t.Helper()
	return question.Ask[A](question.WithWho(t.Context(), who), o.table, name, q, func([]byte) error { return nil })
}

func must[A any](t testing.TB, o *office, who, name string, q any) A {
	t.Helper()
	a, err := ask[A](t, o, who, name, q)
	if err != nil {
		t.Fatalf("%s: %v %s", name, err, fault.Innermost(err))
	}
	return a
}

// key makes a reviewer's key and registers it.
func (o *office) key(t testing.TB, name string, accounts ...string) {
	t.Helper()
	public, err := keys.Create(o.desk.d.KeyFolder, name, []byte("a long passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	must[keys.Key](t, o, "admin", reviewing.AskKeyAdd, reviewing.KeyAddRequest{Name: name, Public: public, Accounts: accounts})
}

// TestMonth: the numbers of a month of real logs. Whoever changes what a search counts sees here what it does to a review.
func TestMonth(t *testing.T) {
	o := newOffice(t, month(t))
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	if again := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"}); !again.Existing || again.Version != v.Version {
		t.Errorf("opened twice: existing %v, version %d and %d", again.Existing, v.Version, again.Version)
	}
	type numbers struct {
		records, incomplete, logons, failed int64
		accounts, rights, downloads, bulk   int
		hits                                string
	}
	want := map[string]numbers{
		"hr-db": {210, 0, 1, 1276, 6, 2, 30, 0, "rights-changes rights-not-approved failed-logons failed-logons-address off-hours-records dormant-accounts removed-accounts downloads downloads-without-reason"},
		"crm":   {210, 6, 11, 0, 6, 2, 30, 7, "incomplete-records rights-changes native-account-changes off-hours off-hours-records bulk-handling downloads"},
	}
	for i := range v.Facts.Systems {
		s := &v.Facts.Systems[i]
		var hits []string
		for _, f := range s.Findings {
			if f.Hit {
				hits = append(hits, f.ID)
			}
		}
		got := numbers{s.Completeness.Records, s.Completeness.Incomplete, s.Logons.Success, s.Logons.Failed, len(s.Accounts), len(s.Rights), len(s.Downloads), len(s.Bulk), strings.Join(hits, " ")}
		if got != want[s.ID] {
			t.Errorf("%s: %+v, want %+v", s.ID, got, want[s.ID])
		}
		// What a finding says is what its query finds in the archive.
		for _, f := range s.Findings {
			if f.How == "accounts" {
				continue
			}
			q, err := query.Parse(f.KQL)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := o.ar.Search(t.Context(), search.Request{Query: q, From: f.From, To: f.To}, nil)
			if err != nil || int64(sum.Total) != f.Events {
				t.Errorf("%s %s says %d events, its query finds %d (%v)", s.ID, f.ID, f.Events, sum.Total, err)
			}
		}
	}
	law := v.Facts.Law
	if len(law) == 0 || !slices.ContainsFunc(law, func(l review.Law) bool { return l.Class == "kr-pipa-access-1y" && l.Checked != "" }) {
		t.Errorf("law %+v", law)
	}
	if v.Facts.Policy.Cycle != "monthly" || v.Facts.Policy.Grace == 0 || !v.Facts.Policy.Due.After(v.Facts.Period.To) {
		t.Errorf("policy %+v", v.Facts.Policy)
	}
}

// TestWorkflow: a month from its draft to its leaf. Nobody signs their own, and nothing changes behind a signature.
func TestWorkflow(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	o.key(t, "park", "park03") // has access to both systems
	o.key(t, "jung", "jung01")
	v := must[reviewing.View](t, o, "jung", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})

	// Two people at once: the second is told.
	first := must[reviewing.View](t, o, "jung", reviewing.AskComment, reviewing.CommentRequest{ID: "2026-10", Version: v.Version, System: "hr-db", Finding: "off-hours-records", Text: "야간 배치 <script>"})
	_, err := ask[reviewing.View](t, o, "lee", reviewing.AskComment, reviewing.CommentRequest{ID: "2026-10", Version: v.Version, Text: "late"})
	wantFault(t, err, "review-changed")
	if first.Facts.State != review.Commented || len(first.Facts.System("hr-db").Comments) != 1 {
		t.Errorf("state %s", first.Facts.State)
	}
	// Reasons of downloads.
	var none string
	for _, h := range v.Facts.System("hr-db").Downloads {
		if h.Status() == "none" {
			none = h.Event
		}
	}
	explain := func(who, kind, text, whom string) error {
		_, err := ask[reviewing.View](t, o, who, reviewing.AskExplain, reviewing.ExplainRequest{ID: "2026-10", Download: none, Kind: kind, Text: text, Whom: whom})
		return err
	}
	wantFault(t, explain("jung", "approve", "", ""), "review-decision")
	wantFault(t, explain("jung", "answer", "because", ""), "review-decision")
	for _, x := range [][3]string{{"ask", "", "kim01"}, {"answer", "월말 정산", "kim01"}, {"approve", "", ""}} {
		if err := explain("jung", x[0], x[1], x[2]); err != nil {
			t.Fatal(x, err)
		}
	}
	// A draft again keeps what people wrote.
	again := must[reviewing.View](t, o, "jung", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Redraft: true})
	if len(again.Facts.System("hr-db").Comments) != 1 || statusOf(again, none) != "approved" {
		t.Error("a draft lost what people wrote")
	}
	// park has access to both; a system's reviewers are respected.
	_, err = ask[store.ToSign](t, o, "park", reviewing.AskPrepare, reviewing.PrepareRequest{ID: "2026-10", Key: "park"})
	wantFault(t, err, "review-own-access")
	_, err = ask[reviewing.View](t, o, "jung", reviewing.AskHere, reviewing.HereRequest{ID: "2026-10", Key: "jung", Passphrase: "wrong passphrase"})
	wantFault(t, err, "review-passphrase")
	part := must[reviewing.View](t, o, "jung", reviewing.AskHere, reviewing.HereRequest{ID: "2026-10", Key: "jung", Passphrase: "a long passphrase", Systems: []string{"crm"}})
	if part.Facts.State == review.Signed || !slices.Equal(part.Facts.Unsigned(), []string{"hr-db"}) {
		t.Errorf("signed in part: %s %v", part.Facts.State, part.Facts.Unsigned())
	}
	_, err = ask[reviewing.View](t, o, "lee", reviewing.AskComment, reviewing.CommentRequest{ID: "2026-10", System: "crm", Text: "late"})
	wantFault(t, err, "review-signed")
	_, err = ask[reviewing.View](t, o, "lee", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Redraft: true})
	wantFault(t, err, "review-signed")
	must[reviewing.View](t, o, "lee", reviewing.AskComment, reviewing.CommentRequest{ID: "2026-10", System: "hr-db", Text: "still open"})
	done := must[reviewing.View](t, o, "jung", reviewing.AskHere, reviewing.HereRequest{ID: "2026-10", Key: "jung", Passphrase: "a long passphrase"})
	if done.Facts.State != review.Signed || done.Sealed == nil || !done.Check.OK {
		t.Fatalf("state %s, sealed %+v, check %+v", done.Facts.State, done.Sealed, done.Check)
	}
	if n, err := o.desk.Seal(t.Context()); n != 0 || err != nil {
		t.Errorf("sealed twice: %d %v", n, err)
	}
	o.tampering(t)
	o.correction(t)
	var acts []string
	for _, l := range o.notes {
		if !slices.Contains(acts, l.Action) {
			acts = append(acts, l.Action)
		}
	}
	for _, want := range []string{"key-add", "review-open", "review-comment", "review-ask", "review-answer", "review-approve", "review-sign", "review-show"} {
		if !slices.Contains(acts, want) {
			t.Errorf("%s is not recorded: %v", want, acts)
		}
	}
}

// slicesOf takes the records and a part of the rest: the workflow needs few.
func slicesOf(docs [][]byte) [][]byte { return docs[len(docs)-600:] }

func statusOf(v reviewing.View, event string) string {
	for i := range v.Facts.Systems {
		for _, h := range v.Facts.Systems[i].Downloads {
			if h.Event == event {
				return h.Status()
			}
		}
	}
	return ""
}

func wantFault(t testing.TB, err error, code string) {
	t.Helper()
	if fault.Code(err) != code {
		t.Errorf("%v (%s), want %s", err, fault.Code(err), code)
	}
}

// tampering changes every place in which a signed review lies, one after the other, and puts it back.
func (o *office) tampering(t *testing.T) {
	t.Helper()
	for name, file := range map[string]string{
		"the archive's copy": filepath.Join(o.dir, "archive", "reviews", "2026-10.json"),
		"the store's copy":   filepath.Join(o.dir, "reviews", "2026-10", "signed.json"),
		"the register":       filepath.Join(o.dir, "reviews", "keys.json"),
	} {
		was, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Replace(was, []byte("jung"), []byte("kang"), 1)
		if name != "the register" {
			bad = bytes.Replace(was, []byte("야간 배치"), []byte("주간 배치"), 1)
		}
		if bytes.Equal(bad, was) {
			t.Fatal("nothing was changed")
		}
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		v := must[reviewing.View](t, o, "ana", reviewing.AskShow, reviewing.ShowRequest{ID: "2026-10"})
		if v.Check.OK || len(v.Check.Problems) == 0 {
			t.Errorf("%s was changed, and nobody says so", name)
		}
		if err := os.WriteFile(file, was, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if v := must[reviewing.View](t, o, "ana", reviewing.AskShow, reviewing.ShowRequest{ID: "2026-10"}); !v.Check.OK {
		t.Errorf("put back: %v", v.Check.Problems)
	}
}

// correction: a mistake in a signed review is corrected by another one, and the old one stays.
func (o *office) correction(t *testing.T) {
	t.Helper()
	_, err := ask[reviewing.View](t, o, "jung", reviewing.AskOpen, reviewing.OpenRequest{Correct: "2026-10"})
	wantFault(t, err, "review-correct")
	v := must[reviewing.View](t, o, "jung", reviewing.AskOpen, reviewing.OpenRequest{Correct: "2026-10", Why: "one host was missing"})
	if v.Facts.ID != "2026-10.2" || v.Facts.Revision != 2 || v.Facts.Corrects != "2026-10" || v.Facts.State != review.Open {
		t.Errorf("%s revision %d corrects %s, %s", v.Facts.ID, v.Facts.Revision, v.Facts.Corrects, v.Facts.State)
	}
	st := must[reviewing.Status](t, o, "jung", reviewing.AskStatus, reviewing.StatusRequest{})
	i := slices.IndexFunc(st.Rows, func(r reviewing.Row) bool { return r.ID == "2026-10" })
	if i < 0 || st.Rows[i].Corrected != "2026-10.2" || st.Rows[i].State != review.Signed || !st.Rows[i].Sealed {
		t.Errorf("%+v", st.Rows)
	}
}

// TestSeal_LaterOn: a review that is signed while the archive cannot be written is sealed when it can.
func TestSeal_LaterOn(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	o.key(t, "jung")
	must[reviewing.View](t, o, "jung", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	if err := o.ar.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	reader, err := archive.OpenReader(filepath.Join(o.dir, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	writer := o.ar
	o.ar = reader
	v := must[reviewing.View](t, o, "jung", reviewing.AskHere, reviewing.HereRequest{ID: "2026-10", Key: "jung", Passphrase: "a long passphrase"})
	if v.Facts.State != review.Signed || v.Sealed != nil || v.Check.OK {
		t.Errorf("state %s, sealed %v, check %+v", v.Facts.State, v.Sealed, v.Check)
	}
	o.ar = writer
	if n, err := o.desk.Seal(t.Context()); n != 1 || err != nil {
		t.Fatalf("sealed %d: %v", n, err)
	}
	if v := must[reviewing.View](t, o, "jung", reviewing.AskShow, reviewing.ShowRequest{ID: "2026-10"}); v.Sealed == nil || !v.Check.OK {
		t.Errorf("%+v", v.Check)
	}
	// A crash between the leaf and the note of it: there is one leaf all the same.
	work := filepath.Join(o.dir, "reviews", "2026-10", "work.json")
	b, err := os.ReadFile(work)
	if err != nil {
		t.Fatal(err)
	}
	var w map[string]any
	if err := json.Unmarshal(b, &w); err != nil {
		t.Fatal(err)
	}
	delete(w, "sealed")
	b, _ = json.Marshal(w)
	if err := os.WriteFile(work, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := o.desk.Seal(t.Context()); n != 1 || err != nil {
		t.Fatalf("sealed %d: %v", n, err)
	}
	leaves := 0
	for _, a := range o.ar.Actions() {
		if a.Kind == manifest.KindReview {
			leaves++
		}
	}
	if leaves != 1 {
		t.Errorf("%d leaves", leaves)
	}
}

// TestStatus: a month that nobody opened is missing, then overdue; a review that nobody signed is overdue too.
func TestStatus(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	state := func(period string) string {
		st := must[reviewing.Status](t, o, "ana", reviewing.AskStatus, reviewing.StatusRequest{})
		for _, r := range st.Rows {
			if r.Period == period {
				return r.State
			}
		}
		return "none"
	}
	begun := o.ar.Segments()[0].Published.In(seoul)
	period := begun.Format("2006-01")
	month := time.Date(begun.Year(), begun.Month(), 1, 0, 0, 0, 0, seoul)
	o.now = month.AddDate(0, 0, 27)
	if s := state(period); s != "none" {
		t.Errorf("a month that is not over is %s", s)
	}
	o.now = month.AddDate(0, 1, 2)
	if s := state(period); s != "missing" {
		t.Errorf("a month that is over is %s", s)
	}
	if list, err := o.desk.Overdue(); len(list) != 0 || err != nil {
		t.Errorf("overdue: %v, %v", list, err)
	}
	o.now = month.AddDate(0, 3, 0)
	if s := state(period); s != review.Overdue {
		t.Errorf("a month long over is %s", s)
	}
	list, err := o.desk.Overdue()
	if err != nil || len(list) == 0 || list[len(list)-1].Period != period || !slices.Equal(list[len(list)-1].Waits, []string{"hr-db", "crm"}) {
		t.Errorf("overdue: %+v, %v", list, err)
	}
}

// TestStatus_ManySystems: a period counts once, however many reviews it has, and what is overdue is told of whatever its age.
func TestStatus_ManySystems(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	begun := o.ar.Segments()[0].Published.In(seoul)
	first := time.Date(begun.Year(), begun.Month(), 1, 0, 0, 0, 0, seoul)
	o.now = first.AddDate(0, 50, 0)
	names := []string{"hr-db", "crm", "web"}
	var periods []string
	for m := range 50 {
		from := first.AddDate(0, m, 0)
		p := review.Period{Name: from.Format("2006-01"), From: from.UTC(), To: first.AddDate(0, m+1, 0).UTC(), Zone: seoul.String()}
		periods = append(periods, p.Name)
		if m%2 == 1 { // a period in which crm was forgotten
			names[1] = "web-2"
		} else {
			names[1] = "crm"
		}
		for _, name := range names {
			f := &review.Facts{V: 1, ID: store.ID(p.Name, name, 1), Revision: 1, Period: p, Policy: review.Policy{Due: p.To}, Systems: []review.System{{ID: name}}}
			if _, err := o.desk.store.Put(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Reverse(periods)
	for asked, want := range map[int]int{0: 36, 1: 1, 3: 3, 36: 36, 100: 50, -1: 0} {
		var got []string
		rows := 0
		for _, r := range must[reviewing.Status](t, o, "ana", reviewing.AskStatus, reviewing.StatusRequest{Periods: asked}).Rows {
			if rows++; len(got) == 0 || got[len(got)-1] != r.Period {
				got = append(got, r.Period)
			}
		}
		if !slices.Equal(got, periods[:want]) || rows != 3*want+(want+1)/2 {
			t.Errorf("asked for %d: %d rows of %v", asked, rows, got)
		}
	}
	list, err := o.desk.Overdue()
	if err != nil || len(list) != 3*50+24 || list[len(list)-1].Period != periods[49] {
		t.Errorf("%d overdue, %v", len(list), err) // all but the last, whose days of grace run
	}
}

// TestStatus_LaterSystem: a review of all systems is about those that it has, and not about one that was named after it.
func TestStatus_LaterSystem(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	begun := o.ar.Segments()[0].Published.In(seoul)
	month := time.Date(begun.Year(), begun.Month(), 1, 0, 0, 0, 0, seoul)
	o.now = month.AddDate(0, 1, 1)
	must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: month.Format("2006-01")})
	waits := func(systems string) []string {
		t.Helper()
		p, _ := policy.Parse(policy.Options{Zone: seoul}, nil, []byte(systems))
		if p == nil {
			t.Fatal("a policy with mistakes")
		}
		o.desk.d.Policy = func() (*policy.Policy, error) { return p, nil }
		for _, r := range must[reviewing.Status](t, o, "ana", reviewing.AskStatus, reviewing.StatusRequest{}).Rows {
			if r.ID == "" {
				return r.Names
			}
		}
		return nil
	}
	if got := waits(systemsFile); got != nil {
		t.Errorf("%v are not in a review of all", got)
	}
	if got := waits(systemsFile + "  - {name: web, reviewers: [jung], events: 'host.name: web'}\n"); !slices.Equal(got, []string{"web"}) {
		t.Errorf("%v, want web", got)
	}
	renamed := strings.Replace(systemsFile, "name: crm", "name: sales\n    aliases: [CRM]", 1)
	if got := waits(renamed); renamed == systemsFile || got != nil {
		t.Errorf("%v: it has another name now, and is the same", got)
	}
}

func TestOpen_Refused(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	for _, x := range []struct {
		name string
		q    reviewing.OpenRequest
		code string
	}{
		{"no month", reviewing.OpenRequest{Month: "October"}, "review-period"},
		{"not begun", reviewing.OpenRequest{Month: "2027-10"}, "review-period"},
		{"no zone", reviewing.OpenRequest{Month: "2026-10", Zone: "Asia/Nowhere"}, "review-period"},
		{"no system", reviewing.OpenRequest{Month: "2026-10", System: "web"}, "review-systems"},
		{"nothing to correct", reviewing.OpenRequest{Correct: "2026-09", Why: "x"}, "review-unknown"},
		{"a path", reviewing.OpenRequest{Correct: "../../etc", Why: "x"}, "review-unknown"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := ask[reviewing.View](t, o, "ana", reviewing.AskOpen, x.q)
			wantFault(t, err, x.code)
		})
	}
	// A draft of a month that runs is a look ahead; nobody signs it.
	o.now = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	o.key(t, "jung")
	must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", System: "crm"})
	_, err := ask[store.ToSign](t, o, "jung", reviewing.AskPrepare, reviewing.PrepareRequest{ID: "2026-10-crm", Key: "jung"})
	wantFault(t, err, "review-early")
}

// TestNamed: a zone that is signed has a name that every machine knows.
func TestNamed(t *testing.T) {
	if named(seoul) != seoul {
		t.Error("a zone with a name gets another one")
	}
	t.Setenv("TZ", "Asia/Seoul")
	if l := named(time.Local); l.String() != "Asia/Seoul" {
		t.Errorf("%s", l)
	}
	t.Setenv("TZ", "no/such/zone")
	if l := named(time.Local); l != time.UTC {
		t.Errorf("%s", l)
	}
}
