package app

import (
	"context"
	"time"
)

// relieveEvery is how often the archive's topics are looked at.
const relieveEvery = 500 * time.Millisecond

// relieve seals the open epoch early while the log of a topic that the archive reads runs full, until ctx ends. What
// the archive has read stays in the log until it is sealed, so an epoch that waits for more rows than the log can hold
// would wait for rows whose senders wait for it.
func (a *App) relieve(ctx context.Context) {
	tick := time.NewTicker(relieveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !a.bus.Pressed(stages[archiveRow].topics...) {
			continue
		}
		if err := a.archive.Seal(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("sealing early because the log runs full", "component", "archive", "err", err)
		}
	}
}
