package reviewing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/archive"
	"weir/internal/archive/search"
	"weir/internal/control"
	"weir/internal/control/reviewing"
	"weir/internal/ledger"
	"weir/internal/query"
	"weir/internal/record"
	"weir/internal/rerun"
	"weir/internal/retention/policy"
	"weir/internal/review"
	"weir/internal/review/draft"
	"weir/internal/review/store"
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
	more, over := lost, oct(7, 2, 0)
	more.Revision, more.What, more.Last, more.Count, more.Ended = 2, "9 records of the input syslog were lost before weir could read them", oct(7, 2, 0), 2, &over
	for _, a := range []*alert.Alert{&lost, &more} {
		o.put(t, func(e *event.Event) { alert.Event(a, e); e.SetStr(event.WeirClass, alertClass) })
	}
	o.desk.d.Ledger = func(context.Context) (control.Ledger, error) {
		return control.Ledger{Rows: []control.LedgerRow{
			{Source: "syslog/" + own, Refused: 4, Difference: 2, First: oct(1, 0, 0).AddDate(0, -1, 0), Last: oct(20, 0, 0)},
			{Source: "syslog/" + other, Refused: 7, First: oct(1, 0, 0), Last: oct(2, 0, 0)},
			{Source: ledger.Other, Refused: 3, Difference: -1, First: oct(2, 0, 0), Last: oct(40, 0, 0)},
			{Source: ledger.Other, Refused: 3, Difference: 1, First: oct(35, 0, 0), Last: oct(40, 0, 0)},
			{Source: ledger.Other, First: oct(2, 0, 0), Last: oct(3, 0, 0)},
		}, Unclean: []control.UncleanStop{{At: oct(8, 3, 0), Most: 12, Found: 7}, {At: oct(9, 3, 0), Most: 4, Found: 4}, {At: oct(8, 3, 0).AddDate(0, 1, 0), Most: 5}}}, nil
	}
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	want := []review.Gap{
		{From: oct(4, 9, 0).UTC(), To: oct(6, 9, 0).UTC(), Source: "syslog/" + own, Kind: "dead", N: 2, What: "records of a source of these systems that could not be used: 2 (cef-header)"},
		{From: oct(7, 1, 0).UTC(), To: oct(7, 2, 0).UTC(), Kind: "lost", What: more.What},
		{From: oct(1, 0, 0).UTC(), To: oct(20, 0, 0).UTC(), Source: "syslog/" + own, Kind: "refused", N: 4, What: "records of this source that were turned away: 4, counted since 2026-09-01"},
		{From: oct(1, 0, 0).UTC(), To: oct(20, 0, 0).UTC(), Source: "syslog/" + own, Kind: "ledger", N: 2, What: "records of this source that are not accounted for: 2, counted since 2026-09-01"},
		{From: oct(2, 0, 0).UTC(), To: oct(32, 0, 0).UTC(), Source: "other", Kind: "refused", N: 3, What: "records of sources that are not counted one by one that were turned away: 3, counted since 2026-10-02; some may be of these systems"},
		{From: oct(2, 0, 0).UTC(), To: oct(32, 0, 0).UTC(), Source: "other", Kind: "ledger", N: -1, What: "records of sources that are not counted one by one that are not accounted for: -1, counted since 2026-10-02; some may be of these systems"},
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

// TestGaps_losses: an alert of weir itself is a gap as long as what it tells of lasted, wherever its revisions stand: one that only
// lasts is said when it begins and when it is over, and its sum may be revised after the month.
func TestGaps_losses(t *testing.T) {
	from, to := oct(1, 0, 0), oct(32, 0, 0)
	begins, lasts := oct(-3, 9, 0), "records of the input syslog were lost" // 27 September
	ended := func(at time.Time) *time.Time { return &at }
	revision := func(n int, first, last time.Time, over *time.Time, what string) alert.Alert {
		return alert.Alert{Revision: n, Rule: "weir-records-lost", Level: "high", What: what, First: first, Last: last, Created: first, Count: n, Ended: over}
	}
	for name, x := range map[string]struct {
		revisions []alert.Alert
		from, to  time.Time // zero: it is no gap of October
		what      string
	}{
		"within":               {[]alert.Alert{revision(1, oct(5, 1, 0), oct(5, 1, 0), nil, "1"), revision(2, oct(5, 1, 0), oct(5, 2, 0), ended(oct(5, 2, 5)), "2")}, oct(5, 1, 0), oct(5, 2, 5), "2"},
		"begun before":         {[]alert.Alert{revision(1, begins, begins, nil, "1"), revision(2, begins, oct(4, 0, 0), ended(oct(4, 0, 5)), "2")}, from, oct(4, 0, 5), "2 (of all of its time, from 2026-09-27 to 2026-10-04)"},
		"begun and lasting":    {[]alert.Alert{revision(1, begins, begins, nil, lasts)}, from, to, lasts + " (of all of its time, from 2026-09-27 on)"},
		"over after":           {[]alert.Alert{revision(1, oct(20, 0, 0), oct(20, 0, 0), nil, "1"), revision(2, oct(20, 0, 0), oct(33, 0, 0), ended(oct(33, 1, 0)), "2")}, oct(20, 0, 0), to, "2 (of all of its time, from 2026-10-20 to 2026-11-02)"},
		"told of after":        {[]alert.Alert{revision(1, oct(20, 0, 0), oct(33, 0, 0), ended(oct(33, 1, 0)), "2")}, oct(20, 0, 0), to, "2 (of all of its time, from 2026-10-20 to 2026-11-02)"},
		"the newest counts":    {[]alert.Alert{revision(2, oct(5, 0, 0), oct(5, 0, 0), ended(oct(5, 1, 0)), "2"), revision(1, oct(5, 0, 0), oct(5, 0, 0), nil, "1")}, oct(5, 0, 0), oct(5, 1, 0), "2"},
		"a moment":             {[]alert.Alert{revision(1, oct(5, 0, 0), oct(5, 0, 0), ended(oct(5, 0, 0)), "1")}, oct(5, 0, 0), oct(5, 0, 0), "1"},
		"over before":          {[]alert.Alert{revision(1, begins, begins, nil, "1"), revision(2, begins, begins, ended(begins.Add(time.Hour)), "2")}, time.Time{}, time.Time{}, ""},
		"begun after":          {[]alert.Alert{revision(1, oct(33, 0, 0), oct(33, 0, 0), nil, "1")}, time.Time{}, time.Time{}, ""},
		"over at its midnight": {[]alert.Alert{revision(1, begins, begins, ended(from.Add(-time.Nanosecond)), "1")}, time.Time{}, time.Time{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := emptyOffice(t)
			for i := range x.revisions {
				a := &x.revisions[i]
				a.ID = "aa11"
				o.put(t, func(e *event.Event) { alert.Event(a, e); e.SetStr(event.WeirClass, alertClass) })
			}
			l := &looker{k: o.desk, ar: o.ar, p: review.Period{From: from.UTC(), To: to.UTC(), Zone: seoul.String()}}
			got, err := l.losses(t.Context())
			if err != nil || x.from.IsZero() && len(got) != 0 {
				t.Fatalf("%+v, %v", got, err)
			}
			if !x.from.IsZero() && (len(got) != 1 || !got[0].From.Equal(x.from) || !got[0].To.Equal(x.to) || got[0].What != x.what || got[0].Kind != "lost") {
				t.Errorf("%+v", got)
			}
		})
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

// TestGaps_border: records that were left out over the first or the last midnight of a period are a gap of it.
func TestGaps_border(t *testing.T) {
	o := emptyOffice(t)
	o.now = oct(40, 0, 0)
	stretch := func(part int32, from, to int64, began, ended time.Time) func(e *event.Event) {
		return evaluated(part, from, to, began, ended, began, ended)
	}
	night := oct(0, 22, 0) // 30 September
	o.put(t,
		stretch(0, 0, 10, night, night.Add(time.Minute)), stretch(0, 17, 20, oct(2, 0, 0), oct(2, 0, 1)), // 7 over the first midnight
		stretch(1, 20, 30, oct(31, 23, 0), oct(31, 23, 1)), stretch(1, 35, 40, oct(33, 5, 0), oct(33, 5, 1)), stretch(1, 49, 50, oct(33, 6, 0), oct(33, 6, 1)), // 5 over the last; 9 of November
		stretch(2, 0, 10, oct(-20, 0, 0), oct(-20, 0, 1)), stretch(2, 12, 20, oct(5, 0, 0), oct(5, 0, 1)), // 2 of a partition that was not heard for weeks
		stretch(3, 0, 10, night, night.Add(time.Minute)), stretch(3, 5, 8, night, night.Add(2*time.Minute)), stretch(3, 10, 20, oct(2, 0, 0), oct(2, 0, 1)), // read twice
		stretch(4, 5000, 5010, oct(1, 3, 0), oct(1, 3, 1)), stretch(4, 0, 10, oct(2, 0, 0), oct(2, 0, 1)), // made anew
		stretch(5, 0, 3, oct(-2, 0, 0), oct(-2, 0, 1)), stretch(5, 8, 10, night, night.Add(time.Minute)), stretch(5, 10, 20, oct(9, 0, 0), oct(9, 0, 1)), // of September
		stretch(6, 0, 5, night, night.Add(time.Minute)), stretch(6, 8, 10, oct(33, 0, 0), oct(33, 0, 1)), // 3 of a time around the month
	)
	l := &looker{k: o.desk, ar: o.ar, p: review.Period{From: oct(1, 0, 0).UTC(), To: oct(32, 0, 0).UTC(), Zone: seoul.String()}, h: draft.Heard{Scope: "host.name: x", Exact: true}}
	list, err := l.unwatched(t.Context())
	var got []string
	for _, g := range list {
		got = append(got, fmt.Sprint(g.N, g.From.In(seoul).Format(" 01-02"), g.To.In(seoul).Format(" 01-02")))
	}
	if want := []string{"2 09-10 10-05", "7 09-30 10-02", "3 09-30 11-02", "5 10-31 11-02"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, want %q, %v", got, want, err)
	}
}

// TestGaps_ownRules: of a system that only a condition names, no other system's events are called unwatched, although its queries
// find those too.
func TestGaps_ownRules(t *testing.T) {
	o := emptyOffice(t)
	for i := range 20 {
		o.put(t, logon(oct(3, 9, i), "web-1", "192.0.2.10"))
	}
	o.put(t, logon(oct(3, 9, 30), "HR-1", "192.0.2.10"), logon(oct(3, 9, 31), "hr-2", "192.0.2.10"), logon(oct(4, 9, 31), "hr-3", "192.0.2.10"),
		evaluated(0, 0, 5, oct(3, 9, 31), oct(3, 9, 32), oct(4, 9, 30), oct(4, 9, 32)),
		func(e *event.Event) { // looked at when it came
			logon(oct(3, 9, 33), "hr-4", "192.0.2.10")(e)
			e.Set(event.WeirTime, event.At(oct(4, 9, 31)))
		},
		func(e *event.Event) { // another system's, looked at
			logon(oct(3, 9, 34), "web-1", "192.0.2.10")(e)
			e.Set(event.WeirTime, event.At(oct(4, 9, 31)))
		})
	o.withSystems(t, "systems:\n  - {name: hr, reviewers: [jung], match: 'istartswith(host.name, \"hr-\")'}\n")
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	if s := v.Facts.Systems[0]; s.Match == "" || s.Events != 4 {
		t.Fatalf("%d events by %q", s.Events, s.Match)
	}
	if list := ofKind(v.Facts, "rules"); len(list) != 1 || list[0].N != 2 || !list[0].From.Equal(oct(3, 9, 30)) || !list[0].To.Equal(oct(3, 9, 40)) {
		t.Errorf("%+v", list)
	}
}

// TestGaps_unread: a segment that turns out to be damaged while a review is drafted is a gap of it, once; one of another time
// that only a look for gaps comes upon is one too.
func TestGaps_unread(t *testing.T) {
	o := emptyOffice(t)
	o.put(t, logon(oct(3, 9, 0), "LabSZ", "192.0.2.10"))
	late := alert.Alert{ID: "aa11", Revision: 1, Rule: "weir-records-lost", First: oct(20, 0, 0), Last: oct(40, 0, 0), Created: oct(20, 0, 0), Count: 1}
	o.put(t, func(e *event.Event) { alert.Event(&late, e); e.SetStr(event.WeirClass, alertClass) })
	at := evaluated(0, 0, 5, oct(3, 9, 31), oct(3, 9, 32), oct(3, 9, 30), oct(3, 9, 32))
	o.put(t, at)
	list := o.ar.Segments()
	spoiled := list[len(list)-2:]
	if err := o.ar.Close(); err != nil {
		t.Fatal(err)
	}
	for _, s := range spoiled {
		name := filepath.Join(o.dir, "archive", filepath.FromSlash(s.Path))
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-1] ^= 0x40
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ar, err := archive.Open(filepath.Join(o.dir, "archive"), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ar.Close() })
	o.ar = ar
	for range 2 { // found, then known
		v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Redraft: true})
		got := ofKind(v.Facts, "unread")
		if len(got) != 2 || got[0].Source != spoiled[1].Path || !strings.Contains(got[1].What, filepath.FromSlash(spoiled[0].Path)) || got[1].Korean() == got[1].What || !got[1].From.Equal(oct(1, 0, 0)) || !got[1].To.Equal(oct(32, 0, 0)) {
			t.Errorf("%+v", got)
		}
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
	if waits := without(p.Systems(), []reviewing.Row{rowOf(store.View{Facts: one.Facts})}, "2026-10"); !slices.Equal(waits, []string{"exact", "both"}) || one.Facts.Systems[0].ID != "인사 DB" {
		t.Errorf("%s covers all but %v", one.Facts.ID, waits)
	}
}

// withSystems gives an office other systems.
func (o *office) withSystems(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, faults := policy.Parse(policy.Options{Zone: seoul}, nil, []byte(text))
	if p == nil {
		t.Fatal(faults)
	}
	o.desk.d.Policy = func() (*policy.Policy, error) { return p, nil }
	return p
}

// TestHosts: names of hosts and of systems are alike in every case, for what is counted, for what a finding's query finds, and for
// who may not sign since they have access.
func TestHosts(t *testing.T) {
	o := emptyOffice(t)
	record := func(at time.Time, system string) func(e *event.Event) {
		return func(e *event.Event) {
			e.Set(event.Timestamp, event.At(at))
			e.SetStr(event.EventDataset, "privacy_access.log")
			e.SetStr(event.UserName, "lee")
			e.SetStr(event.WeirPrivacySystem, system)
			e.SetStr(event.WeirPrivacyAction, "view")
			e.SetStr(event.WeirClass, "standard")
		}
	}
	o.put(t, logon(oct(3, 9, 0), "hr-db-1", "192.0.2.10"), logon(oct(4, 9, 0), "HR-DB-1", "192.0.2.10"), logon(oct(5, 9, 0), "hR-dB-1", "192.0.2.10"), logon(oct(6, 9, 0), "hr-db-10", "192.0.2.10"),
		record(oct(7, 9, 0), "pErSonnel"), record(oct(8, 9, 0), "personnel-2"), record(oct(9, 9, 0), "gEhAlt"))
	// A right of long before the time that is read, in a case that the time does not have.
	o.put(t, func(e *event.Event) {
		e.Set(event.Timestamp, event.At(oct(1, 0, 0).AddDate(-1, 0, 0)))
		e.SetStr(event.EventDataset, "access_rights.log")
		e.SetStr(event.UserTargetName, "han")
		e.SetStr(event.WeirRightsSystem, "PERSonnel")
		e.SetStr(event.WeirRightsAction, "grant")
		e.SetStr(event.WeirClass, "standard")
	})
	o.withSystems(t, "systems:\n  - {name: Personnel, aliases: [Gehalt], reviewers: [kim, jung], hosts: [hr-db-1]}\n")
	v := must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10"})
	s := v.Facts.System("Personnel")
	if s.Events != 5 || s.Logons.Success != 3 || s.Completeness.Records != 2 || s.Match != "" {
		t.Errorf("%d events, %d logons, %d records, match %q", s.Events, s.Logons.Success, s.Completeness.Records, s.Match)
	}
	if !slices.ContainsFunc(s.Accounts, func(a review.Account) bool { return a.Name == "han" && len(a.Rights) == 1 }) {
		t.Errorf("%+v", s.Accounts)
	}
	for kql, want := range map[string]int{s.Logons.KQL: 3, s.Scope: 5} {
		q, err := query.Parse(kql)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := o.ar.Search(t.Context(), search.Request{Query: q, From: oct(1, 0, 0), To: oct(32, 0, 0)}, nil); err != nil || sum.Total != want {
			t.Errorf("%s finds %d of %d, %v", kql, sum.Total, want, err)
		}
	}
	o.withSystems(t, "systems:\n  - {name: Personnel, reviewers: [kim, jung], hosts: [Hr-Db-10]}\n") // nobody else has access
	must[reviewing.View](t, o, "ana", reviewing.AskOpen, reviewing.OpenRequest{Month: "2026-10", Redraft: true})
	o.key(t, "kim")
	_, err := ask[store.ToSign](t, o, "kim", reviewing.AskPrepare, reviewing.PrepareRequest{ID: "2026-10", Key: "kim"})
	wantFault(t, err, "review-own-access")
}

// TestAnyCase: what differs from a name in its case only is found.
func TestAnyCase(t *testing.T) {
	for name, want := range map[string]string{"hr-db-1": "*-*-1", "web": "*", "10.1": "10.1", "1st": "1*", "고객1": "고객1", "Straße-1 or": `*-1\u0020*`} {
		kql := "host.name: (" + anyCase(name) + ")"
		if got := anyCase(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		q, err := query.Parse(kql)
		if err != nil {
			t.Errorf("%s: %v", kql, err)
			continue
		}
		for _, form := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
			var e event.Event
			if e.SetStr(event.HostName, form); strings.EqualFold(form, name) && !q.Match(&e) {
				t.Errorf("%s does not find %s", kql, form)
			}
		}
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
