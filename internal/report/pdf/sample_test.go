package pdf

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/report/doc"
)

// hostile is what attackers write into logs: all of it has to be visible and none of it in force.
var hostile = []string{
	"<script>alert(1)</script>", "\x1b[31mred\u202egnp.exe", "=cmd|' /C calc'!A0", "emoji 😀 and \U0001F468\u200d\U0001F469", "ไทย عربى", "漢字와 한글 ひらがな",
	"각", strings.Repeat("가나다라마바사", 30), "/var/log/" + strings.Repeat("averylongpathwithoutanyblank", 12), "\xff\xfe", "a\nb\tc", strings.Repeat("x", 1<<20),
}

// sample is a report with everything that one can have, long enough for several pages.
func sample(lang string) *doc.Document {
	d := &doc.Document{
		Kind: "sources", Lang: lang, Title: "Log sources", Period: "November 2026", Created: time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC),
		Meta: []doc.Pair{{Name: "Made by", Value: "weir"}, {Name: "Time zone", Value: "Asia/Seoul (UTC+09:00)"}}, Footer: "weir, sources, November 2026",
	}
	if lang == "ko" {
		d.Title, d.Period, d.Footer = "로그 소스 현황 보고서", "2026년 11월", "weir 로그 소스 현황 보고서, 2026년 11월"
		d.Meta = []doc.Pair{{Name: "작성", Value: "weir"}, {Name: "기준 시간대", Value: "Asia/Seoul (UTC+09:00)"}}
	}
	d.Blocks = append(d.Blocks, doc.Block{
		Heading: "1. 요약 Summary", Level: 1,
		Text:  []string{"개인정보처리시스템에 접속한 기록은 월 1회 이상 점검하며, 개인정보를 다운로드한 것이 발견되었을 때에는 그 사유를 반드시 확인하여야 한다. 아래 표는 대상 기간에 접속기록이 남은 시스템을 모두 보여 준다.", "The counts below are of the month, by the clock of the named zone."},
		Notes: []string{"이 조문은 법제처 원문과 대조하지 않았습니다(checked: never). 감사 제출 전에 원문을 확인하십시오.", "A note that is long enough to need more than one line, so that one can see how its second line stands beside the bar and below the first."},
	})
	bars := &doc.Bars{Title: "Events a day"}
	for i := range 30 {
		bars.Labels = append(bars.Labels, fmt.Sprintf("%d", i+1))
		bars.Values = append(bars.Values, int64(i*i*1371%90001))
	}
	d.Blocks = append(d.Blocks, doc.Block{Heading: "2. 일자별 추이", Level: 1, Bars: bars})
	wide := &doc.Table{Name: "hostile", Columns: []doc.Column{{Head: "No.", Right: true}, {Head: "시각"}, {Head: "접속 계정"}, {Head: "내용 (as logged)"}, {Head: "건수", Right: true}}}
	for i, h := range hostile {
		c := doc.Cell{Text: h, Link: "https://weir.example.org/search?q=a%20b"}
		if i%3 == 0 {
			c = doc.Cell{Text: h, Mark: []string{"warn", "bad"}[i/3%2]}
		}
		wide.Rows = append(wide.Rows, []doc.Cell{{Text: fmt.Sprint(i + 1)}, {Text: "2026-11-03 14:05:09"}, {Text: "김민수"}, c, {Text: "1,204"}})
	}
	d.Blocks = append(d.Blocks, doc.Block{Heading: "3. Hostile", Level: 1, Table: wide})
	many := &doc.Table{Name: "many", Columns: []doc.Column{{Head: "Source"}, {Head: "First seen"}, {Head: "Last seen"}, {Head: "Received", Right: true}, {Head: "Stored", Right: true}, {Head: "Difference", Right: true}, {Head: "Clock skew (median)", Right: true}, {Head: "하루 주기"}}}
	for i := range 90 {
		many.Rows = append(many.Rows, []doc.Cell{{Text: fmt.Sprintf("syslog/198.51.100.%d", i)}, {Text: "2026-11-01 00:00"}, {Text: "2026-11-30 23:59"}, {Text: "1,204,331"}, {Text: "1,204,331"}, {Text: "0"}, {Text: "12 ms"}, {Text: "▁▁▁▁▂▁▂▄▇█▇▆▆▇▇▆▅▄▃▂▁▁▁▁"}})
	}
	d.Blocks = append(d.Blocks, doc.Block{Heading: "4. Sources", Level: 1}, doc.Block{Heading: "4.1 All of them", Level: 2, Table: many},
		doc.Block{Heading: "5. Nothing", Level: 1, Table: &doc.Table{Name: "none", Columns: []doc.Column{{Head: "x"}}, Empty: "해당 사항 없음"}})
	return d
}
