// Package report turns what was found out about a month into documents, and documents into files: a page, a PDF, tables of
// values, or JSON.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/internal/fault"
	"weir/internal/report/csv"
	"weir/internal/report/doc"
	"weir/internal/report/html"
	"weir/internal/report/pdf"
	"weir/internal/term"
)

// Schema is the version of the JSON form. Keys of it are added and never taken away within a version.
const Schema = "weir-report/1"

// Options say how a document becomes a file.
type Options struct {
	NoBOM bool // CSV without the mark by which spreadsheets know UTF-8
}

// Write writes a document in a format: html, pdf, csv (an archive with a file for each table) or json (its facts).
func Write(w io.Writer, d *doc.Document, format string, o Options) error {
	switch format {
	case "html":
		return html.Write(w, d)
	case "pdf":
		return pdf.Write(w, d)
	case "csv":
		return csv.Write(w, d, csv.Options{NoBOM: o.NoBOM})
	case "json":
		return writeJSON(w, d)
	}
	return &fault.Error{Code: "usage", What: fmt.Sprintf("no report has the form `%s`", term.Escape(format)), Do: "one of html, pdf, csv, json", Exit: fault.ExitUsage}
}

// writeJSON writes the facts, which are the same in every language. What the reader's language says is in the other forms.
func writeJSON(w io.Writer, d *doc.Document) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(struct {
		Schema  string    `json:"schema"`
		Kind    string    `json:"kind"`
		Created time.Time `json:"created"`
		Facts   any       `json:"facts"`
	}{Schema, d.Kind, d.Created.UTC(), d.Facts})
	if err != nil {
		return fmt.Errorf("writing a report as JSON: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing a report as JSON: %w", err)
	}
	return nil
}

// FileName is what the file of a report is called: access-review-2026-11-ko.pdf. name is that of a mapping, "" for others.
func FileName(kind, name, month, lang, format string) string {
	parts := []string{kind}
	for _, p := range []string{name, month} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if format == "json" { // of no language
		return strings.Join(parts, "-") + ".json"
	}
	end := map[string]string{"csv": "csv.zip"}[format]
	if end == "" {
		end = format
	}
	return strings.Join(append(parts, lang), "-") + "." + end
}

// Sections are the tables of each kind of report, by which mappings name them. Tables of one system have its id behind a
// dot: downloads.hr.
func Sections(kind string) []string {
	return map[string][]string{
		"access-review": {"law", "systems", "gaps", "completeness", "accounts", "rights", "logon-days", "logon-places", "downloads", "bulk", "alerts", "changes", "findings", "comments", "signatures"},
		"retention":     {"classes", "law", "records", "expiry", "gaps", "holds", "copies", "systems", "unknown"},
		"sources":       {"sources", "clock", "ledger", "silence"},
		"incidents":     {"levels", "rules", "attack", "verdicts", "times", "open", "escalations", "risk"},
	}[kind]
}
