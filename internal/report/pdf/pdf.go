// Package pdf writes a report as a PDF for A4: numbered pages, tables whose heads are on each of them, bookmarks, links to
// the events, and letters for Korean, of which only those that are used are in the file.
package pdf

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"weir/internal/report/doc"
)

// Measures of a page, in points.
const (
	pageWide, pageHigh = 595.28, 841.89
	left, top          = 42.0, 54.0
	right, bottom      = pageWide - left, pageHigh - 52.0

	textSize, noteSize, smallSize = 9.5, 9.0, 7.5
	lineHigh                      = 1.5  // of the size
	rise                          = 1.08 // where letters stand in their line, of the size
)

// color is one of the few of a report. Each is dark enough on white to be read when it is printed in grey.
type color [3]int

var (
	ink    = color{28, 32, 40}
	grey   = color{96, 102, 112}
	rule   = color{200, 205, 212}
	shade  = color{238, 241, 245}
	blue   = color{20, 84, 168}
	red    = color{168, 24, 24}
	amber  = color{140, 82, 0}
	barInk = color{72, 108, 158}
)

// sheet is a document while it is laid out: where it is on which page. It belongs to one call of Write.
type sheet struct {
	out   *fpdf.Fpdf
	doc   *doc.Document
	faces family
	y     float64
	bold  bool // the font that is set
	size  float64
}

// Write lays a document out and writes it. The same document gives the same bytes: nothing of the machine or the hour is
// in it. It may be called from many goroutines.
func Write(w io.Writer, d *doc.Document) error {
	faces, err := letters()
	if err != nil {
		return err
	}
	s := &sheet{out: fpdf.New("P", "pt", "A4", ""), doc: d, faces: faces}
	s.describe()
	// The library writes into what it is given while it cuts the font down.
	s.out.AddUTF8FontFromBytes("weir", "", slices.Clone(faces.regular.ttf))
	s.out.AddUTF8FontFromBytes("weir", "B", slices.Clone(faces.bold.ttf))
	s.newPage()
	s.title()
	for i := range d.Blocks {
		s.block(&d.Blocks[i])
	}
	s.footers()
	var b bytes.Buffer
	if err := s.out.Output(&b); err != nil {
		return fmt.Errorf("writing a PDF: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing a PDF: %w", err)
	}
	return nil
}

// describe fills in what programs read of a PDF. The dates are those of the report, so that it can be made again.
func (s *sheet) describe() {
	s.out.SetMargins(left, top, pageWide-right)
	s.out.SetAutoPageBreak(false, 0) // lines are broken here, and so are pages
	s.out.SetCatalogSort(true)
	s.out.SetCreationDate(s.doc.Created.UTC())
	s.out.SetModificationDate(s.doc.Created.UTC())
	s.out.SetTitle(strings.TrimSpace(s.faces.regular.legible(s.doc.Title+" "+s.doc.Period)), true)
	s.out.SetAuthor("weir", true)
	s.out.SetCreator("weir", true)
	s.out.SetProducer("weir", true)
	s.out.SetSubject(s.doc.Kind, true)
	s.out.SetLang(s.doc.Lang)
}

// font sets the letters of what follows.
func (s *sheet) font(bold bool, size float64) *face {
	style := ""
	if bold {
		style = "B"
	}
	s.out.SetFont("weir", style, size)
	s.bold, s.size = bold, size
	if bold {
		return s.faces.bold
	}
	return s.faces.regular
}

// faceFor is the bold font where it has every letter of a text, else the other one: names may be in Hanja.
func (s *sheet) faceFor(text string, size float64) *face {
	return s.font(s.faces.bold.has(text), size)
}

// ink sets the colour of texts.
func (s *sheet) ink(c color) { s.out.SetTextColor(c[0], c[1], c[2]) }

// newPage begins a page. All but the first say at the top what they belong to.
func (s *sheet) newPage() {
	s.out.AddPage()
	s.y = top
	if s.out.PageNo() == 1 {
		return
	}
	bold, size := s.bold, s.size
	f := s.font(false, smallSize)
	s.ink(grey)
	s.out.Text(left, top-18, f.lines(f.legible(s.doc.Title+"   "+s.doc.Period), smallSize, right-left)[0])
	s.line(left, top-12, right, rule)
	s.font(bold, size)
}

// line draws a thin line from left to right.
func (s *sheet) line(x, y, to float64, c color) {
	s.out.SetDrawColor(c[0], c[1], c[2])
	s.out.SetLineWidth(0.5)
	s.out.Line(x, y, to, y)
}

