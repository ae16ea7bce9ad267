package incidents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/control/alerting"
	"weir/internal/control/notifying"
)

// seoul is 9 hours ahead.
var seoul = time.FixedZone("Asia/Seoul", 9*3600)

// begin and end are November of Seoul, now is some days later.
var (
	begin = time.Date(2026, 11, 1, 0, 0, 0, 0, seoul)
	end   = begin.AddDate(0, 1, 0)
	now   = end.AddDate(0, 0, 3)
)

// row is an alert that was made at a moment and last hit an hour later.
func row(id, level, state string, at time.Time) alerting.Row {
	return alerting.Row{Alert: alert.Alert{ID: id, Rule: "rule-" + level, Title: "T " + level, TitleKo: "제목 " + level, Level: level, What: "what of " + id, WhatKo: id + "의 내용", Created: at, First: at, Last: at.Add(time.Hour), Count: 3,
		Tags: []string{"attack.t1110.001", "attack.credential_access", "other"}}, Short: id[:2], State: state}
}

// store is a store of alerts for tests.
type store struct {
	rows    []alerting.Row
	changes map[string][]alert.Change
	past    map[string][]notifying.Past
}

// reader is what Gather sees of it.
func (s *store) reader() Reader {
	return Reader{
		Alerts: func(_ context.Context, r alerting.Request) ([]alerting.Row, error) {
			var out []alerting.Row
			for _, a := range s.rows {
				if r.Live && a.State == alert.Closed || !r.From.IsZero() && a.Last.Before(r.From) || !r.To.IsZero() && !a.Last.Before(r.To) {
					continue
				}
				out = append(out, a)
			}
			return out, nil
		},
		Changes: func(_ context.Context, id string) ([]alert.Change, error) { return s.changes[id], nil },
		Risk: func(_ context.Context, r alerting.RiskRequest) ([]alerting.Risk, error) {
			return []alerting.Risk{{Kind: "host", Value: "web-1", Score: 81.25, Alerts: 3, Rules: 2}}[:min(1, r.Size)], nil
		},
		Told: func(_ context.Context, id string) ([]notifying.Past, error) { return s.past[id], nil },
	}
}

// decided adds what somebody decided as the store writes it: state, verdict and owner are those after it, whatever its kind, and who
// acknowledges what is nobody's has it.
func decided(list []alert.Change, c alert.Change) []alert.Change {
	was := alert.Change{State: alert.Open}
	if n := len(list); n > 0 {
		was = list[n-1]
	}
	switch c.Kind {
	case alert.ToState:
		if c.Assignee = was.Assignee; c.State == alert.Acknowledged && c.Assignee == "" {
			c.Assignee = c.By
		}
	case alert.Assign:
		c.State, c.Verdict = was.State, was.Verdict
	default:
		c.State, c.Verdict, c.Assignee = was.State, was.Verdict, was.Assignee
	}
	c.Version = len(list) + 1
	return append(list, c)
}

