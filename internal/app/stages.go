package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weir/internal/bus"
	"weir/internal/pipeline"
)

// stageRow is one row of the component table.
type stageRow struct {
	// name is that of the stage, of its consumer group behind the prefix, and the label of its metrics: who looks at one
	// finds the others.
	name string
	// role is the stage of the command line that it belongs to.
	role string
	// topics are without the prefix. Their order does not count.
	topics []string
	// make is called once, by Start. What it returns is called by the runner from then on.
	make func(*App) (makeWorker, ownOffset)
}

// stages is the one table of stages, in the order of the data: each is stopped after it has taken what the one before
// it wrote. They are started in the opposite order.
var stages = []stageRow{
	{"normalise", "normalise", bus.RawTopics(), (*App).normaliseStage},
	{"correlate", "correlate", []string{bus.Signals}, (*App).correlateStage},
	{"alerts", "console", []string{bus.Alerts, bus.Changes}, (*App).alertsStage},
	{"archive", "archive", []string{bus.Events, bus.Alerts, bus.Changes, bus.DeadLetters}, (*App).archiveStage},
	{"elastic", "elastic", []string{bus.Events, bus.Alerts, bus.Changes}, (*App).elasticStage},
	{"ledger", "console", []string{bus.LedgerTopic}, (*App).ledgerStage},
	{"notify", "notify", []string{bus.Alerts, bus.Changes}, (*App).notifyStage},
}

// Stages are what a process can be told to do, in the order of the data. Notify tells people; console answers questions,
// and keeps alerts and the ledger.
var Stages = []string{"ingest", "normalise", "correlate", "archive", "elastic", "notify", "console"}

// does tells whether this process has a stage of Stages.
func (a *App) does(stage string) bool {
	return len(a.opts.Stages) == 0 || slices.Contains(a.opts.Stages, stage)
}

// whole tells whether this process does everything: then nobody else writes what it reads.
func (a *App) whole() bool { return len(a.opts.Stages) == 0 }

// archiveRow is the archive's row in the table: how far the archive is decides how far behind searches are.
const archiveRow = 3

// startStages starts the runners, last stage first, so that nothing is written before its reader has joined its group: a
// group that joins later would begin at the right offset too, but the first answers would take longer.
func (a *App) startStages() error {
	for _, st := range slices.Backward(stages) {
		if !a.does(st.role) || st.name == "elastic" && a.elastic == nil {
			continue
		}
		full := make([]string, len(st.topics))
		for j, t := range st.topics {
			full[j] = a.bus.Topic(t)
		}
		newWorker, startOffset := st.make(a)
		r, err := pipeline.Start(pipeline.Stage{
			Name: st.name, Group: a.cfg.Bus.Prefix + st.name, Topics: full, New: newWorker, StartOffset: startOffset, Client: a.bus.Client, Log: a.log,
		})
		if err != nil {
			return fmt.Errorf("starting stage %s: %w", st.name, err)
		}
		a.setRunner(st.name, r)
		a.stack.Add("stage "+st.name, func(ctx context.Context) error {
			// A stop in order takes the runner out of the table. It is still there when Start failed half way, or when
			// finish gave up; then nothing is waited for but the workers themselves.
			if a.runner(st.name) == r {
				ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
				defer cancel()
				r.Stop(ctx)
			}
			return nil
		})
	}
	return nil
}
