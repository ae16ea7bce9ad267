package query

import (
	"strings"
	"testing"
	"time"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/testkit"
)

func TestRangeBound(t *testing.T) {
	cases := []struct {
		q     string
		want  string
		after bool
	}{
		{"@timestamp > 2026-11-21", "2026-11-21T15:00:00Z", true},
		{"@timestamp >= 2026-11-21", "2026-11-20T15:00:00Z", true},
		{"@timestamp < 2026-11-21", "2026-11-20T15:00:00Z", false},
		{"@timestamp <= 2026-11-21", "2026-11-21T15:00:00Z", false},
		{"@timestamp >= now-15m", "2026-11-21T02:45:00Z", true},
		{"@timestamp >= now-1d/d", "2026-11-19T15:00:00Z", true},
		{"@timestamp <= now/w", "2026-11-22T15:00:00Z", false},
		{"@timestamp >= 2026-11-30||+1M/M", "2026-11-30T15:00:00Z", true},
		{"@timestamp >= now/y", "2025-12-31T15:00:00Z", true},
		{"@timestamp >= now+1h/h", "2026-11-21T04:00:00Z", true},
		{"@timestamp >= now-2h+30s/m", "2026-11-21T01:00:00Z", true},
		{"@timestamp >= 1795247408412", "2026-11-21T07:50:08.412Z", true},
	}
	for _, c := range cases {
		q, err := ParseAt(c.q, noon)
		if err != nil {
			t.Fatalf("%s: %v", c.q, err)
		}
		at, after, ok := q.Root().(*Range).Bound()
		if got := at.Format(time.RFC3339Nano); got != c.want || after != c.after || !ok {
			t.Errorf("%s: %s %v %v, want %s", c.q, got, after, ok, c.want)
		}
	}
	for _, bad := range []string{"now-", "now-x", "now-15", "now*2d", "now/15m", "2026-13-01", "2026-11-21||+1", "nowish", "now-99999999999d"} {
		if _, err := ParseAt("@timestamp > "+strings.ReplaceAll(bad, "*", `\*`), noon); fault.Code(err) != "kql-syntax" {
			t.Errorf("%s is taken as a date: %v", bad, err)
		}
	}
	if at, _, ok := mustRange(t, "@timestamp > 9999").Bound(); !ok || at.Year() != 2262 {
		t.Errorf("a far year is %s, want the last moment that there is", at)
	}
}

func mustRange(t *testing.T, q string) *Range {
	t.Helper()
	p, err := ParseAt(q, noon)
	if err != nil {
		t.Fatal(err)
	}
	return p.Root().(*Range)
}

// Each way of writing a date names a span.
func TestDateSpan(t *testing.T) {
	cases := []struct{ in, from, span string }{
		{"2026", "2025-12-31T15:00:00Z", "8760h0m0s"},
		{"2026-02", "2026-01-31T15:00:00Z", "672h0m0s"},
		{"2026-11-21", "2026-11-20T15:00:00Z", "24h0m0s"},
		{"2026-11-21T07", "2026-11-20T22:00:00Z", "1h0m0s"},
		{"2026-11-21T07:50", "2026-11-20T22:50:00Z", "1m0s"},
		{"2026-11-21 07:50", "2026-11-20T22:50:00Z", "1m0s"},
		{"2026-11-21T07:50:08", "2026-11-20T22:50:08Z", "1s"},
		{"2026-11-21T07:50:08Z", "2026-11-21T07:50:08Z", "1s"},
		{"2026-11-21T07:50:08.4Z", "2026-11-21T07:50:08.4Z", "100ms"},
		{"2026-11-21T07:50:08.412345678-01:00", "2026-11-21T08:50:08.412345678Z", "1ns"},
		{"1795247408412", "2026-11-21T07:50:08.412Z", "1ms"},
		{"20261121", "1970-01-01T05:37:41.121Z", "1ms"}, // five digits and more are milliseconds, as in Elasticsearch
	}
	for _, c := range cases {
		from, to, ok := dateSpan(c.in, noon.Location())
		if got := from.UTC().Format(time.RFC3339Nano); !ok || got != c.from || to.Sub(from).String() != c.span {
			t.Errorf("%s: from %s for %s, %v", c.in, got, to.Sub(from), ok)
		}
	}
	for _, bad := range []string{"", "21", "2026-1-1", "2026-11-21T", "2026-11-31", "21.11.2026", "2026-11-21T25:00"} {
		if _, _, ok := dateSpan(bad, time.UTC); ok {
			t.Errorf("%q is taken as a date", bad)
		}
	}
}

// A day in which clocks change is not 24 hours long.
func TestDateMath_clockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		testkit.Skip(t, "machine", "no time zones: "+err.Error())
	}
	m := momentOf("2026-10-25", time.Date(2026, 11, 1, 0, 0, 0, 0, berlin))
	if got := time.Duration(m.to - m.from); !m.ok || got != 25*time.Hour {
		t.Errorf("the day has %s", got)
	}
}

