package app

import (
	"context"
	"time"

	"weir/internal/app/metrics"
	"weir/internal/ledger"
)

const (
	// settleTries is how many balances, settleApart from each other, a difference must be in to count. Each asks every
	// process, so there are few of them.
	settleTries = 3
	settleApart = time.Second
	// settleWithin bounds one reading: without Kafka none comes about.
	settleWithin = 30 * time.Second
)

// settleLoop reads the ledger every interval until ctx ends, and keeps the result for who scrapes. One that could not be
// read leaves the one before, whose age is a metric too.
func (a *App) settleLoop(ctx context.Context) {
	tick := time.NewTicker(time.Duration(a.cfg.Ledger.Interval))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l, err := a.settle(ctx); err == nil {
			a.settled.Store(&l)
		} else if ctx.Err() == nil {
			a.log.Debug("reading the ledger", "component", "ledger", "err", err)
		}
	}
}

// settle makes balances until one is well, or they are enough to tell a difference from a matter of timing.
func (a *App) settle(ctx context.Context) (metrics.Ledger, error) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	var tries []ledger.Balance
	for {
		b, err := a.balance(ctx)
		if err != nil {
			return metrics.Ledger{}, err
		}
		a.unclean.Store(&b.Unclean)
		if tries = append(tries, b); b.OK || len(tries) == settleTries {
			return metrics.Settle(tries), nil
		}
		select {
		case <-ctx.Done():
			return metrics.Ledger{}, ctx.Err()
		case <-time.After(settleApart):
		}
	}
}
