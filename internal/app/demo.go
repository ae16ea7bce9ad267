package app

import (
	"context"
	"time"

	"weir/ingest/syslog"
	"weir/internal/app/answer"
	"weir/internal/control"
	"weir/internal/demo"
)

// demoQuery is worth typing after the demo: its attacker, whose address nobody else of the demo uses.
const demoQuery = "source.ip: 203.0.113.5"

// playDemo plays the sample minute to the syslog listener, as devices would send it, and says what came of it. It is one of
// the inputs: it ends with them, and nothing waits for it to be over.
func (a *App) playDemo(ctx context.Context) {
	addr := ""
	for _, l := range a.listening() {
		if l.Input == syslog.Input && l.Proto == "tcp" {
			addr = l.Address
		}
	}
	_, err := demo.Play(ctx, demo.Options{Addr: addr, Seed: 1})
	if err != nil {
		if ctx.Err() == nil {
			a.log.Error("playing the sample logs", "component", "demo", "err", err)
		}
		return
	}
	// The person waits for the answer, so not for ever: after ten seconds it says what it knows.
	for tries := 0; tries < 100 && ctx.Err() == nil; tries++ {
		if n, err := a.waiting(ctx); err == nil && n == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	a.opts.Notify(Notice{Time: time.Now(), Kind: "demo-done", Demo: a.demoTotals(ctx)})
}

// demoTotals takes its numbers from the ledger, not from the player: what is shown is what arrived. The alert that is
// named is the one of the attack that the demo tells of, where it is among them.
func (a *App) demoTotals(ctx context.Context) *Totals {
	t := &Totals{Query: demoQuery}
	b, err := a.settledBalance(ctx)
	if err != nil {
		a.log.Warn("balancing the ledger after the demo", "component", "demo", "err", err)
	}
	t.Balanced = err == nil && b.OK
	t.add(b.Rows, 1)
	t.add(a.base.Rows, -1)
	rows, err := answer.Alerts(ctx, a.alerts, control.AlertsRequest{})
	if err == nil {
		t.Alerts = int64(len(rows))
		for _, r := range rows {
			if r.Rule == "ssh-brute-force" || t.AlertID == "" {
				t.AlertID = r.Short
			}
			if r.Rule == "ssh-brute-force" {
				break
			}
		}
	}
	return t
}
