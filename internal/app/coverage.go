package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"

	"weir/internal/app/describe"
	"weir/internal/bus"
	"weir/internal/state"
	"weir/processors/normalise"
	"weir/rules/coverage"
)

// coverageFolder holds, below the data folder, the open stretches of partitions and which rule sets were described.
const coverageFolder = "coverage"

// openRuleSets begins to write down which rules run.
func (a *App) openRuleSets(ctx context.Context) error {
	store, err := state.Folder(a.folder.join(coverageFolder), a.log).Open("rulesets", 0)
	if err != nil {
		return err
	}
	a.ruleSets, err = describe.Open(ctx, describe.Options{Producer: a.producer, Topic: a.bus.Topic(bus.Events), Log: a.log, Self: a.self, Store: store, First: a.rules.Now()})
	if err != nil {
		store.Close()
		return err
	}
	a.stack.add("rule sets", func(context.Context) error { a.ruleSets.Close(); return nil })
	return nil
}

// keptCoverage is where normalise keeps its open stretches: beside the embedded broker, or in the topic of cursors of a real
// Kafka, so that any process can take a partition over.
func (a *App) keptCoverage(topic string, partition int32) (state.Store, error) {
	name := a.bus.Name(topic)
	if len(a.cfg.Bus.Brokers) == 0 {
		return state.Folder(a.folder.join(coverageFolder), a.log).Open(name, partition)
	}
	return a.stateIn(bus.Cursors).Open("coverage."+name, partition)
}

// leftCoverage returns what a weir that was killed had evaluated and not written down as documents. What cannot be read is
// a gap until the next start.
func leftCoverage(ctx context.Context, dir string, log *slog.Logger) (out []coverage.Stretch) {
	folder := filepath.Join(dir, coverageFolder)
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
