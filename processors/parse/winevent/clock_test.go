package winevent

import (
	"slices"
	"testing"
	"time"

	"weir/event"
)

func TestParseTime(t *testing.T) {
	for s, want := range map[string]string{
		"2026-01-02T03:04:05Z":                 "2026-01-02T03:04:05Z",
		"2026-01-02 03:04:05.1":                "2026-01-02T03:04:05.1Z",
		"2026-01-02T03:04:05.123456789Z":       "2026-01-02T03:04:05.123456789Z",
		"2026-01-02T03:04:05,5Z":               "2026-01-02T03:04:05.5Z",
		"2026-01-02T03:04:05.1234567891Z":      "2026-01-02T03:04:05.123456789Z",
		"2026-01-02T03:04:05.5+09:00":          "2026-01-01T18:04:05.5Z",
		"2026-01-02 03:04:05.5 +0900":          "2026-01-01T18:04:05.5Z",
		"2026-01-02T03:04:05-0130":             "2026-01-02T04:34:05Z",
		"2026-01-02T03:04:05  0900":            "",
		"2026-01-02T03:04:05+09000":            "",
		"2026-01-02T03:04:05-00:30":            "2026-01-02T03:34:05Z",
		"1969-12-31T23:59:59.999Z":             "1969-12-31T23:59:59.999Z",
		"2024-02-29T00:00:00Z":                 "2024-02-29T00:00:00Z",
		"2000-02-29T23:59:59Z":                 "2000-02-29T23:59:59Z",
		"1678-01-01T00:00:00Z":                 "1678-01-01T00:00:00Z",
		"2261-12-31T23:59:59Z":                 "2261-12-31T23:59:59Z",
		"2025-02-29T00:00:00Z":                 "",
		"1900-02-29T00:00:00Z":                 "",
		"2026-13-01T00:00:00Z":                 "",
		"2026-00-01T00:00:00Z":                 "",
		"2026-04-31T00:00:00Z":                 "",
		"2026-04-00T00:00:00Z":                 "",
		"2026-01-02T24:00:00Z":                 "",
		"2026-01-02T03:60:00Z":                 "",
		"2026-01-02T03:04:60Z":                 "",
		"2026-01-02T03:04:05.Z":                "",
		"2026-01-02T03:04:05.5 UTC":            "",
		"2026-01-02T03:04:05+9:00":             "",
		"2026-01-02T03:04:05+24:00":            "",
		"2026-01-02":                           "",
		"0001-01-01T00:00:00Z":                 "",
		"9999-12-31T23:59:59Z":                 "",
		"20260102T030405Z and some more words": "",
		"":                                     "",
	} {
		ns, _, ok := ParseTime(s)
		got := ""
		if ok {
			got = time.Unix(0, ns).UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// Every day from 1970 on comes one after the one before it.
func TestDaysTo_EveryDay(t *testing.T) {
	for day, at := 0, time.Unix(0, 0).UTC(); at.Year() < 2105; day, at = day+1, at.AddDate(0, 0, 1) {
		if got := daysTo(at.Year(), int(at.Month()), at.Day()); got != day {
			t.Fatalf("%s is day %d, want %d", at.Format(time.DateOnly), got, day)
		}
		if at.Day() == 1 {
			if got := daysIn(at.Year(), int(at.Month())); got != at.AddDate(0, 1, -1).Day() {
				t.Fatalf("%s has %d days", at.Format("2006-01"), got)
			}
		}
	}
}

// Which of several times is that of the event, and that none of them is lost.
func TestRead_Times(t *testing.T) {
	for name, c := range map[string]struct {
		line, want string
		kept       []string
	}{
		"when Windows wrote it": {`{"TimeCreated":"2026-01-01T00:00:01.000Z","@timestamp":"2026-01-01T00:00:02.000Z","UtcTime":"2026-01-01 00:00:03"}`,
			"2026-01-01T00:00:01.000Z", []string{"2026-01-01T00:00:02.000Z", "2026-01-01 00:00:03"}},
		"the collector's": {`{"TimeCreated":"2026-01-01 00:00:01","@timestamp":"2026-01-01T00:00:02.000Z","UtcTime":"2026-01-01 00:00:03"}`,
			"2026-01-01T00:00:02.000Z", []string{"2026-01-01 00:00:01"}},
		"that of Sysmon": {`{"TimeCreated":"2026-01-01 00:00:01","UtcTime":"2026-01-01 00:00:03","EventTime":"2026-01-01 09:00:00"}`,
			"2026-01-01T00:00:03.000Z", []string{"2026-01-01 00:00:01", "2026-01-01 09:00:00"}},
		"without a zone": {`{"TimeCreated":"2026-01-01 00:00:01","EventTime":"2026-01-01 09:00:00"}`,
			"2026-01-01T00:00:01.000Z", []string{"2026-01-01 00:00:01"}},
		"the machine's": {`{"EventTime":"2026-01-01 09:00:00"}`,
			"2026-01-01T09:00:00.000Z", []string{"2026-01-01 09:00:00"}},
		"twice the same": {`{"TimeCreated":"2026-01-01T00:00:01.000Z","@timestamp":"2026-01-01T00:00:01.000Z"}`,
			"2026-01-01T00:00:01.000Z", nil},
		"another zone": {`{"@timestamp":"2026-01-01T09:00:00.000+09:00"}`,
			"2026-01-01T00:00:00.000Z", []string{"2026-01-01T09:00:00.000+09:00"}},
		"more digits": {`{"@timestamp":"2026-01-01T00:00:00.1234Z"}`,
			"2026-01-01T00:00:00.123400Z", []string{"2026-01-01T00:00:00.1234Z"}},
		"no time": {`{"@timestamp":"yesterday","UtcTime":"-"}`, "yesterday",
			[]string{"-"}},
		"a name that comes twice": {`{"@timestamp":"2026-01-01T00:00:02.000Z","@timestamp":"2026-01-01T00:00:09.000Z"}`,
			"2026-01-01T00:00:02.000Z",
			[]string{"2026-01-01T00:00:09.000Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			if err := New(paths).Read([]byte(c.line), &e); err != nil {
				t.Fatal(err)
			}
			if got := e.Get(event.Timestamp).Text(); got != c.want {
				t.Errorf("@timestamp is %s, want %s", got, c.want)
			}
			var there []string
			each(&e, func(_, text string) { there = append(there, text) })
			for _, text := range c.kept {
				if !slices.Contains(there, text) {
					t.Errorf("%q is nowhere in %q", text, there)
				}
			}
		})
	}
}
