package term

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"weir/internal/testkit"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		"":                    "",
		"김민수 로그인":             "김민수 로그인",
		"🙂é":                  "🙂é",
		"a\x1b[31mb":          `a\x1b[31mb`,
		"tab\tnl\ncr\r":       `tab\tnl\ncr\r`,
		"nul\x00bel\x07":      `nul\x00bel\x07`,
		"del\x7f":             `del\x7f`,
		"c1\u009b31m":         `c1\x9b31m`,
		"rtl\u202egpj.exe":    `rtl\u202egpj.exe`,
		"iso\u2066x\u2069":    `iso\u2066x\u2069`,
		"zero\u200bwidth":     `zero\u200bwidth`,
		"bom\ufeff":           `bom\ufeff`,
		"line\u2028sep":       `line\u2028sep`,
		"tag\U000e0041":       `tag\U000e0041`,
		"bad\xffutf":          `bad\xffutf`,
		"half\xec\x84":        `half\xec\x84`,
		"replacement \ufffd!": "replacement \ufffd!",
		`C:\Users`:            `C:\Users`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %s, want %s", in, got, want)
		}
	}
}

// FuzzEscape: what comes out has nothing that acts on a terminal, and what had nothing is not touched.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"a\x1b[2J", "김\u202e", "\xff\xfe", "\u009d0;title\u0007", "ok"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := Escape(s)
		if !utf8.ValidString(out) {
			t.Errorf("%q is not UTF-8", out)
		}
		for _, r := range out {
			if unicode.IsControl(r) || r >= 0x202a && r <= 0x202e {
				t.Errorf("%q holds %U", out, r)
			}
		}
		if Escape(out) != out {
			t.Errorf("%q is not stable", out)
		}
		face := &Face{}
		if cut := face.Cut(out, 10); Cells(cut) > 10 {
			t.Errorf("%q has %d cells", cut, Cells(cut))
		}
	})
}

// TestOnlyHere keeps escape sequences in this package: everywhere else they would escape the colour policy.
func TestOnlyHere(t *testing.T) {
	root := testkit.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") ||
				path == filepath.Join(root, "internal", "term") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, seq := range []string{`\x1b[`, `\033[`, `\u001b[`, "\x1b["} {
			if bytes.Contains(src, []byte(seq)) {
				t.Errorf("%s has an escape sequence; internal/term has them", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCells(t *testing.T) {
	for _, locale := range []string{"C", "en_US.UTF-8", "ko_KR.UTF-8"} {
		t.Setenv("LC_ALL", locale)
		for s, want := range map[string]int{"abc": 3, "김민수": 6, "▁▂▃▄▅▆▇█": 8, "…": 1, "→": 1, "": 0, "é": 1} {
			if got := Cells(s); got != want {
				t.Errorf("%s: Cells(%q) = %d, want %d", locale, s, got, want)
			}
		}
	}
}

func TestCut(t *testing.T) {
	for _, x := range []struct {
		s     string
		cells int
		ascii bool
		want  string
	}{
		{"short", 10, false, "short"},
		{"exactly ten", 11, false, "exactly ten"},
		{"a longer text", 6, false, "a lon…"},
		{"a longer text", 6, true, "a l..."},
		{"김민수입니다", 7, false, "김민수…"},
		{"김민수입니다", 6, false, "김민…"}, // half a syllable is none
		{"abc", 1, false, "…"},
		{"abc", 2, true, ".."},
		{"abc", 0, false, ""},
	} {
		f := &Face{ASCII: x.ascii}
		if got := f.Cut(x.s, x.cells); got != x.want || Cells(got) > max(x.cells, 0) {
			t.Errorf("Cut(%q, %d) = %q, want %q", x.s, x.cells, got, x.want)
		}
	}
}

func BenchmarkEscape(b *testing.B) {
	s := "Failed password for invalid user 김민수 from 203.0.113.5 port 40122 ssh2"
	b.ReportAllocs()
	for b.Loop() {
		Escape(s)
	}
}
