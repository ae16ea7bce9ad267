package unit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBytes(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1": 1, "64 KiB": 64 << 10, "64KiB": 64 << 10, "1.5 MiB": 3 << 19, "2 GiB": 2 << 30,
		"1 TiB": 1 << 40, "512 B": 512, "1_000": 1000, " 7 ": 7} {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || int64(b) != want {
			t.Errorf("%q = %d, %v, want %d", text, b, err, want)
		}
		var back Bytes
		if err := back.UnmarshalText([]byte(b.String())); err != nil || back != b {
			t.Errorf("%q prints as %q, which reads as %d", text, b, back)
		}
	}
	for _, text := range []string{"", "KiB", "1 MB", "1 kb", "-1", "1e3", "0x10", "1.5", "9999999999 GiB", "1 2", "1..2", "NaN"} {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %d", text, b)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "90s": 90 * time.Second, "10m": 10 * time.Minute, "1h30m": 90 * time.Minute,
		"7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour, "250ms": 250 * time.Millisecond, "1.5h": 90 * time.Minute} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%q = %v, %v, want %v", text, d, err, want)
		}
		var back Duration
		if err := back.UnmarshalText([]byte(d.String())); err != nil || back != d {
			t.Errorf("%q prints as %q, which reads as %v", text, d, back)
		}
	}
	for _, text := range []string{"", "soon", "-1s", "1", "d", "1d-1h", "+1h", "99999999d", "36500d2500000h", "1w", "1.5d"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %v", text, d)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "3000/s": 3000, "600/m": 10, "36/h": 0.01, "1_000 / s": 1000, "10/min": 10.0 / 60} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || float64(r) != want {
			t.Errorf("%q = %v, %v, want %v", text, float64(r), err, want)
		}
		var back Rate
		if err := back.UnmarshalText([]byte(r.String())); err != nil || float64(back)-want > 1e-12 {
			t.Errorf("%q prints as %q, which reads as %v, %v", text, r, float64(back), err)
		}
	}
	for _, text := range []string{"", "3000", "3000/", "/s", "1/d", "-1/s", "many/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %v", text, float64(r))
		}
	}
}

// TestSecret_NeverPrinted tries every way in which a value gets into a text.
func TestSecret_NeverPrinted(t *testing.T) {
	const secret = "hunter2"
	type sink struct{ Password Secret }
	s := struct {
		Name string
		Sink sink
	}{"x", sink{secret}}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(raw), fmt.Sprint(s), fmt.Sprintf("%v %+v %#v", s, s, s),
		fmt.Sprintf("%s %q %x %v", s.Sink.Password, s.Sink.Password, s.Sink.Password, s.Sink.Password)} {
		if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
			t.Errorf("the secret shows in %s", text)
		}
	}
	if !strings.Contains(string(raw), mask) {
		t.Errorf("no mask in %s", raw)
	}
}

// TestUnits_messages: a value that cannot be read is answered with what can.
func TestUnits_messages(t *testing.T) {
	type unit interface{ UnmarshalText([]byte) error }
	for _, c := range []struct {
		name, text, want string
		into             unit
	}{
		{"kilobytes", "64 kB", `"kB" is no unit of size: KiB, MiB, GiB, TiB or B`, new(Bytes)},
		{"half a byte", "1.5", "not a whole number of bytes", new(Bytes)},
		{"half a byte with its unit", "1.5 B", "not a whole number of bytes", new(Bytes)},
		{"a size without digits", ".", `"." is no number`, new(Bytes)},
		{"more than any disk", "9000000 TiB", "larger than any disk", new(Bytes)},
		{"a span without a unit", "90", `"90" is no time span: write 90s, 10m, 1h30m or 7d`, new(Duration)},
		{"a span of the past", "-90s", `"-90s" is no time span: write 90s, 10m, 1h30m or 7d`, new(Duration)},
		{"half a day", "1.5d", `"1.5" is no number of days`, new(Duration)},
		{"more days than a century has", "36501d", `"36501" is no number of days`, new(Duration)},
		{"a span beyond all", "36500d2500000h", "longer than 290 years", new(Duration)},
		{"a rate without its time", "3000", `"3000" is no rate: write 3000/s, 100/m, 10/h, or 0 for none`, new(Rate)},
		{"a rate of nothing", "/s", `"" is no number`, new(Rate)},
		{"a rate a day", "10/d", `"d" is no time of a rate: s, m or h`, new(Rate)},
	} {
		if err := c.into.UnmarshalText([]byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestUnits_shortest: a value prints in the form that a person would have written.
func TestUnits_shortest(t *testing.T) {
	for _, c := range []struct {
		got  fmt.Stringer
		want string
	}{
		{Bytes(0), "0"}, {Bytes(1023), "1023"}, {Bytes(1024), "1 KiB"}, {Bytes(1536), "1536"}, {Bytes(1 << 20), "1 MiB"}, {Bytes(3 << 29), "1536 MiB"}, {Bytes(1 << 40), "1 TiB"},
		{Duration(0), "0"}, {Duration(time.Minute), "1m"}, {Duration(time.Hour), "1h"}, {Duration(90 * time.Minute), "1h30m"}, {Duration(24 * time.Hour), "1d"},
		{Duration(25 * time.Hour), "1d1h"}, {Duration(time.Hour + time.Second), "1h0m1s"}, {Duration(1500 * time.Millisecond), "1.5s"},
		{Rate(0), "0"}, {Rate(3000), "3000/s"}, {Rate(0.5), "30/m"}, {Rate(1.0 / 360), "10/h"},
		{Secret(""), ""}, {Secret("x"), mask},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("%T %v prints as %s, want %s", c.got, c.got, got, c.want)
		}
	}
}
