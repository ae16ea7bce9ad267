package backtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"weir/event"
	"weir/internal/app/tools"
	"weir/internal/control/trial"
	"weir/internal/fault"
	"weir/internal/record"
)

// Form says what the lines of files are.
type Form = tools.Form

// Files tries the rules on the events of files, one after the other, in the order of their lines: as if one file held
// them all. When ctx ends the answer is about what was read by then.
func (t *Test) Files(ctx context.Context, names []string, form Form) (trial.Summary, error) {
	lines, err := tools.NewLines(t.place.Config, t.place.Pipes, form)
	if err != nil {
		return t.sum, err
	}
	files, total, err := open(names)
	defer func() {
		for _, f := range files {
			_ = f.Close() // only read
		}
	}()
	if err != nil {
		return t.sum, err
	}
	at := &counted{t: t, total: total}
	for i, f := range files {
		at.name, at.r = names[i], f
		if err := t.file(ctx, lines, at); errors.Is(err, errEnough) {
			break
		} else if err != nil {
			return t.sum, err
		}
	}
	t.sum.Tried = t.sum.Events
	t.covers(t.span.first, t.span.last)
	t.stopped(ctx)
	t.sum.Reached = time.Time{} // files have no order of time
	return t.finish(time.Time{})
}

// open opens all files before the first is read: a name that is wrong is told at once.
func open(names []string) (files []*os.File, total int64, err error) {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return files, 0, &fault.Error{Code: "file-unreadable", What: "this file cannot be read", Where: name, Why: fault.Innermost(err), Do: "name files with one event a line", Exit: fault.ExitUsage, Cause: err}
		}
		files = append(files, f)
		st, err := f.Stat()
		if err != nil {
			return files, 0, fmt.Errorf("reading %s: %w", name, err)
		}
		if st.IsDir() {
			return files, 0, &fault.Error{Code: "file-unreadable", What: "this is a folder", Where: name, Do: "name the files in it: " + name + "/*", Exit: fault.ExitUsage}
		}
		total += st.Size()
	}
	return files, total, nil
}

// errEnough ends the reading of files where there are too many alerts.
var errEnough = errors.New("there are too many alerts")

// maxWarnings is how many lines that make no event are named; the others are counted.
const maxWarnings = 10

// file reads one file.
func (t *Test) file(ctx context.Context, lines *tools.Lines, from *counted) error {
	bad := 0
	err := lines.Read(ctx, from, func(n int, e *event.Event) error {
		if t.full() {
			return errEnough
		}
		if at := e.Get(event.WeirTime); at.Kind() == event.Time {
			if !t.within(at.Time()) {
				return nil
			}
			t.span.add(at.Time())
		}
		t.sum.Events++
		if !t.keep(e) {
			return nil
		}
		for _, v := range t.versions {
			if err := v.event(e, record.Pos{Topic: "stdin", Offset: int64(n)}); err != nil {
				return err
			}
		}
		return nil
	}, func(e *fault.Error) {
		if bad++; bad <= maxWarnings {
			e.Where = from.name + ", " + e.Where
			t.warn(e)
		}
	})
	if bad > maxWarnings {
		t.warn(&fault.Error{Code: "lines-unusable", What: fmt.Sprintf("lines that make no event: %d", bad), Where: from.name, Why: "the first of them are named above", Warn: true})
	}
	return err
}

// span is the first and the last of some times.
type span struct{ first, last time.Time }

func (s *span) add(at time.Time) {
	if s.first.IsZero() || at.Before(s.first) {
		s.first = at
	}
	if at.After(s.last) {
		s.last = at
	}
}

// within tells whether a time is asked for.
func (t *Test) within(at time.Time) bool {
	return (t.req.From.IsZero() || !at.Before(t.req.From)) && (t.req.To.IsZero() || at.Before(t.req.To))
}

// counted reads files and says how far it is.
type counted struct {
	t           *Test
	r           io.Reader
	name        string
	done, total int64
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.done += int64(n)
	if e := c.t.progress(trial.Progress{Done: c.done, Total: c.total, Unit: "bytes", In: c.name}); err == nil {
		err = e
	}
	return n, err
}
