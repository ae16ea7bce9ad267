package bus

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/bus/produce"
	"weir/internal/record"
)

// encoder writes the headers of raw records. Neighbours differ in little but their number, so what they share is kept
// encoded. One goroutine at a time: the lane's lock is held.
type encoder struct {
	self []byte // ingester/start/
	out  []byte // of the last call

	// Headers after the identity, and what they were made of.
	tail  []byte
	count int
	of    sender
	tags  []string
}

// sender is what the shared headers say, tags aside.
type sender struct {
	received                     time.Time
	peer                         netip.AddrPort
	proto, input, origin, client string
}

// newEncoder makes the encoder of an ingester's start.
func newEncoder(self record.Ing) encoder {
	prefix := self.AppendText(nil)
	return encoder{self: prefix[:len(prefix)-1]} // its sequence is 0
}

// headers returns the headers of raw as they stand in a record. They are valid until the next call.
func (e *encoder) headers(raw *record.Raw) []byte {
	of := sender{raw.Received, raw.Peer, raw.Proto, raw.Input, raw.Origin, raw.TLSName}
	if e.count == 0 || of != e.of || !slices.Equal(raw.Tags, e.tags) {
		e.share(of, raw.Tags)
	}
	var digits [20]byte
	seq := strconv.AppendUint(digits[:0], raw.Ing.Seq, 10)
	out := binary.AppendVarint(e.out[:0], int64(e.count))
	out = e.identity(out, record.HeaderIng, seq)
	if raw.Key == "" {
		out = e.identity(out, record.HeaderID, seq)
	} else {
		line := strconv.AppendInt(digits[:0], raw.Line, 10)
		out = append(binary.AppendVarint(out, int64(len(record.HeaderID))), record.HeaderID...)
		out = binary.AppendVarint(out, int64(len(raw.Key)+1+len(line)))
		out = append(append(append(out, raw.Key...), '/'), line...)
	}
	e.out = append(out, e.tail...)
	return e.out
}

// identity appends a header with ingester/start/sequence.
func (e *encoder) identity(out []byte, key string, seq []byte) []byte {
	out = append(binary.AppendVarint(out, int64(len(key))), key...)
	out = binary.AppendVarint(out, int64(len(e.self)+len(seq)))
	return append(append(out, e.self...), seq...)
}

// share encodes what the next records may have in common.
func (e *encoder) share(of sender, tags []string) {
	e.of, e.tags, e.count, e.tail = of, tags, 2, e.tail[:0]
	var text [64]byte
	e.add(record.HeaderRecv, strconv.AppendInt(text[:0], of.received.UnixNano(), 10))
	if of.origin != "" {
		e.add(record.HeaderOrigin, constant(of.origin))
	}
	if of.peer.IsValid() {
		e.add(record.HeaderPeer, of.peer.AppendTo(text[:0]))
	}
	e.add(record.HeaderProto, constant(of.proto))
	e.add(record.HeaderInput, constant(of.input))
	if len(tags) > 0 {
		e.add(record.HeaderTags, []byte(strings.Join(tags, ",")))
	}
	if of.client != "" {
		e.add(record.HeaderTLSCN, constant(of.client))
	}
}

func (e *encoder) add(key string, value []byte) {
	e.tail = produce.AppendHeader(e.tail, key, value)
	e.count++
}
