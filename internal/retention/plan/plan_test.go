package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/retention"
	"weir/internal/retention/plan"
	"weir/internal/retention/policy"
)

// at reads a moment.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if v, err := time.Parse(layout, text); err == nil {
			return v
		}
	}
	t.Fatalf("%q is no time", text)
	return time.Time{}
}

// rules reads a policy in UTC.
func rules(t testing.TB, classes string) *policy.Policy {
	t.Helper()
	p, faults := policy.Parse(policy.Options{Classes: "classes.yaml"}, []byte(classes), nil)
	if p == nil {
		t.Fatal(faults)
	}
	return p
}

// segment is one of a class and day, with events of noon, published the next day.
func segment(t testing.TB, class, day string) archive.SegmentInfo {
	t.Helper()
	d := at(t, day)
	return archive.SegmentInfo{Segment: manifest.Segment{Path: "class=" + class + "/day=" + day + "/s-1.parquet", Class: class, Day: day, Rows: 10, Bytes: 1000,
		Min: d.Add(12 * time.Hour), Max: d.Add(13 * time.Hour)}, Published: d.AddDate(0, 0, 1)}
}

// action is one as an archive lists it.
func action(t testing.TB, kind, by, when string, seq uint64, body any) archive.ActionInfo {
	t.Helper()
	a, err := manifest.NewAction(kind, by, at(t, when), body)
	if err != nil {
		t.Fatal(err)
	}
	return archive.ActionInfo{Action: a, Seq: seq}
}

const short = "- {name: short, keep_at_least: 10 days, delete_by: 20 days, when: event.kind == 'event'}\n"

