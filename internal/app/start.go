package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"weir/event"
	"weir/ingest/syslog"
	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/control"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/normalise"
	"weir/sinks/alerts"
	archivesink "weir/sinks/archive"
)

// open makes everything that start needs and nothing that moves.
func (a *App) open() error {
	var err error
	if a.folder, err = openFolder(a.cfg.Data, a.cfg.Console.Listen); err != nil {
		return err
	}
	a.stack.add("data folder", func(context.Context) error { return a.folder.close() })
	if a.inv, err = loadInventory(a.cfg); err != nil {
		return err
	}
	if a.class, err = classOf(a.cfg); err != nil {
		return err
	}
	if a.drop, err = dropIf(a.cfg); err != nil {
		return err
	}
	if a.rules, err = a.loadRules(); err != nil {
		return err
	}
	if a.self, err = bus.NextStart(a.folder.join("ingester.json")); err != nil {
		return err
	}
	a.book = ledger.NewBook(a.self, a.cfg.Ledger.MaxSources)
	if a.cfg.Inputs.Syslog.Enabled {
		a.syslog, err = syslog.New(a.cfg.Inputs.Syslog, syslog.Options{Log: a.log, Counter: a.book, CertDir: a.folder.join("tls"), Config: "inputs.syslog"})
		if err != nil {
			return err
		}
		a.stack.add("listeners", func(context.Context) error { a.syslog.Close(); return nil })
	}
	return a.bindPorts()
}

// start begins, stores first and inputs last.
func (a *App) start(ctx context.Context) error {
	var err error
	if a.bus, err = bus.Open(ctx, a.cfg.Bus, a.folder.join("bus"), a.log); err != nil {
		return err
	}
	a.stack.add("bus", func(context.Context) error { a.bus.Close(); return nil })
	if err := a.startStores(); err != nil {
		return err
	}
	if a.door, err = bus.OpenDoor(a.bus, a.self, a.book); err != nil {
		return err
	}
	a.stack.add("front door", a.door.Close)
	if a.producer, err = a.bus.Producer(); err != nil {
		return err
	}
	a.stack.add("producer", func(context.Context) error { a.producer.Close(); return nil })
	if err := a.startCorrelator(); err != nil {
		return err
	}
	a.base = a.counts.Balance(ledger.State{Now: time.Now(), Stored: a.stored()})
	if err := a.startStages(); err != nil {
		return err
	}
	if err := a.startServices(ctx); err != nil {
		return err
	}
	return a.startInputs()
}

func (a *App) startStores() error {
	var err error
	if a.counts, err = ledger.OpenStore(a.folder.join("ledger.json"), bus.WriteFile, a.log); err != nil {
		return err
	}
	a.archive, err = archive.Open(a.folder.join("archive"), archive.Options{
		Log: a.log, EpochRows: a.cfg.Archive.EpochRows, EpochBytes: int64(a.cfg.Archive.EpochBytes), EpochAge: time.Duration(a.cfg.Archive.EpochAge),
		Writer: a.self.Ingester,
	})
	if err != nil {
		return err
	}
	a.stack.add("archive", func(context.Context) error { return a.archive.Close() })
	a.sink = archivesink.New(a.archive, a.log)
	if a.alerts, err = alerts.Open(a.folder.join("alerts.db")); err != nil {
		return err
	}
	a.stack.add("alert store", func(context.Context) error { return a.alerts.Close() })
	return nil
}

// startServices starts what answers questions: socket, console, counts, watchers.
func (a *App) startServices(ctx context.Context) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	a.stack.add("services", func(context.Context) error { cancel(); wg.Wait(); return nil })
	socket, err := control.Listen(a.folder.path)
	if err != nil {
		return err
	}
	a.serve(&wg, "control socket", func() error { return control.Serve(run, socket, &live{a}) })
	a.startConsole(run, &wg)
	wg.Go(func() { a.countLoop(run) })
	wg.Go(func() { a.watch(run) })
	return a.flushAudit(ctx)
}

// startInputs lets records in.
func (a *App) startInputs() error {
	ctx, cancel := context.WithCancel(context.Background())
	a.hangUp = cancel
	a.stack.add("inputs", func(context.Context) error { cancel(); a.inputs.Wait(); return nil })
	if a.syslog != nil {
		a.serve(&a.inputs, "syslog", func() error { return a.syslog.Run(ctx, a.door.Emit(bus.RawSyslog)) })
	}
	if a.opts.Demo {
		a.inputs.Go(func() { a.playDemo(ctx) })
	}
	return nil
}

type (
	makeWorker = func(ctx context.Context, topic string, partition int32, from int64) (pipeline.Worker, error)
	ownOffset  = func(topic string, partition int32) (int64, bool)
)

func (a *App) normaliseStage() (makeWorker, ownOffset) {
	a.norm = normalise.New(normalise.Options{
		Producer: a.producer, ReadBack: a.bus.ReadBack,
		Events: a.bus.Topic(bus.Events), Signals: a.bus.Topic(bus.Signals), DeadLetters: a.bus.Topic(bus.DeadLetters), Ledger: a.bus.Topic(bus.LedgerTopic),
		SignalPartitions: a.bus.Partitions(bus.Signals),
		NewParser:        a.newParser,
		Steps: []processors.Step{
			a.inv.enrich,
			func(e *event.Event, _ *record.Raw) { a.class(e) },
		},
		DropIf:   a.drop,
		Detector: func() processors.Detector { return a.rules },
		Route:    a.correlator.route,
		Self:     a.self, Interval: time.Duration(a.cfg.Ledger.Interval), Log: a.log.With("component", "normalise"),
	})
	return a.norm.NewWorker, nil
}

func (a *App) archiveStage() (makeWorker, ownOffset) {
	return func(_ context.Context, topic string, p int32, _ int64) (pipeline.Worker, error) {
		w := a.sink.NewWorker(topic, p)
		if topic == a.bus.Topic(bus.Alerts) {
			return &alertDocs{Worker: w, log: a.log}, nil
		}
		return a.rates.watch(w), nil
	}, a.sink.StartOffset
}

func (a *App) ledgerStage() (makeWorker, ownOffset) {
	return a.counts.NewWorker, a.counts.StartOffset
}

// isGone tells whether a context ended on purpose.
func isGone(err error) bool { return errors.Is(err, context.Canceled) }
