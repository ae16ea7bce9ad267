package report

import (
	"strings"
	"time"

	"weir/internal/report/doc"
	"weir/internal/report/prose"
	"weir/internal/retention"
	"weir/internal/retention/korean"
	"weir/internal/term"
)

// kept writes the report about retention.
type kept struct {
	*prose.Paper
	f *retention.Facts
}

// Retention writes what is kept, by which law, how long, and what goes when. It is of the moment at which its facts were
// made; from and to say for which month it is filed.
func Retention(f *retention.Facts, v prose.Voice, from, to time.Time) *doc.Document {
	p := prose.NewPaper(v, "retention", v.Say("Retention of log records", "로그 기록 보존 현황 보고서"), f.Made, from, to)
	p.Doc.Facts = f
	k := &kept{Paper: p, f: f}
	k.meta()
	k.summary()
	k.law()
	k.records()
	k.expiry()
	k.holds()
	k.safety()
	k.systems()
	return &p.Doc
}

// meta is what stands below the title.
func (k *kept) meta() {
	f := k.f
	k.Meta(k.Say("As of", "기준 시점"), k.Time(f.Made))
	k.Meta(k.Say("Days are of", "보존일 기준 시간대"), f.Zone)
	policy := "SHA-256 " + f.Policy.Version
	if !f.Policy.Since.IsZero() {
		policy += k.Sayf(", in force since %s, changed %d times", ", %s부터 적용, 변경 %d회", k.Minute(f.Policy.Since), max(0, f.Policy.Changes-1))
	}
	k.Meta(k.Say("Policy", "적용 정책"), policy)
	if len(f.Policy.Files) > 0 {
		k.Meta(k.Say("Policy files", "정책 파일"), strings.Join(f.Policy.Files, ", "))
	}
	k.Meta(k.Say("Kept", "보관량"), k.Sayf("%s records, %s, in %s segments", "기록 %s건, %s, 세그먼트 %s개", k.Num(f.Events), term.Bytes(f.Bytes), k.Num(int64(f.Segments))))
}

// summary is the list of classes, after what somebody has to look at.
func (k *kept) summary() {
	k.Head(k.Say("Summary", "요약"))
	k.Text(k.Sayf("Everything in this report is as of %s, whatever its month.", "이 보고서의 모든 내용은 대상 월과 관계없이 %s 기준입니다.", k.Minute(k.f.Made)))
	switch {
	case k.f.Policy.Refused != "":
		k.Note(k.Sayf("Nothing is deleted although it is to be: %s.", "삭제가 설정되어 있으나 현재 중단되어 있습니다: %s", k.why(k.f.Policy.Refused, k.f.Policy.Detail)))
	case !k.f.Policy.Enforce:
		k.Note(k.Say("Deletion is switched off (retention.enforce): it is only planned.", "자동 파기가 꺼져 있습니다(retention.enforce). 아래 일정은 계획일 뿐입니다."))
	}
	for _, w := range k.f.Warnings {
		k.Note(k.warning(w))
	}
	t := k.Table("classes", k.None(), prose.Col(k.Say("Class", "보존 분류")), prose.Col(k.Say("What it is", "내용")), prose.Col(k.Say("Keep at least", "최소 보존")), prose.Col(k.Say("Delete by", "파기 기한")),
		prose.Right(k.Say("Records", "기록 수")), prose.Right(k.Say("Size", "용량")), prose.Col(k.Say("Oldest", "가장 오래된 기록")), prose.Col(k.Say("Newest", "가장 최근 기록")))
	for i := range k.f.Classes {
		c := &k.f.Classes[i]
		t.Rows = append(t.Rows, prose.Cells(c.Name, c.Title.In(k.Lang), keep(k.Voice, c.Keep), prose.Dash(keep(k.Voice, c.DeleteBy)), k.Num(c.Events), term.Bytes(c.Bytes), k.Minute(c.Oldest), k.Minute(c.Newest)))
	}
	if len(k.f.Unknown) == 0 {
		return
	}
	k.Sub(k.Say("Classes that the policy does not know", "정책에 없는 분류"))
	k.Text(k.Say("Records of these are kept: nothing goes that no rule allows to go.", "이 분류의 기록은 파기 규칙이 없으므로 계속 보존됩니다."))
	t = k.Table("unknown", k.None(), prose.Col(k.Say("Class", "보존 분류")), prose.Right(k.Say("Records", "기록 수")), prose.Right(k.Say("Size", "용량")), prose.Col(k.Say("Oldest", "가장 오래된 기록")), prose.Col(k.Say("Newest", "가장 최근 기록")), prose.Col(k.Say("Perhaps", "유사한 분류")))
	for _, u := range k.f.Unknown {
		row := prose.Cells(u.Name, k.Num(u.Events), term.Bytes(u.Bytes), k.Minute(u.Oldest), k.Minute(u.Newest), prose.Dash(u.Near))
		row[0].Mark = "warn"
		t.Rows = append(t.Rows, row)
	}
}

