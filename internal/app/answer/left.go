package answer

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"

	"weir/internal/state"
	"weir/processors/normalise"
	"weir/rules/coverage"
)

// CoverageFolder holds, below the data folder, the open stretches of partitions and which rule sets were described.
const CoverageFolder = "coverage"

// LeftCoverage returns what a weir that was killed had evaluated and not written down as documents. What cannot be read is
// a gap until the next start.
func LeftCoverage(ctx context.Context, dir string, log *slog.Logger) (out []coverage.Stretch) {
	folder := filepath.Join(dir, CoverageFolder)
	files, err := filepath.Glob(filepath.Join(folder, "raw.*.state"))
	if err != nil { // only of a pattern that is none
		return nil
	}
	for _, file := range files {
		name, number, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".state"), "-")
		partition, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		store, err := state.Folder(folder, log).Open(name, int32(partition))
		if err != nil {
			continue
		}
		values, err := store.Load(ctx)
		store.Close()
		if err != nil {
			log.Warn("coverage that a process left cannot be read", "component", "coverage", "path", file, "err", err)
			continue
		}
		out = append(out, normalise.KeptCoverage(values)...)
	}
	return out
}
