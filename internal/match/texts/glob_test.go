package texts

import (
	"regexp"
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		s, pattern string
		want       bool
	}{
		{"", "", true}, {"", "*", true}, {"a", "", false}, {"a", "?", true}, {"민", "?", true}, {"ab", "?", false},
		{"/etc/cron.d/x", "/etc/*.d/?", true}, {"abcabc", "*abc", true}, {"abcab", "*abc", false}, {"aXbXc", "a*b*c", true},
		{"a*b", `a\*b`, true}, {"axb", `a\*b`, false}, {`a\b`, `a\\b`, true}, {"a?", `a\?`, true}, {"A", "a", false},
		{"a", `a\`, false}, {`a\`, `a\`, true}, {strings.Repeat("a", 5000), strings.Repeat("*a", 200) + "b", false},
	}
	for _, tt := range tests {
		if got := Glob(tt.s, tt.pattern); got != tt.want {
			t.Errorf("%.30q %.30q: got %v", tt.s, tt.pattern, got)
		}
	}
}

// FuzzGlob compares with the regular expression of the same meaning.
func FuzzGlob(f *testing.F) {
	f.Add("/etc/cron.d/x", "/etc/*.d/?")
	f.Add("a*b", `a\*b`)
	f.Fuzz(func(t *testing.T, s, pattern string) {
		if len(s) > 200 || len(pattern) > 50 || strings.ToValidUTF8(s, "") != s || strings.ToValidUTF8(pattern, "") != pattern || strings.HasSuffix(pattern, `\`) {
			return
		}
		var re strings.Builder
		re.WriteString("(?s)^")
		escaped := false
		for _, r := range pattern {
			switch {
			case escaped:
				re.WriteString(regexp.QuoteMeta(string(r)))
				escaped = false
			case r == '\\':
				escaped = true
			case r == '*':
				re.WriteString(".*")
			case r == '?':
				re.WriteString(".")
			default:
				re.WriteString(regexp.QuoteMeta(string(r)))
			}
		}
		re.WriteString("$")
		if want := regexp.MustCompile(re.String()).MatchString(s); Glob(s, pattern) != want {
			t.Fatalf("%q %q: want %v", s, pattern, want)
		}
	})
}

func TestPiece(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"": "", "*": "", "abc": "abc", "*abc?de*": "abc", "a*bcd": "bcd", `a\*b`: "a*b", `\\x`: `\x`, `a\`: `a\`, "??": "", "민*수수": "수수",
	} {
		if got := Piece(pattern); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

// TestGlobs: looking for a piece first hides no match.
func TestGlobs(t *testing.T) {
	t.Parallel()
	patterns := []string{"*", "a*b", `a\*b`, "?", "", "*ab*ba*", "\\", "\xff*"}
	for _, s := range []string{"", "a", "ab", "a*b", "xabxbax", "\\", "\xff", "민", "aXb"} {
		for _, p := range patterns {
			if Globs([]string{p})(s) != Glob(s, p) {
				t.Errorf("%q of %q: not %v", p, s, Glob(s, p))
			}
		}
		if !Globs(patterns)(s) || Globs(nil)(s) {
			t.Errorf("%q matches none of several, one of which is *", s)
		}
	}
}

func BenchmarkGlobs(b *testing.B) {
	holds := Globs([]string{`*\\temp\\*.exe`, `*\\users\\*\\x?.dll`})
	b.ReportAllocs()
	for b.Loop() {
		if holds(`c:\windows\system32\notepad.exe`) {
			b.Fatal("found")
		}
	}
}
