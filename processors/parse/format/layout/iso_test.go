package layout

import "testing"

func TestIsoDate(t *testing.T) {
	for _, c := range []struct {
		text             string
		year, month, day int
		n                int
	}{
		{"2024-05-01", 2024, 5, 1, 10},
		{"2024/05/01 x", 2024, 5, 1, 10},
		{"20240501T10", 2024, 5, 1, 8},
		{"2024-5-01", 0, 0, 0, -1},
		{"2024-05/01", 0, 0, 0, -1},
		{"2024-05", 0, 0, 0, -1},
		{"2024-", 0, 0, 0, -1},
		{"202", 0, 0, 0, -1},
		{"", 0, 0, 0, -1},
	} {
		var f fields
		n := isoDate(c.text, &f)
		if n != c.n {
			t.Errorf("%q: length %d, want %d", c.text, n, c.n)
			continue
		}
		if n > 0 && (f.year != c.year || f.month != c.month || f.day != c.day) {
			t.Errorf("%q: %d-%d-%d", c.text, f.year, f.month, f.day)
		}
	}
}

func TestIsoClock(t *testing.T) {
	for _, c := range []struct {
		text                       string
		hour, minute, second, nano int
		n                          int
	}{
		{"10:20:30", 10, 20, 30, 0, 8},
		{"10:20:30.5Z", 10, 20, 30, 500_000_000, 10},
		{"10:20:30,123456789", 10, 20, 30, 123_456_789, 18},
		{"10:20:30.1234567891", 10, 20, 30, 123_456_789, 19},
		{"10:20", 10, 20, 0, 0, 5},
		{"10:20+02:00", 10, 20, 0, 0, 5},
		{"102030Z", 10, 20, 30, 0, 6},
		{"1020", 10, 20, 0, 0, 4},
		{"10:20:30.", 10, 20, 30, 0, 8},
		{"10", 0, 0, 0, 0, -1},
		{"1:20", 0, 0, 0, 0, -1},
		{"10:2", 0, 0, 0, 0, -1},
	} {
		var f fields
		n := isoClock(c.text, &f)
		if n != c.n {
			t.Errorf("%q: length %d, want %d", c.text, n, c.n)
			continue
		}
		if n > 0 && (f.hour != c.hour || f.minute != c.minute || f.second != c.second || f.nano != c.nano) {
			t.Errorf("%q: %d:%d:%d.%d", c.text, f.hour, f.minute, f.second, f.nano)
		}
	}
}

func TestReadEpoch(t *testing.T) {
	const second, milli, nano = 1_000_000_000, 1_000_000, 1
	for _, c := range []struct {
		name string
		text string
		unit int64
		want string // RFC 3339; "" is no time
	}{
		{"seconds", "1714557600", second, "2024-05-01T10:00:00Z"},
		{"nought", "0", second, "1970-01-01T00:00:00Z"},
		{"before 1970", "-1", second, "1969-12-31T23:59:59Z"},
		{"fraction before 1970", "-0.5", second, "1969-12-31T23:59:59.5Z"},
		{"long fraction", "1.1234567891234", second, "1970-01-01T00:00:01.123456789Z"},
		{"point without a fraction", "5.", second, "1970-01-01T00:00:05Z"},
		{"milliseconds", "1714557600001", milli, "2024-05-01T10:00:00.001Z"},
		{"fraction of milliseconds", "1500.25", milli, "1970-01-01T00:00:01.50025Z"},
		{"nanoseconds", "1500000001", nano, "1970-01-01T00:00:01.500000001Z"},
		{"exponent", "1.5e3", second, "1970-01-01T00:25:00Z"},
		{"exponent of a big count", "1.7145576e+12", milli, "2024-05-01T10:00:00Z"},
		{"nothing", "", second, ""},
		{"a sign", "-", second, ""},
		{"two signs", "--1", second, ""},
		{"letters", "12h", second, ""},
		{"two points", "1.2.3", second, ""},
		{"no number", "NaN", second, ""},
		{"infinite", "Inf", second, ""},
		{"hexadecimal", "0x10", second, ""},
		{"too late", "253402300800", second, ""},
		{"more than fits", "99999999999999999999", nano, ""},
		{"an exponent beyond", "1e300", second, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f fields
			ok := readEpoch(c.text, &f, c.unit)
			if ok != (c.want != "") {
				t.Fatalf("%q: %v", c.text, ok)
			}
			if got := f.whole.Format("2006-01-02T15:04:05.999999999Z07:00"); ok && got != c.want {
				t.Errorf("%q: %s, want %s", c.text, got, c.want)
			}
		})
	}
}
