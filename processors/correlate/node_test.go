package correlate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
	"weir/rules/correlation"
)

// match makes a match of a rule's condition, so many seconds after base.
func match(r *rules.Rule, second int, when, id string, values map[string]string, group ...string) *signal.Signal {
	s := at(r, second*1000, when, id, group...)
	s.Values = values
	return s
}

// spray is three users of a source that each fail twice within a minute, all within an hour.
func spray() *rules.Rule {
	return &rules.Rule{ID: "spray", Hash: "1", Enabled: true, Title: "{{source.ip}} tries {{user.name}}", When: when("failed"),
		Correlate: &rules.Correlate{Kind: correlation.Distinct, Field: []string{"user.name"}, Steps: []rules.Step{{When: "burst", AtLeast: 1}}, By: []string{"source.ip"}, Within: time.Hour,
			Bounds: []rules.Bound{{Op: "gte", Value: 3}},
			Inner: []*rules.Correlate{{Name: "burst", Kind: correlation.Count, Steps: []rules.Step{{When: "failed", AtLeast: 1}}, By: []string{"source.ip", "user.name"}, Within: time.Minute,
				Bounds: []rules.Bound{{Op: "gte", Value: 2}}}}},
		Fold: rules.Fold{For: time.Hour}}
}

// A chain: what the inner correlation groups by is what the outer one compares, and its matches are the evidence.
func TestChain(t *testing.T) {
	r := spray()
	en := engine(r)
	var in []*signal.Signal
	for i, user := range []string{"kim", "lee", "park"} {
		for k := range 3 {
			in = append(in, match(r, 100*i+k, "failed", fmt.Sprint(user, k), nil, "192.0.2.1", user))
		}
	}
	in = append(in, match(r, 10, "failed", "alone", nil, "192.0.2.1", "choi"), match(r, 11, "failed", "other", nil, "192.0.2.9", "kim"))
	out := play(t, en, append(in, mark(signal.Idle, base.Add(2*time.Hour), 1)))
	a := out[len(out)-1]
	if len(out) == 0 || out[0].Count != 5 || a.Count != 6 || a.Group["source.ip"] != "192.0.2.1" || len(a.Group) != 1 {
		t.Fatalf("%d revisions, first of %d hits: %+v", len(out), out[0].Count, a)
	}
	ids := ""
	for _, e := range a.Evidence {
		ids += e.EventID + " "
	}
	if ids != "kim0 kim1 kim2 lee0 lee1 park0 park1 park2 " || a.Conditions[0].Needed != 2 {
		t.Errorf("evidence %s, %+v", ids, a.Conditions)
	}
	if st := en.RuleStats()[0]; st.Matches != 11 || st.Lacks != 0 {
		t.Errorf("%+v", st)
	}
}

// What the inner correlation does not group by comes from the match, under the name that the alias gives; a completion
// without it is none, and counted.
func TestChain_ValuesOfTheMatch(t *testing.T) {
	r := spray()
	r.Correlate.By, r.Correlate.Alias = []string{"where"}, map[string]map[string]string{"where": {"burst": "host.name"}}
	r.Correlate.Kind, r.Correlate.Bounds = correlation.Sum, []rules.Bound{{Op: "gte", Value: 10}}
	r.Correlate.Field = []string{"source.bytes"}
	en := engine(r)
	in := []*signal.Signal{}
	for i, v := range []map[string]string{
		nil, {"host.name": "web-1", "source.bytes": "4"},
		nil, {"host.name": "web-1", "source.bytes": "5.5"},
		nil, {"source.bytes": "100"},
		nil, {"host.name": "web-1", "source.bytes": "many"},
		nil, {"host.name": "web-2", "source.bytes": "9"},
		nil, {"host.name": "web-1", "source.bytes": "0.5"},
	} {
		in = append(in, match(r, 10*i, "failed", fmt.Sprint(i), v, "192.0.2.1", fmt.Sprint("u", i/2)))
	}
	out := play(t, en, in)
	if len(out) != 1 || out[0].Group["where"] != "web-1" || out[0].Count != 3 {
		t.Fatalf("%d alerts: %+v", len(out), out)
	}
	if st := en.RuleStats()[0]; st.Lacks != 1 || st.NotANumber != 1 {
		t.Errorf("%+v", st)
	}
}

