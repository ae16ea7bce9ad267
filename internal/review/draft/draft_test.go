package draft

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/archive/search"
	"weir/internal/query"
	"weir/internal/review"
)

// source is an archive in memory: documents in the order of time.
type source struct {
	docs []string
	bad  error // yielded once, as for a segment that cannot be read
}

func (s *source) Scan(_ context.Context, o search.ScanOptions) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		if s.bad != nil && !yield(nil, s.bad) {
			return
		}
		var list []*event.Event
		for _, d := range s.docs {
			e := &event.Event{}
			if err := e.Decode([]byte(d)); err != nil {
				panic(err)
			}
			list = append(list, e)
		}
		slices.SortStableFunc(list, func(a, b *event.Event) int { return when(a).Compare(when(b)) })
		for _, e := range list {
			at := when(e)
			if !o.From.IsZero() && at.Before(o.From) || !o.To.IsZero() && !at.Before(o.To) || o.Filter != nil && !o.Filter.Match(e) {
				continue
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

var kst = time.FixedZone("KST", 9*3600)

// at is a moment of October 2026 in Korea.
func at(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, kst) }

// doc makes a document; pairs are paths and JSON values.
func doc(t time.Time, id string, pairs ...string) string {
	b := fmt.Sprintf(`{"@timestamp":%q,"event.id":%q`, t.UTC().Format(time.RFC3339), id)
	for i := 0; i < len(pairs); i += 2 {
		b += fmt.Sprintf(`,%q:%s`, pairs[i], pairs[i+1])
	}
	return b + "}"
}

func access(t time.Time, id, user, ip, action string, more ...string) string {
	return doc(t, id, append([]string{"event.dataset", `"privacy_access.log"`, "weir.privacy.system", `"crm"`, "user.name", `"` + user + `"`, "source.ip", `"` + ip + `"`, "weir.privacy.action", `"` + action + `"`}, more...)...)
}

func logon(t time.Time, id, user, ip, outcome string, more ...string) string {
	return doc(t, id, append([]string{"event.dataset", `"system.auth"`, "event.category", `["authentication"]`, "event.outcome", `"` + outcome + `"`, "host.name", `"crm-1"`, "user.name", `"` + user + `"`, "source.ip", `"` + ip + `"`}, more...)...)
}

func right(t time.Time, id, action, user, what string, more ...string) string {
	return doc(t, id, append([]string{"event.dataset", `"access_rights.log"`, "event.category", `["iam"]`, "weir.rights.system", `"crm"`, "weir.rights.action", `"` + action + `"`, "user.target.name", `"` + user + `"`, "weir.rights.right", `["` + what + `"]`, "user.name", `"admin7"`}, more...)...)
}

// october is a month with one of everything.
func october() []string {
	return []string{
		right(time.Date(2024, 3, 1, 9, 0, 0, 0, kst), "r0", "grant", "old", "read"),   // long ago, never used
		right(time.Date(2024, 3, 2, 9, 0, 0, 0, kst), "r1", "grant", "kim", "read"),   // used
		right(time.Date(2024, 3, 3, 9, 0, 0, 0, kst), "r2", "grant", "left", "read"),  // taken away before the period
		right(time.Date(2026, 8, 3, 9, 0, 0, 0, kst), "r3", "remove", "left", "read"), //
		access(time.Date(2026, 9, 10, 10, 0, 0, 0, kst), "s1", "kim", "10.1.0.1", "view", "weir.privacy.subject.count", "1"),
		logon(time.Date(2026, 9, 10, 9, 0, 0, 0, kst), "s2", "gone", "10.1.0.2", "success"),
		access(time.Date(2026, 10, 1, 0, 0, 0, 0, kst), "first", "kim", "10.1.0.1", "view", "weir.privacy.subject.count", "1"), // Thursday, midnight: the first moment
		access(at(5, 10), "a1", "kim", "10.1.0.1", "download", "weir.privacy.subject.count", "2000", "weir.privacy.reason", `"audit"`),
		access(at(5, 11), "a2", "kim", "10.1.0.1", "download", "weir.privacy.subject.count", "3"),
		access(at(6, 10), "a3", "", "10.1.0.9", "view", "weir.privacy.missing", `["identifier","subject"]`),
		access(at(10, 10), "a4", "lee", "203.0.113.9", "view", "weir.privacy.subject.id", `["c1","c2"]`, "source.geo.country_iso_code", `"US"`), // Saturday, abroad
		logon(at(12, 20), "l1", "lee", "10.1.0.1", "success"),                                                                                   // Monday evening
		logon(at(12, 21), "l2", "team", "10.1.0.1", "success"),
		logon(at(12, 21).Add(time.Minute), "l3", "team", "10.1.0.2", "success"),
		logon(at(12, 21).Add(2*time.Minute), "l4", "team", "10.1.0.3", "success"),
		logon(at(13, 9), "f1", "root", "198.51.100.7", "failure"), logon(at(13, 9), "f2", "root", "198.51.100.7", "failure"), logon(at(13, 9), "f3", "root", "198.51.100.7", "failure"),
		logon(at(13, 9), "f4", "root", "198.51.100.7", "failure"), logon(at(13, 9), "f5", "root", "198.51.100.7", "failure"),
		logon(at(13, 10), "m1", "CRM-1$", "10.1.0.1", "success"), // a machine
		right(at(14, 9), "g1", "grant", "new", "export"),
		right(at(15, 9), "g2", "remove", "lee", "read", "weir.rights.approved_by", `"park"`),
		access(at(16, 9), "a5", "lee", "10.1.0.1", "view", "weir.privacy.subject.count", "1"), // after it was taken away
		doc(at(17, 9), "u1", "event.dataset", `"system.auth"`, "event.category", `["iam"]`, "event.action", `"added-user-account"`, "event.outcome", `"success"`, "host.name", `"crm-1"`, "user.name", `"bob"`),
		doc(at(18, 9), "al-1", "event.dataset", `"weir.alert"`, "event.kind", `"alert"`, "weir.alert.id", `"al"`, "weir.alert.level", `"high"`, "rule.id", `"ssh"`, "rule.name", `"guess"`, "weir.alert.count", "1", "weir.alert.evidence", `[{"event_id":"f5","values":{"host.name":"crm-1"}}]`),
		doc(at(18, 10), "al-2", "event.dataset", `"weir.alert"`, "event.kind", `"alert"`, "weir.alert.id", `"al"`, "weir.alert.level", `"high"`, "rule.id", `"ssh"`, "rule.name", `"guess"`, "weir.alert.count", "7", "host.name", `"crm-1"`),
		doc(at(18, 11), "al-c", "event.dataset", `"weir.change"`, "weir.alert.id", `"al"`, "weir.alert.state", `"closed"`, "weir.alert.verdict", `"benign"`),
		doc(at(19, 9), "o1", "event.dataset", `"weir.alert"`, "event.kind", `"alert"`, "weir.alert.id", `"other"`, "host.name", `"web-1"`),
		doc(at(19, 9), "web", "event.dataset", `"system.auth"`, "event.category", `["authentication"]`, "event.outcome", `"success"`, "host.name", `"web-1"`, "user.name", `"eve"`), // another system
		access(time.Date(2026, 11, 1, 0, 0, 0, 0, kst), "next", "kim", "10.1.0.1", "view", "weir.privacy.subject.count", "1"),                                                       // the first moment after
	}
}

func options(t *testing.T, own string) Options {
	t.Helper()
	s, err := parse("searches.yaml", []byte(own))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	now, before, err := PeriodOf("monthly", at(20, 0), zone)
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		ID: "2026-10", Period: now, Before: before, Searches: s, By: "ana", Now: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC),
		Systems: []System{{ID: "crm", Title: "CRM", Events: `host.name: "crm-1"`, Class: "kr-pipa-access-1y"}},
	}
}

