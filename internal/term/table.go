package term

import (
	"fmt"
	"strings"
)

// Column is one column of a table.
type Column struct {
	Head  string
	Right bool                    // numbers
	Cut   bool                    // may be cut when the line is too long; ids, addresses and counts may not
	Gap   int                     // blanks before it; 0: two
	Style func(cell string) Style // of a cell by its text; nil: plain
}

// narrow is the width below which records are printed as blocks of "key: value".
const narrow = 60

// least is what a column that may be cut keeps.
const least = 8

// The two faces: a person gets columns that fit the screen, relative times and rounded sizes; a program gets the same
// cells in the same order, whole, absolute, in base units, separated by tabs that cannot occur inside (they are
// escaped). Which of the two a stream gets is decided once, by Detect.

// Table gathers rows and writes them aligned to a terminal, or tab-separated, uncut and without a head to anything
// else. It belongs to one goroutine. Rows are held until Flush, since a column is as wide as its widest cell: a table
// is for what fits a screen or two, and who may have a million rows asks for --json, or writes them as they come.
type Table struct {
	face *Face
	cols []Column
	rows [][]string
}

// NewTable starts a table on f.
func NewTable(f *Face, cols ...Column) *Table { return &Table{face: f, cols: cols} }

// Row adds a row; texts are escaped here. Missing cells are empty.
// Cells must come without colour: Style of the column adds it, once the widths are known.
func (t *Table) Row(cells ...string) {
	row := make([]string, len(t.cols))
	for i := range row {
		if i < len(cells) {
			row[i] = Escape(cells[i])
		}
	}
	t.rows = append(t.rows, row)
}

// Flush writes the rows. A table without rows writes nothing, not even its head.
// It hands on the error of a closed pipe, which ends the command; after it the table may be filled again.
func (t *Table) Flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	var b strings.Builder
	switch {
	case !t.face.TTY:
		for _, row := range t.rows {
			b.WriteString(strings.Join(row, "\t") + "\n")
		}
	case t.face.Width < narrow:
		t.blocks(&b)
	default:
		t.aligned(&b)
	}
	t.rows = nil
	if _, err := fmt.Fprint(t.face.W, b.String()); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// blocks writes each row as lines "head: cell", without the empty ones.
// A phone or a split pane has no room for columns; nothing is cut there.
func (t *Table) blocks(b *strings.Builder) {
	for i, row := range t.rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		for c, cell := range row {
			if cell != "" {
				key := strings.ToLower(strings.Trim(t.cols[c].Head, "+= "))
				b.WriteString(t.face.Paint(Dim, key+":") + " " + t.paint(c, cell, cell) + "\n")
			}
		}
	}
}

// aligned writes the head and the rows in columns. Nothing is written until all rows are there, so the widths are right.
func (t *Table) aligned(b *strings.Builder) {
	widths := t.widths()
	head := make([]string, len(t.cols))
	for i, c := range t.cols {
		head[i] = c.Head
	}
	t.line(b, head, widths, func(_ int, padded, _ string) string { return t.face.Paint(Dim, padded) })
	for _, row := range t.rows {
		t.line(b, row, widths, t.paint)
	}
}

// line writes one line, without blanks at its end.
func (t *Table) line(b *strings.Builder, row []string, widths []int, paint func(col int, padded, cell string) string) {
	var out strings.Builder
	blank := 0
	for i, cell := range row {
		cell = t.face.Cut(cell, widths[i])
		gap := 0
		if i > 0 {
			gap = t.gap(i)
		}
		left, right := 0, widths[i]-Cells(cell)
		if t.cols[i].Right {
			left, right = right, 0
		}
		// Blanks are written only before something, so that no line ends in them.
		blank += gap + left
		if cell != "" {
			out.WriteString(strings.Repeat(" ", blank) + paint(i, cell, row[i]))
			blank = 0
		}
		blank += max(0, right)
	}
	b.WriteString(out.String() + "\n")
}

// gap is the blanks before a column; a column may ask for another number, as the terms of an equation do.
func (t *Table) gap(col int) int {
	if g := t.cols[col].Gap; g > 0 {
		return g
	}
	return 2
}

// paint colours a cell by its whole text, also where it is shown cut.
func (t *Table) paint(col int, shown, cell string) string {
	if f := t.cols[col].Style; f != nil {
		return t.face.Paint(f(cell), shown)
	}
	return shown
}

// widths gives each column what it needs, then takes from the last of those that may be cut until the line fits.
// The last column goes first because it is the text; what stands left of it says which row one looks at.
func (t *Table) widths() []int {
	w := make([]int, len(t.cols))
	total := 0
	for i, c := range t.cols {
		w[i] = Cells(c.Head)
		for _, row := range t.rows {
			w[i] = max(w[i], Cells(row[i]))
		}
		total += w[i]
		if i > 0 {
			total += t.gap(i)
		}
	}
	for i := len(w) - 1; i >= 0 && total > t.face.Width; i-- {
		if !t.cols[i].Cut {
			continue
		}
		keep := max(least, Cells(t.cols[i].Head), w[i]-(total-t.face.Width))
		if keep < w[i] {
			total -= w[i] - keep
			w[i] = keep
		}
	}
	return w
}
