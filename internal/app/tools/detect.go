package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/rules"
	"weir/rules/pipelines"
)

// DetectOptions say what detect reads and writes.
type DetectOptions struct {
	Config config.Config
	// Rules are files and folders.
	Rules []string
	// Matches asks for every match of every rule instead of alerts.
	Matches bool
	// Form is what the lines are.
	Form
	// LogSource is that of events that name none themselves; empty: they are tried against every rule.
	LogSource pipelines.LogSource
	// Warn gets what is wrong with a rule or a line while the rest goes on. It must not be nil.
	Warn func(*fault.Error)
	// Done, if not nil, is told in the end what was done.
	Done func(DetectSummary)
}

// DetectSummary is what a run of Detect came to.
type DetectSummary struct {
	// Loaded rules run; Refused are files and rules that do not.
	Loaded, Refused int
	// Lines were read; Unusable of them made no event.
	Lines, Unusable int
	Events          int
	// Matches are those of rules, not of conditions. Alerts is 0 where matches were asked for.
	Matches, Alerts int
	// Load is how long it took until the first line was read, Took how long the lines took.
	Load, Took time.Duration
}

// Detect runs rules over the lines of r and writes alerts, or matches, as JSON lines. The logged time is the time.
func Detect(ctx context.Context, o DetectOptions, r io.Reader, w io.Writer) error {
	began := time.Now()
	d := &detection{o: o, out: bufio.NewWriterSize(w, 64<<10)}
	if err := d.load(); err != nil {
		return err
	}
	d.sum.Load = time.Since(began)
	began = time.Now()
	// What was found is written before the next read may wait: somebody may look at it while lines come in.
	err := d.lines.Read(ctx, &flushing{r, d.out}, d.event, d.refuse)
	err = errors.Join(err, d.refused())
	if err == nil && !o.Matches {
		err = d.finish()
	}
	err = errors.Join(err, d.out.Flush())
	d.sum.Took, d.sum.Lines = time.Since(began), d.lines.n
	if o.Done != nil {
		o.Done(d.sum)
	}
	return err
}

// flushing writes out what waits before each read.
type flushing struct {
	r   io.Reader
	out *bufio.Writer
}

func (f *flushing) Read(p []byte) (int, error) {
	if f.out.Buffered() > 0 {
		if err := f.out.Flush(); err != nil {
			return 0, err
		}
	}
	return f.r.Read(p)
}

// detection is one run of Detect. Alerts are kept to the end, because later lines revise them; matches are written as they
// come.
type detection struct {
	o      DetectOptions
	out    *bufio.Writer
	lines  *Lines
	detect *detect.Engine
	engine *correlate.Engine
	sum    DetectSummary
	// quoted has the ids of rules as JSON.
	quoted map[*rules.Rule]string
	buf    []byte
	// at holds the line of each event that matched, by event id: alerts name their evidence by id.
	at map[string]int
	// order is that in which alerts were raised, by id.
	order  []string
	alerts map[string]*alert.Alert
	// last is the newest time that an event had.
	last time.Time
}

// load makes the engine. A rule that is refused is told, and the others run.
func (d *detection) load() error {
	in, faults, err := loadInputs(d.o.Config, d.o.Rules)
	if err != nil {
		return err
	}
	var more fault.List
	d.detect, more = detect.New(in.set, in.lists, in.pipes)
	for _, f := range append(faults, more...) {
		if d.o.Warn(f); !f.Warn {
			d.sum.Refused++
		}
	}
	if ls := d.o.LogSource; !ls.Empty() {
		d.detect = d.detect.Assuming(in.pipes.Class(ls.Product, ls.Category, ls.Service))
	}
	d.sum.Loaded = d.detect.Len()
	if d.sum.Loaded == 0 {
		d.o.Warn(&fault.Error{Code: "rules-none", What: "no rule runs, so nothing can match", Where: strings.Join(d.o.Rules, ", "), Do: "name rule files, or a folder of them: weir rules check PATH", Warn: true})
	}
	d.quoted = make(map[*rules.Rule]string, d.sum.Loaded)
	for _, r := range d.detect.Rules() {
		d.quoted[r] = string(event.Str(r.ID).AppendJSON(nil))
	}
	if !d.o.Matches {
		d.at, d.alerts = map[string]int{}, map[string]*alert.Alert{}
		d.engine = correlate.New(build.Engine(d.o.Config, slog.New(slog.DiscardHandler)))
		d.engine.SetRules(in.set.Rules)
	}
	d.lines, err = NewLines(d.o.Config, in.pipes, d.o.Form)
	return err
}

