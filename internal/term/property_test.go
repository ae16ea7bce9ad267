package term

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
)

// texts are what outside writes into cells: Korean, marks, emoji, sequences that act on a terminal, nothing.
var texts = []string{"", "root", "김민수", "관리자 로그인 실패", "e\u0301", "🙂 ok", "a\x1b[2Jb", "\u202egpj.exe", "tab\there", "two\nlines", "\xff\xfe", strings.Repeat("긴 글 ", 30),
	strings.Repeat("x", 200), "한\u200b글", "1,204", "203.0.113.5", "日本", "\u009b31m", "…", "█"}

// random draws a text.
func random(rnd *rand.Rand) string { return texts[rnd.IntN(len(texts))] + texts[rnd.IntN(len(texts))] }

// TestTable_anyText: whatever stands in the cells, a pipe gets one line a row with its tabs, and a terminal lines that
// fit and in which each column begins at one cell.
func TestTable_anyText(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var pipe, screen bytes.Buffer
		width := 60 + rnd.IntN(80)
		faces := []*Face{{W: &pipe}, {W: &screen, TTY: true, Width: width, ASCII: rnd.IntN(2) == 0}}
		rows := make([][]string, 1+rnd.IntN(5))
		for i := range rows {
			rows[i] = []string{"id", random(rnd), random(rnd), "7"}
		}
		for _, f := range faces {
			tab := NewTable(f, Column{Head: "ID"}, Column{Head: "USER", Cut: true}, Column{Head: "WHAT", Cut: true}, Column{Head: "N", Right: true})
			for _, r := range rows {
				tab.Row(r...)
			}
			if err := tab.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		lines := strings.Split(strings.TrimSuffix(pipe.String(), "\n"), "\n")
		for _, line := range lines {
			if strings.Count(line, "\t") != 3 || strings.ContainsFunc(strings.ReplaceAll(line, "\t", ""), unicode.IsControl) {
				t.Fatalf("a pipe gets %q", line)
			}
		}
		if len(lines) != len(rows) {
			t.Fatalf("%d lines of %d rows", len(lines), len(rows))
		}
		end := -1
		for line := range strings.Lines(screen.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := Cells(line); n > width {
				t.Fatalf("%d cells of %d: %s", n, width, line)
			}
			if strings.ContainsFunc(line, unicode.IsControl) {
				t.Fatalf("a terminal gets %q", line)
			}
			if end >= 0 && Cells(line) != end { // the last column is a number: all lines end at one cell
				t.Fatalf("a line ends at cell %d, the one before at %d:\n%s", Cells(line), end, screen.String())
			}
			end = Cells(line)
		}
	}
}

// TestCut_anyText: what is cut fits, is a beginning of what was there, and is not cut again.
func TestCut_anyText(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		f := &Face{ASCII: rnd.IntN(2) == 0}
		s, cells := Escape(random(rnd)), rnd.IntN(40)
		got := f.Cut(s, cells)
		if Cells(got) > cells {
			t.Fatalf("Cut(%q, %d) has %d cells", s, cells, Cells(got))
		}
		if got != s && cells >= 3 && !strings.HasPrefix(s, strings.TrimSuffix(got, f.ellipsis())) {
			t.Fatalf("Cut(%q, %d) = %q is no beginning of it", s, cells, got)
		}
		if again := f.Cut(got, cells); again != got {
			t.Fatalf("%q is cut again to %q", got, again)
		}
		if padded := pad(got, cells, rnd.IntN(2) == 0); Cells(padded) != cells {
			t.Fatalf("%q is padded to %d cells of %d", got, Cells(padded), cells)
		}
	}
}

// TestFault_anyText: a fault about hostile text in a file is lines that act on nothing, with the caret inside the
// excerpt.
func TestFault_anyText(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		var b bytes.Buffer
		f := &Face{W: &b, TTY: true, Width: 40 + rnd.IntN(80)}
		e := *samples["config"]
		e.Text, e.Where, e.What = random(rnd)+"key: "+random(rnd), random(rnd)+":1:1", random(rnd)
		e.Mark, e.Width = 1+rnd.IntN(len([]rune(e.Text))), 1+rnd.IntN(10)
		f.Fault(&e, true)
		if err := f.FaultLine(&e); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if strings.ContainsFunc(line, unicode.IsControl) || strings.ContainsRune(line, '\u202e') {
				t.Fatalf("a terminal gets %q", line)
			}
			if strings.TrimLeft(line, " ^") == "" && Cells(line) > f.Width {
				t.Fatalf("the caret is at cell %d of %d", Cells(line), f.Width)
			}
		}
		if !strings.Contains(b.String(), "^") {
			t.Fatalf("no caret: %s", b.String())
		}
	}
}

// TestBar_steps: a bar grows with its part, never beyond its cells, and takes as many cells as it has characters.
func TestBar_steps(t *testing.T) {
	for _, f := range []*Face{{}, {ASCII: true}} {
		before := 0
		for part := range 1001 {
			bar := f.Bar(float64(part), 1000, 20)
			n := Cells(bar)
			if n < before || n > 20 || n != len([]rune(bar)) || (part > 0) != (n > 0) {
				t.Fatalf("%d of 1000: %q", part, bar)
			}
			before = n
		}
	}
}

// TestDuration_readable: a span is never shown with less than it is by more than its last digit allows.
func TestDuration_readable(t *testing.T) {
	for d := time.Millisecond; d < 400*24*time.Hour; d = d*7/5 + time.Millisecond {
		text := Duration(d)
		if text == "" || strings.HasPrefix(text, "0") || strings.HasPrefix(text, "-") || len(text) > 12 {
			t.Errorf("%v is %q", d, text)
		}
	}
}
