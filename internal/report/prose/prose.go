// Package prose is how reports speak: numbers, times, spans and links in English and Korean, for one reader in one zone.
package prose

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // a report names a zone, and the machine may have no list of them

	"weir/internal/calendar"
	"weir/internal/fault"
	"weir/internal/report/doc"
	"weir/internal/term"
)

// Voice is the language, the zone and the console of one reader. It is a value: builders pass it on and nobody changes it.
type Voice struct {
	Lang string         // en or ko
	Zone *time.Location // nil: UTC
	// Console is the address of the first page, without the last slash; "": there is none that others reach, and nothing
	// links to it.
	Console string
}

// Say returns the sentence of the reader's language. Both stand beside each other where they are written, so that nobody
// changes one and forgets the other.
func (v Voice) Say(en, ko string) string {
	if v.Lang == "ko" {
		return ko
	}
	return en
}

// Sayf is Say with values. Both forms take the same ones, by number (%[1]s) where Korean wants another order.
func (v Voice) Sayf(en, ko string, args ...any) string { return fmt.Sprintf(v.Say(en, ko), args...) }

// zone is never nil.
func (v Voice) zone() *time.Location {
	if v.Zone == nil {
		return time.UTC
	}
	return v.Zone
}

// Num writes a whole number.
func (v Voice) Num(n int64) string { return term.Count(n) }

// Signed writes a change.
func (v Voice) Signed(n int64) string {
	if n > 0 {
		return "+" + v.Num(n)
	}
	return v.Num(n)
}

// Time writes a moment to the second, a dash for none.
func (v Voice) Time(t time.Time) string { return v.when(t, "2006-01-02 15:04:05") }

// Minute writes a moment to the minute, a dash for none.
func (v Voice) Minute(t time.Time) string { return v.when(t, "2006-01-02 15:04") }

// Day writes a day, a dash for none.
func (v Voice) Day(t time.Time) string { return v.when(t, "2006-01-02") }

// when is alike in both languages: it sorts, and nobody takes the day for the month.
func (v Voice) when(t time.Time, layout string) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(v.zone()).Format(layout)
}

// Month writes the month that begins at t.
func (v Voice) Month(t time.Time) string {
	t = t.In(v.zone())
	if v.Lang == "ko" {
		return fmt.Sprintf("%d년 %d월", t.Year(), int(t.Month()))
	}
	return t.Format("January 2006")
}

// ZoneName is the zone with its offset at t, since a name alone says little abroad.
func (v Voice) ZoneName(t time.Time) string {
	_, off := t.In(v.zone()).Zone()
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	return fmt.Sprintf("%s (UTC%c%02d:%02d)", v.zone(), sign, off/3600, off/60%60)
}

// unit is a part of a span of time and how it is called.
type unit struct {
	of     time.Duration
	en, ko string
}

// units of spans, the longest first. Korean writes none of them apart from its number.
var units = []unit{
	{24 * time.Hour, "d", "일"}, {time.Hour, "h", "시간"}, {time.Minute, "min", "분"}, {time.Second, "s", "초"}, {time.Millisecond, "ms", "밀리초"},
}

// Span writes a span of time in its two largest units: 3 h 5 min, 3시간 5분.
func (v Voice) Span(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	for i, u := range units {
		if d < u.of && i < len(units)-1 {
			continue
		}
		out := v.amount(int64(d/u.of), u)
		if i+1 < len(units)-1 && d%u.of >= units[i+1].of {
			out += " " + v.amount(int64(d%u.of/units[i+1].of), units[i+1])
		}
		return sign + out
	}
	return "0"
}

// amount is a number with its unit.
func (v Voice) amount(n int64, u unit) string {
	if v.Lang == "ko" {
		return term.Count(n) + u.ko
	}
	return term.Count(n) + " " + u.en
}

// Percent writes a share in one decimal place, a dash where there is nothing to be a part of.
func (v Voice) Percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	if share := float64(part) * 100 / float64(whole); share >= 0.05 || part <= 0 {
		return fmt.Sprintf("%.1f %%", share)
	}
	return "< 0.1 %" // little is not nothing
}

// Dash is the text, or a dash where there is none.
func Dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Search is the address of a search on the console, "" without one. Times are UTC, as the page wants them.
func (v Voice) Search(kql string, from, to time.Time) string {
	if v.Console == "" {
		return ""
	}
	q := url.Values{"q": {kql}}
	if !from.IsZero() {
		q.Set("from", from.UTC().Format(time.RFC3339))
	}
	if !to.IsZero() {
		q.Set("to", to.UTC().Format(time.RFC3339))
	}
	return strings.TrimSuffix(v.Console, "/") + "/search?" + q.Encode()
}

// Alert is the address of an alert on the console, "" without one.
func (v Voice) Alert(id string) string {
	if v.Console == "" {
		return ""
	}
	return strings.TrimSuffix(v.Console, "/") + "/alerts?" + url.Values{"id": {id}}.Encode()
}

// Quote is a value as KQL takes it, in quotes.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Cells makes a row of texts.
func Cells(texts ...string) []doc.Cell {
	out := make([]doc.Cell, len(texts))
	for i, t := range texts {
		out[i].Text = t
	}
	return out
}

// Months reads YYYY-MM in a zone and returns its first moment and that of the next one. Local days decide: a month of
// Seoul begins nine hours before that of UTC.
func Months(month string, zone *time.Location) (from, to time.Time, err error) {
	if zone == nil {
		zone = time.UTC
	}
	day, err := time.Parse("2006-01", month)
	if err != nil || day.Year() < 1970 || day.Year() > 9000 {
		return from, to, &fault.Error{Code: "usage", What: fmt.Sprintf("`%s` is no month", term.Escape(month)), Do: "write it as 2026-11", Exit: fault.ExitUsage}
	}
	return calendar.Start(day, zone), calendar.Month(day.Year(), day.Month()+1, zone), nil
}

// Zone reads the name of a zone; "" is UTC.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &fault.Error{Code: "usage", What: fmt.Sprintf("there is no time zone `%s`", term.Escape(name)), Do: "write it as Asia/Seoul or UTC", Exit: fault.ExitUsage, Cause: err}
	}
	return zone, nil
}
