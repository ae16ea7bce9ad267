package pattern

import (
	"strings"
	"testing"
)

// whole runs a pattern on a text and returns the text of its first group, and whether there was a match.
func whole(t *testing.T, expr, text string) (string, verdict) {
	t.Helper()
	m := build(expr)
	if m == nil {
		t.Fatalf("%s has no machine", expr)
	}
	var r run
	v := m.find(&r, text)
	if v != yes || len(r.at) == 0 || r.at[0] < 0 {
		return "", v
	}
	return text[r.at[0]:r.at[1]], v
}

// Each kind of node, alone and with what follows it.
func TestNodes(t *testing.T) {
	for _, c := range []struct {
		name string
		expr string
		text string
		want string
		v    verdict
	}{
		{"literal", `x(abc)`, "zxabc", "abc", yes},
		{"literal that is cut", `x(abc)`, "zxab", "", no},
		{"set", `([a-c])x`, "zzbx", "b", yes},
		{"set that ends", `([a-c])$`, "zz", "", no},
		{"greedy to the end", `a(.*)`, "xa b c", " b c", yes},
		{"greedy, given back", `(.*)b`, "abab", "aba", yes},
		{"greedy, given back past letters of two bytes", `(.*)é`, "éaéb", "éa", yes},
		{"greedy of words", `(\S+) x`, "a b x", "b", yes},
		{"greedy with a least number", `^(a{2,})ab`, "aaaab", "aaa", yes},
		{"greedy with too few", `^(a{4,})b`, "aaab", "", no},
		{"greedy with a most", `^(a{1,2})`, "aaaa", "aa", yes},
		{"lazy", `<(.*?)>`, "<a><b>", "a", yes},
		{"lazy over a wrong end", `<(.*?)>$`, "<a><b>", "a><b", yes},
		{"lazy to the end", `a(.*?)$`, "abc", "bc", yes},
		{"lazy with a least number", `(a{2,}?)b?`, "aaab", "aa", yes},
		{"lazy with a most", `^(a{1,2}?)b`, "aab", "aa", yes},
		{"lazy that may not pass a line", `a(.*?)b`, "a\nb", "", no},
		{"first way", `(a|ab)c?`, "abc", "a", yes},
		{"second way", `(a|ab)c`, "abc", "ab", yes},
		{"a way that is empty", `x(a|)y`, "xy", "", yes},
		{"optional group", `a(b)?c`, "ac", "", yes},
		{"group again and again", `(?:(\w)-)+$`, "a-b-c-", "c", yes},
		{"group so many times", `^(?:(\w)-){2}c`, "a-b-c", "b", yes},
		{"begin", `^(b)`, "ab", "", no},
		{"end", `(a)$`, "ab", "", no},
		{"begin of a line", `(?m)^(b)`, "a\nb", "b", yes},
		{"end of a line", `(?m)(a)$`, "a\nb", "a", yes},
		{"word", `\b(b\w*)`, "ab bc", "bc", yes},
		{"inside of a word", `\B(b)`, "b ab", "b", yes},
		{"a byte that is no UTF-8", `a(.)b`, "a\xffb", "\xff", yes},
		{"inside of a letter nothing begins", `([\x80-\x{10ffff}])$`, "\u65e5", "\u65e5", yes},
		{"capitals or not", `(?i)(STRASSE|sıgn)`, "Strasse", "Strasse", yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, v := whole(t, c.expr, c.text)
			if v != c.v || got != c.want {
				t.Errorf("%s on %q: %q, verdict %d; want %q, %d", c.expr, c.text, got, v, c.want, c.v)
			}
			compare(t, c.expr, c.text)
		})
	}
}

// What a failed way has kept is forgotten.
func TestPlacesAreTakenBack(t *testing.T) {
	m := build(`(?:(a)b|(a)c)(d)?`)
	var r run
	if v := m.find(&r, "acx"); v != yes {
		t.Fatalf("verdict %d", v)
	}
	want := []int{-1, -1, 0, 1, -1, -1}
	for i := range want {
		if r.at[i] != want[i] {
			t.Fatalf("places %v, want %v", r.at, want)
		}
	}
	// The same run again, on a text without a match: nothing of the last is left.
	if v := m.find(&r, "zzz"); v != no {
		t.Errorf("verdict %d", v)
	}
}

// A text that is long but simple is within the budget.
func TestBudgetIsEnough(t *testing.T) {
	long := strings.Repeat("key=value ", 5000)
	for _, c := range []struct{ name, expr string }{
		{"to the end", `^(.*)$`},
		{"last word", `(\S+) $`},
		{"first pair", `(\w+)=(\w+)`},
		{"after all", `^(?:\w+=\w+ )*$`},
		{"nothing there", `^.*?nothing (.*)$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := build(c.expr)
			if m == nil {
				t.Fatal("no machine")
			}
			var r run
			// A way that is open for each word is more than fits, and left to the regexp package.
			if v := m.find(&r, long); v == undecided && c.name != "after all" {
				t.Error("the budget is spent")
			}
		})
	}
}
