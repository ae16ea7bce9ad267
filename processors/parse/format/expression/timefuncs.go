package expression

import (
	"strings"
	"time"

	"weir/event"
	"weir/internal/match/quantity"
	"weir/processors/parse/format/layout"
)

// Clock is what an Env may have besides: it completes the times that date reads. Without it they are in UTC, and the year of one
// without a year is that of 1970.
type Clock interface {
	// Received is when the record came.
	Received() time.Time
	// Location is the zone of times without one.
	Location() *time.Location
}

// timeFunctions are those of times and lengths of time.
var timeFunctions = map[string]function{
	"seconds":  {`seconds(_kv.duration)`, 1, 1, ofOne(scaled(1_000_000_000))},
	"millis":   {`millis(_kv.elapsed)`, 1, 1, ofOne(scaled(1_000_000))},
	"micros":   {`micros(_kv.elapsed)`, 1, 1, ofOne(scaled(1_000))},
	"date":     {`date(_kv.start, "yyyy-MM-dd HH:mm:ss")`, 1, -1, makeDate},
	"duration": {`duration("1:02:03")`, 1, 1, ofOne(duration)},
}

// scaled makes nanoseconds, as event.duration has them, of a number of larger units.
func scaled(unit int64) func(event.Value) event.Value {
	return func(v event.Value) event.Value {
		n, ok := numberOf(v)
		if !ok {
			return event.Value{}
		}
		p := multiply(n, number{i: unit, whole: true})
		if p.Kind() != event.Float {
			return p
		}
		// Nanoseconds are whole.
		return toInt(event.Real(p.Float() + 0.5*sign(p.Float())))
	}
}

// sign is -1 or 1.
func sign(f float64) float64 {
	if f < 0 {
		return -1
	}
	return 1
}

// makeDate reads a time by layouts, or ISO8601 without any.
func makeDate(args []code) (code, error) {
	layouts, _, err := constantTexts(args, 1, "a layout")
	if err != nil {
		return code{}, err
	}
	set, err := layout.Compile(layouts)
	if err != nil {
		return code{}, &argumentError{arg: min(1, len(args)-1), code: "expr-type", what: err.Error()}
	}
	x := args[0]
	return code{
		value: func(f frame) event.Value { return readDate(set, x.value(f), f.env) },
		test:  func(frame) bool { return false },
	}, nil
}

// readDate reads one time.
func readDate(set *layout.Set, v event.Value, env Env) event.Value {
	if v.Kind() == event.Time {
		return v
	}
	s, ok := textOf(v)
	if !ok || s == "" {
		return event.Value{}
	}
	received, zone := time.Unix(0, 0).UTC(), time.UTC
	if c, ok := env.(Clock); ok {
		received, zone = c.Received(), c.Location()
	}
	t, _, err := set.Parse(s, received, zone)
	if err != nil {
		return event.Value{}
	}
	return event.At(t)
}

// duration reads 1:02:03, 02:03, 1d 2h 3m 4s, ISO 8601's PT1M20S and plain seconds. It returns seconds.
func duration(v event.Value) event.Value {
	if n, ok := numberOf(v); ok {
		return n.value()
	}
	s, ok := textOf(v)
	if !ok {
		return event.Value{}
	}
	s = strings.TrimSpace(s)
	if strings.Contains(s, ":") {
		return clock(s)
	}
	if len(s) > 2 && (s[0] == 'P' || s[0] == 'p') {
		return isoDuration(strings.ToUpper(s[1:]))
	}
	return units(s)
}

// isoDuration reads what follows the P of ISO 8601: 1DT2H, 2W, T1M20.5S. Years and months have no fixed length, and so no seconds.
func isoDuration(s string) event.Value {
	days, times, ok := strings.Cut(s, "T")
	if ok == (times == "") || strings.ContainsAny(s, " ") || strings.Trim(days, "0123456789.,WD") != "" || strings.Trim(times, "0123456789.,HMS") != "" {
		return event.Value{}
	}
	return units(strings.ReplaceAll(days+times, ",", "."))
}

// clock reads [days:]hours:minutes:seconds; the last part may have a fraction.
func clock(s string) event.Value {
	if strings.Count(s, ":") > 3 {
		return event.Value{}
	}
	sum := event.Num(0)
	parts := strings.Split(s, ":")
	for i, part := range parts {
		n, ok := readNumber(part)
		if !ok || n.float() < 0 || part[0] == '+' || part[0] == '-' || i+1 < len(parts) && !n.whole {
			return event.Value{}
		}
		step := int64(60)
		if len(parts) == 4 && i == 1 {
			step = 24
		}
		total, _ := numberOf(sum)
		total, _ = numberOf(multiply(total, number{i: step, whole: true}))
		sum = add(total, n)
	}
	return sum
}

// unitSeconds are the units that devices write after a number.
var unitSeconds = map[string]number{
	"w": {i: 604800, whole: true}, "week": {i: 604800, whole: true},
	"d": {i: 86400, whole: true}, "day": {i: 86400, whole: true},
	"h": {i: 3600, whole: true}, "hr": {i: 3600, whole: true}, "hour": {i: 3600, whole: true},
	"m": {i: 60, whole: true}, "min": {i: 60, whole: true}, "minute": {i: 60, whole: true},
	"s": {i: 1, whole: true}, "sec": {i: 1, whole: true}, "second": {i: 1, whole: true},
	"ms": {f: 1e-3}, "us": {f: 1e-6}, "ns": {f: 1e-9},
}

// units reads numbers with units: 1d 2h, 3 minutes, 1h2m3.5s.
func units(s string) event.Value {
	sum, some := event.Num(0), false
	for s = strings.TrimLeft(s, " ,"); s != ""; s = strings.TrimLeft(s, " ,") {
		end := 0
		for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.') {
			end++
		}
		n, ok := readNumber(s[:end])
		if !ok {
			return event.Value{}
		}
		s = strings.TrimLeft(s[end:], " ")
		end = 0
		for end < len(s) && (s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z') {
			end++
		}
		name := strings.ToLower(s[:end])
		unit, ok := unitSeconds[name]
		if !ok {
			if unit, ok = unitSeconds[strings.TrimSuffix(name, "s")]; !ok {
				return event.Value{}
			}
		}
		part, _ := numberOf(multiply(n, unit))
		total, _ := numberOf(sum)
		sum, some, s = add(total, part), true, s[end:]
	}
	if !some {
		return event.Value{}
	}
	return sum
}

// isoTime reads the text of a time that a condition compares with a time.
func isoTime(v event.Value) (event.Value, bool) {
	if v.Kind() == event.Time {
		return v, true
	}
	if v.Kind() != event.String {
		return v, false
	}
	t, ok := quantity.ReadTime(v.Str())
	return event.At(t), ok
}
