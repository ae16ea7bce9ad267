package stamp

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	tests := map[string]string{
		"2024-01-02T03:04:05Z": "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.5+09:00": "2024-01-01T18:04:05.5Z", "1704164645": "2024-01-02T03:04:05Z", "1704164645.25": "2024-01-02T03:04:05.25Z",
		"1704164645123": "2024-01-02T03:04:05.123Z", "1704164645123456": "2024-01-02T03:04:05.123456Z", "1704164645123456789": "2024-01-02T03:04:05.123456789Z", "1704164645123.5": "2024-01-02T03:04:05.1235Z",
		"2024-01-02 03:04:05.5": "2024-01-02T03:04:05.5Z", "2024-01-02 03:04:05+0200": "2024-01-02T01:04:05Z", "Jan 02 2024 03:04:05": "2024-01-02T03:04:05Z", "Jan  2 2024 03:04:05.123 UTC": "2024-01-02T03:04:05.123Z",
		"02/Jan/2024:03:04:05 +0000": "2024-01-02T03:04:05Z", "Tue Jan  2 03:04:05 2024": "2024-01-02T03:04:05Z", "2024/01/02 03:04:05": "2024-01-02T03:04:05Z",
		"": "", "12": "", "123456789": "", "99999999999999999999": "", "Jan 02 03:04:05": "", "03:04:05 x": "", "1704164645.x": "",
	}
	for in, want := range tests {
		got, ok := Parse(in)
		switch {
		case want != "":
			if text := got.UTC().Format(time.RFC3339Nano); !ok || text != want {
				t.Errorf("%q: %s, %t, want %s", in, text, ok, want)
			}
		case ok:
			t.Errorf("%q was read as %s", in, got)
		}
	}
}

// TestParse_Bounds: a number is a time only in a unit that makes a plausible year; ids and counters are none.
func TestParse_Bounds(t *testing.T) {
	for in, ok := range map[string]bool{
		"631151999": false, "631152000": true, "4102444799": true, "4102444800": false, "4102444799999": true, "4102444800000": false,
		"1704164645.123456789": true, "1704164645.1234567890": false, "1704164645123456.5": false, "-1704164645": false, "1704164645.": false, "1704164645.-5": false,
		"0001-01-01 00:00:00": false, "2300-01-01 00:00:00": false,
	} {
		if got, read := Parse(in); read != ok {
			t.Errorf("%q: %s, %t", in, got, read)
		}
	}
}

// FuzzParse: what is read has a year that people mean, and blanks around it change nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1704164645.25", "2024-01-02T03:04:05Z", "Jan  2 2024 03:04:05.123 UTC", "02/Jan/2006:15:04:05 -0700", "99999999999999999", "0000-00-00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := Parse(s)
		if !ok {
			return
		}
		if again, ok := Parse(" " + s + "\t"); len(s) < 40 && (!ok || !again.Equal(at)) {
			t.Errorf("%q is %s, with blanks %s (%t)", s, at, again, ok)
		}
	})
}
