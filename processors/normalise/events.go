package normalise

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"weir/event"
	"weir/internal/bus/produce"
	"weir/internal/record"
)

// EventWriter writes events to one partition, in order: bus.Partition.
type EventWriter interface {
	// Write takes over events from up to, not including, to; it copies them before it returns.
	Write(run produce.Run, from, to int)
	// Close gives up what is not written yet.
	Close()
}

// made is one event as it is written. Its memory is the sheet's.
type made struct {
	value, headers []byte
	at             time.Time
}

// sheet is where a worker writes the events of the batch under way. The writer copies them into what travels, so the next
// batch has the same memory, and it stays small and near.
type sheet struct {
	events []made
	docs   []byte // encoded events
	heads  []byte // encoded headers

	// The headers that a record shares with those before it, encoded, and what they were made of.
	tail   []byte
	count  int
	input  string
	origin string
	peer   netip.AddrPort
	class  string
	day    int64
}

// dayNanos is one day of UTC.
const dayNanos = int64(24 * time.Hour)

// maxSheet bounds the documents whose memory is kept for the next batch, some times those of a usual one.
const maxSheet = 32 << 20

// begin empties the sheet.
func (s *sheet) begin() {
	if cap(s.docs) > maxSheet {
		s.docs = nil
	}
	s.events, s.docs, s.heads = s.events[:0], s.docs[:0], s.heads[:0]
}

// encode appends the event's JSON. A later growth moves the memory; what was handed out before keeps the old one.
func (s *sheet) encode(e *event.Event) []byte {
	from := len(s.docs)
	s.docs = e.AppendJSON(s.docs)
	return s.docs[from:len(s.docs):len(s.docs)]
}

// add puts an event on the sheet. Headers of the raw record are passed on as they are: the archive counts by them. class
// and day, since 1970, spare readers the document; an empty class is not known.
// rev is empty but for events that were read again.
func (s *sheet) add(value, src, prev []byte, raw *record.Raw, id string, rev []byte, class string, day int64) {
	if s.count == 0 || s.input != raw.Input || s.origin != raw.Origin || s.peer != raw.Peer || s.day != day || s.class != class {
		s.class, s.day = strings.Clone(class), day
		s.share(raw)
	}
	from := len(s.heads)
	count := s.count
	if len(rev) > 0 {
		count++
	}
	h := binary.AppendVarint(s.heads, int64(count))
	h = produce.AppendHeader(h, record.HeaderSource, src)
	h = produce.AppendHeader(h, record.HeaderPrev, prev)
	h = produce.AppendHeader(h, record.HeaderID, id)
	if len(rev) > 0 {
		h = produce.AppendHeader(h, record.HeaderRev, rev)
	}
	s.heads = append(h, s.tail...)
	s.events = append(s.events, made{value, s.heads[from:len(s.heads):len(s.heads)], raw.Received})
}

// share encodes what the next records may have in common. The names alias the record, so they are copied.
func (s *sheet) share(raw *record.Raw) {
	s.count = 4
	s.tail = produce.AppendHeader(s.tail[:0], record.HeaderInput, raw.Input)
	if raw.Origin != "" {
		s.tail = produce.AppendHeader(s.tail, record.HeaderOrigin, raw.Origin)
		s.count++
	}
	if raw.Peer.IsValid() {
		var text [64]byte
		s.tail = produce.AppendHeader(s.tail, record.HeaderPeer, raw.Peer.AppendTo(text[:0]))
		s.count++
	}
	if s.class != "" {
		text := append([]byte(s.class), '/')
		text = time.Unix(0, s.day*dayNanos).UTC().AppendFormat(text, time.DateOnly)
		s.tail = produce.AppendHeader(s.tail, record.HeaderDay, text)
		s.count++
	}
	s.input, s.origin, s.peer = strings.Clone(raw.Input), strings.Clone(raw.Origin), raw.Peer
}

// Record implements produce.Run: the writer calls it while the batch is sent, and never later.
func (b *batch) Record(i int, r *produce.Record) {
	m := &b.events[i]
	r.Time, r.Value, r.Headers = m.at, m.value, m.headers
}

// Settled implements produce.Run. What the end of the worker gave up is no failure: it is made again by whoever gets the
// partition.
func (b *batch) Settled(from, to int, err error) {
	switch {
	case err == nil:
		b.ack(int64(to - from))
	case !errors.Is(err, produce.ErrClosed):
		b.done(fmt.Errorf("writing events: %w", err))
	}
}
