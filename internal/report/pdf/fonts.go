package pdf

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"weir/internal/term"
)

// The letters are NanumGothic under the SIL Open Font License (font/OFL.txt), cut down by font/subset.py to what reports
// have: Latin, Greek, Cyrillic, signs, all of Hangul and 4,620 Hanja. What goes into a PDF is cut down once more, to the
// characters that are in it.

//go:embed font/regular.ttf.gz
var regularFile []byte

//go:embed font/bold.ttf.gz
var boldFile []byte

// face is one font: its file, and how wide each of its characters is. It is read once and never changed.
type face struct {
	ttf   []byte
	width [1 << 16]uint16 // in thousandths of the size; 0: it has none
}

// family is the two faces of a document.
type family struct{ regular, bold *face }

// letters reads the fonts once for the life of the process: they are the same for every report.
var letters = sync.OnceValues(func() (f family, err error) {
	if f.regular, err = readFace(regularFile); err != nil {
		return f, fmt.Errorf("reading the font of reports: %w", err)
	}
	if f.bold, err = readFace(boldFile); err != nil {
		return f, fmt.Errorf("reading the bold font of reports: %w", err)
	}
	return f, nil
})

// errFont is the only thing that can be wrong with a font: it is none that this program can read.
var errFont = errors.New("it is no TrueType font with a table of characters")

// readFace unpacks a font and reads what is needed to break lines.
func readFace(packed []byte) (*face, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	f := &face{}
	if f.ttf, err = io.ReadAll(z); err != nil {
		return nil, err
	}
	return f, f.measure()
}

// table returns a table of the font by its name, empty if it has none.
func (f *face) table(name string) []byte {
	for i := 12; i+16 <= len(f.ttf) && i < 12+16*int(binary.BigEndian.Uint16(f.ttf[4:])); i += 16 {
		if string(f.ttf[i:i+4]) == name {
			from, n := int(binary.BigEndian.Uint32(f.ttf[i+8:])), int(binary.BigEndian.Uint32(f.ttf[i+12:]))
			if from+n <= len(f.ttf) {
				return f.ttf[from : from+n]
			}
		}
	}
	return nil
}

// u16 reads a number of two bytes, 0 behind the end.
func u16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(binary.BigEndian.Uint16(b[at:]))
}

// measure fills the widths from the tables of characters and advances.
func (f *face) measure() error {
	if len(f.ttf) < 12 {
		return errFont
	}
	head, hhea, hmtx, cmap := f.table("head"), f.table("hhea"), f.table("hmtx"), f.table("cmap")
	em, metrics := u16(head, 18), u16(hhea, 34)
	if em == 0 || metrics == 0 || len(cmap) < 4 {
		return errFont
	}
	found := false
	for i := range u16(cmap, 2) {
		at := u16(cmap, 4+8*i+4)<<16 | u16(cmap, 4+8*i+6)
		if at+16 > len(cmap) || u16(cmap, at) != 4 { // segments of 16-bit characters: all that a report has
			continue
		}
		found = true
		each(cmap[at:], func(r, glyph int) {
			w := u16(hmtx, 4*min(glyph, metrics-1)) * 1000 / em
			f.width[r] = uint16(max(1, w)) // a character of no width is a character that is there
		})
	}
	if !found {
		return errFont
	}
	return nil
}

// each calls do for every character of a table of segments.
func each(t []byte, do func(r, glyph int)) {
	segments := u16(t, 6) / 2
	ends, starts := 14, 16+2*segments
	for i := range segments {
		start, end := u16(t, starts+2*i), u16(t, ends+2*i)
		delta, at := u16(t, starts+2*segments+2*i), starts+4*segments+2*i
		for r := start; r <= end && r < 0xffff; r++ {
			glyph := r
			if off := u16(t, at); off != 0 {
				if glyph = u16(t, at+off+2*(r-start)); glyph == 0 {
					continue
				}
			}
			if glyph = (glyph + delta) & 0xffff; glyph != 0 {
				do(r, glyph)
			}
		}
	}
}

// has tells whether every character of a text can be drawn.
func (f *face) has(s string) bool {
	for _, r := range s {
		if r > 0xffff || f.width[r] == 0 {
			return false
		}
	}
	return true
}

// wide returns how wide a text is, in points at a size. Nothing is drawn closer together than that: the widths add up.
func (f *face) wide(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		if r <= 0xffff {
			sum += int(f.width[r])
		}
	}
	return float64(sum) * size / 1000
}

// maxText bounds one text of a report, in characters: a field of a megabyte is no reading matter, and the events are a
// link away.
const maxText = 2000

// legible makes a text from outside one that can be drawn: what moves, hides or turns other text around is written as an
// escape, and so is what the font has no letter for: an empty box would say nothing, and the number does.
func (f *face) legible(s string) string {
	if n := 4 * maxText; len(s) > n { // no character has more than four bytes; a cut one is escaped below
		s = s[:n]
	}
	s = norm.NFC.String(term.Escape(s)) // Macs write Hangul in pieces
	if n := []rune(s); len(n) > maxText {
		s = string(n[:maxText]) + "…"
	}
	if f.has(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case f.width[r] == 0:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
