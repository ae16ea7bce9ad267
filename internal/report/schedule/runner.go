// Package schedule makes reports by itself: at the times of a file, once for what was missed, again after a failure, into
// folders and to people.
package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/internal/control/reporting"
	"weir/internal/fault"
	"weir/internal/keep"
)

// File is one file of a report.
type File struct {
	Name string // access-review-2026-10-ko.pdf
	Type string // application/pdf
	Body []byte
}

// Made is a report in all its forms.
type Made struct {
	Title string // in its language: with the month, the subject of a mail
	Notes []string
	Files []File
}

// Options say what a runner works with.
type Options struct {
	File  string         // reports.yaml; one that is not there has no entries
	State string         // file that remembers what was made
	Zone  *time.Location // of entries that name none; nil: UTC
	// Make makes a report. It is called from the goroutine of Run, one at a time.
	Make func(ctx context.Context, r reporting.Request) (*Made, error)
	// Deliver sends a message with files over a channel of notify.yaml; nil: there are no channels here.
	Deliver func(ctx context.Context, channel, subject, text, lang string, files []File) error
	// Mappings and Channels name those that there are; nil, or an answer of nil: any is taken.
	Mappings, Channels func() []string
	// Trouble is told of each entry that fails, and with nil that it works again; nil: only the log is.
	Trouble func(entry string, err error)
	Now     func() time.Time // nil: the clock
	Log     *slog.Logger     // nil: nowhere
}

// Runner makes what is due. Run is its one goroutine; Status and Check may be called from any.
type Runner struct {
	opts Options

	mu      sync.Mutex
	text    []byte // of the file, as it was read last
	entries []Entry
	faults  fault.List
	state   state
}

// New makes a runner and reads what it remembers.
func New(o Options) (*Runner, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	r := &Runner{opts: o}
	var err error
	r.state, err = readState(o.State)
	return r, err
}

// look is how often the file is looked at, and the longest time that Run sleeps.
const look = time.Minute

// Look reads the file without making anything, for a process in which nobody runs the schedule: new entries are not noted.
func (r *Runner) Look() reporting.Schedule {
	b, err := os.ReadFile(r.opts.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return reporting.Schedule{File: r.opts.File, Faults: []string{err.Error()}, Entries: []reporting.Entry{}}
	}
	entries, faults := Read(b, r.FileOptions())
	r.mu.Lock()
	r.entries, r.faults = entries, faults
	r.mu.Unlock()
	return r.Status()
}

// Run makes reports until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	for {
		next := r.Step(ctx)
		t := time.NewTimer(max(0, min(look, next.Sub(r.opts.Now()))))
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}

// Step makes what is due now, and returns when something is due next; zero time if never. Run calls it, and tests do.
func (r *Runner) Step(ctx context.Context) time.Time {
	r.reload()
	r.mu.Lock()
	entries := slices.Clone(r.entries)
	r.mu.Unlock()
	now := r.opts.Now()
	next := now.Add(look)
	for i := range entries {
		if ctx.Err() != nil {
			return next
		}
		if at := r.entry(ctx, &entries[i], now); at.Before(next) {
			next = at
		}
	}
	return next
}

