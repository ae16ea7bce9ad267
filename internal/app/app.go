// Package app is the process: it is the only package that sees all others. It wires what the configuration names,
// starts it in order, and stops it so that everything received is stored.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/ingest"
	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/app/cleanup"
	"weir/internal/app/correlating"
	"weir/internal/app/describe"
	"weir/internal/app/folder"
	"weir/internal/app/keeping"
	"weir/internal/app/metrics"
	"weir/internal/app/pace"
	"weir/internal/app/raising"
	"weir/internal/app/redo"
	"weir/internal/app/roll"
	"weir/internal/archive"
	"weir/internal/bus"
	"weir/internal/canary"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/retention/policy"
	"weir/internal/watchdog"
	"weir/processors/detect"
	"weir/processors/normalise"
	"weir/processors/parse/format"
	"weir/sinks/alerts"
	archivesink "weir/sinks/archive"
	"weir/sinks/elastic"
	"weir/sinks/notify"
)

// Options is what the command line adds to the configuration.
type Options struct {
	Log *slog.Logger
	// Stages are what this process does, of Stages; empty: everything.
	Stages []string
	// Demo plays the sample minute to the syslog listener once everything runs.
	Demo bool
	// History believes the time that a line has, however old it is. Without it a line from last year is taken for one
	// whose clock is wrong, which is right for a socket and wrong for a file that is played.
	History bool
	Version string
	// Notify gets what the person at the terminal should see as it happens. It is called from the goroutines of stages,
	// which wait for it: it must return quickly. It may be nil.
	Notify func(Notice)
}

// App is one weir process. New wires it, Start begins, Run waits, Stop ends; each once, in this order.
type App struct {
	cfg     config.Config
	opts    Options
	log     *slog.Logger
	stack   cleanup.Stack // what is open, in the order of its opening; not locked: New, Start and Stop do not overlap
	started time.Time

	// What open makes. None of it changes after New, so the goroutines of stages and of questions read it freely; what
	// changes inside (rules, build.Inventory) is behind a holder of its own.
	folder  *folder.Folder
	bus     *bus.Bus
	door    *bus.Door
	self    record.Ing
	book    *ledger.Book
	trail   *auditing.Trail // of who looked at what; there where the door is
	counts  *ledger.Store
	archive *archive.Archive
	// archiveName is that of the archive in this process, "" if it has none: it stays with the folder.
	archiveName string
	sink        *archivesink.Sink
	alerts      *alerts.Store
	elastic     *elastic.Sink // nil: none is fed
	rules       *detect.Holder
	enrich      *build.Enrichment
	formats     atomic.Pointer[format.Set] // of this moment; parsers ask for each record
	norm        *normalise.Stage
	producer    *kgo.Client
	inputs      []openInput

	correlator *correlating.Correlator
	raiser     *raising.Raiser
	warmer     *raising.Warmer
	watchdog   *watchdog.Watchdog               // nil: switched off
	canaries   *canary.Canaries                 // nil in a process that keeps no alerts
	unclean    atomic.Pointer[[]ledger.Unclean] // of the last reading of the ledger
	notifier   *notify.Notifier
	ruleSets   *describe.Sets
	// coverEvery is the least time between two documents of coverage of a partition; 0: a minute.
	coverEvery time.Duration
	class      func(*event.Event)
	policies   *policy.Store
	drop       func(*event.Event) bool

	// mu guards runners: questions look at them while finish takes them away one after the other.
	mu      sync.Mutex
	runners map[string]*pipeline.Runner // by stage

	// emitting are the goroutines that emit records. hangUp ends them; nobody may close the front door before they did.
	emitting sync.WaitGroup
	hangUp   context.CancelFunc
	// fatal has room for every service, so that none hangs on reporting why it ended. Run takes the first.
	fatal chan error
	// base is the balance as it stood when this start began: the totals of a run are what came on top.
	base ledger.Balance
	// answers are those to questions by name, filled by Start; signIn is the address of the first sign-in.
	answers question.Table
	keeping *keeping.Keeping // nil in a process without the archive
	desks   *keeping.Desks
	signIn  string
	roll    *roll.Roll
	reruns  redo.Gate
	rates   pace.Rates
	console atomic.Pointer[string] // the address it really got, for a configuration that says port 0
	// settled is the last reading of the ledger, nil before the first; counted orders what ingest publishes of itself.
	settled atomic.Pointer[metrics.Ledger]
	counted lastCount

	// consolePort is bound by New, served by Start; nil where the configuration wants no console.
	consolePort net.Listener
}

