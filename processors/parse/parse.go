// Package parse turns raw records into ECS events: it reads the syslog header, finds the format of the message and
// lets it read the rest. A record is never refused because of what it says: what no format knows becomes a plain event.
//
// The formats are files, see package format; those that come with weir are in package formats.
package parse

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"

	"weir/event"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/parse/format"
	"weir/processors/parse/format/step"
	"weir/processors/parse/formats"
	"weir/processors/parse/header"
)

// MaxSplit is how many events one record may become.
const MaxSplit = 10_000

// Reasons of a DeadLetter.
const (
	ReasonPanic = "parser-panic"    // a format failed in a way that it must not
	ReasonSplit = "too-many-events" // one record holds more than MaxSplit events
	ReasonPart  = "part-unknown"    // a part of a record that is read again does not say which format is its own
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
	// Formats are those that are known; nil: those that come with weir.
	Formats *format.Set
	// Live returns the formats that are known now, in place of Formats: it is asked before each record.
	Live func() *format.Set
	// Dataset returns the dataset of a record that a setting or an inventory knows, by its input, its sender or the host of its
	// header; nil, as a function, or "" as its answer: it is recognised by what it says.
	Dataset func(raw *record.Raw, host string) string
	// Trace is told what each step of a format does, for people who look; nil in live.
	Trace func(step.Trace)
	// Recognised is told which format a record has and why, likewise.
	Recognised func(Recognised)
}

// Recognised is how a record came to its format.
type Recognised struct {
	// Format is nil where none fits: the event is a plain line of syslog.
	Format *format.Format
	// By is what decided: dataset (it was asked for), setting (input setting or inventory), agent (the document names it),
	// input, content, or nothing. What says it in words.
	By, What string
	// Header tells that a syslog header was read before the message.
	Header bool
}

// Parser parses records. It belongs to one goroutine and keeps scratch memory between records.
type Parser struct {
	opts    Options
	formats *format.Set
	machine *step.Machine
	head    header.Header
	parts   []string // of a message that is split
	texts   texts
	source  context
	onDrop  func()
	zone    func() *time.Location
	look    format.Look
	was     string // the dataset of the event whose original is read again
	part    bool   // the record is a part of what was split when it came in
}

// context is what all events of one record share. It is set anew for each record, so that the functions that fill an
// event need not hand seven values on.
type context struct {
	raw      *record.Raw
	original string // of the record, "" where the text is not UTF-8
	encoded  string // base64 of it then
	text     string // of the record or of its part, as steps see it
	peer     string
	program  string
	inner    string      // the message within an agent's document, "" if the record is none
	doc      event.Value // what an agent says beside the message
	location *time.Location
}

// shipped are the formats that come with weir. They are read when the first parser is made.
var shipped = sync.OnceValues(func() (*format.Set, error) {
	set, faults := format.Load(format.Source{Name: "shipped", FS: formats.FS()})
	if len(faults) > 0 {
		return set, faults // a test of ours finds them before anybody else can
	}
	return set, nil
})

// Shipped returns the formats that come with weir. A fault in one of them is an error; the others are there all the same.
func Shipped() (*format.Set, error) { return shipped() }

// New makes a Parser.
func New(opts Options) (*Parser, error) {
	if opts.ECSVersion == "" {
		opts.ECSVersion = "8.11.0"
	}
	if opts.DefaultZone == nil {
		opts.DefaultZone = time.Local
	}
	if opts.Formats == nil && opts.Live == nil {
		opts.Formats, _ = Shipped()
	}
	p := &Parser{opts: opts, formats: opts.Formats, machine: step.NewMachine()}
	if opts.Live != nil {
		p.formats = opts.Live()
	}
	p.zone = p.location
	return p, nil
}

// Datasets returns the names of all datasets that have a format, sorted.
func (p *Parser) Datasets() []string {
	names := append(p.formats.Datasets(), plainDataset)
	slices.Sort(names)
	return slices.Compact(names)
}

// OnDrop sets what is called in place of emit for an event that its format filters on purpose.
func (p *Parser) OnDrop(fn func()) { p.onDrop = fn }

