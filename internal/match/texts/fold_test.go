package texts

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		s, sub                   string
		prefix, contains, suffix bool
	}{
		{"Failed", "fail", true, true, false},
		{"Failed", "LED", false, true, true},
		{"Failed", "", true, true, true},
		{"", "a", false, false, false},
		{"", "", true, true, true},
		{"김민수A", "수a", false, true, true},
		{"ÄÖ", "äö", true, true, true},
		{"\u212aelvin", "kelvin", true, true, true}, // the Kelvin sign folds to k
		{"kelvin", "\u212aEL", true, true, false},
		{"pas\u017f", "PASS", true, true, true}, // and the long s to s
		{"x\u212a", "k", false, true, true},
		{"ab", "abc", false, false, false},
		{"\xff\xfe", "\xff", true, true, true}, // bytes that are no UTF-8 are all alike
		{"straße", "STRASSE", false, false, false},
	}
	for _, tt := range tests {
		_, prefix := Prefix(tt.s, tt.sub, true)
		_, _, contains := Index(tt.s, tt.sub, true)
		_, suffix := Suffix(tt.s, tt.sub, true)
		if prefix != tt.prefix || contains != tt.contains || suffix != tt.suffix {
			t.Errorf("%q %q: prefix %v, contains %v, suffix %v", tt.s, tt.sub, prefix, contains, suffix)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		s, sub     string
		fold       bool
		start, end int
	}{
		{"say Hello", "hello", true, 4, 9}, {"say Hello", "Hello", false, 4, 9}, {"aa", "a", false, 0, 1}, {"x\u212ay", "k", true, 1, 4}, {"xky", "\u212a", true, 1, 2}, {"ab", "", true, 0, 0},
	} {
		if start, end, ok := Index(tc.s, tc.sub, tc.fold); !ok || start != tc.start || end != tc.end {
			t.Errorf("%q in %q: %d to %d, %v", tc.sub, tc.s, start, end, ok)
		}
	}
	if end, ok := Prefix("\u212aelvin", "KE", true); !ok || end != 4 {
		t.Errorf("the beginning ends at %d", end)
	}
	if start, ok := Suffix("ma\u017f\u017f", "SS", true); !ok || start != 2 {
		t.Errorf("the end begins at %d", start)
	}
	if start, ok := Suffix("mass", "ss", false); !ok || start != 2 {
		t.Errorf("the end begins at %d", start)
	}
	if _, ok := Prefix("mass", "MA", false); ok {
		t.Error("case does not count")
	}
}

// TestFoldOracle compares with strings.EqualFold over every part of a text.
func TestFoldOracle(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	letters := []rune("aAkKsSbB\u212a\u017f민수äÄ")
	word := func(n int) string {
		out := make([]rune, r.IntN(n))
		for i := range out {
			out[i] = letters[r.IntN(len(letters))]
		}
		return string(out)
	}
	for range 20_000 {
		s, sub := word(7), word(4)
		rs, n := []rune(s), len([]rune(sub))
		contains := false
		for i := 0; i+n <= len(rs); i++ {
			contains = contains || strings.EqualFold(string(rs[i:i+n]), sub)
		}
		prefix := len(rs) >= n && strings.EqualFold(string(rs[:min(n, len(rs))]), sub)
		suffix := len(rs) >= n && strings.EqualFold(string(rs[max(len(rs)-n, 0):]), sub)
		end, p := Prefix(s, sub, true)
		from, to, c := Index(s, sub, true)
		start, x := Suffix(s, sub, true)
		if p != prefix || c != contains || x != suffix {
			t.Fatalf("%q %q: want prefix %v, contains %v, suffix %v", s, sub, prefix, contains, suffix)
		}
		if p && !strings.EqualFold(s[:end], sub) || c && !strings.EqualFold(s[from:to], sub) || x && !strings.EqualFold(s[start:], sub) {
			t.Fatalf("%q %q: the place is another text", s, sub)
		}
	}
}
