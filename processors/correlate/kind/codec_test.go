package kind

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"weir/processors/correlate/kind/match"
	"weir/rules"
	"weir/rules/correlation"
)

// states returns groups as they are in the middle of streams, in bytes, each with the number of its sample.
func states(t testing.TB, each func(which int, completes bool, b []byte)) {
	for which, smp := range samples() {
		for _, completes := range []bool{false, true} {
			s, err := Compile(&smp.c, time.Minute, completes)
			if err != nil {
				t.Fatal(err)
			}
			rnd := rand.New(rand.NewPCG(uint64(which), 7))
			g := s.New()
			for i, x := range arrive(rnd, matches(rnd, &smp.c, true), orders[1]) {
				g.Pass(x.cut, &quiet{})
				if g.Add(x.m, &quiet{}); i%9 == 0 {
					each(which, completes, g.Append(nil))
				}
			}
			each(which, completes, g.Append(nil))
		}
	}
}

// poke gives a group what may come, so that a state that should not be shows.
func poke(g Group, s *Spec, to Found) {
	rnd := rand.New(rand.NewPCG(1, 9))
	for i := range 60 {
		m := &Match{T: (990 + rnd.Int64N(60)) * 1e9, Step: s.Sources[rnd.IntN(len(s.Sources))], ID: fmt.Sprint("p/1/", i), Value: string(rune('u' + rnd.IntN(5))), Number: float64(rnd.IntN(200))}
		g.Add(m, to)
		if i%5 == 0 {
			g.Pass((980+int64(i))*1e9, to)
		}
		if g.Progress() < 0 || g.Progress() >= Levels || g.Bytes() <= 0 {
			panic(fmt.Sprint("progress ", g.Progress(), ", bytes ", g.Bytes()))
		}
		_, _, _ = g.Due(), g.Since(), g.Approximate()
	}
	for range 3 {
		g.Pass(Farthest, to)
	}
}

// FuzzRead holds that whatever is read, if it is taken, is written as it was, and does no harm.
func FuzzRead(f *testing.F) {
	states(f, func(which int, completes bool, b []byte) { f.Add(uint8(which), completes, b) })
	f.Add(uint8(0), false, []byte{formMany, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, which uint8, completes bool, in []byte) {
		all := samples()
		smp := all[int(which)%len(all)]
		s, err := Compile(&smp.c, time.Minute, completes)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g, err := s.Read(in)
		runtime.ReadMemStats(&after)
		if asked := after.TotalAlloc - before.TotalAlloc; asked > uint64(1<<16+200*len(in)) {
			t.Fatalf("%d bytes asked for %d", len(in), asked)
		}
		if err != nil {
			return
		}
		if out := g.Append(nil); !bytes.Equal(out, in) {
			t.Fatalf("written again\n%x is\n%x", in, out)
		}
		poke(g, s, &quiet{})
	})
}

// TestRead_broken changes each byte of good states, cuts them short, and lengthens them.
func TestRead_broken(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	all := samples()
	refused, taken := 0, 0
	states(t, func(which int, completes bool, b []byte) {
		s, err := Compile(&all[which].c, time.Minute, completes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(b); err != nil {
			t.Fatalf("%s: %x: %v", all[which].name, b, err)
		}
		if _, err := s.Read(append(bytes.Clone(b), 0)); err == nil {
			t.Fatalf("%s: a byte too many is taken", all[which].name)
		}
		for i := range b {
			if _, err := s.Read(b[:i]); err == nil {
				t.Fatalf("%s: %d of %d bytes are taken", all[which].name, i, len(b))
			}
			if rnd.IntN(40) > 0 {
				continue
			}
			bad := bytes.Clone(b)
			bad[i] ^= 1 << rnd.IntN(8)
			g, err := s.Read(bad)
			if err != nil {
				refused++
				continue
			}
			taken++
			poke(g, s, &quiet{})
		}
	})
	if refused == 0 || taken == 0 {
		t.Errorf("%d refused, %d taken", refused, taken)
	}
}

func TestRead_parts(t *testing.T) {
	s := mustSpec(t, &rules.Correlate{Kind: correlation.Count, Bounds: bounds("gte", 9), Within: time.Hour}, 0, false)
	m := event(1, 5, "")
	for i := range match.MaxParts {
		p := event(10+i, int64(i), "part")
		p.Step = 77 // of an inner node with more steps
		m.Parts = append(m.Parts, p)
	}
	g := s.New()
	g.Add(m, &quiet{})
	read := again(t, s, g).(*State)
	if fmt.Sprint(*read.one.Parts[7]) != fmt.Sprint(*m.Parts[7]) || len(read.one.Parts) != match.MaxParts {
		t.Errorf("parts are %v", read.one.Parts)
	}
	m.Parts = append(m.Parts, m.Parts[0])
	if _, err := s.Read(g.Append(nil)); err == nil {
		t.Error("nine parts are taken")
	}
}
