package expression

import (
	"testing"
	"time"
)

func TestTimeFunctions(t *testing.T) {
	evals(t, `{"_n":"12","_f":"1.5","_at":"$time 2024-05-01T10:00:00Z"}`, [][2]string{
		{`seconds(_n)`, `12000000000`},
		{`seconds(_f)`, `1500000000`},
		{`seconds(0.1)`, `100000000`},
		{`millis(5)`, `5000000`},
		{`micros(5)`, `5000`},
		{`seconds("x")`, `absent`},
		{`seconds(1e30)`, `absent`},
		{`millis(-1.5)`, `-1500000`},
		{`date("2024-05-01 10:00:00", "yyyy-MM-dd HH:mm:ss")`, `time 2024-05-01T10:00:00.000Z`},
		{`date("2024-05-01T10:00:00Z")`, `time 2024-05-01T10:00:00.000Z`},
		{`date("1714557600", "UNIX")`, `time 2024-05-01T10:00:00.000Z`},
		{`date("x", "UNIX")`, `absent`},
		{`date(_at)`, `time 2024-05-01T10:00:00.000Z`},
		{`date("01.05.2024", ["UNIX", "dd.MM.yyyy"])`, `time 2024-05-01T00:00:00.000Z`},
		{`date("05-01 10:00:00", "MM-dd HH:mm:ss")`, `time 1969-05-01T10:00:00.000Z`},
		{`duration("1:02:03")`, `3723`},
		{`duration("PT1M20S")`, `80`},
		{`duration("P1DT2H")`, `93600`},
		{`duration("P2W")`, `1209600`},
		{`duration("pt1h0m0,5s")`, `float 3600.5`},
		{`duration("P1M")`, `absent`},
		{`duration("P1Y2D")`, `absent`},
		{`duration("PT")`, `absent`},
		{`duration("P1DT")`, `absent`},
		{`duration("PT1D")`, `absent`},
		{`duration("P1H")`, `absent`},
		{`duration("PT 1M")`, `absent`},
		{`duration("P-1D")`, `absent`},
		{`duration("PT90")`, `absent`},
		{`duration("02:03")`, `123`},
		{`duration("1:00:00:00")`, `86400`},
		{`duration("0:00:01.5")`, `float 1.5`},
		{`duration("90")`, `90`},
		{`duration(7)`, `7`},
		{`duration("1d 2h 3m 4s")`, `93784`},
		{`duration("3 minutes")`, `180`},
		{`duration("1h2m")`, `3720`},
		{`duration("250ms")`, `float 0.25`},
		{`duration("2 days, 1 hour")`, `176400`},
		{`duration("x")`, `absent`},
		{`duration("1:x")`, `absent`},
		{`duration("1:2:3:4:5")`, `absent`},
		{`duration("5 parsecs")`, `absent`},
		{`duration("")`, `absent`},
		{`duration("1:-2")`, `absent`},
		{`duration(":")`, `absent`},
		{`duration("1.5:00")`, `absent`},
	})
}

// zoned is an Env that knows receipt and zone.
type zoned struct{ slots }

func (zoned) Received() time.Time { return time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC) }

func (zoned) Location() *time.Location { return time.FixedZone("", 9*3600) }

// TestClock holds that a time without year and zone gets those of the event, also where its text is a constant.
func TestClock(t *testing.T) {
	d := newDocument(t, `{}`)
	p := d.compile(t, `date("12-31 10:00:00", "MM-dd HH:mm:ss")`)
	if got := spell(p.Eval(zoned{})); got != "time 2023-12-31T01:00:00.000Z" {
		t.Error(got)
	}
}
