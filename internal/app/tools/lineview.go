package tools

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"weir/event"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/processors"
	"weir/processors/parse"
	"weir/processors/parse/format"
)

// LineView is the way of one line into one event: how it was recognised, what each step did, and what came of it. It is valid
// until the function that is given it returns.
type LineView struct {
	// Line is its number, from 1; Event counts the events of a line, from 0.
	Line, Event int
	Recognised  parse.Recognised
	Steps       []format.Trace
	// Doc is the event as it would be stored; nil if there is none.
	Doc []byte
	// Dropped tells that the format filters it, Dead why the line goes to the dead letters.
	Dropped bool
	Dead    string
	// Warning is told once, with the first view: format files that are not used.
	Warning *fault.Error
}

// ViewLines reads lines as ParseLines does, and calls each with the way of every event. A line that makes no event has one view
// without a document.
func ViewLines(ctx context.Context, cfg config.Config, dataset string, r io.Reader, each func(*LineView) error) error {
	p, err := newLineParser(cfg, dataset)
	if err != nil {
		return err
	}
	v := &LineView{Warning: p.leftOut}
	p.options.Trace = func(t format.Trace) { v.Steps = append(v.Steps, t) }
	p.options.Recognised = func(r parse.Recognised) { v.Recognised = r }
	if err := p.remake(); err != nil {
		return err
	}
	var failed error
	show := func() {
		if failed == nil {
			failed = each(v)
		}
		v.Event++
		v.Steps, v.Doc, v.Dropped, v.Dead, v.Warning = v.Steps[:0], nil, false, "", nil
	}
	p.parser.OnDrop(func() { v.Dropped = true; show() })
	return eachLine(ctx, r, func(n int, line []byte) error {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		v.Line, v.Event = n, 0
		err := p.parse(n, line, func(e *event.Event) error {
			v.Doc = e.AppendJSON(nil)
			show()
			return failed
		})
		if dead, ok := errors.AsType[*processors.DeadLetter](err); ok {
			v.Dead = dead.Error()
			show()
			err = nil
		}
		return errors.Join(err, failed)
	})
}

// watched runs what live does with an event behind its format; where somebody watches, what it wrote is told as a step of no
// file.
func (p *lineParser) watched(kind string, e *event.Event, do func()) {
	if p.options.Trace == nil {
		do()
		return
	}
	before := values(e)
	do()
	after := values(e)
	t := format.Trace{Kind: kind, Outcome: "ran"}
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if !bytes.Equal(before[path].AppendJSON(nil), after[path].AppendJSON(nil)) {
			t.Writes = append(t.Writes, format.Access{Place: path, Value: after[path]})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[path]; !ok {
			t.Writes = append(t.Writes, format.Access{Place: path})
		}
	}
	if len(t.Writes) > 0 {
		p.options.Trace(t)
	}
}

// values are the values of an event by path, as they are now.
func values(e *event.Event) map[string]event.Value {
	out := map[string]event.Value{}
	var copied event.Event // lists are the event's own, and change with it
	e.CopyTo(&copied)
	copied.Each(func(f event.Field, v event.Value) bool { out[f.Path()] = v; return true })
	copied.EachExtra(func(path string, v event.Value) bool { out[path] = v; return true })
	return out
}
