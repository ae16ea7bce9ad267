package match

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
		if prefixFold(tt.s, tt.sub) != tt.prefix || containsFold(tt.s, tt.sub) != tt.contains || suffixFold(tt.s, tt.sub) != tt.suffix {
			t.Errorf("%q %q: prefix %v, contains %v, suffix %v", tt.s, tt.sub, prefixFold(tt.s, tt.sub), containsFold(tt.s, tt.sub), suffixFold(tt.s, tt.sub))
		}
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
		if containsFold(s, sub) != contains || prefixFold(s, sub) != prefix || suffixFold(s, sub) != suffix {
			t.Fatalf("%q %q: want prefix %v, contains %v, suffix %v", s, sub, prefix, contains, suffix)
		}
	}
}
