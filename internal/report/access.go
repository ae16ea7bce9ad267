package report

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/report/doc"
	"weir/internal/report/prose"
	"weir/internal/review"
)

// access writes one review.
type access struct {
	*prose.Paper
	f *review.Facts
	// sys is the system that is written about; its tables have its id in their names.
	sys *review.System
}

// Beside is what there is of the period beside one review, and is not in it.
type Beside struct {
	Reviews []string // ids of further reviews
	Without []string // systems of which nobody opened one
}

// AccessReview writes a review of access: the same facts that are signed, and none beside them.
func AccessReview(f *review.Facts, v prose.Voice, beside Beside) *doc.Document {
	// A review is of local days of its policy; a reader elsewhere would see other days than were reviewed.
	v.Zone = f.Period.Location()
	p := prose.NewPaper(v, "access-review", v.Say("Review of access to personal data", "개인정보 접속기록 점검 보고서"), f.Drafted.At, f.Period.From, f.Period.To)
	p.Doc.Facts = f
	a := &access{Paper: p, f: f}
	a.meta()
	a.summary(beside)
	a.law()
	a.record()
	for i := range f.Systems {
		a.sys = &f.Systems[i]
		a.system()
	}
	a.sys = nil
	a.words(a.Say("Comments on the whole", "총평 및 의견"), "comments", f.Comments)
	a.signatures()
	return &p.Doc
}

// meta is what stands below the title.
func (a *access) meta() {
	f := a.f
	id := f.ID
	if f.Revision > 1 {
		id += a.Sayf(", revision %d, corrects %s: %s", ", 제%d판(%s 정정: %s)", f.Revision, f.Corrects, f.Why)
	}
	a.Meta(a.Say("Review", "점검 번호"), id)
	a.Meta(a.Say("State", "진행 상태"), a.state(f.State))
	a.Meta(a.Say("Drafted by", "초안 작성"), f.Drafted.By)
	a.Meta(a.Say("Cycle, due", "점검 주기 및 기한"), a.cycle(f.Policy.Cycle)+", "+a.Minute(f.Policy.Due))
	if f.Policy.Version != "" {
		a.Meta(a.Say("Policy", "적용 정책"), "SHA-256 "+f.Policy.Version)
	}
	if f.Searches != "" {
		a.Meta(a.Say("Searches", "점검 검색식"), "SHA-256 "+f.Searches)
	}
}

// table is Table with the system in its name.
func (a *access) table(name string, columns ...doc.Column) *doc.Table {
	if a.sys != nil {
		name += "." + a.sys.ID
	}
	return a.Table(name, a.None(), columns...)
}

// name is the title of a system in the reader's language.
func (a *access) name(s *review.System) string {
	if a.Lang == "ko" && s.TitleKo != "" {
		return s.TitleKo
	}
	if s.Title != "" {
		return s.Title
	}
	return s.ID
}

// summary is the page that is read by who signs: a row for each system.
func (a *access) summary(beside Beside) {
	a.Head(a.Say("Summary", "점검 요약"))
	if a.f.State == review.Preview {
		month := a.f.Period.From.In(a.f.Period.Location()).Format("2006-01")
		a.Note(a.Sayf("Preview: no review of this period was opened. Nothing of this is kept, and nobody has signed it. It is opened by: weir review open --month %s", "미리보기: 이 기간의 점검이 아직 시작되지 않았습니다. 이 내용은 저장되지 않으며 서명되지 않았습니다. 점검 시작: weir review open --month %s", month))
	}
	if len(beside.Reviews) > 0 {
		a.Note(a.Sayf("Further reviews of this period, which are not in this report: %s.", "이 보고서에 포함되지 않은 같은 기간의 다른 점검: %s", strings.Join(beside.Reviews, ", ")))
	}
	if len(beside.Without) > 0 {
		a.Note(a.Sayf("No review of this period was opened for: %s.", "이 기간의 점검이 시작되지 않은 시스템: %s", strings.Join(beside.Without, ", ")))
	}
	if a.f.State == review.Overdue {
		a.Note(a.Say("This review is overdue.", "점검 기한이 지났습니다."))
	}
	if left := a.f.Unsigned(); len(left) > 0 && a.f.State != review.Preview {
		a.Note(a.Sayf("Not signed yet: %s.", "아직 서명하지 않은 시스템: %s", strings.Join(left, ", ")))
	}
	t := a.Table("systems", a.Say("No system with personal data is in the list of systems.", "등록된 개인정보처리시스템이 없습니다."),
		prose.Col(a.Say("System", "시스템")), prose.Col(a.Say("Owner", "담당")), prose.Right(a.Say("Access records", "접속기록")), prose.Right(a.Say("Incomplete", "항목 누락")),
		prose.Right(a.Say("Accounts", "접속 계정")), prose.Right(a.Say("Rights changed", "권한 변경")), prose.Right(a.Say("Downloads", "다운로드")), prose.Right(a.Say("without a reason", "사유 미확인")),
		prose.Right(a.Say("Findings", "발견 사항")))
	for i := range a.f.Systems {
		s := &a.f.Systems[i]
		row := prose.Cells(a.name(s), prose.Dash(s.Owner), a.Num(s.Completeness.Records), a.Num(s.Completeness.Incomplete), a.Num(int64(len(s.Accounts))),
			a.Num(int64(len(s.Rights))), a.Num(int64(len(s.Downloads))), "", "")
		if s.Completeness.Incomplete > 0 {
			row[3].Mark, row[3].Link = "warn", a.search(s.Completeness.KQL)
		}
		open := unexplained(s)
		row[7].Text = a.Num(open)
		if open > 0 {
			row[7].Mark = "bad"
		}
		hits, worst := hitsOf(s)
		row[8].Text, row[8].Mark = a.Num(hits), worst
		t.Rows = append(t.Rows, row)
	}
}

