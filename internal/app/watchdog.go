package app

import (
	"context"
	"os"
	"sync"
	"time"

	"weir/internal/app/selfwatch"
	"weir/internal/canary"
	"weir/internal/control/watching"
	"weir/internal/keep"
	"weir/internal/watchdog"
	"weir/internal/watchdog/rhythm"
)

var (
	_ watching.Watcher  = (*live)(nil)
	_ watching.Canarier = (*live)(nil)
)

// startWatchdog begins to watch: this process, and where the ledger is, who is silent. It runs until run ends; wg is that of
// the services. Called when all stages and stores are there.
func (a *App) startWatchdog(run context.Context, wg *sync.WaitGroup) error {
	host, err := os.Hostname()
	if err != nil {
		host = "weir"
	}
	a.makeCanaries(host)
	c := &a.cfg.Watchdog
	if !c.Enabled {
		return nil
	}
	o := watchdog.Options{
		Log: a.log, Now: time.Now, Up: func() time.Duration { return time.Since(a.started) }, Dir: a.folder.Join("watchdog"), Write: keep.WriteFile,
		Raise: a.raiser.Raise, Host: host, Disable: c.Disable, Reading: a.selfReading(),
	}
	if a.counts != nil && c.Silence.Enabled {
		o.Sources = a.watchedSources()
	}
	if a.watchdog, err = watchdog.New(o); err != nil {
		return err
	}
	wg.Go(func() { a.watchdog.Run(run) })
	return nil
}

// selfReading is what this process can tell the watchdog of itself.
func (a *App) selfReading() watchdog.Reading {
	r := watchdog.Reading{
		Stages:       a.stagePositions,
		Disks:        func() []watchdog.Disk { return selfwatch.Disks(&a.cfg, a.folder.Path, a.archive != nil) },
		Certificates: func() []watchdog.Certificate { return selfwatch.Certificates(&a.cfg, a.folder.Path, a.does) },
	}
	if a.does("ingest") {
		r.Kernel, r.Refused = a.book.Kernel, a.book.RefusedBy
	}
	if a.does("normalise") {
		r.Refusals = func() []watchdog.Refusal { return selfwatch.Refusals(a.rules.Rules().Faults) }
		r.RuleTimes = func() map[string]time.Duration { return selfwatch.RuleTimes(a.rules.Load().Counts()) }
	}
	if a.counts != nil {
		r.Differences = func() (map[string]int64, bool) { return selfwatch.Differences(a.settled.Load()) }
		r.Dead = func() (map[string]int64, bool) { return selfwatch.Dead(a.settled.Load()) }
		r.Unclean = func() []watchdog.Unclean { return selfwatch.Unclean(a.unclean.Load()) }
	}
	if a.canaries != nil {
		r.Canaries = a.canaries.Status
	}
	if a.archive != nil {
		r.Concerns = a.concerns
	}
	return r
}

// stagePositions are where the stages of this process are, and where their topics end.
func (a *App) stagePositions(ctx context.Context) (out []watchdog.Position, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, st := range a.running() {
		ends, err := a.bus.Ends(ctx, st.Topics...)
		if err != nil {
			return nil, err
		}
		for topic, ps := range st.Runner.Processed() {
			for p, at := range ps {
				out = append(out, watchdog.Position{Stage: st.Name, Topic: topic, Partition: p, Done: at, End: ends[topic][p]})
			}
		}
	}
	return out, nil
}

// watchedSources says who is to be heard: what the ledger counts, by what the inventory knows.
func (a *App) watchedSources() *watchdog.Sources {
	c, zone := &a.cfg.Watchdog.Silence, a.zone()
	expecting := &selfwatch.Expecting{Inventory: a.enrich.Inventory.Inventory, Archive: a.archive, Now: time.Now}
	s := &watchdog.Sources{
		Heard: func() (time.Time, []rhythm.Heard) { return selfwatch.Heard(a.counts) },
		Device: func(source string) watchdog.Device {
			return selfwatch.Device(a.enrich.Inventory.Inventory(), zone, source)
		},
		Expected: expecting.Devices,
		After:    time.Duration(c.After), Every: time.Duration(a.cfg.Ledger.Interval), QuietDays: c.QuietDays, Max: a.cfg.Ledger.MaxSources,
	}
	if a.canaries != nil {
		s.Own = a.canaries.Own
	}
	return s
}

// makeCanaries makes the canaries of a process that keeps alerts.
func (a *App) makeCanaries(host string) {
	if a.alerts == nil {
		return
	}
	a.canaries = selfwatch.Canaries(host, a.alerts, a.archive, a.notifier, func() []canary.Port { return selfwatch.Ports(&a.cfg, a.listening()) }, a.log)
}

// Sources implements watching.Watcher.
func (l *live) Sources(_ context.Context, r watching.SourcesRequest) (watching.Sources, error) {
	if err := l.a.needs("console", l.a.counts != nil); err != nil {
		return watching.Sources{}, err
	}
	if l.a.watchdog == nil || !l.a.cfg.Watchdog.Silence.Enabled {
		return watching.Sources{}, watchdog.ErrOff()
	}
	return l.a.watchdog.Known(r.Missing), nil
}

// Canary implements watching.Canarier. The line is sent by who asks.
func (l *live) Canary(ctx context.Context, r watching.CanaryRequest, each func(watching.Hop) error) (watching.CanaryResult, error) {
	if err := l.a.needs("console", l.a.canaries != nil); err != nil {
		return watching.CanaryResult{}, err
	}
	return l.a.canaries.Round(ctx, r, each)
}
