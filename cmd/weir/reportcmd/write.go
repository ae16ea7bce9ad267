package reportcmd

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"

	"weir/internal/control/reporting"
	"weir/internal/fault"
	"weir/internal/term"
)

// faultError is short for what shells warn with.
type faultError = fault.Error

// writer puts the pieces of files together. It belongs to the goroutine of the command.
type writer struct {
	out    string
	stdout func([]byte) error
	files  []*part
}

// part is one file while it comes.
type part struct {
	name string
	file *os.File // under a name of its own until it is whole; nil on stdout
	sum  hash.Hash
	held []byte // on stdout: nothing of a report that is not whole may come out
}

// piece takes the next piece of a file. The name is what the other side says, and must not lead anywhere.
func (w *writer) piece(name string, body []byte) error {
	if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\\\x00") {
		return &fault.Error{Code: "report-answer", What: "the weir that was asked names a file that is none", Where: term.Escape(name), Exit: fault.ExitMissing}
	}
	var p *part
	if n := len(w.files); n > 0 && w.files[n-1].name == name {
		p = w.files[n-1]
	} else {
		p = &part{name: name, sum: sha256.New()}
		if w.out != "-" {
			f, err := w.open()
			if err != nil {
				return err
			}
			p.file = f
		}
		w.files = append(w.files, p)
	}
	p.sum.Write(body)
	if p.file == nil {
		p.held = append(p.held, body...)
		return nil
	}
	if _, err := p.file.Write(body); err != nil {
		return w.bad(err)
	}
	return nil
}

// open begins a file in the folder where it will be, so that giving it its name is one step.
func (w *writer) open() (*os.File, error) {
	dir := w.out
	if !isFolder(w.out) {
		dir = filepath.Dir(w.out)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, w.bad(err)
	}
	f, err := os.CreateTemp(dir, ".weir-report-*")
	if err != nil {
		return nil, w.bad(err)
	}
	if err := f.Chmod(mode); err != nil {
		return nil, errors.Join(w.bad(err), f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// bad says that nothing can be written there.
func (w *writer) bad(err error) error {
	return &fault.Error{Code: "report-out", What: "the report cannot be written", Where: w.out, Why: fault.Innermost(err), Do: "name another place with --out", Exit: fault.ExitMissing, Cause: err}
}

// finish holds each file against its hash and gives it its name.
func (w *writer) finish(list []reporting.File) ([]string, error) {
	if len(list) != len(w.files) {
		return nil, &fault.Error{Code: "report-answer", What: fmt.Sprintf("%d files were made and %d came", len(list), len(w.files)), Do: "ask again", Exit: fault.ExitMissing}
	}
	paths := make([]string, len(list))
	for i, p := range w.files {
		if list[i].Name != p.name || list[i].SHA256 != hex.EncodeToString(p.sum.Sum(nil)) {
			return nil, &fault.Error{Code: "report-answer", What: "a file did not come as it was made", Where: term.Escape(p.name), Do: "ask again", Exit: fault.ExitMissing}
		}
		if p.file == nil {
			if err := w.stdout(p.held); err != nil {
				return nil, err
			}
			continue
		}
		paths[i] = filepath.Join(w.out, p.name)
		if !isFolder(w.out) {
			if paths[i] = w.out; len(list) > 1 { // one name for several: what tells them apart stands at its end
				paths[i] = strings.TrimSuffix(w.out, filepath.Ext(w.out)) + ending(p.name)
			}
		}
		temp := p.file.Name()
		if err := errors.Join(p.file.Sync(), p.file.Close()); err != nil {
			return nil, w.bad(err)
		}
		if err := os.Rename(temp, paths[i]); err != nil {
			return nil, w.bad(err)
		}
		p.file = nil
	}
	return paths, nil
}

// ending is what tells the forms of a report apart: .pdf, .csv.zip.
func ending(name string) string {
	if strings.HasSuffix(name, ".csv.zip") {
		return ".csv.zip"
	}
	return filepath.Ext(name)
}

// drop removes what did not become a file.
func (w *writer) drop() {
	for _, p := range w.files {
		if p.file != nil {
			_ = p.file.Close() // it may be closed already
			_ = os.Remove(p.file.Name())
		}
	}
}
