package timeline

import (
	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
)

// Append writes the list with what its matches stand for.
func (l *List) Append(e *pack.Writer) {
	e.Byte(uint8(l.Rough))
	e.Count(l.Len())
	for _, x := range l.Live() {
		x.M.Append(e)
		e.Byte(x.Flags)
		e.Count(int(x.More))
		if x.More > 0 {
			b := l.lumps[x.M]
			e.Int(b.last)
			e.Float(b.sum)
		}
	}
	l.Values.Append(e)
}

// Read reads a list, which must be in order and not longer than a spec lets it become.
func Read(d *pack.Reader, s *spec.Spec) List {
	l := List{Rough: Rough(d.Byte(uint8(roughAll)))}
	n := d.Count(match.LeastMatch + 2)
	if n > s.Limit {
		d.Fail()
		return l
	}
	for i := 0; i < n && !d.Failed; i++ {
		x := itemOf(match.Read(d, len(s.Sources)))
		x.Flags, x.More = d.Byte(SaidPart|SaidHit|Decided), uint32(d.Number(spec.MaxNeed))
		if d.Failed || i > 0 && !match.Before(l.items[i-1].M, x.M) || s.WantsValue() && x.M.Value == "" ||
			s.Sources[x.M.Step] != x.M.Step {
			d.Fail()
			break
		}
		if x.More > 0 {
			if l.lumps == nil {
				l.lumps = map[*match.Match]lump{}
			}
			b := lump{match.ReadTime(d), d.Float()}
			if b.last < x.M.T {
				d.Fail()
			}
			l.lumps[x.M] = b
		}
		l.push(x)
	}
	l.Values.Read(d, s.Within)
	if d.Failed {
		return List{}
	}
	return l
}
