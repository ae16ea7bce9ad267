package event

import (
	"testing"
	"time"
)

func TestParseTime_Success(t *testing.T) {
	for _, s := range []string{
		"2024-02-29T23:59:59Z", "2024-02-29T23:59:59.1Z", "2024-02-29T23:59:59.123456789Z", "2024-02-29T23:59:59.000000001+09:00",
		"1970-01-01T00:00:00-00:30", "1678-01-01T00:00:00Z", "2261-12-31T23:59:59.999999999Z", "2000-01-01T00:00:00+23:59",
	} {
		got, ok := parseTime(s)
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || got != want.UnixNano() {
			t.Errorf("%s: %d, %t, want %d", s, got, ok, want.UnixNano())
		}
	}
}

func TestParseTime_Failure(t *testing.T) {
	for _, s := range []string{
		"", "2024", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z",
		"2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00z",
		"2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00.5", "2024-01-01T00:00:00+0900", "2024-01-01T00:00:00+24:00",
		"2024-01-01T00:00:00+09:60", "2024-01-01T00:00:00Z ", "2024-01-01T00:00:00ZZ", "+024-01-01T00:00:00Z", "1677-12-31T00:00:00Z", "2262-01-01T00:00:00Z",
		"1678-01-01T00:00:00+09:00", "2024/01-01T00:00:00Z", "2024-01-01T00:00:00*09:00",
	} {
		if ns, ok := parseTime(s); ok {
			t.Errorf("%q was read as %d", s, ns)
		}
	}
}

func TestAppendTime(t *testing.T) {
	tests := []struct {
		ns   int64
		want string
	}{
		{0, "1970-01-01T00:00:00.000Z"},
		{1, "1970-01-01T00:00:00.000000001Z"},
		{1e3, "1970-01-01T00:00:00.000001Z"},
		{1e6, "1970-01-01T00:00:00.001Z"},
		{-1, "1969-12-31T23:59:59.999999999Z"},
		{minTime, "1678-01-01T00:00:00.000Z"},
		{maxTime, "2261-12-31T23:59:59.999999999Z"},
	}
	for _, tt := range tests {
		got := string(appendTime(nil, tt.ns))
		if got != tt.want {
			t.Errorf("%d: got %s, want %s", tt.ns, got, tt.want)
		}
		if back, ok := parseTime(got); !ok || back != tt.ns {
			t.Errorf("%s reads back as %d, %t", got, back, ok)
		}
	}
}

// FuzzParseTime: what is accepted is what the standard library reads, and is written so that it reads back the same.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2024-02-29T23:59:59.123Z", "1969-12-31T23:59:59.999999999-12:34", "2024-01-01T00:00:00Z", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ns, ok := parseTime(s)
		if !ok {
			return
		}
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || want.UnixNano() != ns {
			t.Fatalf("%q: got %d, the standard library %d, %v", s, ns, want.UnixNano(), err)
		}
		if back, ok := parseTime(string(appendTime(nil, ns))); !ok || back != ns {
			t.Fatalf("%q: written as %s", s, appendTime(nil, ns))
		}
	})
}

// FuzzTime: what is read as a time is written in a form that is read back as the same moment.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2024-02-29T12:00:00Z", "1678-01-01T00:00:00.000000001+23:59", "2261-12-31T23:59:59.999999999Z", "2024-01-01T00:00:60Z", "2024-13-01T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ns, ok := parseTime(s)
		if !ok {
			return
		}
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || want.UnixNano() != ns {
			t.Fatalf("%q: %d, the standard library says %s (%v)", s, ns, want, err)
		}
		text := string(appendTime(nil, ns))
		if again, ok := parseTime(text); !ok || again != ns {
			t.Errorf("%q became %q, which is %d (%t)", s, text, again, ok)
		}
	})
}