// unexplained counts downloads whose reason nobody has confirmed.
func unexplained(s *review.System) (n int64) {
	for i := range s.Downloads {
		if st := s.Downloads[i].Status(); st == "none" || st == "asked" {
			n++
		}
	}
	return n
}

// hitsOf counts the findings of a system that reached their threshold, and marks them by the worst.
func hitsOf(s *review.System) (n int64, mark string) {
	for i := range s.Findings {
		if !s.Findings[i].Hit {
			continue
		}
		n++
		if m := severityMark(s.Findings[i].Severity); m == "bad" || mark == "" {
			mark = m
		}
	}
	return n, mark
}

// severityMark is the mark of a severity.
func severityMark(severity string) string {
	switch severity {
	case "high", "critical":
		return "bad"
	case "medium":
		return "warn"
	}
	return ""
}

// search links to events of the period.
func (a *access) search(kql string) string {
	if kql == "" {
		return ""
	}
	return a.Search(kql, a.f.Period.From, a.f.Period.To)
}

// law is what the review answers to, as it stood at the end of the period.
func (a *access) law() {
	a.Head(a.Say("Law and policy, as of the period", "적용 법령 및 기준(대상 기간 기준)"))
	for _, l := range a.f.Law {
		if prose.Unchecked(l.Status, l.Checked) {
			a.Note(a.Sayf("%s: %s. Compare the text before this report is relied on.", "%s: %s. 제출 전에 조문 원문을 확인하십시오.", l.Class, a.LawState(l.Status, l.Checked)))
		}
	}
	t := a.table("law", prose.Col(a.Say("Class", "보존 분류")), prose.Col(a.Say("Law", "근거")), prose.Col(a.Say("Article", "조항")), prose.Col(a.Say("Applies to", "적용 대상")),
		prose.Col(a.Say("Keep", "보존 기간")), prose.Col(a.Say("Review", "점검 주기")), prose.Col(a.Say("Source checked", "근거 확인")), prose.Col(a.Say("Remarks", "비고")))
	for _, l := range a.f.Law {
		name := a.either(l.Law, l.LawKo)
		if l.Notice != "" {
			name = strings.TrimSpace(name + " (" + l.NoticeIn(a.Lang) + ")")
		}
		row := prose.Cells(l.Class, prose.Dash(name), prose.Dash(l.ArticleIn(a.Lang)), prose.Dash(a.either(l.Applies, l.AppliesKo)), prose.Dash(a.keep(l.Keep)), prose.Dash(a.cycle(l.Review)), a.LawState(l.Status, l.Checked), prose.Dash(a.either(l.Note, l.NoteKo)))
		if prose.Unchecked(l.Status, l.Checked) {
			row[6].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// either is a text in the reader's language, or in the one that there is.
func (a *access) either(en, ko string) string {
	if a.Lang == "ko" && ko != "" || en == "" {
		return ko
	}
	return en
}

// record says how whole the record is that all of this rests on.
func (a *access) record() {
	r := a.f.Record
	a.Head(a.Say("How whole the record is", "기록의 완전성"))
	a.Text(a.Sayf("%s events of these systems were read; the oldest that the archive has is of %s.", "대상 시스템의 이벤트 %s건을 점검하였으며, 보관소에 있는 가장 오래된 기록은 %s입니다.", a.Num(r.Events), a.Minute(r.First)))
	for _, u := range r.Unreadable {
		a.Note(a.Sayf("A part of the archive cannot be read, and this report is without it: %s", "읽을 수 없는 보관 파일이 있어 이 보고서에서 제외되었습니다: %s", u))
	}
	if len(r.Gaps) > 0 {
		a.Note(a.Sayf("Gaps of the record that a reviewer has to judge: %s.", "점검자가 판단해야 할 기록 공백: %s건", a.Num(int64(len(r.Gaps)))))
	}
	t := a.table("gaps", prose.Col(a.Say("From", "시작")), prose.Col(a.Say("To", "끝")), prose.Col(a.Say("Source", "소스")), prose.Col(a.Say("What is missing", "누락 내용")))
	for _, g := range r.Gaps {
		row := prose.Cells(a.Minute(g.From), a.Minute(g.To), prose.Dash(g.SourceIn(a.Lang)), g.In(a.Lang))
		row[3].Mark = "warn"
		t.Rows = append(t.Rows, row)
	}
}

// words are comments.
func (a *access) words(title, name string, list []review.Comment) {
	if a.sys == nil {
		a.Head(title)
	} else {
		a.Sub(title)
	}
	t := a.table(name, prose.Right("#"), prose.Col(a.Say("When", "일시")), prose.Col(a.Say("By", "작성자")), prose.Col(a.Say("About", "대상")), prose.Col(a.Say("Comment", "의견")))
	for _, c := range list {
		t.Rows = append(t.Rows, prose.Cells(fmt.Sprint(c.Nr), a.Minute(c.At), c.By, prose.Dash(a.finding(c.Finding)), c.Text))
	}
}

// finding is the title of a finding by its id.
func (a *access) finding(id string) string {
	if a.sys == nil || id == "" {
		return id
	}
	for i := range a.sys.Findings {
		if f := &a.sys.Findings[i]; f.ID == id {
			return a.findingTitle(f)
		}
	}
	return id
}

// findingTitle is a finding's title in the reader's language.
func (a *access) findingTitle(f *review.Finding) string {
	switch {
	case a.Lang == "ko" && f.TitleKo != "":
		return f.TitleKo
	case f.Title != "":
		return f.Title
	}
	return f.ID
}

// signatures are who answers for the review.
func (a *access) signatures() {
	a.Head(a.Say("Signatures", "서명"))
	a.Text(a.Say("Each signature (Ed25519) is of the parts named beside it; weir review show and the evidence package verify it. Nobody signs for access of their own.",
		"각 서명(Ed25519)은 함께 적힌 부분에 대한 것이며, weir review show 및 증거 패키지로 검증할 수 있습니다. 본인의 접근에 대해서는 서명할 수 없습니다."))
	t := a.table("signatures", prose.Col(a.Say("Signed by", "서명자")), prose.Col(a.Say("Key", "키")), prose.Col(a.Say("When", "일시")), prose.Col(a.Say("Parts", "대상")), prose.Col(a.Say("Public key", "공개키")))
	for _, s := range a.f.Signatures {
		var parts []string
		for _, p := range s.Parts {
			name := p.System
			if name == "" {
				name = a.Say("head", "공통 부분")
			}
			parts = append(parts, name+" "+short(p.SHA256))
		}
		t.Rows = append(t.Rows, prose.Cells(s.By, s.Key, a.Time(s.At), strings.Join(parts, ", "), s.Public))
	}
	if len(a.f.Signatures) == 0 && a.f.State != review.Preview {
		a.Note(a.Say("This is a draft: nobody has signed it.", "초안입니다. 아직 서명되지 않았습니다."))
	}
}

// short is the beginning of a hash: enough to compare by eye, the whole one is in the JSON.
func short(hash string) string { return hash[:min(len(hash), 12)] }

// seen is a span of two moments.
func (a *access) seen(first, last time.Time) string {
	if first.IsZero() {
		return "-"
	}
	return a.Minute(first) + " ~ " + a.Minute(last)
}
