package e2e

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/pipeline"
	"weir/internal/testkit"
	"weir/rules"
	"weir/rules/content"
	archivesink "weir/sinks/archive"
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
				ar, err := archive.Open(filepath.Join(s.dir, "archive"), archive.Options{Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() {
					if err := ar.Close(); err != nil {
						b.Error(err)
					}
				})
				sink := archivesink.New(ar, nil)
				s.measure(n, func() {
					s.normalise()()
					s.awaitEvents(n)
					s.stage("archive", []string{bus.Events}, func(_ context.Context, topic string, p int32, _ int64) (pipeline.Worker, error) {
						return sink.NewWorker(topic, p), nil
					})()
					if err := ar.Seal(b.Context()); err != nil {
						b.Fatal(err)
					}
				})
				b.ReportMetric(float64(s.rules.Load().Len()), "rules")
				stored := uint64(0)
				for _, c := range ar.Counts() {
					stored += c.Stored
				}
				if stored != uint64(n) {
					b.Fatalf("%d rows of %d events", stored, n)
				}
			}
		})
	}
}
