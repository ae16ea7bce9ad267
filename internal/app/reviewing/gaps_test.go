package reviewing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/archive"
	"weir/internal/control"
	"weir/internal/control/reviewing"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/internal/retention/policy"
	"weir/internal/review"
	"weir/rules/coverage"
)

// oct is a moment of October 2026 in Seoul.
func oct(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, seoul) }

// put adds documents to the archive of an office.
func (o *office) put(t testing.TB, fills ...func(e *event.Event)) {
	t.Helper()
	rows := make([]archive.Row, len(fills))
	for i, fill := range fills {
		var e event.Event
		fill(&e)
		o.n++
		if !e.Has(event.EventID) {
			e.SetStr(event.EventID, fmt.Sprint("g-", o.n))
		}
		if !e.Has(event.WeirTime) {
			e.Set(event.WeirTime, e.Get(event.Timestamp))
		}
		rows[i] = archive.Row{Doc: e.AppendJSON(nil), Account: "a", Consumed: record.Pos{Topic: "gaps", Offset: o.n}}
	}
	if err := o.ar.Append(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.ar.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// logon is a logon on a host, as a source sent it.
func logon(at time.Time, host, source string) func(e *event.Event) {
	return func(e *event.Event) {
		e.Set(event.Timestamp, event.At(at))
		e.Set(event.EventIngested, event.At(at))
		e.SetStr(event.EventDataset, "system.auth")
		e.Set(event.EventCategory, event.Strs("authentication"))
		e.SetStr(event.EventOutcome, "success")
		e.SetStr(event.HostName, host)
		e.SetStr(event.UserName, "kim")
		e.SetStr(event.WeirInput, "syslog")
		e.SetStr(event.LogSourceAddress, source)
		e.SetStr(event.WeirClass, "standard")
	}
}

// deadLetter is a record that could not be used.
func deadLetter(at time.Time, source, outcome string) func(e *event.Event) {
	return func(e *event.Event) {
		e.Set(event.Timestamp, event.At(at))
		e.SetStr(event.EventDataset, rerun.DeadLetterDataset)
		e.SetStr(event.WeirClass, "deadletters")
		e.SetStr(event.WeirInput, "syslog")
		e.SetStr(event.LogSourceAddress, source)
		e.SetStr(event.WeirDeadletterReason, "cef-header")
		if outcome != "" {
			e.SetStr(event.WeirDeadletterOutcome, outcome)
		}
	}
}

// evaluated says that rules were tried on logons of a time.
func evaluated(part int32, from, to int64, began, ended, first, last time.Time) func(e *event.Event) {
	s := coverage.Stretch{Topic: "weir.raw.syslog", Partition: part, From: from, To: to, Set: strings.Repeat("ab", 16), Began: began.UTC(), Ended: ended.UTC(), Spans: []coverage.Span{{Dataset: "system.auth", Events: to - from, First: first.UTC(), Last: last.UTC()}}}
	return func(e *event.Event) { s.Event(e) }
}

// ofKind are the gaps of a review of some kinds.
func ofKind(f *review.Facts, kinds ...string) []review.Gap {
	return slices.DeleteFunc(slices.Clone(f.Record.Gaps), func(g review.Gap) bool { return !slices.Contains(kinds, g.Kind) })
}

// TestGaps: what is missing of a month stands in its review: dead letters of the systems' own sources, what weir lost and turned
// away, what the ledger cannot explain, and events that no rule looked at.
func TestGaps(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	own, other := "192.0.2.10", "192.0.2.99"
	o.put(t, logon(oct(3, 9, 0), "LabSZ", own), logon(oct(3, 9, 1), "another", other),
		deadLetter(oct(4, 9, 0), own, ""), deadLetter(oct(6, 9, 0), own, ""), deadLetter(oct(6, 9, 5), own, "absorbed"), deadLetter(oct(5, 9, 0), other, ""), deadLetter(oct(31, 23, 59).Add(time.Hour), own, ""))
	lost := alert.Alert{ID: "aa11", Revision: 1, Rule: "weir-records-lost", Title: "Records are lost", Level: "high", What: "3 records of the input syslog were lost before weir could read them", First: oct(7, 1, 0), Last: oct(7, 1, 0), Created: oct(7, 1, 0), Count: 1}
	more := lost
	more.Revision, more.What, more.Last, more.Count = 2, "9 records of the input syslog were lost before weir could read them", oct(7, 2, 0), 2
	o.put(t, func(e *event.Event) { alert.Event(&lost, e) }, func(e *event.Event) { alert.Event(&more, e) })
	o.desk.d.Ledger = func(context.Context) (control.Ledger, error) {
		return control.Ledger{Rows: []control.LedgerRow{
			{Source: "syslog/" + own, Refused: 4, Difference: 2, First: oct(1, 0, 0).AddDate(0, -1, 0), Last: oct(20, 0, 0)},
			{Source: "syslog/" + other, Refused: 7, First: oct(1, 0, 0), Last: oct(2, 0, 0)},
		}, Unclean: []control.UncleanStop{{At: oct(8, 3, 0), Most: 5}, {At: oct(9, 3, 0)}, {At: oct(8, 3, 0).AddDate(0, 1, 0), Most: 5}}}, nil
	}
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	want := []review.Gap{
		{From: oct(4, 9, 0).UTC(), To: oct(6, 9, 0).UTC(), Source: "syslog/" + own, Kind: "dead", N: 2, What: "records of a source of these systems that could not be used: 2 (cef-header)"},
		{From: oct(7, 1, 0).UTC(), To: oct(7, 2, 0).UTC(), Kind: "lost", What: more.What},
		{From: oct(1, 0, 0).UTC(), To: oct(20, 0, 0).UTC(), Source: "syslog/" + own, Kind: "refused", N: 4, What: "records of this source that were turned away: 4, counted since 2026-09-01"},
		{From: oct(1, 0, 0).UTC(), To: oct(20, 0, 0).UTC(), Source: "syslog/" + own, Kind: "ledger", N: 2, What: "records of this source that are not accounted for: 2, counted since 2026-09-01"},
		{From: oct(8, 3, 0).UTC(), To: oct(8, 3, 0).UTC(), Kind: "unclean", N: 5, What: "weir did not stop in order; records that it had read and may not have stored: at most 5"},
	}
	got := ofKind(v.Facts, "dead", "lost", "refused", "ledger", "unclean", "unasked")
	same := func(a, b review.Gap) bool {
		return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Source == b.Source && a.Kind == b.Kind && a.N == b.N && a.What == b.What
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// Who has no ledger says so, and drafts all the same.
	for name, f := range map[string]func(context.Context) (control.Ledger, error){"none": nil, "one that fails": func(context.Context) (control.Ledger, error) { return control.Ledger{}, errors.New("no answer") }} {
		o.desk.d.Ledger = f
		v = must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Redraft: true})
		if list := ofKind(v.Facts, "unasked"); len(list) != 1 || list[0].Korean() == list[0].What {
			t.Errorf("%s: %+v", name, list)
		}
	}
}

// TestGaps_rules: events that no rule set says it was tried on are a gap, joined to one where nothing between was looked at; those
// that were read in and looked at later are none, and records between two stretches are one.
func TestGaps_rules(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	var logons []func(e *event.Event)
	for day := 1; day <= 28; day++ {
		logons = append(logons, logon(oct(day, 9, 0), "LabSZ", "192.0.2.10"))
	}
	o.put(t, logons...)
	rules := func() (own, topic []review.Gap) {
		t.Helper()
		v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", System: "hr-db", Redraft: true})
		for _, g := range ofKind(v.Facts, "rules") {
			switch g.Source {
			case "system.auth":
				own = append(own, g)
			case "weir.raw.syslog":
				topic = append(topic, g)
			}
		}
		return own, topic
	}
	if own, _ := rules(); len(own) != 1 || own[0].N < 28 || !own[0].From.Before(oct(1, 9, 1)) || !own[0].To.After(oct(28, 9, 0)) {
		t.Fatalf("no rules at all: %+v", own)
	}
	// Days 1 to 10 as they came, 20 to 31 long after they came; and 7 offsets on the way are missing.
	later := oct(1, 0, 0).AddDate(0, 1, 10)
	o.put(t, evaluated(0, 0, 10, oct(1, 0, 0), oct(5, 0, 0), oct(1, 0, 0), oct(5, 23, 0)), evaluated(0, 17, 30, oct(6, 0, 0), oct(10, 23, 0), oct(6, 0, 0), oct(10, 23, 0)),
		evaluated(0, 30, 40, later, later.Add(time.Minute), oct(20, 0, 0), oct(31, 23, 59)))
	// Of a month that runs the newest are not missed yet.
	o.now = oct(28, 9, 5)
	if own, _ := rules(); len(own) != 1 || own[0].To.After(oct(20, 0, 0)) {
		t.Errorf("on the 28th: %+v", own)
	}
	o.now = oct(33, 9, 0)
	own, topic := rules()
	if len(own) != 1 || !own[0].From.After(oct(11, 0, 0)) && !own[0].From.Equal(oct(11, 0, 0)) || own[0].To.After(oct(19, 23, 59)) || own[0].N < 9 {
		t.Errorf("days 11 to 19: %+v", own)
	}
	if len(topic) != 1 || topic[0].N != 7 || !topic[0].From.Equal(oct(5, 0, 0)) {
		t.Errorf("7 offsets: %+v", topic)
	}
	// An old log that is read in right before is missed only once it had time to be written down.
	before := own[0].N
	o.put(t, func(e *event.Event) {
		logon(oct(15, 10, 0), "LabSZ", "192.0.2.10")(e)
		e.Set(event.EventIngested, event.At(o.now.Add(-30*time.Second)))
	})
	if own, _ := rules(); len(own) != 1 || own[0].N != before {
		t.Errorf("half a minute after it came: %+v, %d before", own, before)
	}
	o.now = o.now.Add(5 * time.Minute)
	if own, _ := rules(); len(own) != 1 || own[0].N != before+1 {
		t.Errorf("five minutes after it came: %+v, %d before", own, before)
	}
	// Rules know an event by weir.time. Where the log's own time is not believed, that is when it came.
	came := o.now.Add(-4 * time.Minute)
	o.put(t, evaluated(0, 40, 50, came, came, came, came))
	o.put(t, func(e *event.Event) {
		logon(oct(16, 10, 0), "LabSZ", "192.0.2.10")(e)
		e.Set(event.WeirTime, event.At(came))
		e.Set(event.EventIngested, event.At(came))
	})
	if own, _ := rules(); len(own) != 2 || own[0].N+own[1].N != before+1 { // what was looked at lies between the two
		t.Errorf("looked at by weir.time: %+v, %d before", own, before+1)
	}
}

// TestJoined: stretches are one unless something was looked at between them; datasets are apart.
func TestJoined(t *testing.T) {
	gap := func(dataset string, hour int) coverage.Gap {
		return coverage.Gap{Kind: coverage.NotEvaluated, Dataset: dataset, From: oct(1, hour, 0), To: oct(1, hour, 10), Events: 1}
	}
	stored := func(dataset string, hour int) coverage.Stored {
		return coverage.Stored{Dataset: dataset, From: oct(1, hour, 0), To: oct(1, hour, 10), Events: 1}
	}
	got := joined([]coverage.Gap{gap("a", 1), gap("b", 1), gap("a", 2), gap("b", 4), {Kind: coverage.OlderSet, Dataset: "a"}, gap("a", 5)}, []coverage.Stored{stored("a", 1), stored("a", 2), stored("b", 1), stored("b", 3), stored("b", 4), stored("a", 5)})
	var text []string
	for _, g := range got {
		text = append(text, fmt.Sprint(g.Dataset, g.From.Hour(), g.To.Hour(), g.Events))
	}
	if want := []string{"a1 5 3", "b1 1 1", "b4 4 1"}; !slices.Equal(text, want) {
		t.Errorf("%q", text)
	}
	var many []review.Gap
	for i := range 250 {
		many = append(many, review.Gap{From: oct(1, 0, i), To: oct(1, 0, i+1), Kind: "rules", N: 1})
	}
	if list := bounded(many); len(list) != maxRuleGaps || list[maxRuleGaps-1].N != 250-maxRuleGaps+1 || !list[maxRuleGaps-1].To.Equal(oct(1, 0, 250)) {
		t.Errorf("%d, the last %+v", len(list), list[len(list)-1])
	}
}

// TestPreview: who only looks opens nothing, and an open review is shown as it is.
func TestPreview(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Preview: true})
	if v.Facts.State != review.Preview || v.Facts.Record.Events == 0 || v.Version != 0 || v.Existing {
		t.Errorf("state %s, %d events, version %d", v.Facts.State, v.Facts.Record.Events, v.Version)
	}
	if ids, err := o.desk.store.List(); err != nil || len(ids) != 0 {
		t.Errorf("it was kept: %v, %v", ids, err)
	}
	if n := o.notes[len(o.notes)-1]; n.Action != "review-preview" {
		t.Errorf("recorded as %s", n.Action)
	}
	must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	if v = must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Preview: true}); !v.Existing || v.Facts.State != review.Open {
		t.Errorf("state %s, existing %v", v.Facts.State, v.Existing)
	}
}

