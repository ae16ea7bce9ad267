// Package quantity reads numbers and times from the texts of events, without memory for texts that are none.
package quantity

import (
	"cmp"
	"strconv"
	"time"

	"weir/internal/match/tree/form"
)

// Quantity is a number of an event or of a condition: a whole one where it is one and has room, since floats have 53 bits
// and ids in events have more.
type Quantity struct {
	whole   int64
	float   float64
	isWhole bool
}

// Whole makes a whole number.
func Whole(n int64) Quantity { return Quantity{whole: n, float: float64(n), isWhole: true} }

// Compare orders two numbers.
func (q Quantity) Compare(o Quantity) int {
	if q.isWhole && o.isWhole {
		return cmp.Compare(q.whole, o.whole)
	}
	switch {
	case q.float < o.float:
		return -1
	case q.float > o.float:
		return 1
	}
	return 0
}

// Read reads a decimal number with nothing around it. It looks at the letters before it calls strconv, whose
// errors cost memory: most texts are no numbers.
func Read(s string) (Quantity, bool) {
	i, digits, plain := 0, 0, true
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	digit := func() (any bool) {
		for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
			digits, any = digits+1, true
		}
		return any
	}
	some := digit()
	if i < len(s) && s[i] == '.' {
		i, plain = i+1, false
		some = digit() || some
	}
	if !some {
		return Quantity{}, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i, plain = i+1, false
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if !digit() {
			return Quantity{}, false
		}
	}
	if i != len(s) {
		return Quantity{}, false
	}
	if plain && digits <= 19 {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return Whole(n), true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return Quantity{float: f}, err == nil
}

// Real makes a number that need not be whole.
func Real(f float64) Quantity { return Quantity{float: f} }

// Parts are what the forms of time take of one: see Local for its zone.
var Parts = map[form.Form]func(time.Time) int{
	form.Minute: time.Time.Minute, form.Hour: time.Time.Hour, form.Day: time.Time.Day, form.Year: time.Time.Year,
	form.Week:    func(t time.Time) int { _, week := t.ISOWeek(); return week },
	form.Month:   func(t time.Time) int { return int(t.Month()) },
	form.Weekday: func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 },
}

// ReadTime reads RFC 3339. It looks at the shape first, for the same reason as Read.
func ReadTime(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || len(s) > 64 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t.UTC(), err == nil
}
