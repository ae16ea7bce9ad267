package match

import (
	"math"

	"weir/processors/correlate/kind/pack"
)

// Append writes all of a match; Read reads it in this order. The texts come last and together, so that they
// are read as one.
func (m *Match) Append(e *pack.Writer) {
	m.leaf(e, len(m.Parts))
	for _, p := range m.Parts {
		p.leaf(e, 0)
	}
}

// leaf writes a match that says it has so many parts.
func (m *Match) leaf(e *pack.Writer, parts int) {
	e.Int(m.T)
	e.Count(int(m.Step))
	e.Count(int(m.Cond))
	e.Count(parts)
	if m.Number != 0 {
		e.Byte(1)
		e.Float(m.Number)
	} else {
		e.Byte(0)
	}
	texts := [...]string{m.ID, m.Src, m.Value, m.Shown}
	for _, s := range texts {
		e.Count(len(s))
	}
	for _, s := range texts {
		e.B = append(e.B, s...)
	}
}

// ReadTime reads an event time, which is bounded.
func ReadTime(d *pack.Reader) int64 {
	t := d.Int()
	if t > Farthest || t < LongAgo {
		d.Fail()
		return 0
	}
	return t
}

// LeastMatch is how many bytes a match takes at least.
const LeastMatch = 9

// Read reads a match of a node with so many steps, which may have parts. Their steps are those of another node.
func Read(d *pack.Reader, steps int) *Match {
	m, parts := readLeaf(d, steps-1, MaxParts)
	for range parts {
		p, _ := readLeaf(d, math.MaxInt32, 0)
		if d.Failed {
			break
		}
		m.Parts = append(m.Parts, p)
	}
	return m
}

// readLeaf reads a match up to its parts, and how many these are.
func readLeaf(d *pack.Reader, maxStep, maxParts int) (m *Match, parts int) {
	m = &Match{T: ReadTime(d), Step: int32(d.Number(maxStep)), Cond: uint16(d.Number(math.MaxUint16))}
	parts = d.Number(maxParts)
	if d.Byte(1) == 1 {
		if m.Number = d.Float(); m.Number == 0 {
			d.Fail()
		}
	}
	var lengths [4]int
	sum := 0
	for i := range lengths {
		lengths[i] = d.Number(d.Left())
		sum += lengths[i]
	}
	all := string(d.Take(sum))
	if d.Failed {
		return m, 0
	}
	for i, to := range [...]*string{&m.ID, &m.Src, &m.Value, &m.Shown} {
		*to, all = all[:lengths[i]], all[lengths[i]:]
	}
	return m, parts
}

// Append writes it, without what only saves a search.
func (t *Told) Append(e *pack.Writer) {
	e.Count(len(t.by))
	for _, x := range t.by {
		e.Int(x.t)
		e.Word(x.key)
	}
}

// ReadTold reads what Append wrote.
func ReadTold(d *pack.Reader) Told {
	var t Told
	n := d.Count(9)
	if n > maxTold {
		d.Fail()
	}
	for i := 0; i < n && !d.Failed; i++ {
		x := stamp{ReadTime(d), d.Word()}
		if i > 0 && t.by[i-1].t > x.t {
			d.Fail()
		}
		t.by = append(t.by, x)
	}
	return t
}
