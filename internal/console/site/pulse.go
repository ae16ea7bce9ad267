package site

import (
	"context"
	"sync"
	"time"

	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/control/watching"
)

// Pulse is how the weir does, for the head of each page.
type Pulse struct {
	Status  control.Status
	Alerts  int  // that nobody has closed
	Missing int  // sources that are not heard
	Unequal int  // sources whose counts do not add up
	OK      bool // it could be asked
}

// pulse keeps the last one for a moment: ten people with ten pages open ask once.
type pulse struct {
	mu   sync.Mutex
	at   time.Time
	last Pulse
}

// How long a pulse is good, and how long it may take to feel it.
const (
	pulseLife = 3 * time.Second
	pulseWait = 2 * time.Second
)

// Pulse tells how the weir does. It is weir's own look at itself, not one of somebody, and so is recorded for nobody.
// Pages that come at once wait for the first of them.
func (s *Site) Pulse() Pulse {
	p := &s.pulse
	p.mu.Lock()
	defer p.mu.Unlock()
	now := s.Now()
	if !p.at.IsZero() && now.Sub(p.at) < pulseLife && now.Sub(p.at) >= 0 {
		return p.last
	}
	b := s.Ask()
	if b == nil {
		return Pulse{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), pulseWait)
	defer cancel()
	st, err := b.Status(ctx)
	next := Pulse{Status: st, OK: err == nil}
	if rows, err := b.Alerts(ctx, alerting.Request{Live: true}); err == nil {
		next.Alerts = len(rows)
	}
	if w, ok := s.Backend.(watching.Watcher); ok {
		if list, err := w.Sources(ctx, watching.SourcesRequest{Missing: true}); err == nil {
			next.Missing = len(list.Rows)
		}
	}
	if l, err := b.Ledger(ctx, control.LedgerRequest{}); err == nil {
		for _, row := range l.Rows {
			if row.Difference != 0 {
				next.Unequal++
			}
		}
	}
	p.at, p.last = now, next
	return next
}

// PulsePart writes the pulse alone.
func (v *View) PulsePart() {
	v.html(200)
	v.run("pulse", page{Head{Lang: v.Lang, Pulse: v.Pulse()}, nil})
}
