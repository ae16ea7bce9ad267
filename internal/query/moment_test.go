package query

import (
	"strings"
	"testing"
	"time"

	"weir/internal/fault"
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
		t.Skip("needs time zones: ", err)
	}
	m := momentOf("2026-10-25", time.Date(2026, 11, 1, 0, 0, 0, 0, berlin))
	if got := time.Duration(m.to - m.from); !m.ok || got != 25*time.Hour {
		t.Errorf("the day has %s", got)
	}
}
