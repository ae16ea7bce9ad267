package tally

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"weir/processors/correlate/kind/match"
	"weir/processors/correlate/kind/pack"
)

func TestReadWeight(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Weight
		ok   bool
	}{
		{"one match", Weight{Source: 1, N: 1, Number: 2.5, Value: "kim"}, true},
		{"many", Weight{Source: 2, N: 1 << 29}, true},
		{"of a step that is none", Weight{Source: 3, N: 1}, false},
		{"none", Weight{Source: 1}, false},
		{"no number", Weight{N: 1, Number: math.NaN()}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e pack.Writer
			c.in.Append(&e)
			d := pack.NewReader(e.B)
			if w := ReadWeight(d, 3); d.Failed == c.ok || c.ok && (w != c.in || d.Left() > 0) {
				t.Errorf("%+v, failed %v, want %+v %v", w, d.Failed, c.in, c.ok)
			}
		})
	}
}

// filled are estimates of so many values over some time.
func filled(n int) *Estimates {
	var x Estimates
	x.Make(1600)
	for i := range n {
		x.Add(int64(i%1600), fmt.Sprint("value ", i))
	}
	return &x
}

func TestEstimates_Read(t *testing.T) {
	for _, c := range []struct {
		name string
		in   *Estimates
	}{
		{"not made", &Estimates{}}, {"made, without values", filled(0)}, {"few", filled(10)}, {"many", filled(20_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.in.Made() {
				c.in.slots.between(0, 1599) // the last answer is part of the state
			}
			var e, again pack.Writer
			c.in.Append(&e)
			var x Estimates
			d := pack.NewReader(e.B)
			if x.Read(d, 1600); d.Failed || d.Left() > 0 || x.Made() != c.in.Made() || x.Bytes() != c.in.Bytes() {
				t.Fatalf("failed %v, %d are left, made %v", d.Failed, d.Left(), x.Made())
			}
			if x.Append(&again); !bytes.Equal(again.B, e.B) {
				t.Error("written again it is something else")
			}
			if x.Made() && x.slots.between(0, 1599) != c.in.slots.between(0, 1599) {
				t.Error("the answer is another one after a restart")
			}
		})
	}
}

func TestEstimates_Read_refuses(t *testing.T) {
	var good pack.Writer
	filled(2000).Append(&good)
	var late pack.Writer
	late.Flag(true)
	late.Int(match.Farthest + 1)
	for _, c := range []struct {
		name   string
		change func(b []byte) []byte
	}{
		{"cut short", func(b []byte) []byte { return b[:len(b)-1] }},
		{"a time that is none", func([]byte) []byte { return late.B }},
		{"neither made nor not", func(b []byte) []byte { b[0] = 2; return b }},
		{"slots out of order", func(b []byte) []byte {
			return append(b[:len(b)-sketchBytes-1], append([]byte{0}, b[len(b)-sketchBytes:]...)...)
		}},
		{"another precision", func(b []byte) []byte { b[len(b)-sketchBytes+1]++; return b }},
		{"a sparse sketch", func(b []byte) []byte { b[len(b)-sketchBytes+3] = 1; return b }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var x Estimates
			d := pack.NewReader(c.change(bytes.Clone(good.B)))
			if x.Read(d, 1600); !d.Failed {
				t.Error("it is taken")
			}
		})
	}
}

// FuzzEstimates holds that estimates that are taken are written as they were read, and answer.
func FuzzEstimates(f *testing.F) {
	for _, n := range []int{0, 1, 300} {
		var e pack.Writer
		filled(n).Append(&e)
		f.Add(e.B)
	}
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, in []byte) {
		var x Estimates
		d := pack.NewReader(in)
		if x.Read(d, 1600); d.Failed {
			return
		}
		var e pack.Writer
		if x.Append(&e); !bytes.Equal(e.B, in[:len(in)-d.Left()]) {
			t.Fatalf("%d bytes are written again as %d others", len(in)-d.Left(), len(e.B))
		}
		if x.Add(100, "v"); x.Made() && x.slots.between(0, 1599) > 1<<40 {
			t.Fatal("it estimates more than anybody could have sent")
		}
		x.Drop(match.Farthest)
	})
}
