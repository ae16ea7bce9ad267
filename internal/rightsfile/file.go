// Package rightsfile reads the files of access rights that people keep: tables of values between commas, tabs or
// semicolons, with the names of the columns in the first row, in UTF-8 or in Korean Windows' CP949 (EUC-KR).
//
// A file is good as a whole or not at all: what is stored of it carries its hash, and a file that was mended has another.
package rightsfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"weir/internal/fault"
	"weir/processors/parse/privacy"
)

// Bounds of one file.
const (
	maxFile   = 256 << 20
	maxFaults = 20 // shown; a file in the wrong form has one in each row
)

// Options say what the file itself does not.
type Options struct {
	By       string         // who imports it
	System   string         // the system of all rights in it, where no column says so
	Zone     *time.Location // of times without one; nil: this machine's
	Snapshot bool           // the file lists who holds what, though it has columns for more
	Now      time.Time      // the time of a list that has none
}

// File is a file that was read and found good.
type File struct {
	Name     string // without its folder
	SHA256   string // of its bytes
	Charset  string // utf-8 or cp949
	By       string // who imports it
	Snapshot bool   // it lists who holds what; otherwise what was granted, changed and removed
	Rows     []Row
	Unknown  []string // columns that mean nothing to weir; their cells are kept under their own names
}

// Row is one right or one change, as it is sent to a weir.
type Row struct {
	Line int64           `json:"line"` // in the file, from 1
	Doc  json.RawMessage `json:"doc"`  // what becomes the original of the event
}

// Read reads a file. Every mistake in it is a fault with its line and column.
func Read(name string, o Options) (*File, fault.List) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.List{{Code: "rights-file", What: "the file cannot be read", Where: name, Why: reason(err), Do: "name a file of comma-separated values", Exit: fault.ExitUsage, Cause: err}}
	}
	defer f.Close() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fault.List{{Code: "rights-file", What: "the file cannot be read", Where: name, Why: reason(err), Do: "name a file of comma-separated values", Exit: fault.ExitUsage, Cause: err}}
	}
	if len(b) > maxFile {
		return nil, fault.List{{Code: "rights-file", What: "the file is too large", Where: name, Why: fmt.Sprintf("it has more than %d MiB", maxFile>>20), Do: "split it, each part with the row of names", Exit: fault.ExitUsage}}
	}
	return Parse(name, b, o)
}

