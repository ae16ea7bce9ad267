package kind

import (
	"encoding/binary"
	"errors"
	"math"
)

// errBroken tells that bytes are no state of a group.
var errBroken = errors.New("the state of a group is broken")

// encoder appends numbers and texts to b. Numbers are varints and texts have their length before them. There are no
// names and no types in the bytes: the version of the form stands for all of that.
type encoder struct{ b []byte }

func (e *encoder) int(n int64)   { e.b = binary.AppendVarint(e.b, n) }
func (e *encoder) count(n int)   { e.b = binary.AppendUvarint(e.b, uint64(n)) }
func (e *encoder) byte(n uint8)  { e.b = append(e.b, n) }
func (e *encoder) text(s string) { e.count(len(s)); e.b = append(e.b, s...) }
func (e *encoder) word(n uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, n) }
func (e *encoder) flag(on bool) {
	if on {
		e.byte(1)
	} else {
		e.byte(0)
	}
}
func (e *encoder) float(f float64) { e.word(math.Float64bits(f)) }

// match writes all of a match; decoder.match reads it in this order. The texts come last and together, so that they
// are read as one.
func (e *encoder) match(m *Match) {
	e.leaf(m, len(m.Parts))
	for _, p := range m.Parts {
		e.leaf(p, 0)
	}
}

func (e *encoder) leaf(m *Match, parts int) {
	e.int(m.T)
	e.count(int(m.Step))
	e.count(int(m.Cond))
	e.count(parts)
	if m.Number != 0 {
		e.byte(1)
		e.float(m.Number)
	} else {
		e.byte(0)
	}
	texts := [...]string{m.ID, m.Src, m.Value, m.Shown}
	for _, s := range texts {
		e.count(len(s))
	}
	for _, s := range texts {
		e.b = append(e.b, s...)
	}
}

// decoder reads what an encoder wrote, and refuses everything that an encoder does not write. After the first mistake
// everything reads as zero and failed is set. Lengths are held against the bytes that are left, so broken input cannot
// ask for memory that it does not fill.
type decoder struct {
	b      []byte
	spec   *Spec
	failed bool
}

// fail marks the input as broken. Nothing is left to read, so every loop over counts ends.
func (d *decoder) fail() {
	d.failed = true
	d.b = nil
}

