package tools

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"
	"unsafe"

	"weir/event"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/processors/parse/winevent"
	"weir/rules/pipelines"
)

// Form says what the lines of a file are. The zero Form is ECS JSON.
type Form struct {
	// Raw is the dataset of raw lines, auto to recognise it.
	Raw string
	// WinEvent is for Windows events as JSON, in any of the forms in which they are passed on.
	WinEvent bool
}

// Lines reads lines as events, with the logged time as the time. Lines are numbered on over all that it reads, and an
// event without an id gets that of its line: several files read as one that holds them all. It belongs to one goroutine.
type Lines struct {
	form   Form
	parser *lineParser
	win    *winevent.Reader
	e      event.Event
	n      int
	id     []byte // event.id of a line that has none
}

// NewLines makes a reader. An unknown dataset is a fault that names those there are.
func NewLines(cfg config.Config, pipes *pipelines.Set, form Form) (*Lines, error) {
	l := &Lines{form: form}
	switch {
	case form.Raw != "" && form.WinEvent:
		return nil, &fault.Error{Code: "usage", What: "lines are either raw or Windows events", Do: "leave out --raw or --winevent", Exit: fault.ExitUsage}
	case form.WinEvent:
		l.win = winevent.New(func(name string) string { return pipes.Paths(pipelines.LogSource{Product: "windows"}, name)[0] })
	case form.Raw != "":
		dataset := form.Raw
		if dataset == "auto" {
			dataset = ""
		}
		var err error
		if l.parser, err = newLineParser(cfg, dataset); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Read calls emit for each event of r with the number of its line. The event is valid until emit returns. Lines that make
// no event are told to warn, and do not stop the others.
func (l *Lines) Read(ctx context.Context, r io.Reader, emit func(n int, e *event.Event) error, warn func(*fault.Error)) error {
	if l.parser != nil && l.parser.leftOut != nil {
		warn(l.parser.leftOut)
		l.parser.leftOut = nil // once, though a command may read several files
	}
	before := l.n
	return eachLine(ctx, r, func(n int, line []byte) error {
		l.n = before + n
		if len(bytes.TrimSpace(line)) == 0 {
			return nil // files end with them
		}
		return l.line(line, emit, warn)
	})
}

// line reads one line.
func (l *Lines) line(line []byte, emit func(n int, e *event.Event) error, warn func(*fault.Error)) error {
	if l.parser != nil {
		var refused unusable
		err := refused.take(l.n, l.parser.parse(l.n, line, func(e *event.Event) error { return emit(l.n, e) }))
		if refused.count > 0 {
			warn(&fault.Error{Code: "lines-unusable", What: "a line makes no event", Where: fmt.Sprintf("line %d", l.n), Why: refused.why, Warn: true})
		}
		return err
	}
	var err error
	if l.win != nil {
		err = l.win.Read(line, &l.e)
	} else {
		err = l.e.Decode(line)
	}
	if err != nil {
		do := "for raw lines: --raw auto"
		if l.win != nil {
			do = "for ECS documents leave out --winevent"
		}
		warn(&fault.Error{Code: "line-not-json", What: "a line is no event in JSON", Where: fmt.Sprintf("line %d", l.n), Why: err.Error(), Do: do, Warn: true, Cause: err})
		return nil
	}
	if !l.e.Has(event.EventID) {
		l.id = strconv.AppendInt(append(l.id[:0], "line-"...), int64(l.n), 10)
		l.e.SetStr(event.EventID, unsafe.String(unsafe.SliceData(l.id), len(l.id))) // until the next line, as all of the event
	}
	if v := l.e.Get(event.Timestamp); v.Kind() == event.Time {
		l.e.Set(event.WeirTime, v)
	} else if !l.e.Has(event.WeirTime) {
		l.e.Set(event.WeirTime, event.At(time.Now()))
	}
	return emit(l.n, &l.e)
}
