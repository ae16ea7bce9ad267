package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/internal/report/doc"
	"weir/internal/report/reporttest"
)

// written returns a document in a format.
func written(t testing.TB, d *doc.Document, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, d, format, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// golden holds the page and the text of the PDF against what they were. WEIR_GOLDEN=1 writes them anew.
func golden(t *testing.T, name string, d *doc.Document) {
	t.Helper()
	texts, err := reporttest.Texts(written(t, d, "pdf"))
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{name + ".html": string(written(t, d, "html")), name + ".pdf.txt": strings.Join(reporttest.Pages(texts), "\f\n")} {
		file = filepath.Join("testdata", file)
		if os.Getenv("WEIR_GOLDEN") != "" {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the report differs from %s; WEIR_GOLDEN=1 writes it anew", file)
		}
	}
	if dir := os.Getenv("WEIR_REPORT_OUT"); dir != "" { // to look at them
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), written(t, d, "pdf"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sections returns the tables of a document without the systems in their names, each once.
func sections(t *testing.T, d *doc.Document) []string {
	t.Helper()
	var out []string
	for _, b := range d.Blocks {
		if b.Table == nil {
			continue
		}
		if !b.Table.Whole() {
			t.Errorf("a row of %s has not a cell for each column", b.Table.Name)
		}
		if b.Table.Empty == "" {
			t.Errorf("nothing is said where %s has no rows", b.Table.Name)
		}
		name, _, _ := strings.Cut(b.Table.Name, ".")
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// TestWrite_json: the facts, with the version of their form, alike in both languages.
func TestWrite_json(t *testing.T) {
	en, ko := written(t, AccessReview(sampleReview(), voice("en"), Beside{}), "json"), written(t, AccessReview(sampleReview(), voice("ko"), Beside{}), "json")
	if !bytes.Equal(en, ko) {
		t.Error("the facts differ by language")
	}
	var got struct {
		Schema, Kind string
		Created      time.Time
		Facts        struct{ ID string }
	}
	if err := json.Unmarshal(en, &got); err != nil || got.Schema != "weir-report/1" || got.Kind != "access-review" || got.Facts.ID != "2026-10-r2" || !got.Created.Equal(at(34, 9, 0)) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestWrite_format: a form that there is not is said.
func TestWrite_format(t *testing.T) {
	err := Write(&bytes.Buffer{}, &doc.Document{}, "docx\x1b", Options{})
	if fault.Code(err) != "usage" || strings.Contains(err.Error(), "\x1b") {
		t.Error(err)
	}
	if err := Write(&bytes.Buffer{}, &doc.Document{Facts: func() {}}, "json", Options{}); err == nil {
		t.Error("facts that are no data were written")
	}
}

// TestFileName: names sort by kind and month, and say their language.
func TestFileName(t *testing.T) {
	for _, c := range []struct{ kind, name, month, lang, format, want string }{
		{"sources", "", "2026-11", "ko", "pdf", "sources-2026-11-ko.pdf"}, {"mapping", "isms-p", "2026-11", "en", "csv", "mapping-isms-p-2026-11-en.csv.zip"}, {"sources", "", "2026-11", "ko", "json", "sources-2026-11.json"}, {"retention", "", "", "en", "html", "retention-en.html"},
	} {
		if got := FileName(c.kind, c.name, c.month, c.lang, c.format); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestSections_none: there are none of a report that there is not.
func TestSections_none(t *testing.T) {
	if got := Sections("mapping"); got != nil {
		t.Errorf("%v", got)
	}
}
