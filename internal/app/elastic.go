package app

import (
	"context"
	"fmt"
	"time"

	"weir/internal/app/correlating"
	"weir/internal/app/keeping"
	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/pipeline"
	"weir/internal/retention/expire"
	"weir/sinks/elastic"
)

// elasticOn tells whether this process feeds an Elasticsearch.
func (a *App) elasticOn() bool { return a.does("elastic") && len(a.cfg.Elastic.URLs) > 0 }

// absent are the stages that are in the table of topics and do not run.
func (a *App) absent() []string {
	if len(a.cfg.Elastic.URLs) > 0 {
		return nil
	}
	return []string{"elastic"}
}

// startElastic makes the sink of Elasticsearch. The server is asked nothing yet: one that is away is waited for, and holds
// up nobody but this stage.
func (a *App) startElastic() error {
	if !a.elasticOn() {
		return nil
	}
	opts := elastic.Options{
		Config: a.cfg.Elastic, Producer: a.producer, Group: a.cfg.Bus.Prefix + "elastic.positions",
		Alerts: a.bus.Topic(bus.Alerts), Changes: a.bus.Topic(bus.Changes), DeadLetters: a.bus.Topic(bus.DeadLetters), Ledger: a.bus.Topic(bus.LedgerTopic),
		Self: a.self, Interval: time.Duration(a.cfg.Ledger.Interval), Replay: a.replay, Log: a.log,
	}
	if a.archive != nil {
		gate := expire.NewGate(a.archive, a.policies, nil)
		opts.Sealed, opts.Gate = a.sealedThrough, gate
	}
	var err error
	if a.elastic, err = elastic.New(opts); err != nil {
		return err
	}
	a.stack.Add("Elasticsearch", func(context.Context) error { a.elastic.Close(); return nil })
	return nil
}

// elasticStage brings events, alerts and decisions to Elasticsearch. Its positions are its own: they are kept with its counts.
func (a *App) elasticStage() (makeWorker, ownOffset) {
	newWorker := func(ctx context.Context, topic string, p int32, from int64) (pipeline.Worker, error) {
		w, err := a.elastic.NewWorker(ctx, topic, p, from)
		if err != nil {
			return nil, err
		}
		switch topic {
		case a.bus.Topic(bus.Alerts):
			return &correlating.AlertDocs{Worker: w, Log: a.log}, nil
		case a.bus.Topic(bus.Changes):
			return &correlating.ChangeDocs{Worker: w, Log: a.log}, nil
		}
		return w, nil
	}
	return newWorker, a.elastic.StartOffset
}

// replay gives what Kafka no longer has from the archive: the one in this process, else its files where this process can
// read them.
func (a *App) replay(ctx context.Context, topic string, partition int32, from, to int64, each func(doc []byte) error) error {
	ar := a.archive
	if ar == nil {
		var err error
		if ar, err = keeping.OpenReader(ctx, &a.cfg); err != nil {
			return fmt.Errorf("reading back from the archive: %w", err)
		}
		defer ar.Close()
	}
	return ar.Replay(ctx, archive.Partition{Topic: topic, ID: partition}, from, to, each)
}

// sealedThrough is the moment before which every event is in sealed segments: what was logged up to a week before the
// newest record that the archive has, less the age of an epoch, since an event counts for a day of the last week at most.
func (a *App) sealedThrough() time.Time {
	newest := a.rates.Newest()
	if newest == 0 {
		return time.Time{}
	}
	return time.Unix(0, newest).AddDate(0, 0, -7).Add(-time.Duration(a.cfg.Archive.EpochAge))
}
