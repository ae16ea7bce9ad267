// Package export writes documents into files that other programs read: JSON lines, CSV and Parquet. A file is there under
// its name only when it is whole: until then it has another name beside it, which whoever stops early removes.
package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"weir/event"
	"weir/internal/fault"
)

// Formats.
const (
	NDJSON  = "ndjson"
	CSV     = "csv"
	Parquet = "parquet"
)

// MaxColumns bounds the columns of a table. Further fields of a Parquet file are in weir.rest; of a CSV they are left out.
const MaxColumns = 1000

// Format returns the format that a file's name ends in.
func Format(file string) (string, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".ndjson", ".jsonl", ".json":
		return NDJSON, nil
	case ".csv":
		return CSV, nil
	case ".parquet":
		return Parquet, nil
	}
	return "", &fault.Error{Code: "export-file", What: "the name does not say which format is wanted", Where: file, Do: "end it in .ndjson, .csv or .parquet", Exit: fault.ExitUsage}
}

// Table says what the columns of a CSV or Parquet file are.
type Table struct {
	Columns []string // paths
	// Rest adds to a Parquet file the column weir.rest: JSON of all fields of an event that have no column, or whose value
	// does not fit it.
	Rest bool
}

// writer is one format. close writes what is left and does not close what lies below.
type writer interface {
	add(e *event.Event, doc []byte) error
	close() error
}

// File is a file that is being written. It belongs to one goroutine and ends with Commit or Abort.
type File struct {
	name string
	tmp  *os.File
	buf  *bufio.Writer
	w    writer
	rows int
	e    event.Event
}

// Create begins a file. One that is there already is refused: an export is kept as evidence, and never replaced by accident.
func Create(name, format string, t Table) (*File, error) {
	if _, err := os.Lstat(name); err == nil {
		return nil, &fault.Error{Code: "export-file", What: "there is a file of this name", Where: name, Do: "take another name, or remove the file", Exit: fault.ExitUsage}
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".part-*") // 0600
	if err != nil {
		return nil, unwritable(name, err)
	}
	f := &File{name: name, tmp: tmp, buf: bufio.NewWriterSize(tmp, 1<<20)}
	if len(t.Columns) > MaxColumns {
		t.Columns = t.Columns[:MaxColumns]
	}
	switch format {
	case NDJSON:
		f.w = lines{f.buf}
	case CSV:
		f.w, err = newCSV(f.buf, t)
	case Parquet:
		f.w, err = newParquet(f.buf, t)
	default:
		err = fmt.Errorf("no such format: %s", format)
	}
	if err != nil {
		f.Abort()
		return nil, err
	}
	return f, nil
}

// unwritable says that a file cannot be written.
func unwritable(name string, err error) error {
	return &fault.Error{Code: "export-file", What: "the file cannot be written", Where: name, Why: fault.Innermost(err), Exit: fault.ExitMissing, Cause: err}
}

// Add writes one document, which is not kept.
func (f *File) Add(doc []byte) error {
	if err := f.w.add(&f.e, doc); err != nil {
		return unwritable(f.name, err)
	}
	f.rows++
	return nil
}

// Rows is how many documents were added.
func (f *File) Rows() int { return f.rows }

// Commit completes the file: what it holds is on the disk before it has its name.
func (f *File) Commit() error {
	err := f.w.close()
	if err == nil {
		err = f.buf.Flush()
	}
	if err == nil {
		err = f.tmp.Sync()
	}
	if err == nil {
		// A file that somebody made meanwhile is not replaced.
		err = os.Link(f.tmp.Name(), f.name)
	}
	if err != nil {
		f.Abort()
		return unwritable(f.name, err)
	}
	f.Abort() // its other name
	return syncFolder(filepath.Dir(f.name))
}

// Abort removes what was written. After Commit it does nothing.
func (f *File) Abort() {
	if f.tmp == nil {
		return
	}
	_ = f.tmp.Close() // it goes, or is synced already
	_ = os.Remove(f.tmp.Name())
	f.tmp = nil
}

// syncFolder makes the name last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return unwritable(dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return unwritable(dir, err)
	}
	return nil
}

// lines writes documents as they are, one a line.
type lines struct{ w io.Writer }

// add writes one document. Line ends between its tokens, which JSON allows, would make two lines of it.
func (l lines) add(e *event.Event, doc []byte) error {
	for _, c := range doc {
		if c == '\n' || c == '\r' {
			if err := e.Decode(doc); err == nil {
				doc = e.AppendJSON(nil)
			}
			break
		}
	}
	_, err := l.w.Write(append(slices.Clip(doc), '\n'))
	return err
}

func (lines) close() error { return nil }
