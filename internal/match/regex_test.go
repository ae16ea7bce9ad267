package match

import (
	"regexp"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, must string }{
		{"^Failed password for (invalid user )?(.*)$", "Failed password for "},
		{"(?i)abc", ""}, {"abc|abd", "ab"}, {"a+b", "a"}, {"(ab){2}", "ab"}, {"(ab)?c", "c"}, {"(ab)*", ""}, {".*", ""}, {"\ufffdx", ""}, {"[ab]cd", "cd"},
	}
	for _, tt := range tests {
		g := guard(regexp.MustCompile(tt.pattern))
		if g.must != tt.must {
			t.Errorf("%s: %q, want %q", tt.pattern, g.must, tt.must)
		}
	}
}

// FuzzGuard checks that the guard never hides a match.
func FuzzGuard(f *testing.F) {
	f.Add("^a(bc)+[de]$", "abcd")
	f.Add("(?i)k", "\u212a")
	f.Add("\ufffd", "\xff")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		re, err := regexp.Compile(pattern)
		if err != nil || len(pattern) > 100 {
			return
		}
		if g := guard(re); g.match(s) != re.MatchString(s) {
			t.Fatalf("%q on %q: guarded by %q", pattern, s, g.must)
		}
	})
}
