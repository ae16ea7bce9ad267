// Package parse turns raw records into ECS events: it reads the syslog header, finds the format of the message and
// lets it read the rest. A record is never refused because of what it says: what no format knows becomes a plain event.
//
// The formats are one table, see formats.go.
package parse

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"weir/event"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/parse/header"
)

// MaxSplit is how many events one record may become.
const MaxSplit = 10_000

// Reasons of a DeadLetter.
const (
	ReasonPanic = "parser-panic"    // a format failed in a way that it must not
	ReasonSplit = "too-many-events" // one record holds more than MaxSplit events
)

// DeadLetter says why a record, or what is left of it, cannot be used. Its Reason is one of the constants above.
type DeadLetter = processors.DeadLetter

// Options set up a Parser. The zero value works.
type Options struct {
	// ECSVersion is the value of ecs.version; empty: 8.11.0.
	ECSVersion string
	// Zone gives the time zone of a sender that writes none, by its address or its name in the header (both may be
	// empty); nil, as a function or as its answer: DefaultZone. Called from the Parser's goroutine for such lines.
	Zone func(peer netip.Addr, host string) *time.Location
	// DefaultZone is the zone of all others; nil: this machine's.
	DefaultZone *time.Location
	// History makes the logged time count as weir.time, however old.
	History bool
	// Formats are tried before the built-in ones.
	Formats []Format
}

// Parser parses records. It belongs to one goroutine and keeps scratch memory between records.
type Parser struct {
	opts   Options
	table  *table
	names  []string // of datasets, sorted
	head   header.Header
	parts  []string // of a message that is split
	texts  texts
	source context
}

// context is what all events of one record share. It is set anew for each record, so that the functions that fill an
// event need not hand seven values on.
type context struct {
	raw      *record.Raw
	original string // of the record, "" where the text is not UTF-8
	encoded  string // base64 of it then
	peer     string
	program  string
}

// New makes a Parser.
func New(opts Options) (*Parser, error) {
	if opts.ECSVersion == "" {
		opts.ECSVersion = "8.11.0"
	}
	if opts.DefaultZone == nil {
		opts.DefaultZone = time.Local
	}
	for i, f := range opts.Formats {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("format %d (%s): %w", i+1, f.Dataset, err)
		}
	}
	p := &Parser{opts: opts, table: newTable(append(slices.Clone(opts.Formats), builtin()...)), names: []string{plainDataset}}
	for i := range p.table.formats {
		p.names = append(p.names, p.table.formats[i].Dataset)
	}
	slices.Sort(p.names)
	p.names = slices.Compact(p.names)
	return p, nil
}

// check refuses a format that could never be chosen, or would fail when it is.
func (f *Format) check() error {
	switch {
	case !strings.Contains(f.Dataset, ".") || module(f.Dataset) == "":
		return fmt.Errorf("the dataset must be package.stream")
	case f.Read == nil:
		return fmt.Errorf("it reads nothing")
	case f.Input == "" && len(f.Programs) == 0 && len(f.Prefixes) == 0 && f.Looks == nil:
		return fmt.Errorf("nothing says how it is recognised")
	case slices.Contains(f.Prefixes, ""):
		return fmt.Errorf("an empty prefix")
	}
	return nil
}

// Datasets returns the names of all datasets that have a format, sorted.
func (p *Parser) Datasets() []string { return slices.Clone(p.names) }

// Parse reads one record and calls emit for each event in it, in order: one, but for JSON with several objects. e is
// scratch: emit gets e, which is reset before the next event and whose strings alias raw.Value and the Parser's own
// memory until the next call. An error of emit ends the call and is returned as it is; any other error is a
// *DeadLetter, after no or some calls of emit.
func (p *Parser) Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	return p.parse("", raw, e, emit)
}

// ParseDataset is Parse for records that are known to be of one dataset. An unknown name is an error that is no
// *DeadLetter.
func (p *Parser) ParseDataset(name string, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	if _, ok := slices.BinarySearch(p.names, name); !ok {
		return fmt.Errorf("no format has the dataset %q", name)
	}
	return p.parse(name, raw, e, emit)
}

