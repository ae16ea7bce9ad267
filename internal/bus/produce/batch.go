// Package produce writes records to one partition: encoded once, into the batch that travels, and sent one batch after
// the other until Kafka has each. A batch that Kafka does not take can be had back as it is, for another broker.
package produce

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"time"
)

// Record is one record as it is encoded. Headers are encoded already: their number, then each key and value with its
// length, as AppendHeader writes them.
type Record struct {
	Time    time.Time
	Key     []byte // nil: none
	Value   []byte
	Headers []byte
}

// Run is a stretch of records that somebody hands over together.
type Run interface {
	// Record fills in the i-th record. Write calls it, in ascending order, with the writer's lock held; what r points to
	// is copied before the next call.
	Record(i int, r *Record)
	// Settled hears what became of the records from up to, not including, to: Kafka has them, or err says why it never
	// will. Every record is settled once; the writer's goroutine calls it, without a lock.
	Settled(from, to int, err error)
}

// part is the stretch of a run that lies in one batch.
type part struct {
	run      Run
	from, to int
}

// Batch is a record batch (format 2) that grows, is sent and is settled. One goroutine at a time; the writer's lock is
// held while it grows.
type Batch struct {
	buf     []byte // room for the header, then the records
	records int
	first   int64 // milliseconds since 1970 of the first record
	last    int64 // of the latest
	opened  time.Time
	parts   []part
	whole   bool // no other record may be added: it was cut because Kafka refused more at once
	undated bool // its records have no time, since Kafka refuses theirs
}

