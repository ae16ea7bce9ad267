package incidents

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"weir/internal/calendar"
	"weir/internal/report/doc"
	"weir/internal/report/prose"
)

// Document writes the facts for a reader.
func Document(f *Facts, v prose.Voice) *doc.Document {
	p := prose.NewPaper(v, "incidents", v.Say("Security alerts", "보안 경보 현황 보고서"), f.Made, f.From, f.To)
	p.Doc.Facts = f
	w := &writer{Paper: p, f: f}
	w.summary()
	w.rules()
	w.attack()
	w.handling()
	w.open()
	w.escalations()
	w.risk()
	return &p.Doc
}

// writer writes one report.
type writer struct {
	*prose.Paper
	f *Facts
}

// what is what happened, in the reader's language.
func (w *writer) what(it *Item) string {
	if w.Lang == "ko" && it.WhatKo != "" {
		return it.WhatKo
	}
	return it.What
}

// mark is that of a level.
func mark(level string) string {
	switch level {
	case "critical", "high":
		return "bad"
	case "medium":
		return "warn"
	}
	return ""
}

// summary is how many there were, by day and by level.
func (w *writer) summary() {
	f := w.f
	w.Head(w.Say("Summary", "요약"))
	w.Text(w.Sayf("%s alerts were made in the period, of %s hits; %s alerts were not closed at %s.", "대상 기간에 경보 %s건(탐지 %s회)이 발생하였고, 종결되지 않은 경보는 %s건(%s 기준)입니다.", w.Num(f.Alerts), w.Num(f.Hits), w.Num(int64(len(f.Open))+f.OpenLeft), w.Minute(f.AsOf)))
	w.Text(w.Sayf("States, verdicts and open alerts are as of %s; hits, times of handling, escalations and risk are as of %s.", "상태, 판정, 미종결 경보는 %s 기준이며, 탐지 횟수, 처리 소요 시간, 에스컬레이션, 위험도는 %s 기준입니다.", w.Minute(f.AsOf), w.Minute(f.Made)))
	bars := &doc.Bars{Title: w.Say("Alerts by day", "일자별 경보 건수")}
	first := calendar.Civil(f.From, zone(w.Zone))
	for i, n := range f.Days {
		bars.Labels = append(bars.Labels, strconv.Itoa(first.AddDate(0, 0, i).Day()))
		bars.Values = append(bars.Values, n)
	}
	w.Bars(bars)
	w.Sub(w.Say("By level", "수준별 현황"))
	t := w.Table("levels", w.None(), prose.Col(w.Say("Level", "수준")), prose.Right(w.Say("Alerts", "경보")), prose.Right(w.Say("Hits", "탐지")), prose.Right(w.Say("Open", "미처리")), prose.Right(w.Say("Acknowledged", "확인")), prose.Right(w.Say("Closed", "종결")))
	for _, l := range f.Levels {
		row := prose.Cells(prose.Level(w.Voice, l.Level), w.Num(l.Alerts), w.Num(l.Hits), w.Num(l.Open), w.Num(l.Acknowledged), w.Num(l.Closed))
		if l.Open > 0 {
			row[3].Mark = mark(l.Level)
		}
		row[1].Link = w.Search(`event.dataset: "weir.alert" and weir.alert.level: `+prose.Quote(l.Level), f.From, f.To)
		t.Rows = append(t.Rows, row)
	}
}

// zone is never nil.
func zone(z *time.Location) *time.Location {
	if z == nil {
		return time.UTC
	}
	return z
}

