package bus

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/record"
)

// decoded reads headers back as they stand in a record.
func decoded(t testing.TB, b []byte) []kgo.RecordHeader {
	t.Helper()
	number := func() int {
		n, k := binary.Varint(b)
		if k <= 0 || n < 0 {
			t.Fatalf("no length in %q", b)
		}
		b = b[k:]
		return int(n)
	}
	text := func() string {
		n := number()
		if n > len(b) {
			t.Fatalf("%d bytes announced, %d there", n, len(b))
		}
		s := string(b[:n])
		b = b[n:]
		return s
	}
	out := make([]kgo.RecordHeader, number())
	for i := range out {
		out[i] = kgo.RecordHeader{Key: text(), Value: []byte(text())}
	}
	if len(b) > 0 {
		t.Fatalf("%q behind the last header", b)
	}
	return out
}

// rawOf is a record with every field that the door writes a header of.
func rawOf(i int) record.Raw {
	return record.Raw{
		Value: fmt.Appendf(nil, "<13>line %d", i), Received: time.Unix(1700000000, int64(i)), Proto: "relp", Input: "syslog",
		Peer: netip.AddrPortFrom(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)}), uint16(i)),
		Tags: []string{record.TagTruncated, strings.Repeat("t", i%40)}, TLSName: "client-" + fmt.Sprint(i),
		Ing: record.Ing{Ingester: "0123456789abcdef", Start: 7, Seq: uint64(i) + 1},
	}
}

var selfOfTest = record.Ing{Ingester: "0123456789abcdef", Start: 7}

// TestEncoder changes one field after the other: what neighbours share may not hide what they do not.
func TestEncoder(t *testing.T) {
	first := rawOf(1)
	changes := []struct {
		name   string
		change func(*record.Raw)
	}{
		{"nothing", func(*record.Raw) {}},
		{"the number", func(r *record.Raw) { r.Ing.Seq = 1 << 60 }},
		{"the receipt", func(r *record.Raw) { r.Received = r.Received.Add(1) }},
		{"the peer's port", func(r *record.Raw) { r.Peer = netip.AddrPortFrom(r.Peer.Addr(), 9) }},
		{"the peer", func(r *record.Raw) { r.Peer = netip.MustParseAddrPort("192.0.2.1:514") }},
		{"no peer, an origin", func(r *record.Raw) { r.Peer, r.Origin = netip.AddrPort{}, "/var/log/x" }},
		{"the protocol", func(r *record.Raw) { r.Proto = "udp" }},
		{"the input", func(r *record.Raw) { r.Input = "file" }},
		{"no tags", func(r *record.Raw) { r.Tags = nil }},
		{"other tags", func(r *record.Raw) { r.Tags = []string{"a", "b"} }},
		{"as many tags", func(r *record.Raw) { r.Tags = []string{"a", "c"} }},
		{"no certificate", func(r *record.Raw) { r.TLSName = "" }},
		{"a key", func(r *record.Raw) { r.Key, r.Line = "bucket/key/v1", 17 }},
		{"the next line of it", func(r *record.Raw) { r.Line = 18 }},
		{"no key", func(r *record.Raw) { r.Key, r.Line = "", 0 }},
		{"everything as it was", func(r *record.Raw) { *r = first }},
	}
	e, raw := newEncoder(selfOfTest), first
	for _, c := range changes {
		c.change(&raw)
		var got record.Raw
		if err := ReadRaw(&kgo.Record{Key: []byte(raw.Key), Value: raw.Value, Headers: decoded(t, e.headers(&raw))}, &got); err != nil {
			t.Fatal(err)
		}
		want := raw
		want.ID = want.Ing.String() // the door mints it
		if want.Key != "" {
			want.ID = fmt.Sprintf("%s/%d", want.Key, want.Line)
		}
		got.Key, got.Line, want.Key, want.Line = "", 0, "", 0 // ReadRaw leaves them to whoever asks for them
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s changed: it came back as\n%+v, want\n%+v", c.name, got, want)
		}
	}
}

func BenchmarkEncoder(b *testing.B) {
	raw := rawOf(1)
	raw.Tags, raw.TLSName = nil, "" // as most records are
	e := newEncoder(selfOfTest)
	b.ReportAllocs()
	for b.Loop() {
		raw.Ing.Seq++
		e.headers(&raw)
	}
}
