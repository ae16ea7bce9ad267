package canary

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/control/watching"
)

// follower follows one canary. follow runs on a goroutine of its own, which Round waits for; all else on Round's.
type follower struct {
	c      *Canaries
	id     string
	each   func(watching.Hop) error
	stored chan []byte // the document, once
	seen   bool        // it is stored
}

// follow waits for the event to be stored.
func (f *follower) follow(ctx context.Context) {
	query := `event.dataset: "` + Dataset + `" and ` + idField + `: "` + f.id + `"`
	err := f.c.opts.Follow(ctx, query, func(doc []byte) error {
		select {
		case f.stored <- bytes.Clone(doc):
		default: // it was sent again; the first one counts
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		f.c.opts.Log.Warn("following a canary", "component", "canary", "err", err)
	}
}

// storedWithin is how long after its alert an event is waited for: the alert is what counts.
const storedWithin = 3 * time.Second

// wait waits until the alert has come and the event is stored, or until ctx ends. No alert and no error: it did not come.
func (f *follower) wait(ctx context.Context) (found *alert.Alert, err error) {
	begin := f.c.opts.Now()
	late := make(<-chan time.Time) // never, until the alert is there
	poll := time.NewTicker(pollSoon)
	defer poll.Stop()
	for begun := time.Now(); ; {
		select {
		case doc := <-f.stored:
			if err := f.hops(doc); err != nil {
				return nil, err
			}
		case <-poll.C:
			// Asked often at first, since a pipeline without load answers at once, and less when it does not.
			if time.Since(begun) > time.Second {
				poll.Reset(pollLater)
			}
			if found == nil {
				if found, err = f.ask(ctx, begin); err != nil {
					return nil, err
				}
				if found != nil {
					late = time.After(storedWithin)
				}
			}
		case <-late:
			return found, nil
		case <-ctx.Done():
			return found, nil
		}
		if found != nil && (f.c.opts.Follow == nil || f.seen) {
			return found, nil
		}
	}
}

// hops says what the stored event tells of its way.
func (f *follower) hops(doc []byte) error {
	var e event.Event
	if err := e.Decode(doc); err != nil {
		// Its alert may come all the same, and that is what was asked for.
		f.c.opts.Log.Warn("reading a stored canary", "component", "canary", "err", err)
		return nil
	}
	for _, h := range []watching.Hop{
		{Hop: watching.HopReceived, At: e.Get(event.EventCreated).Time(), Text: e.Str(event.WeirInput) + " from " + e.Str(event.LogSourceAddress)},
		{Hop: watching.HopNormalised, At: e.Get(event.EventIngested).Time(), Text: "event " + e.Str(event.EventID)},
		{Hop: watching.HopStored, At: f.c.opts.Now(), Text: "class " + e.Str(event.WeirClass)},
	} {
		if err := f.each(h); err != nil {
			return err
		}
	}
	f.seen = true
	return nil
}

// ask looks whether the alert is there, and says so.
func (f *follower) ask(ctx context.Context, begin time.Time) (*alert.Alert, error) {
	// By event time: the alert may have begun with a canary a second before, and clocks of hosts differ a little.
	since := begin.Add(-keepFor)
	if since.Before(f.c.start) {
		since = f.c.start
	}
	list, err := f.c.opts.Alerts(ctx, since)
	if err != nil {
		if ctx.Err() == nil {
			f.c.opts.Log.Warn("looking for the alert of a canary", "component", "canary", "err", err)
		}
		return nil, nil
	}
	a := f.c.take(list, f.id)
	if a == nil {
		return nil, nil
	}
	now := f.c.opts.Now()
	if err := f.each(watching.Hop{Hop: watching.HopAlert, At: now, Text: "alert " + a.ID + " of rule " + a.Rule}); err != nil {
		return nil, err
	}
	return a, f.each(watching.Hop{Hop: watching.HopNotify, At: now, Text: f.c.decision(a)})
}

// decisionLevel is that of the alert whose way is shown: those of a canary's own level mostly go to nobody.
const decisionLevel = "high"

// decision says whom an alert like this one would be told to, were it of a high level and none of a canary.
func (c *Canaries) decision(a *alert.Alert) string {
	if c.opts.Route == nil {
		return "nobody is told of alerts by this process; canaries are not sent"
	}
	plain := *a
	plain.Canary, plain.Level, plain.Labels = false, decisionLevel, maps.Clone(a.Labels)
	delete(plain.Labels, label)
	to := "nobody"
	if list := c.opts.Route(&plain); len(list) > 0 {
		to = strings.Join(list, ", ")
	}
	return "at level " + decisionLevel + " it would go to: " + to + "; canaries are not sent"
}
