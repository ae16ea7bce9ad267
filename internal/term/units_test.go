package term

import (
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	for _, x := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(7), "7"}, {Count(999), "999"}, {Count(1204), "1,204"}, {Count(88120433), "88,120,433"}, {Count(-1204), "-1,204"},
		{Short(0), "0"}, {Short(0.1), "0.1"}, {Short(214), "214"}, {Short(1498), "1,498"}, {Short(12_400), "12.4 k"}, {Short(412_345), "412 k"},
		{Short(2_100_000), "2.1 M"}, {Short(41_200_000), "41.2 M"}, {Short(999_700), "1 M"}, {Short(5e9), "5 G"},
		{Rate(0.1), "0.1/s"}, {Rate(12_400), "12.4 k/s"}, {Rate(0), "0/s"},
		{Bytes(0), "0 B"}, {Bytes(1023), "1023 B"}, {Bytes(4096), "4 KiB"}, {Bytes(310 << 10), "310 KiB"}, {Bytes(40909406208), "38.1 GiB"},
		{Bytes(10307921510), "9.6 GiB"}, {Bytes(1 << 40), "1 TiB"}, {Bytes(208 << 10), "208 KiB"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 250 * time.Microsecond: "250 µs", 3 * time.Millisecond: "3 ms", 800 * time.Millisecond: "800 ms", 6400 * time.Millisecond: "6.4 s", time.Second: "1 s",
		31400 * time.Millisecond: "31 s", 10 * time.Minute: "10 min", 90 * time.Second: "1 min 30 s", 125 * time.Minute: "2 h 5 min",
		3 * time.Hour: "3 h", 26 * 24 * time.Hour: "26 d", -3 * time.Millisecond: "-3 ms", 59990 * time.Millisecond: "1 min", time.Minute: "1 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestFace_Times(t *testing.T) {
	tty := &Face{TTY: true, Zone: seoul, Now: func() time.Time { return noon }}
	pipe := &Face{Zone: time.UTC, Now: tty.Now}
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	for _, x := range []struct{ got, want string }{
		{tty.Ago(at(0)), "now"}, {tty.Ago(at(-12 * time.Second)), "12 s ago"}, {tty.Ago(at(-2*time.Minute - time.Second)), "2 min ago"},
		{tty.Ago(at(-26 * time.Hour)), "26 h ago"}, {tty.Ago(at(-72 * time.Hour)), "3 d ago"}, {tty.Ago(at(47 * time.Minute)), "in 47 min"},
		{tty.Ago(time.Time{}), "-"}, {pipe.Ago(at(0)), "2026-11-21T03:00:00Z"},
		{tty.Clock(at(8412 * time.Millisecond)), "12:00:08.412"}, {tty.Second(at(8412 * time.Millisecond)), "12:00:08"},
		{tty.Clock(at(-24 * time.Hour)), "11-20 12:00:00.000"}, {tty.Second(at(-365 * 24 * time.Hour)), "2025-11-21 12:00:00"},
		{pipe.Clock(at(8412 * time.Millisecond)), "2026-11-21T03:00:08.412Z"}, {tty.Clock(time.Time{}), "-"},
		{tty.Offset(), "+09:00"}, {pipe.Offset(), "UTC"}, {tty.Num(81204), "81,204"}, {pipe.Num(81204), "81204"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}