// Matches without what is computed with are none, and counted.
func TestTake_Lacks(t *testing.T) {
	for _, c := range []struct {
		kind        correlation.Kind
		field       []string
		values      map[string]string
		lacks, nans uint64
	}{
		{correlation.Distinct, []string{"user.name"}, map[string]string{"user.name": ""}, 1, 0},
		{correlation.Distinct, []string{"user.name", "host.name"}, map[string]string{"user.name": "kim"}, 1, 0},
		{correlation.Distinct, []string{"user.name"}, map[string]string{"user.name": "kim"}, 0, 0},
		{correlation.Sum, []string{"source.bytes"}, map[string]string{"source.bytes": "12 kB"}, 0, 1},
		{correlation.Sum, []string{"source.bytes"}, nil, 0, 1},
		{correlation.Sum, []string{"source.bytes"}, map[string]string{"source.bytes": "12"}, 0, 0},
		{correlation.Count, nil, nil, 0, 0},
	} {
		r := ruleOf(c.kind, time.Minute, rules.Bound{Op: "gte", Value: 5})
		r.Correlate.Field = c.field
		en := engine(r)
		play(t, en, []*signal.Signal{match(r, 0, "event", "a", c.values, "g")})
		st := en.RuleStats()[0]
		if st.Lacks != c.lacks || st.NotANumber != c.nans || st.Matches != 1 || (st.Groups == 1) != (c.lacks+c.nans == 0) {
			t.Errorf("%s of %v: %+v", c.kind, c.values, st)
		}
	}
}

// noLogout is a login after which nobody logs out within a minute.
func noLogout() *rules.Rule {
	return &rules.Rule{ID: "stays", Hash: "1", Enabled: true, Title: "stays", When: when("login", "logout"), Fold: rules.Fold{For: time.Minute},
		Correlate: &rules.Correlate{Kind: correlation.Absence, Steps: []rules.Step{{When: "login", AtLeast: 1}, {When: "logout", AtLeast: 1}}, By: []string{"user.name"}, Within: time.Minute}}
}

// What waits for time is told when it has passed: an absence then, and of the event that it is about.
func TestPass_Absence(t *testing.T) {
	r := noLogout()
	en := engine(r)
	if out := play(t, en, []*signal.Signal{match(r, 0, "login", "a", nil, "kim"), match(r, 1, "login", "b", nil, "lee"), match(r, 2, "logout", "c", nil, "lee"),
		mark(signal.Watermark, base.Add(65*time.Second), 1)}); len(out) != 0 {
		t.Fatalf("%d alerts before the time has passed", len(out))
	}
	out := play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(66*time.Second), 1)})
	if len(out) != 1 || out[0].Group["user.name"] != "kim" || !out[0].First.Equal(base) || !out[0].Created.Equal(base.Add(time.Minute)) {
		t.Fatalf("%+v", out)
	}
	other := engine(r)
	var late []*alert.Alert
	play(t, other, []*signal.Signal{match(r, 0, "login", "a", nil, "kim")})
	other.Finish(base.Add(time.Minute+1), func(a *alert.Alert) { late = append(late, a) })
	if len(late) != 1 || late[0].ID != out[0].ID {
		t.Errorf("by Finish it has another id: %+v", late)
	}
}

// However seldom there is a mark, what is decided comes in the order of its time, and has the same ids.
func TestPass_Order(t *testing.T) {
	r := noLogout()
	r.Correlate.By, r.Fold.By = []string{"host.name", "user.name"}, []string{"host.name"}
	var in []*signal.Signal
	for i := range 50 {
		in = append(in, match(r, i, "login", fmt.Sprint("e", i), nil, fmt.Sprint("h", i%3), fmt.Sprint("u", i%7)))
	}
	ids := func(marks int) []string {
		en := engine(r)
		var out []*alert.Alert
		for i, s := range in {
			out = append(out, play(t, en, []*signal.Signal{s})...)
			if marks > 0 && i%marks == 0 {
				out = append(out, play(t, en, []*signal.Signal{mark(signal.Watermark, s.Time, i)})...)
			}
		}
		en.Finish(base.Add(time.Hour), func(a *alert.Alert) { out = append(out, a) })
		checkRevisions(t, out)
		var list []string
		for _, a := range out {
			if !slices.Contains(list, a.ID) {
				list = append(list, a.ID)
			}
		}
		slices.Sort(list)
		return list
	}
	want := ids(1)
	if len(want) != 3 {
		t.Fatalf("%d alerts", len(want))
	}
	for _, marks := range []int{0, 5, 20} {
		if got := ids(marks); !slices.Equal(got, want) {
			t.Errorf("with a mark every %d: %v, want %v", marks, got, want)
		}
	}
}

