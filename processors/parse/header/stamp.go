package header

import (
	"strings"
	"time"
)

// Stamp is the time as a line writes it, which may lack the year and the zone. It is kept in parts until the host is
// known, because the zone may depend on it.
type Stamp struct {
	Has     bool
	HasYear bool
	HasZone bool
	Zone    string // name of a zone that has no offset of its own (CST, VIENNA); HasZone is false then

	year, month, day, hour, min, sec int
	nano                             int
	offset                           int   // seconds east of UTC, where HasZone
	unix                             int64 // where epoch
	epoch                            bool
}

// East returns how many seconds east of UTC the clock is that wrote the stamp, 0 where it does not say.
func (s *Stamp) East() int { return s.offset }

// Time returns the instant in UTC. A missing year is the last one in which the time is not more than Ahead behind received; a
// missing zone is loc. A Stamp that is not there gives received.
func (s *Stamp) Time(received time.Time, loc *time.Location) time.Time {
	switch {
	case !s.Has:
		return received.UTC()
	case s.epoch:
		return time.Unix(s.unix, int64(s.nano)).UTC()
	case s.HasYear:
		return s.at(s.year, loc)
	}
	return s.latest(received, loc)
}

// Ahead is how far a time without a year may lie behind its receipt: devices whose clocks or zones are wrong, and the turn of
// the year. A log is not of the future, so what would be further ahead is of the year before: else half of the lines of an
// old file would be of next year.
const Ahead = 7 * 24 * time.Hour

// latest is the time in the last year in which it is not too far ahead.
func (s *Stamp) latest(received time.Time, loc *time.Location) time.Time {
	end := received.Add(Ahead)
	year := received.UTC().Year()
	if t := s.at(year, loc); s.day <= monthDays(year, s.month) && !t.After(end) && received.Sub(t) < 350*24*time.Hour {
		return t // most logs are of now: the next year would be too far ahead
	}
	// The years of the 29th of February are up to eight from each other.
	for y := year + 1; y >= year-8; y-- {
		if s.day > monthDays(y, s.month) {
			continue
		}
		if t := s.at(y, loc); !t.After(end) {
			return t
		}
	}
	return received.UTC()
}

// at returns the instant in one year. Without a zone of many rules it is plain arithmetic, which is several times
// quicker than time.Date.
func (s *Stamp) at(year int, loc *time.Location) time.Time {
	offset := s.offset
	if !s.HasZone {
		if loc != time.UTC {
			return time.Date(year, time.Month(s.month), s.day, s.hour, s.min, s.sec, s.nano, loc).UTC()
		}
		offset = 0
	}
	sec := int64(civilDays(year, s.month, s.day))*86400 + int64(s.hour*3600+s.min*60+s.sec-offset)
	return time.Unix(sec, int64(s.nano)).UTC()
}