// TestMake is a table of reasons: what goes, what stays, and why.
func TestMake(t *testing.T) {
	now := "2026-03-01"
	for _, tc := range []struct {
		name    string
		class   string
		day     string
		change  func(*archive.SegmentInfo)
		holds   []manifest.Hold
		finds   plan.Finds
		settle  time.Duration
		want    retention.Why
		due     string
		holding string
		detail  string
	}{
		{name: "young", class: "short", day: "2026-02-20", want: retention.NotDue, due: "2026-03-03"},
		{name: "the last moment before", class: "short", day: "2026-02-19", want: retention.NotDue, due: "2026-03-02"},
		{name: "over", class: "short", day: "2026-02-18", want: retention.Due, due: "2026-03-01"},
		{name: "for ever", class: "default", day: "2001-01-01", want: retention.Forever},
		{name: "a class that nobody knows", class: "shrt", day: "2001-01-01", want: retention.Unknown},
		{name: "a day that is none", class: "short", day: "2001-02-28", change: func(s *archive.SegmentInfo) { s.Day = "2001-02-30" }, want: retention.Unknown},
		{name: "old events that came in now", class: "short", day: "2020-01-01", change: func(s *archive.SegmentInfo) { s.Published = s.Published.AddDate(6, 1, 27) }, settle: 7 * 24 * time.Hour, want: retention.Fresh, due: "2026-03-08"},
		{name: "held whole", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1"}}, want: retention.Held, due: "2020-01-12", holding: "H1"},
		{name: "held and beyond its end", class: "short", day: "2026-01-01", holds: []manifest.Hold{{ID: "H1", Query: "x", Until: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}}, finds: finds(true, nil), want: retention.Held, due: "2026-01-12", holding: "H1"},
		{name: "the hold finds nothing", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", Query: "x"}}, finds: finds(false, nil), want: retention.Due, due: "2020-01-12"},
		{name: "the hold cannot be asked", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", Query: "x"}}, finds: finds(false, errors.New("no disk")), want: retention.Held, due: "2020-01-12", holding: "H1", detail: "no disk"},
		{name: "nobody can ask", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", Query: "x"}}, want: retention.Held, due: "2020-01-12", holding: "H1"},
		{name: "quarantined under a hold", class: "short", day: "2020-01-01", change: func(s *archive.SegmentInfo) { s.Quarantined = "its footer is gone" }, holds: []manifest.Hold{{ID: "H1", Query: "x"}}, finds: finds(false, nil), want: retention.Held, due: "2020-01-12", holding: "H1", detail: "its footer is gone"},
		{name: "quarantined, no hold", class: "short", day: "2020-01-01", change: func(s *archive.SegmentInfo) { s.Quarantined = "its footer is gone" }, want: retention.Due, due: "2020-01-12"},
		{name: "the hold is of another time", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", From: time.Date(2020, 1, 1, 13, 0, 0, 1, time.UTC)}, {ID: "H2", To: time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)}}, want: retention.Due, due: "2020-01-12"},
		{name: "the hold touches it", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", From: time.Date(2020, 1, 1, 13, 0, 0, 0, time.UTC)}, {ID: "H2", To: time.Date(2020, 1, 1, 12, 0, 0, 1, time.UTC)}}, want: retention.Held, due: "2020-01-12", holding: "H1 H2"},
		{name: "the hold has ended", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", Until: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}, want: retention.Due, due: "2020-01-12"},
		{name: "one hold ended, another stands", class: "short", day: "2020-01-01", holds: []manifest.Hold{{ID: "H1", Until: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)}, {ID: "H2"}}, want: retention.Held, due: "2020-01-12", holding: "H2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := segment(t, tc.class, tc.day)
			if tc.change != nil {
				tc.change(&s)
			}
			in := plan.Input{Now: at(t, now), Policy: rules(t, short), Segments: []archive.SegmentInfo{s}, Settle: tc.settle, Finds: tc.finds}
			for _, h := range tc.holds {
				in.Holds = append(in.Holds, plan.Hold{Hold: h})
			}
			v := plan.Make(in)[0]
			due := ""
			if !v.Due.IsZero() {
				due = v.Due.Format(time.DateOnly)
			}
			if v.Why != tc.want || due != tc.due || strings.Join(v.Holds, " ") != tc.holding || !strings.Contains(v.Detail, tc.detail) {
				t.Errorf("%s, due %s, held by %v (%s); want %s, %s, %s (%s)", v.Why, due, v.Holds, v.Detail, tc.want, tc.due, tc.holding, tc.detail)
			}
		})
	}
}

// finds is a search that always comes to the same.
func finds(found bool, err error) plan.Finds {
	return func(*plan.Hold, *archive.SegmentInfo) (bool, error) { return found, err }
}

// TestMake_Order: a plan is the same whatever the order of the manifest, and asks a hold only about what is due.
func TestMake_Order(t *testing.T) {
	a, b, c := segment(t, "short", "2020-01-02"), segment(t, "short", "2020-01-01"), segment(t, "audit", "2020-01-01")
	young := segment(t, "short", "2026-02-28")
	asked := 0
	in := plan.Input{Now: at(t, "2026-03-01"), Policy: rules(t, short), Segments: []archive.SegmentInfo{a, young, b, c}, Holds: []plan.Hold{{Hold: manifest.Hold{ID: "H1", Query: "x"}}},
		Finds: func(_ *plan.Hold, s *archive.SegmentInfo) (bool, error) { asked++; return s.Path == b.Path, nil }}
	var got []string
	for _, v := range plan.Make(in) {
		got = append(got, v.Segment.Day+" "+v.Segment.Class+" "+string(v.Why))
	}
	if want := "2020-01-01 audit due, 2020-01-01 short held, 2020-01-02 short due, 2026-02-28 short not-due"; strings.Join(got, ", ") != want || asked != 3 {
		t.Errorf("%s, asked %d times\nwant %s", strings.Join(got, ", "), asked, want)
	}
}

// TestHolds: what was ordered first stands; a release is for one hold, and counts once.
func TestHolds(t *testing.T) {
	list := plan.Holds([]archive.ActionInfo{
		action(t, manifest.KindHold, "kim", "2026-01-01", 1, manifest.Hold{ID: "H1", Query: "a", Owner: "lee", Reason: "case 1"}),
		action(t, manifest.KindHold, "kim", "2026-01-02", 2, manifest.Hold{ID: "H2", Owner: "lee", Reason: "case 2", Until: at(t, "2026-02-01")}),
		action(t, manifest.KindHold, "mallory", "2026-01-03", 3, manifest.Hold{ID: "H1", Query: "nothing"}),
		action(t, manifest.KindRelease, "park", "2026-01-04", 4, manifest.Release{ID: "H1", Reason: "closed"}),
		action(t, manifest.KindRelease, "mallory", "2026-01-05", 5, manifest.Release{ID: "H1", Reason: "again"}),
		action(t, manifest.KindRelease, "mallory", "2026-01-05", 5, manifest.Release{ID: "H9", Reason: "none"}),
		{Action: manifest.Action{Kind: manifest.KindHold, Body: []byte(`[]`)}},
		{Action: manifest.Action{Kind: manifest.KindRelease, Body: []byte(`7`)}},
		action(t, manifest.KindPolicy, "weir", "2026-01-06", 6, manifest.File{}),
	})
	if len(list) != 2 || list[0].Query != "a" || list[0].ReleasedBy != "park" || list[0].ReleaseReason != "closed" || list[0].By != "kim" || list[1].Seq != 2 {
		t.Fatalf("%+v", list)
	}
	now := at(t, "2026-01-10")
	if list[0].Active(now) || !list[1].Active(now) || list[1].Active(at(t, "2026-02-01")) {
		t.Error("which holds are in force")
	}
	facts := []retention.HoldFacts{list[0].Facts(now), list[1].Facts(now)}
	if plan.Listed(facts); facts[0].ID != "H2" || !facts[0].Active || facts[1].ReleaseReason != "closed" {
		t.Errorf("%+v", facts)
	}
}

// TestReport: the facts are those of the segments, whatever order they come in.
func TestReport(t *testing.T) {
	p := rules(t, short+"- {name: law, law: Contract, keep_at_least: 1 year, when: event.kind == 'alert'}\n")
	now := at(t, "2026-03-01")
	known := plan.Known{Enforce: true, LastRun: at(t, "2026-02-28"), Verify: retention.VerifyFacts{OK: true, Segments: 7}, Copies: []retention.CopyFacts{{Where: "s3://x", OK: true}},
		Actions: []archive.ActionInfo{
			action(t, manifest.KindPolicy, "weir", "2026-01-01", 1, manifest.File{SHA256: "other"}),
			action(t, manifest.KindPolicy, "weir", "2026-01-02", 2, manifest.File{SHA256: p.Version()}),
			action(t, manifest.KindExpiry, "weir", "2026-01-03", 3, manifest.Expiry{Class: "short", Day: "2025-12-01", Rows: 5}),
			action(t, manifest.KindExpiry, "weir", "2026-01-04", 4, manifest.Expiry{Class: "gone", Day: "2025-12-01", Rows: 5}),
		}}
	in := plan.Input{Now: now, Policy: p, Holds: []plan.Hold{{Hold: manifest.Hold{ID: "H1", Query: "x", Owner: "lee", To: at(t, "2026-01-02")}}, {Hold: manifest.Hold{ID: "H0", Until: at(t, "2026-02-27"), Owner: "park"}}, {Hold: manifest.Hold{ID: "H2", Until: at(t, "2026-03-05"), From: at(t, "2027-01-01")}}},
		Segments: []archive.SegmentInfo{segment(t, "short", "2026-02-20"), segment(t, "short", "2026-01-01"), segment(t, "short", "2026-02-18"), segment(t, "law", "2026-02-01"), segment(t, "law", "2026-02-05"), segment(t, "law", "2026-02-04"), segment(t, "shrt", "2026-02-01")}}
	in.Segments[3].Quarantined = "torn"
	f := plan.Report(in, plan.Make(in), known)
	class := func(name string) retention.ClassFacts {
		for _, c := range f.Classes {
			if c.Name == name {
				return c
			}
		}
		t.Fatalf("no class %s", name)
		return retention.ClassFacts{}
	}
	c := class("short")
	if c.Segments != 3 || c.Events != 30 || c.Bytes != 3000 || c.DueNow != 1 || c.Held != 1 || c.Beyond != 1 || c.FirstDay != "2026-01-01" || c.LastDay != "2026-02-20" ||
		c.Oldest.Format(time.RFC3339) != "2026-01-01T12:00:00Z" || c.Newest.Format(time.RFC3339) != "2026-02-20T13:00:00Z" || c.NextExpiry.Format(time.DateOnly) != "2026-03-01" ||
		c.ExpiredSegments != 1 || c.ExpiredEvents != 5 || c.LastExpiry.Format(time.DateOnly) != "2026-01-03" || c.Keep != "10 days" || c.DeleteBy != "20 days" {
		t.Errorf("%+v", c)
	}
	if got := fmt.Sprint(c.Gaps); got != "[{2026-01-02 2026-02-17 47} {2026-02-19 2026-02-19 1}]" {
		t.Errorf("gaps %s", got)
	}
	if c = class("law"); c.Quarantined != 1 || fmt.Sprint(c.Gaps) != "[{2026-02-02 2026-02-03 2}]" || c.Checked != policy.Never || c.Status != policy.Memory || c.NextExpiry.Format(time.DateOnly) != "2027-02-02" {
		t.Errorf("%+v", c)
	}
	if len(f.Unknown) != 1 || f.Unknown[0].Name != "shrt" || f.Unknown[0].Near != "short" || f.Unknown[0].Events != 10 {
		t.Errorf("%+v", f.Unknown)
	}
	if f.Policy.Changes != 2 || f.Policy.Since.Format(time.DateOnly) != "2026-01-02" || !f.Policy.Enforce || f.Segments != 7 || f.Events != 70 || !f.Verify.OK || f.Copies[0].Where != "s3://x" {
		t.Errorf("%+v", f)
	}
	if len(f.Holds) != 3 || f.Holds[0].ID != "H1" && f.Holds[1].ID != "H1" {
		t.Fatalf("%+v", f.Holds)
	}
	for _, h := range f.Holds {
		if h.ID == "H1" && (h.Keeps != 1 || h.Beyond != 1) {
			t.Errorf("%+v", h)
		}
	}
	var kinds []string
	for _, w := range f.Warnings {
		kinds = append(kinds, w.Kind+":"+w.Class+w.Hold)
	}
	if got := strings.Join(kinds, " "); got != "beyond:shortH1 unknown-class:shrt hold-ended:H0 hold-ends:H2 never-checked:law" {
		t.Errorf("warnings %s", got)
	}
}

// TestWarnings: a law that was read more than a year ago is to be read again; a clock that nobody trusts comes first.
func TestWarnings(t *testing.T) {
	p := rules(t, "- {name: kr-pipa-access-1y, keep_at_least: 30 days}\n")
	in := plan.Input{Now: at(t, "2027-11-22"), Policy: p, Segments: []archive.SegmentInfo{segment(t, "kr-pipa-access-1y", "2027-11-20"), segment(t, "standard", "2027-11-20")}}
	var kinds []string
	for _, w := range plan.Warnings(in, plan.Make(in), plan.Known{Refused: retention.Unsafe}) {
		kinds = append(kinds, w.Kind+":"+w.Class+w.Day)
	}
	if got := strings.Join(kinds, " "); got != "clock: checked-old:kr-pipa-access-1y2026-11-21 shorter:kr-pipa-access-1y" {
		t.Errorf("%s", got)
	}
	if in.Now = at(t, "2027-11-21"); len(plan.Warnings(in, plan.Make(in), plan.Known{})) != 1 {
		t.Error("a law that was read a year ago to the day is not old yet")
	}
	// What had to be gone is told after two days: the one who deletes comes by once an hour.
	in = plan.Input{Policy: rules(t, short), Segments: []archive.SegmentInfo{segment(t, "short", "2026-01-01")}}
	for day, want := range map[string]int{"2026-01-22": 0, "2026-01-23": 0, "2026-01-24": 1} {
		in.Now = at(t, day)
		if got := len(plan.Warnings(in, plan.Make(in), plan.Known{})); got != want {
			t.Errorf("%s: %d warnings, want %d", day, got, want)
		}
	}
}
