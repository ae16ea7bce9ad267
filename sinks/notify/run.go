package notify

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"weir/sinks/notify/settings"
)

// poll is how often the file is looked at and clocks are compared: windows and hours begin and end by the minute.
const poll = 2 * time.Second

// cleanEvery is how often what is long over is forgotten.
const cleanEvery = time.Hour

// Run tells people until ctx ends. It returns when everything that it started has ended; what was not sent is in the store.
func (n *Notifier) Run(ctx context.Context) error {
	n.mu.Lock()
	n.senders = map[string]*sender{}
	n.mu.Unlock()
	defer n.stopSenders()
	n.startSenders(ctx, nil)
	// What is long over is forgotten beside the rounds: much of it takes minutes, and nobody is to be told later for it. A
	// round comes before it, so that what waited while nothing ran is told before it is old. The first one forgets too: who
	// is started every morning would never do it.
	var cleaning sync.WaitGroup
	defer cleaning.Wait()
	var busy atomic.Bool
	var cleaned time.Time
	var said, unread complaint
	for ctx.Err() == nil {
		n.reload(ctx, &unread)
		err := errors.Join(n.flush(ctx), n.summaries(ctx), n.expired(ctx), n.raise(ctx))
		if now := n.opts.Now(); err == nil && now.Sub(cleaned) > cleanEvery && busy.CompareAndSwap(false, true) {
			cleaned = now
			cleaning.Go(func() {
				defer busy.Store(false)
				if err := n.clean(ctx, now); err != nil && ctx.Err() == nil {
					n.log.Warn("what is long over is not forgotten yet; it is tried again", "err", err)
				}
			})
		}
		if err != nil && ctx.Err() == nil && said.news(n.opts.Now(), err) {
			n.log.Error("what is to be told cannot be worked out; it is tried again", "err", err)
		}
		n.sleep(ctx, err != nil)
	}
	return nil
}

// complaint says the same error once a minute.
type complaint struct {
	text string
	at   time.Time
}

// news tells whether an error is to be said: another one than before, or again after a minute.
func (c *complaint) news(now time.Time, err error) bool {
	if err.Error() == c.text && now.Sub(c.at) < time.Minute {
		return false
	}
	c.text, c.at = err.Error(), now
	return true
}

// sleep waits until something is due, somebody wakes us, or it is time to look at the file. After a failure it does not
// matter what is due.
func (n *Notifier) sleep(ctx context.Context, failed bool) {
	// At least a millisecond: what is due and could not be done yet must not keep a processor busy.
	wait := poll
	if due, err := n.store.NextDue(ctx); err == nil && !failed && !due.IsZero() {
		wait = min(wait, max(due.Sub(n.opts.Now()), time.Millisecond))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-n.kick:
	case <-timer.C:
	}
}

// reload reads the file if it changed, and says what is wrong with it. Channels that are gone are closed when their senders have ended.
func (n *Notifier) reload(ctx context.Context, unread *complaint) {
	before := n.current()
	gone, err := n.read()
	if err != nil {
		if unread.news(n.opts.Now(), err) {
			n.log.Error("notify.yaml was not taken: what was in use goes on", "err", err)
		}
		return
	}
	// The same file again, or one with mistakes, changes no sender.
	if n.current() != before {
		n.startSenders(ctx, gone)
	}
}

// startSenders ends the senders of channels that are gone, closes those, and starts senders for channels that have none.
func (n *Notifier) startSenders(ctx context.Context, gone []*settings.Channel) {
	file := n.current()
	n.mu.Lock()
	// A channel whose settings are the same kept its open connection; its sender goes on. One whose limit changed has another.
	var old []*sender
	for name, s := range n.senders {
		if file == nil || file.Channels[name] == nil || file.Channels[name].Channel != s.ch.Channel || file.Channels[name].Limit != s.ch.Limit {
			old = append(old, s)
			delete(n.senders, name)
		}
	}
	n.mu.Unlock()
	// Waited for outside of the lock: a sender looks at the file while it ends.
	for _, s := range old {
		s.stop()
		<-s.done
	}
	for _, c := range gone {
		if err := c.Channel.Close(); err != nil {
			n.log.Warn("closing a channel", "channel", c.Name, "err", err)
		}
	}
	if file == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, c := range file.Channels {
		if n.senders[name] != nil {
			continue
		}
		s := n.newSender(c)
		n.senders[name] = s
		var run context.Context
		run, s.stop = context.WithCancel(ctx)
		go s.run(run) // ends with run; startSenders or stopSenders waits for it
	}
}

// stopSenders ends all senders and waits for them. All are told first, so that the slowest decides and not the sum.
func (n *Notifier) stopSenders() {
	n.mu.Lock()
	list := n.senders
	n.senders = nil
	n.mu.Unlock()
	for _, s := range list {
		s.stop()
	}
	for _, s := range list {
		<-s.done
	}
}

// wakeSenders has every sender look at its queue. One that is busy looks when it is done.
func (n *Notifier) wakeSenders() {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for _, s := range n.senders {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}
