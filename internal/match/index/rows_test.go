package index

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"weir/internal/match/fold"
)

func parsed(t testing.TB, pattern string) *syntax.Regexp {
	t.Helper()
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

func TestLongestRow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, pattern string
		n             int
	}{
		{"the longest of two", `\s[a-fA-F0-9]{64}\s[a-fA-F0-9]{16}`, 64},
		{"at least so many", `x[0-9]{20,}`, 20},
		{"in a group", `a(?:b([0-9]{9})+)c`, 9},
		{"within a repetition", `(?:[0-9]{9}x){2}`, 9},
		{"may be missing", `(?:[0-9]{9})?x`, 0},
		{"one of two", `[0-9]{9}|x`, 0},
		{"too short", `[0-9]{7}`, 0},
		{"one letter", `a{9}`, 0},
		{"any letter", `.{90}`, 0},
		{"at most", `[0-9]{0,9}`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := longestRow(parsed(t, tt.pattern), 0); r.n != tt.n {
				t.Errorf("%d, want %d", r.n, tt.n)
			}
		})
	}
}

func TestRow_In(t *testing.T) {
	t.Parallel()
	digits := rowOf([]rune{'0', '9'}, 8)
	for _, tt := range []struct {
		name, s string
		want    bool
	}{
		{"empty", "", false},
		{"just", "12345678", true},
		{"one too few", "1234567", false},
		{"interrupted", "1234567x12345678", true},
		{"interrupted in the middle", "1234x5678x1234567", false},
		{"at the end", strings.Repeat("x", 99) + "01234567", true},
		{"one too few at the end", strings.Repeat("x", 99) + "0123456", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if digits.in(tt.s) != tt.want {
				t.Error(!tt.want)
			}
		})
	}
	if digits.size() != 10 {
		t.Error(digits.size())
	}
}

// TestRow_NeverMisses: what a pattern matches has its row, as it is if it is ASCII, else in its fold.
func TestRow_NeverMisses(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "B", "7", "\u212a", "\u00e9", "\xff", "-", "k", "S"}
	matched := 0
	for _, pattern := range []string{`[A-B0-9]{8}`, `(?i)[k7]{8,}-`, `[^-]{9}`, `\D{8}x?`, `[\x{e9}7]{8}`, `[\x{212a}a]{8}`, `[a-z]{8}`} {
		r, re := longestRow(parsed(t, pattern), 0), regexp.MustCompile(pattern)
		if r.n == 0 {
			t.Errorf("%s has no row", pattern)
		}
		for range 10_000 {
			var b strings.Builder
			letter := alphabet[rnd.IntN(len(alphabet))]
			for range rnd.IntN(24) {
				if rnd.IntN(9) == 0 {
					letter = alphabet[rnd.IntN(len(alphabet))]
				}
				b.WriteString(letter)
			}
			s := b.String()
			if !re.MatchString(s) {
				continue
			}
			matched++
			if seen := fold.String(s); !r.in(seen) || isASCII(s) && !r.in(s) {
				t.Fatalf("%s: the row is not in %q", pattern, s)
			}
		}
	}
	if matched < 3000 {
		t.Errorf("only %d matched: the test says little", matched)
	}
}