// box fills a rectangle.
func (s *sheet) box(x, y, w, h float64, c color) {
	s.out.SetFillColor(c[0], c[1], c[2])
	s.out.Rect(x, y, w, h, "F")
}

// need makes room for what must stand together, on the next page if it is not here. What is higher than a page stays.
func (s *sheet) need(high float64) {
	if s.y+high > bottom && s.y > top {
		s.newPage()
	}
}

// footers writes the last line of each page, when their number is known.
func (s *sheet) footers() {
	last := s.out.PageCount()
	for n := 1; n <= last; n++ {
		s.out.SetPage(n)
		s.font(true, smallSize) // the page that is gone back to has to be told which font is set: another one, then this
		f := s.font(false, smallSize)
		s.ink(grey)
		s.line(left, bottom+14, right, rule)
		number := fmt.Sprintf("%d / %d", n, last)
		room := right - left - f.wide(number, smallSize) - 20
		s.out.Text(left, bottom+26, f.lines(f.legible(s.doc.Footer), smallSize, room)[0])
		s.out.Text(right-f.wide(number, smallSize), bottom+26, number)
	}
}

// title is the head of the first page.
func (s *sheet) title() {
	f := s.font(true, 18)
	s.ink(ink)
	s.paragraph(f, f.legible(s.doc.Title), left, right-left, 18)
	f = s.font(false, 12)
	s.ink(grey)
	s.paragraph(f, f.legible(s.doc.Period), left, right-left, 12)
	s.y += 6
	s.line(left, s.y, right, ink)
	s.y += 8
	for _, p := range s.doc.Meta {
		s.pair(p)
	}
	s.y += 4
}

// pair is a name and its value beside it.
func (s *sheet) pair(p doc.Pair) {
	const column = 120.0
	f := s.faces.regular
	names := f.lines(f.legible(p.Name), noteSize, column-8)
	values := f.lines(f.legible(p.Value), noteSize, right-left-column)
	for i := range max(len(names), len(values)) {
		s.need(noteSize * lineHigh)
		s.font(false, noteSize)
		if i < len(names) {
			s.ink(grey)
			s.out.Text(left, s.y+noteSize*rise, names[i])
		}
		if i < len(values) {
			s.ink(ink)
			s.out.Text(left+column, s.y+noteSize*rise, values[i])
		}
		s.y += noteSize * lineHigh
	}
}

// paragraph writes lines at the present place, in the font and colour that are set. The text is legible already.
func (s *sheet) paragraph(f *face, text string, x, width, size float64) {
	for _, l := range f.lines(text, size, width) {
		s.need(size * lineHigh)
		s.out.Text(x, s.y+size*rise, l)
		s.y += size * lineHigh
	}
}

// block is one part of the report. A heading stays with what follows it.
func (s *sheet) block(b *doc.Block) {
	if b.Heading != "" {
		s.heading(b)
	}
	for _, t := range b.Text {
		f := s.font(false, textSize)
		s.ink(ink)
		s.paragraph(f, f.legible(t), left, right-left, textSize)
		s.y += 3
	}
	for _, n := range b.Notes {
		s.note(n)
	}
	if b.Bars != nil {
		s.bars(b.Bars)
	}
	if b.Table != nil {
		s.table(b.Table)
	}
	s.y += 6
}

// heading is also a bookmark, so that a long report has a table of contents beside it.
func (s *sheet) heading(b *doc.Block) {
	size, above, level := 13.0, 10.0, 0
	if b.Level > 1 {
		size, above, level = 10.5, 5, 1
	}
	s.need(above + size*lineHigh + 48)
	s.y += above
	text := s.faces.regular.legible(b.Heading)
	f := s.faceFor(text, size)
	s.ink(ink)
	s.out.Bookmark(text, level, s.y)
	s.paragraph(f, text, left, right-left, size)
	s.y += 2
}

// note is what must not be overlooked: a sign, a bar at its side, and a colour of its own.
func (s *sheet) note(text string) {
	f := s.faces.regular
	for i, l := range f.lines(f.legible(text), noteSize, right-left-26) {
		s.need(noteSize*lineHigh + 2)
		s.font(false, noteSize)
		s.box(left, s.y, 2, noteSize*lineHigh+1, amber)
		s.ink(amber)
		if i == 0 {
			s.out.Text(left+8, s.y+noteSize*rise, signs["warn"])
		}
		s.ink(ink)
		s.out.Text(left+22, s.y+noteSize*rise, l)
		s.y += noteSize * lineHigh
	}
	s.y += 4
}

// signs stand before a cell that has a mark, for who sees no colours.
var signs = map[string]string{"warn": "△", "bad": "▲"}

// inks are the colours of marks.
var inks = map[string]color{"warn": amber, "bad": red}
