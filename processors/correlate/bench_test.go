package correlate

import (
	"fmt"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/signal"
	"weir/rules"
	"weir/rules/correlation"
)

// batches makes records of weir.signals, a batch at a time, as normalise writes them: matches of many groups one after the
// other, and a mark for each thousand.
type batches struct {
	rule   *rules.Rule
	groups int
	every  time.Duration // between two matches
	n      int
}

func (s *batches) next(b testing.TB, n int) [][]byte {
	b.Helper()
	out := make([][]byte, 0, n)
	for range n {
		t := base.Add(time.Duration(s.n) * s.every)
		g := s.n % s.groups
		sig := &signal.Signal{Kind: signal.Match, Rule: s.rule.ID, Hash: s.rule.Hash, When: s.rule.When[0].Name,
			Group:   []string{fmt.Sprintf("10.%d.%d.%d", g>>16, g>>8&255, g&255), "root"}[:len(s.rule.Correlate.By)],
			EventID: fmt.Sprintf("k3v9q1xw/1/%d", s.n), Time: t, Src: fmt.Sprintf("weir.raw.syslog/0/%d/0", s.n), Dataset: "sshd",
			Values: map[string]string{"host.name": "web-1", "user.name": fmt.Sprint("user-", s.n%1800), "source.bytes": fmt.Sprint(s.n % 5000),
				"message": "Failed password for root from 203.0.113.5 port 50212 ssh2"}}
		if s.n%1000 == 999 {
			sig = &signal.Signal{Kind: signal.Watermark, Time: t, Dataset: "sshd", Src: fmt.Sprintf("weir.raw.syslog/0/%d/1", s.n)}
		}
		value, err := signal.Encode(sig)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, value)
		s.n++
	}
	return out
}

func benchmark(b *testing.B, r *rules.Rule, groups int, every time.Duration) {
	en := New(Options{MaxGroups: groups + 1000, MaxBytes: 1 << 40, Lateness: 5 * time.Second})
	en.SetRules([]*rules.Rule{r})
	src := batches{rule: r, groups: groups, every: every}
	var d signal.Decoder
	var s signal.Signal
	emit := func(*alert.Alert) {}
	const batch = 100_000
	run := func(list [][]byte) {
		for _, value := range list {
			if err := d.Decode(value, &s); err != nil {
				b.Fatal(err)
			}
			if err := en.Apply(&s, emit); err != nil {
				b.Fatal(err)
			}
		}
	}
	for range 1 + 2*groups/batch {
		run(src.next(b, batch))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= batch {
		b.StopTimer()
		list := src.next(b, min(left, batch))
		b.StartTimer()
		run(list)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signals/s")
}

func ruleOf(kind correlation.Kind, within time.Duration, bounds ...rules.Bound) *rules.Rule {
	r := counting(1, within, time.Hour)
	r.Correlate.Kind, r.Correlate.Bounds, r.Correlate.Steps[0].AtLeast = kind, bounds, 1
	switch kind {
	case correlation.Distinct, correlation.NewValue:
		r.Correlate.Field = []string{"user.name"}
	case correlation.Sum, correlation.Avg, correlation.Median, correlation.Percentile:
		r.Correlate.Field = []string{"source.bytes"}
	}
	return r
}

// BenchmarkApply is what a signal costs, decoding included.
func BenchmarkApply(b *testing.B) {
	gte := func(n float64) rules.Bound { return rules.Bound{Op: "gte", Value: n} }
	for _, c := range []struct {
		name   string
		rule   *rules.Rule
		groups int
		every  time.Duration
	}{
		{"count/50000 groups", ruleOf(correlation.Count, time.Minute, gte(10)), 50_000, 10 * time.Microsecond},
		{"count/50000 groups that fire", ruleOf(correlation.Count, time.Minute, gte(10)), 50_000, time.Microsecond},
		{"count/storm of 10", ruleOf(correlation.Count, time.Minute, gte(10)), 10, time.Millisecond},
		{"distinct/1000 groups", ruleOf(correlation.Distinct, time.Minute, gte(5000)), 1000, 10 * time.Microsecond},
		{"sum/50000 groups", ruleOf(correlation.Sum, time.Minute, gte(1e12)), 50_000, 10 * time.Microsecond},
		{"avg/1000 groups", ruleOf(correlation.Avg, time.Minute, rules.Bound{Op: "gt", Value: 1e9}), 1000, 100 * time.Microsecond},
		{"sequence/50000 groups", bruteForce(), 50_000, 100 * time.Microsecond},
	} {
		b.Run(c.name, func(b *testing.B) { benchmark(b, c.rule, c.groups, c.every) })
	}
}