// Parse reads one record and calls emit for each event in it, in order: mostly one. e is scratch: emit gets e, which is
// reset before the next event and whose strings alias raw.Value and the Parser's own memory until the next call. An error
// of emit ends the call and is returned as it is; any other error is a *DeadLetter, after no or some calls of emit.
func (p *Parser) Parse(raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	return p.parse("", event.Value{}, raw, e, emit)
}

// ParseDataset is Parse for records that are known to be of one dataset, or of one format: dataset/id. An unknown name is an error that is no
// *DeadLetter.
func (p *Parser) ParseDataset(name string, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	return p.ParseDocument(name, event.Value{}, raw, e, emit)
}

// ParseDocument is ParseDataset for a message that an agent has put into a document of its own: doc's members are set before
// the format reads the message, those whose names begin with _ as scratch. The message is doc's own, or its
// event.original, or else the record.
func (p *Parser) ParseDocument(dataset string, doc event.Value, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	if p.live(); dataset != plainDataset && len(p.formats.Of(dataset)) == 0 && p.formats.Named(dataset) == nil {
		return fmt.Errorf("no format has the dataset %q", dataset)
	}
	return p.parse(dataset, doc, raw, e, emit)
}

// ParseAgain is Parse for the original of an event that was stored as one of a dataset, or ParseDataset where as is not empty.
// part tells that it is a part of a record that was split then: it has no header, is not split again, and mostly does not say
// any more whose it is.
func (p *Parser) ParseAgain(as, was string, part bool, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	p.was, p.part = was, part
	defer func() { p.was, p.part = "", false }()
	if as != "" {
		return p.ParseDataset(as, raw, e, emit)
	}
	return p.parse("", event.Value{}, raw, e, emit)
}

// Misfit says why the record that was parsed last is not recognised as one of a format, "" if it might be.
func (p *Parser) Misfit(f *format.Format) string {
	if p.source.raw == nil {
		return ""
	}
	p.readHeader(p.look.Line) // the format that read it may have had no use for it
	return f.Misfit(&p.look)
}

// live takes over formats that were loaded again.
func (p *Parser) live() {
	if p.opts.Live != nil {
		p.formats = p.opts.Live()
	}
}

// parse is the way of every record: text, header, format, events. forced is the dataset, "" to find it.
func (p *Parser) parse(forced string, doc event.Value, raw *record.Raw, e *event.Event, emit func(*event.Event) error) error {
	if reason, detail, ok := raw.Unusable(); ok {
		return &DeadLetter{Reason: reason, Detail: detail}
	}
	p.live()
	line := unsafe.String(unsafe.SliceData(raw.Value), len(raw.Value))
	p.source = context{raw: raw, original: line, peer: p.texts.peer(raw.Peer.Addr()), doc: doc}
	if raw.Origin != "" {
		p.source.peer = raw.Origin
	}
	bad := !utf8.ValidString(line)
	if bad {
		p.source.original, p.source.encoded = "", encode(raw.Value)
		line = strings.ToValidUTF8(line, "\ufffd")
	}
	if inner := messageOf(doc); inner != "" {
		line, bad = inner, false
	}
	f, dataset, msg, err := p.find(forced, line)
	if err != nil {
		return err
	}
	if p.opts.Recognised != nil {
		p.tell(f, forced)
	}
	if bad && f != nil && len(f.Charsets()) > 0 {
		if text, ok := Decode(f.Charsets(), raw.Value); ok {
			p.source.text = text
			p.readHeader(text)
			if msg = p.head.Message; f.Whole {
				msg = text
			}
		}
	}
	if f == nil || f.Split() == nil || p.part {
		return p.one(e, f, dataset, msg, emit)
	}
	return p.split(e, f, dataset, msg, emit)
}

