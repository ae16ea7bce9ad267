package event

import "time"

// parseTime reads an RFC 3339 time of at most nine digits of a second, in nanoseconds since 1970. Times that int64
// cannot hold, and those with leap seconds, are not read: they stay text.
func parseTime(s string) (ns int64, ok bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	year, ok1 := number(s[0:4])
	month, ok2 := number(s[5:7])
	day, ok3 := number(s[8:10])
	hour, ok4 := number(s[11:13])
	minute, ok5 := number(s[14:16])
	sec, ok6 := number(s[17:19])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || sec > 59 {
		return 0, false
	}
	if year < minYear || year > maxYear {
		return 0, false
	}
	s = s[19:]
	frac := 0
	if s[0] == '.' {
		end := 1
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if end == 1 || end > 10 {
			return 0, false
		}
		frac, _ = number(s[1:end])
		for range 10 - end {
			frac *= 10
		}
		s = s[end:]
	}
	offset, ok := parseZone(s)
	if !ok {
		return 0, false
	}
	// time.Date would take February 30 for March 1.
	t := time.Date(year, time.Month(month), day, hour, minute, sec, frac, time.UTC)
	if t.Day() != day {
		return 0, false
	}
	ns = t.UnixNano() - offset
	return ns, ns >= minTime && ns <= maxTime
}

// Years that fit an int64 of nanoseconds with all their days, and their first and last moments.
const (
	minYear = 1678
	maxYear = 2261
	minTime = -9214560000 * int64(time.Second)
	maxTime = 9214646400*int64(time.Second) - 1
)

// parseZone reads Z or an offset like +09:00 and returns it in nanoseconds.
func parseZone(s string) (offset int64, ok bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hour, ok1 := number(s[1:3])
	minute, ok2 := number(s[4:6])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return 0, false
	}
	offset = int64(hour*3600+minute*60) * int64(time.Second)
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// number reads decimal digits and nothing else; strconv would take a sign and build errors.
func number(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// appendTime writes RFC 3339 in UTC with three digits of a second, or as many more as the time needs. It is written by hand,
// because it runs several times for each event and time.AppendFormat reads its layout each time.
func appendTime(dst []byte, ns int64) []byte {
	second, frac := splitTime(ns)
	return append(appendFraction(appendSecond(dst, second), frac), 'Z')
}

// splitTime parts a time into seconds and nanoseconds, which are never negative.
func splitTime(ns int64) (second int64, frac int) {
	second = ns / 1e9
	if frac = int(ns - second*1e9); frac < 0 {
		second, frac = second-1, frac+1e9
	}
	return second, frac
}

// appendSecond writes a second up to the full stop before its fraction.
func appendSecond(dst []byte, second int64) []byte {
	t := time.Unix(second, 0).UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), int(month))
	dst = appendTwo(append(dst, '-'), day)
	dst = appendTwo(append(dst, 'T'), hour)
	dst = appendTwo(append(dst, ':'), minute)
	return append(appendTwo(append(dst, ':'), sec), '.')
}

// appendFraction writes nanoseconds with three digits, or as many more as they need.
func appendFraction(dst []byte, ns int) []byte {
	milli, rest := ns/1e6, ns%1e6
	dst = appendThree(dst, milli)
	if rest == 0 {
		return dst
	}
	dst = appendThree(dst, rest/1e3)
	if rest %= 1e3; rest == 0 {
		return dst
	}
	return appendThree(dst, rest)
}

// appendTwo and appendThree write a number below 100 and 1000 with its zeros.
func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

func appendThree(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
}
