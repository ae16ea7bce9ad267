// Package pack writes and reads the bytes in which the state of groups is kept: numbers, texts and flags without names.
//
// What is read may be broken or made up. A Reader takes nothing that a Writer would not have written, so whoever writes
// again what was read gets the same bytes.
package pack

import (
	"encoding/binary"
	"math"
)

// Writer appends numbers and texts to B, which is the caller's. Numbers are varints and texts have their length before
// them. There are no names and no types in the bytes: the version of the form stands for all of that.
type Writer struct{ B []byte }

// Int writes a number that may be negative.
func (e *Writer) Int(n int64) { e.B = binary.AppendVarint(e.B, n) }

// Count writes a number that is never negative.
func (e *Writer) Count(n int) { e.B = binary.AppendUvarint(e.B, uint64(n)) }

// Byte writes one byte.
func (e *Writer) Byte(n uint8) { e.B = append(e.B, n) }

// Text writes a text with its length before it.
func (e *Writer) Text(s string) { e.Count(len(s)); e.B = append(e.B, s...) }

// Word writes eight bytes: for what uses all its bits, a varint would be longer.
func (e *Writer) Word(n uint64) { e.B = binary.LittleEndian.AppendUint64(e.B, n) }

// Flag writes a yes or no.
func (e *Writer) Flag(on bool) {
	if on {
		e.Byte(1)
	} else {
		e.Byte(0)
	}
}

// Float writes a number with all its bits.
func (e *Writer) Float(f float64) { e.Word(math.Float64bits(f)) }

// Reader reads what a Writer wrote, and refuses everything that a Writer does not write. After the first mistake
// everything reads as zero and Failed is set. Lengths are held against the bytes that are left, so broken input cannot
// ask for memory that it does not fill.
type Reader struct {
	b      []byte
	Failed bool // there was a mistake; nothing that was read counts
}

// NewReader reads b, which stays the caller's.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Fail marks the input as broken. Nothing is left to read, so every loop over counts ends.
func (d *Reader) Fail() {
	d.Failed = true
	d.b = nil
}

// uvarint reads a number in its shortest form.
func (d *Reader) uvarint() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || size > 1 && d.b[size-1] == 0 {
		d.Fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

// Int reads what Writer.Int wrote.
func (d *Reader) Int() int64 {
	n := d.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// Number reads one that is not greater than most.
func (d *Reader) Number(most int) int {
	n := d.uvarint()
	if n > uint64(most) {
		d.Fail()
		return 0
	}
	return int(n)
}

// Count reads how many items follow, each of at least so many bytes.
func (d *Reader) Count(size int) int {
	n := d.Number(1 << 40)
	if n > len(d.b)/size {
		d.Fail()
		return 0
	}
	return n
}

// Byte reads one that is not greater than most.
func (d *Reader) Byte(most uint8) uint8 {
	if len(d.b) == 0 || d.b[0] > most {
		d.Fail()
		return 0
	}
	n := d.b[0]
	d.b = d.b[1:]
	return n
}

// Flag reads a yes or no; any other byte is a mistake.
func (d *Reader) Flag() bool { return d.Byte(1) == 1 }

// Word reads eight bytes.
func (d *Reader) Word() uint64 {
	if len(d.b) < 8 {
		d.Fail()
		return 0
	}
	n := binary.LittleEndian.Uint64(d.b)
	d.b = d.b[8:]
	return n
}

// Float refuses what is no number.
func (d *Reader) Float() float64 {
	f := math.Float64frombits(d.Word())
	if math.IsNaN(f) || math.IsInf(f, 0) {
		d.Fail()
		return 0
	}
	return f
}

// Text copies: the state outlives what it is read from.
func (d *Reader) Text() string {
	n := d.Count(1)
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// Take returns the next n bytes, which are the caller's only until the input is gone.
func (d *Reader) Take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.Fail()
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

// Left is how many bytes are not read yet.
func (d *Reader) Left() int { return len(d.b) }