// TestMatch: a system that is named by a condition alone has its events in a review: by a query where one says the condition, else
// by the condition itself, and then the review says that its queries find more.
func TestMatch(t *testing.T) {
	o := newOffice(t, slicesOf(month(t)))
	o.put(t, logon(oct(3, 9, 0), "hr-1", "192.0.2.10"), logon(oct(4, 9, 0), "HR-2", "192.0.2.10"), logon(oct(5, 9, 0), "web-1", "192.0.2.10"), logon(oct(5, 9, 1), "hr-9", "192.0.2.10"))
	p, faults := policy.Parse(policy.Options{Zone: seoul}, nil, []byte(`
systems:
  - {name: exact, reviewers: [jung], match: 'host.name startsWith "hr-" and event.dataset == "system.auth"'}
  - {name: 인사 DB, reviewers: [jung], match: 'istartswith(host.name, "hr-")'}
  - {name: both, reviewers: [jung], hosts: [web-1], match: 'ieq(host.name, "hr-2")'}
`))
	if p == nil {
		t.Fatal(faults)
	}
	o.desk.d.Policy = func() (*policy.Policy, error) { return p, nil }
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	for id, want := range map[string]int64{"exact": 2, "인사 DB": 3, "both": 2} {
		s := v.Facts.System(id)
		if s == nil || s.Events != want || s.Logons.Success != want || (s.Match == "") != (id == "exact") {
			t.Errorf("%s: %+v", id, s)
		}
	}
	// Its own review has an id that is safe in a file, and covers it.
	one := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", System: "인사 DB"})
	if waits := without(p.Systems(), []reviewing.Row{{ID: one.Facts.ID, Period: "2026-10"}}, "2026-10"); !slices.Equal(waits, []string{"exact", "both"}) || one.Facts.Systems[0].ID != "인사 DB" {
		t.Errorf("%s covers all but %v", one.Facts.ID, waits)
	}
}