// New checks the configuration against the machine, opens the data folder and binds every port, so that what cannot
// work is said before anything begins. After an error nothing is left behind.
func New(cfg config.Config, opts Options) (*App, error) {
	a := &App{cfg: cfg, opts: opts, log: opts.Log, started: time.Now(), runners: map[string]*pipeline.Runner{}, answers: question.Table{}, fatal: make(chan error, 4)}
	if a.opts.Notify == nil {
		a.opts.Notify = func(Notice) {}
	}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, a.stack.Drain(context.Background(), a.log))
	}
	return a, nil
}

// Start begins, stores first and inputs last. After an error nothing is left running.
func (a *App) Start(ctx context.Context) error {
	if err := a.start(ctx); err != nil {
		return errors.Join(err, a.stack.Drain(context.WithoutCancel(ctx), a.log))
	}
	// Reading rules and formats leaves several times of what is kept. A weir with nothing to do would hold it for hours.
	debug.FreeOSMemory()
	return nil
}

// Run waits until ctx ends, or returns what made going on impossible. Stop is called either way: what was received before
// that is stored all the same.
func (a *App) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-a.fatal:
		return err
	}
}

// Stop ends inputs first and stores last, so that what was received is stored, and returns the totals of this run. When
// ctx ends it gives up waiting; what is in the log is then stored at the next start.
func (a *App) Stop(ctx context.Context) (Totals, error) {
	err := a.finish(ctx)
	totals := a.totals()
	return totals, errors.Join(err, a.stack.Drain(ctx, a.log))
}

// finish lets every stage take what the one before it has written. The order is what makes the totals exact: when a stage
// is asked to catch up, nobody writes to its topics any more, so their ends stand still. Ledger comes last for the same
// reason: every count has been published by then.
//
// The epoch that is open is sealed rather than left to its age: the files of a weir that was stopped hold everything, so
// that a search without a process finds it.
func (a *App) finish(ctx context.Context) error {
	a.hangUp()
	a.reruns.Close()
	a.emitting.Wait()
	if a.door != nil {
		if err := a.door.Close(ctx); err != nil {
			return err
		}
	}
	// Without Kafka no stage can finish. What was received is in the spool by now, the rest in Kafka.
	if err := a.bus.Reachable(ctx); err != nil {
		return stoppedWithoutKafka(err, a.atDoor())
	}
	if a.door != nil {
		if err := a.publishCounts(ctx, true); err != nil {
			return err
		}
	}
	for _, st := range stages {
		if r := a.runner(st.name); r != nil {
			if err := a.finishStage(ctx, st, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// finishStage ends one stage. A process that does everything takes what there is; one of several leaves what it has not
// begun to the others, which go on writing and reading.
func (a *App) finishStage(ctx context.Context, st stageRow, r *pipeline.Runner) error {
	if a.whole() {
		ends, err := a.bus.Ends(ctx, st.topics...)
		if err != nil {
			return err
		}
		if err := r.CatchUp(ctx, ends); err != nil {
			return err
		}
	}
	if st.name == "archive" {
		if err := a.archive.Seal(ctx); err != nil {
			return fmt.Errorf("sealing the open epoch: %w", err)
		}
	}
	r.Stop(ctx)
	if st.name == "alerts" {
		a.alerts.Sent(ctx) // decisions of weir itself, before the archive has taken what there is
	}
	a.setRunner(st.name, nil)
	return nil
}

// runner returns the runner of a stage, nil when it does not run: before Start, and from when finish has stopped it.
func (a *App) runner(stage string) *pipeline.Runner {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.runners[stage]
}

// setRunner puts a runner into the table, or takes it out with nil.
func (a *App) setRunner(stage string, r *pipeline.Runner) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runners[stage] = r
}

// serve runs fn until the process stops; an error of it ends the process: half a weir that looks like a whole one is
// worse than none. wg is waited for by the cleanup of whoever started fn.
func (a *App) serve(wg *sync.WaitGroup, name string, fn func() error) {
	wg.Go(func() {
		if err := fn(); err != nil {
			select {
			case a.fatal <- fmt.Errorf("%s: %w", name, err):
			default: // somebody was faster; one reason is enough
			}
		}
	})
}

// What is wired here must fit, and a mistake should be found where the wiring stands.
var (
	_ ingest.Counter  = (*ledger.Book)(nil)
	_ bus.DoorCounter = (*ledger.Book)(nil)
	_ control.Backend = (*live)(nil)
	_ control.Coverer = (*live)(nil)
)
