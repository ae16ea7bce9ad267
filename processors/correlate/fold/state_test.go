package fold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/internal/alert"
	"weir/processors/correlate/clock"
	"weir/processors/correlate/keep"
	"weir/processors/correlate/kind"
	"weir/rules"
)

// written is the state of a desk with one book: its clock, itself, and its fold groups.
func (b *bench) written() []byte {
	var e keep.Encoder
	b.clock.Append(&e)
	b.desk.Append(&e)
	b.desk.Shoot(b.desk.epoch+1, func(*Book, func(*keep.Encoder)) {})
	b.book.Rewind()
	for b.book.Next(&e) {
	}
	b.desk.Shoot(b.desk.epoch, nil)
	return e.B
}

// restore reads a state; ok is false if it is none.
func restore(r *rules.Rule, in []byte) (b *bench, ok bool) {
	d := keep.Decoder{B: in}
	b = &bench{}
	b.clock = clock.Read(&d, clock.Options{})
	b.desk = NewDesk(b.clock, slog.New(slog.DiscardHandler))
	b.desk.Read(&d)
	b.book = NewBook(b.desk, NewRule(r))
	for len(d.B) > 0 && !d.Failed {
		b.book.Read(&d)
	}
	b.book.Finish()
	b.desk.Finish(&d)
	b.desk.Begin(func(a *alert.Alert) { b.out = append(b.out, a) })
	return b, !d.Failed
}

// act does the same to a bench, by chance.
func act(b *bench, seed uint64, steps int) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	for i := range steps {
		second := i/4 + rnd.IntN(12)
		switch rnd.IntN(12) {
		case 0:
			b.clock.Mark("w", "d", int64(i/4)*1e9)
			b.book.Advance(int64(i/4)*1e9 - 8e9)
			b.desk.Flush(false)
		case 1:
			b.desk.Flush(true)
		case 2:
			for b.book.Len() > 5 {
				b.book.Evict()
			}
		default:
			m := b.match(second, fmt.Sprint("e", seed, "-", i), int32(rnd.IntN(2)))
			b.clock.Match(m.T)
			b.book.Hit(&Hit{Match: m, Event: m.ID, At: m.T, Group: key(fmt.Sprint("h", rnd.IntN(3)), fmt.Sprint("u", rnd.IntN(4))), Warm: rnd.IntN(4) == 0})
			if rnd.IntN(3) == 0 {
				b.part(second-1, fmt.Sprint("p", seed, "-", i), 1, m, key("h1", "u1"))
			}
			b.desk.Deliver()
		}
	}
}

// What is written and read back at any moment goes on as what never was: the same revisions, byte for byte.
func TestState_GoesOn(t *testing.T) {
	text := func(list []*alert.Alert) []string {
		out := make([]string, len(list))
		for i, a := range list {
			b, _ := json.Marshal(a)
			out[i] = string(b)
		}
		return out
	}
	said := 0
	for seed := range uint64(60) {
		b := newBench(t, quiet("host"))
		act(b, seed, 80)
		state := b.written()
		again, ok := restore(quiet("host"), state)
		if !ok || !bytes.Equal(again.written(), state) || again.book.Len() != b.book.Len() {
			t.Fatalf("seed %d: what was read is something else (%v)", seed, ok)
		}
		b.out = nil
		for _, x := range []*bench{b, again} {
			act(x, seed+1000, 120)
			x.book.Advance(kind.Farthest)
		}
		if got, want := text(again.out), text(b.out); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d revisions, want %d", seed, len(got), len(want))
		}
		said += len(b.out)
		if again.book.Len() != 0 || len(again.book.speakers) != 0 {
			t.Errorf("seed %d: %d fold groups are left", seed, again.book.Len())
		}
	}
	if said < 1000 {
		t.Errorf("only %d revisions in all", said)
	}
}

// What changes while a snapshot runs is written before it does: the snapshot is of the moment at which it began.
func TestState_WhileItChanges(t *testing.T) {
	for seed := range uint64(40) {
		b, twin := newBench(t, quiet("host")), newBench(t, quiet("host"))
		act(b, seed, 80)
		act(twin, seed, 80)
		var head, early keep.Encoder
		b.clock.Append(&head)
		b.desk.Append(&head)
		b.desk.Shoot(7, func(_ *Book, write func(*keep.Encoder)) { write(&early) })
		b.book.Rewind()
		for i := range 20 {
			act(b, seed+uint64(i)+500, 6)
			b.book.Next(&early)
		}
		for b.book.Next(&early) {
		}
		got, ok := restore(quiet("host"), append(head.B, early.B...))
		if !ok || !bytes.Equal(got.written(), twin.written()) {
			t.Fatalf("seed %d: not the state of the beginning (%v)", seed, ok)
		}
	}
}

func FuzzRead(f *testing.F) {
	b := newBench(f, quiet("host"))
	act(b, 3, 60)
	f.Add(b.written())
	f.Add(newBench(f, quiet("host")).written())
	f.Fuzz(func(t *testing.T, in []byte) {
		b, ok := restore(quiet("host"), in)
		if !ok {
			return
		}
		once := b.written()
		if again, ok := restore(quiet("host"), once); !ok || !bytes.Equal(again.written(), once) {
			t.Fatal("read and written again, it differs")
		}
		act(b, 9, 30)
		b.book.Advance(kind.Farthest)
		for _, a := range b.out {
			if len(a.Evidence) == 0 || a.Count < 0 {
				t.Fatalf("%+v", a)
			}
		}
	})
}