func draftOf(t *testing.T, o Options, docs []string) *review.System {
	t.Helper()
	f, err := Draft(t.Context(), &source{docs: docs}, o)
	if err != nil {
		t.Fatal(err)
	}
	return &f.Systems[0]
}

func find(t *testing.T, s *review.System, id string) review.Finding {
	t.Helper()
	i := slices.IndexFunc(s.Findings, func(f review.Finding) bool { return f.ID == id })
	if i < 0 {
		t.Fatalf("no finding %s", id)
	}
	return s.Findings[i]
}

func accountOf(t *testing.T, s *review.System, name string) review.Account {
	t.Helper()
	i := slices.IndexFunc(s.Accounts, func(a review.Account) bool { return a.Name == name })
	if i < 0 {
		t.Fatalf("no account %s", name)
	}
	return s.Accounts[i]
}

func TestDraft(t *testing.T) {
	s := draftOf(t, options(t, ""), october())
	names := []string{}
	for _, a := range s.Accounts {
		names = append(names, a.Name)
	}
	// root only failed, CRM-1$ is a machine, left lost its right long ago, bob was made and never used.
	if want := []string{"kim", "lee", "new", "old", "team"}; !slices.Equal(names, want) {
		t.Errorf("accounts %v, want %v", names, want)
	}
	if c := s.Completeness; c.Records != 6 || c.Incomplete != 1 || len(c.Missing) != 2 {
		t.Errorf("completeness %+v", c)
	}
	if l := s.Logons; l.Success != 4 || l.Failed != 5 || l.Hours[0][20] != 1 || l.Hours[0][21] != 3 || l.FailedHours[1][9] != 5 {
		t.Errorf("logons %d %d %v", l.Success, l.Failed, l.Hours[0])
	}
	if a := s.Logons.Addresses; len(a) != 4 || a[0].Name != "10.1.0.1" || a[0].Success != 2 || a[0].Accounts != 2 || a[3].Name != "198.51.100.7" || a[3].Failed != 5 {
		t.Errorf("addresses %+v", a)
	}
	if n := s.Logons.Networks; len(n) != 2 || n[0].Name != "private" || n[1].Name != "internet" {
		t.Errorf("networks %+v", n)
	}
	kim := accountOf(t, s, "kim")
	if kim.Records != 3 || kim.Downloads != 2 || kim.Subjects != 2004 || kim.OffHours != 1 || kim.New || kim.Dormant || !slices.Equal(kim.Rights, []string{"read"}) {
		t.Errorf("kim %+v", kim)
	}
	lee := accountOf(t, s, "lee")
	if lee.Foreign != 1 || !slices.Equal(lee.Countries, []string{"US"}) || !lee.New || lee.Removed.IsZero() || lee.OffHours != 2 {
		t.Errorf("lee %+v", lee)
	}
	if old := accountOf(t, s, "old"); !old.Dormant || old.Logons != 0 {
		t.Errorf("old %+v", old)
	}
	if fresh := accountOf(t, s, "new"); fresh.Dormant || !slices.Equal(fresh.Rights, []string{"export"}) {
		t.Errorf("new %+v", fresh)
	}
	if team := accountOf(t, s, "team"); !team.Shared || team.AtOnce != 3 {
		t.Errorf("team %+v", team)
	}
	if len(s.Downloads) != 2 || s.Downloads[0].Status() != "entered" || s.Downloads[1].Status() != "none" || len(s.Bulk) != 1 || s.Bulk[0].Event != "a1" {
		t.Errorf("downloads %+v, bulk %+v", s.Downloads, s.Bulk)
	}
	if len(s.Rights) != 3 || s.Rights[0].Account != "new" || s.Rights[0].By != "admin7" || !s.Rights[2].Native || s.Rights[2].Account != "bob" || s.Rights[2].By != "" {
		t.Errorf("rights %+v", s.Rights)
	}
	if len(s.Alerts) != 1 || s.Alerts[0].Count != 7 || s.Alerts[0].State != "closed" || s.Alerts[0].Verdict != "benign" {
		t.Errorf("alerts %+v", s.Alerts)
	}
	if c := s.Changes; !c.Known || !slices.Equal(c.New, []string{"lee", "team"}) || !slices.Equal(c.Gone, []string{"gone"}) {
		t.Errorf("changes %+v", c)
	}
}