// uvarint reads a number in its shortest form.
func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || size > 1 && d.b[size-1] == 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) int() int64 {
	n := d.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// time reads an event time, which is bounded.
func (d *decoder) time() int64 {
	t := d.int()
	if t > Farthest || t < LongAgo {
		d.fail()
		return 0
	}
	return t
}

// number reads one that is not greater than most.
func (d *decoder) number(most int) int {
	n := d.uvarint()
	if n > uint64(most) {
		d.fail()
		return 0
	}
	return int(n)
}

// count reads how many items follow, each of at least so many bytes.
func (d *decoder) count(size int) int {
	n := d.number(1 << 40)
	if n > len(d.b)/size {
		d.fail()
		return 0
	}
	return n
}

// byte reads one that is not greater than most.
func (d *decoder) byte(most uint8) uint8 {
	if len(d.b) == 0 || d.b[0] > most {
		d.fail()
		return 0
	}
	n := d.b[0]
	d.b = d.b[1:]
	return n
}

func (d *decoder) flag() bool { return d.byte(1) == 1 }

func (d *decoder) word() uint64 {
	if len(d.b) < 8 {
		d.fail()
		return 0
	}
	n := binary.LittleEndian.Uint64(d.b)
	d.b = d.b[8:]
	return n
}

// float refuses what is no number.
func (d *decoder) float() float64 {
	f := math.Float64frombits(d.word())
	if math.IsNaN(f) || math.IsInf(f, 0) {
		d.fail()
		return 0
	}
	return f
}

// text copies: the state outlives what it is read from.
func (d *decoder) text() string {
	n := d.count(1)
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// leastMatch is how many bytes a match takes at least.
const leastMatch = 9

// match reads a match of the spec's group, which may have parts. Their steps are those of another node.
func (d *decoder) match() *Match {
	m, parts := d.leaf(len(d.spec.sources)-1, maxParts)
	for range parts {
		p, _ := d.leaf(math.MaxInt32, 0)
		if d.failed {
			break
		}
		m.Parts = append(m.Parts, p)
	}
	return m
}

func (d *decoder) leaf(maxStep, maxParts int) (m *Match, parts int) {
	m = &Match{T: d.time(), Step: int32(d.number(maxStep)), Cond: int32(d.number(math.MaxInt32))}
	parts = d.number(maxParts)
	if d.byte(1) == 1 {
		if m.Number = d.float(); m.Number == 0 {
			d.fail()
		}
	}
	var lengths [4]int
	sum := 0
	for i := range lengths {
		lengths[i] = d.number(len(d.b))
		sum += lengths[i]
	}
	if sum > len(d.b) || d.failed {
		d.fail()
		return m, 0
	}
	all := string(d.b[:sum])
	d.b = d.b[sum:]
	for i, to := range [...]*string{&m.ID, &m.Src, &m.Value, &m.Shown} {
		*to, all = all[:lengths[i]], all[lengths[i]:]
	}
	return m, parts
}

// list writes a list with what its matches stand for.
func (e *encoder) list(l *list) {
	e.byte(uint8(l.rough))
	e.count(l.len())
	for _, x := range l.live() {
		e.match(x.m)
		e.byte(x.flags)
		e.count(int(x.more))
		if x.more > 0 {
			b := l.lumps[x.m]
			e.int(b.last)
			e.float(b.sum)
		}
	}
	if l.values == nil {
		e.byte(0)
		return
	}
	e.byte(1)
	e.slots(l.values)
}

// list reads a list, which must be in order and not longer than a spec lets it become.
func (d *decoder) list() list {
	l := list{rough: rough(d.byte(7))}
	n := d.count(leastMatch + 2)
	if n > d.spec.limit {
		d.fail()
		return l
	}
	for i := 0; i < n && !d.failed; i++ {
		x := item{m: d.match(), flags: d.byte(saidPart | saidHit | decided), more: uint32(d.number(maxNeed))}
		if d.failed || i > 0 && !before(l.items[i-1].m, x.m) || d.spec.WantsValue() && x.m.Value == "" ||
			d.spec.sources[x.m.Step] != x.m.Step {
			d.fail()
			break
		}
		if x.more > 0 {
			if l.lumps == nil {
				l.lumps = map[*Match]lump{}
			}
			b := lump{d.time(), d.float()}
			if b.last < x.m.T {
				d.fail()
			}
			l.lumps[x.m] = b
		}
		l.push(x)
	}
	if d.byte(1) == 1 {
		l.values = d.slots()
	}
	if d.failed {
		return list{}
	}
	return l
}

// slots writes estimates, with the last answer: it must be the same after a restart.
func (e *encoder) slots(s *slots) {
	e.int(s.first)
	e.int(s.last)
	e.word(s.estimate)
	e.word(s.since)
	e.count(len(s.by))
	for _, x := range s.by {
		e.int(x.n)
		var err error
		if e.b, err = x.sketch.AppendBinary(e.b); err != nil {
			panic(err) // the precision is one that it takes
		}
	}
}

// sketchBytes is the length of a sketch with all its registers.
const sketchBytes = 8 + 1<<precision

func (d *decoder) slots() *slots {
	s := newSlots(d.spec.within)
	s.first, s.last, s.estimate, s.since = d.time(), d.time(), d.word(), d.word()
	n := d.count(1 + sketchBytes)
	if n > maxSlots {
		d.fail()
	}
	for i := 0; i < n && !d.failed; i++ {
		x := slot{d.time(), newSketch()}
		if len(d.b) < sketchBytes || i > 0 && s.by[i-1].n >= x.n || d.b[1] != precision || d.b[3] != 0 || x.sketch.UnmarshalBinary(d.b[:sketchBytes]) != nil {
			d.fail()
			break
		}
		d.b = d.b[sketchBytes:]
		s.by = append(s.by, x)
	}
	return s
}

// weight writes what a match puts into a tally.
func (e *encoder) weight(w weight) {
	e.count(int(w.source))
	e.count(int(w.n))
	e.float(w.number)
	e.text(w.value)
}

func (d *decoder) weight() weight {
	w := weight{int32(d.number(len(d.spec.sources) - 1)), int32(d.number(maxNeed)), d.float(), d.text()}
	if w.n == 0 && !d.failed {
		d.fail()
	}
	return w
}
