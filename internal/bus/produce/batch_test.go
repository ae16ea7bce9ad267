package produce

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// given are records to write, and what became of them.
type given struct {
	records []Record
	settled []int // how often
	errs    []error
}

func (g *given) Record(i int, r *Record) { *r = g.records[i] }

func (g *given) Settled(from, to int, err error) {
	for i := from; i < to; i++ {
		g.settled[i]++
		g.errs[i] = err
	}
}

// give makes n records that differ in everything.
func give(n int) *given {
	g := &given{settled: make([]int, n), errs: make([]error, n)}
	for i := range n {
		r := Record{Time: time.UnixMilli(1700000000000 + int64(i%7)*1000), Value: fmt.Appendf(nil, "value %d", i)}
		if i%3 == 0 {
			r.Key = fmt.Appendf(nil, "key %d", i)
		}
		r.Headers = AppendHeader(binary.AppendVarint(nil, 1), "h", fmt.Sprint(i))
		g.records = append(g.records, r)
	}
	return g
}

// parse reads a sealed batch as Kafka's own client library does.
func parse(t testing.TB, wire []byte) (kmsg.RecordBatch, []kmsg.Record) {
	t.Helper()
	var b kmsg.RecordBatch
	if err := b.ReadFrom(wire); err != nil {
		t.Fatalf("reading the batch: %v", err)
	}
	if int(b.Length) != len(wire)-12 || b.Magic != 2 || uint32(b.CRC) != crc32.Checksum(wire[crcFrom:], castagnoli) {
		t.Fatalf("length %d of %d, magic %d, checksum %x", b.Length, len(wire), b.Magic, uint32(b.CRC))
	}
	rest := b.Records
	var out []kmsg.Record
	for len(rest) > 0 {
		size, n := binary.Varint(rest)
		var r kmsg.Record
		if err := r.ReadFrom(rest[:n+int(size)]); err != nil {
			t.Fatalf("reading record %d: %v", len(out), err)
		}
		if int(r.OffsetDelta) != len(out) {
			t.Fatalf("record %d says that it is number %d", len(out), r.OffsetDelta)
		}
		out, rest = append(out, r), rest[n+int(size):]
	}
	if len(out) != int(b.NumRecords) || int(b.LastOffsetDelta) != len(out)-1 {
		t.Fatalf("%d records, the header says %d and %d", len(out), b.NumRecords, b.LastOffsetDelta)
	}
	return b, out
}

// same compares what was read with what was given.
func same(t testing.TB, b kmsg.RecordBatch, got []kmsg.Record, want []Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i, g := range got {
		w := want[i]
		if !bytes.Equal(g.Key, w.Key) || (g.Key == nil) != (w.Key == nil) || !bytes.Equal(g.Value, w.Value) {
			t.Fatalf("record %d: %q %q, want %q %q", i, g.Key, g.Value, w.Key, w.Value)
		}
		headers := binary.AppendVarint(nil, int64(len(g.Headers)))
		for _, h := range g.Headers {
			headers = AppendHeader(headers, h.Key, h.Value)
		}
		if !bytes.Equal(headers, w.Headers) {
			t.Fatalf("record %d: headers %q, want %q", i, headers, w.Headers)
		}
		ms := b.FirstTimestamp + g.TimestampDelta64
		if ms != w.Time.UnixMilli() || ms > b.MaxTimestamp {
			t.Fatalf("record %d: time %d of at most %d, want %d", i, ms, b.MaxTimestamp, w.Time.UnixMilli())
		}
	}
}

// filled is a batch with all records of g.
func filled(g *given) *Batch {
	b := newBatch(time.Now())
	for i := range g.records {
		b.add(&g.records[i])
	}
	b.keep(g, 0, len(g.records))
	return b
}

func TestBatch_IsReadAsItWasWritten(t *testing.T) {
	g := give(1000)
	g.records[5].Value = nil
	g.records[6].Time = g.records[0].Time.Add(-time.Hour) // clocks go back
	g.records[7].Value = bytes.Repeat([]byte("x"), 70000)
	b := filled(g)
	b.seal(b.buf, 0, identity{id: 1 << 40, epoch: 3, sequence: 77})
	head, got := parse(t, b.buf)
	if head.ProducerID != 1<<40 || head.ProducerEpoch != 3 || head.FirstSequence != 77 || head.Attributes != 0 {
		t.Errorf("header %+v", head)
	}
	same(t, head, got, g.records)
}

