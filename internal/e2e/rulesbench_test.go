package e2e

import (
	"testing"

	"weir/internal/testkit"
	"weir/rules"
	"weir/rules/content"
)

// BenchmarkIngest_RawToArchive is the whole way behind the front door, from the raw topic to sealed segments, with no rules,
// with those that weir ships, and with all of SigmaHQ beside them. Loading them is not in the figures.
func BenchmarkIngest_RawToArchive(b *testing.B) {
	needE2E(b)
	shipped := rules.Source{Name: "shipped", FS: content.FS()}
	for _, c := range []struct {
		name    string
		sources []rules.Source
	}{
		{"none", nil},
		{"shipped", []rules.Source{shipped}},
		{"SigmaHQ", []rules.Source{shipped, {Name: "sigma", FS: testkit.SigmaHQ(b)}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				s, n := newSite(b), benchCount(b)
				s.rules = s.load(c.sources...)
				s.fillRaw(n)
				ar := s.archive()
				s.measure(n, func() {
					s.normalise()()
					s.awaitEvents(n)
					s.sealEvents(ar)
				})
				s.wantStored(ar, n)
				b.ReportMetric(float64(s.rules.Load().Len()), "rules")
			}
		})
	}
}
