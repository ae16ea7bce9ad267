package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"weir/event"
	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/app/correlating"
	"weir/internal/app/folder"
	"weir/internal/bus"
	"weir/internal/control"
	"weir/internal/keep"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/normalise"
	"weir/sinks/alerts"
	archivesink "weir/sinks/archive"
)

// open makes everything that start needs and nothing that moves: no goroutine, no record, no write but the lock and the
// number of this start. The order is by how plain the message is: a folder in use explains a port in use, not the other
// way round.
func (a *App) open() error {
	var err error
	if a.folder, err = folder.Open(a.cfg.Data, a.cfg.Console.Listen); err != nil {
		return err
	}
	a.stack.Add("data folder", func(context.Context) error { return a.folder.Close() })
	if err := a.loadEnrichment(); err != nil {
		return err
	}
	a.loadFormats()
	if err := a.loadPolicy(); err != nil {
		return err
	}
	if a.drop, err = dropIf(a.cfg); err != nil {
		return err
	}
	if a.rules, err = a.loadRules(); err != nil {
		return err
	}
	// The number is on disk before the first record gets an identity, so no two starts ever share one.
	if a.self, err = keep.NextStart(a.folder.Join("ingester.json")); err != nil {
		return err
	}
	a.book = ledger.NewBook(a.self, a.cfg.Ledger.MaxSources)
	if a.does("ingest") {
		if err := a.openInputs(); err != nil {
			return err
		}
	}
	return a.bindPorts()
}

// start begins, stores first and inputs last. Whoever writes finds its reader there; whoever reads begins at the offset
// that its store knows. Each step pushes what undoes it as soon as it has begun.
func (a *App) start(ctx context.Context) error {
	var err error
	if a.bus, err = bus.Open(ctx, a.cfg.Bus, a.folder.Join("bus"), a.log, a.absent()...); err != nil {
		return err
	}
	a.stack.Add("bus", func(context.Context) error { a.bus.Close(); return nil })
	if err := a.startStores(ctx); err != nil {
		return err
	}
	// Who answers questions needs the door too: who searched is a record like any other.
	if a.does("ingest") || a.does("archive") || a.does("console") {
		if a.door, err = bus.OpenDoor(a.bus, a.self, a.book); err != nil {
			return err
		}
		a.stack.Add("front door", a.door.Close)
		a.trail = &auditing.Trail{Data: a.folder.Path, Log: a.log, Emit: a.door.Emit(bus.RawAudit), Received: a.book.Received}
	}
	if a.producer, err = a.bus.Producer(); err != nil {
		return err
	}
	a.makeRoll()
	a.stack.Add("producer", func(context.Context) error { a.producer.Close(); return nil })
	if err := a.startCorrelator(); err != nil {
		return err
	}
	if err := a.startDecisions(ctx); err != nil {
		return err
	}
	if err := a.startNotifier(); err != nil {
		return err
	}
	if a.does("normalise") {
		if err := a.openRuleSets(ctx); err != nil {
			return err
		}
	}
	if err := a.startElastic(); err != nil {
		return err
	}
	// Before the stages run: what they take from here on belongs to this run.
	if a.counts != nil {
		a.base = a.counts.Balance(ledger.State{Now: time.Now(), Stored: a.stored()})
	}
	if err := a.startStages(); err != nil {
		return err
	}
	if err := a.startServices(ctx); err != nil {
		return err
	}
	return a.startInputs()
}

// startStores opens what stages write to. The ledger's store has no cleanup: each of its writes is synced and replaces the
// file, so there is nothing to close.
func (a *App) startStores(ctx context.Context) error {
	if a.does("console") {
		if err := a.startConsoleStores(); err != nil {
			return err
		}
	}
	if !a.does("archive") {
		return nil
	}
	dir := build.Within(a.cfg, a.cfg.Archive.Folder)
	lock, err := folder.LockArchive(ctx, dir, a.log)
	if err != nil {
		return err
	}
	a.stack.Add("archive folder", func(context.Context) error { return lock.Close() })
	if a.archiveName, err = folder.ArchiveName(dir); err != nil {
		return err
	}
	if err := a.openArchive(ctx, dir); err != nil {
		return err
	}
	a.sink = archivesink.New(a.archive, a.log)
	return nil
}

// startConsoleStores opens what questions are answered from beside the archive.
func (a *App) startConsoleStores() error {
	var err error
	if a.counts, err = ledger.OpenStore(a.folder.Join("ledger.json"), keep.WriteFile, a.log); err != nil {
		return err
	}
	if a.alerts, err = alerts.Open(a.folder.Join("alerts.db"), a.alertOptions()); err != nil {
		return err
	}
	a.stack.Add("alert store", func(context.Context) error { return a.alerts.Close() })
	return nil
}

