package proving

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"weir/internal/app/auditing"
	"weir/internal/archive"
	"weir/internal/archive/verify"
	"weir/internal/config"
	"weir/internal/control/archiving"
	"weir/internal/control/question"
	"weir/internal/fault"
)

// What the trail of looks calls what people do here.
const (
	lookVerify = "archive-verify"
	lookExport = "archive-export"
)

// Deps is what the answers are made from.
type Deps struct {
	// Archive returns the archive, or why this process has none. It is open as long as questions are answered.
	Archive func() (*archive.Archive, error)
	Config  config.Config
	// Sync waits until the log has all that the manifest had when it was called; nil: there is no log here.
	Sync func(ctx context.Context) error
	// Note records who did what.
	Note func(ctx context.Context, l auditing.Look)
	// Checked takes the result of each check, of one that a command did too; nil: nobody wants it.
	Checked func(v *archiving.Verified)
}

// Desk answers the questions, and runs one check of the archive at a time in the background. It is safe for many goroutines.
type Desk struct {
	d Deps

	mu     sync.Mutex
	status archiving.Status
	stop   context.CancelFunc // of the check under way
	closed bool
	done   sync.WaitGroup
}

// New makes a desk. Close must be called before the archive is closed.
func New(d Deps) *Desk { return &Desk{d: d} }

// Questions are those that this package answers.
func (d *Desk) Questions() question.Table {
	return question.Table{
		archiving.AskList:     question.Streamed(d.list),
		archiving.AskSeal:     question.Typed(d.seal),
		archiving.AskVerify:   question.Typed(d.verify),
		archiving.AskStatus:   question.Typed(d.state),
		archiving.AskRebuild:  question.Streamed(d.rebuild),
		archiving.AskExported: question.Typed(d.exported),
	}
}

// Close ends the check under way and waits for it.
func (d *Desk) Close() {
	d.mu.Lock()
	d.closed = true
	if d.stop != nil {
		d.stop()
	}
	d.mu.Unlock()
	d.done.Wait()
}

// note records something, where records are kept.
func (d *Desk) note(ctx context.Context, l auditing.Look) {
	if l.Who = question.Who(ctx); d.d.Note != nil {
		d.d.Note(ctx, l)
	}
}

// seal makes segments of everything that came, and waits for their leaves.
func (d *Desk) seal(ctx context.Context, _ struct{}) (s archiving.SealedAll, err error) {
	a, err := d.d.Archive()
	if err != nil {
		return s, err
	}
	if err := a.Seal(ctx); err != nil && !errors.Is(err, archive.ErrClosed) {
		return s, &fault.Error{Code: "archive-seal", What: "what came last cannot be sealed now", Where: a.Folder(), Why: fault.Innermost(err), Do: "df -h " + a.Folder(), Exit: fault.ExitMissing, Cause: err}
	}
	if d.d.Sync != nil {
		if err := d.d.Sync(ctx); err != nil {
			return s, &fault.Error{Code: "archive-seal", What: "what came last is sealed, and its leaves cannot be written now", Where: filepath.Join(a.Folder(), "log"), Why: fault.Innermost(err), Do: "weir archive verify",
				Exit: fault.ExitMissing, Cause: err}
		}
	}
	st := a.Stats()
	return archiving.SealedAll{Segments: st.Segments, Events: int64(st.Rows)}, nil
}

// rebuild makes indexes anew.
func (d *Desk) rebuild(ctx context.Context, r archiving.RebuildRequest, _ func([]byte) error) (archiving.Rebuilt, error) {
	a, err := d.d.Archive()
	if err != nil {
		return archiving.Rebuilt{}, err
	}
	began := time.Now()
	n, err := a.RebuildIndexes(ctx, r.All)
	if err != nil {
		return archiving.Rebuilt{}, &fault.Error{Code: "archive-index", What: "an index cannot be made anew; searches are right without it, and slower", Where: a.Folder(), Why: fault.Innermost(err),
			Do: "weir archive verify", Exit: fault.ExitMissing, Cause: err}
	}
	return archiving.Rebuilt{Indexes: n, TookMS: time.Since(began).Milliseconds()}, nil
}

// exported records that somebody handed events on. The package was made by the command, from the files.
func (d *Desk) exported(ctx context.Context, e archiving.Exported) (struct{}, error) {
	text := strings.TrimSpace(e.Query)
	if e.Kind == archiving.KindVerify {
		d.note(ctx, auditing.Look{Action: lookVerify, Query: e.Where, Hits: e.Events, TookMS: e.TookMS, Err: failed(e.Failed)})
		if e.Checked != nil && e.Checked.Copy <= 1 {
			d.mu.Lock()
			d.status.Last = e.Checked // the console shows it as its own
			d.mu.Unlock()
		}
		d.checked(e.Checked)
		return struct{}{}, nil
	}
	d.note(ctx, auditing.Look{Action: lookExport, Query: text, Reason: e.Reason + " (" + e.Where + ", package " + e.SHA256 + ")", Hits: e.Events, TookMS: e.TookMS, Err: failed(e.Failed)})
	return struct{}{}, nil
}

// checked hands a result on.
func (d *Desk) checked(v *archiving.Verified) {
	if v != nil && d.d.Checked != nil {
		d.d.Checked(v)
	}
}

// failed is the error of a text; nil for none.
func failed(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

// state says how the check stands.
func (d *Desk) state(context.Context, struct{}) (archiving.Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status, nil
}

// verify begins a check in the background, or ends the one under way. One that is under way goes on.
func (d *Desk) verify(ctx context.Context, r archiving.VerifyRequest) (archiving.Status, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.Stop {
		if d.stop != nil {
			d.stop()
		}
		return d.status, nil
	}
	if d.status.Running || d.closed {
		return d.status, nil
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	o, err := Options(run, d.d.Config, max(1, r.Copy))
	if err != nil {
		stop()
		return d.status, err
	}
	o.Workers = 1 // beside a weir that has other things to do
	o.Progress = func(p archiving.Progress) {
		d.mu.Lock()
		d.status.Progress = p
		d.mu.Unlock()
	}
	by := question.Who(ctx)
	if by == "" {
		by = auditing.Self()
	}
	d.stop = stop
	d.status.Running, d.status.Copy, d.status.Began, d.status.By, d.status.Progress, d.status.Failed = true, max(1, r.Copy), time.Now().UTC(), by, archiving.Progress{}, ""
	d.done.Go(func() { d.check(run, o, max(1, r.Copy)) }) // ends with its folder, or with Close
	return d.status, nil
}

// check is one check in the background.
func (d *Desk) check(ctx context.Context, o verify.Options, n int) {
	began := time.Now()
	v, err := verify.Run(ctx, o)
	d.mu.Lock()
	d.stop()
	d.stop = nil
	d.status.Running = false
	if err == nil {
		v.Copy = n
		d.status.Last = v
	} else {
		d.status.Failed = fault.Innermost(err)
	}
	by := d.status.By
	d.mu.Unlock()
	look := auditing.Look{Who: by, Action: lookVerify, Query: o.Where, TookMS: time.Since(began).Milliseconds(), Err: err}
	if v != nil {
		look.Hits = int64(v.Found)
	}
	if d.d.Note != nil {
		d.d.Note(context.WithoutCancel(ctx), look)
	}
	d.checked(v)
}
