package index

import (
	"math/rand/v2"
	"slices"
	"testing"

	"weir/internal/archive/column"
)

func toInts(rows []uint32) []int {
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = int(r)
	}
	return out
}

func TestPostings_BothForms(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, total := range []int{1, 7, 64, 65, 1000, 70000} {
		for _, p := range []float64{0.0001, 0.05, 0.13, 0.9, 1} {
			var rows []uint32
			for i := range total {
				if rnd.Float64() < p {
					rows = append(rows, uint32(i))
				}
			}
			b := appendPostings(nil, rows, total)
			if form := b[0]; (form == formBits) != (len(rows) > total/8) {
				t.Errorf("%d of %d rows: form %d", len(rows), total, form)
			}
			set := column.NewBits(total)
			if !addPostings(set, b, total) || !slices.Equal(set.Rows(), toInts(rows)) {
				t.Errorf("%d of %d rows: %d came back", len(rows), total, set.Count())
			}
		}
	}
}

func TestPostings_AddToWhatIsThere(t *testing.T) {
	set := column.NewBits(100)
	set.Set(7)
	if !addPostings(set, appendPostings(nil, []uint32{3, 9}, 100), 100) || !slices.Equal(set.Rows(), []int{3, 7, 9}) {
		t.Errorf("got %v", set.Rows())
	}
}

func TestPostings_Failure(t *testing.T) {
	cases := map[string][]byte{
		"empty":              {},
		"unknown form":       {9, 1},
		"row behind the end": {formDeltas, 100},
		"sum behind the end": {formDeltas, 60, 60},
		"same row twice":     {formDeltas, 5, 0},
		"cut number":         {formDeltas, 0x80},
		"huge number":        {formDeltas, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"bits too short":     {formBits, 1, 2, 3},
		"bit behind the end": append([]byte{formBits}, slices.Concat(make([]byte, 15), []byte{0x80})...),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			if addPostings(column.NewBits(100), b, 100) {
				t.Error("accepted")
			}
		})
	}
}

func FuzzPostings(f *testing.F) {
	f.Add(appendPostings(nil, []uint32{1, 2, 50}, 100), 100)
	f.Add(appendPostings(nil, []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 12), 12)
	f.Fuzz(func(t *testing.T, b []byte, total int) {
		total = min(max(total, 1), 5000)
		set := column.NewBits(total)
		if !addPostings(set, b, total) {
			return
		}
		var rows []uint32
		set.Each(func(row int) bool {
			if row >= total {
				t.Fatalf("row %d of %d", row, total)
			}
			rows = append(rows, uint32(row))
			return true
		})
		again := column.NewBits(total)
		if !addPostings(again, appendPostings(nil, rows, total), total) || !slices.Equal(again, set) {
			t.Fatal("what was read cannot be written and read again")
		}
	})
}

func BenchmarkPostings(b *testing.B) {
	var rows []uint32
	for i := uint32(0); i < 65536; i += 11 {
		rows = append(rows, i)
	}
	post := appendPostings(nil, rows, 65536)
	set := column.NewBits(65536)
	b.ReportAllocs()
	for b.Loop() {
		addPostings(set, post, 65536)
	}
}
