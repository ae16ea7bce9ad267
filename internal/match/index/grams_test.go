package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// gramsOf files texts, each under the condition of its place.
func gramsOf(texts ...string) (*grams, []uint32) {
	var list []gramText
	var lists []uint32
	for i, s := range texts {
		lists = append(lists, uint32(i))
		list = append(list, gramText{text: s, conds: posting{uint32(i), uint32(i + 1)}})
	}
	return newGrams(newWeigher(nil), list), lists
}

// marked returns the places of the texts that are found in s.
func marked(g *grams, lists []uint32, s string) []int {
	m := new(marks)
	single := make([]uint64, (len(lists)+63)/64)
	for i := range single {
		single[i] = ^uint64(0)
	}
	m.begin(lists, 2*len(single))
	g.scan(s, m)
	var got []int
	m.drain(single, func(i int) { got = append(got, i) })
	return got
}

func TestGrams(t *testing.T) {
	t.Parallel()
	texts := []string{"`", "-e", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "c:\\windows\\system32", "\u2013enc", "aaaaaaaaaa", "aaa"}
	g, lists := gramsOf(texts...)
	for _, tt := range []struct {
		name, s string
		want    string
	}{
		{"nothing", "", "[]"},
		{"one byte", "x`", "[0]"},
		{"just", "abcdefgh", "[2 3 4 5 6 7]"},
		{"capitals", "ABCdefGH", "[2 3 4 5 6 7]"},
		{"almost", "ab cdefgh abcXef", "[2]"},
		{"the bit of case alone", "abc\x44e [-E \x60", "[0 1 2 3 4]"},
		{"look-alikes", "@BC {-e", "[1]"},
		{"repeated", strings.Repeat("a", 9), "[11]"},
		{"repeated enough", strings.Repeat("A", 40), "[10 11]"},
		{"a path", `"C:\WINDOWS\System32\cmd.exe"`, "[8]"},
		{"beyond ASCII", "x \u2013enc", "[9]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := fmt.Sprint(marked(g, lists, tt.s)); got != tt.want {
				t.Errorf("%q: %s, want %s", tt.s, got, tt.want)
			}
		})
	}
}

// TestGrams_EveryPlace finds a text of each length at each place of values of many lengths: the loops go by words, and
// what does not fill one is gone through apart.
func TestGrams_EveryPlace(t *testing.T) {
	t.Parallel()
	for _, dense := range []bool{false, true} {
		for n := 2; n <= 20; n++ {
			texts := []string{"qvxjzkwpfhgbydmculrs"[:n]}
			if dense {
				texts = append(texts, "123") // every place is looked at
			}
			g, lists := gramsOf(texts...)
			for length := n; length < n+30; length++ {
				for at := 0; at+n <= length; at++ {
					s := strings.Repeat(".", at) + strings.ToUpper(texts[0]) + strings.Repeat(".", length-at-n)
					if got := marked(g, lists, s); len(got) != 1 {
						t.Fatalf("%d bytes at %d of %d: %v", n, at, length, got)
					}
				}
			}
		}
	}
}

// TestGrams_AsContains compares with a search for each text, over a small alphabet.
func TestGrams_AsContains(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab\\"[rnd.IntN(3)]
		}
		return string(b)
	}
	found := 0
	for range 100 {
		var texts []string
		for range 60 {
			if s := word(1 + rnd.IntN(12)); !slices.Contains(texts, s) && len(s) > 1 {
				texts = append(texts, s)
			}
		}
		g, lists := gramsOf(texts...)
		for range 50 {
			s := word(rnd.IntN(40))
			var want []int
			for i, x := range texts {
				if strings.Contains(s, x) {
					want = append(want, i)
				}
			}
			if got := marked(g, lists, strings.ToUpper(s)); !slices.Equal(got, want) {
				t.Fatalf("%q: %v, want %v of %q", s, got, want, texts)
			}
			found += len(want)
		}
	}
	if found < 10_000 {
		t.Errorf("only %d were found: the test says little", found)
	}
}

// TestGrams_Size: tables grow with the texts, and not beyond what the processor keeps at hand.
func TestGrams_Size(t *testing.T) {
	t.Parallel()
	small, _ := gramsOf("one text")
	var texts []string
	for i := range 30_000 {
		texts = append(texts, fmt.Sprintf("text number %d", i))
	}
	large, _ := gramsOf(texts...)
	if n := 8 * len(small.long.bitmap); n != 4<<10 {
		t.Errorf("%d bytes for one text", n)
	}
	if n := 8 * len(large.long.bitmap); n != 64<<10 {
		t.Errorf("%d bytes for many", n)
	}
	if got := marked(large, make([]uint32, 30_000), "the Text Number 29999"); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func BenchmarkScan(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	text := func(n int) string {
		var s strings.Builder
		for s.Len() < n {
			s.WriteByte("etaoin shrdlu\\cmfwyp.-0123456789"[rnd.IntN(32)])
		}
		return s.String()
	}
	var texts []gramText
	for range 250 {
		texts = append(texts, gramText{text: text(10)})
	}
	g := newGrams(newWeigher(nil), texts)
	m := new(marks)
	m.begin(nil, 1)
	s := text(4096)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		g.scan(s, m)
	}
}
