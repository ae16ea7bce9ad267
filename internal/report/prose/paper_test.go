package prose

import (
	"slices"
	"testing"
	"time"

	"weir/internal/report/doc"
)

// TestPaper: sections are numbered, and what comes after a table is a block of its own, so that the order is that of writing.
func TestPaper(t *testing.T) {
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, seoul)
	p := NewPaper(Voice{Lang: "ko", Zone: seoul}, "sources", "로그 소스", from.AddDate(0, 1, 2), from, from.AddDate(0, 1, 0))
	p.Head("요약")
	p.Text("a")
	p.Note("b")
	table := p.Table("x", p.None(), Col("h"), Right("n"))
	table.Rows = append(table.Rows, Cells("1", "2"))
	p.Text("after")
	p.Sub("one")
	p.Bars(&doc.Bars{Title: "bars"})
	p.Bars(&doc.Bars{Title: "more"})
	p.Sub("two")
	p.Table("y", "", Col("h"))
	p.Table("z", "", Col("h"))
	p.Note("last")
	p.Head("next")
	d := p.Doc
	if d.Period != "2026년 11월" || d.Footer != "로그 소스, 2026년 11월" || d.Lang != "ko" || d.Created.Format(time.RFC3339) != "2026-12-03T00:00:00+09:00" {
		t.Errorf("%+v", d)
	}
	if want := []doc.Pair{{Name: "대상 기간", Value: "2026-11-01 00:00 ~ 2026-12-01 00:00"}, {Name: "기준 시간대", Value: "Asia/Seoul (UTC+09:00)"}, {Name: "작성 일시", Value: "2026-12-03 00:00:00"}}; !slices.Equal(d.Meta, want) {
		t.Errorf("meta %v", d.Meta)
	}
	var got []string
	for _, b := range d.Blocks {
		s := b.Heading
		if b.Table != nil {
			s += " table " + b.Table.Name
		}
		if b.Bars != nil {
			s += " bars " + b.Bars.Title
		}
		for _, x := range append(b.Text, b.Notes...) {
			s += " " + x
		}
		got = append(got, s)
	}
	if want := []string{"1. 요약 table x a b", " after", "1.1 one bars bars", " bars more", "1.2 two table y", " table z", " last", "2. next"}; !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if n := Notes(&d); !slices.Equal(n, []string{"b", "last"}) {
		t.Errorf("notes %v", n)
	}
}

// TestPeriod: a month by its name, anything else by its days, the last of which is in it.
func TestPeriod(t *testing.T) {
	v := Voice{Lang: "en", Zone: seoul}
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, seoul)
	for to, want := range map[time.Time]string{from.AddDate(0, 1, 0): "October 2026", from.AddDate(0, 3, 0): "2026-10-01 ~ 2026-12-31", from.AddDate(0, 0, 1): "2026-10-01 ~ 2026-10-01"} {
		if got := v.Period(from, to); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
}

// TestSpark: nothing differs from little, the most is a whole block, and large numbers do not overflow.
func TestSpark(t *testing.T) {
	for _, c := range []struct {
		in   []int64
		want string
	}{{nil, ""}, {[]int64{0, 0}, "․․"}, {[]int64{0, 1, 1000}, "․▁█"}, {[]int64{1, 1}, "██"}, {[]int64{1 << 62, 1 << 61}, "█▄"}, {[]int64{-3, 7}, "․█"}} {
		if got := Spark(c.in); got != c.want {
			t.Errorf("%v: %q, want %q", c.in, got, c.want)
		}
	}
}

// TestLawState: what nobody read says so, in both languages.
func TestLawState(t *testing.T) {
	for _, c := range []struct {
		status, checked, en, ko string
		unchecked               bool
	}{
		{"read", "2026-11-21", "text read on 2026-11-21", "조문 대조(2026-11-21)", false},
		{"read", "never", "text read on a day that nobody noted", "조문 대조(확인일 미상)", true},
		{"secondary", "2026-11-21", "from other sources on 2026-11-21, text not seen", "2차 자료 확인(2026-11-21), 조문 미대조", true},
		{"memory", "never", "never checked against the text", "조문 미확인", true},
		{"", "", "no law named", "근거 법령 없음", false},
		{"never", "never", "never checked", "확인한 적 없음", true},
	} {
		if got := (Voice{Lang: "en"}).LawState(c.status, c.checked); got != c.en {
			t.Errorf("%s: %q", c.status, got)
		}
		if got := (Voice{Lang: "ko"}).LawState(c.status, c.checked); got != c.ko {
			t.Errorf("%s: %q", c.status, got)
		}
		if Unchecked(c.status, c.checked) != c.unchecked {
			t.Errorf("%s, %s: unchecked is %v", c.status, c.checked, !c.unchecked)
		}
	}
}
