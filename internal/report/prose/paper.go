package prose

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/calendar"
	"weir/internal/report/doc"
)

// Paper is a document while it is written, from the top to the end. It belongs to one goroutine.
type Paper struct {
	Voice
	Doc     doc.Document
	section int
	sub     int
}

// NewPaper begins a document. made is when its facts were put together, from and to are what they are about.
func NewPaper(v Voice, kind, title string, made, from, to time.Time) *Paper {
	p := &Paper{Voice: v}
	p.Doc = doc.Document{Kind: kind, Lang: v.Say("en", "ko"), Title: title, Period: v.Period(from, to), Created: made.In(v.zone())}
	p.Doc.Footer = title + ", " + p.Doc.Period
	p.Meta(v.Say("Period", "대상 기간"), v.Minute(from)+" ~ "+v.Minute(to))
	p.Meta(v.Say("Time zone", "기준 시간대"), v.ZoneName(from))
	p.Meta(v.Say("Made", "작성 일시"), v.Time(made))
	return p
}

// Period is a month by its name, and any other time by its days.
func (v Voice) Period(from, to time.Time) string {
	if f := from.In(v.zone()); calendar.Month(f.Year(), f.Month(), v.zone()).Equal(from) && calendar.Month(f.Year(), f.Month()+1, v.zone()).Equal(to) {
		return v.Month(from)
	}
	return v.Day(from) + " ~ " + v.Day(to.Add(-time.Nanosecond))
}

// Meta is a line below the title.
func (p *Paper) Meta(name, value string) {
	p.Doc.Meta = append(p.Doc.Meta, doc.Pair{Name: name, Value: value})
}

// Head begins a section; they are numbered.
func (p *Paper) Head(title string) {
	p.section, p.sub = p.section+1, 0
	p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{Heading: strconv.Itoa(p.section) + ". " + title, Level: 1})
}

// Sub begins a part of a section.
func (p *Paper) Sub(title string) {
	p.sub++
	p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{Heading: fmt.Sprintf("%d.%d %s", p.section, p.sub, title), Level: 2})
}

// last is the block that is written to.
func (p *Paper) last() *doc.Block {
	if len(p.Doc.Blocks) == 0 {
		p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{})
	}
	return &p.Doc.Blocks[len(p.Doc.Blocks)-1]
}

// Text adds a paragraph. A block has its texts before its table: one that comes after a table begins another.
func (p *Paper) Text(text string) {
	b := p.last()
	if b.Table != nil || b.Bars != nil {
		p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{})
		b = p.last()
	}
	b.Text = append(b.Text, text)
}

// Note adds what must not be overlooked.
func (p *Paper) Note(text string) {
	b := p.last()
	if b.Table != nil || b.Bars != nil {
		p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{})
		b = p.last()
	}
	b.Notes = append(b.Notes, text)
}

// Table adds a table and returns it for its rows. empty is what is said without any.
func (p *Paper) Table(name, empty string, columns ...doc.Column) *doc.Table {
	b := p.last()
	if b.Table != nil {
		p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{})
		b = p.last()
	}
	b.Table = &doc.Table{Name: name, Columns: columns, Empty: empty}
	return b.Table
}

// Bars adds a histogram.
func (p *Paper) Bars(b *doc.Bars) {
	if l := p.last(); l.Table == nil && l.Bars == nil {
		l.Bars = b
		return
	}
	p.Doc.Blocks = append(p.Doc.Blocks, doc.Block{Bars: b})
}

// Col is a column of texts, Right one of numbers.
func Col(head string) doc.Column { return doc.Column{Head: head} }

// Right is a column of numbers.
func Right(head string) doc.Column { return doc.Column{Head: head, Right: true} }

// None is what stands where a table has no rows.
func (v Voice) None() string { return v.Say("None.", "해당 사항 없음") }

// eighths are the heights of a small histogram; the first is nothing at all, which differs from little.
var eighths = []rune("․▁▂▃▄▅▆▇█")

// Spark draws a few numbers as one line of text.
func Spark(values []int64) string {
	most := int64(0)
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	for _, v := range values {
		i := 0
		if v > 0 {
			i = 1 + int(float64(v)/float64(most)*7)
		}
		b.WriteRune(eighths[min(i, 8)])
	}
	return b.String()
}

// Notes returns all notes of a document, in their order: what a command says besides the file.
func Notes(d *doc.Document) []string {
	var out []string
	for _, b := range d.Blocks {
		out = append(out, b.Notes...)
	}
	return out
}

// LawState says how well the text of a law is known, in words.
func (v Voice) LawState(status, checked string) string {
	if checked == "" || checked == "never" {
		checked = v.Say("on a day that nobody noted", "확인일 미상")
	} else {
		checked = v.Say("on ", "") + checked
	}
	switch status {
	case "read":
		return v.Sayf("text read %s", "조문 대조(%s)", checked)
	case "secondary":
		return v.Sayf("from other sources %s, text not seen", "2차 자료 확인(%s), 조문 미대조", checked)
	case "memory":
		return v.Say("never checked against the text", "조문 미확인")
	case "":
		return v.Say("no law named", "근거 법령 없음")
	}
	return v.Say("never checked", "확인한 적 없음")
}

// Unchecked tells whether a report has to say that nobody has compared a law with its text.
func Unchecked(status, checked string) bool {
	return status != "" && (status != "read" || checked == "" || checked == "never")
}
