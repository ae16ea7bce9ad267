package correlate

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// errBroken tells that bytes are no state. Restore wraps it.
var errBroken = errors.New("the state is broken")

// encoder appends numbers and texts to b. Numbers are varints and texts have their length before them. There are no
// names and no types in the bytes: the version of the form stands for all of that, and any change of what is written is
// a new version.
type encoder struct {
	b    []byte
	keys []string // scratch memory of table
}

func (e *encoder) int(n int64)   { e.b = binary.AppendVarint(e.b, n) }
func (e *encoder) count(n int)   { e.b = binary.AppendUvarint(e.b, uint64(n)) }
func (e *encoder) text(s string) { e.count(len(s)); e.b = append(e.b, s...) }

// flag writes a byte that is 0 or 1 and nothing else, so that broken input shows.
func (e *encoder) flag(on bool) {
	if on {
		e.b = append(e.b, 1)
	} else {
		e.b = append(e.b, 0)
	}
}

// texts writes a list that may be empty.
func (e *encoder) texts(list []string) {
	e.count(len(list))
	for _, s := range list {
		e.text(s)
	}
}

// table writes a map in the order of its keys.
func (e *encoder) table(m map[string]string) {
	e.count(len(m))
	e.keys = slices.AppendSeq(e.keys[:0], maps.Keys(m))
	slices.Sort(e.keys)
	for _, k := range e.keys {
		e.text(k)
		e.text(m[k])
	}
}

// match writes all of a match; decoder.match reads it in this order.
func (e *encoder) match(m *match) {
	e.int(m.t)
	e.text(m.src)
	e.text(m.id)
	e.count(m.cond)
	e.flag(m.used)
	e.flag(m.hit)
	e.table(m.values)
}

// matches writes an ordered list; decoder.matches refuses one that is not.
func (e *encoder) matches(list []*match) {
	e.count(len(list))
	for _, m := range list {
		e.match(m)
	}
}

// decoder reads what an encoder wrote. After the first mistake everything reads as zero and failed is set. Lengths
// are held against the bytes that are left, so broken input cannot ask for memory that it does not fill.
// Callers read on without looking after each value, and look at failed once at the end of a part.
type decoder struct {
	b      []byte
	failed bool
	known  map[string]string // keys of values, shared by all matches
}

// fail marks the input as broken. Nothing is left to read, so every loop over counts ends.
func (d *decoder) fail() {
	d.failed = true
	d.b = nil
}

// int reads a signed number.
func (d *decoder) int() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

// time reads an event time, which is bounded.
func (d *decoder) time() int64 {
	t := d.int()
	if t > farthest || t < longAgo {
		d.fail()
		return 0
	}
	return t
}

// number reads one that is not negative and that no count or place ever exceeds.
func (d *decoder) number() int {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || n > 1<<40 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return int(n)
}

// count reads how many items follow, each of at least one byte.
func (d *decoder) count() int {
	n := d.number()
	if n > len(d.b) {
		d.fail()
		return 0
	}
	return n
}

// text copies: the state outlives the file that it is read from.
func (d *decoder) text() string {
	n := d.count()
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// flag refuses anything but 0 and 1.
func (d *decoder) flag() bool {
	if len(d.b) == 0 || d.b[0] > 1 {
		d.fail()
		return false
	}
	on := d.b[0] == 1
	d.b = d.b[1:]
	return on
}

// texts asks for room as items come, not as many as a broken count names.
func (d *decoder) texts() []string {
	n := d.count()
	list := make([]string, 0, min(n, 1024))
	for range n {
		list = append(list, d.text())
	}
	return list
}

// table shares the names of values between all matches of a state: there are a few names and a hundred thousand matches.
func (d *decoder) table() map[string]string {
	n := d.count()
	if n == 0 {
		return nil
	}
	m := make(map[string]string, min(n, 1024))
	for range n {
		k := d.text()
		if shared, ok := d.known[k]; ok {
			k = shared
		} else if d.known != nil {
			d.known[k] = k
		}
		m[k] = d.text()
	}
	return m
}

// match reads a match of a rule with so many conditions.
func (d *decoder) match(conds int) *match {
	m := &match{t: d.time(), src: d.text(), id: d.text(), cond: d.number(), used: d.flag(), hit: d.flag(), values: d.table()}
	if m.cond >= conds {
		m.cond = 0
		d.fail()
	}
	return m
}

// matches reads an ordered list.
func (d *decoder) matches(conds int) []*match {
	n := d.count()
	var list []*match
	for i := range n {
		list = append(list, d.match(conds))
		if i > 0 && compare(list[i-1], list[i]) > 0 {
			d.fail()
		}
		if d.failed {
			return nil
		}
	}
	return list
}
