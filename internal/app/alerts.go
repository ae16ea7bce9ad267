package app

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"weir/internal/app/answer"
	"weir/internal/app/raising"
	"weir/internal/bus"
	"weir/internal/pipeline"
	"weir/sinks/alerts"
	"weir/sinks/alerts/risk"
)

// alertOptions are those of the alert store of a weir that runs.
func (a *App) alertOptions() alerts.Options {
	r := &a.cfg.Alerts.Risk
	return alerts.Options{Log: a.log, Keep: time.Duration(a.cfg.Alerts.Keep), Risk: &risk.Config{
		HalfLife: time.Duration(r.HalfLife), Threshold: float64(r.Threshold), Rules: r.Rules, Weights: r.Weights.ByLevel(),
	}}
}

// openAlerts counts alerts that nobody has looked at. It is one number of a status, which must come even while the store is
// busy, so it gives up soon.
func (a *App) openAlerts() (n int64) {
	st, _ := a.alertStats()
	for _, k := range st.Open {
		n += k
	}
	return n
}

// alertStats are the numbers of the alert store, if they come soon.
func (a *App) alertStats() (st alerts.Stats, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if a.alerts == nil {
		return st, false
	}
	st, err := a.alerts.Stats(ctx)
	if err != nil {
		a.log.Debug("counting alerts", "component", "alerts", "err", err)
	}
	return st, err == nil
}

// alertsStage upserts alerts by their id, so a copy changes nothing and no offset of its own is needed, but where the store
// was lost and is made anew: then all that Kafka still has is read, alerts and decisions.
func (a *App) alertsStage() (makeWorker, ownOffset) {
	newWorker := func(_ context.Context, topic string, _ int32, _ int64) (pipeline.Worker, error) {
		if topic == a.bus.Topic(bus.Changes) {
			return &alerts.ChangeWorker{Store: a.alerts, Log: a.log}, nil
		}
		return &alerts.Worker{Store: a.alerts, OnNew: a.newAlert, Log: a.log}, nil
	}
	return newWorker, a.alerts.StartOffset
}

// newAlert tells who sits at the terminal or reads the log. It is called by a worker after its transaction was committed, and only for
// an alert that was not there before: revisions of it are no news. What lists leave out is no news either, nor is the past.
func (a *App) newAlert(r alerts.Row) {
	if r.Canary || r.SuppressedBy != "" || r.Historic {
		return
	}
	row := answer.AlertRow(&r)
	a.opts.Notify(Notice{Time: time.Now(), Kind: "alert", Alert: &row})
}

// startDecisions begins to send what was decided about alerts, once there is a producer and before the stages run. A store
// that is new is told first what is to be read back.
func (a *App) startDecisions(ctx context.Context) error {
	if a.alerts == nil {
		return nil
	}
	anew, err := a.alerts.New(ctx)
	if err != nil {
		return fmt.Errorf("opening the alert store: %w", err)
	}
	if anew {
		if err := a.readBack(ctx); err != nil {
			return err
		}
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.alerts.Deliver(run, a.sendDecision) })
	wg.Go(func() { a.alerts.Forget(run) })
	a.stack.Add("decisions", func(ctx context.Context) error {
		a.alerts.Sent(ctx) // what is left is sent by the next start
		cancel()
		wg.Wait()
		return nil
	})
	return nil
}

// readBack tells a new store where what Kafka has of before ends.
func (a *App) readBack(ctx context.Context) error {
	starts, err := a.bus.Starts(ctx, bus.Alerts, bus.Changes)
	if err != nil {
		return err
	}
	ends, err := a.bus.Ends(ctx, bus.Alerts, bus.Changes)
	if err != nil {
		return err
	}
	for topic, partitions := range ends {
		maps.DeleteFunc(partitions, func(p int32, end int64) bool { return end <= starts[topic][p] })
	}
	return a.alerts.Rebuild(ctx, ends)
}

// sendDecision puts one message of the alert store on Kafka and returns when it is there.
func (a *App) sendDecision(ctx context.Context, m *alerts.Message) error {
	if m.Alert != nil {
		return a.raiser.Again(ctx, m.Alert)
	}
	return raising.Decision(ctx, a.producer, a.bus.Topic(bus.Changes), m.Store, m.Seq, m.Change)
}
