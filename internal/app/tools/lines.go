package tools

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"weir/event"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/parse"
)

// maxLine bounds a line of standard input. It is well above what any input of the network takes, because files hold
// documents that were put together elsewhere.
const maxLine = 16 << 20

// stdinPeer is where lines of standard input come from: this machine, as far as the inventory is concerned.
var stdinPeer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// eachLine calls fn for each line of r, numbered from 1, without its end; the line is valid until fn returns. A line that
// is too long is passed over: the lines after it are read, and the fault comes in the end.
func eachLine(ctx context.Context, r io.Reader, fn func(n int, line []byte) error) error {
	in := lineReader{r: bufio.NewReaderSize(r, 64<<10)}
	var long error
	// Who stops a command on purpose has had an answer to each line that was read: no error.
	for n := 1; ctx.Err() == nil; n++ {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, bufio.ErrTooLong) {
			if long == nil {
				long = &fault.Error{Code: "line-too-long", What: fmt.Sprintf("a line is longer than %d MiB", maxLine>>20), Where: fmt.Sprintf("line %d", n), Why: "it was passed over", Do: "split it", Exit: fault.ExitUsage, Cause: err}
			}
			continue
		}
		if err == nil {
			if n == 1 {
				line = bytes.TrimPrefix(line, []byte("\ufeff")) // as Windows begins its files
			}
			err = fn(n, line)
		}
		if err != nil {
			return err
		}
	}
	return long
}

// lineReader cuts a stream into lines. It belongs to one goroutine.
type lineReader struct {
	r *bufio.Reader
	// long is the memory for lines that the reader's buffer is too small for.
	long []byte
}

// next returns the next line, valid until the call after. The last one needs no end. io.EOF means that there is none,
// bufio.ErrTooLong that it was too long and is behind us.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	l.long = l.long[:0]
	skip := false
	for errors.Is(err, bufio.ErrBufferFull) {
		if skip = skip || len(l.long)+len(line) > maxLine; !skip {
			l.long = append(l.long, line...)
		}
		line, err = l.r.ReadSlice('\n')
	}
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case skip:
		return nil, bufio.ErrTooLong
	case len(l.long) > 0:
		l.long = append(l.long, line...)
		line = l.long
	case err == io.EOF && len(line) == 0:
		return nil, io.EOF
	}
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// lineParser reads raw lines as live does: the same parser, enrichment and classes, so that what a command shows is what
// would be stored. It belongs to one goroutine.
type lineParser struct {
	parser  *parse.Parser
	added   *build.Enrichment
	class   func(*event.Event)
	options parse.Options
	dataset string
	e       event.Event
	// leftOut is what to tell of format files that are not used, nil if all are.
	leftOut *fault.Error
}

// newLineParser makes a parser that believes logged times, since lines that are read again are rarely of today.
func newLineParser(cfg config.Config, dataset string) (*lineParser, error) {
	p := &lineParser{dataset: dataset}
	var err error
	if p.added, err = enrichment(cfg); err != nil {
		return nil, err
	}
	if p.class, err = build.Classes(cfg); err != nil {
		return nil, err
	}
	p.options = build.ParseOptions(cfg, p.added.Inventory, true)
	if p.options.Formats == nil && p.options.Live == nil {
		var faults fault.List
		p.options.Formats, faults = build.Formats(cfg)
		p.leftOut = build.LeftOut(cfg, faults)
	}
	if err := p.remake(); err != nil {
		return nil, err
	}
	if dataset != "" && !slices.Contains(p.parser.Datasets(), dataset) {
		return nil, &fault.Error{Code: "dataset-unknown", What: fmt.Sprintf("no format makes the dataset %s", dataset), Where: "--dataset", Do: nearestDataset(dataset, p.parser.Datasets()), Exit: fault.ExitUsage}
	}
	return p, nil
}

// nearestDataset says which dataset was most likely meant.
func nearestDataset(name string, known []string) string {
	if near := nearest.Name(name, known); near != "" {
		return "did you mean `" + near + "`?"
	}
	return "weir formats list has all, or leave it out: it is recognised"
}

// remake makes the parser of the options, which somebody may have changed.
func (p *lineParser) remake() (err error) {
	p.parser, err = parse.New(p.options)
	return err
}

// enrichment reads what is added to events. Live goes on without a database that is broken; who looks at lines by hand is
// told instead of shown less than there should be.
func enrichment(cfg config.Config) (*build.Enrichment, error) {
	added, faults, err := build.LoadEnrichment(cfg, slog.New(slog.DiscardHandler))
	if err == nil && len(faults) > 0 {
		err = faults
	}
	return added, err
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
		p.watched("enrich", e, func() { p.added.Step(e, raw) })
		p.watched("class", e, func() {
			p.class(e)
			p.added.Class(e, raw)
		})
		p.watched("redact", e, func() { p.added.Redact(e, raw) })
		return emit(e)
	}
	if p.dataset != "" {
		return p.parser.ParseDataset(p.dataset, raw, &p.e, each)
	}
	return p.parser.Parse(raw, &p.e, each)
}

// ParseLines writes one ECS JSON document a line for each event in the raw lines of r. An empty dataset is recognised;
// an unknown one is a fault that names those there are. Lines that make no event do not stop the others: the first of them
// is told in the fault that is returned in the end. warn is told what does not keep lines from being read.
func ParseLines(ctx context.Context, cfg config.Config, dataset string, r io.Reader, w io.Writer, warn func(*fault.Error)) error {
	p, err := newLineParser(cfg, dataset)
	if err != nil {
		return err
	}
	if p.leftOut != nil {
		warn(p.leftOut)
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
