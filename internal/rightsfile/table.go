package rightsfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"weir/internal/fault"
)

// cell is one value and where it stands. Column and width are in characters, from 1.
type cell struct {
	text         string
	line, column int
	width        int
	source       string // its line
}

// table is a file cut into cells.
type table struct {
	head []cell
	rows [][]cell
}

// readTable cuts a text into cells. encoding/csv does the same and forgets where a cell stood, and who mends a file wants
// to know.
func readTable(name, text string) (*table, fault.List) {
	first, _, _ := strings.Cut(text, "\n")
	s := splitter{name: name, rest: text, sep: separatorOf(first), line: 1}
	t := &table{}
	for s.rest != "" {
		cells, err := s.row()
		if err != nil {
			return nil, fault.List{err}
		}
		switch {
		case len(cells) == 1 && strings.TrimSpace(cells[0].text) == "": // an empty line
		case t.head == nil:
			t.head = cells
		default:
			t.rows = append(t.rows, cells)
		}
	}
	if t.head == nil {
		return nil, fault.List{{Code: "rights-file", What: "the file is empty", Where: name, Do: "export it again", Exit: fault.ExitUsage}}
	}
	return t, nil
}

// separatorOf finds what separates the names of the columns.
func separatorOf(head string) byte {
	best, most := byte(','), 0
	for _, sep := range []byte(",\t;") {
		if n := strings.Count(head, string(sep)); n > most {
			best, most = sep, n
		}
	}
	return best
}

// splitter goes through a text, row by row.
type splitter struct {
	name, rest string
	sep        byte
	line       int
	source     string // the line in which the row began
}

// row cuts off one row. A cell in quotes may have line ends in it.
func (s *splitter) row() ([]cell, *fault.Error) {
	s.source, _, _ = strings.Cut(s.rest, "\n")
	s.source = strings.TrimRight(s.source, "\r")
	whole := s.rest
	line := s.line
	var out []cell
	for {
		c := cell{line: line, column: 1 + utf8.RuneCountInString(whole[:len(whole)-len(s.rest)]), source: s.source}
		more, err := s.cell(&c)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
		if !more {
			return out, nil
		}
	}
}

// cell cuts off one cell with what ends it, and tells whether another one follows in this row.
func (s *splitter) cell(c *cell) (more bool, err *fault.Error) {
	text := strings.TrimLeft(s.rest, " ")
	if !strings.HasPrefix(text, "\"") {
		n := strings.IndexAny(s.rest, string(s.sep)+"\n")
		if n < 0 {
			n = len(s.rest)
		}
		c.text = strings.TrimRight(s.rest[:n], "\r")
		c.width = utf8.RuneCountInString(c.text)
		return s.end(n), nil
	}
	lead := len(s.rest) - len(text)
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		c.text = b.String()
		c.width = utf8.RuneCountInString(firstLine(text[:i+1]))
		s.line += strings.Count(text[:i], "\n")
		after := strings.TrimLeft(text[i+1:], " \r")
		if after != "" && after[0] != s.sep && after[0] != '\n' {
			return false, s.fault(c, "there is text behind the closing quote of a cell", "a quote within a cell must be doubled", "write \"\" where the cell has a quote")
		}
		return s.end(lead + len(text) - len(after)), nil
	}
	c.width = utf8.RuneCountInString(s.source) - c.column + 1
	return false, s.fault(c, "a quote is never closed", "the cell goes on to the end of the file", "close it, or double it if it belongs to the cell")
}

// firstLine returns a text up to its first line end.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// end cuts n bytes and the separator or line end behind them off.
func (s *splitter) end(n int) (more bool) {
	s.rest = s.rest[n:]
	if s.rest == "" {
		return false
	}
	more = s.rest[0] == s.sep
	if !more {
		s.line++
	}
	s.rest = s.rest[1:]
	return more
}

// fault makes a fault that points at a cell.
func (s *splitter) fault(c *cell, what, why, do string) *fault.Error {
	return &fault.Error{Code: "rights-row", What: what, Where: fmt.Sprintf("%s:%d:%d", s.name, c.line, c.column), Text: c.source, Mark: c.column, Width: max(1, c.width), Why: why, Do: do, Exit: fault.ExitUsage}
}
