package ruletest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/match"
	"weir/rules"
)

// fake is a pipeline that answers what a test tells it to.
type fake struct {
	fed     []string
	alerts  []alert.Alert
	until   time.Duration
	feedErr error
	endErr  error
}

func (f *fake) Feed(ev *rules.TestEvent) ([]string, error) {
	f.fed = append(f.fed, ev.Raw)
	return []string{ev.Raw + "-a", ev.Raw + "-b"}, f.feedErr
}

func (f *fake) Finish(until time.Duration) ([]alert.Alert, error) {
	f.until = until
	return f.alerts, f.endErr
}

func (f *fake) Nearest() []Near {
	return []Near{{When: "event", ID: "two-b", Misses: []match.Miss{{Expr: "x"}}, Of: 2}}
}

func TestRun(t *testing.T) {
	t.Parallel()
	group := func(v string) alert.Alert {
		return alert.Alert{Group: map[string]string{"user.name": v, "host.name": "web-1"}, Evidence: []alert.Evidence{{EventID: "two-b"}, {EventID: "unknown"}}}
	}
	kim := map[string]string{"user.name": "kim"}
	tests := []struct {
		name   string
		expect rules.Expect
		pipe   fake
		want   string
	}{
		{"as expected", rules.Expect{Alerts: 1, Groups: []map[string]string{kim}, Events: []int{2}}, fake{alerts: []alert.Alert{group("kim")}}, ""},
		{"a miss", rules.Expect{}, fake{}, ""},
		{"too few", rules.Expect{Alerts: 1}, fake{}, "alerts: expected 1, got 0"},
		{"too many", rules.Expect{}, fake{alerts: []alert.Alert{group("kim")}}, "alerts: expected 0, got 1"},
		{"another group", rules.Expect{Alerts: 1, Groups: []map[string]string{kim}}, fake{alerts: []alert.Alert{group("lee")}},
			"groups: expected user.name = kim, got host.name = web-1, user.name = lee"},
		{"one group for two", rules.Expect{Alerts: 2, Groups: []map[string]string{kim, kim}}, fake{alerts: []alert.Alert{group("kim"), group("lee")}},
			"groups: expected user.name = kim, got host.name = web-1, user.name = lee"},
		{"evidence", rules.Expect{Alerts: 1, Events: []int{1, 2}}, fake{alerts: []alert.Alert{group("kim")}}, "events: expected event 1 in the evidence, got [2]"},
		{"an event cannot be read", rules.Expect{}, fake{feedErr: errors.New("no")}, "event 1, line 11: no"},
		{"the end fails", rules.Expect{}, fake{endErr: errors.New("no")}, "no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &rules.Rule{ID: "r", File: "f.yaml", Tests: []rules.Test{{Name: "n", Line: 9, Until: time.Hour, Expect: tt.expect, Events: []rules.TestEvent{{Raw: "one", Line: 11}, {Raw: "two", Line: 12}}}}}
			enabled := false
			res := Run(r, func(r *rules.Rule) (Pipeline, error) { enabled = r.Enabled; return &tt.pipe, nil })[0]
			var got []string
			for _, p := range res.Problems {
				got = append(got, p.String())
			}
			if strings.Join(got, "; ") != tt.want || res.Passed != (tt.want == "") {
				t.Errorf("got %s", strings.Join(got, "; "))
			}
			if !enabled || r.Enabled || res.Rule != "r" || res.File != "f.yaml" || res.Name != "n" || res.Line != 9 || res.Hit != (tt.expect.Alerts > 0) {
				t.Errorf("%+v", res)
			}
			if !res.Passed && res.Problems[0].Err == nil && (len(res.Nearest) != 1 || res.Nearest[0].Line != 12) {
				t.Errorf("nearest %+v", res.Nearest)
			}
			if tt.pipe.feedErr == nil && tt.pipe.until != time.Hour {
				t.Errorf("looked after %v", tt.pipe.until)
			}
			if tt.pipe.feedErr == nil && strings.Join(tt.pipe.fed, ",") != "one,two" {
				t.Error(tt.pipe.fed)
			}
		})
	}
}

func TestNoPipeline(t *testing.T) {
	t.Parallel()
	no := errors.New("no pipeline")
	res := Run(&rules.Rule{Tests: []rules.Test{{}}}, func(*rules.Rule) (Pipeline, error) { return nil, no })
	if len(res) != 1 || res[0].Passed || !errors.Is(res[0].Problems[0].Err, no) {
		t.Errorf("%+v", res)
	}
}

func TestCases(t *testing.T) {
	t.Parallel()
	r := &rules.Rule{Tests: []rules.Test{{Expect: rules.Expect{Alerts: 2}}, {}, {}}}
	if hits, misses := Cases(r); hits != 1 || misses != 2 {
		t.Error(hits, misses)
	}
}
