package report

import (
	"strings"

	"weir/internal/report/doc"
	"weir/internal/report/prose"
	"weir/internal/review"
)

// Bounds of what is printed. The facts have more, and say how many were left out of them as well.
const (
	placesShown = 20
	groupsShown = 10
)

// system writes the chapter of one system.
func (a *access) system() {
	s := a.sys
	a.Head(a.name(s))
	a.Text(a.Sayf("Events in the period: %s, %s. Scope: %s", "대상 기간 이벤트: %s건, %s. 범위: %s", a.Num(s.Events), a.seen(s.First, s.Last), s.Scope))
	if s.Match != "" {
		a.Note(a.Sayf("A condition chose events of this system which no search can say in full, so links find more than was counted: %s", "이 시스템의 이벤트는 검색식으로 모두 표현할 수 없는 조건으로 선정되어, 링크의 검색 결과가 집계보다 많을 수 있습니다: %s", s.Match))
	}
	var of []string
	if s.Subjects > 0 {
		of = append(of, a.Sayf("data subjects: %s", "정보주체 수: %s명", a.Num(s.Subjects)))
	}
	if s.Sensitive {
		of = append(of, a.Say("sensitive data or unique identifiers", "민감정보 또는 고유식별정보 처리"))
	}
	if s.Class != "" {
		of = append(of, a.Sayf("retention class: %s", "보존 분류: %s", s.Class))
	}
	if len(s.Reviewers) > 0 {
		of = append(of, a.Sayf("reviewers: %s", "점검자: %s", strings.Join(s.Reviewers, ", ")))
	}
	if len(of) > 0 {
		a.Text(strings.Join(of, "; "))
	}
	for _, l := range s.Left {
		a.Note(a.Sayf("More than a review holds: %s of %s are not listed.", "목록이 길어 %[2]s %[1]s건은 표시하지 않았습니다.", a.Num(l.Count), a.listName(strings.Join(l.Values, " "))))
	}
	a.findings()
	a.completeness()
	a.downloads()
	a.handlings(a.Say("Bulk reads", "대량 조회"), "bulk", s.Bulk)
	a.accounts()
	a.rights()
	a.logons()
	a.alerts()
	a.changes()
	a.words(a.Say("Comments", "점검 의견"), "comments", s.Comments)
}

// findings lists what the searches found, and those that found nothing: that was looked at is a part of the answer.
func (a *access) findings() {
	a.Sub(a.Say("Findings", "발견 사항"))
	t := a.table("findings", prose.Col(a.Say("Finding", "점검 항목")), prose.Col(a.Say("Severity", "중요도")), prose.Col(a.Say("Result", "결과")), prose.Right(a.Say("Events", "이벤트")),
		prose.Right(a.Say("Before", "직전 기간")), prose.Col(a.Say("Most of it", "주요 내역")))
	for i := range a.sys.Findings {
		f := &a.sys.Findings[i]
		row := prose.Cells(a.findingTitle(f), a.severity(f.Severity), a.Say("nothing found", "해당 없음"), a.Num(f.Events), a.Num(f.Before), prose.Dash(a.groups(f)))
		row[0].Link = a.Search(f.KQL, f.From, f.To)
		if f.Hit {
			row[2].Text, row[2].Mark = a.Sayf("found: %s", "발견: %s건", a.Num(f.Count)), severityMark(f.Severity)
		}
		t.Rows = append(t.Rows, row)
	}
}

// groups is the most of a finding: its groups, or its first events.
func (a *access) groups(f *review.Finding) string {
	var out []string
	for _, g := range f.Groups[:min(len(f.Groups), groupsShown)] {
		out = append(out, strings.Join(g.Values, " / ")+" ("+a.Num(g.Count)+")")
	}
	if len(f.Groups) == 0 {
		for _, r := range f.List[:min(len(f.List), groupsShown)] {
			out = append(out, strings.Join(nonEmpty(a.Minute(r.At), r.Account, r.Address, r.Host), " "))
		}
	}
	left := f.Left + int64(max(0, max(len(f.Groups), len(f.List))-groupsShown))
	if left > 0 && len(out) > 0 {
		out = append(out, a.Sayf("%s more", "외 %s건", a.Num(left)))
	}
	text := strings.Join(out, ", ")
	if f.Rough {
		text += a.Say(" (rare ones may be missing)", " (빈도가 낮은 항목은 빠졌을 수 있음)")
	}
	return text
}