// Sizes of the format.
const (
	headerSize = 61 // of a batch
	crcFrom    = 21 // what the checksum covers begins here
	// maxFraming bounds what a record has beside key, value and headers: length, attributes, two deltas, two lengths.
	maxFraming = 5 + 1 + 10 + 5 + 5 + 5
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// batches keeps the memory of batches between uses.
var batches = sync.Pool{New: func() any { return &Batch{} }}

// newBatch returns an empty batch.
func newBatch(now time.Time) *Batch {
	b := batches.Get().(*Batch)
	if cap(b.buf) < headerSize {
		b.buf = make([]byte, headerSize, 4<<10)
	}
	*b = Batch{buf: b.buf[:headerSize], parts: b.parts[:0], opened: now}
	return b
}

// free gives the memory back. Batches larger than usual are left to the garbage collector.
func (b *Batch) free() {
	if cap(b.buf) > 4<<20 {
		return
	}
	clear(b.parts)
	batches.Put(b)
}

// fits tells whether a record can be added without passing limit. An empty batch takes any.
func (b *Batch) fits(r *Record, limit int) bool {
	return b.records == 0 || !b.whole && len(b.buf)+maxFraming+len(r.Key)+len(r.Value)+len(r.Headers) <= limit
}

// add appends a record.
func (b *Batch) add(r *Record) {
	ms := r.Time.UnixMilli()
	if b.records == 0 {
		b.first, b.last = ms, ms
	}
	b.last = max(b.last, ms)
	key := 1
	if r.Key != nil {
		key = varintLen(int64(len(r.Key))) + len(r.Key)
	}
	delta := ms - b.first
	size := 1 + varintLen(delta) + varintLen(int64(b.records)) + key + varintLen(int64(len(r.Value))) + len(r.Value) + len(r.Headers)
	buf := binary.AppendVarint(b.buf, int64(size))
	buf = append(buf, 0) // attributes: none are defined
	buf = binary.AppendVarint(buf, delta)
	buf = binary.AppendVarint(buf, int64(b.records))
	if r.Key == nil {
		buf = append(buf, 1) // length -1
	} else {
		buf = append(binary.AppendVarint(buf, int64(len(r.Key))), r.Key...)
	}
	buf = append(binary.AppendVarint(buf, int64(len(r.Value))), r.Value...)
	b.buf = append(buf, r.Headers...)
	b.records++
}

// varintLen is how many bytes binary.AppendVarint takes for v.
func varintLen(v int64) int {
	n := 1
	for u := uint64(v)<<1 ^ uint64(v>>63); u >= 0x80; u >>= 7 {
		n++
	}
	return n
}

// AppendHeader appends one header of a record.
func AppendHeader[T string | []byte](dst []byte, key string, value T) []byte {
	dst = append(binary.AppendVarint(dst, int64(len(key))), key...)
	return append(binary.AppendVarint(dst, int64(len(value))), value...)
}

// identity is who writes, and how far: by it Kafka can tell a batch that comes again.
type identity struct {
	id       int64
	epoch    int16
	sequence int32 // of the next record
}

// after is the sequence n records later; after the highest comes 0.
func (i identity) after(n int) identity {
	i.sequence = int32((int64(i.sequence) + int64(n)) & 0x7fffffff)
	return i
}

// seal writes the header of a batch into wire[:headerSize]; its records, compressed with codec or not, follow there.
func (b *Batch) seal(wire []byte, codec int8, who identity) {
	be := binary.BigEndian
	be.PutUint64(wire, 0)
	be.PutUint32(wire[8:], uint32(len(wire)-12))
	be.PutUint32(wire[12:], ^uint32(0)) // the leader's epoch: Kafka fills it in
	wire[16] = 2
	be.PutUint16(wire[21:], uint16(codec))
	be.PutUint32(wire[23:], uint32(b.records-1))
	be.PutUint64(wire[27:], uint64(b.first))
	be.PutUint64(wire[35:], uint64(b.last))
	be.PutUint64(wire[43:], uint64(who.id))
	be.PutUint16(wire[51:], uint16(who.epoch))
	be.PutUint32(wire[53:], uint32(who.sequence))
	be.PutUint32(wire[57:], uint32(b.records))
	be.PutUint32(wire[17:], crc32.Checksum(wire[crcFrom:], castagnoli))
}

// settle tells every run what became of its records, and gives the memory back.
func (b *Batch) settle(err error) {
	for _, p := range b.parts {
		p.run.Settled(p.from, p.to, err)
	}
	b.free()
}

// errCut is a batch that does not follow its own format: a mistake of this package.
var errCut = errors.New("BUG: a batch is not readable")

// halve returns the batch as two, the first with half of the records. The batch itself is used up.
func (b *Batch) halve() (one, two *Batch, err error) {
	one, two = newBatch(b.opened), newBatch(b.opened)
	one.whole, two.whole = true, true
	one.undated, two.undated = b.undated, b.undated
	half := b.records / 2
	rest := b.buf[headerSize:]
	for i := range b.records {
		to := one
		if i >= half {
			to = two
		}
		if rest, err = to.move(rest, b.first); err != nil {
			return nil, nil, err
		}
	}
	left := half
	for _, p := range b.parts {
		n := min(left, p.to-p.from)
		if n > 0 {
			one.parts = append(one.parts, part{p.run, p.from, p.from + n})
		}
		if p.from+n < p.to {
			two.parts = append(two.parts, part{p.run, p.from + n, p.to})
		}
		left -= n
	}
	b.free()
	return one, two, nil
}

// noTime is what Kafka takes for no time at all.
const noTime = -1

// undate takes the time off all records; that of their receipt is in a header.
func (b *Batch) undate() error {
	plain := newBatch(b.opened)
	plain.undated = true
	rest, err := b.buf[headerSize:], error(nil)
	for range b.records {
		if rest, err = plain.move(rest, b.first); err != nil {
			return err
		}
	}
	b.buf, plain.buf = plain.buf, b.buf
	b.first, b.last, b.undated = noTime, noTime, true
	plain.free()
	return nil
}

// move adds the first record of encoded, which is of a batch that began at first, and returns what follows it.
func (b *Batch) move(encoded []byte, first int64) (rest []byte, err error) {
	size, n := binary.Varint(encoded)
	if n <= 0 || size < 1 || int64(len(encoded)-n) < size {
		return nil, fmt.Errorf("%w: a record of %d bytes", errCut, size)
	}
	body, rest := encoded[n:n+int(size)], encoded[n+int(size):]
	delta, k := binary.Varint(body[1:])
	if k <= 0 {
		return nil, fmt.Errorf("%w: its time", errCut)
	}
	_, o := binary.Varint(body[1+k:])
	if o <= 0 {
		return nil, fmt.Errorf("%w: its offset", errCut)
	}
	ms := first + delta
	if b.undated {
		ms = noTime
	}
	if b.records == 0 {
		b.first, b.last = ms, ms
	}
	b.last = max(b.last, ms)
	tail := body[1+k+o:] // key, value and headers stay as they are
	delta = ms - b.first
	buf := binary.AppendVarint(b.buf, int64(1+varintLen(delta)+varintLen(int64(b.records))+len(tail)))
	buf = append(buf, body[0])
	buf = binary.AppendVarint(buf, delta)
	buf = binary.AppendVarint(buf, int64(b.records))
	b.buf = append(buf, tail...)
	b.records++
	return rest, nil
}
