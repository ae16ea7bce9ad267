package reviewcmd

import (
	"fmt"
	"strings"

	"weir/cmd/weir/ui"
	"weir/internal/control/reviewing"
	"weir/internal/fault"
	"weir/internal/report/prose"
	"weir/internal/review"
	"weir/internal/term"
)

// stateStyle colours what somebody has to look at. The word says it without the colour too.
func stateStyle(state string) term.Style {
	switch state {
	case review.Overdue, "revoked":
		return term.Red
	case review.Signed, "active":
		return term.Green
	}
	return term.Plain
}

// summary is one row of a review: a contract for pipes (id, state, systems, findings, downloads without a reason).
func summary(sh ui.Shell, v reviewing.View) error {
	hits, reasons := 0, 0
	for i := range v.Facts.Systems {
		s := &v.Facts.Systems[i]
		for j := range s.Findings {
			if s.Findings[j].Hit && s.Findings[j].Severity != "info" {
				hits++
			}
		}
		for j := range s.Downloads {
			if st := s.Downloads[j].Status(); st == "none" || st == "asked" {
				reasons++
			}
		}
	}
	t := term.NewTable(sh.Out, term.Column{Head: "REVIEW"}, term.Column{Head: "STATE", Style: stateStyle}, term.Column{Head: "SYSTEMS", Right: true}, term.Column{Head: "EVENTS", Right: true}, term.Column{Head: "FINDINGS", Right: true}, term.Column{Head: "REASONS MISSING", Right: true})
	t.Row(v.Facts.ID, stateOf(v), sh.Out.Num(int64(len(v.Facts.Systems))), sh.Out.Num(v.Facts.Record.Events), sh.Out.Num(int64(hits)), sh.Out.Num(int64(reasons)))
	return t.Flush()
}

func stateOf(v reviewing.View) string {
	if v.Overdue {
		return review.Overdue
	}
	return v.Facts.State
}

