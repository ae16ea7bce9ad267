package file

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"weir/ingest"
	"weir/internal/config"
	"weir/internal/record"
	"weir/internal/testkit/frontdoor"
)

// BenchmarkFollow reads a file of 200,000 lines of 200 bytes from its beginning to a front door that is done at once.
func BenchmarkFollow(b *testing.B) {
	const lines = 200_000
	dir := b.TempDir()
	text := strings.Repeat(strings.Repeat("x", 199)+"\n", lines)
	if err := os.WriteFile(filepath.Join(dir, "a.log"), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		src, err := New(config.File{Paths: []string{dir + "/*.log"}, Start: "beginning", MaxRecord: 1 << 20, MaxFiles: 10},
			ingest.Options{Log: slog.New(slog.DiscardHandler), Counter: &frontdoor.Counter{}, Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		var left atomic.Int64
		left.Store(lines)
		err = src.Run(ctx, func(_ context.Context, batch []record.Raw, done func(error)) error {
			if left.Add(-int64(len(batch))) == 0 {
				cancel()
			}
			done(nil)
			return nil
		})
		if err != nil || left.Load() != 0 {
			b.Fatalf("%v, %d lines are left", err, left.Load())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/line")
}