// reason is the innermost of an error, without the path that stands in Where already.
func reason(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// Parse reads the bytes of a file that is called name.
func Parse(name string, b []byte, o Options) (*File, fault.List) {
	sum := sha256.Sum256(b)
	f := &File{Name: filepath.Base(name), SHA256: hex.EncodeToString(sum[:]), Charset: "utf-8", By: o.By}
	text, ok := decode(b)
	if !ok {
		line := 1 + strings.Count(string(b[:badByte(b)]), "\n")
		return nil, fault.List{{Code: "rights-charset", What: "the file is neither UTF-8 nor CP949", Where: fmt.Sprintf("%s:%d", name, line), Why: "there are bytes in it that are no character of either", Do: "save it as UTF-8", Exit: fault.ExitUsage}}
	}
	if !utf8.Valid(b) {
		f.Charset = "cp949"
	}
	t, faults := readTable(name, text)
	if t == nil {
		return nil, faults
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	r := reader{file: f, opts: o, table: t, path: name}
	faults = append(faults, r.columns()...)
	if len(faults) == 0 {
		faults = append(faults, r.rows()...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return f, nil
}

// decode returns the text of a file, without the mark that some programs put before it.
func decode(b []byte) (string, bool) {
	if utf8.Valid(b) {
		return strings.TrimPrefix(string(b), "\ufeff"), true
	}
	out, err := korean.EUCKR.NewDecoder().Bytes(b)
	// The decoder puts a replacement where it finds no character; no such one is in the charset itself.
	if err != nil || strings.ContainsRune(string(out), utf8.RuneError) {
		return "", false
	}
	return string(out), true
}

// badByte returns where the first byte is that is no UTF-8.
func badByte(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// reader makes rows of a table. It lives for one file.
type reader struct {
	file  *File
	opts  Options
	table *table
	path  string
	at    map[string]int // columns by what they mean
}

// columns finds what the columns mean, and whether it is enough.
func (r *reader) columns() fault.List {
	r.at = map[string]int{}
	var out fault.List
	for i, c := range r.table.head {
		item, ok := privacy.RightsRecord.Item(c.text)
		switch {
		case strings.TrimSpace(c.text) == "":
			out = append(out, r.fault(c, "a column without a name", "a cell below it could mean anything", "give the column a name"))
		case !ok:
			r.file.Unknown = append(r.file.Unknown, c.text)
		default:
			if r.has(item) { // the first of two columns of one meaning counts; the other one is kept under its name
				r.file.Unknown = append(r.file.Unknown, c.text)
				continue
			}
			r.at[item] = i
		}
	}
	first, has := r.table.head[0], r.has
	if !has("targetid", "targetname", "person") {
		out = append(out, r.fault(first, "no column says whose rights these are", "none of the names means that", "call one column target (or 사용자)"))
	}
	if !has("right", "old", "new") {
		out = append(out, r.fault(first, "no column says which right it is", "none of the names means that", "call one column right (or 권한), or two of them old and new"))
	}
	if !has("system") && r.opts.System == "" {
		out = append(out, r.fault(first, "no column says which system the rights are for", "none of the names means that", "call one column system (or 시스템), or give --system NAME"))
	}
	r.file.Snapshot = r.opts.Snapshot || !has("action", "old", "new")
	if !r.file.Snapshot && !has("time") {
		out = append(out, r.fault(first, "no column says when the rights were changed", "the file has changes: it has a column for what became of the right, or for the old and the new one", "call one column time (or 변경일시), or give --snapshot if the file lists who holds what"))
	}
	return out
}

// has tells whether there is a column of one of the items.
func (r *reader) has(items ...string) bool {
	for _, it := range items {
		if _, ok := r.at[it]; ok {
			return true
		}
	}
	return false
}

// rows makes the rows, or says what is wrong with them.
func (r *reader) rows() (out fault.List) {
	r.file.Rows = make([]Row, 0, len(r.table.rows))
	for _, cells := range r.table.rows {
		row, faults := r.row(cells)
		if out = append(out, faults...); len(out) >= maxFaults {
			return append(out[:maxFaults], &fault.Error{Code: "rights-row", What: "there is more wrong with the file", Where: r.path, Do: "mend these first", Exit: fault.ExitUsage})
		}
		r.file.Rows = append(r.file.Rows, row)
	}
	if len(out) == 0 && len(r.file.Rows) == 0 {
		out = append(out, &fault.Error{Code: "rights-file", What: "the file has no rows", Where: r.path, Why: "there is nothing below the names of the columns", Do: "export it again", Exit: fault.ExitUsage})
	}
	return out
}

// row makes one row.
func (r *reader) row(cells []cell) (Row, fault.List) {
	var out fault.List
	if n := len(r.table.head); len(cells) != n {
		last := cells[len(cells)-1]
		return Row{}, fault.List{r.fault(last, fmt.Sprintf("the row has %d cells and there are %d columns", len(cells), n), "a separator too many or too few, or a cell that needs quotes", "put cells that have the separator in them in double quotes")}
	}
	text := func(item string) (cell, string) {
		if i, ok := r.at[item]; ok {
			return cells[i], strings.TrimSpace(cells[i].text)
		}
		return cells[0], ""
	}
	c, target := text("person")
	for _, item := range []string{"targetname", "targetid"} {
		if there, v := text(item); v != "" || r.has(item) {
			c, target = there, target+v
		}
	}
	if target == "" {
		out = append(out, r.fault(c, "the row does not say whose right it is", "the cell is empty", "fill it, or take the row out"))
	}
	_, right := text("right")
	_, before := text("old")
	_, after := text("new")
	if right+before+after == "" {
		c, _ := text("right")
		out = append(out, r.fault(c, "the row does not say which right it is", "the cell is empty", "fill it, or take the row out"))
	}
	at := r.opts.Now
	if c, v := text("time"); v != "" {
		t, ok := parseTime(v, r.opts.Zone)
		if !ok {
			out = append(out, r.fault(c, "the cell is no time", fmt.Sprintf("%q is in none of the known forms", v), "write it as 2026-11-20 09:15:00"))
		}
		at = t
	} else if !r.file.Snapshot {
		out = append(out, r.fault(c, "the row does not say when the right was changed", "the cell is empty", "fill it, or take the row out"))
	}
	if len(out) > 0 {
		return Row{}, out
	}
	return Row{Line: int64(cells[0].line), Doc: r.doc(cells, at)}, nil
}

// doc is the row as it is stored: who imported it from where, and the cells as they were.
func (r *reader) doc(cells []cell, at time.Time) json.RawMessage {
	row := map[string]string{}
	for i, c := range cells {
		if c.text != "" {
			row[r.table.head[i].text] = c.text
		}
	}
	if _, ok := r.at["system"]; !ok {
		row["system"] = r.opts.System
	}
	type origin struct {
		By       string    `json:"by"`
		File     string    `json:"file"`
		SHA256   string    `json:"sha256"`
		Line     int       `json:"line"`
		Time     time.Time `json:"time"`
		Snapshot bool      `json:"snapshot,omitempty"`
	}
	doc, err := json.Marshal(struct {
		Import origin            `json:"import"`
		Row    map[string]string `json:"row"`
	}{origin{r.opts.By, r.file.Name, r.file.SHA256, cells[0].line, at, r.file.Snapshot}, row})
	if err != nil {
		panic(err) // texts, numbers and a time always have a form
	}
	return doc
}

// fault makes a fault that points at a cell.
func (r *reader) fault(c cell, what, why, do string) *fault.Error {
	return &fault.Error{Code: "rights-row", What: what, Where: fmt.Sprintf("%s:%d:%d", r.path, c.line, c.column), Text: c.source, Mark: c.column, Width: max(1, c.width), Why: why, Do: do, Exit: fault.ExitUsage}
}