// nonEmpty leaves out what is not there.
func nonEmpty(list ...string) (out []string) {
	for _, s := range list {
		if s != "" && s != "-" {
			out = append(out, s)
		}
	}
	return out
}

// completeness says how many records lack one of the five items.
func (a *access) completeness() {
	c := a.sys.Completeness
	a.Sub(a.Say("Completeness of access records", "접속기록 필수 항목 점검"))
	a.Text(a.Sayf("%s access records, %s of them (%s) lack one of the five items.", "접속기록 %s건 중 필수 5개 항목이 하나라도 빠진 기록은 %s건(%s)입니다.", a.Num(c.Records), a.Num(c.Incomplete), a.Percent(c.Incomplete, c.Records)))
	t := a.table("completeness", prose.Col(a.Say("Item that is missing", "누락 항목")), prose.Right(a.Say("Records", "건수")), prose.Right(a.Say("Share", "비율")))
	for _, g := range c.Missing {
		item := strings.Join(g.Values, " ")
		row := prose.Cells(a.item(item), a.Num(g.Count), a.Percent(g.Count, c.Records))
		row[1].Mark, row[1].Link = "warn", a.search("("+c.KQL+") and weir.privacy.missing: "+review.Quote(item))
		t.Rows = append(t.Rows, row)
	}
}

// downloads lists each one with its reason: who asks for the report asks for this first.
func (a *access) downloads() {
	a.Sub(a.Say("Downloads of personal data and their reasons", "개인정보 다운로드 및 사유 확인"))
	if n := unexplained(a.sys); n > 0 {
		a.Note(a.Sayf("Downloads without a confirmed reason: %s.", "사유가 확인되지 않은 다운로드가 %s건 있습니다.", a.Num(n)))
	}
	a.handlingRows("downloads", a.sys.Downloads, true)
}

// handlings is a list of records of who handled personal data.
func (a *access) handlings(title, name string, list []review.Handling) {
	a.Sub(title)
	a.handlingRows(name, list, false)
}

