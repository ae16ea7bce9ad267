package compliance

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"weir/internal/console/site"
	"weir/internal/control/reporting"
	"weir/internal/fault"
)

// types are the media types of reports. All are handed out as files: a report in HTML has a style of its own, which the
// policy of these pages does not let in.
var types = map[string]string{"html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8", "zip": "application/zip"}

// report makes a report and hands it out as it comes: nothing of it is kept here.
func report(v *site.View) {
	q := v.R.URL.Query()
	r := reporting.Request{Kind: q.Get("kind"), Name: q.Get("name"), Month: q.Get("month"), Lang: q.Get("lang"), Formats: []string{q.Get("format")}}
	if z := v.Zone.String(); z != "Local" {
		r.Zone = z
	}
	if !slices.Contains(reporting.Kinds(), r.Kind) || !slices.Contains(reporting.Formats(), r.Formats[0]) || r.Lang != "en" && r.Lang != "ko" {
		v.Fail(&fault.Error{Code: "bad-request", What: "there is no such report", Where: v.R.URL.RawQuery, Do: "choose one on the page Compliance", Exit: fault.ExitUsage})
		return
	}
	w := &download{v: v, packed: r.Formats[0] == "csv", name: r.Kind}
	_, err := site.Answer[reporting.Answer](v, reporting.Make, r, w.take)
	if err == nil {
		err = w.end()
	}
	switch {
	case err == nil:
	case !w.begun:
		v.Fail(err)
	default: // its beginning is with the reader: a broken connection says that it is not whole
		v.Log.Warn("a report broke off", "component", "console", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// download hands out the files of a report as they come. In CSV a report is several files, a table each: they come as one
// ZIP archive.
type download struct {
	v      *site.View
	packed bool
	name   string // of the archive
	begun  bool
	file   string
	zip    *zip.Writer
	to     io.Writer
}

// take takes one document of the answer.
func (w *download) take(doc []byte) error {
	var d reporting.Document
	if err := json.Unmarshal(doc, &d); err != nil {
		return fmt.Errorf("reading a piece of a report: %w", err)
	}
	if d.File == "" {
		return nil // how far it is
	}
	if d.File != w.file {
		if err := w.next(path.Base(d.File)); err != nil {
			return err
		}
		w.file = d.File
	}
	if _, err := w.to.Write(d.Body); err != nil {
		return fmt.Errorf("writing a report: %w", err)
	}
	return nil
}

// next begins a file.
func (w *download) next(name string) (err error) {
	if w.packed {
		if w.zip == nil {
			w.head(w.name + ".zip")
			w.zip = zip.NewWriter(w.v.W)
		}
		if w.to, err = w.zip.Create(name); err != nil {
			return fmt.Errorf("writing a report: %w", err)
		}
		return nil
	}
	if w.begun {
		return fmt.Errorf("the report is of more files than one: %s", name)
	}
	w.head(name)
	w.to = w.v.W
	return nil
}

// head says what is handed out.
func (w *download) head(name string) {
	kind := types[strings.TrimPrefix(path.Ext(name), ".")]
	if kind == "" {
		kind = "application/octet-stream"
	}
	h := w.v.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.v.W.WriteHeader(http.StatusOK)
	w.begun = true
}

// end ends the archive.
func (w *download) end() error {
	if !w.begun {
		return errors.New("the report holds no file")
	}
	if w.zip == nil {
		return nil
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("writing a report: %w", err)
	}
	return nil
}
