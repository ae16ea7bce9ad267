package correlate

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/signal"
	"weir/processors/correlate/clock"
	"weir/rules"
	"weir/rules/correlation"
)

// A rule that cannot run is named, with what is wrong, and the others run.
func TestNewRuleState_Failure(t *testing.T) {
	steps := func(names ...string) (out []rules.Step) {
		for _, n := range names {
			out = append(out, rules.Step{When: n, AtLeast: 1})
		}
		return out
	}
	deep := &rules.Correlate{Kind: correlation.Count, Steps: steps("event"), Within: time.Minute}
	for i := range 40 {
		deep.Name = fmt.Sprint("c", i)
		deep = &rules.Correlate{Kind: correlation.Count, Steps: steps(deep.Name), Within: time.Minute, Inner: []*rules.Correlate{deep}}
	}
	for _, c := range []struct {
		name, why string
		c         *rules.Correlate
	}{
		{"a step without a condition", `"x", which is no condition`, &rules.Correlate{Kind: correlation.Count, Steps: steps("x"), Within: time.Minute}},
		{"no steps", "0 steps", &rules.Correlate{Kind: correlation.Count, Within: time.Minute}},
		{"no time", "within", &rules.Correlate{Kind: correlation.Count, Steps: steps("event")}},
		{"no kind", `no correlation "x"`, &rules.Correlate{Kind: "x", Steps: steps("event"), Within: time.Minute}},
		{"an inner one that nobody names", `no step names the inner correlation "in"`, &rules.Correlate{Kind: correlation.Count, Steps: steps("event"), Within: time.Minute,
			Inner: []*rules.Correlate{{Name: "in", Kind: correlation.Count, Steps: steps("event"), Within: time.Minute}}}},
		{"an inner one that cannot be", "within", &rules.Correlate{Kind: correlation.Count, Steps: steps("in"), Within: time.Minute,
			Inner: []*rules.Correlate{{Name: "in", Kind: correlation.Count, Steps: steps("event")}}}},
		{"too deep", "deep", deep},
		{"more conditions than matches can tell apart", "70000 conditions", &rules.Correlate{Kind: correlation.Count, Steps: steps("event"), Within: time.Minute}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			bad, good := counting(1, time.Second, time.Second), counting(1, time.Second, time.Second)
			bad.ID, bad.Correlate = "bad", c.c
			if strings.HasPrefix(c.name, "more conditions") {
				bad.When = slices.Repeat(bad.When, 70_000)
			}
			en := New(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			en.SetRules([]*rules.Rule{bad, good})
			if got := len(play(t, en, []*signal.Signal{at(good, 0, "event", "a", "g"), at(bad, 0, "event", "a", "g")})); got != 1 || en.Stats().Unknown != 1 {
				t.Errorf("%d alerts, %+v", got, en.Stats())
			}
			if text := strings.ReplaceAll(log.String(), `\"`, `"`); !strings.Contains(text, "rule=bad") || !strings.Contains(text, c.why) {
				t.Errorf("said: %s", text)
			}
		})
	}
}

// Texts of a rule may change while it runs: state is kept, and the next revision has the new ones.
func TestDescribe_Again(t *testing.T) {
	r := counting(1, time.Second, time.Hour)
	en := engine(r)
	first := play(t, en, []*signal.Signal{at(r, 0, "event", "a", "g")})
	next := counting(1, time.Second, time.Hour)
	next.Title, next.Version = "another title", 2
	en.SetRules([]*rules.Rule{next})
	second := play(t, en, []*signal.Signal{at(next, 2000, "event", "b", "g")})
	if len(first) != 1 || len(second) != 1 || second[0].ID != first[0].ID || second[0].Revision != 2 || second[0].Count != 2 || second[0].Title != "another title" {
		t.Errorf("%+v, then %+v", first, second)
	}
}

// A rule of one dataset does not wait for another that is late.
func TestScopeOf(t *testing.T) {
	r := noLogout()
	alerts := func(datasets []string) int {
		en := New(Options{Lateness: 5 * time.Second, DatasetLateness: []clock.Lateness{{Pattern: "aws.*", Span: time.Hour}},
			Datasets: func(*rules.Rule) []string { return datasets }})
		en.SetRules([]*rules.Rule{r})
		cloud := mark(signal.Watermark, base.Add(10*time.Minute), 1)
		cloud.Dataset = "aws.cloudtrail"
		return len(play(t, en, []*signal.Signal{match(r, 0, "login", "a", nil, "kim"), cloud, mark(signal.Watermark, base.Add(10*time.Minute), 2), mark(signal.Watermark, base.Add(11*time.Minute), 3)}))
	}
	for _, c := range []struct {
		datasets []string
		want     int
	}{{nil, 0}, {[]string{"sshd"}, 1}, {[]string{"sshd", "aws.cloudtrail"}, 0}, {[]string{"ss*"}, 1}} {
		if got := alerts(c.datasets); got != c.want {
			t.Errorf("of %q: %d alerts, want %d", c.datasets, got, c.want)
		}
	}
}
