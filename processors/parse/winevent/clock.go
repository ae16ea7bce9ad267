package winevent

import (
	"time"

	"weir/event"
)

// clock says which of its times an event was written with.
type clock uint8

// The clocks. Those from stamp on wait for the end of the line.
const (
	none    clock = iota
	utc           // UtcTime of Sysmon: no zone, and it needs none
	local         // EventTime of a collector: the local time of the machine, its zone is not known
	stamp         // @timestamp
	created       // when Windows wrote the event
	clocks
)

// clockOf has the names of times in flat records and in event data.
var clockOf = map[string]clock{"@timestamp": stamp, "TimeCreated": created, "UtcTime": utc, "EventTime": local}

// setTime sets @timestamp. The time of Windows itself is best, if it says its zone; what a collector stamped comes next.
// Times without a zone are taken for UTC. A text that the time does not stand for exactly is kept too, so that nothing of
// the line is lost.
func (r *Reader) setTime() {
	var at int64
	found := ""
	for _, try := range [...]struct {
		clock clock
		zone  bool
	}{{created, true}, {stamp, true}, {utc, false}, {created, false}, {stamp, false}, {local, false}} {
		s := r.clocks[try.clock].s
		if s == "" {
			continue
		}
		if ns, zone, ok := ParseTime(s); ok && (zone || !try.zone) {
			if at, found = ns, s; !zone && try.clock == local {
				at -= r.offset(ns)
			}
			break
		}
	}
	if r.apart {
		r.keepTimes(found, at)
		return
	}
	if found != "" {
		old := r.e.Get(event.Timestamp) // of a name that came twice
		r.e.Set(event.Timestamp, timeOf(at))
		if old.Kind() != event.Absent {
			r.put(r.aim(timeCreated), old)
		}
	}
	for _, c := range [...]clock{stamp, created} {
		t := r.clocks[c]
		if t.of == nil || found != "" && t.s == found && exact(at, t.s) {
			continue
		}
		if t.of.known && t.of.field == event.Timestamp && found != "" {
			t.of = r.aim(timeCreated)
		}
		r.put(t.of, event.Str(t.s))
	}
}

// offset is what the clock of a machine that names no zone is ahead of UTC, in nanoseconds: the event's own offset if
// something said it, else this machine's. Rules that are tried on recordings must not depend on where that is done.
func (r *Reader) offset(ns int64) int64 {
	if !r.apart {
		return 0
	}
	if zone := r.e.Str(event.EventTimezone); zone != "" {
		offset, _ := zoneOf(zone)
		return offset.Nanoseconds()
	}
	at := time.Unix(0, ns).UTC()
	_, seconds := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.Local).Zone()
	return int64(seconds) * 1e9
}

// keepTimes is the end of setTime for documents that are kept: the time of Windows is always one of winlog's, and what
// a collector stamped is only of interest where nothing better is there.
func (r *Reader) keepTimes(found string, at int64) {
	if found != "" {
		r.e.Set(event.Timestamp, timeOf(at))
	} else if c := r.clocks[stamp]; c.of != nil {
		r.put(c.of, event.Str(c.s))
	}
	if c := r.clocks[created]; c.s != "" {
		v := event.Str(c.s)
		if ns, _, ok := ParseTime(c.s); ok {
			v = timeOf(ns)
		}
		r.put(r.aim(timeCreated), v)
	}
}

// timeOf makes a value of nanoseconds since 1970.
func timeOf(ns int64) event.Value { return event.At(time.Unix(0, ns)) }

// exact tells whether a time is written as s: a time of the event has UTC, and three digits of a second or as many as it
// needs.
func exact(ns int64, s string) bool {
	if len(s) == len("2006-01-02T15:04:05.000Z") && s[10] == 'T' && s[19] == '.' && s[23] == 'Z' {
		return true
	}
	var buf [40]byte
	return string(timeOf(ns).AppendText(buf[:0])) == s
}

// ParseTime reads a time as Windows and its collectors write it: 2006-01-02T15:04:05.999999999Z, with a blank for the T, an offset or no zone, in nanoseconds since 1970.
// Without a zone it is UTC. Years that those nanoseconds cannot hold are not read.
func ParseTime(s string) (ns int64, zone, ok bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return 0, false, false
	}
	century, ok0 := two(s[0:2])
	year, ok1 := two(s[2:4])
	month, ok2 := two(s[5:7])
	day, ok3 := two(s[8:10])
	hour, ok4 := two(s[11:13])
	minute, ok5 := two(s[14:16])
	second, ok6 := two(s[17:19])
	year += 100 * century
	if !ok0 || !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || hour > 23 || minute > 59 || second > 59 ||
		year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false, false
	}
	frac, rest, ok := fraction(s[19:])
	if !ok {
		return 0, false, false
	}
	ns = int64(daysTo(year, month, day)*86400+hour*3600+minute*60+second)*1e9 + int64(frac)
	if rest == "" {
		return ns, false, true
	}
	offset, ok := zoneOf(rest)
	return ns - offset.Nanoseconds(), true, ok
}

// daysIn returns how many days a month has.
func daysIn(year, month int) int {
	switch {
	case month != 2:
		return 30 + (month+month/8)%2
	case year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	}
	return 28
}

// daysTo returns the days from 1970 to a date. Years begin in March here, so that leap days come last.
func daysTo(year, month, day int) int {
	if month < 3 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}

// fraction takes a comma too, as some countries write it. It reads nanoseconds from the start of s and returns what follows them. Digits beyond the ninth are left out.
func fraction(s string) (ns int, rest string, ok bool) {
	if s == "" || s[0] != '.' && s[0] != ',' {
		return 0, s, true
	}
	i, unit := 1, int(1e8)
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		ns += int(s[i]-'0') * unit
		unit /= 10
	}
	return ns, s[i:], i > 1
}

// zoneOf reads Z or an offset like +09:00, +0900 or, as some collectors write it, the latter behind a blank.
func zoneOf(s string) (offset time.Duration, ok bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) == 6 && s[0] == ' ' {
		s = s[1:]
	}
	n := len(s)
	if n != 5 && (n != 6 || s[3] != ':') || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hour, ok1 := two(s[1:3])
	minute, ok2 := two(s[n-2:])
	if offset = time.Duration(hour*60+minute) * time.Minute; s[0] == '-' {
		offset = -offset
	}
	return offset, ok1 && ok2 && hour < 24 && minute < 60
}

// two reads two digits.
func two(s string) (int, bool) {
	a, b := s[0]-'0', s[1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}
