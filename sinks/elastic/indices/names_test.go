package indices

import (
	"strings"
	"testing"
	"time"
)

const days = 24 * time.Hour

func keepOf(class string) time.Duration {
	return map[string]time.Duration{"short": 7 * days, "edge": 90 * days, "year": 365 * days, "law": 5 * 365 * days}[class]
}

func TestNames(t *testing.T) {
	n := Names{Prefix: "logs-weir.", Keep: keepOf}
	at := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		class string
		at    time.Time
		want  string
		end   string
	}{
		{"standard", at, "logs-weir.standard-2026.11.21", "2026-11-22"},
		{"short", at, "logs-weir.short-2026.11.21", "2026-11-22"},
		{"edge", at, "logs-weir.edge-2026.11.21", "2026-11-22"},
		{"year", at, "logs-weir.year-2026.w47", "2026-11-23"},
		{"law", at, "logs-weir.law-2026.11", "2026-12-01"},
		{"law", time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), "logs-weir.law-2026.12", "2027-01-01"},
		{"year", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "logs-weir.year-2026.w53", "2027-01-04"},
		{"year", time.Date(2024, 12, 30, 0, 0, 0, 0, time.UTC), "logs-weir.year-2025.w01", "2025-01-06"},
		{"standard", time.Date(2026, 11, 22, 8, 0, 0, 0, time.FixedZone("", 9*3600)), "logs-weir.standard-2026.11.21", "2026-11-22"},
		{"Personal Data/EU", at, "logs-weir.personal_data_eu-2026.11.21", "2026-11-22"},
		{"a-2026.11.20", at, "logs-weir.a_2026.11.20-2026.11.21", "2026-11-22"},
		{"개인", at, "logs-weir.__-2026.11.21", "2026-11-22"},
	} {
		got := n.Index(tc.class, tc.at)
		if got != tc.want {
			t.Errorf("%s at %s: %s, want %s", tc.class, tc.at, got, tc.want)
		}
		alias, begin, end, ok := n.split(got)
		if !ok || alias != n.Alias(tc.class) || begin.After(tc.at) || !end.After(tc.at) || end.Format(time.DateOnly) != tc.end {
			t.Errorf("%s: %s until %s %v, want %s until %s", got, alias, end, ok, n.Alias(tc.class), tc.end)
		}
	}
}

func TestSplit_Foreign(t *testing.T) {
	n := Names{Prefix: "logs-weir."}
	for _, name := range []string{"", "logs-weir.", "logs-weir.standard", "logs-other.standard-2026.11.21", "logs-weir.standard-2026.13.01", "logs-weir.standard-2026.w00",
		"logs-weir.standard-2026.w54", "logs-weir.standard-26.w01", "logs-weir.standard-restored", "logs-2026.11.21", "logs-weir.x-2026.w1"} {
		if alias, _, end, ok := n.split(name); ok {
			t.Errorf("%q is taken for an index of ours: %s until %s", name, alias, end)
		}
	}
}

// FuzzIndex: every class and time gives a name that Elasticsearch takes and that is taken apart again.
func FuzzIndex(f *testing.F) {
	f.Add("standard", int64(1_795_000_000))
	f.Add("../*?\"<>| ,#:\\", int64(0))
	f.Add(strings.Repeat("é", 90), int64(-1))
	f.Add("law", int64(253402300799))
	f.Fuzz(func(t *testing.T, class string, sec int64) {
		at := time.Unix(sec%253402300799, 0).UTC()
		if at.Year() < 1000 || at.Year() > 9998 {
			return
		}
		n := Names{Prefix: "logs-weir.", Keep: keepOf}
		name := n.Index(class, at)
		if len(name) > 255 || strings.ToLower(name) != name || strings.ContainsAny(name, "\\/*?\"<>| ,#:") {
			t.Fatalf("%q cannot be the name of an index", name)
		}
		alias, begin, end, ok := n.split(name)
		if !ok || alias != n.Alias(class) || begin.After(at) || !end.After(at) || end.Sub(at) > 32*days {
			t.Fatalf("%q of %s ends %s (%v)", name, at, end, ok)
		}
	})
}
