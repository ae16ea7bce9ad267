package index

import (
	"strings"
	"testing"

	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

func TestRegex(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, pattern, want string }{
		{"a text", `whoami`, "f~whoami"},
		{"without case", `(?i)WhoKs`, "f~whoks"},
		{"both cases of a letter", `[Ww]hoami`, "f~whoami"},
		{"the longest piece", `ab.*whoami.*cd`, "f~whoami"},
		{"alternatives", `whoami|(?:systeminfo)`, "f~systeminfo | f~whoami"},
		{"alternatives within", `net(view|user) /all`, "f~netuser /all | f~netview /all"},
		{"a small class", `cmd[.\-_]exe`, "f~cmd-exe | f~cmd.exe | f~cmd_exe"},
		{"a large class parts pieces", `abcd\d+efghij`, "f~efghij"},
		{"may be missing", `(?:whoami)?`, "f"},
		{"may be missing beside what may not", `whoami( /all)?xx`, "f~whoami /allxx | f~whoamixx"},
		{"repeated", `(?:abcd){3}`, "f~abcdabcdabcd"},
		{"at least once", `(whoami)+`, "f~whoami"},
		{"at most", `x{0,5}`, "f"},
		{"anchors", `^whoami$`, "f~whoami"},
		{"a boundary", `\bwhoami\b /x`, "f~whoami /x"},
		{"a row", `\s[a-fA-F0-9]{64}\s`, "f[64]"},
		{"anything", `.*`, "f"},
		{"nothing at all", `[^\x00-\x{10FFFF}]`, ""},
		{"an alternative that is anything", `whoami|`, "f"},
		{"not a pattern", `(`, "f"},
		{"the Kelvin sign", "\u212aelvin", "f~kelvin"},
		{"too many alternatives", strings.Repeat("[abcd]", 5) + "xyz1", "f~axyz1 | f~bxyz1 | f~cxyz1 | f~dxyz1"},
		{"too deep", strings.Repeat("(", 200) + "a" + strings.Repeat(")+", 200), "f"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := tree.LeafOf(tree.Test{Kind: kind.Regex, Field: "f", Values: []string{tt.pattern}})
			if got := shown(newWeigher([]*tree.Node{n}).needs(n, false)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestRegex_Bounded: whatever a pattern is, what is made of it is little.
func TestRegex_Bounded(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{strings.Repeat("(a|b)", 500), strings.Repeat("(?:ab|cd|", 90) + "x" + strings.Repeat(")", 90), strings.Repeat("abc|", 30_000) + "d", "(?:(?:(?:a{10}){10}){10})"} {
		n := tree.LeafOf(tree.Test{Kind: kind.Regex, Field: "f", Values: []string{pattern}})
		if got := newWeigher([]*tree.Node{n}).needs(n, false); len(got.atoms) > maxAtoms {
			t.Errorf("%.20s: %d atoms", pattern, len(got.atoms))
		}
	}
}