func TestBatch_Fits(t *testing.T) {
	r := &Record{Value: make([]byte, 100), Headers: []byte{0}}
	b := newBatch(time.Now())
	if !b.fits(r, 10) {
		t.Error("an empty batch refuses a record that is larger than all of it")
	}
	b.add(r)
	if b.fits(r, 200) || !b.fits(r, 1000) {
		t.Error("the limit is not kept")
	}
	b.whole = true
	if b.fits(r, 1000) {
		t.Error("a batch that was cut grows again")
	}
}

func TestBatch_Halve(t *testing.T) {
	for _, n := range []int{2, 3, 8, 501} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			g, other := give(n), give(2)
			b := filled(g)
			for i := range other.records {
				b.add(&other.records[i])
			}
			b.keep(other, 0, 2)
			one, two, err := b.halve()
			if err != nil {
				t.Fatal(err)
			}
			if one.records != (n+2)/2 || one.records+two.records != n+2 {
				t.Fatalf("halves of %d and %d", one.records, two.records)
			}
			all, read := append(append([]Record{}, g.records...), other.records...), 0
			for _, half := range []*Batch{one, two} {
				half.seal(half.buf, 0, identity{})
				head, got := parse(t, half.buf)
				same(t, head, got, all[read:read+half.records])
				read += half.records
				half.settle(nil)
			}
			for i, times := range append(g.settled, other.settled...) {
				if times != 1 {
					t.Fatalf("record %d was settled %d times", i, times)
				}
			}
		})
	}
}

func TestBatch_HalveRefusesWhatIsNoBatch(t *testing.T) {
	for _, damage := range [][]byte{{}, {0x80}, {2}, {200, 1, 0}, {6, 0, 0x80, 0x80}, {4, 0, 0}} {
		b := newBatch(time.Now())
		b.buf, b.records = append(b.buf, damage...), 2
		if _, _, err := b.halve(); err == nil {
			t.Errorf("%v was halved", damage)
		}
	}
}

func TestIdentity_After(t *testing.T) {
	for _, tc := range []struct {
		from int32
		n    int
		want int32
	}{{0, 1, 1}, {math.MaxInt32 - 1, 1, math.MaxInt32}, {math.MaxInt32, 1, 0}, {math.MaxInt32 - 4, 10, 5}} {
		if got := (identity{sequence: tc.from}).after(tc.n).sequence; got != tc.want {
			t.Errorf("%d records after %d: %d, want %d", tc.n, tc.from, got, tc.want)
		}
	}
}

func TestVarintLen(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, -64, -65, 8191, 8192, math.MaxInt32, math.MaxInt64, math.MinInt64} {
		if got, want := varintLen(v), len(binary.AppendVarint(nil, v)); got != want {
			t.Errorf("%d: %d bytes, want %d", v, got, want)
		}
	}
}

// FuzzBatch holds the encoder to this: whatever goes in comes out, whole and in halves.
func FuzzBatch(f *testing.F) {
	f.Add([]byte("k"), []byte("v"), "h", []byte("x"), int64(5), 3)
	f.Add([]byte(nil), []byte(nil), "", []byte(nil), int64(-5), 2)
	f.Fuzz(func(t *testing.T, key, value []byte, header string, text []byte, ms int64, n int) {
		if n < 1 || n > 200 || ms < -1<<50 || ms > 1<<50 {
			return
		}
		g := give(n)
		g.records[n/2] = Record{Time: time.UnixMilli(ms), Key: key, Value: value, Headers: AppendHeader(binary.AppendVarint(nil, 1), header, text)}
		b := filled(g)
		b.seal(b.buf, 0, identity{})
		head, got := parse(t, b.buf)
		same(t, head, got, g.records)
		if n < 2 {
			return
		}
		one, two, err := b.halve()
		if err != nil {
			t.Fatal(err)
		}
		one.seal(one.buf, 0, identity{})
		two.seal(two.buf, 0, identity{})
		head, got = parse(t, one.buf)
		same(t, head, got, g.records[:n/2])
		head, got = parse(t, two.buf)
		same(t, head, got, g.records[n/2:])
	})
}

func BenchmarkBatch(b *testing.B) {
	r := Record{Time: time.Now(), Value: make([]byte, 212), Headers: make([]byte, 150)}
	b.ReportAllocs()
	b.SetBytes(362)
	batch := newBatch(time.Now())
	for b.Loop() {
		if !batch.fits(&r, 1_000_000) {
			batch.seal(batch.buf, 0, identity{})
			batch.free()
			batch = newBatch(time.Now())
		}
		batch.add(&r)
	}
}
