package needles

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// find returns the numbers of the needles in s, each once, in order.
func find(f *Finder, s string) (out []int) {
	f.Each(s, func(id int) { out = append(out, id) })
	slices.Sort(out)
	return slices.Compact(out)
}

// plain is what find must give.
func plain(list []string, s string) (out []int) {
	for id, needle := range list {
		if len(needle) >= 2 && strings.Contains(s, needle) {
			out = append(out, id)
		}
	}
	return out
}

func TestEach(t *testing.T) {
	list := []string{"ab", "%ASA-", "devid=\"FG", "a longer needle", "needle", "a", "", "needle at the end", "한글", "<Event xmlns="}
	f := New(list)
	for _, s := range []string{"", "a", "ab", "xab", "no", "%ASA-1", "x%ASA-", `type="x" devid="FGT60F"`, "here is a longer needle", "aaaaab", "needle at the end", "x needle at the en", "이것은 한글 입니다", "<Event xmlns='x'>", strings.Repeat("a longer needl", 20)} {
		if got, want := find(f, s), plain(list, s); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
	if got := find(New(nil), "anything"); got != nil {
		t.Errorf("without needles: %v", got)
	}
}

// TestEach_Many compares with a search one after the other, with many needles that have much in common.
func TestEach_Many(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abc=\"-_"[r.IntN(7)]
		}
		return string(b)
	}
	var list []string
	for range 500 {
		list = append(list, word(2+r.IntN(20)))
	}
	f := New(list)
	for range 300 {
		s := word(r.IntN(400)) + list[r.IntN(len(list))] + word(r.IntN(20))
		if got, want := find(f, s), plain(list, s); !slices.Equal(got, want) {
			t.Fatalf("%q: got %v, want %v", s, got, want)
		}
	}
}

// FuzzEach: whatever the needles and the text, what is found is what is there.
func FuzzEach(f *testing.F) {
	f.Add("ab\ncd\nlonger needle", "xabcdx longer needle")
	f.Add("aa\naaa\naaaaaaaaaaaa", "aaaaaaaaaaaaaaaa")
	f.Add("\x00\x01\n\xff\xfe\xfd", "\x00\x01\xff\xfe\xfd")
	f.Fuzz(func(t *testing.T, needles, s string) {
		list := strings.Split(needles, "\n")
		if got, want := find(New(list), s), plain(list, s); !slices.Equal(got, want) {
			t.Fatalf("%q in %q: got %v, want %v", list, s, got, want)
		}
	})
}

func BenchmarkEach(b *testing.B) {
	var list []string
	for i := range 400 {
		list = append(list, fmt.Sprintf("needle number %d=", i))
	}
	f := New(list)
	line := strings.Repeat("this is what a program says about its work ", 5)
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		f.Each(line, func(int) { b.Error("found") })
	}
}