// rules is which rules made them, and how often they were wrong.
func (w *writer) rules() {
	w.Head(w.Say("By rule", "룰별 현황"))
	t := w.Table("rules", w.None(), prose.Col(w.Say("Rule", "룰")), prose.Col(w.Say("Title", "제목")), prose.Col(w.Say("Level", "수준")), prose.Col("ATT&CK"), prose.Right(w.Say("Alerts", "경보")), prose.Right(w.Say("Hits", "탐지")), prose.Right(w.Say("Not closed", "미종결")), prose.Right(w.Say("False positives of closed", "종결 중 오탐")))
	for i := range w.f.Rules {
		r := &w.f.Rules[i]
		title := r.Title
		if w.Lang == "ko" && r.TitleKo != "" {
			title = r.TitleKo
		}
		wrong := "-"
		if r.Closed > 0 {
			wrong = fmt.Sprintf("%s / %s (%s)", w.Num(r.False), w.Num(r.Closed), w.Percent(r.False, r.Closed))
		}
		row := prose.Cells(r.ID, title, prose.Level(w.Voice, r.Level), prose.Dash(strings.Join(r.Attack, ", ")), w.Num(r.Alerts), w.Num(r.Hits), w.Num(r.Open), wrong)
		row[4].Link = w.Search("rule.id: "+prose.Quote(r.ID)+` and event.dataset: "weir.alert"`, w.f.From, w.f.To)
		t.Rows = append(t.Rows, row)
	}
}

// attack is what attackers tried, in the terms of ATT&CK.
func (w *writer) attack() {
	w.Head(w.Say("By ATT&CK technique and tactic", "ATT&CK 기법·전술별 현황"))
	t := w.Table("attack", w.Say("No alert names a technique.", "기법이 지정된 경보가 없습니다."), prose.Col("ATT&CK"), prose.Right(w.Say("Alerts", "경보")), prose.Right(w.Say("Share", "비율")))
	for _, c := range w.f.Attack {
		t.Rows = append(t.Rows, prose.Cells(c.Name, w.Num(c.Alerts), w.Percent(c.Alerts, w.f.Alerts)))
	}
}

// handling is what people made of them, and how fast.
func (w *writer) handling() {
	f := w.f
	w.Head(w.Say("Handling", "처리 현황"))
	w.Sub(w.Sayf("State and verdict, as of %s", "상태 및 판정(%s 기준)", w.Minute(f.AsOf)))
	t := w.Table("verdicts", w.None(), prose.Col(w.Say("Kind", "구분")), prose.Col(w.Say("Value", "값")), prose.Right(w.Say("Alerts", "경보")), prose.Right(w.Say("Share", "비율")))
	for _, c := range f.States {
		t.Rows = append(t.Rows, prose.Cells(w.Say("state", "상태"), prose.AlertState(w.Voice, c.Name), w.Num(c.Alerts), w.Percent(c.Alerts, f.Alerts)))
	}
	for _, c := range f.Verdicts {
		t.Rows = append(t.Rows, prose.Cells(w.Say("verdict", "판정"), prose.Dash(prose.Verdict(w.Voice, c.Name)), w.Num(c.Alerts), w.Percent(c.Alerts, f.Alerts)))
	}
	w.Sub(w.Say("Time to acknowledge and to close", "확인·종결 소요 시간"))
	if !f.TimesKnown {
		w.Note(w.Say("The decisions are with another process, and are not in this report.", "처리 이력을 다른 프로세스가 보유하고 있어 이 보고서에 포함하지 못했습니다."))
	}
	w.Text(w.Say("From when the alert was made. Alerts that ended by themselves are not counted.", "경보 발생 시점부터의 소요 시간이며, 자동 해소된 경보는 제외합니다."))
	times := w.Table("times", w.Say("Nobody has decided about an alert of the period.", "대상 기간의 경보 중 처리된 건이 없습니다."), prose.Col(w.Say("Level", "수준")), prose.Right(w.Say("Acknowledged", "확인 건수")), prose.Right(w.Say("Median", "중앙값")), prose.Right(w.Say("90 %", "90%")), prose.Right(w.Say("Longest", "최장")),
		prose.Right(w.Say("Closed", "종결 건수")), prose.Right(w.Say("Median", "중앙값")), prose.Right(w.Say("90 %", "90%")), prose.Right(w.Say("Longest", "최장")))
	for _, x := range f.Times {
		name := prose.Level(w.Voice, x.Level)
		if x.Level == "" {
			name = w.Say("all", "전체")
		}
		row := prose.Cells(name)
		row = append(row, prose.Cells(w.spread(x.Acknowledged)...)...)
		times.Rows = append(times.Rows, append(row, prose.Cells(w.spread(x.Closed)...)...))
	}
}

