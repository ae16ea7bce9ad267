// Package record is what travels on weir.raw.*: the bytes of one frame as they came off the wire, and where they came
// from. Topics, headers and positions are contracts with every reader of the topics.
package record

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Names of the headers. All values are UTF-8 text.
const (
	HeaderID     = "weir-id"     // event.id: the identity minted at the front door
	HeaderIng    = "weir-ing"    // ingester/start/sequence
	HeaderRecv   = "weir-recv"   // receipt time, nanoseconds since 1970
	HeaderPeer   = "weir-peer"   // addr:port of the sender's socket
	HeaderProto  = "weir-proto"  // udp, tcp, tls, relp, ...
	HeaderInput  = "weir-input"  // name of the input: syslog
	HeaderTags   = "weir-tags"   // comma-separated
	HeaderTLSCN  = "weir-tls-cn" // common name of the client's certificate
	HeaderOrigin = "weir-origin" // what stands for the sender where there is no socket: a file, a bucket, this host
	HeaderSource = "weir-src"    // derived records: topic/partition/offset/sub they came from
	HeaderPrev   = "weir-prev"   // derived records: the position before it in that run and target partition, or empty
	HeaderRev    = "weir-rev"    // events that were read again: weir.revision; then weir-id is the whole event.id, and weir-day is of the first revision
	HeaderDay    = "weir-day"    // events: weir.class and the UTC day of weir.time, standard/2026-11-21; optional, spares a reader the document
)

// Tags that ingest gives to a record.
const (
	TagTruncated = "truncated" // longer than the input's limit; the bytes up to the limit are kept
)

// Raw is one frame. Value is the frame's bytes alone; the receiver of a Raw must not change them.
type Raw struct {
	Value    []byte
	Received time.Time
	Peer     netip.AddrPort
	Proto    string
	Input    string
	Tags     []string
	TLSName  string // common name of the client's certificate

	// Origin names the sender where there is no socket: a file's path, a bucket, this host. It stands in the place of the
	// address in ledgers, and in log.source.address.
	Origin string
	// Key names the object or file of a source that can be replayed (bucket/key/version, a file's fingerprint). Its
	// records stay on one partition, and normalise drops what it has had already. Empty: spread.
	Key string
	// Line is where the record stands in Key, ascending: a byte offset or the number of a line, from 0.
	Line int64
	// ID is event.id. The front door sets it: Key/Line where there is a Key, else Ing.
	ID string

	// Ing is set by the front door.
	Ing Ing
}

// Source names where the record came from in ledgers and limits: input/address, or input/origin.
func (r *Raw) Source() string {
	if r.Origin != "" {
		return r.Input + "/" + r.Origin
	}
	return r.Input + "/" + AddressName(r.Peer)
}

// AddressName is the address in the name of a source. A record that another Kafka client wrote has none.
func AddressName(peer netip.AddrPort) string {
	if !peer.IsValid() {
		return "unknown"
	}
	return peer.Addr().Unmap().String()
}

// Ing is the identity that the front door mints: unique for ever, ascending within one ingester's start and partition.
type Ing struct {
	Ingester string // random, kept in the data folder
	Start    uint32 // how often this ingester was started
	Seq      uint64 // from 1, per start
}

// AppendText appends ingester/start/sequence.
func (i Ing) AppendText(dst []byte) []byte {
	dst = append(append(dst, i.Ingester...), '/')
	dst = append(strconv.AppendUint(dst, uint64(i.Start), 10), '/')
	return strconv.AppendUint(dst, i.Seq, 10)
}

// String returns ingester/start/sequence.
func (i Ing) String() string { return string(i.AppendText(nil)) }

// ParseIng reads ingester/start/sequence.
func ParseIng(s string) (Ing, error) {
	name, rest, ok := strings.Cut(s, "/")
	start, seq, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || name == "" {
		return Ing{}, fmt.Errorf("identity %q is not ingester/start/sequence", s)
	}
	a, err := strconv.ParseUint(start, 10, 32)
	if err != nil {
		return Ing{}, fmt.Errorf("identity %q: start: %w", s, err)
	}
	b, err := strconv.ParseUint(seq, 10, 64)
	if err != nil {
		return Ing{}, fmt.Errorf("identity %q: sequence: %w", s, err)
	}
	return Ing{name, uint32(a), b}, nil
}

// Pos is the place of a derived record in what it was derived from. Positions of one topic and partition are ordered
// by offset, then sub.
type Pos struct {
	Topic     string
	Partition int32
	Offset    int64
	Sub       int32 // number of the record among those derived from one source record, from 0
}

// Compare orders two positions of the same topic and partition.
func (p Pos) Compare(q Pos) int {
	switch {
	case p.Offset != q.Offset:
		if p.Offset < q.Offset {
			return -1
		}
		return 1
	case p.Sub < q.Sub:
		return -1
	case p.Sub > q.Sub:
		return 1
	}
	return 0
}

// AppendText appends topic/partition/offset/sub.
func (p Pos) AppendText(dst []byte) []byte {
	dst = append(append(dst, p.Topic...), '/')
	dst = append(strconv.AppendInt(dst, int64(p.Partition), 10), '/')
	dst = append(strconv.AppendInt(dst, p.Offset, 10), '/')
	return strconv.AppendInt(dst, int64(p.Sub), 10)
}

// String returns topic/partition/offset/sub.
func (p Pos) String() string { return string(p.AppendText(nil)) }

// ParsePos reads topic/partition/offset/sub. The topic may contain slashes.
func ParsePos(s string) (Pos, error) {
	var nums [3]int64
	// A number that does not fit must not become another position.
	bits := [3]int{32, 64, 32}
	rest := s
	for i := 2; i >= 0; i-- {
		at := strings.LastIndexByte(rest, '/')
		if at <= 0 {
			return Pos{}, fmt.Errorf("position %q is not topic/partition/offset/sub", s)
		}
		n, err := strconv.ParseInt(rest[at+1:], 10, bits[i])
		if err != nil || n < 0 {
			return Pos{}, fmt.Errorf("position %q: part %d is not a number", s, i+2)
		}
		nums[i], rest = n, rest[:at]
	}
	return Pos{Topic: rest, Partition: int32(nums[0]), Offset: nums[1], Sub: int32(nums[2])}, nil
}