// sample has alerts of each state, one of the month before that is open, and what no person sees.
func sample() *store {
	s := &store{changes: map[string][]alert.Change{}, past: map[string][]notifying.Past{}}
	s.rows = []alerting.Row{row("aa01", "high", alert.Closed, begin.Add(time.Hour)), row("bb02", "critical", alert.Open, end.Add(-time.Minute)), row("cc03", "low", alert.Closed, begin.AddDate(0, 0, 9)), row("dd04", "high", alert.Acknowledged, begin.AddDate(0, 0, 9)),
		row("ee05", "medium", alert.Open, begin.Add(-time.Minute)), row("ff06", "high", alert.Open, end.Add(time.Minute)), row("gg07", "low", alert.Closed, begin.AddDate(0, 0, 2))}
	s.rows[0].Verdict, s.rows[2].Verdict, s.rows[6].Verdict = alert.TruePositive, alert.FalsePositive, alert.Resolved
	canary, merged := row("hh08", "low", alert.Open, begin.AddDate(0, 0, 3)), row("ii09", "low", alert.Open, begin.AddDate(0, 0, 3))
	canary.Canary, merged.MergedInto = true, "aa01"
	s.rows = append(s.rows, canary, merged)
	state := func(id, state, by string, at time.Time) {
		c := alert.Change{Alert: id, Kind: alert.ToState, State: state, By: by, At: at}
		if state == alert.Closed {
			c.Verdict = map[string]string{"aa01": alert.TruePositive, "cc03": alert.FalsePositive, "gg07": alert.Resolved}[id]
		}
		s.changes[id] = decided(s.changes[id], c)
	}
	state("aa01", alert.Acknowledged, "kim", begin.Add(time.Hour+10*time.Minute))
	state("aa01", alert.Closed, "kim", begin.Add(2*time.Hour))
	state("aa01", alert.Open, "lee", begin.Add(3*time.Hour))
	state("aa01", alert.Closed, "lee", begin.Add(5*time.Hour))
	state("cc03", alert.Closed, "kim", begin.AddDate(0, 0, 8)) // a device whose clock was ahead
	state("dd04", alert.Acknowledged, "kim", begin.AddDate(0, 0, 10))
	s.changes["dd04"] = decided(s.changes["dd04"], alert.Change{Alert: "dd04", Kind: alert.Note, By: "lee", At: begin.AddDate(0, 0, 11)})
	state("gg07", alert.Closed, alert.Self, begin.AddDate(0, 0, 2))
	s.past["bb02"] = []notifying.Past{{At: end, What: "came"}, {At: end.Add(15 * time.Minute), What: "sent", Channel: "mail", Kind: "escalation"}, {At: end.Add(20 * time.Minute), What: "waiting", Channel: "sms", Kind: "escalation"}, {What: "sent", Channel: "mail", Kind: "firing"}}
	return s
}

// TestGather: alerts of the time in which they were made, by everything that a report counts.
func TestGather(t *testing.T) {
	f, err := Gather(t.Context(), sample().reader(), begin, end, seoul, now)
	if err != nil {
		t.Fatal(err)
	}
	if f.Alerts != 5 || f.Hits != 15 || len(f.Days) != 30 || f.Days[0] != 1 || f.Days[9] != 2 || f.Days[29] != 1 || f.Days[2] != 1 {
		t.Errorf("%d alerts, %d hits, days %v", f.Alerts, f.Hits, f.Days)
	}
	if want := []Level{{"critical", 1, 3, 1, 0, 0}, {"high", 2, 6, 0, 1, 1}, {"medium", 0, 0, 0, 0, 0}, {"low", 2, 6, 0, 0, 2}, {"informational", 0, 0, 0, 0, 0}}; !slices.Equal(f.Levels, want) {
		t.Errorf("levels %+v", f.Levels)
	}
	if got := fmt.Sprintln(f.Rules[0].ID, f.Rules[1].ID, f.Rules[1].False, f.Rules[1].Closed, f.Rules[2].ID, f.Rules[0].Attack); got != "rule-high rule-low 1 2 rule-critical [T1110.001 credential-access]\n" {
		t.Error(got)
	}
	if want := []Count{{"T1110.001", 5}, {"credential-access", 5}}; !slices.Equal(f.Attack, want) {
		t.Errorf("attack %v", f.Attack)
	}
	if want := []Count{{"closed", 3}, {"acknowledged", 1}, {"open", 1}}; !slices.Equal(f.States, want) {
		t.Errorf("states %v", f.States)
	}
	if want := []Count{{"false_positive", 1}, {"resolved", 1}, {"true_positive", 1}}; !slices.Equal(f.Verdicts, want) {
		t.Errorf("verdicts %v", f.Verdicts)
	}
	ms := func(d time.Duration) int64 { return d.Milliseconds() }
	want := []Times{
		{"high", Spread{2, ms(10 * time.Minute), ms(24 * time.Hour), ms(24 * time.Hour)}, Spread{1, ms(4 * time.Hour), ms(4 * time.Hour), ms(4 * time.Hour)}},
		{"low", Spread{1, 0, 0, 0}, Spread{1, 0, 0, 0}},
		{"", Spread{3, ms(10 * time.Minute), ms(24 * time.Hour), ms(24 * time.Hour)}, Spread{2, 0, ms(4 * time.Hour), ms(4 * time.Hour)}},
	}
	if !slices.Equal(f.Times, want) {
		t.Errorf("times\n%+v, want\n%+v", f.Times, want)
	}
	var open []string
	for _, it := range f.Open {
		open = append(open, it.ID)
	}
	if !slices.Equal(open, []string{"bb02", "dd04", "ee05"}) {
		t.Errorf("open %v", open)
	}
	if len(f.Escalations) != 2 || f.Escalations[0].Channel != "mail" || !f.Escalations[0].Sent || f.Escalations[1].Sent || f.Escalations[0].ID != "bb02" {
		t.Errorf("escalations %+v", f.Escalations)
	}
	if len(f.Risk) != 1 || f.Risk[0].Score != 81.25 {
		t.Errorf("risk %+v", f.Risk)
	}
}

