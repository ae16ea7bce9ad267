package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"weir/internal/report/doc"
	"weir/internal/report/reporttest"
)

// write returns the bytes of a document and its lines.
func write(t testing.TB, d *doc.Document) ([]byte, []reporttest.Text) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	texts, err := reporttest.Texts(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), texts
}

// legiblePages fails where a line leaves the page or lies on another one, or where a letter has no form.
func legiblePages(t testing.TB, texts []reporttest.Text) {
	t.Helper()
	faces, err := letters()
	if err != nil {
		t.Fatal(err)
	}
	type box struct{ x, y, to, top float64 }
	pages := map[int][]box{}
	for _, l := range texts {
		f := faces.regular
		if l.Bold {
			f = faces.bold
		}
		if !f.has(l.Text) {
			t.Errorf("page %d: a letter of %q has no form", l.Page, l.Text)
		}
		b := box{l.X, l.Y - 0.2*l.Size, l.X + f.wide(l.Text, l.Size), l.Y + 0.8*l.Size}
		if b.x < left-0.1 || b.to > right+0.1 || b.y < 15 || b.top > pageHigh-25 {
			t.Errorf("page %d: %q leaves the page: %.0f to %.0f, %.0f", l.Page, l.Text, b.x, b.to, b.y)
		}
		for _, o := range pages[l.Page] {
			if b.x < o.to-0.1 && o.x < b.to-0.1 && b.y < o.top-0.1 && o.y < b.top-0.1 {
				t.Errorf("page %d: %q lies on another text", l.Page, l.Text)
			}
		}
		pages[l.Page] = append(pages[l.Page], b)
	}
}

// TestWrite: a report with all that attackers write is whole and legible in both languages: no line leaves its page or lies
// on another, the heads of tables are repeated, pages are numbered, and nothing of a text is lost but what is too long.
func TestWrite(t *testing.T) {
	for _, lang := range []string{"en", "ko"} {
		t.Run(lang, func(t *testing.T) {
			raw, texts := write(t, sample(lang))
			legiblePages(t, texts)
			pages := reporttest.Pages(texts)
			if len(pages) < 5 {
				t.Fatalf("%d pages", len(pages))
			}
			heads := 0
			for i, p := range pages {
				if !strings.Contains(p, fmt.Sprintf("%d / %d\n", i+1, len(pages))) {
					t.Errorf("page %d has no number:\n%s", i+1, p)
				}
				if i > 0 && !strings.HasPrefix(p, sample(lang).Title+"   "+sample(lang).Period+"\n") {
					t.Errorf("page %d does not say what it belongs to", i+1)
				}
				heads += strings.Count(p, "Clock skew")
			}
			if heads < 3 {
				t.Errorf("the head of a long table stands on %d pages", heads)
			}
			all := strings.ReplaceAll(strings.Join(pages, ""), "\n", "")
			for _, want := range []string{"<script>alert(1)</script>", `\x1b[31mred\u202egnp.exe`, `emoji \U0001f600`, "漢字와 한글 ひらがな", "각", `\xff\xfe`, `a\nb\tc`, "syslog/198.51.100.89", "▁▁▁▁▂▁▂▄▇█", "88,714"} {
				if !strings.Contains(all, want) {
					t.Errorf("no %q", want)
				}
			}
			if n := strings.Count(all, "x"); n < maxText || n > maxText+300 {
				t.Errorf("a megabyte became %d letters", n)
			}
			for _, want := range []string{"/Lang (" + lang + ")", "/Title (", "/Author (", "/CreationDate (D:20261203080000Z)", "/URI (https://weir.example.org/search?q=a%20b)"} {
				if !bytes.Contains(raw, []byte(want)) && !bytes.Contains(raw, []byte(strings.Replace(want, "Z)", ")", 1))) {
					t.Errorf("no %s", want)
				}
			}
			if len(raw) > 150<<10 {
				t.Errorf("%d bytes: the font was not cut down", len(raw))
			}
		})
	}
}

// TestWrite_same: the same report is the same file, whenever and however often it is written, also by several at once.
func TestWrite_same(t *testing.T) {
	first, _ := write(t, sample("ko"))
	got := make(chan []byte)
	for range 3 {
		go func() {
			var b bytes.Buffer
			_ = Write(&b, sample("ko")) // an error gives other bytes
			got <- b.Bytes()
		}()
	}
	for range 3 {
		if b := <-got; !bytes.Equal(b, first) {
			t.Error("two files of one report differ")
		}
	}
}