// law is by which rule each class is kept, and how well that rule is known.
func (k *kept) law() {
	k.Head(k.Say("Law behind each class", "분류별 법적 근거"))
	for i := range k.f.Classes {
		if c := &k.f.Classes[i]; prose.Unchecked(string(c.Status), c.Checked) {
			k.Note(k.Sayf("%s: %s. Compare the text before this report is relied on.", "%s: %s. 제출 전에 조문 원문을 확인하십시오.", c.Name, k.LawState(string(c.Status), c.Checked)))
		}
	}
	t := k.Table("law", k.None(), prose.Col(k.Say("Class", "보존 분류")), prose.Col(k.Say("Law", "근거")), prose.Col(k.Say("Article", "조항")), prose.Col(k.Say("Applies to", "적용 대상")), prose.Col(k.Say("Source checked", "근거 확인")), prose.Col(k.Say("Remarks", "비고")))
	for i := range k.f.Classes {
		c := &k.f.Classes[i]
		law := c.Law.In(k.Lang)
		if c.Notice != "" {
			law = strings.TrimSpace(law + " (" + c.NoticeIn(k.Lang) + ")")
		}
		valid := ""
		if c.ValidFrom != "" || c.ValidTo != "" {
			valid = strings.TrimSpace(k.Sayf("for days %s ~ %s", "적용일 %s ~ %s", c.ValidFrom, c.ValidTo))
		}
		row := prose.Cells(c.Name, prose.Dash(law), prose.Dash(c.ArticleIn(k.Lang)), prose.Dash(c.Applies.In(k.Lang)), k.LawState(string(c.Status), c.Checked), prose.Dash(strings.Join(nonEmpty(c.Note.In(k.Lang), valid), "; ")))
		if prose.Unchecked(string(c.Status), c.Checked) {
			row[4].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// records are the days that each class has, and those that it has not.
func (k *kept) records() {
	k.Head(k.Say("Records and gaps", "기록 보유 구간과 공백"))
	t := k.Table("records", k.None(), prose.Col(k.Say("Class", "보존 분류")), prose.Col(k.Say("First day (UTC)", "첫 날(UTC)")), prose.Col(k.Say("Last day (UTC)", "마지막 날(UTC)")), prose.Right(k.Say("Segments", "세그먼트")),
		prose.Right(k.Say("Days without a record", "기록 없는 날")), prose.Right(k.Say("Quarantined", "격리됨")), prose.Col(k.Say("Whole event text", "원문 처리")), prose.Col(k.Say("Review", "점검 주기")))
	gaps := 0
	for i := range k.f.Classes {
		c := &k.f.Classes[i]
		missing := 0
		for _, g := range c.Gaps {
			missing += g.Days
		}
		gaps += len(c.Gaps)
		row := prose.Cells(c.Name, prose.Dash(c.FirstDay), prose.Dash(c.LastDay), k.Num(int64(c.Segments)), k.Num(int64(missing)), k.Num(int64(c.Quarantined)), k.original(c.Original), prose.Dash(k.cycle(c.Review)))
		if missing > 0 {
			row[4].Mark = "warn"
		}
		if c.Quarantined > 0 {
			row[5].Mark = "bad"
		}
		t.Rows = append(t.Rows, row)
	}
	k.Sub(k.Say("Gaps", "공백 구간"))
	t = k.Table("gaps", k.Say("No class lacks a day between its first and its last.", "첫 기록과 마지막 기록 사이에 빠진 날이 없습니다."), prose.Col(k.Say("Class", "보존 분류")), prose.Col(k.Say("From", "시작일")), prose.Col(k.Say("To", "종료일")), prose.Right(k.Say("Days", "일수")))
	for i := range k.f.Classes {
		for _, g := range k.f.Classes[i].Gaps {
			t.Rows = append(t.Rows, prose.Cells(k.f.Classes[i].Name, g.From, g.To, k.Num(int64(g.Days))))
		}
	}
}

// expiry is what goes when, and what went.
func (k *kept) expiry() {
	k.Head(k.Say("Expiry", "파기 현황"))
	k.Text(k.Sayf("Last run: %s. A deletion is a leaf of the transparency log before the file goes; a hold wins over every deadline.", "최근 파기 작업: %s. 파기는 파일이 삭제되기 전에 투명성 로그에 기록되며, 보존 명령(legal hold)이 모든 기한에 우선합니다.", k.Minute(k.f.Policy.LastRun)))
	t := k.Table("expiry", k.None(), prose.Col(k.Say("Class", "보존 분류")), prose.Col(k.Say("Next expiry", "다음 파기 예정")), prose.Right(k.Say("Due now", "파기 대상")), prose.Right(k.Say("Held", "보존 명령")), prose.Right(k.Say("Beyond deadline", "기한 초과")),
		prose.Right(k.Say("Expired segments", "파기한 세그먼트")), prose.Right(k.Say("Expired records", "파기한 기록")), prose.Col(k.Say("Last expiry", "최근 파기")))
	for i := range k.f.Classes {
		c := &k.f.Classes[i]
		row := prose.Cells(c.Name, k.Minute(c.NextExpiry), k.Num(int64(c.DueNow)), k.Num(int64(c.Held)), k.Num(int64(c.Beyond)), k.Num(int64(c.ExpiredSegments)), k.Num(c.ExpiredEvents), k.Minute(c.LastExpiry))
		if c.Beyond > 0 {
			row[4].Mark = "warn"
		}
		t.Rows = append(t.Rows, row)
	}
}

// holds are orders to keep.
func (k *kept) holds() {
	k.Head(k.Say("Holds", "보존 명령(legal hold)"))
	t := k.Table("holds", k.Say("No hold was ever placed.", "등록된 보존 명령이 없습니다."), prose.Col("ID"), prose.Col(k.Say("State", "상태")), prose.Col(k.Say("What is held", "대상(KQL)")), prose.Col(k.Say("Time", "대상 기간")), prose.Col(k.Say("Owner", "책임자")), prose.Col(k.Say("Reason", "사유")), prose.Col(k.Say("Until", "종료")), prose.Right(k.Say("Keeps", "보존 세그먼트")))
	for _, h := range k.f.Holds {
		state, mark := k.Say("in force", "유효"), ""
		switch {
		case !h.Released.IsZero():
			state = k.Sayf("released by %s, %s: %s", "%s 해제(%s): %s", h.ReleasedBy, k.Minute(h.Released), h.ReleaseReason)
		case !h.Active:
			state = k.Say("ended", "만료")
		case h.Beyond > 0:
			mark = "warn"
		}
		query, until := h.Query, k.Minute(h.Until)
		if query == "" {
			query = k.Say("everything", "전체")
		}
		if h.Until.IsZero() {
			until = k.Say("until released", "해제 시까지")
		}
		row := prose.Cells(h.ID, state, query, k.span(h.From, h.To), h.Owner, h.Reason, until, k.Num(int64(h.Keeps)))
		row[1].Mark, row[2].Link = mark, k.Search(h.Query, h.From, h.To)
		t.Rows = append(t.Rows, row)
	}
}

// span is a time with bounds that may be open.
func (k *kept) span(from, to time.Time) string {
	open := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return k.Minute(t)
	}
	if from.IsZero() && to.IsZero() {
		return k.Say("all of it", "전체")
	}
	return strings.TrimSpace(open(from) + " ~ " + open(to))
}

// safety is what keeps the records from loss and forgery: copies and the last verification.
func (k *kept) safety() {
	f := k.f
	k.Head(k.Say("Copies and verification", "백업과 위·변조 검증"))
	switch v := f.Verify; {
	case v.At.IsZero():
		k.Note(k.Say("The archive was never verified: weir archive verify.", "위·변조 검증을 수행한 적이 없습니다: weir archive verify"))
	case !v.OK:
		k.Note(k.Sayf("The verification of %s found %d deviations: weir archive verify.", "%s 검증에서 이상 %d건이 발견되었습니다: weir archive verify", k.Minute(v.At), v.Findings))
	default:
		k.Text(k.Sayf("Verified at %s: %s segments, nothing changed.", "%s 검증 완료: 세그먼트 %s개, 변경 없음", k.Minute(v.At), k.Num(int64(v.Segments))))
	}
	if f.Verify.Anchored.IsZero() {
		k.Note(k.Say("No checkpoint of the transparency log was published elsewhere yet.", "투명성 로그의 체크포인트가 아직 외부에 게시되지 않았습니다."))
	} else {
		k.Text(k.Sayf("Newest checkpoint that was published elsewhere: %s.", "외부에 게시된 최신 체크포인트: %s", k.Minute(f.Verify.Anchored)))
	}
	if len(f.Copies) == 0 {
		k.Note(k.Say("The archive has no second copy (archive.copies).", "별도 저장소에 백업본이 없습니다(archive.copies)."))
	}
	t := k.Table("copies", k.None(), prose.Col(k.Say("Copy", "백업 위치")), prose.Col(k.Say("State", "상태")), prose.Col(k.Say("Last copy", "최근 백업")), prose.Right(k.Say("Segments it lacks", "미백업 세그먼트")), prose.Col(k.Say("Verified", "검증")))
	for _, c := range f.Copies {
		row := prose.Cells(c.Where, k.Say("ok", "정상"), k.Minute(c.At), k.Num(int64(c.Behind)), k.Minute(c.Verified))
		if !c.OK {
			row[1] = doc.Cell{Text: prose.Dash(c.Err), Mark: "bad"}
		}
		t.Rows = append(t.Rows, row)
	}
}

// systems are those that hold personal data, and which class follows from what they are.
func (k *kept) systems() {
	k.Head(k.Say("Systems that hold personal data", "개인정보처리시스템별 보존 분류"))
	t := k.Table("systems", k.None(), prose.Col(k.Say("System", "시스템")), prose.Col(k.Say("Title", "명칭")), prose.Col(k.Say("Owner", "담당")), prose.Right(k.Say("Data subjects", "정보주체 수")), prose.Col(k.Say("Class", "보존 분류")), prose.Col(k.Say("Because", "적용 사유")))
	for _, s := range k.f.Systems {
		var why []string
		for _, b := range s.Because {
			why = append(why, k.because(b))
		}
		t.Rows = append(t.Rows, prose.Cells(s.Name, s.Title.In(k.Lang), prose.Dash(s.Owner), k.Num(s.Subjects), s.Class, prose.Dash(strings.Join(why, ", "))))
	}
}

// warning is one of the facts' warnings as a sentence.
func (k *kept) warning(w retention.Warning) string {
	n := k.Num(int64(w.Segments))
	switch w.Kind {
	case retention.WarnNeverChecked:
		return k.Sayf("%s: nobody has checked the text of its law.", "%s: 근거 법령의 조문을 확인한 적이 없습니다.", w.Class)
	case retention.WarnCheckedOld:
		return k.Sayf("%s: the text of its law was checked more than a year ago, on %s.", "%s: 근거 법령 확인일(%s)이 1년을 넘었습니다.", w.Class, w.Day)
	case retention.WarnHoldEnds:
		return k.Sayf("Hold %s ends on %s.", "보존 명령 %s: %s 종료 예정", w.Hold, k.Minute(w.Time))
	case retention.WarnHoldEnded:
		return k.Sayf("Hold %s ended on %s.", "보존 명령 %s: %s 종료됨", w.Hold, k.Minute(w.Time))
	case retention.WarnBeyond:
		if w.Hold != "" {
			return k.Sayf("%s: hold %s keeps segments beyond their deadline: %s.", "%s: 보존 명령 %s에 따라 파기 기한이 지난 세그먼트 %s개를 보존하고 있습니다.", w.Class, w.Hold, n)
		}
		return k.Sayf("%s: segments that are kept beyond their deadline: %s.", "%s: 파기 기한이 지난 세그먼트가 %s개 있습니다.", w.Class, n)
	case retention.WarnUnknown:
		return k.Sayf("Segments of the class %[2]s, which the policy does not know and which are kept: %[1]s.", "정책에 없는 분류 %[2]s의 세그먼트 %[1]s개는 계속 보존됩니다.", n, w.Class)
	case retention.WarnClock:
		return k.Sayf("Nothing is deleted: the clock is far from where it was (%s).", "시스템 시각이 크게 달라져 파기를 중단했습니다(%s).", w.Detail)
	case retention.WarnShorter:
		return k.Sayf("%s is kept for a shorter time than the class of that name that weir ships.", "%s: 기본 제공 분류보다 보존 기간이 짧게 설정되어 있습니다.", w.Class)
	}
	return strings.Join(nonEmpty(w.Kind, w.Class, w.Hold, w.Detail), ": ")
}

// why is a reason for which nothing is deleted.
func (k *kept) why(slug retention.Why, detail string) string {
	words := map[retention.Why][2]string{
		retention.Unsafe: {"the clock is far from where it was", "시스템 시각 이상"}, retention.Off: {"it is switched off", "자동 파기 꺼짐"},
		retention.Unstated: {"the policy in force could not be noted in the archive", "적용 정책을 보관소에 기록하지 못함"}, retention.Held: {"a hold keeps it", "보존 명령"},
	}
	text := string(slug)
	if w, ok := words[slug]; ok {
		text = k.Say(w[0], w[1])
	}
	if detail != "" {
		text += " (" + detail + ")"
	}
	return text
}

// because is why a system's class is what it is.
func (k *kept) because(slug string) string {
	words := map[string][2]string{
		"subjects": {"50,000 data subjects or more", "정보주체 5만 명 이상"}, "unique-identifiers": {"unique identifiers", "고유식별정보 처리"}, "sensitive": {"sensitive data", "민감정보 처리"},
		"telecom": {"telecommunications carrier", "기간통신사업자"}, "class": {"as its file says", "설정 파일 지정"},
	}
	if w, ok := words[slug]; ok {
		return k.Say(w[0], w[1])
	}
	return slug
}

// original is what becomes of the text of events.
func (k *kept) original(slug string) string {
	words := map[string][2]string{"keep": {"kept", "보존"}, "mask": {"masked", "마스킹"}, "encrypt": {"encrypted", "암호화"}, "drop": {"dropped", "삭제"}}
	if w, ok := words[slug]; ok {
		return k.Say(w[0], w[1])
	}
	return prose.Dash(slug)
}

// cycle is how often records of a class are reviewed.
func (k *kept) cycle(slug string) string { return (&access{Paper: k.Paper}).cycle(slug) }

// keep is a span of a policy in the reader's language: 1 year, 90 days, forever.
func keep(v prose.Voice, text string) string { return v.Say(text, korean.Period(text)) }