// TestGather_then: a report about a month that is over says how things stood at its end, whatever became of them since.
func TestGather_then(t *testing.T) {
	old := begin.AddDate(0, -2, 0)
	for _, c := range []struct {
		name    string
		alert   alerting.Row
		changes []alert.Change
		open    bool
		state   string // of the level's counts, "" where it is of another month
		owner   string // of the open one
	}{
		{"closed in the month", row("a1", "low", alert.Closed, begin), []alert.Change{{Kind: alert.ToState, State: alert.Closed, At: end.Add(-time.Minute)}}, false, alert.Closed, ""},
		{"closed after it", row("a2", "low", alert.Closed, begin), []alert.Change{{Kind: alert.ToState, State: alert.Acknowledged, By: "kim", At: end.Add(-time.Minute)}, {Kind: alert.ToState, State: alert.Closed, At: end.Add(time.Minute)}}, true, alert.Acknowledged, "kim"},
		{"opened again after it", row("a3", "low", alert.Open, begin), []alert.Change{{Kind: alert.ToState, State: alert.Closed, At: end.Add(-time.Minute)}, {Kind: alert.ToState, State: alert.Open, At: end.Add(time.Minute)}}, false, alert.Closed, ""},
		{"a note after it", row("a4", "low", alert.Open, begin), []alert.Change{{Kind: alert.Note, At: end.Add(time.Minute)}}, true, alert.Open, ""},
		{"of long before, closed after it", row("a5", "low", alert.Closed, old), []alert.Change{{Kind: alert.ToState, State: alert.Closed, At: end.Add(time.Minute)}}, true, "", ""},
		{"of long before, closed in it", row("a6", "low", alert.Closed, old), []alert.Change{{Kind: alert.ToState, State: alert.Closed, At: end.Add(-time.Minute)}}, false, "", ""},
		{"made after it", row("a7", "low", alert.Open, end), nil, false, "", ""},
		{"acknowledged, with a note, given to somebody else after it", row("a8", "low", alert.Acknowledged, begin), []alert.Change{{Kind: alert.ToState, State: alert.Acknowledged, By: "kim", At: begin}, {Kind: alert.Note, By: "lee", At: begin.Add(time.Hour)}, {Kind: alert.Assign, Assignee: "lee", At: end.Add(time.Minute)}}, true, alert.Acknowledged, "kim"},
		{"given away, opened again after it", row("a9", "low", alert.Open, begin), []alert.Change{{Kind: alert.ToState, State: alert.Acknowledged, By: "kim", At: begin}, {Kind: alert.Assign, Assignee: "lee", At: begin.Add(time.Hour)}, {Kind: alert.ToState, State: alert.Open, At: end.Add(time.Minute)}}, true, alert.Acknowledged, "lee"},
		{"taken from everybody", row("b1", "low", alert.Acknowledged, begin), []alert.Change{{Kind: alert.ToState, State: alert.Acknowledged, By: "kim", At: begin}, {Kind: alert.Assign, At: begin.Add(time.Hour)}}, true, alert.Acknowledged, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var list []alert.Change
			for _, x := range c.changes {
				list = decided(list, x)
			}
			c.alert.Changes = len(list)
			if n := len(list); n > 0 {
				c.alert.Changed, c.alert.Assignee = list[n-1].At, list[n-1].Assignee
			}
			s := &store{rows: []alerting.Row{c.alert}, changes: map[string][]alert.Change{c.alert.ID: list}}
			f, err := Gather(t.Context(), s.reader(), begin, end, seoul, now)
			if err != nil || !f.AsOf.Equal(end) || (len(f.Open) == 1) != c.open || len(f.Open) > 1 {
				t.Fatalf("as of %s, open %+v, %v", f.AsOf, f.Open, err)
			}
			if c.open && f.Open[0].Assignee != c.owner {
				t.Errorf("it is %q's", f.Open[0].Assignee)
			}
			if got := len(f.States); (got == 1) != (c.state != "") || got == 1 && f.States[0].Name != c.state {
				t.Errorf("states %v", f.States)
			}
			// Of the month that runs, and where nobody knows the decisions, it is as it stands.
			f, err = Gather(t.Context(), s.reader(), begin, now.Add(time.Hour), seoul, now)
			if err != nil || !f.AsOf.Equal(now) || (len(f.Open) == 1) != (c.alert.State != alert.Closed) {
				t.Errorf("now: as of %s, open %+v, %v", f.AsOf, f.Open, err)
			}
			alone, err := Gather(t.Context(), Reader{Alerts: s.reader().Alerts}, begin, end, seoul, now)
			if err != nil || !alone.AsOf.Equal(now) {
				t.Errorf("alone: as of %s, %v", alone.AsOf, err)
			}
		})
	}
}

