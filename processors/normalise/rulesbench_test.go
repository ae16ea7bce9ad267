package normalise

import (
	"testing"

	"weir/internal/testkit"
	"weir/rules"
	"weir/rules/content"
)

// BenchmarkMake_Rules is BenchmarkMake with no rules, those that weir ships, and those with all of SigmaHQ beside them: what
// rules add to an event. Most of SigmaHQ is for other log sources than the lines here, which is as it is at most sites.
func BenchmarkMake_Rules(b *testing.B) {
	recs := benchRecords(b, benchCount)
	shipped := rules.Source{Name: "shipped", FS: content.FS()}
	for _, c := range []struct {
		name    string
		sources []rules.Source
	}{
		{"none", nil},
		{"shipped", []rules.Source{shipped}},
		{"SigmaHQ", []rules.Source{shipped, {Name: "sigma", FS: testkit.SigmaHQ(b)}}},
	} {
		holder := benchRules(b, c.sources...)
		b.Run(c.name, func(b *testing.B) {
			w := benchWorkerOf(b, nil, nil, holder)
			next := benchRounds(recs, w)
			pass := func(n int) {
				for left := n; left > 0; {
					batch := next(left)
					left -= len(batch)
					out := w.make(batch, func(error) {})
					out.left.Store(1)
					out.ack(1)
				}
			}
			pass(benchCount) // the sets of rules for a log source are made when its first event comes
			b.ReportAllocs()
			b.ResetTimer()
			before := benchCPU(b)
			pass(b.N)
			b.ReportMetric(float64(benchCPU(b)-before)/float64(b.N), "cpu-ns/event")
			b.ReportMetric(float64(holder.Load().Len()), "rules")
		})
	}
}
