package pdf

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// TestLetters: every character that reports are written in has a form: all of Hangul, Latin with its marks, Greek, Cyrillic,
// signs, the blocks of small histograms, and the commonest Hanja.
func TestLetters(t *testing.T) {
	f, err := letters()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range [][2]rune{{' ', '~'}, {0xac00, 0xd7a3}, {0x3131, 0x318e}, {0x2581, 0x2588}, {0x391, 0x3a1}, {0x410, 0x44f}} {
		for c := r[0]; c <= r[1]; c++ {
			if !f.regular.has(string(c)) || !f.bold.has(string(c)) && c >= 0x80 && c < 0x2581 {
				t.Errorf("no form for %U", c)
			}
		}
	}
	if s := "éüñçøß…–—“”‘’·※→○●△▲▽▼□■①②③㈜℃￦‰․漢字個人情報保護法登錄權限記錄ひらカナ"; !f.regular.has(s) {
		t.Errorf("no form for one of %s", s)
	}
	if f.regular.has("😀") || f.regular.has("ไ") {
		t.Error("the font has more than it says")
	}
	if n := len(regularFile) + len(boldFile); n > 2500<<10 {
		t.Errorf("the fonts are %d bytes", n)
	}
}

// TestWide: the backslash is none of the won sign, and figures are of one width, so that columns of numbers align.
func TestWide(t *testing.T) {
	f := face9(t)
	if f.width['\\'] != f.width['/'] || f.width['\\'] == f.width['₩'] {
		t.Errorf("a backslash is %d wide, a slash %d, a won %d", f.width['\\'], f.width['/'], f.width['₩'])
	}
	for r := '1'; r <= '9'; r++ {
		if f.width[r] != f.width['0'] {
			t.Errorf("%c is %d wide, 0 is %d", r, f.width[r], f.width['0'])
		}
	}
	for r := '▂'; r <= '█'; r++ {
		if f.width[r] != f.width['▁'] || f.width['․'] != f.width['▁'] {
			t.Errorf("%c is %d wide, ▁ is %d", r, f.width[r], f.width['▁'])
		}
	}
	if got := f.wide("가가", 10); got != 2*f.wide("가", 10) || got < 10 || got > 20 {
		t.Errorf("two syllables are %.1f wide", got)
	}
}

// TestLegible: what cannot be drawn is written as what it is.
func TestLegible(t *testing.T) {
	f := face9(t)
	for in, want := range map[string]string{
		"": "", "가 abc": "가 abc", "\u1112\u1161\u11ab": "한", "a\x00b": `a\x00b`, "a\u202eb": `a\u202eb`, "😀": `\U0001f600`, "ไ": `\u0e44`, "\xff": `\xff`, `a\b`: `a\b`,
		strings.Repeat("a", maxText): strings.Repeat("a", maxText), strings.Repeat("a", maxText+1): strings.Repeat("a", maxText) + "…",
	} {
		got := f.legible(in)
		if got != want {
			t.Errorf("%.20q: %.40q, want %.40q", in, got, want)
		}
		if !f.has(got) {
			t.Errorf("%.20q: %.40q has letters without a form", in, got)
		}
	}
}

// packed is bytes as fonts are kept.
func packed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b) // to memory
	_ = z.Close()
	return out.Bytes()
}

// TestReadFace: a file that is no font is an error and no panic, wherever it was cut.
func TestReadFace(t *testing.T) {
	f := face9(t)
	for name, b := range map[string][]byte{
		"no gzip": []byte("font"), "empty": packed(nil), "no font": packed(bytes.Repeat([]byte{1}, 200)), "only the head": packed(f.ttf[:12]), "tables without an end": packed(f.ttf[:2000]),
	} {
		if _, err := readFace(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzReadFace: any bytes, no panic.
func FuzzReadFace(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00cmap\x00\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		face, err := readFace(packed(b))
		if err == nil && face.wide("", 10) != 0 {
			t.Error("nothing is wide")
		}
	})
}
