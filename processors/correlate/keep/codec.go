package keep

import (
	"encoding/binary"
	"maps"
	"slices"
)

// Encoder appends numbers and texts to B. Numbers are varints and texts have their length before them. There are no
// names and no types in the bytes: the version of the form stands for all of that, and any change of what is written is
// a new version.
type Encoder struct {
	B    []byte
	keys []string // scratch memory of Table
}

// Int writes a signed number.
func (e *Encoder) Int(n int64) { e.B = binary.AppendVarint(e.B, n) }

// Count writes a number that is not negative.
func (e *Encoder) Count(n int) { e.B = binary.AppendUvarint(e.B, uint64(n)) }

// Text writes a text.
func (e *Encoder) Text(s string) { e.Count(len(s)); e.B = append(e.B, s...) }

// Bytes writes what Decoder.Bytes and Decoder.Text read.
func (e *Encoder) Bytes(b []byte) { e.Count(len(b)); e.B = append(e.B, b...) }

// Flag writes a byte that is 0 or 1 and nothing else, so that broken input shows.
func (e *Encoder) Flag(on bool) {
	if on {
		e.B = append(e.B, 1)
	} else {
		e.B = append(e.B, 0)
	}
}

// Texts writes a list that may be empty.
func (e *Encoder) Texts(list []string) {
	e.Count(len(list))
	for _, s := range list {
		e.Text(s)
	}
}

// Table writes a map in the order of its keys.
func (e *Encoder) Table(m map[string]string) {
	e.Count(len(m))
	e.keys = slices.AppendSeq(e.keys[:0], maps.Keys(m))
	slices.Sort(e.keys)
	for _, k := range e.keys {
		e.Text(k)
		e.Text(m[k])
	}
}

// Decoder reads what an Encoder wrote. After the first mistake everything reads as zero and Failed is set. Lengths
// are held against the bytes that are left, so broken input cannot ask for memory that it does not fill.
// Callers read on without looking after each value, and look at Failed once at the end of a part.
type Decoder struct {
	B      []byte
	Failed bool
}

// Fail marks the input as broken. Nothing is left to read, so every loop over counts ends.
func (d *Decoder) Fail() {
	d.Failed = true
	d.B = nil
}

// Int reads a signed number.
func (d *Decoder) Int() int64 {
	n, size := binary.Varint(d.B)
	if size <= 0 {
		d.Fail()
		return 0
	}
	d.B = d.B[size:]
	return n
}

// Between reads a signed number that is neither below low nor above high, as times of events are.
func (d *Decoder) Between(low, high int64) int64 {
	n := d.Int()
	if n < low || n > high {
		d.Fail()
		return 0
	}
	return n
}

// Number reads one that is not negative and that no count or place ever exceeds.
func (d *Decoder) Number() int {
	n, size := binary.Uvarint(d.B)
	if size <= 0 || n > 1<<48 {
		d.Fail()
		return 0
	}
	d.B = d.B[size:]
	return int(n)
}

// Count reads how many items follow, each of at least one byte.
func (d *Decoder) Count() int {
	n := d.Number()
	if n > len(d.B) {
		d.Fail()
		return 0
	}
	return n
}

// Bytes reads a text without copying it.
func (d *Decoder) Bytes() []byte {
	n := d.Count()
	b := d.B[:n:n]
	d.B = d.B[n:]
	return b
}

// Text copies: the state outlives the file that it is read from.
func (d *Decoder) Text() string { return string(d.Bytes()) }

// Flag refuses anything but 0 and 1.
func (d *Decoder) Flag() bool {
	if len(d.B) == 0 || d.B[0] > 1 {
		d.Fail()
		return false
	}
	on := d.B[0] == 1
	d.B = d.B[1:]
	return on
}

// Texts asks for room as items come, not as many as a broken count names.
func (d *Decoder) Texts() []string {
	n := d.Count()
	list := make([]string, 0, min(n, 1024))
	for range n {
		list = append(list, d.Text())
	}
	return list
}

// Table reads a map.
func (d *Decoder) Table() map[string]string {
	n := d.Count()
	if n == 0 {
		return nil
	}
	m := make(map[string]string, min(n, 1024))
	for range n {
		k := d.Text()
		m[k] = d.Text()
	}
	return m
}