// parse is the way of every record: text, header, format, events. forced is the dataset, "" to find it.
func (p *Parser) parse(forced string, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	if reason, detail, ok := raw.Unusable(); ok {
		return &DeadLetter{Reason: reason, Detail: detail}
	}
	line := unsafe.String(unsafe.SliceData(raw.Value), len(raw.Value))
	p.source = context{raw: raw, original: line, peer: p.texts.peer(raw.Peer.Addr())}
	if raw.Origin != "" {
		p.source.peer = raw.Origin
	}
	if !utf8.ValidString(line) {
		p.source.original, p.source.encoded = "", encode(raw.Value)
		line = strings.ToValidUTF8(line, "\ufffd")
	}
	if f := p.table.inputs[raw.Input]; f != nil && (forced == "" || forced == f.Dataset) {
		p.head, p.source.program = header.Header{Priority: header.NoPriority}, ""
		if f.Split == nil {
			return p.one(e, f, f.Dataset, line, emit)
		}
		return p.split(e, f, f.Dataset, line, emit)
	}
	header.Read(strings.TrimRight(line, "\r\n\x00"), &p.head)
	msg, f, dataset := p.head.Message, (*Format)(nil), forced
	p.source.program = program(p.head.Program)
	if forced != "" {
		var at int
		f, at = p.table.of(forced, p.source.program, msg)
		msg = msg[at:]
	} else if f = p.find(msg); f != nil {
		dataset = f.Dataset
	} else {
		dataset = plainDataset
	}
	if f == nil || f.Split == nil {
		return p.one(e, f, dataset, msg, emit)
	}
	return p.split(e, f, dataset, msg, emit)
}

// find finds the format; the module of PAM that programs of old carry in their name makes the message one of PAM.
func (p *Parser) find(msg string) *Format {
	if strings.HasSuffix(p.head.Program, "(pam_unix)") {
		return &p.table.formats[len(p.opts.Formats)] // the first built-in one
	}
	return p.table.find(p.source.program, msg)
}

// one makes one event of the message and hands it on.
func (p *Parser) one(e *event.Event, f *Format, dataset, msg string, emit func(*event.Event) error) error {
	if err := p.fill(e, f, dataset, msg); err != nil {
		return err
	}
	return emit(e)
}

// split makes an event of each part. The parts are found first, so that no failure of emit is taken for one of the
// format. What is no part any more becomes a plain event of its own where several parts came before it; a message with
// less than that is not what it looked like and stays whole.
func (p *Parser) split(e *event.Event, f *Format, dataset, msg string, emit func(*event.Event) error) error {
	p.parts = p.parts[:0]
	defer func() { clear(p.parts) }()
	end, err := p.findParts(f, msg)
	if dead, ok := errors.AsType[*DeadLetter](err); ok && dead.Reason == ReasonPanic {
		return err
	}
	if len(p.parts) == 0 || err != nil && len(p.parts) == 1 {
		return p.plain(e, dataset, msg, err, emit)
	}
	several := len(p.parts) > 1
	for i, part := range p.parts {
		if several {
			p.narrow(part, i == 0)
		}
		if err := p.one(e, f, dataset, part, emit); err != nil {
			return err
		}
	}
	switch {
	case err == nil:
		return nil
	case len(p.parts) == MaxSplit:
		return &DeadLetter{Reason: ReasonSplit, Detail: fmt.Sprintf("one record may hold %d events", MaxSplit)}
	}
	rest := msg[end:]
	p.narrow(rest, false)
	return p.plain(e, dataset, rest, err, emit)
}

// narrow makes a part the original of its event: else a record of n events would be stored n times n. Of a record that
// is not UTF-8 the first event keeps all bytes, as parts of the repaired text are no parts of them.
func (p *Parser) narrow(part string, first bool) {
	if p.source.encoded != "" && first {
		return
	}
	p.source.original, p.source.encoded = part, ""
}

// findParts fills p.parts and returns where the last one ends. An error may come after parts that are good.
func (p *Parser) findParts(f *Format, msg string) (end int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &DeadLetter{Reason: ReasonPanic, Detail: f.Dataset + ": " + panicText(r)}
		}
	}()
	err = f.Split(msg, func(part string) error {
		if len(p.parts) == MaxSplit {
			return errTooMany
		}
		p.parts = append(p.parts, part)
		if at := strings.Index(msg[end:], part); at >= 0 {
			end += at + len(part)
		}
		return nil
	})
	return end, err
}

// errTooMany ends the search for parts; it never leaves the package.
var errTooMany = errors.New("too many parts")

// plain makes one event that no format reads, with the reason if there is one.
func (p *Parser) plain(e *event.Event, dataset, msg string, why error, emit func(*event.Event) error) error {
	if err := p.fill(e, nil, dataset, msg); err != nil {
		return err
	}
	if why != nil {
		e.Append(event.WeirParseErrors, dataset+": "+why.Error())
	}
	return emit(e)
}

// program returns the name of the program behind a path and without the module that old ones add in brackets, so that
// process.name is the same on every host. What the line said stays in log.syslog.appname.
func program(s string) string {
	if s == "" {
		return s
	}
	if s[0] == '/' {
		s = s[strings.LastIndexByte(s, '/')+1:]
	}
	return strings.TrimSuffix(s, "(pam_unix)")
}
