// Package doc is a report as data: headings, paragraphs, tables and bars, in one language, before it is a page, a PDF, a
// table of values or JSON.
package doc

import "time"

// Document is one report in one language. It is plain data: a renderer neither looks anything up nor translates.
type Document struct {
	Kind    string    // access-review, retention, sources, incidents
	Lang    string    // en or ko
	Title   string    //
	Period  string    // what it is about, in words: November 2026
	Created time.Time // in the zone of the reader
	Meta    []Pair    // below the title: who, what, which policy
	Blocks  []Block
	Footer  string // on each page
	// Facts is what the report says, for programs: the JSON form. It is the same in every language.
	Facts any
}

// Pair is a name and what it is.
type Pair struct{ Name, Value string }

// Block is a heading with what stands below it. Every part may be missing.
type Block struct {
	Heading string
	Level   int // 1 or 2
	Text    []string
	Notes   []string // that must not be overlooked: a law that nobody checked, a gap
	Table   *Table
	Bars    *Bars
}

// Table is rows of texts. Name tells the tables of a report apart where each is a file of its own.
type Table struct {
	Name    string // a slug: downloads
	Columns []Column
	Rows    [][]Cell
	// Empty is what is said where there are no rows.
	Empty string
}

// Column is a column's head.
type Column struct {
	Head  string
	Right bool    // numbers
	Width float64 // share of the width; 0: as it needs
}

// Cell is one value. What attackers wrote is in it as it came: renderers escape.
type Cell struct {
	Text string
	Link string // to the events behind it: an address of the console; "" for none
	Mark string // "", warn or bad: said by a sign as well as by colour
}

// Bars is a histogram: few bars with a label each.
type Bars struct {
	Title  string
	Labels []string
	Values []int64
}

// Whole tells whether every row has a cell for every column. Renderers rely on it; tests of builders ask.
func (t *Table) Whole() bool {
	for _, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return false
		}
	}
	return true
}
