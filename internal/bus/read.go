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

// ReadRaw fills raw from a record of a raw topic. Strings alias the record, which must stay unchanged while raw is in
// use. Headers that are missing or unreadable leave their field empty: a foreign producer's record is still a record.
func ReadRaw(rec *kgo.Record, raw *record.Raw) error {
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
			raw.Ing, err = record.ParseIng(text)
			keep(err)
		case record.HeaderRecv:
			ns, err := strconv.ParseInt(text, 10, 64)
			keep(err)
			if err == nil {
				raw.Received = time.Unix(0, ns)
			}
		case record.HeaderPeer:
			var err error
			raw.Peer, err = netip.ParseAddrPort(text)
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
