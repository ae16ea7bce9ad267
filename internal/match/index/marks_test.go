package index

import (
	"slices"
	"testing"
)

func TestMarks(t *testing.T) {
	t.Parallel()
	const words = 130 // more than one word of tops
	first := func(i uint32) uint32 { return i }
	second := func(i uint32) uint32 { return i + 64*words }
	single := make([]uint64, words)
	single[0] = 1<<3 | 1<<5
	single[129] = 1 << 63
	lists := []uint32{3, 5, first(7), second(7), first(64), second(65), 64*words - 1, first(4100), second(4100)}
	m := new(marks)
	all := func() (got []int) {
		m.drain(single, func(i int) { got = append(got, i) })
		return got
	}
	for _, tt := range []struct {
		name string
		add  []posting
		want []int
	}{
		{"nothing", nil, nil},
		{"an empty list", []posting{{4, 4}}, nil},
		{"one need is enough", []posting{{0, 2}}, []int{3, 5}},
		{"twice is once", []posting{{0, 2}, {1, 2}, {0, 1}}, []int{3, 5}},
		{"the first of two needs", []posting{{2, 3}}, nil},
		{"the second of two needs", []posting{{3, 4}}, nil},
		{"both", []posting{{3, 4}, {2, 3}}, []int{7}},
		{"of different conditions", []posting{{4, 6}}, nil},
		{"ascending", []posting{{6, 7}, {7, 9}, {0, 4}}, []int{3, 5, 7, 4100, 64*words - 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m.begin(lists, 2*words)
			for _, p := range tt.add {
				m.add(p)
			}
			if got := all(); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if slices.ContainsFunc(m.words, func(w uint64) bool { return w != 0 }) || slices.ContainsFunc(m.tops, func(w uint64) bool { return w != 0 }) {
				t.Error("marks were left")
			}
		})
	}
}

// TestMarks_OfAnotherIndex: marks that served a large index serve a small one.
func TestMarks_OfAnotherIndex(t *testing.T) {
	t.Parallel()
	m := new(marks)
	m.begin([]uint32{640, 6}, 40)
	m.add(posting{0, 2})
	m.drain(make([]uint64, 20), func(int) {})
	m.begin([]uint32{1}, 2)
	m.add(posting{0, 1})
	n := 0
	m.drain([]uint64{2}, func(i int) { n += i })
	if n != 1 {
		t.Error(n)
	}
}