func TestDraft_Findings(t *testing.T) {
	s := draftOf(t, options(t, ""), october())
	for _, x := range []struct {
		id     string
		hit    bool
		count  int64
		events int64
	}{
		{"incomplete-records", true, 2, 1},
		{"rights-changes", true, 2, 2},
		{"rights-not-approved", true, 1, 1},
		{"native-account-changes", true, 1, 1},
		{"failed-logons", true, 1, 5},
		{"failed-logons-address", false, 0, 5},
		{"off-hours", true, 2, 4},
		{"off-hours-records", true, 2, 2},
		{"foreign", true, 1, 1},
		{"elsewhere", false, 0, 0},
		{"shared-accounts", true, 1, 10},
		{"shared-listed", false, 0, 0},
		{"dormant-accounts", true, 1, 0},
		{"removed-accounts", true, 1, 3},
		{"unlisted-accounts", false, 0, 0},
		{"bulk-handling", true, 1, 1},
		{"downloads", true, 1, 2},
		{"downloads-without-reason", true, 1, 1},
		{"same-subject", false, 0, 1},
	} {
		t.Run(x.id, func(t *testing.T) {
			f := find(t, s, x.id)
			if f.Hit != x.hit || f.Count != x.count || f.Events != x.events || f.TitleKo == "" {
				t.Errorf("%+v, want hit %v, count %d, events %d", f, x.hit, x.count, x.events)
			}
		})
	}
}