// TestDue: the days of grace are those of the zone, over changes of clocks and leap days.
func TestDue(t *testing.T) {
	for _, c := range []struct {
		zone, to string
		grace    int
		want     string
	}{
		{"Asia/Seoul", "2026-11-01T00:00:00+09:00", 14, "2026-11-15T00:00:00+09:00"},
		{"Asia/Seoul", "2028-02-01T00:00:00+09:00", 29, "2028-03-01T00:00:00+09:00"},
		{"Asia/Seoul", "2027-02-01T00:00:00+09:00", 29, "2027-03-02T00:00:00+09:00"},
		{"America/New_York", "2026-11-01T00:00:00-04:00", 14, "2026-11-15T00:00:00-05:00"},
		{"Europe/Berlin", "2026-03-01T00:00:00+01:00", 31, "2026-04-01T00:00:00+02:00"},
		{"Asia/Seoul", "2026-11-01T00:00:00+09:00", 0, "2026-11-01T00:00:00+09:00"},
	} {
		to, _ := time.Parse(time.RFC3339, c.to)
		want, _ := time.Parse(time.RFC3339, c.want)
		if got := due(review.Period{To: to.UTC(), Zone: c.zone}, c.grace); !got.Equal(want) {
			t.Errorf("%s and %d days: %s, want %s", c.to, c.grace, got, want)
		}
	}
}
