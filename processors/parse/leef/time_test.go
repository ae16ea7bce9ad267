package leef

import (
	"testing"
	"time"
)

func TestGoLayout(t *testing.T) {
	tests := map[string]string{
		"MMM dd yyyy HH:mm:ss": "Jan 02 2006 15:04:05", "yyyy-MM-dd'T'HH:mm:ss.SSSZ": "2006-01-02T15:04:05.000-0700", "dd/MM/yy hh:mm a": "02/01/06 03:04 PM",
		"EEE MMM d HH:mm:ss zzz yyyy": "Mon Jan 2 15:04:05 MST 2006", "h 'o''clock'": "3 o'clock", "yyyy-MM-dd'T'HH:mm:ssXXX": "2006-01-02T15:04:05Z07:00",
	}
	for java, want := range tests {
		got, ok := goLayout(java)
		if !ok || got != want {
			t.Errorf("%s: got %q, %t, want %q", java, got, ok, want)
		}
	}
	for _, java := range []string{"QQQ", "yyyyy", "w", "'open"} {
		if got, ok := goLayout(java); ok {
			t.Errorf("%s: got %q", java, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2013, 1, 18, 11, 7, 53, 0, time.UTC)
	tests := []struct{ value, format string }{
		{"Jan 18 2013 11:07:53", "MMM dd yyyy HH:mm:ss"}, {"2013-01-18T11:07:53Z", ""}, {"1358507273", ""}, {"18/01/13 11:07:53", "dd/MM/yy HH:mm:ss"},
		{"Jan 18 2013 20:07:53 KST", "MMM dd yyyy HH:mm:ss z"}, {"Jan 18 2013 11:07:53", "not a format"}, {"2013-01-18T20:07:53.000+0900", "yyyy-MM-dd'T'HH:mm:ss.SSSZ"},
	}
	for _, tt := range tests {
		if got, ok := parseTime(tt.value, tt.format); !ok || !got.Equal(want) {
			t.Errorf("%s, %s: %s, %t", tt.value, tt.format, got, ok)
		}
	}
	for _, tt := range tests[:1] {
		if got, ok := parseTime("x"+tt.value, tt.format); ok {
			t.Errorf("read as %s", got)
		}
	}
	if _, ok := parseTime("", "MMM"); ok {
		t.Error("nothing is no time")
	}
}
