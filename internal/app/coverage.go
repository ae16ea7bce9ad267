package app

import (
	"context"

	"weir/internal/app/answer"
	"weir/internal/app/describe"
	"weir/internal/bus"
	"weir/internal/state"
)

// openRuleSets begins to write down which rules run.
func (a *App) openRuleSets(ctx context.Context) error {
	store, err := state.Folder(a.folder.Join(answer.CoverageFolder), a.log).Open("rulesets", 0)
	if err != nil {
		return err
	}
	a.ruleSets, err = describe.Open(ctx, describe.Options{Producer: a.producer, Topic: a.bus.Topic(bus.Events), Log: a.log, Self: a.self, Store: store, First: a.rules.Now()})
	if err != nil {
		store.Close()
		return err
	}
	a.stack.Add("rule sets", func(context.Context) error { a.ruleSets.Close(); return nil })
	return nil
}

// keptCoverage is where normalise keeps its open stretches: beside the embedded broker, or in the topic of cursors of a real
// Kafka, so that any process can take a partition over.
func (a *App) keptCoverage(topic string, partition int32) (state.Store, error) {
	name := a.bus.Name(topic)
	if len(a.cfg.Bus.Brokers) == 0 {
		return state.Folder(a.folder.Join(answer.CoverageFolder), a.log).Open(name, partition)
	}
	return a.stateIn(bus.Cursors).Open("coverage."+name, partition)
}
