package policy

import (
	"math/rand/v2"
	"testing"
	"time"

	"weir/internal/testkit"
)

// TestDue is a table of dates: what a record of a UTC day and a class of a period is kept until, in moments of UTC.
func TestDue(t *testing.T) {
	for _, tc := range []struct{ name, zone, day, keep, want string }{
		{"a year", "UTC", "2025-03-10", "1 year", "2026-03-11T00:00:00Z"},
		{"days", "UTC", "2026-01-01", "90 days", "2026-04-02T00:00:00Z"},
		{"two years over a leap day", "UTC", "2023-03-10", "2 years", "2025-03-11T00:00:00Z"},
		{"29 February, a year", "UTC", "2024-02-29", "1 year", "2025-03-01T00:00:00Z"},
		{"28 February of a leap year", "UTC", "2024-02-28", "1 year", "2025-03-01T00:00:00Z"},
		{"28 February, into a leap year", "UTC", "2023-02-28", "1 year", "2024-03-01T00:00:00Z"},
		{"29 February, four years", "UTC", "2024-02-29", "4 years", "2028-03-01T00:00:00Z"},
		{"28 February, four years", "UTC", "2024-02-28", "4 years", "2028-02-29T00:00:00Z"},
		{"30 January, a month", "UTC", "2025-01-30", "1 month", "2025-03-01T00:00:00Z"},
		{"31 January, a month", "UTC", "2025-01-31", "1 month", "2025-03-01T00:00:00Z"},
		{"30 April, a month", "UTC", "2025-04-30", "1 month", "2025-06-01T00:00:00Z"},
		{"12 months are a year", "UTC", "2025-11-30", "12 months", "2026-12-01T00:00:00Z"},
		{"over the end of a year", "UTC", "2025-12-31", "2 months", "2026-03-01T00:00:00Z"},
		// The UTC day lies in two days of Seoul: the later one counts.
		{"Seoul, the last local day", "Asia/Seoul", "2025-03-10", "1 year", "2026-03-11T15:00:00Z"},
		{"New York, a day that ends there", "America/New_York", "2025-07-10", "1 year", "2026-07-11T04:00:00Z"},
		{"New York, into winter time", "America/New_York", "2025-07-10", "120 days", "2025-11-08T05:00:00Z"},
		{"New York, the day of the change", "America/New_York", "2025-10-02", "1 month", "2025-11-03T05:00:00Z"},
		// Clocks of Sao Paulo went from 23:59:59 to 01:00 on 4 November 2018: the day began at one o'clock.
		{"a midnight that there is not", "America/Sao_Paulo", "2018-08-05", "90 days", "2018-11-04T03:00:00Z"},
		// On 18 February 2018 they went from 24:00 back to 23:00: the day before had 25 hours.
		{"an hour that comes twice", "America/Sao_Paulo", "2017-11-19", "90 days", "2018-02-18T03:00:00Z"},
		// Samoa had no 30 December 2011: what was to end there ends with the day before.
		{"a day that there is not", "Pacific/Apia", "2011-12-19", "10 days", "2011-12-30T10:00:00Z"},
		{"far ahead of UTC", "Pacific/Kiritimati", "2026-01-01", "1 day", "2026-01-03T10:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			zone, err := time.LoadLocation(tc.zone)
			if err != nil {
				testkit.Skip(t, "machine", err.Error())
			}
			p, faults := Parse(Options{Classes: "c", Zone: zone}, []byte("- {name: a, keep_at_least: "+tc.keep+", when: event.kind == 'event'}\n"), nil)
			if p == nil {
				t.Fatal(list(faults))
			}
			keep, gone, ok := p.Due("a", tc.day)
			if got := keep.UTC().Format(time.RFC3339); got != tc.want || !ok || !gone.IsZero() {
				t.Errorf("until %s %v %v, want %s", got, gone, ok, tc.want)
			}
		})
	}
}

// TestDue_Variants: a variant is for its days alone, and where two meet in one UTC day the longer one counts.
func TestDue_Variants(t *testing.T) {
	p := parse(t, `
- {name: a, keep_at_least: 5 years, valid_to: 2023-09-21, when: event.kind == 'event'}
- {name: a, keep_at_least: 3 years, delete_by: 4 years, valid_from: 2023-09-22, valid_to: 2024-12-31, when: event.kind == 'event'}
`, "")
	for _, tc := range []struct{ day, keep, gone string }{
		{"2023-09-20", "2028-09-21T15:00:00Z", ""},
		{"2023-09-21", "2028-09-21T15:00:00Z", "2028-09-21T15:00:00Z"}, // until 15:00 UTC of the older variant
		{"2023-09-22", "2026-09-23T15:00:00Z", "2027-09-22T15:00:00Z"},
		{"2024-12-31", "2027-12-31T15:00:00Z", "2028-12-31T15:00:00Z"}, // its second part is of no variant
		{"2025-01-01", "", ""},
	} {
		keep, gone, ok := p.Due("a", tc.day)
		text := func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.UTC().Format(time.RFC3339)
		}
		if text(keep) != tc.keep || text(gone) != tc.gone || ok != (tc.keep != "") {
			t.Errorf("%s: %s, gone by %s, %v; want %s, %s", tc.day, text(keep), text(gone), ok, tc.keep, tc.gone)
		}
	}
	for _, bad := range [][2]string{{"nobody", "2025-01-01"}, {"a", "2025-02-30"}, {"a", ""}} {
		if _, _, ok := p.Due(bad[0], bad[1]); ok {
			t.Errorf("%v is known", bad)
		}
	}
	if keep, _, ok := p.Due("default", "2025-01-01"); !ok || !keep.IsZero() {
		t.Errorf("kept until %s, want for ever", keep)
	}
}