// maxTold bounds how many broken lines are told one by one.
const maxTold = 10

// refuse takes what is wrong with a line.
func (d *detection) refuse(f *fault.Error) {
	if d.sum.Unusable++; d.sum.Unusable <= maxTold {
		d.o.Warn(f)
	}
}

// refused tells of the broken lines that were not told one by one.
func (d *detection) refused() error {
	if n := d.sum.Unusable - maxTold; n > 0 {
		d.o.Warn(&fault.Error{Code: "lines-unusable", What: fmt.Sprintf("lines that make no event: %d more", n), Where: fmt.Sprintf("%d lines in all", d.lines.n), Warn: true})
	}
	return nil
}

// event holds one event against the rules. Several conditions of a rule may match it, which is still one match of the
// rule.
func (d *detection) event(n int, e *event.Event) error {
	d.sum.Events++
	if d.o.Matches {
		return d.match(n, e)
	}
	sigs := d.detect.Signals(e, record.Pos{Topic: "stdin", Offset: int64(n)})
	last := ""
	for i := range sigs {
		if sigs[i].Rule != last {
			last = sigs[i].Rule
			d.sum.Matches++
		}
		d.at[sigs[i].EventID] = n
		if err := d.engine.Apply(&sigs[i], d.take); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if sigs[i].Time.After(d.last) {
			d.last = sigs[i].Time
		}
	}
	return nil
}

// match writes the matches of one event: {"line":N,"rule":"ID"}. The engine gives the conditions of one rule one after the
// other.
func (d *detection) match(n int, e *event.Event) error {
	var last *rules.Rule
	d.buf = d.buf[:0]
	d.detect.Hits(e, func(r *rules.Rule, _ string) {
		if r == last {
			return
		}
		last = r
		d.sum.Matches++
		d.buf = append(d.buf, `{"line":`...)
		d.buf = strconv.AppendInt(d.buf, int64(n), 10)
		d.buf = append(d.buf, `,"rule":`...)
		d.buf = append(append(d.buf, d.quoted[r]...), "}\n"...)
	})
	if len(d.buf) == 0 {
		return nil
	}
	_, err := d.out.Write(d.buf)
	return err
}

// take keeps the last revision of each alert, in the order in which they were raised. The engine lets it keep them.
func (d *detection) take(a *alert.Alert) {
	if d.alerts[a.ID] == nil {
		d.order = append(d.order, a.ID)
	}
	d.alerts[a.ID] = a
}

// finish closes the stream and writes the alerts. What waits for something not to happen has its answer now: as much time
// passes after the last event as any rule needs.
func (d *detection) finish() error {
	d.engine.Finish(d.last.Add(d.engine.Horizon()), d.take)
	var e event.Event
	for _, id := range d.order {
		a := d.alerts[id]
		if a.MergedInto != "" {
			continue
		}
		d.sum.Alerts++
		alert.Event(a, &e)
		var lines []event.Value
		for _, ev := range a.Evidence {
			if n := d.at[ev.EventID]; n > 0 {
				lines = append(lines, event.Num(int64(n)))
			}
		}
		e.Set(event.WeirAlertLines, event.Items(lines...))
		d.buf = append(e.AppendJSON(d.buf[:0]), '\n')
		if _, err := d.out.Write(d.buf); err != nil {
			return err
		}
	}
	return nil
}
