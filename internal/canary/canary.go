// Package canary sends marked lines through the front door and follows each until its alert comes out.
//
// A canary is an ordinary syslog line of the program weir-canary with a random id. It is received, parsed, stored and
// matched like any other; the rule weir-canary raises an alert for it, which reaches no person and no report. Only ids that
// this process has given out, and that were not answered yet, count as answered: a line that somebody forges, or sends
// again, is an event like any other and is counted as forged.
package canary

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/control/watching"
	"weir/internal/fault"
)

// Port is one listener of the front door.
type Port struct {
	Via     string // UDP, TCP, TLS or RELP
	Address string // as it listens
}

// Options is what canaries need of the process around them. Functions may be called from several goroutines at once: a person
// and Run may have a canary under way at the same time.
type Options struct {
	Log *slog.Logger
	Now func() time.Time
	// Host is the name of this machine.
	Host string
	// Ports are those of the front door; none: the caller names one.
	Ports func() []Port
	// Follow calls each for every event that is stored and that a query (KQL) holds for, until ctx ends. Nil: the archive is
	// in another process.
	Follow func(ctx context.Context, query string, each func(doc []byte) error) error
	// Alerts returns the alerts of the rule weir-canary since a time, with their evidence.
	Alerts func(ctx context.Context, since time.Time) ([]alert.Alert, error)
	// Route says whom an alert of that kind would be told to; nil: nobody is told of anything.
	Route func(a *alert.Alert) []string
	// Send is Send, but in tests.
	Send func(ctx context.Context, via, to string, line []byte) (from string, err error)
}

// Canaries makes canaries and knows them again. All methods may be called by many goroutines.
type Canaries struct {
	opts  Options
	start time.Time // what came before is not looked at

	mu     sync.Mutex
	given  map[string]time.Time // ids that were given out and not answered, and when
	seen   map[string]int       // hits of alerts that were looked at, by the alert's id
	primed bool                 // what was there before the first canary is in seen
	own    map[string]int64     // records sent by Run, by source
	forged int64
	vias   map[string]*via
}

// via is how the canaries of Run fare by one transport. Each has its own count of losses, so that a UDP listener which lost
// its port is not well again each time that TCP works.
type via struct {
	sent, answered time.Time
	lost           int
	hop            string
}

// New makes canaries.
func New(o Options) *Canaries {
	return &Canaries{opts: o, given: map[string]time.Time{}, seen: map[string]int{}, own: map[string]int64{}, vias: map[string]*via{}, start: o.Now()}
}

const (
	waitDefault = 30 * time.Second
	waitMost    = 10 * time.Minute
	pollSoon    = 50 * time.Millisecond // in the first second
	pollLater   = 250 * time.Millisecond
	// keepFor is how long an id counts: an alert that comes later answers nobody.
	keepFor = time.Hour
)

// Round sends one canary and follows it. each is called from this goroutine; for HopSend it, and not Round, sends the line,
// so that who asks can do it. The error is a fault with the code canary-lost if no alert came, and canary-door if there is
// nowhere to send to.
func (c *Canaries) Round(ctx context.Context, r watching.CanaryRequest, each func(watching.Hop) error) (watching.CanaryResult, error) {
	to, err := c.door(r)
	if err != nil {
		return watching.CanaryResult{}, err
	}
	wait := r.Wait
	if wait <= 0 {
		wait = waitDefault
	}
	c.count(ctx)
	id, begin := rand.Text(), c.opts.Now()
	c.give(id, begin)
	run, cancel := context.WithTimeout(ctx, min(wait, waitMost))
	f := &follower{c: c, id: id, each: each, stored: make(chan []byte, 1)}
	var following sync.WaitGroup
	if c.opts.Follow != nil {
		following.Go(func() { f.follow(run) })
	}
	// Called before the wait: nothing of this round outlives it.
	defer following.Wait()
	defer cancel()
	if err := each(watching.Hop{Hop: watching.HopSend, At: begin, ID: id, Via: to.Via, To: to.Address, Line: Line(id, c.opts.Host, begin)}); err != nil {
		return watching.CanaryResult{ID: id}, err
	}
	// From here on the line is under way, and nobody but the pipeline can say what becomes of it.
	a, err := f.wait(run)
	result := watching.CanaryResult{ID: id, TookMS: c.opts.Now().Sub(begin).Milliseconds(), Forged: c.Forged()}
	switch {
	case err != nil:
		return result, err
	case ctx.Err() != nil:
		return result, ctx.Err()
	case a == nil:
		return result, lost(to, f.seen, wait)
	}
	result.Alert = a.ID
	return result, nil
}

