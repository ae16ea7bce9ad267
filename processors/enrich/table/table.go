// Package table reads the small files in which people write down what they know of their devices and users: CSV or YAML,
// one row for each, with a list of columns that is fixed.
//
// Everything that is wrong in a file is reported at once, each with line, column and the line itself.
package table

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/internal/nearest"
)

// Form is what rows of one kind of file look like.
type Form struct {
	// Prefix is the beginning of the codes of faults: inventory becomes inventory-format, -invalid and -unreadable.
	Prefix string
	// File and Row are what people call the file and one of its rows: inventory, device.
	File, Row string
	// Key is where the configuration names the file.
	Key string
	// Columns are the names of the columns; the first one must be there.
	Columns []string
}

// Source is one file and what is wrong in it.
type Source struct {
	form   Form
	file   string
	lines  []string
	Faults fault.List
}

// Cell is one value and where it stands. Values are more than one only for lists of YAML.
type Cell struct {
	Values []string
	// From 1; the column in bytes.
	line, column int
}

// Text returns the first value, "" for an empty cell.
func (c Cell) Text() string {
	if len(c.Values) == 0 {
		return ""
	}
	return c.Values[0]
}

// Words are the values of a list, which CSV parts by blanks, commas or semicolons.
func (c Cell) Words() (out []string) {
	for _, v := range c.Values {
		out = append(out, strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ';' || r == ',' || r == '\t' })...)
	}
	return out
}

// Row is one row as the file has it, by column. The first column of the form is always there, be it empty.
type Row map[string]Cell

// Load reads a file. One that is not there has no rows.
func Load(form Form, path string) (*Source, []Row, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Source{form: form, file: path}, nil, nil
	}
	if err != nil {
		return nil, nil, &fault.Error{Code: form.Prefix + "-unreadable", What: "the " + form.File + " cannot be read", Where: path, Why: fault.Innermost(err), Do: "make it readable for this user, or correct " + form.Key, Exit: fault.ExitMissing, Cause: err}
	}
	src, rows := Read(form, path, data)
	return src, rows, nil
}

// Read reads the contents of a file. What is wrong in it is in the source's Faults; rows that can be read are there all the
// same, so that what is wrong in their values is found too.
func Read(form Form, path string, data []byte) (*Source, []Row) {
	// Editors on Windows put a mark of byte order first. It is no part of the first column's name, nor of its place.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	s := &Source{form: form, file: path, lines: strings.Split(string(data), "\n")}
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		return s, s.readCSV(string(data))
	case ".yaml", ".yml":
		return s, s.readYAML(data)
	default:
		what := fmt.Sprintf("the %s is a %s file", form.File, cmp.Or(ext, "nameless kind of"))
		s.Faults = append(s.Faults, &fault.Error{Code: form.Prefix + "-format", What: what, Where: path, Do: "name it .csv or .yaml", Exit: fault.ExitUsage})
		return s, nil
	}
}

// Err returns the faults as an error, nil if there are none.
func (s *Source) Err() error {
	if len(s.Faults) == 0 {
		return nil
	}
	return s.Faults
}

// Fault reports a mistake at a cell.
func (s *Source) Fault(at Cell, what, do string) {
	f := &fault.Error{Code: s.form.Prefix + "-invalid", What: what, Do: do, Exit: fault.ExitUsage, Width: 1, Where: s.file}
	if at.line > 0 {
		f.Where = fmt.Sprintf("%s:%d:%d", s.file, at.line, at.column)
		if at.line <= len(s.lines) {
			f.Text = strings.TrimRight(s.lines[at.line-1], "\r")
			before := f.Text[:min(max(at.column-1, 0), len(f.Text))]
			f.Mark = utf8.RuneCountInString(before) + 1
			f.Width = max(1, utf8.RuneCountInString(at.Text()))
		}
	}
	s.Faults = append(s.Faults, f)
}