// reload reads the file if its bytes changed. One with mistakes changes nothing: what was in use goes on.
func (r *Runner) reload() {
	b, err := os.ReadFile(r.opts.File)
	if errors.Is(err, fs.ErrNotExist) {
		b, err = nil, nil
	}
	if err != nil {
		r.opts.Log.Warn("reading the schedule of reports", "component", "reports", "err", err)
		return
	}
	r.mu.Lock()
	same := r.text != nil && bytes.Equal(b, r.text)
	r.mu.Unlock()
	if same {
		return
	}
	entries, faults := Read(b, r.FileOptions())
	for _, f := range faults {
		r.opts.Log.Warn("the schedule of reports", "component", "reports", "err", f)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text, r.faults = append([]byte{}, b...), faults
	if !slices.ContainsFunc(faults, func(f *fault.Error) bool { return !f.Warn }) {
		r.entries = entries
		if r.state.only(entries, r.opts.Now()) {
			// Written now and not when it is made first: what is missed until then is to be made up.
			if err := r.state.write(r.opts.State); err != nil {
				r.opts.Log.Warn("remembering the schedule of reports", "component", "reports", "err", err)
			}
		}
	}
}

// FileOptions are those with which the file is read.
func (r *Runner) FileOptions() FileOptions {
	o := FileOptions{Name: r.opts.File, Zone: r.opts.Zone}
	if r.opts.Mappings != nil {
		o.Mappings = r.opts.Mappings()
	}
	if r.opts.Channels != nil {
		o.Channels = r.opts.Channels()
	}
	return o
}

// Times between attempts after a failure: each is twice the one before.
const (
	firstRetry = time.Minute
	lastRetry  = time.Hour
)

// entry makes one report if it is due, and returns when to come again. What was due several times while nobody ran is made
// once, for the last time that it was due: the months between are a command away, and nobody wants twelve mails at once.
func (r *Runner) entry(ctx context.Context, e *Entry, now time.Time) time.Time {
	id := e.id()
	r.mu.Lock()
	s := r.state.Entries[id]
	r.mu.Unlock()
	due := e.Every.Last(now, e.Zone)
	if !due.After(s.Done) {
		return e.Every.Next(now, e.Zone)
	}
	if !s.Due.Equal(due) { // another one than was tried so far
		s.Due, s.Attempts, s.Retry, s.Sent, s.Err = due, 0, time.Time{}, nil, ""
	}
	if s.Retry.After(now) {
		return s.Retry
	}
	month := e.Every.Month(due, e.Zone)
	err := r.make(ctx, e, month, &s)
	if err != nil && ctx.Err() != nil {
		return now // weir stops: it is tried again by the next start
	}
	name := strings.TrimSpace(e.Report + " " + e.Name)
	if err != nil {
		s.Attempts++
		s.Err, s.Retry = err.Error(), now.Add(min(lastRetry, firstRetry<<min(s.Attempts-1, 10)))
		r.opts.Log.Error("a report was not made; it is tried again", "component", "reports", "report", name, "month", month, "attempts", s.Attempts, "retry", s.Retry, "err", err)
	} else {
		s.Done, s.Made, s.Month, s.Attempts, s.Err, s.Retry, s.Sent = due, now, month, 0, "", time.Time{}, nil
		r.opts.Log.Info("a report was made", "component", "reports", "report", name, "month", month)
	}
	if r.opts.Trouble != nil {
		r.opts.Trouble(name, err)
	}
	r.remember(id, s)
	if err != nil {
		return s.Retry
	}
	return e.Every.Next(now, e.Zone)
}

// remember writes the state. A state that cannot be written costs a second report after a restart, so it is said and no more.
func (r *Runner) remember(id string, s entryState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Entries[id] = s
	if err := r.state.write(r.opts.State); err != nil {
		r.opts.Log.Warn("remembering which reports were made", "component", "reports", "err", err)
	}
}

// make makes one report and brings it to everybody who has not got it yet. Whoever got it before a failure gets no second.
func (r *Runner) make(ctx context.Context, e *Entry, month string, s *entryState) error {
	made, err := r.opts.Make(ctx, reporting.Request{Kind: e.Report, Name: e.Name, Month: month, Zone: e.Zone.String(), Lang: e.Lang, Formats: e.Formats})
	if err != nil {
		return fmt.Errorf("making the report: %w", err)
	}
	var failed []error
	for _, t := range e.targets() {
		if slices.Contains(s.Sent, t.name) {
			continue
		}
		if err := r.bring(ctx, e, t, made); err != nil {
			failed = append(failed, err)
			continue
		}
		s.Sent = append(s.Sent, t.name)
	}
	return errors.Join(failed...)
}

// target is a folder or a channel.
type target struct {
	name    string
	channel string // "" is the folder
}

// targets are those of an entry: the folder first, which a mail may name.
func (e *Entry) targets() []target {
	var out []target
	if e.Folder != "" {
		out = append(out, target{name: "folder"})
	}
	for _, c := range e.To {
		out = append(out, target{name: "channel " + c, channel: c})
	}
	return out
}

// bring writes the files into the folder, or sends them.
func (r *Runner) bring(ctx context.Context, e *Entry, t target, made *Made) error {
	if t.channel == "" {
		return store(e.Folder, made.Files)
	}
	if r.opts.Deliver == nil {
		return &fault.Error{Code: "report-delivery", What: "nobody sends messages in this process", Where: "channel " + t.channel, Do: "run the stage notify with it, or write the report into a folder", Exit: fault.ExitMissing}
	}
	text, files := letter(e, made)
	if err := r.opts.Deliver(ctx, t.channel, made.Title, text, e.Lang, files); err != nil {
		return fmt.Errorf("sending to %s: %w", t.channel, err)
	}
	return nil
}

// MaxMail bounds what one message carries, in bytes: most servers refuse more than 25 MiB, and mail makes files a third
// larger.
const MaxMail = 15 << 20

// letter is the text of a message, and the files that fit it.
func letter(e *Entry, made *Made) (text string, files []File) {
	say := func(en, ko string) string {
		if e.Lang == "ko" {
			return ko
		}
		return en
	}
	lines := []string{made.Title + "."}
	for _, n := range made.Notes[:min(len(made.Notes), 10)] {
		lines = append(lines, "- "+n)
	}
	if n := len(made.Notes) - 10; n > 0 {
		lines = append(lines, fmt.Sprintf(say("- and %d more notes in the report", "- 그 밖의 주의 사항 %d건은 보고서 참조"), n))
	}
	size := 0
	for _, f := range made.Files {
		if size += len(f.Body); size <= MaxMail {
			files = append(files, f)
		}
	}
	if left := len(made.Files) - len(files); left > 0 {
		where := say("make it with weir report", "weir report 명령으로 생성하십시오")
		if e.Folder != "" {
			where = e.Folder
		}
		lines = append(lines, fmt.Sprintf(say("Files too large for a mail: %d (%s).", "용량이 커서 첨부하지 못한 파일: %d개(%s)"), left, where))
	}
	return strings.Join(lines, "\n"), files
}

// store writes files into a folder, each whole or not at all.
func store(folder string, files []File) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("making the folder of reports: %w", err)
	}
	for _, f := range files {
		if err := keep.WriteFile(filepath.Join(folder, f.Name), f.Body); err != nil {
			return fmt.Errorf("writing %s: %w", f.Name, err)
		}
	}
	return nil
}

// Status says what is made when, and how it went, by the file as Run read it last.
func (r *Runner) Status() reporting.Schedule {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.opts.Now()
	out := reporting.Schedule{File: r.opts.File, Entries: []reporting.Entry{}}
	for _, f := range r.faults {
		out.Faults = append(out.Faults, f.Error())
	}
	for i := range r.entries {
		e := &r.entries[i]
		s := r.state.Entries[e.id()]
		next := e.Every.Next(now, e.Zone)
		if s.Err != "" {
			next = s.Retry
		}
		out.Entries = append(out.Entries, reporting.Entry{Report: e.Report, Name: e.Name, Every: e.Every.String() + " " + e.Zone.String(), Next: next, Last: s.Made, Month: s.Month, Attempts: s.Attempts, Error: s.Err})
	}
	return out
}
