package bulk

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPace_HalvesAndRecovers(t *testing.T) {
	p := newPace(8, 8<<20)
	for range 20 {
		p.slower()
	}
	if p.slots != 1 || p.size() != minSize {
		t.Fatalf("%v slots, %d bytes", p.slots, p.size())
	}
	before := p.size()
	p.faster()
	if p.size() <= before || p.size() > before*2 {
		t.Errorf("from %d to %d in one step", before, p.size())
	}
	for range 500 {
		p.faster()
	}
	if int(p.slots) != 8 || p.size() != 8<<20 {
		t.Errorf("%v slots, %d bytes after all went well", p.slots, p.size())
	}
}

func TestPace_ForgetsNotWhatIsTooLarge(t *testing.T) {
	p := newPace(2, 8<<20)
	p.smaller(4 << 20)
	for range 500 {
		p.faster()
	}
	if p.size() >= 4<<20 {
		t.Errorf("%d bytes are tried again", p.size())
	}
}

func TestPace_Slots(t *testing.T) {
	p := newPace(2, 1<<20)
	ctx, never := t.Context(), context.Background()
	for range 2 {
		if err := p.acquire(ctx, never); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if err := p.acquire(short, never); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a third slot: %v", err)
	}
	got := make(chan error, 1)
	go func() { got <- p.acquire(ctx, never) }()
	p.release()
	if err := <-got; err != nil {
		t.Error(err)
	}
	p.slower() // one slot now, two taken
	p.release()
	short2, cancel2 := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel2()
	if err := p.acquire(short2, never); err == nil {
		t.Error("a slot above the lowered number")
	}
	ended, end := context.WithCancel(never)
	end()
	if err := p.acquire(ctx, ended); !errors.Is(err, ErrClosed) {
		t.Errorf("after the sender's end: %v", err)
	}
}