// TestDraft_QueriesFindWhatWasCounted: who opens a finding sees as many events as it says.
func TestDraft_QueriesFindWhatWasCounted(t *testing.T) {
	s := draftOf(t, options(t, ""), october())
	count := func(kql string, from, to time.Time) (n int64) {
		q, err := query.Parse(kql)
		if err != nil {
			t.Fatalf("%s: %v", kql, err)
		}
		for range (&source{docs: october()}).Scan(t.Context(), search.ScanOptions{From: from, To: to, Filter: q}) { //nolint:errcheck // documents of a test have none
			n++
		}
		return n
	}
	for _, f := range s.Findings {
		if f.How == "accounts" {
			continue
		}
		if n := count(f.KQL, f.From, f.To); n != f.Events {
			t.Errorf("%s says %d events, its query finds %d: %s", f.ID, f.Events, n, f.KQL)
		}
	}
	from, to := s.Findings[0].From, s.Findings[0].To
	if n := count(s.Logons.KQL, from, to); n != s.Logons.Success {
		t.Errorf("logons %d, found %d", s.Logons.Success, n)
	}
	if n := count(s.Logons.FailedKQL, from, to); n != s.Logons.Failed {
		t.Errorf("failed %d, found %d", s.Logons.Failed, n)
	}
	if n := count(s.Completeness.KQL, from, to); n != s.Completeness.Incomplete {
		t.Errorf("incomplete %d, found %d", s.Completeness.Incomplete, n)
	}
	if n := count(s.Scope, from, to); n != s.Events {
		t.Errorf("events %d, found %d", s.Events, n)
	}
	if n := count(s.AccountQuery("kim"), from, to); n != 3 {
		t.Errorf("kim's %d", n)
	}
}

func TestDraft_OwnSearches(t *testing.T) {
	o := options(t, `
settings: {shared: [team], bulk: 2}
systems: {crm: {home: [KR, US]}}
findings:
  - {id: failed-logons, threshold: 6}
  - {id: downloads, off: true}
  - {id: prints, title: Prints, kql: 'weir.privacy.action: print', count: events}
`)
	s := draftOf(t, o, october())
	if f := find(t, s, "failed-logons"); f.Hit || f.Title != "Failed logons, by account" {
		t.Errorf("%+v", f)
	}
	if f := find(t, s, "foreign"); f.Hit {
		t.Errorf("%+v", f)
	}
	if f := find(t, s, "shared-listed"); f.Count != 1 || f.Groups[0].Values[0] != "team" {
		t.Errorf("%+v", f)
	}
	if len(s.Bulk) != 2 || find(t, s, "prints").Hit {
		t.Errorf("bulk %d", len(s.Bulk))
	}
	for _, f := range s.Findings {
		if f.ID == "downloads" {
			t.Error("a search that is switched off ran")
		}
	}
}

