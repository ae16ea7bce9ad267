package index

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestHashed(t *testing.T) {
	t.Parallel()
	texts := map[string]posting{}
	var lists []uint32
	for i := range 1000 {
		// Some of one length, some longer than a word of the hash, and the empty one.
		s := strings.Repeat("x", i%23) + fmt.Sprint("cmd", i, ".exe")
		if i == 0 {
			s = ""
		}
		texts[s] = posting{uint32(i), uint32(i + 1)}
		lists = append(lists, uint32(i))
	}
	h := newHashed(texts)
	m := new(marks)
	single := make([]uint64, 16)
	for i := range single {
		single[i] = math.MaxUint64
	}
	find := func(s string) (got []int) {
		m.begin(lists, 32)
		h.find(s, m)
		m.drain(single, func(i int) { got = append(got, i) })
		return got
	}
	for s, p := range texts {
		for _, as := range []string{s, strings.ToUpper(s)} {
			if got := find(as); len(got) != 1 || got[0] != int(p.from) {
				t.Fatalf("%q: %v, want %d", as, got, p.from)
			}
		}
	}
	for _, s := range []string{"cmd1000.exe", "x", "cmd1.ex", "cmd1.exe ", strings.Repeat("y", 5000)} {
		if got := find(s); len(got) != 0 {
			t.Errorf("%q: %v", s, got)
		}
	}
	if h.least != 0 || newHashed(map[string]posting{"abc": {}, "ab": {}}).least != 2 {
		t.Error("the shortest length")
	}
}

// TestHashText: every byte counts, wherever it is; the case of letters does not.
func TestHashText(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		s := strings.Repeat("a", n)
		seen := map[uint64]string{hashText(s): s}
		for i := range n {
			for _, c := range "b1\\\x80" {
				o := s[:i] + string(c)[:1] + s[i+1:]
				h := hashText(o)
				if other, ok := seen[h]; ok {
					t.Errorf("%q and %q have one hash", o, other)
				}
				seen[h] = o
				if h == 0 || hashText(strings.ToUpper(o)) != h && c < 0x80 {
					t.Errorf("%q: %x", o, h)
				}
			}
		}
	}
}

func TestIsASCII(t *testing.T) {
	t.Parallel()
	for n := range 70 {
		s := strings.Repeat("\x7f", n)
		if !isASCII(s) {
			t.Errorf("%d bytes of ASCII", n)
		}
		for i := range n {
			if isASCII(s[:i] + "\x80" + s[i+1:]) {
				t.Errorf("byte %d of %d", i, n)
			}
		}
	}
}

func BenchmarkHashText(b *testing.B) {
	s := strings.Repeat("C:\\Windows\\", 3)
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		n += hashText(s)
	}
}