// statusRows lists periods: a contract for pipes (period, id, state, due, signed by, waits, findings, reasons missing).
func statusRows(sh ui.Shell, st reviewing.Status) error {
	overdue := 0
	t := term.NewTable(sh.Out, term.Column{Head: "PERIOD"}, term.Column{Head: "REVIEW"}, term.Column{Head: "STATE", Style: stateStyle}, term.Column{Head: "DUE"}, term.Column{Head: "SIGNED BY"},
		term.Column{Head: "FINDINGS", Right: true}, term.Column{Head: "REASONS MISSING", Right: true}, term.Column{Head: "WAITS FOR", Cut: true})
	for _, r := range st.Rows {
		if r.State == review.Overdue {
			overdue++
		}
		if sh.JSON {
			if err := sh.Line(r); err != nil {
				return err
			}
			continue
		}
		waits := strings.Join(r.Waits, ", ")
		if r.Corrected != "" {
			waits = "corrected by " + r.Corrected
		}
		t.Row(r.Period, dash(r.ID), r.State, sh.Out.Second(r.Due), dash(strings.Join(r.Signed, ", ")), sh.Out.Num(int64(r.Hits)), sh.Out.Num(int64(r.Reasons)), dash(waits))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if !sh.JSON && len(st.Rows) == 0 {
		sh.Note("no period is to be reviewed yet: docs/review.md says how systems are named")
	}
	if overdue > 0 {
		if !sh.JSON {
			sh.Note("%s overdue", ui.Plural(overdue, "period"))
		}
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// printer writes the lines of a page.
type printer struct {
	strings.Builder
	f  *term.Face
	ko bool
}

// painted is a text with colour, which is escaped already.
type painted string

// line writes a line. Every text in it may be somebody else's, so each is escaped here.
func (p *printer) line(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = term.Escape(s)
		}
	}
	fmt.Fprintf(&p.Builder, format+"\n", args...)
}

// paint colours a text.
func (p *printer) paint(style term.Style, text string) painted {
	return painted(p.f.Paint(style, term.Escape(text)))
}

// word takes one of two languages.
func (p *printer) word(en, ko string) string {
	if p.ko && ko != "" {
		return ko
	}
	return en
}

// head writes the heading of a part.
func (p *printer) head(text string) { p.line("\n%s", p.paint(term.Bold, text)) }

// page is the whole review as text. What is long there is short here: weir report makes the pages that are filed.
func page(sh ui.Shell, v reviewing.View, lang string) string {
	p := &printer{f: sh.Out, ko: lang == "ko"}
	f := v.Facts
	p.line("%s %s  %s  %s %d", p.word("review", "접속기록 점검"), f.ID, p.paint(stateStyle(stateOf(v)), stateOf(v)), p.word("version", "버전"), v.Version)
	p.line("%s  %s .. %s (%s)", p.word("period", "점검 기간"), f.Period.From.In(f.Period.Location()).Format("2006-01-02 15:04"), f.Period.To.In(f.Period.Location()).Format("2006-01-02 15:04"), f.Period.Zone)
	p.line("%s  %s, %s", p.word("drafted", "작성"), p.f.Second(f.Drafted.At), f.Drafted.By)
	p.line("%s  %s (%s)", p.word("due", "점검 기한"), p.f.Second(f.Policy.Due), p.cycle(f.Policy))
	if f.Corrects != "" {
		p.line("%s  %s: %s", p.word("corrects", "정정 대상"), f.Corrects, f.Why)
	}
	for _, l := range f.Law {
		name := p.word(l.Law, l.LawKo)
		if l.Notice != "" {
			name += " (" + l.NoticeIn(lang) + ")"
		}
		p.line("%s  %s %s, %s, %s", p.word("law", "법령"), name, l.ArticleIn(lang), l.Class, p.checked(l))
	}
	for _, g := range f.Record.Gaps {
		p.line("%s  %s .. %s  %s: %s", p.word("gap", "기록 공백"), p.f.Second(g.From), p.f.Second(g.To), dash(g.SourceIn(lang)), g.In(lang))
	}
	for _, u := range f.Record.Unreadable {
		p.line("%s  %s", p.word("unreadable", "읽을 수 없음"), u)
	}
	p.comments(f.Comments)
	for i := range f.Systems {
		p.system(&f.Systems[i])
	}
	p.signatures(v)
	return p.String()
}

// cycle says how often is reviewed, and how long there is for it.
func (p *printer) cycle(policy review.Policy) string {
	ko := map[string]string{"monthly": "매월", "quarterly": "분기별", "half-yearly": "반기별", "yearly": "매년"}[policy.Cycle]
	return p.word(fmt.Sprintf("%s, within %d days", policy.Cycle, policy.Grace), fmt.Sprintf("%s, 기간 종료 후 %d일 이내", ko, policy.Grace))
}

// checked says how well the text of a law is known, as reports do.
func (p *printer) checked(l review.Law) string {
	lang := "en"
	if p.ko {
		lang = "ko"
	}
	return prose.Voice{Lang: lang}.LawState(l.Status, l.Checked)
}

// comments writes what people wrote on a part.
func (p *printer) comments(list []review.Comment) {
	for _, c := range list {
		at := ""
		if c.Finding != "" {
			at = " [" + c.Finding + "]"
		}
		p.line("  #%d%s %s, %s: %s", c.Nr, at, c.By, p.f.Second(c.At), c.Text)
	}
}

// system writes one system.
func (p *printer) system(s *review.System) {
	p.head(s.ID + "  " + p.word(s.Title, s.TitleKo))
	if s.Match != "" {
		p.line("  %s: %s", p.word("a condition chose events that no query says in full", "검색식으로 모두 표현할 수 없는 선정 조건"), s.Match)
	}
	c := s.Completeness
	p.line("  %s %s, %s %s, %s %s", p.word("events", "전체 로그"), p.f.Num(s.Events), p.word("access records", "접속기록"), p.f.Num(c.Records), p.word("incomplete", "항목 누락"), p.f.Num(c.Incomplete))
	p.line("  %s %d, %s %s, %s %s", p.word("accounts", "계정"), len(s.Accounts), p.word("logons", "로그인"), p.f.Num(s.Logons.Success), p.word("failed", "실패"), p.f.Num(s.Logons.Failed))
	if s.Changes.Known {
		p.line("  %s %s; %s %s", p.word("new", "신규 계정"), names(s.Changes.New), p.word("gone", "사라진 계정"), names(s.Changes.Gone))
	}
	for i := range s.Findings {
		f := &s.Findings[i]
		if !f.Hit {
			continue
		}
		p.line("  %-6s %s  %s  (%s)", f.Severity, p.f.Num(f.Count), p.word(f.Title, f.TitleKo), f.ID)
		for j, g := range f.Groups {
			if j == 5 {
				p.line("           …")
				break
			}
			p.line("           %s  %s", p.f.Num(g.Count), strings.Join(g.Values, ", "))
		}
	}
	if len(s.Downloads) > 0 {
		p.line("  %s", p.word("downloads", "개인정보 다운로드"))
	}
	for i := range s.Downloads {
		h := &s.Downloads[i]
		p.line("    %s  %s  %s  %s  %s  %s", h.Event, p.f.Second(h.At), h.Account, p.f.Num(h.Subjects), h.Status(), reasonOf(h))
	}
	for _, a := range s.Alerts {
		p.line("  %s %s %s %s %s", p.word("alert", "경보"), p.f.Second(a.At), a.Level, a.Title, a.State)
	}
	p.comments(s.Comments)
}

// reasonOf is the reason that is known last.
func reasonOf(h *review.Handling) string {
	reason := h.Reason
	for _, d := range h.Decisions {
		if d.Text != "" {
			reason = d.Text
		}
	}
	return reason
}

// names lists a few names.
func names(list []string) string {
	const few = 10
	if len(list) == 0 {
		return "-"
	}
	more := ""
	if len(list) > few {
		more = fmt.Sprintf(" … (%d)", len(list))
		list = list[:few]
	}
	return strings.Join(list, ", ") + more
}

// signatures says who signed what, and whether it holds.
func (p *printer) signatures(v reviewing.View) {
	p.head(p.word("signatures", "서명"))
	for _, s := range v.Facts.Signatures {
		var systems []string
		for _, part := range s.Parts {
			if part.System != "" {
				systems = append(systems, part.System)
			}
		}
		p.line("  %s (%s)  %s  %s", s.Key, s.By, p.f.Second(s.At), strings.Join(systems, ", "))
	}
	if waits := v.Facts.Unsigned(); len(waits) > 0 {
		p.line("  %s %s", p.word("not signed:", "미서명:"), strings.Join(waits, ", "))
	}
	if v.Check == nil {
		return
	}
	if v.Check.OK {
		p.line("  %s", p.paint(term.Green, p.word("the signatures hold, and the archive has it as it was signed", "서명이 유효하며, 서명된 그대로 보관되어 있음")))
	}
	for _, problem := range v.Check.Problems {
		p.line("  %s", p.paint(term.Red, problem))
	}
}