// lost is the fault of a canary that did not come out.
func lost(to Port, stored bool, wait time.Duration) error {
	why := "nothing was seen of it: the front door did not take it, a filter (drop_if) or a limit stopped it, or a stage before the archive stands still"
	if stored {
		why = "it is stored, and its alert did not come: the rule weir-canary does not run, or correlation stands still"
	}
	return &fault.Error{Code: "canary-lost", What: fmt.Sprintf("the canary did not come out within %s", wait), Where: to.Via + " " + to.Address, Why: why,
		Do: "weir topics list shows which stage is behind; weir rules show weir-canary", Exit: fault.ExitFound}
}

// door is where a canary goes.
func (c *Canaries) door(r watching.CanaryRequest) (Port, error) {
	order := []string{UDP, TCP, RELP, TLS}
	if r.Via != "" && !slices.Contains(order, r.Via) {
		return Port{}, &fault.Error{Code: "usage", What: "--via " + r.Via + " is not known", Do: "one of udp, tcp, tls, relp", Exit: fault.ExitUsage}
	}
	if r.To != "" {
		if r.Via == "" {
			r.Via = UDP
		}
		return Port{r.Via, r.To}, nil
	}
	open := map[string]string{}
	if c.opts.Ports != nil {
		for _, p := range c.opts.Ports() {
			open[p.Via] = Reach(p.Address)
		}
	}
	if r.Via != "" {
		order = []string{r.Via}
	}
	for _, v := range order {
		if open[v] != "" {
			return Port{v, open[v]}, nil
		}
	}
	e := &fault.Error{Code: "canary-door", What: "there is no listener to send a canary to", Why: "this process has none for syslog", Do: "name that of another process: weir canary --to HOST:PORT --via udp", Exit: fault.ExitMissing}
	if len(open) > 0 {
		e.What, e.Why, e.Do = "syslog does not listen by "+r.Via, "", "weir canary --via "+slices.Sorted(maps.Keys(open))[0]
	}
	return Port{}, e
}

// give notes an id, and forgets those that are too old.
func (c *Canaries) give(id string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.given, func(_ string, given time.Time) bool { return at.Sub(given) > keepFor })
	c.given[id] = at
}

// take looks through the alerts of the rule for an id, and counts what nobody has given out. An id is answered once.
func (c *Canaries) take(list []alert.Alert, id string) (found *alert.Alert) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range list {
		a := &list[i]
		if a.Rule != Rule {
			continue
		}
		fresh := a.Count - c.seen[a.ID]
		if fresh <= 0 {
			continue
		}
		c.seen[a.ID] = a.Count
		// Hits of one sender within a second share an alert, so an id may stand behind any of its events.
		for _, e := range a.Evidence {
			got := e.Values[idField]
			if _, ok := c.given[got]; !ok {
				continue
			}
			delete(c.given, got)
			fresh--
			if got == id {
				found = a
			}
		}
		c.forged += int64(max(0, fresh))
	}
	return found
}

// forgedFor is how old a line may say to be and have its own time believed: those of alerts that others caused lie in it.
const forgedFor = 8 * 24 * time.Hour

// count looks through all alerts of canaries for those that nobody here has caused. What was there before the first look is
// of no concern; what is not there any more is forgotten.
func (c *Canaries) count(ctx context.Context) {
	list, err := c.opts.Alerts(ctx, c.opts.Now().Add(-forgedFor))
	if err != nil {
		return // the next canary counts them
	}
	c.mu.Lock()
	known := make(map[string]bool, len(list))
	for i := range list {
		known[list[i].ID] = true
		if !c.primed {
			c.seen[list[i].ID] = list[i].Count
		}
	}
	c.primed = true
	maps.DeleteFunc(c.seen, func(id string, _ int) bool { return !known[id] })
	c.mu.Unlock()
	c.take(list, "")
}

// idField is where the format puts the id of a canary.
var idField = event.TraceID.Path()

// Forged returns how many canary lines were seen, since the first canary, that nobody here has sent, or that came twice.
func (c *Canaries) Forged() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forged
}
