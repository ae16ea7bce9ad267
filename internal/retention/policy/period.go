package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Period is a span of the calendar: days, months or years. The zero Period is no span: for ever.
type Period struct {
	n    int
	unit byte // d, m or y
}

// bounds of a period by unit: nobody's law asks for more than a century.
var bounds = map[byte]int{'d': 36600, 'm': 1200, 'y': 100}

// units are the words for a unit, the short ones too. A week is seven days. "m" alone is none of them: elsewhere it is a minute.
var units = map[string]byte{"d": 'd', "day": 'd', "days": 'd', "w": 'w', "week": 'w', "weeks": 'w', "mo": 'm', "month": 'm', "months": 'm', "y": 'y', "year": 'y', "years": 'y'}

// parsePeriod reads 90d, 12 months, 1 year; and forever.
func parsePeriod(text string) (Period, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "forever" {
		return Period{}, nil
	}
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	n, err := strconv.Atoi(s[:digits])
	unit := units[strings.TrimSpace(s[digits:])]
	if unit == 'w' {
		n, unit = n*7, 'd'
	}
	if err != nil || unit == 0 || n < 1 || n > bounds[unit] {
		return Period{}, fmt.Errorf("%q is no period", text)
	}
	return Period{n, unit}, nil
}

// Forever tells whether the period has no end.
func (p Period) Forever() bool { return p.unit == 0 }

// String is the period in words: 1 year, 90 days, forever.
func (p Period) String() string {
	if p.Forever() {
		return "forever"
	}
	word := map[byte]string{'d': "day", 'm': "month", 'y': "year"}[p.unit]
	if p.n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", p.n, word)
}

// Span is about how long the period is, for names of indices and for comparing: never for what is due. 0: for ever.
func (p Period) Span() time.Duration {
	const day = 24 * time.Hour
	switch p.unit {
	case 'd':
		return time.Duration(p.n) * day
	case 'm':
		return time.Duration(p.n) * 30 * day
	case 'y':
		return time.Duration(p.n) * 365 * day
	}
	return 0
}

// covers tells whether p is at least as long as o, whichever month it begins in.
func (p Period) covers(o Period) bool {
	if p.Forever() || o.Forever() {
		return p.Forever()
	}
	months := func(q Period) int { return map[byte]int{'m': q.n, 'y': q.n * 12}[q.unit] }
	switch {
	case p.unit == 'd' && o.unit == 'd':
		return p.n >= o.n
	case p.unit != 'd' && o.unit != 'd':
		return months(p) >= months(o)
	case p.unit == 'd': // the most days that so many months have
		m := months(o)
		return p.n >= (m/12)*365+(m/12+3)/4+(m%12)*31
	}
	m := months(p) // the fewest days that so many months have
	return (m/12)*365+max(0, (m%12)*31-3) >= o.n
}
