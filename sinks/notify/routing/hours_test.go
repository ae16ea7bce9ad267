package routing

import (
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestHours_Contains(t *testing.T) {
	const layout = "Mon 2006-01-02 15:04 -0700"
	for _, tc := range []struct {
		name, hours, zone, at string
		want                  bool
	}{
		{"first minute", "Mon-Fri 09:00-18:00", "UTC", "Mon 2026-11-23 09:00 +0000", true},
		{"minute before", "Mon-Fri 09:00-18:00", "UTC", "Mon 2026-11-23 08:59 +0000", false},
		{"last minute", "Mon-Fri 09:00-18:00", "UTC", "Fri 2026-11-27 17:59 +0000", true},
		{"end is out", "Mon-Fri 09:00-18:00", "UTC", "Fri 2026-11-27 18:00 +0000", false},
		{"weekend", "Mon-Fri 09:00-18:00", "UTC", "Sat 2026-11-28 12:00 +0000", false},
		{"second part", "Mon-Fri 09:00-18:00, Sat 10:00-14:00", "UTC", "Sat 2026-11-28 12:00 +0000", true},
		{"a zone east", "Mon-Fri 09:00-18:00", "Asia/Seoul", "Mon 2026-11-23 00:00 +0000", true},
		{"a zone east, night there", "Mon-Fri 09:00-18:00", "Asia/Seoul", "Mon 2026-11-23 09:00 +0000", false},
		{"Korean days", "월-금 09:00-18:00", "Asia/Seoul", "Mon 2026-11-23 09:00 +0900", true},
		{"over midnight, evening", "Fri 22:00-06:00", "UTC", "Fri 2026-11-27 23:00 +0000", true},
		{"over midnight, morning after", "Fri 22:00-06:00", "UTC", "Sat 2026-11-28 05:59 +0000", true},
		{"over midnight, morning of the day", "Fri 22:00-06:00", "UTC", "Fri 2026-11-27 05:00 +0000", false},
		{"whole days over the week's end", "Sat-Mon", "UTC", "Sun 2026-11-29 00:00 +0000", true},
		{"every day", "08:00-09:00", "UTC", "Sun 2026-11-29 08:30 +0000", true},
		{"until midnight", "Sat 18:00-24:00", "UTC", "Sat 2026-11-28 23:59 +0000", true},
		{"after midnight", "Sat 18:00-24:00", "UTC", "Sun 2026-11-29 00:00 +0000", false},
		// Berlin puts its clocks on at 01:00 UTC on 2026-03-29: 02:00 to 03:00 is not there.
		{"summer begins: before", "Sun 01:30-02:30", "Europe/Berlin", "Sun 2026-03-29 00:45 +0000", true},
		{"summer begins: it is 03:00 at once", "Sun 01:30-02:30", "Europe/Berlin", "Sun 2026-03-29 01:00 +0000", false},
		{"summer begins: an hour that is not there", "Sun 02:00-03:00", "Europe/Berlin", "Sun 2026-03-29 01:30 +0000", false},
		{"summer begins: office hours of the Monday after", "Mon 09:00-10:00", "Europe/Berlin", "Mon 2026-03-30 07:00 +0000", true},
		{"summer begins: not an hour later", "Mon 09:00-10:00", "Europe/Berlin", "Mon 2026-03-30 08:00 +0000", false},
		// And back at 01:00 UTC on 2026-10-25: 02:00 to 03:00 is there twice.
		{"summer ends: first time", "Sun 02:15-02:45", "Europe/Berlin", "Sun 2026-10-25 00:30 +0000", true},
		{"summer ends: between", "Sun 02:15-02:45", "Europe/Berlin", "Sun 2026-10-25 01:00 +0000", false},
		{"summer ends: second time", "Sun 02:15-02:45", "Europe/Berlin", "Sun 2026-10-25 01:30 +0000", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := ParseHours(tc.hours)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(layout, tc.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := h.Contains(at, zone(t, tc.zone)); got != tc.want {
				t.Errorf("%s in %q: %v", at, tc.hours, got)
			}
		})
	}
}

func TestHours_End(t *testing.T) {
	berlin := "Europe/Berlin"
	for _, tc := range []struct {
		name, hours, zone, at, want string
	}{
		{"same day", "Mon-Fri 09:00-18:00", "UTC", "2026-11-23T09:00:00Z", "2026-11-23T18:00:00Z"},
		{"over midnight", "Fri 22:00-06:00", "UTC", "2026-11-27T22:10:30Z", "2026-11-28T06:00:00Z"},
		{"parts that touch", "Sat 00:00-24:00, Sun 00:00-08:00", "UTC", "2026-11-28T10:00:00Z", "2026-11-29T08:00:00Z"},
		{"clocks go on: an hour shorter", "Sun 01:00-04:00", berlin, "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z"},
		{"clocks go back: an hour longer", "Sun 01:00-04:00", berlin, "2026-10-24T23:30:00Z", "2026-10-25T03:00:00Z"},
		{"the end is in the hour that is not there", "Sun 01:00-02:30", berlin, "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		{"the whole week", "Mon-Sun", "UTC", "2026-11-23T09:00:00Z", ""},
		{"not in it", "Mon 09:00-18:00", "UTC", "2026-11-24T09:00:00Z", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, err := ParseHours(tc.hours)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, tc.at)
			if err != nil {
				t.Fatal(err)
			}
			end, ok := h.End(at, zone(t, tc.zone))
			if got := end.UTC().Format(time.RFC3339); ok != (tc.want != "") || ok && got != tc.want {
				t.Errorf("ends %s, %v", got, ok)
			}
		})
	}
}

func TestParseHours_Failure(t *testing.T) {
	for _, text := range []string{"", "Mon-Fri 09:00-18:00,", "Moon 09:00-10:00", "Mon 9-18", "Mon 09:00", "09:00-09:00", "24:00-25:00", "09:60-10:00", "24:01-10:00", "Mon Tue 09:00-10:00", "Mon- 09:00-10:00", "09:00-10:00 Mon", "+9:00-10:00"} {
		if h, err := ParseHours(text); err == nil {
			t.Errorf("%q is read as %+v", text, h)
		} else if !strings.Contains(err.Error(), `"`) {
			t.Errorf("%q: %v does not repeat what was wrong", text, err)
		}
	}
}

// FuzzParseHours: what is read says the same when its text is read again, and holds some minute of the week.
func FuzzParseHours(f *testing.F) {
	for _, s := range []string{"Mon-Fri 09:00-18:00, Sat 10:00-14:00", "22:00-06:00", "Sun", "토-월 0:00-24:00", "Mon-Fri 09:00-18:00,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHours(text)
		if err != nil {
			return
		}
		again, err := ParseHours(h.String())
		if err != nil {
			t.Fatal(err)
		}
		some := false
		at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		for range weekMinutes {
			in := h.Contains(at, time.UTC)
			if in != again.Contains(at, time.UTC) {
				t.Fatalf("%q: differs at %s", text, at)
			}
			some = some || in
			at = at.Add(time.Minute)
		}
		if !some {
			t.Errorf("%q holds no minute of a week", text)
		}
	})
}

func BenchmarkHours_Contains(b *testing.B) {
	h, err := ParseHours("Mon-Fri 09:00-18:00, Sat 10:00-14:00, Fri 22:00-06:00")
	if err != nil {
		b.Fatal(err)
	}
	seoul := zone(b, "Asia/Seoul")
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(time.Minute)
		h.Contains(at, seoul)
	}
}
