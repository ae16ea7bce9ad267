// Package winevent reads Windows events that somebody wrote as JSON, one a line, in any of the shapes in which they are
// passed around.
//
// There are three: flat records with Sigma's names (EventID, Channel, CommandLine, ...), dumps of EVTX files
// (Event.System and Event.EventData, with attributes), and ECS documents with winlog.event_data. A line may mix them; each
// member is understood by where it stands. Whatever the shape, a value ends at the same place of the event and as the
// same text, since Windows has texts: rules see no difference.
package winevent

import (
	"errors"
	"fmt"
	"unsafe"

	"weir/event"
)

// errLine is behind every error of Read: what was read is no JSON object, or is nested too deep.
var errLine = errors.New("not a JSON object")

// Bounds on what a Reader takes and keeps.
const (
	// maxDepth is the nesting of a line.
	maxDepth = 64
	// maxPlaces and maxNames bound the places that are remembered from one line to the next, and the bytes of their names:
	// who makes names up costs no more memory than this and what one line holds.
	maxPlaces = 8192
	maxNames  = 1 << 20
	// keepBuf is the longest memory for escaped texts that is kept after a line.
	keepBuf = 1 << 20
)

// Reader reads one line after the other. It remembers the names of the lines before, so that it need not look them up.
// It belongs to one goroutine.
type Reader struct {
	path    func(name string) string
	apart   bool // see NewApart
	targets map[string]*target
	root    *place
	places  int // made below root
	names   int // bytes of their names
	begins  *way
	ways    int // made below begins
	block   []way
	fields  int // known to the event package when the targets were made
	// what every line asks for; open is the field of the event data
	host, guid, data, provider *target
	open                       event.Field

	// Of the line that is being read. gen numbers them and marks what belongs to this one.
	e   *event.Event
	src string
	pos int
	gen uint32
	way *way // where it is, nil off all ways
	// learned are the places that this line added to them.
	learned int
	clocks  [clocks]text
	params  []event.Value
	source  event.Value
	// members are keys and values of the event data that no list knows.
	members []event.Value
	// stack holds the items of lists that are being read.
	stack []event.Value
	// buf holds texts that had escapes. Its room is as long as the line from the start, so it never moves.
	buf []byte
}

// text is a value that waits for the end of the line, and where it belongs.
type text struct {
	s  string
	of *target
}

// New makes a reader. path says where the value of a name of the event data belongs, as winlog.event_data.NAME: it is
// asked once for each name, which has no blanks.
func New(path func(name string) string) *Reader {
	r := &Reader{path: path}
	r.forget()
	return r
}

// NewApart makes a reader for documents that are kept: every name stays where the line has it. Event data are
// winlog.event_data.NAME and user data winlog.user_data.NAME, whatever rules call them.
func NewApart() *Reader {
	r := &Reader{path: func(name string) string { return eventData + "." + name }, apart: true}
	r.forget()
	return r
}

// forget makes the reader as it was when it was new.
func (r *Reader) forget() {
	r.targets = make(map[string]*target)
	r.root, r.places, r.names = &place{kind: top}, 0, 0
	r.begins, r.ways = &way{}, 0
	r.fields = event.Known()
	r.open, _ = event.Lookup(eventData)
	r.host, r.guid, r.data, r.provider = r.aim(computerName), r.aim(providerGUID), r.aim(r.path(nameless)), r.aim(provider)
}

// Read reads one line into e, which is reset first. The event's texts alias the line, and memory of the reader: both
// must stay as they are while the event is used, so the reader reads the next line only after that. The error says at
// which byte the line is broken; e then holds what was read before it.
func (r *Reader) Read(line []byte, e *event.Event) error {
	e.Reset()
	return r.Fill(line, e)
}

// Fill is Read for an event that has values already, which the line may add to. @timestamp and host.name are those of the
// line if it has them.
func (r *Reader) Fill(line []byte, e *event.Event) error {
	r.begin(line, e)
	r.space()
	ok := r.object(r.root, 0)
	r.space()
	r.finish()
	if !ok || r.pos != len(line) {
		return fmt.Errorf("%w: byte %d of %d", errLine, r.pos+1, len(line))
	}
	return nil
}

// begin makes the reader ready for a line.
func (r *Reader) begin(line []byte, e *event.Event) {
	if r.places > maxPlaces || r.names > maxNames || r.fields != event.Known() {
		r.forget()
	}
	r.e, r.src, r.pos = e, unsafe.String(unsafe.SliceData(line), len(line)), 0
	if r.gen++; r.gen == 0 { // after 4 billion lines the old marks would look new
		r.forget()
		r.gen = 1
	}
	// Escapes never grow, but texts are copied eight bytes at a time.
	if need := len(line) + 8; cap(r.buf) < need || cap(r.buf) > keepBuf && need < keepBuf/4 {
		r.buf = make([]byte, 0, max(need, 16<<10))
	}
	r.buf = r.buf[:0]
	clear(r.stack) // a line that broke off may have left something
	clear(r.members)
	r.stack, r.params, r.members = r.stack[:0], r.params[:0], r.members[:0]
	clear(r.clocks[:])
	r.source = event.Value{}
	// A full tree may be full of what no longer comes.
	if r.ways == maxWays && r.gen%(1<<16) == 0 {
		r.begins, r.ways = &way{}, 0
	}
	r.way, r.learned = r.begins, 0
}

// finish sets what follows from several values of the line. It also runs for a line that is broken, whose event holds what
// stood before the break.
func (r *Reader) finish() {
	r.setTime()
	r.flush()
	if v := r.e.Get(event.HostName); v.Kind() == event.Absent {
		if name := r.value(r.host); name.Kind() != event.Absent {
			r.e.Set(event.HostName, name)
		}
	}
	if r.source.Kind() != event.Absent && r.value(r.provider).Kind() == event.Absent {
		r.put(r.provider, r.source)
	}
	// Agents number the texts of classic events, which have no names. Rules call them Data, as the event itself does.
	if len(r.params) > 0 && r.value(r.guid).Kind() == event.Absent {
		if r.value(r.data).Kind() == event.Absent {
			r.put(r.data, event.Items(r.params...))
		}
		clear(r.params)
	}
	r.e, r.src = nil, "" // the line is the caller's again
}
