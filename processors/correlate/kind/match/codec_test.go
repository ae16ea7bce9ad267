package match

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"weir/processors/correlate/kind/pack"
)

func written(m *Match) []byte {
	var e pack.Writer
	m.Append(&e)
	return e.B
}

func TestRead(t *testing.T) {
	part := func(i int) *Match { p := event(i, int64(i), "part"); p.Step = 77; return p }
	for _, c := range []struct {
		name string
		in   Match
	}{
		{"nothing", Match{}},
		{"all", Match{T: 17, Step: 3, Cond: 900, ID: "a/1/2", Src: "t/0/1/0", Value: "kim", Number: -1.5, Shown: "\x01{}"}},
		{"bounds of time", Match{T: Farthest}},
		{"before all times", Match{T: LongAgo}},
		{"parts with steps of another node", Match{ID: "x", Parts: []*Match{part(1), part(2)}}},
		{"as many parts as there can be", Match{Parts: []*Match{part(1), part(2), part(3), part(4), part(5), part(6), part(7), part(8)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := written(&c.in)
			d := pack.NewReader(b)
			m := Read(d, 4)
			if d.Failed || d.Left() != 0 || len(m.Parts) != len(c.in.Parts) {
				t.Fatalf("failed %v, %d are left, %d parts", d.Failed, d.Left(), len(m.Parts))
			}
			for i, p := range m.Parts {
				if fmt.Sprint(*p) != fmt.Sprint(*c.in.Parts[i]) {
					t.Errorf("part %d is %v", i, *p)
				}
			}
			if !bytes.Equal(written(m), b) || SizeOf(m) != SizeOf(&c.in) {
				t.Errorf("%+v, want %+v", m, c.in)
			}
			for i := range b {
				if d := pack.NewReader(b[:i]); Read(d, 4) == nil || !d.Failed {
					t.Fatalf("%d of %d bytes are taken", i, len(b))
				}
			}
		})
	}
}

func TestRead_refuses(t *testing.T) {
	nine := make([]*Match, 9)
	for i := range nine {
		nine[i] = event(i, 1, "")
	}
	deep := Match{ID: "x", Parts: []*Match{{ID: "y"}}}
	inside := written(&deep)
	inside = append(inside[:len(written(&Match{ID: "x"}))], written(&Match{ID: "y", Parts: []*Match{{}}})...)
	for _, c := range []struct {
		name string
		in   []byte
	}{
		{"a step that is none", written(&Match{Step: 4})},
		{"too late a time", written(&Match{T: Farthest + 1})},
		{"too early a time", written(&Match{T: LongAgo - 1})},
		{"nine parts", written(&Match{Parts: nine})},
		{"parts of parts", inside},
		{"a number that is 0", append([]byte{0, 0, 0, 0, 1}, make([]byte, 12)...)},
		{"no number", written(&Match{Number: math.NaN()})},
		{"texts that are longer than all", []byte{0, 0, 0, 0, 0, 3, 3, 0, 0, 'a', 'b', 'c', 'd'}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := pack.NewReader(c.in); Read(d, 4) == nil || !d.Failed {
				t.Errorf("%x is taken", c.in)
			}
		})
	}
}

// FuzzRead holds that a match that is taken is written as it was read.
func FuzzRead(f *testing.F) {
	f.Add(written(event(1, 5, "v")), 1)
	f.Add(written(&Match{Step: 3, Number: 2, Parts: []*Match{event(2, 7, "w")}}), 9)
	f.Add([]byte{0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f}, 1)
	f.Fuzz(func(t *testing.T, in []byte, steps int) {
		d := pack.NewReader(in)
		m := Read(d, min(max(steps, 1), 256))
		if d.Failed {
			return
		}
		if out := written(m); !bytes.Equal(out, in[:len(in)-d.Left()]) {
			t.Fatalf("%x is written again as %x", in, out)
		}
		if m.T > Farthest || m.T < LongAgo || m.Step < 0 || int(m.Step) >= 256 || len(m.Parts) > MaxParts {
			t.Fatalf("%+v", m)
		}
	})
}

func TestReadTold(t *testing.T) {
	var d Told
	for i := range 100 {
		d.Note(event(i, int64(i/3), ""))
	}
	var e pack.Writer
	d.Append(&e)
	r := pack.NewReader(e.B)
	read := ReadTold(r)
	if r.Failed || r.Left() != 0 || len(read.by) != 100 {
		t.Fatalf("failed %v, %d left, %d hits", r.Failed, r.Left(), len(read.by))
	}
	for i := range 100 {
		if read.Note(event(i, int64(i/3), "")) {
			t.Fatalf("%d was forgotten", i)
		}
	}
	if !read.Note(event(200, 33, "")) {
		t.Error("one that is new is known")
	}
}

func TestReadTold_refuses(t *testing.T) {
	of := func(times ...int64) []byte {
		var e pack.Writer
		e.Count(len(times))
		for _, at := range times {
			e.Int(at)
			e.Word(1)
		}
		return e.B
	}
	for _, c := range []struct {
		name string
		in   []byte
	}{
		{"out of order", of(5, 4)},
		{"too many", of(make([]int64, maxTold+1)...)},
		{"cut short", of(1, 2)[:15]},
		{"no time", of(Farthest + 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := pack.NewReader(c.in)
			if ReadTold(d); !d.Failed {
				t.Error("it is taken")
			}
		})
	}
}
