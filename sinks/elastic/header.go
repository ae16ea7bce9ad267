package elastic

import (
	"bytes"
	"net/netip"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// header is what the headers of a record say. The slices alias the record.
type header struct {
	src, prev, id, input, peer, origin, day, rev []byte
}

// read reads the headers; where one comes twice the last counts.
func (h *header) read(r *kgo.Record) {
	*h = header{}
	for i := range r.Headers {
		v := r.Headers[i].Value
		switch r.Headers[i].Key {
		case record.HeaderSource:
			h.src = v
		case record.HeaderPrev:
			h.prev = v
		case record.HeaderID:
			h.id = v
		case record.HeaderInput:
			h.input = v
		case record.HeaderPeer:
			h.peer = v
		case record.HeaderOrigin:
			h.origin = v
		case record.HeaderDay:
			h.day = v
		case record.HeaderRev:
			h.rev = v
		}
	}
}

// sameSource tells whether two records come from the same sender.
func (h *header) sameSource(o *header) bool {
	return bytes.Equal(h.input, o.input) && bytes.Equal(h.peer, o.peer) && bytes.Equal(h.origin, o.origin)
}

// source names the sender as the ledger does everywhere: input/address, or input/origin. Records without an input, such
// as alerts, are counted under their topic.
func (h *header) source(topic string) string {
	switch {
	case len(h.input) == 0:
		return topic
	case len(h.origin) > 0:
		return string(h.input) + "/" + string(h.origin)
	}
	peer, err := netip.ParseAddrPort(string(h.peer))
	if err != nil && len(h.peer) > 0 {
		return string(h.input) + "/" + string(h.peer)
	}
	return string(h.input) + "/" + record.AddressName(peer)
}

// revision returns weir.revision of an event that was read again, 0 of any other.
func (h *header) revision() int64 {
	n, rest, ok := number(h.rev)
	if !ok || len(rest) > 0 {
		return 0
	}
	return n
}

// eventID returns event.id: the identity of the raw record, with the number of the event among those that were made of it.
// An event that was read again says its own.
func (h *header) eventID(sub int32) []byte {
	if sub == 0 || len(h.id) == 0 || len(h.rev) > 0 {
		return h.id
	}
	id := append(make([]byte, 0, len(h.id)+8), h.id...)
	return strconv.AppendInt(append(id, '-'), int64(sub), 10)
}
