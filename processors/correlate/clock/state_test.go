package clock

import (
	"bytes"
	"testing"
	"time"

	"weir/processors/correlate/keep"
)

func written(c *Clock) []byte {
	var e keep.Encoder
	c.Append(&e)
	return e.B
}

// A clock that is written and read goes on as it would have.
func TestRead(t *testing.T) {
	o := Options{Lateness: time.Minute, Datasets: []Lateness{{"slow", time.Hour}}}
	k := New(o)
	k.Scope(nil)
	k.Scope([]string{"slow", "a"})
	play(k, []step{{"1", "slow", time.Hour, false}, {"0", "a", 2 * time.Hour, false}, {"0", "", time.Hour, false}, {"1", "a", 3 * time.Hour, false}})
	k.Match(at(3*time.Hour + time.Second))
	k.Turn(1e9)
	k.Written(base)
	d := keep.Decoder{B: written(k)}
	again := Read(&d, o)
	if d.Failed || len(d.B) > 0 || !bytes.Equal(written(again), written(k)) {
		t.Fatal("what was read is another clock")
	}
	for _, c := range []*Clock{k, again} {
		c.Written(time.Time{})
		play(c, []step{{"0", "", 4 * time.Hour, true}, {"1", "slow", 5 * time.Hour, false}})
	}
	if !bytes.Equal(written(again), written(k)) || again.Turn(1e9) != k.Turn(1e9) || again.Scope(nil).Cut() != k.Scope(nil).Cut() {
		t.Error("it goes on in another way")
	}
}

// What was settled stays so, even where a mark that is read for the first time would say otherwise.
func TestRead_NeverBack(t *testing.T) {
	k := New(Options{})
	s := k.Scope(nil)
	play(k, []step{{"0", "a", time.Hour, false}, {"1", "a", 0, false}})
	d := keep.Decoder{B: written(k)}
	if again := Read(&d, Options{}); again.Scope(nil).Cut() != s.Cut() || s.Cut() != at(time.Hour) {
		t.Error("the cut went back")
	}
}

// Whatever bytes are read, a clock that comes of them is written as it was read, and takes marks.
func FuzzRead(f *testing.F) {
	k := New(Options{})
	k.Scope([]string{"a"})
	play(k, []step{{"0", "a", time.Hour, false}, {"1", "b", 0, true}})
	f.Add(written(k))
	f.Add(written(New(Options{})))
	f.Fuzz(func(t *testing.T, in []byte) {
		d := keep.Decoder{B: in}
		c := Read(&d, Options{Lateness: time.Minute})
		if d.Failed {
			return
		}
		once := written(c)
		d = keep.Decoder{B: once}
		if again := Read(&d, Options{Lateness: time.Minute}); d.Failed || !bytes.Equal(written(again), once) {
			t.Fatal("read and written again, it differs")
		}
		cut := c.Scope(nil).Cut()
		play(c, []step{{"0", "a", 0, false}, {"5", "x", time.Hour, true}})
		if c.Scope(nil).Cut() < cut {
			t.Fatal("the cut went back")
		}
	})
}