// A match that is too late for what waits for time is dropped and counted; where more can only be truer it counts.
func TestTake_Late(t *testing.T) {
	for _, c := range []struct {
		r    *rules.Rule
		when string
		kept int
	}{{noLogout(), "login", 0}, {ruleOf(correlation.Count, time.Minute, rules.Bound{Op: "gte", Value: 5}), "event", 1}} {
		en := engine(c.r)
		play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(time.Hour), 1), match(c.r, 3000, c.when, "a", nil, "kim")})
		if st := en.RuleStats()[0]; st.Late != 1 || st.Groups != c.kept || st.LateBy["sshd"] != 1 {
			t.Errorf("%s: %+v", c.r.ID, st)
		}
		if late := en.LateList(); len(late) != 1 || late[0].Rule != c.r.ID || late[0].Event != "a" || late[0].By != 595*time.Second {
			t.Errorf("%s: %+v", c.r.ID, late)
		}
	}
}

// What a rule would know is put in without an alert; the first hit of now has all of it.
func TestWarm(t *testing.T) {
	r := counting(3, time.Minute, time.Hour)
	warm := func(list ...*signal.Signal) []*signal.Signal {
		for _, s := range list {
			s.Warm = true
		}
		return list
	}
	en := engine(r)
	past := warm(at(r, 0, "event", "a", "g"), at(r, 1000, "event", "b", "g"), at(r, 2000, "event", "c", "g"))
	if out := play(t, en, append(past, mark(signal.Idle, base.Add(3*time.Second), 1))); len(out) != 0 {
		t.Fatalf("%d alerts of the past", len(out))
	}
	out := play(t, en, []*signal.Signal{at(r, 1000, "event", "b", "g"), at(r, 4000, "event", "d", "g"), mark(signal.Idle, base.Add(4*time.Second), 2)})
	if len(out) != 1 || out[0].Count != 4 || !out[0].Created.Equal(base.Add(4*time.Second)) {
		t.Errorf("%+v", out)
	}
	// What waits for time tells of no login of the past; and it is not too late, though it is long ago.
	stays := noLogout()
	en = engine(stays)
	play(t, en, []*signal.Signal{mark(signal.Watermark, base, 1)})
	out = play(t, en, append(warm(match(stays, -86400, "login", "a", nil, "kim")), match(stays, 0, "login", "b", nil, "lee"), mark(signal.Watermark, base.Add(2*time.Minute), 2)))
	if len(out) != 1 || out[0].Group["user.name"] != "lee" || en.Stats().Late != 0 {
		t.Errorf("%d alerts, %+v", len(out), en.Stats())
	}
}

// Numbers that are estimates are said to be.
func TestHit_Approximate(t *testing.T) {
	r := ruleOf(correlation.Avg, time.Hour, rules.Bound{Op: "gte", Value: 1})
	en := engine(r)
	for i := range 50_000 {
		s := at(r, i, "event", fmt.Sprint(i), "g")
		s.Values = map[string]string{"source.bytes": fmt.Sprint(i % 100)}
		play(t, en, []*signal.Signal{s})
	}
	out := play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(2*time.Hour), 1)})
	if len(out) != 1 || out[0].Approximate == "" {
		t.Fatalf("%d alerts: %+v", len(out), out)
	}
	for _, tc := range []struct {
		name   string
		kind   correlation.Kind
		bounds rules.Bound
		alerts int
	}{
		{"the median of 0 to 99 is more than 47", correlation.Median, rules.Bound{Op: "gt", Value: 47}, 1},
		{"and not more than 52", correlation.Median, rules.Bound{Op: "gt", Value: 52}, 0},
	} {
		r := ruleOf(tc.kind, time.Hour, tc.bounds)
		r.Correlate.MinValues = 40_000
		en := engine(r)
		for i := range 50_000 {
			s := at(r, i, "event", fmt.Sprint(i), "g")
			s.Values = map[string]string{"source.bytes": fmt.Sprint(i % 100)}
			play(t, en, []*signal.Signal{s})
		}
		out := play(t, en, []*signal.Signal{mark(signal.Watermark, base.Add(2*time.Hour), 1)})
		if len(out) != tc.alerts || tc.alerts > 0 && !strings.Contains(out[0].Approximate, "percent") {
			t.Errorf("%s: %d alerts: %+v", tc.name, len(out), out)
		}
	}
	s := at(r, 0, "event", "alone", "h")
	s.Values = map[string]string{"source.bytes": "5"}
	en = engine(r)
	out = play(t, en, []*signal.Signal{s, mark(signal.Watermark, base.Add(2*time.Hour), 1)})
	if len(out) != 1 || out[0].Approximate != "" {
		t.Errorf("of one number: %+v", out)
	}
}