// find reads the header and finds the format, its dataset and the message.
func (p *Parser) find(forced, line string) (f *format.Format, dataset, msg string, err error) {
	raw := p.source.raw
	p.source.text = line
	if f := p.formats.Input(raw.Input); f != nil && (forced == "" || forced == f.Dataset || forced == f.Name()) {
		p.head, p.source.program = header.Header{Priority: header.NoPriority}, ""
		return f, f.Dataset, line, nil
	}
	if p.part {
		p.head, p.source.program = header.Header{Priority: header.NoPriority, Message: line}, ""
	} else {
		p.readHeader(line)
	}
	if forced == "" && p.opts.Dataset != nil {
		if forced = p.opts.Dataset(raw, p.head.Host); len(p.formats.Of(forced)) == 0 {
			forced = "" // a setting that names what is not there must not cost the event
		}
	}
	if forced == "" {
		if forced = p.agent(); forced != "" {
			line = p.source.inner
			p.source.text = line
		}
	}
	p.look.Input, p.look.Line, p.look.Head, p.look.Program = raw.Input, strings.TrimRight(line, "\r\n\x00"), &p.head, p.source.program
	if strings.HasSuffix(p.head.Program, pamUnix) {
		p.look.Program = pamUnix // which stands in place of the program's own name
	}
	at := 0
	switch {
	case forced == "" && p.was != "":
		var ok bool
		if f, ok = p.formats.Again(p.was, p.part, &p.look); !ok {
			return nil, "", "", &DeadLetter{Reason: ReasonPart, Detail: "several formats of " + p.was + " split records, and its text fits none: name one, --as " + p.was + "/ID"}
		}
	case forced == "":
		f = p.formats.Recognise(&p.look)
	case strings.IndexByte(forced, '/') >= 0:
		f = p.formats.Named(forced)
	default:
		f, at = p.formats.Within(forced, &p.look)
	}
	switch {
	case f == nil && forced != "":
		dataset = forced
	case f == nil:
		dataset = plainDataset
	default:
		dataset = f.Dataset
	}
	msg = p.head.Message
	if f != nil && f.Whole {
		p.head, p.source.program = header.Header{Priority: header.NoPriority}, ""
		msg = p.look.Line
	}
	return f, dataset, msg[at:], nil
}

// tell says how a record came to its format.
func (p *Parser) tell(f *format.Format, forced string) {
	r := Recognised{Format: f, By: "content", Header: p.head.Priority != header.NoPriority || p.head.Stamp.Has || p.head.Host != ""}
	switch {
	case forced != "":
		r.By, r.What = "dataset", forced
	case f == nil:
		r.By, r.What = "nothing", "no format fits"
	case p.formats.Input(p.source.raw.Input) == f:
		r.By, r.What = "input", p.source.raw.Input
	case p.source.inner != "":
		r.By, r.What = "agent", "the document names the dataset "+f.Dataset
	case p.opts.Dataset != nil && p.opts.Dataset(p.source.raw, p.look.Head.Host) == f.Dataset:
		r.By, r.What = "setting", f.Dataset
	default:
		r.What = f.Reason(&p.look)
	}
	p.opts.Recognised(r)
}

// readHeader reads the header of a line.
func (p *Parser) readHeader(line string) {
	header.Read(strings.TrimRight(line, "\r\n\x00"), &p.head)
	p.source.program = program(p.head.Program)
}

// pamUnix is what old programs add to their name when PAM writes.
const pamUnix = "(pam_unix)"

// one makes one event of the message and hands it on.
func (p *Parser) one(e *event.Event, f *format.Format, dataset, msg string, emit func(*event.Event) error) error {
	dropped, err := p.fill(e, f, dataset, msg)
	switch {
	case err != nil:
		return err
	case !dropped:
		return emit(e)
	case p.onDrop != nil:
		p.onDrop()
	}
	return nil
}

// split makes an event of each part. The parts are found first, so that no failure of emit is taken for one of the
// format. What is no part any more becomes a plain event of its own where several parts came before it; a message with
// less than that is not what it looked like and stays whole.
func (p *Parser) split(e *event.Event, f *format.Format, dataset, msg string, emit func(*event.Event) error) error {
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
func (p *Parser) findParts(f *format.Format, msg string) (end int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &DeadLetter{Reason: ReasonPanic, Detail: f.Dataset + ": " + panicText(r)}
		}
	}()
	err = f.Split()(msg, func(part string) error {
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
	if _, err := p.fill(e, nil, dataset, msg); err != nil {
		return err
	}
	if why != nil {
		e.Append(event.WeirParseErrors, dataset+": "+why.Error())
	}
	return emit(e)
}

// plainDataset is that of a line that no format knows.
const plainDataset = "system.syslog"

// module returns the package of a dataset.
func module(dataset string) string {
	name, _, _ := strings.Cut(dataset, ".")
	return name
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
	return strings.TrimSuffix(s, pamUnix)
}