// A shortened date is a span, and each operator has one answer before it, in it and after it.
func TestRange_edges(t *testing.T) {
	const ns = time.Nanosecond
	begin := time.Date(2026, 11, 21, 0, 0, 0, 0, noon.Location())
	end := begin.AddDate(0, 0, 1)
	moments := []struct {
		name string
		at   time.Time
	}{{"just before", begin.Add(-ns)}, {"begin", begin}, {"last moment", end.Add(-ns)}, {"after", end}}
	for op, want := range map[string][4]bool{
		":":  {false, true, true, false},
		">":  {false, false, false, true},
		">=": {false, true, true, true},
		"<":  {true, false, false, false},
		"<=": {true, true, true, false},
	} {
		q, err := ParseAt("@timestamp "+op+" 2026-11-21", noon)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range moments {
			var e event.Event
			e.Set(event.Timestamp, event.At(m.at))
			if got := q.Match(&e); got != want[i] {
				t.Errorf("%s, %s the day: %v", q, m.name, got)
			}
		}
	}
}

// Whatever a date is written as: > and <= share out all events between them, >= and < too, and : is what both bounds
// have.
func TestRange_complements(t *testing.T) {
	texts := []string{"2026", "2026-11", "2026-11-21", "2026-11-21T12", `"2026-11-21T12:00"`, `"2026-11-21T12:00:00Z"`, `"2026-11-21T03:00:00.000Z"`, "1795230000000", "now", "now/d",
		"now-1h", "now-1M/M", "now+2d/w", "2026-11-21||-1y/y", "2026-02-28||+1M"}
	parse := func(src string) *Query {
		q, err := ParseAt(src, noon)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	for _, text := range texts {
		above, upTo := parse("@timestamp > "+text), parse("@timestamp <= "+text)
		from, below := parse("@timestamp >= "+text), parse("@timestamp < "+text)
		in, hits := parse("@timestamp: "+text), 0
		bounds := []int64{mustRange(t, "@timestamp >= "+text).bound(), mustRange(t, "@timestamp > "+text).bound()}
		for _, edge := range bounds {
			for _, d := range []int64{-1, 0, 1} {
				var e event.Event
				e.Set(event.Timestamp, event.At(time.Unix(0, edge+d)))
				if above.Match(&e) == upTo.Match(&e) || from.Match(&e) == below.Match(&e) {
					t.Errorf("%s: an event %d ns from a bound is in both halves or in none", text, d)
				}
				if in.Match(&e) != (from.Match(&e) && upTo.Match(&e)) {
					t.Errorf("%s: the value and its bounds do not agree %d ns from a bound", text, d)
				}
				if in.Match(&e) {
					hits++
				}
			}
		}
		if hits == 0 {
			t.Errorf("%s: no event is in it", text)
		}
	}
}

// Date math counts in the calendar of the zone, from left to right.
func TestDateMath(t *testing.T) {
	for _, c := range []struct{ name, in, from, to string }{
		{"now is a moment", "now", "2026-11-21T12:00:00+09:00", "2026-11-21T12:00:00.000000001+09:00"},
		{"minutes", "now-15m", "2026-11-21T11:45:00+09:00", "2026-11-21T11:45:00.000000001+09:00"},
		{"a unit alone is one", "now-h", "2026-11-21T11:00:00+09:00", "2026-11-21T11:00:00.000000001+09:00"},
		{"hours have two letters", "now+2H", "2026-11-21T14:00:00+09:00", "2026-11-21T14:00:00.000000001+09:00"},
		{"today", "now/d", "2026-11-21T00:00:00+09:00", "2026-11-22T00:00:00+09:00"},
		{"this hour", "now/h", "2026-11-21T12:00:00+09:00", "2026-11-21T13:00:00+09:00"},
		{"this minute", "now/m", "2026-11-21T12:00:00+09:00", "2026-11-21T12:01:00+09:00"},
		{"this second", "now/s", "2026-11-21T12:00:00+09:00", "2026-11-21T12:00:01+09:00"},
		{"this week begins on Monday", "now/w", "2026-11-16T00:00:00+09:00", "2026-11-23T00:00:00+09:00"},
		{"last month", "now-1M/M", "2026-10-01T00:00:00+09:00", "2026-11-01T00:00:00+09:00"},
		{"this year", "now/y", "2026-01-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00"},
		{"after rounding", "now/d-1d", "2026-11-20T00:00:00+09:00", "2026-11-21T00:00:00+09:00"},
		{"from a date", "2026-11-21||+1M", "2026-12-21T00:00:00+09:00", "2026-12-22T00:00:00+09:00"},
		{"from a date, rounded", "2026-11-21||/M", "2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00"},
		{"from a date, nothing added", "2026-11-21||", "2026-11-21T00:00:00+09:00", "2026-11-22T00:00:00+09:00"},
	} {
		m := momentOf(c.in, noon)
		from, to := time.Unix(0, m.from).In(noon.Location()), time.Unix(0, m.to).In(noon.Location())
		if !m.ok || from.Format(time.RFC3339Nano) != c.from || to.Format(time.RFC3339Nano) != c.to {
			t.Errorf("%s: %s is %s to %s", c.name, c.in, from.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano))
		}
	}
	for _, bad := range []string{"now-", "now-1", "now1d", "now/2d", "now*1d", "now-1q", "now-99999999999d", "2026-11-21||x", "||+1d", "noww"} {
		if m := momentOf(bad, noon); m.ok {
			t.Errorf("%q is taken as a date", bad)
		}
	}
}
