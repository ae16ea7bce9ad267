package tally

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
)

// Append writes the estimates, with the last answer: it must be the same after a restart.
func (x *Estimates) Append(e *pack.Writer) {
	e.Flag(x.slots != nil)
	if x.slots == nil {
		return
	}
	s := x.slots
	e.Int(s.first)
	e.Int(s.last)
	e.Word(s.estimate)
	e.Word(s.since)
	e.Count(len(s.by))
	for _, y := range s.by {
		e.Int(y.n)
		var err error
		if e.B, err = y.sketch.AppendBinary(e.B); err != nil {
			panic(err) // the precision is one that it takes
		}
	}
}

// sketchBytes is the length of a sketch with all its registers.
const sketchBytes = 8 + 1<<precision

// Read reads what Append wrote, for windows of within.
func (x *Estimates) Read(d *pack.Reader, within int64) {
	x.slots = nil
	if !d.Flag() {
		return
	}
	s := newSlots(within)
	s.first, s.last, s.estimate, s.since = match.ReadTime(d), match.ReadTime(d), d.Word(), d.Word()
	n := d.Count(1 + sketchBytes)
	if n > maxSlots {
		d.Fail()
	}
	for i := 0; i < n && !d.Failed; i++ {
		y := slot{match.ReadTime(d), newSketch()}
		b := d.Take(sketchBytes)
		if d.Failed || i > 0 && s.by[i-1].n >= y.n || b[1] != precision || b[3] != 0 || y.sketch.UnmarshalBinary(b) != nil {
			d.Fail()
			break
		}
		s.by = append(s.by, y)
	}
	x.slots = s
}

// Append writes what a match puts into a tally.
func (w Weight) Append(e *pack.Writer) {
	e.Count(int(w.Source))
	e.Count(int(w.N))
	e.Float(w.Number)
	e.Text(w.Value)
}

// ReadWeight reads what Append wrote, for a node with so many steps.
func ReadWeight(d *pack.Reader, steps int) Weight {
	w := Weight{int32(d.Number(steps - 1)), int32(d.Number(spec.MaxNeed)), d.Float(), d.Text()}
	if w.N == 0 && !d.Failed {
		d.Fail()
	}
	return w
}
