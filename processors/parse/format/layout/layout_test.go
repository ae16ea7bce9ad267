package layout

import (
	"strings"
	"testing"
	"time"
)

// parse reads a time received at noon of 2024-05-01 UTC, in a zone two hours east.
func parse(t testing.TB, text string, layouts ...string) (string, bool, error) {
	t.Helper()
	s, err := Compile(layouts)
	if err != nil {
		t.Fatal(err)
	}
	received := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	at, zone, err := s.Parse(text, received, time.FixedZone("test", 7200))
	if err != nil {
		return "", false, err
	}
	return at.UTC().Format(time.RFC3339Nano), zone, nil
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		layout, text, want string
		zone               bool
	}{
		// ISO 8601.
		{"ISO8601", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z", true},
		{"ISO8601", "2024-05-01T10:00:00.123456789+09:00", "2024-05-01T01:00:00.123456789Z", true},
		{"ISO8601", "2024-05-01 10:00:00,5 -0330", "2024-05-01T13:30:00.5Z", true},
		{"ISO8601", "2024-05-01T10:00:00+09", "2024-05-01T01:00:00Z", true},
		{"ISO8601", "2024-05-01T10:00:00", "2024-05-01T08:00:00Z", false},
		{"ISO8601", "2024-05-01T10:00", "2024-05-01T08:00:00Z", false},
		{"ISO8601", "2024/05/01 10:00:00", "2024-05-01T08:00:00Z", false},
		{"ISO8601", "2024-05-01", "2024-04-30T22:00:00Z", false},
		{"ISO8601", "20240501T100000Z", "2024-05-01T10:00:00Z", true},
		{"ISO8601", "2024-05-01 10:00:00 UTC", "2024-05-01T10:00:00Z", true},
		{"ISO8601", "2024-05-01T10:00:00.1234567890123Z", "2024-05-01T10:00:00.123456789Z", true},
		// Counts.
		{"UNIX", "1714557600", "2024-05-01T10:00:00Z", true},
		{"UNIX", "1714557600.25", "2024-05-01T10:00:00.25Z", true},
		{"UNIX", "1.7145576e+09", "2024-05-01T10:00:00Z", true},
		{"UNIX", "-1.5", "1969-12-31T23:59:58.5Z", true},
		{"UNIX_MS", "1714557600123", "2024-05-01T10:00:00.123Z", true},
		{"UNIX_MS", "1714557600123.456", "2024-05-01T10:00:00.123456Z", true},
		{"UNIX_US", "1714557600123456", "2024-05-01T10:00:00.123456Z", true},
		{"UNIX_NS", "1714557600123456789", "2024-05-01T10:00:00.123456789Z", true},
		// Times of syslog and of web servers.
		{"RFC3164", "May  1 10:00:00", "2024-05-01T08:00:00Z", false},
		{"RFC3164", "Apr 30 23:59:59.5", "2024-04-30T21:59:59.5Z", false},
		{"HTTP", "01/May/2024:10:00:00 -0700", "2024-05-01T17:00:00Z", true},
		// Letters.
		{"yyyy-MM-dd HH:mm:ss.SSS Z", "2024-05-01 10:00:00.123 +0900", "2024-05-01T01:00:00.123Z", true},
		{"yyyy-MM-dd'T'HH:mm:ss''", "2024-05-01T10:00:00'", "2024-05-01T08:00:00Z", false},
		{"'it''s' yyyy", "it's 2024", "2023-12-31T22:00:00Z", false},
		{"yyyyMMddHHmmss", "20240501100000", "2024-05-01T08:00:00Z", false},
		{"yyyyMMddHHmmssSSS", "20240501100000123", "2024-05-01T08:00:00.123Z", false},
		{"yy/MM/dd HH:mm", "24/5/1 10:00", "2024-05-01T08:00:00Z", false},
		{"d.M.yyyy H:m:s", "1.5.2024 9:5:7", "2024-05-01T07:05:07Z", false},
		{"EEE MMM d HH:mm:ss yyyy", "Wed May  1 10:00:00 2024", "2024-05-01T08:00:00Z", false},
		{"EEEE, MMMM dd, yyyy h:mm:ss a", "Wednesday, May 01, 2024 1:00:00 PM", "2024-05-01T11:00:00Z", false},
		{"MMM dd yyyy hh:mm a", "sept 02 2024 12:30 am", "2024-09-01T22:30:00Z", false},
		{"MMMM d yyyy", "December 1 2024", "2024-11-30T22:00:00Z", false},
		{"HH:mm:ss", "10:00:00", "2024-05-01T08:00:00Z", false},
		{"yyyy D HH:mm", "2024 122 10:00", "2024-05-01T08:00:00Z", false},
		{"kk:mm", "24:30", "2024-04-30T22:30:00Z", false},
		{"yyyy-MM-dd HH:mm:ss.SSS", "2024-05-01 10:00:00,1234567899", "2024-05-01T08:00:00.123456789Z", false},
		{"yyyy-MM-dd HH:mm[:ss][ Z]", "2024-05-01 10:00", "2024-05-01T08:00:00Z", false},
		{"yyyy-MM-dd HH:mm[:ss][ Z]", "2024-05-01 10:00:05 +0000", "2024-05-01T10:00:05Z", true},
		{"yyyy-MM-dd[ HH[:mm]]", "2024-05-01 10", "2024-05-01T08:00:00Z", false},
		{"yyyy-MM-dd HH:mm:ss", "2016-12-31 23:59:60", "2016-12-31T22:00:00Z", false},
		// Zones.
		{"HH:mm z", "10:00 KST", "2024-05-01T01:00:00Z", true},
		{"HH:mm z", "10:00 pdt", "2024-05-01T17:00:00Z", true},
		{"HH:mm VV", "10:00 Asia/Seoul", "2024-05-01T01:00:00Z", true},
		{"HH:mm VV", "10:00 America/Argentina/Buenos_Aires", "2024-05-01T13:00:00Z", true},
		{"HH:mm VV", "10:00 Etc/GMT+9", "2024-05-01T19:00:00Z", true},
		{"HH:mm O", "10:00 GMT+2", "2024-05-01T08:00:00Z", true},
		{"HH:mmX", "10:00Z", "2024-05-01T10:00:00Z", true},
		{"HH:mmXXX", "10:00-03:30", "2024-05-01T13:30:00Z", true},
		{"yyyy-MM-dd HH:mm VV", "2024-07-01 10:00 Europe/Berlin", "2024-07-01T08:00:00Z", true},
		{"yyyy-MM-dd HH:mm VV", "2024-01-01 10:00 Europe/Berlin", "2024-01-01T09:00:00Z", true},
	} {
		t.Run(c.layout+" "+c.text, func(t *testing.T) {
			got, zone, err := parse(t, c.text, c.layout)
			if err != nil || got != c.want || zone != c.zone {
				t.Errorf("%s, zone %v, %v; want %s, %v", got, zone, err, c.want, c.zone)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ layout, text string }{
		{"ISO8601", ""}, {"ISO8601", "yesterday"}, {"ISO8601", "2024-13-01"}, {"ISO8601", "2024-02-30T10:00:00"},
		{"ISO8601", "2024-05-01T10:00:00Zoolo"}, {"ISO8601", "2024-05-01T25:00:00"}, {"ISO8601", "2024-05/01"}, {"ISO8601", "2024-05-01x10:00"},
		{"UNIX", "12a"}, {"UNIX", "99999999999999"}, {"UNIX", "1.x"}, {"UNIX", "NaN"}, {"UNIX_MS", "1e99"},
		{"RFC3164", "Mai 1 10:00:00"}, {"RFC3164", "Feb 30 10:00:00"},
		{"HH:mm:ss", "10:60:00"}, {"HH:mm:ss", "10:00"}, {"HH:mm:ss", "10:00:00 x"}, {"hh:mm a", "13:00 PM"}, {"hh:mm a", "12:00 XX"},
		{"HH:mm z", "10:00"}, {"HH:mm z", "10:00 FOO"}, {"HH:mm VV", "10:00 ../../etc/passwd"}, {"HH:mm Z", "10:00 +99"}, {"yyyy D", "2024 367"},
	} {
		if got, _, err := parse(t, c.text, c.layout); err == nil {
			t.Errorf("%q is taken for %s by %s", c.text, got, c.layout)
		}
	}
}

func TestFirstThatFits(t *testing.T) {
	got, _, err := parse(t, "1714557600", "ISO8601", "UNIX")
	if err != nil || got != "2024-05-01T10:00:00Z" {
		t.Errorf("%s, %v", got, err)
	}
	// 20 May does not exist as month 20, so the second layout counts.
	got, _, _ = parse(t, "20/05/2024", "MM/dd/yyyy", "dd/MM/yyyy")
	if got != "2024-05-19T22:00:00Z" {
		t.Errorf("%s", got)
	}
	_, _, err = parse(t, strings.Repeat("x", 100), "ISO8601", "HH:mm")
	if err == nil || !strings.HasSuffix(err.Error(), `x..." is no time of the layout ISO8601 or HH:mm`) {
		t.Errorf("error %v", err)
	}
}

// A time without a year lies in the last year in which it is not of the future.
func TestWithoutYear(t *testing.T) {
	s, _ := Compile([]string{"MMM d HH:mm:ss"})
	for _, c := range []struct{ received, text, want string }{
		{"2024-01-01T00:00:05Z", "Dec 31 23:59:59", "2023-12-31T23:59:59Z"},
		{"2024-12-31T23:59:55Z", "Jan  1 00:00:01", "2025-01-01T00:00:01Z"},
		{"2024-05-01T00:00:00Z", "Apr 30 10:00:00", "2024-04-30T10:00:00Z"},
		{"2025-03-01T00:00:00Z", "Feb 29 10:00:00", "2024-02-29T10:00:00Z"},
		{"2026-12-01T00:00:00Z", "Feb 29 10:00:00", "2024-02-29T10:00:00Z"},
		{"2026-11-21T00:00:00Z", "May 10 10:00:00", "2026-05-10T10:00:00Z"},
		{"2026-11-21T00:00:00Z", "Dec 10 10:00:00", "2025-12-10T10:00:00Z"},
		{"2026-11-21T00:00:00Z", "Nov 27 10:00:00", "2026-11-27T10:00:00Z"},
	} {
		received, _ := time.Parse(time.RFC3339, c.received)
		got, _, err := s.Parse(c.text, received, nil)
		if err != nil || got.Format(time.RFC3339) != c.want {
			t.Errorf("%s received at %s: %s, %v; want %s", c.text, c.received, got, err, c.want)
		}
	}
}

func TestParseMakesNoGarbage(t *testing.T) {
	s, _ := Compile([]string{"UNIX", "ISO8601", "MMM d yyyy HH:mm:ss z", "HH:mm VV"})
	received := time.Now()
	for _, text := range []string{"1714557600", "2024-05-01T10:00:00.5Z", "May  1 2024 10:00:00 KST", "10:00 Asia/Seoul"} {
		n := testing.AllocsPerRun(50, func() { _, _, _ = s.Parse(text, received, time.UTC) })
		if n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

// FuzzParse: what the standard library reads as RFC 3339 is read as the same time; any time of a layout is written and
// read back.
func FuzzParse(f *testing.F) {
	f.Add("2024-05-01T10:00:00.5+09:00", int64(1714557600))
	f.Add("May  1 10:00:00 2024 Asia/Seoul", int64(0))
	f.Add("24/5/1 1:2:3 PM GMT+3", int64(-1))
	iso, _ := Compile(nil)
	many, err := Compile([]string{"MMM d HH:mm:ss yyyy VV", "yy/M/d h:m:s a z", "yyyy D[ HH:mm]", "UNIX", "UNIX_MS", "UNIX_NS", "RFC3164", "HTTP"})
	if err != nil {
		f.Fatal(err)
	}
	full, _ := Compile([]string{"EEE, dd MMM yyyy HH:mm:ss Z"})
	received := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string, second int64) {
		want, err := time.Parse(time.RFC3339Nano, text)
		got, _, gotErr := iso.Parse(text, received, nil)
		if _, offset := want.Zone(); err == nil && offset > -65000 && offset < 65000 && (gotErr != nil || !got.Equal(want)) {
			t.Errorf("%q: %v, %v; want %v", text, got, gotErr, want)
		}
		_, _, _ = many.Parse(text, received, nil)
		at := time.Unix(second%maxEpoch, 0).UTC()
		if at.Year() < 1000 {
			return
		}
		got, zone, err := full.Parse(at.Format("Mon, 02 Jan 2006 15:04:05 -0700"), received, nil)
		if err != nil || !zone || !got.Equal(at) {
			t.Errorf("%v became %v, %v", at, got, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	received := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ layout, text string }{
		{"ISO8601", "2024-05-01T10:00:00.123+09:00"},
		{"UNIX_MS", "1714557600123"},
		{"RFC3164", "May  1 10:00:00"},
		{"yyyy-MM-dd HH:mm:ss.SSS Z", "2024-05-01 10:00:00.123 +0900"},
		{"MMM dd yyyy HH:mm:ss VV", "May 01 2024 10:00:00 Asia/Seoul"},
	} {
		s, err := Compile([]string{c.layout})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.layout, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := s.Parse(c.text, received, time.UTC); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
