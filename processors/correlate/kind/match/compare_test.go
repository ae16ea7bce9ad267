package match

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/internal/record"
)

func TestCompare(t *testing.T) {
	list := []*Match{ // in order
		{T: 1, ID: "z/9/9", Src: "t/9/9/9"},
		{T: 2, ID: "a/1/9", Src: "t/0/5/0"},
		{T: 2, ID: "a/1/10-3", Src: "t/0/4/0"},
		{T: 2, ID: "a/1/10", Src: "t/0/4/1"},
		{T: 2, ID: "a/2/1", Src: "t/0/1/0"},
		{T: 2, ID: "b/1/1", Src: "t/0/1/0"},
		{T: 2, ID: "file/a", Src: "t/0/9/0"},
		{T: 2, ID: "file/b", Src: "t/0/9/0"},
		{T: 2, ID: "file/a/b/c", Src: "t/0/10/0"},
		{T: 2, ID: "", Src: "t/1/1/0"},
		{T: 2, ID: "", Src: "u/x/0/1/0"},
		{T: 2, ID: "", Src: "no position"},
		{T: 2, ID: "", Src: "t/0/1/-1"},
	}
	for i, a := range list {
		for j, b := range list {
			if got := Compare(a, b); got != cmp.Compare(i, j) {
				t.Errorf("Compare(%q %q, %q %q) = %d", a.ID, a.Src, b.ID, b.Src, got)
			}
		}
	}
	twin := *list[3]
	twin.Cond, twin.Step = 5, 7
	if Compare(list[3], &twin) != 0 {
		t.Error("one event that matched two conditions is not equal to itself")
	}
}

// FuzzCompare holds that texts are read as the packages read them that write them, and that the order is one.
func FuzzCompare(f *testing.F) {
	f.Add("a/1/2", "t/0/10/0", "a/1/2-1", "t/0/9/0", "c/x/1", "t/0/5x")
	f.Add("a/4294967296/2", "a/b/0/1/2", "a/1/18446744073709551616", "/0/0/0", "a/1/018446744073709551615", "t/00/1/2")
	f.Add("/1/1", "", "a/1/", "t/1", "a//1", "t/-1/2/3")
	f.Fuzz(func(t *testing.T, id1, src1, id2, src2, id3, src3 string) {
		for _, id := range []string{id1, id2, id3} {
			d, ok := doorOf(id)
			cut := id
			if i := strings.LastIndexByte(id, '-'); i > strings.LastIndexByte(id, '/') {
				cut = id[:i]
			}
			want, err := record.ParseIng(cut)
			if wantOK := err == nil && strings.Count(id, "/") == 2; ok != wantOK || ok && (d.ingester != want.Ingester || d.start != uint64(want.Start) || d.seq != want.Seq) {
				t.Fatalf("%q is %+v %v, want %+v %v", id, d, ok, want, err)
			}
		}
		for _, src := range []string{src1, src2, src3} {
			p, ok := positionOf(src)
			want, err := record.ParsePos(src)
			if strings.Contains(src, "+") || strings.Contains(src, "/-") {
				continue // a sign is no part of a position that was written
			}
			if ok != (err == nil) || ok && (p.topic != want.Topic || p.offset != uint64(want.Offset) || p.sub != uint64(want.Sub) || p.partition != uint64(want.Partition)) {
				t.Fatalf("%q is %+v %v, want %+v %v", src, p, ok, want, err)
			}
		}
		a, b, c := &Match{ID: id1, Src: src1}, &Match{ID: id2, Src: src2}, &Match{ID: id3, Src: src3}
		if Compare(a, b) != -Compare(b, a) || Compare(a, a) != 0 {
			t.Fatalf("no order: %+v %+v", a, b)
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("no order: %+v %+v %+v", a, b, c)
		}
	})
}

func TestDigits(t *testing.T) {
	for _, in := range []string{"0", "18446744073709551615", "18446744073709551616", "99999999999999999999", "00000000000000000000000000007", "", "1a", "-1", "+1", "184467440737095516150"} {
		want, err := strconv.ParseUint(in, 10, 64)
		if got, ok := digits(in, 1<<64-1); ok != (err == nil) || ok && got != want {
			t.Errorf("%q: %d %v, want %d %v", in, got, ok, want, err)
		}
	}
	if _, ok := digits("11", 10); ok {
		t.Error("11 is not greater than 10")
	}
}

func TestCompare_sortsWithoutMemory(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	list := make([]*Match, 500)
	for i := range list {
		list[i] = event(rnd.IntN(100000), 5, "")
	}
	if n := testing.AllocsPerRun(3, func() { slices.SortFunc(list, Compare) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if !slices.IsSortedFunc(list, func(a, b *Match) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("numbers of the front door are not in order")
	}
}

// BenchmarkCompare is the order of two matches of one time.
func BenchmarkCompare(b *testing.B) {
	x, y := event(1, 5, ""), event(2, 5, "")
	b.ReportAllocs()
	for b.Loop() {
		if Compare(x, y) >= 0 {
			b.Fatal("order")
		}
	}
}
