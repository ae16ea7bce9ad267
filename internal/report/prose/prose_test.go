package prose

import (
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
	"weir/internal/query"
)

// seoul is a zone without clock changes, 9 hours ahead.
var seoul = time.FixedZone("Asia/Seoul", 9*3600)

// TestSpan: two units at the most, and nothing that is zero.
func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0: {"0 ms", "0밀리초"}, 12 * time.Millisecond: {"12 ms", "12밀리초"}, 999 * time.Microsecond: {"0 ms", "0밀리초"}, time.Second: {"1 s", "1초"}, 1500 * time.Millisecond: {"1 s", "1초"},
		3*time.Hour + 5*time.Minute + time.Second: {"3 h 5 min", "3시간 5분"}, 24 * time.Hour: {"1 d", "1일"}, 49*time.Hour + time.Minute: {"2 d 1 h", "2일 1시간"},
		-90 * time.Second: {"-1 min 30 s", "-1분 30초"}, 1200 * 24 * time.Hour: {"1,200 d", "1,200일"},
	} {
		if got := (Voice{Lang: "en"}).Span(d); got != want[0] {
			t.Errorf("%s: %q, want %q", d, got, want[0])
		}
		if got := (Voice{Lang: "ko"}).Span(d); got != want[1] {
			t.Errorf("%s: %q, want %q", d, got, want[1])
		}
	}
	if got := (Voice{}).Span(math.MinInt64); got == "" {
		t.Error("the longest span is nothing")
	}
}

// TestTimes: times are of the reader's zone, and a time that never was is a dash.
func TestTimes(t *testing.T) {
	at := time.Date(2026, 11, 1, 14, 59, 58, 0, time.UTC)
	v := Voice{Lang: "ko", Zone: seoul}
	for got, want := range map[string]string{
		v.Time(at): "2026-11-01 23:59:58", v.Minute(at): "2026-11-01 23:59", v.Day(at.Add(time.Hour)): "2026-11-02", v.Month(at): "2026년 11월", v.Day(time.Time{}): "-",
		Voice{Lang: "en"}.Month(at): "November 2026", v.ZoneName(at): "Asia/Seoul (UTC+09:00)", Voice{Zone: time.FixedZone("X", -3*3600-1800)}.ZoneName(at): "X (UTC-03:30)", Voice{}.Minute(at): "2026-11-01 14:59",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestSay: both languages, and English where the language is not known.
func TestSay(t *testing.T) {
	if got := (Voice{Lang: "ko"}).Sayf("%s of %s", "%[2]s 중 %[1]s", "3", "7"); got != "7 중 3" {
		t.Error(got)
	}
	if got := (Voice{Lang: "fr"}).Say("a", "나"); got != "a" {
		t.Error(got)
	}
}

// TestPercent: a share of nothing is a dash, and no division.
func TestPercent(t *testing.T) {
	v := Voice{}
	for got, want := range map[string]string{v.Percent(1, 3): "33.3 %", v.Percent(0, 0): "-", v.Percent(5, 5): "100.0 %", v.Percent(12, 40211): "< 0.1 %", v.Percent(0, 7): "0.0 %", v.Signed(2099): "+2,099", v.Signed(-1200): "-1,200", v.Signed(0): "0", v.Num(1204): "1,204", Dash(""): "-", Dash("x"): "x"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLinks: an address that a browser takes, whatever the query is; without a console there is none.
func TestLinks(t *testing.T) {
	v := Voice{Console: "https://weir.example.org/"}
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, seoul)
	u, err := url.Parse(v.Search(`user.name: "김 & \"co\""`, from, time.Time{}))
	if err != nil || u.Path != "/search" || u.Query().Get("q") != `user.name: "김 & \"co\""` || u.Query().Get("from") != "2026-10-31T15:00:00Z" || u.Query().Has("to") {
		t.Errorf("%s, %v", u, err)
	}
	if got := v.Alert("3f&9c"); got != "https://weir.example.org/alerts?id=3f%269c" {
		t.Error(got)
	}
	if got := (Voice{}).Search("a", from, from) + (Voice{}).Alert("b"); got != "" {
		t.Errorf("a link to nowhere: %s", got)
	}
}

// FuzzQuote: a quoted value is one value of KQL, whatever is in it.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", `a"b`, `\`, `\"`, "김민수", "* or x: y", "a\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := query.Parse("user.name: " + Quote(s))
		if err != nil {
			if strings.ContainsAny(s, "\x00") || strings.ToValidUTF8(s, "") != s {
				return // no text
			}
			t.Fatalf("%q: %v", s, err)
		}
		if f := q.Fields(); len(f) != 1 || f[0] != "user.name" {
			t.Errorf("%q became a query of %v", s, f)
		}
	})
}

// TestMonths: months begin at midnight of their zone.
func TestMonths(t *testing.T) {
	from, to, err := Months("2026-12", seoul)
	if err != nil || from.UTC().Format(time.RFC3339) != "2026-11-30T15:00:00Z" || to.UTC().Format(time.RFC3339) != "2026-12-31T15:00:00Z" {
		t.Errorf("%s to %s, %v", from, to, err)
	}
	berlin, err := Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if from, to, _ = Months("2026-10", berlin); to.Sub(from) != 31*24*time.Hour+time.Hour {
		t.Errorf("October of Berlin has %s", to.Sub(from))
	}
	for _, bad := range []string{"", "2026", "2026-13", "2026-11-01", "0000-01", "26-11", "\x1b"} {
		if _, _, err := Months(bad, nil); fault.Code(err) != "usage" || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestZone: a zone that is none is said; the machine's own is none, since reports travel.
func TestZone(t *testing.T) {
	for _, bad := range []string{"Local", "Asia/Seul", "../etc", "\x1b"} {
		if _, err := Zone(bad); fault.Code(err) != "usage" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if z, err := Zone(""); err != nil || z != time.UTC {
		t.Errorf("%v, %v", z, err)
	}
}
