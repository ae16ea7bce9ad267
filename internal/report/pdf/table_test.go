package pdf

import (
	"slices"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"weir/internal/report/doc"
)

// gridOf is a table that is measured.
func gridOf(t *testing.T, table *doc.Table) *grid {
	t.Helper()
	faces, err := letters()
	if err != nil {
		t.Fatal(err)
	}
	g := &grid{sheet: &sheet{out: fpdf.New("P", "pt", "A4", ""), doc: &doc.Document{}, faces: faces}, table: table, size: 8.5}
	g.measure()
	return g
}

// TestMeasure: the columns fill the page, whatever they hold, and each has room for what it cannot break.
func TestMeasure(t *testing.T) {
	long := strings.Repeat("long words ", 60)
	for _, c := range []struct {
		name  string
		cols  []doc.Column
		row   []string
		check func(w []float64) bool
	}{
		{"short ones share what is left", []doc.Column{{Head: "a"}, {Head: "b"}}, []string{"1", "2"}, func(w []float64) bool { return w[0] > 200 && w[1] > 200 }},
		{"a long one takes more", []doc.Column{{Head: "a"}, {Head: "b"}}, []string{"1", long}, func(w []float64) bool { return w[1] > 5*w[0] }},
		{"numbers are not broken", []doc.Column{{Head: "a"}, {Head: "b"}, {Head: "c"}}, []string{"1,204,331", long, long}, func(w []float64) bool { return w[0] > 42 }},
		{"a share that was asked for", []doc.Column{{Head: "a", Width: 0.7}, {Head: "b"}}, []string{"1", "2"}, func(w []float64) bool { return w[0] > 0.7*(right-left) }},
		{"too many", make([]doc.Column, 40), slices.Repeat([]string{"1,204,331"}, 40), func(w []float64) bool { return w[0] > 10 }},
	} {
		g := gridOf(t, &doc.Table{Columns: c.cols, Rows: [][]doc.Cell{cellsOf(c.row)}})
		sum := 0.0
		for _, w := range g.widths {
			sum += w
		}
		if sum < right-left-0.1 || sum > right-left+0.1 || !c.check(g.widths) {
			t.Errorf("%s: %.1f, together %.1f", c.name, g.widths, sum)
		}
	}
}

// cellsOf makes a row.
func cellsOf(texts []string) []doc.Cell {
	out := make([]doc.Cell, len(texts))
	for i, t := range texts {
		out[i].Text = t
	}
	return out
}

// TestSplit: a row that is too high is parted, and nothing of it is lost.
func TestSplit(t *testing.T) {
	cells := [][]string{{"1", "2", "3"}, {"a"}, nil}
	part, rest := split(cells, 2)
	if !slices.Equal(part[0], []string{"1", "2"}) || !slices.Equal(part[1], []string{"a"}) || !slices.Equal(rest[0], []string{"3"}) || len(rest[1]) != 0 {
		t.Errorf("%v and %v", part, rest)
	}
	if _, rest := split(cells, 3); rest != nil {
		t.Errorf("what fits has a rest: %v", rest)
	}
}

// TestText: a mark is a sign before the text and no colour alone.
func TestText(t *testing.T) {
	g := gridOf(t, &doc.Table{Columns: []doc.Column{{Head: "a"}}})
	for _, c := range []struct{ text, mark, want string }{{"3", "", "3"}, {"3", "warn", "△ 3"}, {"3", "bad", "▲ 3"}, {"", "bad", "▲"}, {"3", "other", "3"}} {
		if got := g.text(&doc.Cell{Text: c.text, Mark: c.mark}); got != c.want {
			t.Errorf("%q, %s: %q, want %q", c.text, c.mark, got, c.want)
		}
	}
}

// TestWrite_row: a cell that is longer than a page goes on over pages, with the head on each.
func TestWrite_row(t *testing.T) {
	d := &doc.Document{Title: "t", Blocks: []doc.Block{{Table: &doc.Table{Columns: []doc.Column{{Head: "the head"}, {Head: "b"}}}}}}
	words := strings.TrimSpace(strings.Repeat("word ", 399))
	row := []doc.Cell{{Text: words}, {Text: strings.TrimSpace(strings.Repeat("가나다 ", 400))}}
	d.Blocks[0].Table.Rows = [][]doc.Cell{row, row, row, row, row}
	d.Blocks[0].Table.Columns = append(d.Blocks[0].Table.Columns, make([]doc.Column, 8)...)
	for i := range d.Blocks[0].Table.Rows {
		d.Blocks[0].Table.Rows[i] = append(slices.Clone(row), make([]doc.Cell, 8)...)
	}
	_, texts := write(t, d)
	legiblePages(t, texts)
	pages, heads, n := 0, 0, 0
	for _, l := range texts {
		pages = max(pages, l.Page)
		if l.Text == "the head" || strings.HasPrefix(l.Text, "the") {
			heads++
		}
		n += strings.Count(l.Text, "word")
	}
	if pages < 3 || heads < pages-1 || n != 5*399 {
		t.Errorf("%d pages, %d heads, %d words of %d", pages, heads, n, 5*399)
	}
}