// TestGather_alone: a process that has only the store of alerts says what it does not know.
func TestGather_alone(t *testing.T) {
	f, err := Gather(t.Context(), Reader{Alerts: sample().reader().Alerts}, begin, end, nil, now)
	if err != nil || f.TimesKnown || f.ToldKnown || f.RiskKnown || f.Alerts != 5 || f.Zone != "UTC" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestGather_twice: an alert that is hit while it is read is counted once.
func TestGather_twice(t *testing.T) {
	s := sample()
	s.rows = append(s.rows, s.rows[0])
	s.rows[len(s.rows)-1].Last = now.Add(-time.Minute)
	f, err := Gather(t.Context(), s.reader(), begin, end, seoul, now)
	if err != nil || f.Alerts != 5 {
		t.Errorf("%d, %v", f.Alerts, err)
	}
}

// TestGather_many: a storm is listed up to a bound, and the rest is counted.
func TestGather_many(t *testing.T) {
	s := &store{}
	for i := range MaxOpen + 30 {
		s.rows = append(s.rows, row(fmt.Sprintf("%04d", i), "low", alert.Open, begin))
	}
	f, err := Gather(t.Context(), s.reader(), begin, end, seoul, now)
	if err != nil || len(f.Open) != MaxOpen || f.OpenLeft != 30 || f.Alerts != MaxOpen+30 {
		t.Errorf("%d and %d of %d, %v", len(f.Open), f.OpenLeft, f.Alerts, err)
	}
}

// TestGather_errors: what cannot be asked is no report of nothing.
func TestGather_errors(t *testing.T) {
	gone := errors.New("gone")
	for name, change := range map[string]func(*Reader){
		"alerts": func(r *Reader) {
			r.Alerts = func(context.Context, alerting.Request) ([]alerting.Row, error) { return nil, gone }
		},
		"open": func(r *Reader) {
			all := r.Alerts
			r.Alerts = func(ctx context.Context, q alerting.Request) ([]alerting.Row, error) {
				if q.Live {
					return nil, gone
				}
				return all(ctx, q)
			}
		},
		"changes": func(r *Reader) {
			r.Changes = func(context.Context, string) ([]alert.Change, error) { return nil, gone }
		},
		"told": func(r *Reader) {
			r.Told = func(context.Context, string) ([]notifying.Past, error) { return nil, gone }
		},
		"risk": func(r *Reader) {
			r.Risk = func(context.Context, alerting.RiskRequest) ([]alerting.Risk, error) { return nil, gone }
		},
	} {
		r := sample().reader()
		change(&r)
		if _, err := Gather(t.Context(), r, begin, end, seoul, now); !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTechniques: as people write them, each once, whatever else is a tag.
func TestTechniques(t *testing.T) {
	for in, want := range map[string]string{"attack.t1110.001 ATTACK.T1110.001": "T1110.001", "attack.initial_access attack. attack.t x": "initial-access t", "": ""} {
		if got := strings.Join(techniques(strings.Fields(in)), " "); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// TestSpread: the median is of the lower half, and one value is all of them.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		in   []int64
		want Spread
	}{{nil, Spread{}}, {[]int64{7}, Spread{1, 7, 7, 7}}, {[]int64{4, 1, 3, 2}, Spread{4, 2, 4, 4}}, {[]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Spread{10, 5, 10, 10}}} {
		if got := spread(c.in); got != c.want {
			t.Errorf("%v: %+v", c.in, got)
		}
	}
}
