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
	t := time.Unix(0, ns).UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	dst = pad(dst, year, 4)
	dst = append(pad(append(dst, '-'), int(month), 2), '-')
	dst = append(pad(dst, day, 2), 'T')
	dst = append(pad(dst, hour, 2), ':')
	dst = append(pad(dst, minute, 2), ':')
	dst = append(pad(dst, sec, 2), '.')
	switch frac := t.Nanosecond(); {
	case frac%1e6 == 0:
		dst = pad(dst, frac/1e6, 3)
	case frac%1e3 == 0:
		dst = pad(dst, frac/1e3, 6)
	default:
		dst = pad(dst, frac, 9)
	}
	return append(dst, 'Z')
}

// pad writes n, which has at most width digits, with zeros before it.
func pad(dst []byte, n, width int) []byte {
	for range width {
		dst = append(dst, '0')
	}
	for p := len(dst) - 1; n > 0; p, n = p-1, n/10 {
		dst[p] = byte('0' + n%10)
	}
	return dst
}
