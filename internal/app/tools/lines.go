package tools

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/record"
	"weir/internal/signal"
	"weir/processors"
	"weir/processors/correlate"
	"weir/processors/detect"
	"weir/processors/parse"
	"weir/rules"
)

// maxLine bounds a line of standard input. It is well above what any input of the network takes, because files hold
// documents that were put together elsewhere.
const maxLine = 16 << 20

// stdinPeer is where lines of standard input come from: this machine, as far as the inventory is concerned.
var stdinPeer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// eachLine calls fn for each line of r, numbered from 1, without its end; the line is valid until fn returns.
func eachLine(ctx context.Context, r io.Reader, fn func(n int, line []byte) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	// Who stops a command on purpose has had an answer to each line that was read: no error.
	for n := 1; ctx.Err() == nil && sc.Scan(); n++ {
		if err := fn(n, sc.Bytes()); err != nil {
			return err
		}
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return &fault.Error{Code: "line-too-long", What: fmt.Sprintf("a line is longer than %d MiB", maxLine>>20), Where: "standard input", Do: "split it", Exit: fault.ExitUsage, Cause: sc.Err()}
	}
	return sc.Err()
}

// lineParser reads raw lines as live does: the same parser, inventory and classes, so that what a command shows is what
// would be stored. It belongs to one goroutine.
type lineParser struct {
	parser  *parse.Parser
	inv     build.Inventory
	class   func(*event.Event)
	dataset string
	e       event.Event
}

// newLineParser makes a parser that believes logged times, since lines that are read again are rarely of today.
func newLineParser(cfg config.Config, dataset string) (*lineParser, error) {
	p := &lineParser{dataset: dataset}
	var err error
	if p.inv, err = build.LoadInventory(cfg); err != nil {
		return nil, err
	}
	if p.class, err = build.Classes(cfg); err != nil {
		return nil, err
	}
	if p.parser, err = parse.New(build.ParseOptions(cfg, p.inv, true)); err != nil {
		return nil, err
	}
	if dataset != "" && !slices.Contains(p.parser.Datasets(), dataset) {
		return nil, &fault.Error{Code: "dataset-unknown", What: fmt.Sprintf("no format makes the dataset %s", dataset), Where: "--dataset", Do: fmt.Sprintf("one of %v, or leave it out: it is recognised", p.parser.Datasets()), Exit: fault.ExitUsage}
	}
	return p, nil
}

// parse calls emit for each event of a line. The event is valid until emit returns.
func (p *lineParser) parse(n int, line []byte, emit func(*event.Event) error) error {
	raw := &record.Raw{Value: line, Received: time.Now(), Peer: stdinPeer, Proto: "stdin", Input: "syslog", ID: fmt.Sprintf("line-%d", n)}
	sub := 0
	each := func(e *event.Event) error {
		id := raw.ID
		if sub > 0 {
			id = fmt.Sprintf("%s-%d", id, sub)
		}
		sub++
		e.SetStr(event.EventID, id)
		e.Set(event.EventIngested, event.At(raw.Received.Truncate(time.Millisecond)))
		e.Set(event.WeirRevision, event.Num(1))
		p.inv.Enrich(e, raw)
		p.class(e)
		return emit(e)
	}
	if p.dataset != "" {
		return p.parser.ParseDataset(p.dataset, raw, &p.e, each)
	}
	return p.parser.Parse(raw, &p.e, each)
}

// ParseLines writes one ECS JSON document a line for each event in the raw lines of r. An empty dataset is recognised;
// an unknown one is a fault that names those there are. Lines that make no event do not stop the others: the first of them
// is told in the fault that is returned in the end.
func ParseLines(ctx context.Context, cfg config.Config, dataset string, r io.Reader, w io.Writer) error {
	p, err := newLineParser(cfg, dataset)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	var buf []byte
	var refused unusable
	err = eachLine(ctx, r, func(n int, line []byte) error {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		err := p.parse(n, line, func(e *event.Event) error {
			buf = append(e.AppendJSON(buf[:0]), '\n')
			_, err := out.Write(buf)
			return err
		})
		return refused.take(n, err)
	})
	return errors.Join(err, out.Flush(), refused.fault())
}

// unusable counts lines that live would send to the dead letters.
type unusable struct {
	count, first int
	why          string
}

// take counts a dead letter, and hands any other error on.
func (u *unusable) take(n int, err error) error {
	dead, ok := errors.AsType[*processors.DeadLetter](err)
	if !ok {
		return err
	}
	if u.count++; u.count == 1 {
		u.first, u.why = n, dead.Error()
	}
	return nil
}

// fault says how many there were, nil if none.
func (u *unusable) fault() error {
	if u.count == 0 {
		return nil
	}
	return &fault.Error{Code: "lines-unusable", What: fmt.Sprintf("lines that make no event: %d", u.count), Where: fmt.Sprintf("line %d", u.first), Why: u.why,
		Do: "live they go to the dead letters: weir deadletters list", Exit: fault.ExitFound}
}

// DetectOptions say what detect reads and writes.
type DetectOptions struct {
	Config config.Config
	// Rules are files and folders.
	Rules []string
	// Matches asks for every match of every condition instead of alerts.
	Matches bool
	// Raw is the dataset of raw lines, auto to recognise it; "" where the lines are ECS JSON.
	Raw string
	// LogSource is product, category and service of events that name none themselves; may be nil.
	LogSource map[string]string
	// Warn gets what is wrong with a rule or a line while the rest goes on. It must not be nil.
	Warn func(*fault.Error)
}