// TestDraft_Users: the list of users says who answers for an account, and which accounts nobody knows.
func TestDraft_Users(t *testing.T) {
	o := options(t, "")
	o.Users = func(name string, _ time.Time) (Person, bool) {
		return Person{Name: "Kim Min", Department: "sales", Owner: "park", Privileged: true}, name == "kim"
	}
	s := draftOf(t, o, october())
	if kim := accountOf(t, s, "kim"); kim.Person != "Kim Min" || kim.Department != "sales" || kim.Owner != "park" || !kim.Privileged || kim.Unlisted {
		t.Errorf("kim %+v", kim)
	}
	if f := find(t, s, "unlisted-accounts"); f.Count != 4 {
		t.Errorf("%+v", f)
	}
}

// TestDraft_UnreadableParts: what cannot be read is said, and the rest is counted.
func TestDraft_UnreadableParts(t *testing.T) {
	f, err := Draft(t.Context(), &source{docs: october(), bad: errors.New("segment x is gone")}, options(t, ""))
	if err != nil || !slices.Equal(f.Record.Unreadable, []string{"segment x is gone"}) || f.Record.Events == 0 {
		t.Errorf("%+v, %v", f.Record, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Draft(ctx, &source{docs: october(), bad: ctx.Err()}, options(t, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDraft_Law: the law of other records is not printed, a duty to review always is.
func TestDraft_Law(t *testing.T) {
	o := options(t, "")
	o.Law = []review.Law{{Class: "kr-pipa-access-1y"}, {Class: "kr-pipa-access-2y", Review: "monthly"}, {Class: "kr-pipa-rights-3y"}, {Class: "kr-efinance-5y"}}
	f, err := Draft(t.Context(), &source{docs: append(october(), right(at(15, 10), "g3", "grant", "kim", "read", "weir.class", `"kr-pipa-rights-3y"`))}, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range f.Law {
		got = append(got, l.Class)
	}
	if want := []string{"kr-pipa-access-1y", "kr-pipa-access-2y", "kr-pipa-rights-3y"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestDraft_Silence: days without a word are gaps of the record.
func TestDraft_Silence(t *testing.T) {
	f, err := Draft(t.Context(), &source{docs: october()}, options(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	gaps := f.Record.Gaps
	last := gaps[len(gaps)-1]
	if len(gaps) != 3 || !last.From.Equal(at(18, 0)) || !last.To.Equal(at(32, 0)) || last.Source != "system crm" {
		t.Errorf("%+v", gaps)
	}
	// Days of a period that runs are silent when they are over.
	o := options(t, "")
	o.Now = at(20, 12)
	if f, err = Draft(t.Context(), &source{docs: october()}, o); err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Record.Gaps {
		if g.Kind == "silent" && g.To.After(at(20, 0)) {
			t.Errorf("on the 20th: %+v", g)
		}
	}
}

// TestDraft_Alerts: an alert is one, however often it was hit, in this period (which has another) and in the one before.
func TestDraft_Alerts(t *testing.T) {
	hit := func(t time.Time, id, rev string) string {
		return doc(t, id+rev, "event.dataset", `"weir.alert"`, "weir.alert.id", `"`+id+`"`, "weir.revision", rev, "host.name", `"crm-1"`, "weir.alert.count", rev)
	}
	before := time.Date(2026, 9, 10, 10, 0, 0, 0, kst)
	s := draftOf(t, options(t, ""), append(october(), hit(before, "a", "1"), hit(before.Add(time.Hour), "a", "2"), hit(before.Add(2*time.Hour), "a", "3"), hit(at(4, 1), "b", "1"), hit(at(4, 2), "b", "2")))
	for _, d := range s.Changes.Counts {
		if d.What == "alerts" && (d.Now != 2 || d.Before != 1) {
			t.Errorf("%+v", d)
		}
	}
}

// TestDraft_Bounds: lists end, counts do not.
func TestDraft_Bounds(t *testing.T) {
	var docs []string
	for i := range 300 {
		docs = append(docs, access(at(5, 10).Add(time.Duration(i)*time.Second), fmt.Sprint("d", i), fmt.Sprint("u", i), fmt.Sprintf("10.1.%d.%d", i/250, i%250), "download"))
	}
	s := draftOf(t, options(t, "settings: {list: 10}"), docs)
	if f := find(t, s, "downloads-without-reason"); f.Count != 300 || len(f.List) != 10 || f.Left != 290 {
		t.Errorf("count %d, listed %d, left %d", f.Count, len(f.List), f.Left)
	}
	if f := find(t, s, "downloads"); f.Count != 300 || len(f.Groups) != 10 || f.Left != 290 {
		t.Errorf("count %d, listed %d, left %d", f.Count, len(f.Groups), f.Left)
	}
	if len(s.Downloads) != 300 || len(s.Accounts) != 300 {
		t.Errorf("%d downloads, %d accounts", len(s.Downloads), len(s.Accounts))
	}
}

func TestDraft_HostileTexts(t *testing.T) {
	name := `x" or *: * or user.name: "` + "\u202e<script>"
	o := options(t, "")
	s := draftOf(t, o, []string{access(at(5, 10), "h", strings.ReplaceAll(strings.ReplaceAll(name, `\`, `\\`), `"`, `\"`), "10.1.0.1", "view", "message", `"`+strings.Repeat("가", 5000)+`"`)})
	if s.Accounts[0].Name != name {
		t.Fatalf("%q", s.Accounts[0].Name)
	}
	q, err := query.Parse(s.AccountQuery(name))
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	_ = e.Decode([]byte(access(at(5, 10), "i", "other", "10.1.0.1", "view")))
	if q.Match(&e) {
		t.Error("a name is read as a part of the query")
	}
}

func TestPeriodOf(t *testing.T) {
	seoul, _ := time.LoadLocation("Asia/Seoul")
	ny, _ := time.LoadLocation("America/New_York")
	asuncion, _ := time.LoadLocation("America/Asuncion")
	for _, x := range []struct {
		cycle, day, name, before string
		zone                     *time.Location
		hours                    float64
	}{
		{"monthly", "2026-01-15", "2026-01", "2025-12", seoul, 31 * 24},
		{"", "2026-02-28", "2026-02", "2026-01", seoul, 28 * 24},
		{"monthly", "2026-11-15", "2026-11", "2026-10", ny, 30*24 + 1}, // the clocks go back
		{"quarterly", "2026-06-30", "2026-Q2", "2026-Q1", seoul, 91 * 24},
		{"half-yearly", "2026-07-01", "2026-H2", "2026-H1", seoul, 184 * 24},
		{"yearly", "2026-07-01", "2026", "2025", seoul, 365 * 24},
		{"monthly", "2028-02-29", "2028-02", "2028-01", seoul, 29 * 24},
		{"monthly", "2023-10-15", "2023-10", "2023-09", asuncion, 31*24 - 1}, // its first day has no midnight
		{"monthly", "2023-09-15", "2023-09", "2023-08", asuncion, 30 * 24},
		{"quarterly", "2023-12-31", "2023-Q4", "2023-Q3", asuncion, 92*24 - 1},
	} {
		t.Run(x.cycle+x.day, func(t *testing.T) {
			day, _ := time.ParseInLocation(time.DateOnly, x.day, x.zone)
			now, before, err := PeriodOf(x.cycle, day, x.zone)
			if err != nil || now.Name != x.name || before.Name != x.before || now.To.Sub(now.From).Hours() != x.hours || !before.To.Equal(now.From) {
				t.Errorf("%+v %+v %v", now, before, err)
			}
		})
	}
	if _, _, err := PeriodOf("weekly", at(1, 1), seoul); err == nil {
		t.Error("a cycle that nobody knows")
	}
}
