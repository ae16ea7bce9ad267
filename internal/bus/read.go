package bus

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// Reader reads the records of raw topics. It remembers what the record before said of its sender, since records come in
// runs of one. The zero Reader is ready; it belongs to one goroutine.
type Reader struct {
	peer   string
	addr   netip.AddrPort
	prefix string // ingester/start/
	ing    record.Ing
}

// ReadRaw is [Reader.Read] for a single record.
func ReadRaw(rec *kgo.Record, raw *record.Raw) error { return new(Reader).Read(rec, raw) }

// Read fills raw from a record of a raw topic. Strings alias the record, which must stay unchanged while raw is in
// use. Headers that are missing or unreadable leave their field empty: a foreign producer's record is still a record.
func (r *Reader) Read(rec *kgo.Record, raw *record.Raw) error {
	*raw = record.Raw{Value: rec.Value, Received: rec.Timestamp}
	// The first error is enough to find the producer that wrote it. The rest of the headers is read all the same.
	var firstErr error
	keep := func(err error) {
		if err != nil && firstErr == nil {
			firstErr = fmt.Errorf("headers of %s/%d/%d: %w", rec.Topic, rec.Partition, rec.Offset, err)
		}
	}
	for i := range rec.Headers {
		h := &rec.Headers[i]
		text := alias(h.Value)
		switch h.Key {
		case record.HeaderID:
			raw.ID = text
		case record.HeaderIng:
			var err error
			raw.Ing, err = r.identity(text)
			keep(err)
		case record.HeaderRecv:
			ns, ok := digits(text)
			var err error
			if !ok {
				ns, err = strconv.ParseInt(text, 10, 64)
			}
			if keep(err); err == nil {
				raw.Received = time.Unix(0, ns)
			}
		case record.HeaderPeer:
			var err error
			raw.Peer, err = r.address(text)
			keep(err)
		case record.HeaderProto:
			raw.Proto = text
		case record.HeaderInput:
			raw.Input = text
		case record.HeaderTags:
			raw.Tags = strings.Split(text, ",")
		case record.HeaderTLSCN:
			raw.TLSName = text
		case record.HeaderOrigin:
			raw.Origin = text
		}
	}
	// The identity of a record that can be replayed ends in its place: key/line.
	if key := alias(rec.Key); key != "" && strings.HasPrefix(raw.ID, key+"/") {
		if line, err := strconv.ParseInt(raw.ID[len(key)+1:], 10, 64); err == nil {
			raw.Key, raw.Line = key, line
		}
	}
	return firstErr
}

// identity reads ingester/start/sequence.
func (r *Reader) identity(text string) (record.Ing, error) {
	if rest, ok := strings.CutPrefix(text, r.prefix); ok && r.prefix != "" {
		if seq, ok := digits(rest); ok {
			ing := r.ing
			ing.Seq = uint64(seq)
			return ing, nil
		}
	}
	ing, err := record.ParseIng(text)
	if err == nil {
		r.prefix = strings.Clone(text[:strings.LastIndexByte(text, '/')+1])
		r.ing = record.Ing{Ingester: r.prefix[:len(ing.Ingester)], Start: ing.Start}
	}
	return ing, err
}

// address reads addr:port.
func (r *Reader) address(text string) (netip.AddrPort, error) {
	if text == r.peer && text != "" {
		return r.addr, nil
	}
	addr, err := netip.ParseAddrPort(text)
	if err == nil {
		r.peer, r.addr = strings.Clone(text), addr
	}
	return addr, err
}

// digits reads a number of up to nineteen digits that surely fits, which is what all but odd ones are.
func digits(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 && s[0] > '8' || len(s) > 19 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

// Header returns the value of a header, "" if the record has none of that name. It aliases the record.
func Header(rec *kgo.Record, key string) string {
	for i := range rec.Headers {
		if rec.Headers[i].Key == key {
			return alias(rec.Headers[i].Value)
		}
	}
	return ""
}

// alias makes a string of bytes that nobody changes any more.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
