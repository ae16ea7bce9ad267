package canary

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"weir/internal/control/watching"
	"weir/internal/fault"
	"weir/internal/watchdog"
)

// Run sends a canary every so often, by one transport after the other, until ctx ends. The first one waits: who has just
// started has other things to do.
func (c *Canaries) Run(ctx context.Context, every time.Duration, vias ...string) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if by := c.pick(n, vias); by != "" {
			c.once(ctx, by, min(every, time.Minute))
		}
	}
}

// pick returns the transport of the nth canary: of those that are open, or of those that are named.
func (c *Canaries) pick(n int, vias []string) string {
	open := map[string]bool{}
	if c.opts.Ports != nil {
		for _, p := range c.opts.Ports() {
			if len(vias) == 0 || slices.Contains(vias, p.Via) {
				open[p.Via] = true
			}
		}
	}
	list := slices.Sorted(maps.Keys(open))
	if len(list) == 0 {
		return ""
	}
	return list[n%len(list)]
}

// once sends one canary and notes how it fared.
func (c *Canaries) once(ctx context.Context, by string, wait time.Duration) {
	hop, begin := "", c.opts.Now()
	_, err := c.Round(ctx, watching.CanaryRequest{Via: by, Wait: wait}, func(h watching.Hop) error {
		if h.Hop == watching.HopSend {
			from, err := c.send(ctx, h)
			if err != nil {
				return err
			}
			// At once: what the ledger counts before this would be taken for a sign of life.
			c.mu.Lock()
			c.own["syslog/"+from]++
			c.mu.Unlock()
		}
		hop = h.Hop
		return nil
	})
	if ctx.Err() != nil {
		return // it was asked to stop; that is no loss
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.vias[by]
	if v == nil {
		v = &via{}
		c.vias[by] = v
	}
	// Times are those of the last one, whatever became of it: a status is of now.
	v.sent, v.hop = begin, hop
	if err == nil {
		v.answered, v.lost = c.opts.Now(), 0
		return
	}
	v.lost++
	if _, ok := errors.AsType[*fault.Error](err); !ok && hop == "" {
		v.hop = "not sent: " + fault.Innermost(err)
	}
	c.opts.Log.Warn("a canary did not come out", "component", "canary", "via", by, "hop", v.hop, "err", err)
}

// send sends a line by the transport of its hop.
func (c *Canaries) send(ctx context.Context, h watching.Hop) (from string, err error) {
	if c.opts.Send != nil {
		return c.opts.Send(ctx, h.Via, h.To, h.Line)
	}
	at, err := Send(ctx, h.Via, h.To, h.Line)
	return at.String(), err
}

// Own returns how many records Run has sent, by the source as which the ledger counts them.
func (c *Canaries) Own() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.own)
}

// Status returns how the canaries of Run fare, by transport, for the watchdog.
func (c *Canaries) Status() []watchdog.Canary {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []watchdog.Canary
	for _, name := range slices.Sorted(maps.Keys(c.vias)) {
		v := c.vias[name]
		out = append(out, watchdog.Canary{Via: name, Sent: v.sent, Answered: v.answered, Lost: v.lost, Hop: v.hop, Forged: c.forged})
	}
	return out
}