// TestDue_Properties holds for every zone, day and period: no record of the day goes before its own local day has come again,
// and all have gone two days after it; a longer period is never over earlier; and days are over in their order.
func TestDue_Properties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for _, name := range []string{"UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Atlantic/Azores"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			testkit.Skip(t, "machine", err.Error())
		}
		for range 2000 {
			utc := time.Date(1995+rnd.IntN(45), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(31), 0, 0, 0, 0, time.UTC)
			p := Period{1 + rnd.IntN(800), 'd'}
			if rnd.IntN(2) == 0 {
				p = Period{1 + rnd.IntN(60), "my"[rnd.IntN(2)]}
			}
			_, last := localDays(utc, zone)
			until := startOf(afterLast(last, p), zone)
			// A record of the last moment of the UTC day, so much later by the clock of the zone.
			record := utc.AddDate(0, 0, 1).Add(-time.Nanosecond).In(zone)
			y, m, d := record.Date()
			again := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
			switch p.unit {
			case 'd':
				again = again.AddDate(0, 0, p.n)
			default:
				n := p.n
				if p.unit == 'y' {
					n *= 12
				}
				first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
				again = first.AddDate(0, 0, min(d, first.AddDate(0, 1, -1).Day())-1)
			}
			// The clock at the end shows a day after the one that comes again, and just before it none after it (but for months
			// without such a day, which are kept whole, and days that clocks skipped).
			if !civil(until, zone).After(again) || civil(until, zone).After(again.AddDate(0, 0, 4)) {
				t.Fatalf("%s, %s, %s: kept until %s, the day comes again on %s", name, utc.Format(time.DateOnly), p, until, again.Format(time.DateOnly))
			}
			slack := 1
			if p.unit != 'd' { // counted from the 1st of a month it ends with a month
				slack = 3
			}
			if civil(until.Add(-time.Nanosecond), zone).After(again.AddDate(0, 0, slack)) {
				t.Fatalf("%s, %s, %s: kept until %s, far behind %s", name, utc.Format(time.DateOnly), p, until, again.Format(time.DateOnly))
			}
			if longer := startOf(afterLast(last, Period{p.n + 1, p.unit}), zone); !longer.After(until) {
				t.Fatalf("%s, %s: a longer period than %s ends %s, not after %s", name, utc.Format(time.DateOnly), p, longer, until)
			}
			if next := startOf(afterLast(last.AddDate(0, 0, 1), p), zone); next.Before(until) {
				t.Fatalf("%s, %s, %s: the next day is over %s, before %s", name, utc.Format(time.DateOnly), p, next, until)
			}
		}
	}
}

// TestStartOf: the moment is one from which clocks show the day, and no earlier one any more, for every day of many zones.
func TestStartOf(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Seoul", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Atlantic/Azores", "Asia/Beirut", "America/Asuncion"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			testkit.Skip(t, "machine", err.Error())
		}
		for day := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2021; day = day.AddDate(0, 0, 1) {
			at := startOf(day, zone)
			if at.IsZero() || civil(at, zone).Before(day) || !civil(at.Add(-time.Nanosecond), zone).Before(day) {
				t.Fatalf("%s: %s begins at %s", name, day.Format(time.DateOnly), at)
			}
			for h := range 4 { // and it stays so
				if civil(at.Add(time.Duration(h)*time.Hour), zone).Before(day) {
					t.Fatalf("%s: the day before comes again after %s", name, at)
				}
			}
		}
	}
}

func TestPeriod(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"90d", "90 days"}, {"1 day", "1 day"}, {"2w", "14 days"}, {"12mo", "12 months"}, {"1 month", "1 month"}, {"1y", "1 year"}, {" 5 Years ", "5 years"}, {"forever", "forever"},
		{"3m", ""}, {"", ""}, {"0d", ""}, {"-1d", ""}, {"1.5y", ""}, {"d", ""}, {"1 fortnight", ""}, {"101y", ""}, {"99999999999999999999d", ""},
	} {
		p, err := parsePeriod(tc.text)
		if got := p.String(); (err == nil) != (tc.want != "") || err == nil && got != tc.want {
			t.Errorf("%q: %s %v, want %q", tc.text, got, err, tc.want)
		}
	}
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"1y", "12mo", true}, {"12mo", "1y", true}, {"366d", "1y", true}, {"365d", "1y", false}, {"1y", "365d", true}, {"1y", "366d", false}, {"2y", "731d", false},
		{"forever", "100y", true}, {"100y", "forever", false}, {"forever", "forever", true}, {"31d", "1mo", true}, {"30d", "1mo", false}, {"1mo", "28d", true}, {"1mo", "29d", false}, {"90d", "90d", true},
	} {
		a, _ := parsePeriod(tc.a)
		b, _ := parsePeriod(tc.b)
		if a.covers(b) != tc.want {
			t.Errorf("%s covers %s: %v", tc.a, tc.b, !tc.want)
		}
	}
	if (Period{}).Span() != 0 || (Period{2, 'y'}).Span() != 730*24*time.Hour || (Period{3, 'm'}).Span() != 90*24*time.Hour {
		t.Error("spans")
	}
}
