package keeping

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/app/build"
	"weir/internal/app/proving"
	"weir/internal/app/reporting"
	"weir/internal/app/reviewing"
	"weir/internal/app/searching"
	"weir/internal/archive"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/archiving"
	"weir/internal/control/notifying"
	"weir/internal/control/question"
	"weir/internal/control/watching"
	"weir/internal/report/schedule"
	"weir/internal/retention/policy"
	"weir/internal/term"
	"weir/internal/watchdog"
	"weir/processors/enrich/users"
	"weir/sinks/alerts"
)

// DeskOptions are what a process, or the files of one that does not run, have for those who ask. Functions may be nil where
// there is nothing behind them.
type DeskOptions struct {
	Log      *slog.Logger
	Config   config.Config
	Data     string
	Archive  func() (*archive.Archive, error)
	Policies *policy.Store
	Users    func() *users.List
	Alerts   func() *alerts.Store
	Ledger   func(ctx context.Context) (control.Ledger, error)
	Heard    func(ctx context.Context) (watching.Sources, error)
	Told     func(ctx context.Context, alert string) ([]notifying.Past, error)
	// Sync waits until the transparency log has what the manifest has.
	Sync func(ctx context.Context) error
	// Teller sends reports over the channels of notify.yaml; nil: nobody is told.
	Teller Teller
	Note   func(ctx context.Context, l auditing.Look)
	// Table is what all of the process is asked by name; the desks add their answers to it.
	Table question.Table
}

// Desks answer the questions about events, evidence, reviews and reports.
type Desks struct {
	reviews  *reviewing.Desk
	proving  *proving.Desk
	schedule *schedule.Runner
	log      *slog.Logger

	mu     sync.Mutex
	failed map[string]error // scheduled reports; mu also guards the file of the last check
}

// NewDesks makes the desks and adds their answers. Run is for a process that goes on; Close for all.
func NewDesks(o DeskOptions) (*Desks, error) {
	d := &Desks{log: o.Log, failed: map[string]error{}}
	zone := build.Zone(o.Config)
	if named, err := time.LoadLocation(build.ZoneName(zone)); err == nil {
		zone = named // reports print its name, and "Local" names no place
	}
	o.Table.Add(searching.Questions(searching.Deps{Archive: o.Archive, Data: o.Data, Note: o.Note}))
	d.proving = proving.New(proving.Deps{Archive: o.Archive, Config: o.Config, Sync: o.Sync, Note: o.Note, Checked: d.checked(o.Data)})
	o.Table.Add(d.proving.Questions())
	d.reviews = reviewing.New(reviewing.Deps{Archive: o.Archive, Data: o.Data, Policy: func() (*policy.Policy, error) { return o.Policies.Current(), nil }, Users: o.Users,
		Ledger: o.Ledger, Note: o.Note, Log: o.Log.With("component", "review")})
	o.Table.Add(reviewing.Questions(d.reviews))
	reports := reporting.New(reporting.Deps{Archive: o.Archive, Alerts: o.Alerts, Ledger: o.Ledger, Heard: o.Heard, Told: o.Told, Ask: o.Table, Data: o.Data, Zone: zone,
		Console: func() string { return o.Config.Notify.URL }, Note: o.Note})
	times := schedule.Options{File: filepath.Join(o.Data, o.Config.Reports.File), State: filepath.Join(o.Data, "reports.state.json"), Zone: zone, Make: reports.Make,
		Trouble: d.trouble, Log: o.Log.With("component", "reports")}
	if t := o.Teller; t != nil {
		times.Channels = t.Mailing
		times.Deliver = func(ctx context.Context, channel, subject, text, lang string, files []schedule.File) error {
			return deliver(ctx, t, channel, subject, text, lang, files)
		}
	}
	var err error
	if d.schedule, err = schedule.New(times); err != nil {
		return nil, fmt.Errorf("reading the schedule of reports: %w", err)
	}
	status := d.schedule.Look
	if o.Teller != nil {
		status = d.schedule.Status
	}
	o.Table.Add(reporting.Questions(reports, status))
	return d, nil
}

// checked notes the result of a check for reports. That it could not be noted takes nothing from the check.
func (d *Desks) checked(data string) func(*archiving.Verified) {
	return func(v *archiving.Verified) {
		d.mu.Lock() // one writer of the file at a time
		defer d.mu.Unlock()
		if err := checksOf(data).set(v); err != nil {
			d.log.Warn("the result of a check of the archive is not noted for reports", "component", "archive", "err", err)
		}
	}
}

// sealEvery is how often reviews are looked for that were signed while nobody could seal them.
const sealEvery = time.Minute

// Run makes reports on their schedule and seals what was signed, until ctx ends. sealing is false in a process without an
// archive.
func (d *Desks) Run(ctx context.Context, sealing bool) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = d.schedule.Run(ctx) }) // it has no error but the end of its context
	if !sealing {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		if n, err := d.reviews.Seal(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("signed reviews are not sealed yet", "component", "review", "err", err)
		} else if n > 0 {
			d.log.Info("sealed signed reviews", "component", "review", "reviews", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close ends a check of the archive that somebody began. The archive is still open.
func (d *Desks) Close() { d.proving.Close() }

// trouble keeps what became of a scheduled report; nil: it works again.
func (d *Desks) trouble(entry string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		delete(d.failed, entry)
		return
	}
	d.failed[entry] = err
}

// Concerns are reviews that nobody has signed in time and reports that were not delivered.
func (d *Desks) Concerns() []watchdog.Concern {
	var out []watchdog.Concern
	rows, err := d.reviews.Overdue()
	if err != nil {
		d.log.Warn("looking for reviews that are overdue", "component", "review", "err", err)
	}
	for _, r := range rows {
		out = append(out, watchdog.Concern{Rule: watchdog.RuleReviewOverdue, Entity: r.Period, EN: fmt.Sprintf("the access review of %s was due on %s", r.Period, r.Due.Format(time.DateOnly)),
			KO: fmt.Sprintf("접속기록 점검 %s의 기한(%s)이 지났습니다", r.Period, r.Due.Format(time.DateOnly))})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for entry, err := range d.failed {
		out = append(out, watchdog.Concern{Rule: watchdog.RuleReportFailed, Entity: entry, EN: fmt.Sprintf("the report %s: %s", entry, term.Escape(err.Error())), KO: fmt.Sprintf("보고서 %s 전달 실패: %s", entry, term.Escape(err.Error()))})
	}
	return out
}
