package sigma

import (
	"fmt"
	"testing"

	"weir/internal/match/tree/kind"
)

// TestPieces checks the escapes of the specification, letter by letter.
func TestPieces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``: ``, `a`: `a`, `a*`: `a|*`, `*a`: `*|a`, `a?b`: `a|?|b`, `**`: `*`, `*?*`: `*|?|*`, `a***b`: `a|*|b`,
		`\`: `\`, `a\b`: `a\b`, `\\`: `\`, `\\\`: `\\`, `\\\\`: `\\`, `\*`: `LIT*`, `\?`: `LIT?`, `\\*`: `\|*`, `\\\*`: `LIT\*`, `\\\\*`: `\\|*`, `\\\\\*`: `LIT\\*`, `a\`: `a\`, `\ü`: `\ü`,
	} {
		got := ""
		for i, p := range pieces(text) {
			if i > 0 {
				got += "|"
			}
			switch {
			case p.wild != 0:
				got += string(p.wild)
			case len(want) > 3 && want[:3] == "LIT":
				got += "LIT" + p.text
			default:
				got += p.text
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestSimplest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind kind.Kind
		text string
		want alternative
	}{
		{kind.Equal, `a`, alternative{kind.Equal, true, "a"}},
		{kind.Equal, ``, alternative{kind.Equal, true, ""}},
		{kind.Equal, `*`, alternative{kind: kind.Exists}},
		{kind.Equal, `*a`, alternative{kind.EndsWith, true, "a"}},
		{kind.Equal, `a*`, alternative{kind.StartsWith, true, "a"}},
		{kind.Equal, `*a*`, alternative{kind.Contains, true, "a"}},
		{kind.Equal, `*a\**`, alternative{kind.Contains, true, "a*"}},
		{kind.Equal, `a*b`, alternative{kind.Glob, true, "a*b"}},
		{kind.Equal, `a\*?b\\`, alternative{kind.Glob, true, `a\*?b\\`}},
		{kind.Equal, `?`, alternative{kind.Glob, true, "?"}},
		{kind.Equal, `*?*`, alternative{kind.Glob, true, "*?*"}},
		{kind.Contains, `a`, alternative{kind.Contains, true, "a"}},
		{kind.Contains, `*a*`, alternative{kind.Contains, true, "a"}},
		{kind.Contains, ``, alternative{kind: kind.Exists}},
		{kind.Contains, `a*b`, alternative{kind.Glob, true, "*a*b*"}},
		{kind.StartsWith, `*a`, alternative{kind.Contains, true, "a"}},
		{kind.StartsWith, `a`, alternative{kind.StartsWith, true, "a"}},
		{kind.EndsWith, `a*`, alternative{kind.Contains, true, "a"}},
		{kind.EndsWith, `\a`, alternative{kind.EndsWith, true, `\a`}},
	} {
		if got := simplest(pieces(tc.text), tc.kind, true); got != tc.want {
			t.Errorf("%d %s: got %v, want %v", tc.kind, tc.text, got, tc.want)
		}
	}
}

// TestSimplestDoesNotShare: the pieces of a text are used again for the next kind.
func TestSimplestDoesNotShare(t *testing.T) {
	t.Parallel()
	ps := make([]piece, 1, 4)
	ps[0] = piece{text: "a"}
	simplest(ps, kind.Contains, true)
	if fmt.Sprint(ps[:2]) != "[{a 0} { 0}]" {
		t.Error(ps[:2])
	}
}

func TestHasCase(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"42": false, "": false, "-/": false, "a1": true, "É": true, "김": false, "K": true} {
		if hasCase(s) != want {
			t.Error(s)
		}
	}
}