// Detect runs rules over the lines of r and writes alerts, or matches, as JSON lines. The logged time is the time.
func Detect(ctx context.Context, o DetectOptions, r io.Reader, w io.Writer) error {
	reports, set, err := loadPaths(o.Rules)
	if err != nil {
		return err
	}
	for _, rep := range reports {
		for _, f := range rep.Faults {
			o.Warn(f)
		}
	}
	d := &detection{o: o, out: bufio.NewWriter(w), lines: map[string]int{}, alerts: map[string]*alert.Alert{}, engine: correlate.New(build.Engine(o.Config, slog.New(slog.DiscardHandler)))}
	var faults fault.List
	if d.detect, faults = detect.New(set, nil); len(faults) > 0 {
		for _, f := range faults {
			o.Warn(f)
		}
	}
	d.engine.SetRules(set.Rules)
	if o.Raw != "" {
		dataset := o.Raw
		if dataset == "auto" {
			dataset = ""
		}
		if d.parser, err = newLineParser(o.Config, dataset); err != nil {
			return err
		}
	}
	err = eachLine(ctx, r, d.line)
	if err == nil {
		err = d.finish()
	}
	return errors.Join(err, d.out.Flush())
}

// detection is one run of Detect. Alerts are kept to the end, because later lines revise them; matches are written as they
// come.
type detection struct {
	o      DetectOptions
	out    *bufio.Writer
	parser *lineParser
	detect *detect.Engine
	engine *correlate.Engine
	e      event.Event
	// lines holds the line of each event that matched, by event id: alerts name their evidence by id.
	lines map[string]int
	// order is that in which alerts were raised, by id.
	order  []string
	alerts map[string]*alert.Alert
	// last is the newest time that an event had.
	last time.Time
}

// line takes one line. Blank ones are passed over: files end with them.
func (d *detection) line(n int, line []byte) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	if d.parser != nil {
		return d.parser.parse(n, line, func(e *event.Event) error { return d.event(n, e) })
	}
	if !d.decode(n, line) {
		return nil // said; the lines after it may be well
	}
	if !d.e.Has(event.EventID) {
		d.e.SetStr(event.EventID, fmt.Sprintf("line-%d", n))
	}
	if v := d.e.Get(event.Timestamp); v.Kind() == event.Time {
		d.e.Set(event.WeirTime, v)
	} else if !d.e.Has(event.WeirTime) {
		d.e.Set(event.WeirTime, event.At(time.Now()))
	}
	return d.event(n, &d.e)
}

// decode reads a document into d.e. It says what is wrong with one that is none.
func (d *detection) decode(n int, line []byte) bool {
	err := d.e.Decode(line)
	if err != nil {
		d.o.Warn(&fault.Error{Code: "line-not-json", What: "a line is no ECS JSON document", Where: fmt.Sprintf("line %d", n), Why: err.Error(), Do: "for raw lines: --raw auto", Warn: true, Cause: err})
	}
	return err == nil
}

// matched is one line of --matches.
type matched struct {
	Line int    `json:"line"`
	Rule string `json:"rule"`
}

// event holds one event against the rules. Several conditions of a rule may match it, which is still one match of the
// rule.
func (d *detection) event(n int, e *event.Event) error {
	if d.o.Matches {
		seen := map[string]bool{}
		var failed error
		d.detect.Hits(e, func(r *rules.Rule, _ string) {
			if !seen[r.ID] && failed == nil {
				seen[r.ID] = true
				failed = d.write(matched{n, r.ID})
			}
		})
		return failed
	}
	sigs := d.detect.Signals(e, record.Pos{Topic: "stdin", Offset: int64(n)})
	for i := range sigs {
		d.lines[sigs[i].EventID] = n
		if err := d.engine.Apply(&sigs[i], d.take); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if sigs[i].Time.After(d.last) {
			d.last = sigs[i].Time
		}
	}
	return nil
}

// take keeps the last revision of each alert, in the order in which they were raised. The engine lets it keep them.
func (d *detection) take(a *alert.Alert) {
	if d.alerts[a.ID] == nil {
		d.order = append(d.order, a.ID)
	}
	d.alerts[a.ID] = a
}

// finish closes the stream and writes the alerts. What waits for something not to happen has its answer now: a day is
// added to the last time that was seen, and the mark is an idle one, after which the engine holds nothing back.
func (d *detection) finish() error {
	if err := d.engine.Apply(&signal.Signal{Kind: signal.Idle, Time: d.last.Add(24 * time.Hour)}, d.take); err != nil {
		return fmt.Errorf("closing the stream: %w", err)
	}
	var e event.Event
	for _, id := range d.order {
		a := d.alerts[id]
		if a.MergedInto != "" {
			continue
		}
		alert.Event(a, &e)
		var lines []event.Value
		for _, ev := range a.Evidence {
			if n := d.lines[ev.EventID]; n > 0 {
				lines = append(lines, event.Num(int64(n)))
			}
		}
		e.Set(event.WeirAlertLines, event.Items(lines...))
		if err := d.write(json.RawMessage(e.AppendJSON(nil))); err != nil {
			return err
		}
	}
	return nil
}

// write writes one line of output.
func (d *detection) write(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = d.out.Write(append(b, '\n'))
	return err
}
