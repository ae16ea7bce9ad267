// Package csv writes the tables of a report as files of values in one archive: UTF-8 that spreadsheets know as such, and
// nothing in it that they would run.
package csv

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/report/doc"
	"weir/internal/term"
)

// mark is what spreadsheets know UTF-8 by; without it they take Korean for something else.
const mark = "\ufeff"

// maxCell is what a cell of a spreadsheet can hold, in characters.
const maxCell = 32_767

// Options say how values are written.
type Options struct {
	NoBOM bool // without the mark at the beginning
}

// Write writes an archive (zip) with a file for each table, numbered in the order of the report, and one that says what the
// report is, with its texts and notes. The same document gives the same bytes.
func Write(w io.Writer, d *doc.Document, o Options) error {
	z := zip.NewWriter(w)
	if err := add(z, d, "00-report.csv", about(d), o); err != nil {
		return err
	}
	n := 0
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if b.Table != nil {
			n++
			if err := add(z, d, fmt.Sprintf("%02d-%s.csv", n, slug(b.Table.Name)), rows(b.Table), o); err != nil {
				return err
			}
		}
		if b.Bars != nil {
			n++
			if err := add(z, d, fmt.Sprintf("%02d-bars.csv", n), bars(b.Bars), o); err != nil {
				return err
			}
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing the tables: %w", err)
	}
	return nil
}

// add writes one file of the archive. Its time is that of the report.
func add(z *zip.Writer, d *doc.Document, name string, list [][]string, o Options) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: d.Created.UTC().Truncate(2 * time.Second)})
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if !o.NoBOM {
		if _, err := io.WriteString(f, mark); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	c := csv.NewWriter(f)
	c.UseCRLF = true // as RFC 4180 has it, and as spreadsheets write it themselves
	for _, row := range list {
		for i := range row {
			row[i] = Guard(row[i])
		}
		if err := c.Write(row); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// about is what the report is: title, period, what stands below it, its texts and notes, in order.
func about(d *doc.Document) [][]string {
	out := [][]string{{"title", d.Title}, {"period", d.Period}, {"created", d.Created.Format(time.RFC3339)}}
	for _, p := range d.Meta {
		out = append(out, []string{p.Name, p.Value})
	}
	for _, b := range d.Blocks {
		if b.Heading != "" {
			out = append(out, []string{"heading", b.Heading})
		}
		for _, t := range b.Text {
			out = append(out, []string{"text", t})
		}
		for _, n := range b.Notes {
			out = append(out, []string{"note", n})
		}
	}
	return out
}

// rows are a table's. Where any cell of it links to events or is marked, columns of that stand at the end.
func rows(t *doc.Table) [][]string {
	linked, marked := false, false
	for _, r := range t.Rows {
		for _, c := range r {
			linked, marked = linked || c.Link != "", marked || c.Mark != ""
		}
	}
	head := make([]string, len(t.Columns), len(t.Columns)+2)
	for i, c := range t.Columns {
		head[i] = c.Head
	}
	if marked {
		head = append(head, "mark")
	}
	if linked {
		head = append(head, "link")
	}
	out := [][]string{head}
	for _, r := range t.Rows {
		line := make([]string, 0, len(head))
		worst, link := "", ""
		for _, c := range r {
			line = append(line, c.Text)
			if link == "" {
				link = c.Link
			}
			if worst != "bad" && c.Mark != "" {
				worst = c.Mark
			}
		}
		if marked {
			line = append(line, worst)
		}
		if linked {
			line = append(line, link)
		}
		out = append(out, line)
	}
	return out
}

// bars is a histogram as a table.
func bars(b *doc.Bars) [][]string {
	out := [][]string{{"label", b.Title}}
	for i := range min(len(b.Labels), len(b.Values)) {
		out = append(out, []string{b.Labels[i], strconv.FormatInt(b.Values[i], 10)})
	}
	return out
}

// slug is the name of a table as that of a file: letters, digits and hyphens of ASCII, and never empty.
func slug(name string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	if out = strings.Trim(out[:min(len(out), 60)], "-"); out == "" {
		return "table"
	}
	return out
}

// Guard makes a text one that a spreadsheet shows and does not work out: whoever writes a log must not run a formula on
// the machine of whoever reads the report. Numbers stay numbers. Control characters and those that turn text around
// become visible, as everywhere, and what no cell can hold is cut.
func Guard(s string) string {
	s = term.Escape(s)
	if utf8.RuneCountInString(s) > maxCell {
		s = string([]rune(s)[:maxCell-1]) + "…"
	}
	if s == "" || number(s) {
		return s
	}
	switch r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0\u3000")); r {
	case '=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠', '−':
		return "'" + s
	}
	return s
}

// number tells what is no more than a number: -5, 1,234.5. A dash alone stands for nothing and is no formula either.
func number(s string) bool {
	if s == "-" {
		return true
	}
	digits := false
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case (r == '-' || r == '+') && i == 0, r == '.', r == ',':
		default:
			return false
		}
	}
	return digits
}
