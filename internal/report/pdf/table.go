package pdf

import (
	"strings"

	"weir/internal/report/doc"
)

const (
	padX, padY  = 4.5, 2.5
	manyColumns = 7    // from here on letters are smaller
	sampled     = 400  // rows that the widths are made of: more change nothing that one sees
	widestCell  = 260. // points that a column asks for at the most: what is longer is broken anyway
	narrowest   = 90.  // a word longer than this may be broken
)

// grid is a table while it is drawn.
type grid struct {
	*sheet
	table  *doc.Table
	size   float64
	widths []float64
	heads  [][]string
}

// table draws a table. Its head stands on every page that it is on; a row that is higher than the room is parted by lines,
// so nothing is ever cut off.
func (s *sheet) table(t *doc.Table) {
	if len(t.Columns) == 0 {
		return
	}
	if len(t.Rows) == 0 {
		f := s.font(false, textSize)
		s.ink(grey)
		s.paragraph(f, f.legible(t.Empty), left, right-left, textSize)
		return
	}
	g := &grid{sheet: s, table: t, size: 8.5}
	if len(t.Columns) >= manyColumns {
		g.size = 7.5
	}
	g.measure()
	g.heads = make([][]string, len(t.Columns))
	for i, c := range t.Columns {
		g.heads[i] = s.headFace().lines(s.headFace().legible(c.Head), g.size, g.widths[i]-2*padX)
	}
	// The head with at least one line below it, or it stands alone at the end of a page.
	s.need(g.high(g.heads) + g.size*lineHigh + 2*padY)
	g.head()
	for _, row := range t.Rows {
		g.row(row)
	}
	s.y += 4
}

// headFace is the font of heads.
func (s *sheet) headFace() *face { return s.faces.bold }

// measure shares the width of the page among the columns: each as it needs, and where that is too much, each at least as
// its longest word and the rest by what they lack.
func (g *grid) measure() {
	n, all := len(g.table.Columns), right-left
	want, least := make([]float64, n), make([]float64, n)
	for i, c := range g.table.Columns {
		head := g.faces.bold.legible(c.Head)
		want[i] = g.faces.bold.wide(head, g.size)
		least[i] = g.faces.bold.longest(head, g.size, narrowest)
	}
	for _, row := range g.table.Rows[:min(len(g.table.Rows), sampled)] {
		for i := range min(n, len(row)) {
			text := g.text(&row[i])
			want[i] = max(want[i], g.faces.regular.wide(text, g.size))
			least[i] = max(least[i], g.faces.regular.longest(text, g.size, narrowest))
		}
	}
	sumWant, sumLeast := 0.0, 0.0
	for i, c := range g.table.Columns {
		want[i], least[i] = min(want[i], widestCell)+2*padX+0.5, least[i]+2*padX+0.5
		if c.Width > 0 {
			want[i] = max(want[i], c.Width*all)
		}
		want[i] = max(want[i], least[i])
		sumWant, sumLeast = sumWant+want[i], sumLeast+least[i]
	}
	g.widths = make([]float64, n)
	for i := range n {
		switch {
		case sumWant <= all: // what is left over goes to all alike, by what they have
			g.widths[i] = want[i] * all / sumWant
		case sumLeast >= all: // words are broken everywhere
			g.widths[i] = least[i] * all / sumLeast
		default:
			g.widths[i] = least[i] + (all-sumLeast)*(want[i]-least[i])/(sumWant-sumLeast)
		}
	}
}

// text is a cell as it is drawn: legible, with the sign of its mark.
func (g *grid) text(c *doc.Cell) string {
	t := g.faces.regular.legible(c.Text)
	if sign := signs[c.Mark]; sign != "" {
		t = strings.TrimSpace(sign + " " + t)
	}
	return t
}

// high is the height of a row of lines.
func (g *grid) high(cells [][]string) float64 {
	most := 1
	for _, lines := range cells {
		most = max(most, len(lines))
	}
	return float64(most)*g.size*lineHigh + 2*padY
}

// head draws the names of the columns.
func (g *grid) head() {
	high := g.high(g.heads)
	g.box(left, g.y, right-left, high, shade)
	g.font(true, g.size)
	g.ink(ink)
	g.cells(g.heads, make([]doc.Cell, len(g.heads)), g.faces.bold)
	g.y += high
	g.line(left, g.y, right, grey)
}

// row draws one row, on as many pages as it takes.
func (g *grid) row(row []doc.Cell) {
	cells := make([][]string, len(g.widths))
	whole := make([]doc.Cell, len(cells)) // of a row that is too short or too long: what a column has
	copy(whole, row)
	row = whole
	for i := range cells {
		cells[i] = g.faces.regular.lines(g.text(&row[i]), g.size, g.widths[i]-2*padX)
	}
	if g.y+g.high(cells) > bottom && g.high(cells) < (bottom-top)/2 {
		g.again()
	}
	for {
		room := int((bottom - g.y - 2*padY) / (g.size * lineHigh))
		if room < 1 {
			g.again()
			continue
		}
		part, rest := split(cells, room)
		g.font(false, g.size)
		g.cells(part, row, g.faces.regular)
		g.y += g.high(part)
		g.line(left, g.y, right, rule)
		if rest == nil {
			return
		}
		cells = rest
	}
}

// again goes to the next page and repeats the head.
func (g *grid) again() {
	g.newPage()
	g.head()
}

// split parts a row after so many lines; rest is nil if it is whole.
func split(cells [][]string, lines int) (part, rest [][]string) {
	part = make([][]string, len(cells))
	left := make([][]string, len(cells))
	over := false
	for i, c := range cells {
		n := min(len(c), lines)
		part[i], left[i] = c[:n], c[n:]
		over = over || n < len(c)
	}
	if !over {
		return part, nil
	}
	return part, left
}

// cells draws the lines of a row at the present place, in the font that is set.
func (g *grid) cells(cells [][]string, row []doc.Cell, f *face) {
	x := left
	for i, lines := range cells {
		c, y := row[i], g.y+padY
		link := webLink(c.Link)
		g.ink(ink)
		if in, ok := inks[c.Mark]; ok {
			g.ink(in)
		} else if link != "" {
			g.ink(blue)
		}
		for _, l := range lines {
			at, wide := x+padX, f.wide(l, g.size)
			if g.table.Columns[i].Right {
				at = x + g.widths[i] - padX - wide
			}
			g.out.Text(at, y+g.size*rise, l)
			if link != "" && l != "" {
				g.out.SetDrawColor(blue[0], blue[1], blue[2])
				g.out.SetLineWidth(0.3)
				g.out.Line(at, y+g.size*rise+1.4, at+wide, y+g.size*rise+1.4)
				g.out.LinkString(at, y, wide, g.size*lineHigh, link)
			}
			y += g.size * lineHigh
		}
		x += g.widths[i]
	}
}

// webLink is a link if a reader of PDF may follow it: only pages of the web, or a hostile text could run a program.
func webLink(s string) string {
	if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return s
	}
	return ""
}
