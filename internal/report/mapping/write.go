package mapping

import (
	"strings"

	"weir/internal/report/doc"
	"weir/internal/report/prose"
)

// Document writes the evidence for a reader.
func Document(f *Facts, v prose.Voice) *doc.Document {
	m := f.Mapping
	p := prose.NewPaper(v, "mapping", v.Say("Evidence for ", "이행 증적: ")+m.Title.In(v.Say("en", "ko")), f.Made, f.From, f.To)
	p.Doc.Facts = f
	w := &writer{Paper: p, f: f}
	w.Meta(w.Say("Mapping", "매핑"), m.ID+" ("+m.File+")")
	w.summary()
	for i := range m.Controls {
		w.control(&m.Controls[i], &f.Shown[i])
	}
	return &p.Doc
}

// writer writes one report.
type writer struct {
	*prose.Paper
	f *Facts
}

// state is that of a part, in words, with its mark.
func (w *writer) state(slug string) doc.Cell {
	switch slug {
	case Look:
		return doc.Cell{Text: w.Say("to be looked at", "확인 필요"), Mark: "warn"}
	case Nothing:
		return doc.Cell{Text: w.Say("nothing found", "해당 없음")}
	case Gap:
		return doc.Cell{Text: w.Say("no evidence", "증적 없음"), Mark: "bad"}
	}
	return doc.Cell{Text: w.Say("shown", "제시")}
}

// known is how well the number of a control is known.
func (w *writer) known(c *Control) string {
	if c.Status == "never" {
		return w.LawState("never", c.Checked)
	}
	return w.LawState(c.Status, c.Checked)
}

// summary is a row for each control.
func (w *writer) summary() {
	w.Head(w.Say("Summary", "요약"))
	if text := w.f.Mapping.Note.In(w.Say("en", "ko")); text != "" {
		w.Text(text)
	}
	unchecked := 0
	for i := range w.f.Mapping.Controls {
		c := &w.f.Mapping.Controls[i]
		if prose.Unchecked(c.Status, c.Checked) {
			unchecked++
		}
	}
	if unchecked > 0 {
		w.Note(w.Sayf("%d of %d numbers were never compared with the text of the standard.", "전체 %[2]d개 중 %[1]d개 번호는 표준 원문과 대조하지 않았습니다.", unchecked, len(w.f.Mapping.Controls)))
	}
	t := w.Table("controls", w.None(), prose.Col(w.Say("Number", "번호")), prose.Col(w.Say("What is shown", "증적 내용")), prose.Col(w.Say("State", "상태")), prose.Right(w.Say("Searches", "검색")), prose.Right(w.Say("Events", "이벤트")), prose.Right(w.Say("Sections", "보고서 항목")), prose.Col(w.Say("Number checked", "번호 확인")))
	for i := range w.f.Mapping.Controls {
		c, s := &w.f.Mapping.Controls[i], &w.f.Shown[i]
		events := int64(0)
		for _, x := range s.Searches {
			events += x.Hits
		}
		row := prose.Cells(c.Number, c.Shows.In(w.Say("en", "ko")), "", w.Num(int64(len(s.Searches))), w.Num(events), w.Num(int64(len(s.Sections))), w.known(c))
		row[2] = w.state(s.State())
		if prose.Unchecked(c.Status, c.Checked) {
			row[6].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// control is the chapter of one control.
func (w *writer) control(c *Control, s *Shown) {
	// Its own number is the only one that it has: two would be taken for each other.
	w.Doc.Blocks = append(w.Doc.Blocks, doc.Block{Heading: c.Number + "  " + c.Shows.In(w.Say("en", "ko")), Level: 1})
	if len(c.Searches) > 0 {
		w.searches(c, s)
	}
	if len(c.Sections) > 0 {
		w.sections(c, s)
	}
}

// searches is a row for each search with what it found.
func (w *writer) searches(c *Control, s *Shown) {
	t := w.Table("searches."+strings.ToLower(c.Number), w.None(), prose.Col(w.Say("Search", "검색")), prose.Col("KQL"), prose.Right(w.Say("Events", "이벤트")), prose.Col(w.Say("Most of it", "주요 값")), prose.Col(w.Say("State", "상태")))
	for i, q := range c.Searches {
		x := &s.Searches[i]
		var top []string
		for _, v := range x.Top[:min(len(x.Top), 5)] {
			top = append(top, v.Value+" ("+w.Num(v.Count)+")")
		}
		row := prose.Cells(q.Name.In(w.Say("en", "ko")), q.KQL, w.Num(x.Hits), prose.Dash(strings.Join(top, ", ")), "")
		row[2].Link = w.Search(q.KQL, w.f.From, w.f.To)
		row[4] = w.state(x.State)
		switch {
		case x.Err != "":
			row[4].Text += ": " + x.Err
		case len(x.Missing) > 0:
			row[4].Text += ": " + strings.Join(x.Missing, ", ")
			if x.Left > 0 {
				row[4].Text += w.Sayf(" and %d more days", " 외 %d일", x.Left)
			}
		}
		t.Rows = append(t.Rows, row)
	}
}

// sections is a row for each section of another report.
func (w *writer) sections(c *Control, s *Shown) {
	t := w.Table("sections."+strings.ToLower(c.Number), w.None(), prose.Col(w.Say("Report", "보고서")), prose.Col(w.Say("Section", "항목")), prose.Right(w.Say("Rows", "행")), prose.Right(w.Say("Marked", "표시")), prose.Col(w.Say("State", "상태")))
	for i := range s.Sections {
		x := &s.Sections[i]
		kind, name, _ := strings.Cut(x.Section, "/")
		row := prose.Cells(kind, name, w.Num(int64(x.Rows)), w.Num(int64(x.Warn+x.Bad)), "")
		row[4] = w.state(x.State)
		if x.Err != "" {
			row[4].Text += ": " + x.Err
		}
		t.Rows = append(t.Rows, row)
	}
}
