// Package html writes a report as one page that is read and printed: its styles are in it, it has no script, and it asks
// nobody for anything.
package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"weir/internal/report/doc"
	"weir/internal/term"
)

//go:embed page.html
var page string

//go:embed style.css
var style string

// shown is the page, read once. The template escapes each value for the place where it stands.
var shown = template.Must(template.New("report").Funcs(template.FuncMap{
	"clean": clean, "web": web, "class": class, "stamp": stamp, "small": func(t *doc.Table) bool { return len(t.Columns) >= many }, "sign": func(mark string) string { return signs[mark] }, "chart": chart, "share": share,
	"date": func(t time.Time) string { return t.Format(time.RFC3339) },
}).Parse(page))

// signs stand before a cell that has a mark, for who sees no colours.
var signs = map[string]string{"warn": "△", "bad": "▲"}

// maxText bounds one text of a report, in characters: a field of a megabyte is no reading matter, and the events are a
// link away.
const maxText = 2000

// clean makes control characters and those that hide or turn other text around visible, and cuts what is too long.
func clean(s string) string {
	cut := len(s) > 4*maxText // before it is escaped: a character has four bytes at the most
	if cut {
		s = s[:4*maxText]
	}
	s = term.Escape(s)
	if n := []rune(s); len(n) > maxText {
		return string(n[:maxText]) + "…"
	}
	return s
}

// web is a link if a reader may follow it: only pages of the web.
func web(s string) string {
	if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return s
	}
	return ""
}

// longWord is from how many characters without a blank a cell may be broken anywhere. In others it may not, or browsers
// make columns so narrow that numbers and names are broken.
const longWord = 18

// wordy is from how many characters on a cell asks for some width: else a browser makes it as narrow as its longest word.
const wordy = 24

// many is from how many columns on a table has small letters.
const many = 8

// class is the class of a cell: how it is aligned and marked, and how it may be broken.
func class(t *doc.Table, column int, c doc.Cell) string {
	var out []string
	if column < len(t.Columns) && t.Columns[column].Right {
		out = append(out, "right")
	}
	if long(c.Text) {
		out = append(out, "long")
	}
	if len(c.Text) > wordy {
		out = append(out, "wordy")
	}
	if signs[c.Mark] != "" {
		out = append(out, c.Mark)
	}
	return strings.Join(out, " ")
}

// moment is a time that is parted, so that a line never breaks within its day.
type moment struct{ Day, Rest string }

// stamps are times as reports write them.
var stamps = regexp.MustCompile(`^\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?$`)

// stamp parts a time; nil for any other text.
func stamp(s string) *moment {
	if !stamps.MatchString(s) {
		return nil
	}
	return &moment{s[:10], s[10:]}
}

// long tells whether a text has a word that may need to be broken.
func long(s string) bool {
	n := 0
	for _, r := range s {
		if n++; r == ' ' {
			n = 0
		}
		if n > longWord {
			return true
		}
	}
	return false
}

// share is the width of a column for a col element; "" leaves it to the browser.
func share(w float64) string {
	if w <= 0 || w > 1 {
		return ""
	}
	return fmt.Sprintf("%.0f%%", w*100)
}

// view is what the page is filled with.
type view struct {
	*doc.Document
	Style  template.CSS
	Policy string // what the page may load: nothing, and only this style
}

// Write writes the page. The same document gives the same bytes.
func Write(w io.Writer, d *doc.Document) error {
	css := "\n" + style + footer(d.Footer)
	sum := sha256.Sum256([]byte(css))
	v := view{Document: d, Style: template.CSS(css), Policy: "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}
	var b bytes.Buffer
	if err := shown.Execute(&b, v); err != nil {
		return fmt.Errorf("writing the page of a report: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the page of a report: %w", err)
	}
	return nil
}

// footer is the style of the last line of each printed page. Every character that is not plain is an escape: the text may
// have names in it, and a quote would end the string. Blanks too, because one behind an escape is a part of it.
func footer(text string) string {
	var b strings.Builder
	for _, r := range clean(text) {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\%06x`, r)
		}
	}
	return fmt.Sprintf("@page { @bottom-left { content: \"%s\"; } }\n", b.String())
}

// bar is one of a histogram, in the units of its drawing.
type bar struct {
	X, Y, W, H float64
	Mid, Above float64
	Name       string
	Label      string // its name, "" where there is no room for it
	Value      string
	Shown      string // its value, "" where there is no room for it
}

// drawing is a histogram as the page draws it.
type drawing struct {
	Bars      []bar
	Wide, Top float64
}

// chart lays a histogram out. Its numbers are those of a drawing of 720 by 120 units, whatever the width of the page.
func chart(b *doc.Bars) drawing {
	const wide, high = 720.0, 90.0
	n := min(len(b.Labels), len(b.Values))
	out := drawing{Wide: wide, Top: 14}
	most := int64(1)
	for _, v := range b.Values[:n] {
		most = max(most, v)
	}
	step := wide / float64(max(1, n))
	every := max(1, int(40/step)) // labels need about 40 units
	if step*float64(every) < 40 && n > 1 {
		every++
	}
	for i := range n {
		h := high * float64(max(0, b.Values[i])) / float64(most)
		if b.Values[i] > 0 {
			h = max(h, 1)
		}
		x := bar{X: round(float64(i)*step + step*0.12), Y: round(out.Top + high - h), W: round(step * 0.76), H: round(h), Mid: round((float64(i) + 0.5) * step), Name: b.Labels[i], Value: term.Count(b.Values[i])}
		x.Above = round(x.Y - 3)
		if v := b.Values[i]; v > 0 && (v == most || float64(len(x.Value))*5 < step) {
			x.Shown = x.Value
		}
		if i%every == 0 {
			x.Label = b.Labels[i]
		}
		out.Bars = append(out.Bars, x)
	}
	return out
}

// round keeps drawings short.
func round(f float64) float64 { return float64(int64(f*10+0.5)) / 10 }
