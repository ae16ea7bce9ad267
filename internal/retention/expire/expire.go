// Package expire carries the retention policy out: it notes the policy in the archive, takes orders to hold events and ends them,
// and lets segments go whose time is over and that nothing keeps.
//
// Nothing goes by a policy that the archive does not name, nothing while the clock is far from where it was, nothing that a hold
// may want, and nothing of a class that nobody knows. What goes is said in the manifest before its file is gone.
package expire

import (
	"context"
	"fmt"
	"log/slog"
	"os/user"
	"sync"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/control/question"
	"weir/internal/retention"
	"weir/internal/retention/plan"
	"weir/internal/retention/policy"
)

// Archive is what is asked of an archive. *archive.Archive is one.
type Archive interface {
	Segments() []archive.SegmentInfo
	Actions() []archive.ActionInfo
	Act(ctx context.Context, actions []manifest.Action) (uint64, error)
	PutFile(ctx context.Context, path string, b []byte) error
	Expire(ctx context.Context, by string, list []manifest.Expiry) error
	Search(ctx context.Context, req search.Request, emit search.Emit) (*search.Summary, error)
}

const (
	// every is how often it is looked whether something is due.
	every = time.Hour
	// settle is for how long a segment stays after it was published, however old its events are.
	settle = 7 * 24 * time.Hour
	// batch is how many segments go with one record of the manifest.
	batch = 500
	// weir is who expires.
	weir = "weir"
	// Words of the audit trail.
	actHold    = "archive-hold"
	actRelease = "archive-release"
)

// Options is what a Runner needs.
type Options struct {
	Archive Archive
	Policy  *policy.Store
	// Clock is the file that remembers how late it was; in the data folder.
	Clock string
	// Enforce is retention.enforce: false only plans.
	Enforce bool
	// Settle is for how long what came in stays, however old its events are; 0: seven days, below 0: not at all.
	Settle time.Duration
	Every  time.Duration // 0: an hour
	Now    func() time.Time
	// Tell is called with what was done, for the audit trail; nil: nobody is told. It must not block for long.
	Tell func(Note)
	// Copies and Verified are asked for reports; nil: nothing is known.
	Copies   func() []retention.CopyFacts
	Verified func() retention.VerifyFacts
	Log      *slog.Logger
}

// Note is something that was done, as the audit trail says it.
type Note struct {
	Action   string // archive-hold, archive-release, archive-expire, retention-policy, retention-clock
	By       string
	Query    string // of a hold
	Message  string
	Segments int
	Events   int64
}

// Runner is the one who expires. Its methods may be called from any goroutine.
type Runner struct {
	opts Options
	log  *slog.Logger
	kick chan struct{}

	// work is held by whoever expires, places or releases: a hold that was placed is there before the next segment goes.
	work  sync.Mutex
	clock clock

	mu      sync.Mutex // of what follows
	lastRun time.Time
	refused retention.Why
	detail  string
	said    string // what was logged last, so that it is said once and not each hour
	answers map[answerKey]bool
}

// The state of a runner is in the archive: holds, policies and what went are lines of its manifest. Beside it there is only how
// late it was, which the archive cannot say, because a wrong clock would have written its lines too.