// readCSV reads the rows of a CSV file. A row that cannot be read is reported and the rest is read on.
func (s *Source) readCSV(data string) []Row {
	r := csv.NewReader(strings.NewReader(data))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, -1
	var names []string
	var rows []Row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			s.csvFault(err)
			return rows
		}
		at := func(i int) Cell {
			line, column := r.FieldPos(i)
			return Cell{[]string{strings.TrimSpace(record[i])}, line, column}
		}
		if names == nil {
			names = s.csvHeader(record, at)
			continue
		}
		if len(record) > len(names) {
			s.Fault(at(len(names)), fmt.Sprintf("the line has %d values for %d columns", len(record), len(names)), "put values with commas into double quotes")
			continue
		}
		out := Row{}
		for i := range record {
			out[names[i]] = at(i)
		}
		if _, ok := out[s.form.Columns[0]]; !ok {
			out[s.form.Columns[0]] = Cell{nil, at(0).line, at(0).column}
		}
		rows = append(rows, out)
	}
}

// csvFault reports a line that is not CSV. Nothing behind it can be trusted: a missing quote swallows lines.
func (s *Source) csvFault(err error) {
	at, what := Cell{}, err.Error()
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		at, what = Cell{nil, p.Line, p.Column}, p.Err.Error()
	}
	s.Fault(at, "the line is not CSV: "+what, `put values with commas or quotes into double quotes, and write a quote as ""`)
}

// csvHeader reads the names of the columns.
func (s *Source) csvHeader(record []string, at func(int) Cell) []string {
	names := make([]string, len(record))
	for i := range record {
		names[i] = strings.ToLower(at(i).Text())
		s.checkColumn(at(i), names[i], names[:i])
	}
	if !slices.Contains(names, s.form.Columns[0]) {
		s.Fault(at(0), "there is no column "+s.form.Columns[0], "begin the file with the line: "+strings.Join(s.form.Columns, ","))
	}
	return names
}

// checkColumn reports a name that is unknown or was there before.
func (s *Source) checkColumn(at Cell, name string, before []string) {
	switch {
	case !slices.Contains(s.form.Columns, name):
		do := "use one of " + strings.Join(s.form.Columns, ", ")
		if near := nearest.Name(name, s.form.Columns); near != "" {
			do = fmt.Sprintf("did you mean `%s`?", near)
		}
		s.Fault(at, fmt.Sprintf("unknown column %q", name), do)
	case slices.Contains(before, name):
		s.Fault(at, fmt.Sprintf("the column %s is there twice", name), "leave one of them")
	}
}

// OneOf reads a word in any case that must be one of a few; an empty cell is none.
func (s *Source) OneOf(r Row, column string, words ...string) string {
	word := strings.ToLower(r[column].Text())
	if word != "" && !slices.Contains(words, word) {
		s.Fault(r[column], fmt.Sprintf("unknown %s %q", column, word), "use "+strings.Join(words, ", ")+" or nothing")
	}
	return word
}

// Validity reads the columns valid_from and valid_to: dates (the whole day, in loc) or times. In nanoseconds since 1970, to
// not included; 0 where nothing bounds it.
func (s *Source) Validity(r Row, loc *time.Location) (from, to int64) {
	if t, _, ok := s.moment(r["valid_from"], loc); ok {
		from = t.UnixNano()
	}
	if t, day, ok := s.moment(r["valid_to"], loc); ok {
		if day {
			t = t.AddDate(0, 0, 1)
		}
		to = t.UnixNano()
	}
	if from != 0 && to != 0 && from >= to {
		s.Fault(r["valid_to"], "it ends before it begins", "give valid_to a later day than valid_from")
	}
	return from, to
}

// moment reads a date or a time, and tells which.
func (s *Source) moment(c Cell, loc *time.Location) (t time.Time, day, ok bool) {
	text := c.Text()
	if text == "" {
		return t, false, false
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, loc); err == nil {
		return t, true, true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, false, true
	}
	s.Fault(c, fmt.Sprintf("%q is no date", text), "write it as 2024-05-31, or with a time as 2024-05-31T18:00:00+09:00")
	return t, false, false
}

// Overlap tells whether two times of validity have a moment in common.
func Overlap(from, to, otherFrom, otherTo int64) bool {
	return (to == 0 || otherFrom < to) && (otherTo == 0 || from < otherTo)
}