// TestWrite_links: only pages of the web are followed.
func TestWrite_links(t *testing.T) {
	d := &doc.Document{Title: "t", Blocks: []doc.Block{{Table: &doc.Table{Columns: []doc.Column{{Head: "a"}}}}}}
	for _, l := range []string{"javascript:alert(1)", "file:///etc/passwd", "", "HTTP://x", "https://ok.example/a(b)\\"} {
		d.Blocks[0].Table.Rows = append(d.Blocks[0].Table.Rows, []doc.Cell{{Text: "x", Link: l}})
	}
	raw, _ := write(t, d)
	if n := bytes.Count(raw, []byte("/URI (")); n != 1 || !bytes.Contains(raw, []byte(`/URI (https://ok.example/a\(b\)\\)`)) {
		t.Errorf("%d links", n)
	}
}

// TestWrite_small: whatever is missing in a document, it is one page and no fault.
func TestWrite_small(t *testing.T) {
	for name, d := range map[string]*doc.Document{
		"nothing":          {},
		"a ragged table":   {Blocks: []doc.Block{{Table: &doc.Table{Columns: []doc.Column{{Head: "a"}, {Head: "b"}}, Rows: [][]doc.Cell{{{Text: "1"}}, {}, {{Text: "1"}, {Text: "2"}, {Text: "3"}}}}}}},
		"no columns":       {Blocks: []doc.Block{{Table: &doc.Table{Rows: [][]doc.Cell{{{Text: "1"}}}}}}},
		"uneven bars":      {Blocks: []doc.Block{{Bars: &doc.Bars{Labels: []string{"a", "b"}, Values: []int64{0}}}}},
		"many thin cells":  {Blocks: []doc.Block{{Table: &doc.Table{Columns: make([]doc.Column, 30), Rows: [][]doc.Cell{make([]doc.Cell, 30)}}}}},
		"a large share":    {Blocks: []doc.Block{{Table: &doc.Table{Columns: []doc.Column{{Head: "a", Width: 0.9}, {Head: "b", Width: 0.9}}, Rows: [][]doc.Cell{{{Text: "1"}, {Text: "2"}}}}}}},
		"a time in a zone": {Created: time.Date(2026, 11, 1, 0, 0, 0, 0, time.FixedZone("", 9*3600))},
	} {
		t.Run(name, func(t *testing.T) {
			_, texts := write(t, d)
			legiblePages(t, texts)
			if p := reporttest.Pages(texts); len(p) != 1 {
				t.Errorf("%d pages", len(p))
			}
		})
	}
}

// failing is a place that cannot be written to.
type failing struct{}

// Write implements io.Writer.
func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestWrite_error: whoever cannot write learns it.
func TestWrite_error(t *testing.T) {
	if err := Write(failing{}, &doc.Document{}); err == nil || !strings.Contains(err.Error(), "writing a PDF: short write") {
		t.Error(err)
	}
}

// FuzzWrite: whatever stands in a report, its lines stay on their pages and beside each other, and every letter has a form.
func FuzzWrite(f *testing.F) {
	for _, s := range hostile[:len(hostile)-1] {
		f.Add(s, "n")
	}
	f.Add(strings.Repeat("가 ", 900), strings.Repeat("W", 300))
	f.Add("(\\)", "\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		d := &doc.Document{Title: a, Period: b, Footer: a, Meta: []doc.Pair{{Name: a, Value: b}}, Blocks: []doc.Block{
			{Heading: b, Level: 1, Text: []string{a}, Notes: []string{b}, Bars: &doc.Bars{Title: a, Labels: []string{"1", "2"}, Values: []int64{5, 1}}},
			{Table: &doc.Table{Columns: []doc.Column{{Head: a}, {Head: b, Right: true}, {Head: "n"}}, Rows: [][]doc.Cell{{{Text: b, Link: "https://x/" + a}, {Text: a, Mark: "bad"}, {Text: "1"}}}}},
		}}
		_, texts := write(t, d)
		legiblePages(t, texts)
	})
}

// BenchmarkWrite is a report of some ten pages.
func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	d := sample("ko")
	for b.Loop() {
		if err := Write(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
}