// New returns a runner. It reads how late it was the last time and does nothing else.
func New(o Options) (*Runner, error) {
	if o.Every == 0 {
		o.Every = every
	}
	if o.Settle == 0 {
		o.Settle = settle
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Tell == nil {
		o.Tell = func(Note) {}
	}
	r := &Runner{opts: o, log: o.Log, kick: make(chan struct{}, 1)}
	var err error
	if r.clock, err = openClock(o.Clock, newest(o.Archive.Segments(), o.Archive.Actions()), o.Now()); err != nil {
		return nil, err
	}
	o.Policy.Watch(func(*policy.Policy) { r.Kick() })
	return r, nil
}

// Kick makes Run look at once.
func (r *Runner) Kick() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// Run expires what is due, now and every hour, until ctx ends. What goes wrong is logged and tried again.
func (r *Runner) Run(ctx context.Context) error {
	t := time.NewTicker(r.opts.Every)
	defer t.Stop()
	for {
		// An error ends no run for good: a full disk passes, and what is due is due in an hour too.
		if _, err := r.Once(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("expiring what is due", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-r.kick:
		}
	}
}

// Result is what one run did.
type Result struct {
	Expired int   // segments
	Events  int64 // in them
	Refused retention.Why
	Detail  string
}

// Once notes the policy if it is another one, and lets go what is due.
func (r *Runner) Once(ctx context.Context) (Result, error) {
	r.work.Lock()
	defer r.work.Unlock()
	now := r.opts.Now()
	p := r.opts.Policy.Current()
	res := Result{}
	err := r.note(ctx, p)
	// The first that holds everything up is said: without a noted policy it does not matter what the clock shows.
	switch detail, ok := r.clock.check(now); {
	case err != nil:
		res.Refused, res.Detail = retention.Unstated, err.Error()
	case !ok:
		res.Refused, res.Detail = retention.Unsafe, detail
	case !r.opts.Enforce:
		res.Refused = retention.Off
	}
	if res.Refused == "" {
		err = r.expire(ctx, p, now, &res)
	}
	if res.Refused != retention.Unsafe {
		if e := r.clock.set(now); e != nil && err == nil {
			err = e
		}
	}
	r.finish(now, res)
	return res, err
}

// finish keeps what a run came to, and says once why nothing goes.
func (r *Runner) finish(now time.Time, res Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastRun, r.refused, r.detail = now, res.Refused, res.Detail
	say := string(res.Refused) + res.Detail
	if res.Refused != "" && res.Refused != retention.Off && say != r.said {
		r.log.Error("nothing is deleted", "why", string(res.Refused), "err", res.Detail, "do", "weir archive policy")
	}
	r.said = say
}

// expire lets go what is due. work is held.
func (r *Runner) expire(ctx context.Context, p *policy.Policy, now time.Time, res *Result) error {
	var list []manifest.Expiry
	// A batch is one record of the manifest: its line is synced before a file goes, and a crash between the two is mended when the
	// archive is opened.
	flush := func() error {
		if len(list) == 0 {
			return nil
		}
		if err := r.opts.Archive.Expire(ctx, weir, list); err != nil {
			return fmt.Errorf("letting segments go: %w", err)
		}
		var events int64
		for _, x := range list {
			events += int64(x.Rows)
		}
		res.Expired, res.Events = res.Expired+len(list), res.Events+events
		r.log.Info("segments expired", "segments", len(list), "events", events)
		r.opts.Tell(Note{Action: "archive-expire", By: weir, Segments: len(list), Events: events,
			Message: fmt.Sprintf("%d segments with %d events went: their classes keep them no longer (policy %.12s)", len(list), events, p.Version())})
		list = list[:0]
		return nil
	}
	for _, v := range plan.Make(r.input(ctx, p, now)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if v.Why != retention.Due {
			continue
		}
		// The archive refuses an expiry that does not name the segment as the manifest has it.
		s := v.Segment
		list = append(list, manifest.Expiry{Path: s.Path, SHA256: s.SHA256, Class: s.Class, Day: s.Day, Rows: s.Rows, Policy: p.Version(),
			Due: v.Due.In(p.Zone()).Format(time.DateOnly)})
		if len(list) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// input is what a plan is made of now.
func (r *Runner) input(ctx context.Context, p *policy.Policy, now time.Time) plan.Input {
	return plan.Input{Now: now, Policy: p, Segments: r.opts.Archive.Segments(), Holds: plan.Holds(r.opts.Archive.Actions()), Settle: r.opts.Settle, Finds: r.finder(ctx, p.Zone())}
}

// note writes the policy into the archive if the one that was noted last is another. work is held.
func (r *Runner) note(ctx context.Context, p *policy.Policy) error {
	before := noted(r.opts.Archive.Actions())
	if before == p.Version() {
		return nil
	}
	// The text first: an action never names a file that is not there.
	text := p.Text()
	file := manifest.File{ID: p.Version(), Path: "policy/" + p.Version() + ".yaml", SHA256: p.Version(), Bytes: int64(len(text)),
		Note: fmt.Sprintf("%d classes, %d systems, zone %s", len(p.Names()), len(p.Systems()), p.Zone())}
	if err := r.opts.Archive.PutFile(ctx, file.Path, text); err != nil {
		return fmt.Errorf("keeping the policy: %w", err)
	}
	a, err := manifest.NewAction(manifest.KindPolicy, weir, r.opts.Now(), file)
	if err != nil {
		return err
	}
	if _, err := r.opts.Archive.Act(ctx, []manifest.Action{a}); err != nil {
		return fmt.Errorf("noting the policy: %w", err)
	}
	r.log.Info("the retention policy is noted in the archive", "version", p.Version())
	if before == "" { // the first one of an archive changes nothing
		return nil
	}
	r.opts.Tell(Note{Action: "retention-policy", By: weir, Message: "the retention policy " + p.Version() + " is in force: " + file.Note})
	return nil
}

// who is on whose behalf something is done.
func who(ctx context.Context) string {
	if name := question.Who(ctx); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return weir
}