// startServices starts what answers questions: socket, console, counts, watchers.
func (a *App) startServices(ctx context.Context) error {
	// The context of Start ends with Start; that of the services with their cleanup. The values are kept.
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	a.stack.Add("services", func(context.Context) error { cancel(); wg.Wait(); return nil })
	if err := a.startAnswers(run, &wg); err != nil {
		return err
	}
	socket, err := control.Listen(a.folder.Path)
	if err != nil {
		return err
	}
	a.serve(&wg, "control socket", func() error { return control.Serve(run, socket, a.live()) })
	if err := a.startConsole(run, &wg); err != nil {
		return err
	}
	wg.Go(func() { a.countLoop(run) })
	if len(a.cfg.Bus.Brokers) > 0 {
		wg.Go(func() { a.roll.Answer(run) })
	}
	if a.archive != nil {
		wg.Go(func() { a.relieve(run) })
	}
	wg.Go(func() { a.watch(run) })
	if a.notifier != nil {
		wg.Go(func() { _ = a.notifier.Run(run) }) // it has no error but the end of its context
	}
	if err := a.startWatchdog(run, &wg); err != nil {
		return err
	}
	if t := a.enrich.Threat(); t != nil && a.does("normalise") {
		wg.Go(func() { t.Run(run) })
	}
	if a.door == nil {
		return nil
	}
	return a.trail.Flush(ctx)
}

// What a stage is made of: workers, one for each partition that this process is given, and where the store of the stage
// knows better than the group's offset where to begin. Both are called by the poll loop of the stage's runner.
type (
	makeWorker = func(ctx context.Context, topic string, partition int32, from int64) (pipeline.Worker, error)
	ownOffset  = func(topic string, partition int32) (int64, bool)
)

// normaliseStage makes the only stage that parses. It has no offset of its own: it learns from its own output what it has
// written (see normalise.Options.ReadBack).
func (a *App) normaliseStage() (makeWorker, ownOffset) {
	a.norm = normalise.New(normalise.Options{
		Producer: a.producer, ReadBack: a.bus.ReadBack, CursorStore: a.cursorStore,
		EventWriter: func(topic string, p int32) (normalise.EventWriter, error) { return a.bus.Partition(topic, p) },
		Events:      a.bus.Topic(bus.Events), Signals: a.bus.Topic(bus.Signals), DeadLetters: a.bus.Topic(bus.DeadLetters), Ledger: a.bus.Topic(bus.LedgerTopic),
		SignalPartitions: a.bus.Partitions(bus.Signals),
		NewParser:        a.newParser,
		Steps: []processors.Step{
			a.enrich.Step,
			func(e *event.Event, _ *record.Raw) { a.class(e) },
			a.enrich.Class,
			a.enrich.Redact,
			a.enrich.Original(a.policies),
		},
		DropIf:   a.drop,
		Detector: func() processors.Detector { return a.rules.Now() },
		Coverage: &normalise.Coverage{Store: a.keptCoverage, RuleSet: a.ruleSets.Used, Every: a.coverEvery},
		Route:    a.correlator.Route,
		Self:     a.self, Interval: time.Duration(a.cfg.Ledger.Interval), Log: a.log.With("component", "normalise"),
	})
	return a.norm.NewWorker, nil
}

// archiveStage stores events, dead letters, alerts and what was decided about them. Only events are timed: the delay that status shows is that of a
// record from its receipt to its being found.
func (a *App) archiveStage() (makeWorker, ownOffset) {
	return func(_ context.Context, topic string, p int32, _ int64) (pipeline.Worker, error) {
		w := a.sink.NewWorker(topic, p)
		switch topic {
		case a.bus.Topic(bus.Alerts):
			return &correlating.AlertDocs{Worker: w, Log: a.log}, nil
		case a.bus.Topic(bus.Changes):
			return &correlating.ChangeDocs{Worker: w, Log: a.log}, nil
		}
		return a.rates.Watch(w), nil
	}, a.sink.StartOffset
}

// ledgerStage folds the counts of all hops; the fold knows what it has read.
func (a *App) ledgerStage() (makeWorker, ownOffset) {
	return a.counts.NewWorker, a.counts.StartOffset
}

// isGone tells whether a context ended on purpose. A deadline that passed is no purpose.
func isGone(err error) bool { return errors.Is(err, context.Canceled) }
