package timeline

import (
	"bytes"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
	"weir/processors/correlate/kind/spec"
	"weir/rules"
	"weir/rules/correlation"
)

func written(l *List) []byte {
	var e pack.Writer
	l.Append(&e)
	return e.B
}

// crowd makes a list that was condensed.
func crowd(s *spec.Spec, value func(i int) string) *List {
	var l List
	for i := range s.Limit + 1000 {
		l.Insert(event(i, int64(i)*1e6, value(i)))
		l.Crowded(s)
	}
	return &l
}

func TestRead(t *testing.T) {
	sums := mustSpec(t, &rules.Correlate{Kind: correlation.Sum, Steps: names("a", "b"), Within: time.Minute}, 0, false)
	values := mustSpec(t, &rules.Correlate{Kind: correlation.Distinct, Bounds: bounds("lt", 3), Within: time.Minute}, 0, false)
	var few List
	for i := range 9 {
		m := event(i, int64(i), "")
		m.Step = int32(i % 2)
		few.Insert(m)
	}
	few.Live()[3].Flags = SaidPart | SaidHit
	one := func(int) string { return "v" }
	each := func(i int) string { return event(i, 0, "").ID }
	for _, c := range []struct {
		name string
		spec *spec.Spec
		in   *List
	}{
		{"empty", sums, &List{}}, {"few", sums, &few}, {"condensed", sums, crowd(sums, one)}, {"estimated", values, crowd(values, each)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := written(c.in)
			d := pack.NewReader(b)
			l := Read(d, c.spec)
			if d.Failed || d.Left() > 0 || !bytes.Equal(written(&l), b) {
				t.Fatalf("failed %v, %d are left", d.Failed, d.Left())
			}
			if l.Len() != c.in.Len() || l.size != c.in.size || l.Rough != c.in.Rough || l.Values.Made() != c.in.Values.Made() {
				t.Errorf("%d matches of %d bytes, %s", l.Len(), l.size, l.Rough)
			}
			for i := range l.Len() {
				if l.Last(i) != c.in.Last(i) || l.Weigh(i, c.spec) != c.in.Weigh(i, c.spec) {
					t.Fatalf("place %d is another", i)
				}
			}
		})
	}
}

func TestRead_refuses(t *testing.T) {
	twoSteps := &rules.Correlate{Kind: correlation.Distinct, Steps: names("a", "b", "a"), Within: time.Minute}
	s := mustSpec(t, twoSteps, 0, false)
	of := func(items ...Item) []byte {
		l := List{items: items, lumps: map[*match.Match]lump{}}
		for _, x := range items {
			if x.More > 0 {
				l.lumps[x.M] = lump{last: 5}
			}
		}
		return written(&l)
	}
	a, b := event(1, 7, "v"), event(2, 8, "v")
	other, none, bare := event(3, 9, "v"), event(3, 9, "v"), event(3, 9, "")
	other.Step, none.Step = 2, 3
	for _, c := range []struct {
		name string
		in   []byte
	}{
		{"out of order", of(Item{M: b}, Item{M: a})},
		{"twice the same", of(Item{M: a}, Item{M: a})},
		{"a step that another stands for", of(Item{M: other})},
		{"a step that is none", of(Item{M: none})},
		{"without the value that is asked for", of(Item{M: bare})},
		{"a flag that is none", of(Item{M: a, Flags: 8})},
		{"until before it began", of(Item{M: a, More: 1})},
		{"cut short", of(Item{M: a})[:20]},
		{"more than may be", append([]byte{0, 0xff, 0xff, 3}, make([]byte, 1<<20)...)},
		{"not exact in a way that is none", []byte{16, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := pack.NewReader(c.in)
			if l := Read(d, s); !d.Failed || l.Len() > 0 {
				t.Errorf("%d matches are taken", l.Len())
			}
		})
	}
}

// FuzzRead holds that a list that is taken is written as it was read, is in order, and knows how large it is.
func FuzzRead(f *testing.F) {
	s := mustSpec(f, &rules.Correlate{Kind: correlation.Sum, Steps: names("a", "b"), Within: time.Minute}, 0, false)
	var l List
	for i := range 5 {
		l.Insert(event(i, int64(i), "v"))
	}
	f.Add(written(&l))
	f.Add(written(&List{Rough: roughTimes}))
	f.Add([]byte{0, 1, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		d := pack.NewReader(in)
		l := Read(d, s)
		if d.Failed {
			return
		}
		if out := written(&l); !bytes.Equal(out, in[:len(in)-d.Left()]) {
			t.Fatalf("%x is written again as %x", in, out)
		}
		size := 0
		for i := range l.Len() {
			if size += match.SizeOf(l.At(i)); i > 0 && !match.Before(l.At(i-1), l.At(i)) || l.Last(i) < l.At(i).T {
				t.Fatalf("place %d is out of order", i)
			}
		}
		if l.Drop(0, l.Len()); size < 0 || l.size != 0 || l.Len() != 0 {
			t.Fatalf("%d bytes are left of %d", l.size, size)
		}
	})
}
