package match

import (
	"strings"
	"testing"
)

// A match has the texts that it was made of, whatever their length, and none of the buffer that they came in. So has one in
// the memory of one that was given back.
func TestPool_New(t *testing.T) {
	var p Pool
	for round := range 2 {
		var made []*Match
		for n := range 400 {
			b := []byte(strings.Repeat("0123456789", 40)[round : round+n])
			want := string(b)
			m, text := p.New(b)
			clear(b)
			if text != want || m.T != 0 || m.Step != 0 || m.Src != "" || m.Value != "" || m.Number != 0 || m.Parts != nil {
				t.Fatalf("round %d, %d bytes: %q, %+v", round, n, text, m)
			}
			m.T, m.Step, m.ID, m.Src, m.Value, m.Number, m.Shown = 7, 1, text, text, "v", 1.5, text
			made = append(made, m)
		}
		for n, m := range made {
			if want := strings.Repeat("0123456789", 40)[round : round+n]; m.ID != want {
				t.Fatalf("round %d, %d bytes became %q", round, n, m.ID)
			}
			p.Free(m)
		}
	}
}

// What goes is what comes, of the same size. Of a copy, and of a match that was made elsewhere, there is nothing to use.
func TestPool_Free(t *testing.T) {
	var p Pool
	first, text := p.New([]byte(strings.Repeat("a", 200)))
	first.ID = text
	twin := first.Copy()
	p.Free(twin)
	p.Free(&Match{ID: "e"})
	if other, _ := p.New([]byte("b")); other == twin || other == first {
		t.Error("a copy was taken back")
	}
	if twin.ID != first.ID {
		t.Error("a copy has other texts")
	}
	p.Free(first)
	if small, _ := p.New([]byte("b")); small == first {
		t.Error("a match of one size came in place of another")
	}
	if again, _ := p.New([]byte(strings.Repeat("c", 201))); again != first {
		t.Error("what was given back is not used")
	}
}

// What a flood leaves behind is not kept, and the next one, of another size, finds room all the same.
func TestPool_bounded(t *testing.T) {
	var p Pool
	flood := func(n, length int) {
		var all []*Match
		for range n {
			m, _ := p.New(make([]byte, length))
			all = append(all, m)
		}
		for _, m := range all {
			p.Free(m)
		}
	}
	for _, step := range []struct{ n, length, small, large int }{
		{maxFree + 100, 1, maxFree, 0},
		{1000, 200, maxFree - 1000, 1000},
		{maxFree + 100, 200, maxFree / 2, maxFree / 2},
		{10, 1, maxFree / 2, maxFree / 2},
	} {
		flood(step.n, step.length)
		if small, large := len(p.free[0]), len(p.free[1]); small != step.small || large != step.large || p.kept != small+large {
			t.Errorf("after %d of %d bytes %d and %d are kept, counted as %d", step.n, step.length, small, large, p.kept)
		}
	}
}

// What waits for its next use holds nothing of the last, and what was taken out is held by nobody.
func TestPool_holdsNothing(t *testing.T) {
	var p Pool
	m, _ := p.New([]byte("x"))
	m.Value = "v"
	p.Free(m)
	if m.Value != "" {
		t.Errorf("%+v", m)
	}
	p.New([]byte("y"))
	if held := p.free[0][:1][0]; held != nil {
		t.Error("a match that is in use is held by the pool")
	}
}