// handlingRows is the table of either.
func (a *access) handlingRows(name string, list []review.Handling, decided bool) {
	columns := []doc.Column{prose.Col(a.Say("When", "일시")), prose.Col(a.Say("Account", "계정")), prose.Col(a.Say("Address", "접속지")), prose.Right(a.Say("Data subjects", "정보주체 수")), prose.Col(a.Say("Reason", "사유"))}
	if decided {
		columns = append(columns, prose.Col(a.Say("Confirmed", "확인 상태")))
	}
	t := a.table(name, columns...)
	for i := range list {
		h := &list[i]
		row := prose.Cells(a.Time(h.At), prose.Dash(h.Account), prose.Dash(h.Address), a.Num(h.Subjects), prose.Dash(a.reason(h)))
		row[0].Link = a.search("event.id: " + review.Quote(h.Event))
		if decided {
			st := h.Status()
			c := doc.Cell{Text: a.confirmed(h, st)}
			switch st {
			case "none":
				c.Mark = "bad"
			case "asked":
				c.Mark = "warn"
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
}

// reason is what is known of why: the record's own words, then what people entered or answered.
func (a *access) reason(h *review.Handling) string {
	out := nonEmpty(h.Reason)
	for _, d := range h.Decisions {
		switch d.Kind {
		case "reason":
			out = append(out, a.Sayf("entered by %s: %s", "%s 입력: %s", d.By, d.Text))
		case "ask":
			out = append(out, a.Sayf("asked of %s: %s", "%s에게 소명 요청: %s", prose.Dash(d.Whom), d.Text))
		case "answer":
			who := d.Whom
			if who == "" {
				who = d.By
			}
			out = append(out, a.Sayf("answer of %s: %s", "%s 소명: %s", who, d.Text))
		}
	}
	return strings.Join(out, " · ")
}

// confirmed says where a download stands, and who approved it.
func (a *access) confirmed(h *review.Handling, status string) string {
	word := map[string][2]string{
		"none": {"no reason", "사유 없음"}, "asked": {"explanation asked for", "소명 요청 중"}, "answered": {"explained", "소명 완료"},
		"entered": {"reason entered", "사유 입력"}, "approved": {"approved", "승인"},
	}[status]
	text := a.Say(word[0], word[1])
	if status == "approved" {
		for _, d := range h.Decisions {
			if d.Kind == "approve" {
				text = a.Sayf("approved by %s, %s", "%s 승인(%s)", d.By, a.Minute(d.At))
			}
		}
	}
	return text
}

// accounts lists who had access and who used it.
func (a *access) accounts() {
	a.Sub(a.Say("Accounts that had access", "접속 계정 현황"))
	t := a.table("accounts", prose.Col(a.Say("Account", "계정")), prose.Col(a.Say("Person", "사용자")), prose.Col(a.Say("Rights", "권한")), prose.Col(a.Say("Last logon", "최근 로그인")), prose.Right(a.Say("Logons", "로그인")),
		prose.Right(a.Say("Failed", "실패")), prose.Right(a.Say("Records", "접속기록")), prose.Right(a.Say("Off hours", "업무시간 외")), prose.Right(a.Say("Foreign", "해외")), prose.Col(a.Say("Remarks", "비고")))
	for i := range a.sys.Accounts {
		c := &a.sys.Accounts[i]
		remarks, mark := a.remarks(c)
		row := prose.Cells(c.Name, prose.Dash(strings.Join(nonEmpty(c.Person, c.Department), ", ")), prose.Dash(strings.Join(c.Rights, ", ")), a.Minute(c.LastLogon), a.Num(c.Logons), a.Num(c.Failed), a.Num(c.Records), a.Num(c.OffHours), a.Num(c.Foreign), prose.Dash(remarks))
		row[0].Link = a.search(a.sys.AccountQuery(c.Name))
		row[9].Mark = mark
		t.Rows = append(t.Rows, row)
	}
}

// remarks is what is to be looked at about an account.
func (a *access) remarks(c *review.Account) (text, mark string) {
	var out []string
	for _, x := range []struct {
		is     bool
		mark   string
		en, ko string
	}{
		{c.Privileged, "", "privileged", "특권 계정"}, {c.New, "", "new", "신규"}, {c.Dormant, "warn", "dormant", "장기 미사용"}, {c.Shared, "warn", "shared", "공용 사용 의심"},
		{c.Unlisted, "warn", "not in the list of users", "사용자 목록에 없음"}, {!c.Removed.IsZero(), "", "removed " + a.Day(c.Removed), "권한 말소 " + a.Day(c.Removed)},
	} {
		if x.is {
			out = append(out, a.Say(x.en, x.ko))
			if x.mark != "" {
				mark = x.mark
			}
		}
	}
	if c.AtOnce > 1 && c.Shared {
		out = append(out, a.Sayf("%d addresses at a time", "동시 접속지 %d곳", c.AtOnce))
	}
	if len(c.Countries) > 0 {
		out = append(out, strings.Join(c.Countries, " "))
	}
	return strings.Join(out, ", "), mark
}

// rights lists what was granted, changed and taken away.
func (a *access) rights() {
	a.Sub(a.Say("Rights that were granted, changed or removed", "접근권한 부여·변경·말소 내역"))
	t := a.table("rights", prose.Col(a.Say("When", "일시")), prose.Col(a.Say("What", "구분")), prose.Col(a.Say("Account", "대상 계정")), prose.Col(a.Say("Right", "권한")), prose.Col(a.Say("By", "처리자")), prose.Col(a.Say("Approved by", "승인자")), prose.Col(a.Say("Reason", "사유")))
	for i := range a.sys.Rights {
		r := &a.sys.Rights[i]
		right := r.Right
		if r.Old != "" || r.New != "" {
			right = strings.TrimSpace(right + " " + prose.Dash(r.Old) + " → " + prose.Dash(r.New))
		}
		row := prose.Cells(a.Time(r.At), a.rightsAction(r), prose.Dash(r.Account), prose.Dash(right), prose.Dash(r.By), prose.Dash(r.Approved), prose.Dash(r.Reason))
		row[0].Link = a.search("event.id: " + review.Quote(r.Event))
		if r.Approved == "" && !r.Native {
			row[5].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// logons are shown by hour and by place.
func (a *access) logons() {
	l := &a.sys.Logons
	a.Sub(a.Say("Logons by hour and place", "시간대별·접속지별 로그인"))
	a.Text(a.Sayf("%s logons, %s failed.", "로그인 성공 %s건, 실패 %s건", a.Num(l.Success), a.Num(l.Failed)))
	days := a.table("logon-days", prose.Col(a.Say("Day of the week", "요일")), prose.Right(a.Say("Logons", "성공")), prose.Right(a.Say("Failed", "실패")), prose.Col(a.Say("Logons, 0 to 23 h", "시간대별 성공(0~23시)")), prose.Col(a.Say("Failed, 0 to 23 h", "시간대별 실패(0~23시)")))
	for d := range l.Hours {
		days.Rows = append(days.Rows, prose.Cells(a.weekday(d), a.Num(sum(l.Hours[d][:])), a.Num(sum(l.FailedHours[d][:])), prose.Spark(l.Hours[d][:]), prose.Spark(l.FailedHours[d][:])))
	}
	t := a.table("logon-places", prose.Col(a.Say("Kind", "구분")), prose.Col(a.Say("Place", "접속지")), prose.Right(a.Say("Logons", "성공")), prose.Right(a.Say("Failed", "실패")), prose.Right(a.Say("Accounts", "계정 수")))
	for _, x := range []struct {
		kind   string
		places []review.Place
	}{{a.Say("country", "국가"), l.Countries}, {a.Say("network", "네트워크"), l.Networks}, {a.Say("address", "주소"), l.Addresses}} {
		for _, p := range x.places[:min(len(x.places), placesShown)] {
			name := p.Name
			if name == "" {
				name = a.Say("not known", "확인 불가")
			}
			if p.Country != "" {
				name += " (" + p.Country + ")"
			}
			t.Rows = append(t.Rows, prose.Cells(x.kind, name, a.Num(p.Success), a.Num(p.Failed), a.Num(int64(p.Accounts))))
		}
		if n := len(x.places) - placesShown; n > 0 {
			t.Rows = append(t.Rows, prose.Cells(x.kind, a.Sayf("%d more", "외 %d곳", n), "", "", ""))
		}
	}
}

// sum adds up.
func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}

// alerts are those about the system.
func (a *access) alerts() {
	a.Sub(a.Say("Alerts about the system", "관련 경보"))
	t := a.table("alerts", prose.Col(a.Say("When", "일시")), prose.Col(a.Say("Level", "수준")), prose.Col(a.Say("Rule", "룰")), prose.Col(a.Say("What happened", "내용")), prose.Col(a.Say("State", "상태")), prose.Col(a.Say("Verdict", "판정")))
	for i := range a.sys.Alerts {
		x := &a.sys.Alerts[i]
		text := x.Text
		if text == "" {
			text = x.Title
		}
		row := prose.Cells(a.Minute(x.At), prose.Level(a.Voice, x.Level), x.Rule, text, prose.AlertState(a.Voice, x.State), prose.Dash(prose.Verdict(a.Voice, x.Verdict)))
		row[3].Link = a.Alert(x.ID)
		row[1].Mark = severityMark(x.Level)
		t.Rows = append(t.Rows, row)
	}
}

// changes compares the period with the one before.
func (a *access) changes() {
	c := &a.sys.Changes
	a.Sub(a.Say("Against the period before", "직전 기간 대비 변화"))
	if !c.Known {
		a.Text(a.Say("The record does not reach back to the period before: nothing can be compared.", "직전 기간의 기록이 없어 비교할 수 없습니다."))
	} else {
		a.Text(a.Sayf("New accounts: %s. Gone: %s.", "새로 나타난 계정: %s. 사라진 계정: %s.", list(c.New), list(c.Gone)))
	}
	t := a.table("changes", prose.Col(a.Say("What", "항목")), prose.Right(a.Say("Now", "이번 기간")), prose.Right(a.Say("Before", "직전 기간")), prose.Right(a.Say("Change", "증감")))
	for _, d := range c.Counts {
		change, before := "-", "-"
		if c.Known {
			change, before = a.Signed(d.Now-d.Before), a.Num(d.Before)
		}
		t.Rows = append(t.Rows, prose.Cells(a.listName(d.What), a.Num(d.Now), before, change))
	}
}

// list joins names, a dash for none.
func list(names []string) string { return prose.Dash(strings.Join(names, ", ")) }