// spread is four cells.
func (w *writer) spread(s Spread) []string {
	if s.N == 0 {
		return []string{"0", "-", "-", "-"}
	}
	ms := func(n int64) string { return w.Span(time.Duration(n) * time.Millisecond) }
	return []string{w.Num(s.N), ms(s.MedianMS), ms(s.P90MS), ms(s.MaxMS)}
}

// open lists what is not closed.
func (w *writer) open() {
	w.Head(w.Sayf("Not closed, as of %s", "미종결 경보(%s 기준)", w.Minute(w.f.AsOf)))
	if w.f.OpenLeft > 0 {
		w.Note(w.Sayf("%s more are not listed: weir alerts list.", "이 외 %s건은 표시하지 않았습니다: weir alerts list", w.Num(w.f.OpenLeft)))
	}
	t := w.Table("open", w.Say("Every alert is closed.", "미종결 경보가 없습니다."), prose.Col("ID"), prose.Col(w.Say("Level", "수준")), prose.Col(w.Say("Made", "발생")), prose.Right(w.Say("Open for", "경과")), prose.Col(w.Say("Rule", "룰")), prose.Col(w.Say("What happened", "내용")), prose.Col(w.Say("State", "상태")), prose.Col(w.Say("Assigned to", "담당자")))
	for i := range w.f.Open {
		it := &w.f.Open[i]
		row := prose.Cells(it.Short, prose.Level(w.Voice, it.Level), w.Minute(it.Created), w.Span(max(0, w.f.AsOf.Sub(it.Created)).Truncate(time.Minute)), it.Rule, w.what(it), prose.AlertState(w.Voice, it.State), prose.Dash(it.Assignee))
		row[0].Link, row[1].Mark = w.Alert(it.ID), mark(it.Level)
		t.Rows = append(t.Rows, row)
	}
}

// escalations are messages that went on to others.
func (w *writer) escalations() {
	w.Head(w.Say("Escalations", "에스컬레이션 내역"))
	if !w.f.ToldKnown {
		w.Note(w.Say("What was sent is with another process, and is not in this report.", "알림 발송 이력을 다른 프로세스가 보유하고 있어 이 보고서에 포함하지 못했습니다."))
		return
	}
	t := w.Table("escalations", w.None(), prose.Col(w.Say("When", "일시")), prose.Col("ID"), prose.Col(w.Say("Level", "수준")), prose.Col(w.Say("What happened", "내용")), prose.Col(w.Say("Channel", "채널")), prose.Col(w.Say("Delivered", "전달")))
	for i := range w.f.Escalations {
		e := &w.f.Escalations[i]
		row := prose.Cells(w.Minute(e.At), e.Short, prose.Level(w.Voice, e.Level), w.what(&e.Item), e.Channel, w.Say("yes", "완료"))
		row[1].Link = w.Alert(e.ID)
		if !e.Sent {
			row[5] = doc.Cell{Text: w.Say("no", "미전달"), Mark: "bad"}
		}
		t.Rows = append(t.Rows, row)
	}
}

// risk is who or what is at risk.
func (w *writer) risk() {
	w.Head(w.Sayf("Highest risk, as of %s", "위험도 상위(%s 기준)", w.Minute(w.f.Made)))
	if !w.f.RiskKnown {
		w.Note(w.Say("The risk is with another process, and is not in this report.", "위험도를 다른 프로세스가 보유하고 있어 이 보고서에 포함하지 못했습니다."))
		return
	}
	t := w.Table("risk", w.None(), prose.Col(w.Say("Kind", "구분")), prose.Col(w.Say("Who or what", "대상")), prose.Right(w.Say("Score", "점수")), prose.Right(w.Say("Alerts", "경보")), prose.Right(w.Say("Rules", "룰")))
	kinds := map[string]string{"user": w.Say("user", "사용자"), "host": w.Say("host", "호스트"), "address": w.Say("address", "주소")}
	for _, r := range w.f.Risk {
		kind := kinds[r.Kind]
		if kind == "" {
			kind = r.Kind
		}
		t.Rows = append(t.Rows, prose.Cells(kind, r.Value, strconv.FormatFloat(r.Score, 'f', 1, 64), w.Num(int64(r.Alerts)), w.Num(int64(r.Rules))))
	}
}
