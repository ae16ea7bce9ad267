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
	name   string // stage = group = metric label
	topics []string
	make   func(*App) (makeWorker, ownOffset)
}

// stages is the one table of stages, in the order of the data: each is stopped after it has taken what the one before
// it wrote. They are started in the opposite order.
var stages = []stageRow{
	{"normalise", bus.RawTopics(), (*App).normaliseStage},
	{"correlate", []string{bus.Signals}, (*App).correlateStage},
	{"alerts", []string{bus.Alerts}, (*App).alertsStage},
	{"archive", []string{bus.Events, bus.Alerts, bus.DeadLetters}, (*App).archiveStage},
	{"ledger", []string{bus.LedgerTopic}, (*App).ledgerStage},
}

// archiveRow is the archive's row in the table.
const archiveRow = 3

// startStages starts the runners, last stage first.
func (a *App) startStages() error {
	for _, st := range slices.Backward(stages) {
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
		a.stack.add("stage "+st.name, func(ctx context.Context) error {
			if a.runner(st.name) == r { // else it was stopped in order
				ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
				defer cancel()
				r.Stop(ctx)
			}
			return nil
		})
	}
	return nil
}