// civilDays counts the days from 1970-01-01 to a date of the Gregorian calendar, by eras of 400 years that begin in
// March, so that the leap day is the last of its year.
func civilDays(y, m, d int) int {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	if y < 0 { // January and February of the year 0
		era = -1
	}
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// monthDays returns the days of a month, from 1.
func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// read reads any time at the start of line and returns its length, 0 if there is none. The time ends before a blank,
// a colon or the end of the line.
func (s *Stamp) read(line string) int {
	if line == "" {
		return 0
	}
	n := 0
	if isDigit(line[0]) {
		if n = s.readISO(line); n == 0 {
			n = s.readBSD(line)
		}
	} else {
		n = s.readBSD(line)
	}
	if n == 0 || n < len(line) && !isBlank(line[n]) && line[n] != ':' {
		*s = Stamp{}
		return 0
	}
	return n
}

// readEpoch reads seconds since 1970 with or without a fraction. Ten digits are the years 2001 to 2286: fewer or more are
// some other number.
func (s *Stamp) readEpoch(line string) int {
	n := digits(line)
	if n != 10 {
		return 0
	}
	sec := int64(0)
	for i := range n {
		sec = sec*10 + int64(line[i]-'0')
	}
	nano, k := fraction(line[n:])
	if n += k; n < len(line) && !isBlank(line[n]) {
		return 0
	}
	*s = Stamp{Has: true, HasYear: true, HasZone: true, epoch: true, unix: sec, nano: nano}
	return n
}

// readISO reads ISO 8601: 2024-03-01T10:00:00.123+09:00, with a blank for the T, slashes for dashes, a comma for the
// point, and with or without a zone.
func (s *Stamp) readISO(line string) int {
	if len(line) < 19 || line[4] != '-' && line[4] != '/' || line[7] != line[4] {
		return 0
	}
	if c := line[10]; c != 'T' && c != 't' && c != ' ' {
		return 0
	}
	t := Stamp{Has: true, HasYear: true, year: number(line[:4]), month: number(line[5:7]), day: number(line[8:10])}
	n := t.readClock(line[11:])
	if n == 0 || t.year < 0 || t.month < 1 || t.month > 12 || t.day < 1 || t.day > monthDays(t.year, t.month) {
		return 0
	}
	n += 11
	if k := t.readOffset(line[n:]); k > 0 {
		n += k
	} else if strings.HasPrefix(line[n:], " +") || strings.HasPrefix(line[n:], " -") {
		if k := t.readOffset(line[n+1:]); k > 0 {
			n += 1 + k
		}
	} else {
		n += t.readName(line[n:])
	}
	*s = t
	return n
}

// readBSD reads Mar  1 10:00:00 and its kin: marked by * or . (Cisco: the clock is not set), after a weekday, with the
// year before the month, before the clock or at the end, with a fraction and with the name of a zone.
func (s *Stamp) readBSD(line string) int {
	t := Stamp{Has: true}
	i := 0
	if i < len(line) && (line[i] == '*' || line[i] == '.') {
		i++
	}
	if n := t.readYear(line[i:]); n > 0 {
		i += n
	}
	if weekday(line[i:]) {
		i += 4
	}
	if t.month = month(line[i:]); t.month == 0 {
		return 0
	}
	i += 3
	n := blanks(line[i:])
	if i += n; n == 0 {
		return 0
	}
	n = digits(line[i:])
	if n == 0 || n > 2 {
		return 0
	}
	t.day = number(line[i : i+n])
	i += n
	n = blanks(line[i:])
	if i += n; n == 0 {
		return 0
	}
	if !t.HasYear {
		i += t.readYear(line[i:])
	}
	if n = t.readClock(line[i:]); n == 0 {
		return 0
	}
	i += n
	i += t.readTail(line[i:])
	limit := 2024 // any leap year: the year is not known yet
	if t.HasYear {
		limit = t.year
	}
	if t.day < 1 || t.day > monthDays(limit, t.month) {
		return 0
	}
	*s = t
	return i
}

// readTail reads zone and year behind the clock, in either order: "UTC 2024" as asctime writes, "2024 UTC" as some
// firewalls do.
func (s *Stamp) readTail(line string) int {
	i := 0
	if k := s.readOffset(line); k > 0 {
		i += k
	} else {
		i += s.readName(line)
	}
	if !s.HasYear && i < len(line) && isBlank(line[i]) {
		if n := s.yearAt(line[i+1:]); n > 0 {
			i += 1 + n
			if !s.HasZone && s.Zone == "" {
				i += s.readName(line[i:])
			}
		}
	}
	return i
}

// readYear reads a year and the blanks behind it, where one may stand and need not. Without them it is no year: the four
// digits may be the start of anything.
func (s *Stamp) readYear(line string) int {
	n := s.yearAt(line)
	if n == 0 {
		return 0
	}
	k := blanks(line[n:])
	if k == 0 {
		s.HasYear = false
		return 0
	}
	return n + k
}

// yearAt reads four digits that can be the year of a log: a host or a number in a message is rarely taken for one.
func (s *Stamp) yearAt(line string) int {
	if digits(line) != 4 || len(line) > 4 && !isBlank(line[4]) && !strings.HasPrefix(line[4:], ": ") {
		return 0 // 2001:db8::1 is a host
	}
	if y := number(line[:4]); y >= 1990 && y < 2100 {
		s.year, s.HasYear = y, true
		return 4
	}
	return 0
}

// readClock reads hh:mm:ss and a fraction.
func (s *Stamp) readClock(line string) int {
	if len(line) < 8 || line[2] != ':' || line[5] != ':' {
		return 0
	}
	s.hour, s.min, s.sec = number(line[:2]), number(line[3:5]), number(line[6:8])
	if uint(s.hour) > 23 || uint(s.min) > 59 || uint(s.sec) > 60 {
		return 0
	}
	nano, n := fraction(line[8:])
	s.nano = nano
	return 8 + n
}

// fraction reads the part of a second: a point or comma and the digits behind it; what is finer than a nanosecond is skipped.
func fraction(line string) (nano, n int) {
	if len(line) < 2 || line[0] != '.' && line[0] != ',' || !isDigit(line[1]) {
		return 0, 0
	}
	unit := 100_000_000
	for n = 1; n < len(line) && isDigit(line[n]); n++ {
		nano += int(line[n]-'0') * unit
		unit /= 10
	}
	return nano, n
}

// number reads decimal digits, -1 if there is anything else.
func number(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// blanks counts the blanks at the start of s.
func blanks(s string) int {
	n := 0
	for n < len(s) && isBlank(s[n]) {
		n++
	}
	return n
}

// month returns 1 to 12 for the English abbreviation at the start of s, 0 for anything else.
func month(s string) int {
	if len(s) < 4 {
		return 0
	}
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := 0; i < len(names); i += 3 {
		if s[0] == names[i] && s[1] == names[i+1] && s[2] == names[i+2] {
			return i/3 + 1
		}
	}
	return 0
}

// weekday tells the English abbreviation of a day and its blank, as asctime writes before the month.
func weekday(s string) bool {
	if len(s) < 4 || s[3] != ' ' {
		return false
	}
	switch s[:3] {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}
