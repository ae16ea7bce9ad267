package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"weir/internal/app/build"
	"weir/internal/app/correlating"
	"weir/internal/app/raising"
	"weir/internal/bus"
	"weir/internal/pipeline"
	"weir/internal/state"
	"weir/processors/correlate"
)

// correlateStage begins at the offset of its snapshots, not at that of the group: signals between the two are in no
// snapshot yet, and have to be seen again.
func (a *App) correlateStage() (makeWorker, ownOffset) {
	snapshots := a.snapshots()
	opts := correlate.WorkerOptions{
		Snapshots: snapshots, Engine: build.Engine(a.cfg, a.log), Interval: time.Duration(a.cfg.Correlate.Snapshot), Log: a.log.With("component", "correlate"),
		Rules: a.correlator.History, Produce: a.correlator.Produce,
	}
	newWorker := func(ctx context.Context, topic string, p int32, from int64) (pipeline.Worker, error) {
		w, err := correlate.NewWorker(ctx, opts, topic, p, from)
		if err != nil {
			return nil, err // not w: a worker that is nil would be one to the runner
		}
		return a.correlator.Workers.Add(w), nil
	}
	return newWorker, func(_ string, p int32) (int64, bool) {
		ctx, cancel := context.WithTimeout(context.Background(), snapshotWait)
		defer cancel()
		return correlate.StartOffset(ctx, snapshots, p)
	}
}

// snapshotWait bounds how long an assignment waits for Kafka to hand out a snapshot. Without an answer the worker asks
// again, and waits, before it begins.
const snapshotWait = 20 * time.Second

// snapshots is where correlate keeps its state: in the folder beside the embedded broker, which has no compacted topics, or
// in the topic of a real Kafka, so that any process can take a partition over.
func (a *App) snapshots() correlate.Snapshots {
	if len(a.cfg.Bus.Brokers) == 0 {
		return correlate.Folder(a.folder.Join("state"))
	}
	return correlate.Kept(a.stateIn(bus.State))
}

// stateIn keeps state in a compacted topic.
func (a *App) stateIn(topic string) state.Opener {
	return state.Topic(state.Kafka{Topic: a.bus.Topic(topic), Partitions: a.bus.Partitions(topic), Producer: a.producer, Client: a.bus.Client, Log: a.log})
}

// cursorStore is where normalise keeps how far it has had each file and object.
func (a *App) cursorStore(topic string, partition int32) (state.Store, error) {
	name := a.bus.Name(topic)
	if name != bus.RawFile && name != bus.RawCloud {
		return nil, nil
	}
	if len(a.cfg.Bus.Brokers) == 0 {
		return state.Folder(a.folder.Join("cursors"), a.log).Open(name, partition)
	}
	return a.stateIn(bus.Cursors).Open(name, partition)
}

// startCorrelator makes the correlator and the folder of its snapshots. It comes before the stages, since normalise routes
// signals by it.
func (a *App) startCorrelator() error {
	if err := os.MkdirAll(a.folder.Join("state"), 0o700); err != nil {
		return fmt.Errorf("making the folder of correlation state: %w", err)
	}
	a.correlator = correlating.New(a.rules.Now().Set, a.producer, a.bus.Topic(bus.Alerts), a.bus.Partitions(bus.Alerts))
	a.raiser = raising.New(a.producer, a.bus.Topic(bus.Alerts), a.bus.Partitions(bus.Alerts), a.self)
	a.warmer = raising.NewWarmer(a.producer, a.bus.Topic(bus.Signals), a.bus.Partitions(bus.Signals), a.self, a.correlator.Route)
	return nil
}
