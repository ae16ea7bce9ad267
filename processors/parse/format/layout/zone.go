package layout

import (
	"strings"
	"sync"
	"time"
)

// abbreviations are short names of zones in seconds east of UTC. Those with several meanings have the one that devices
// mean that print them: CST and EST are of North America, IST is of India, BST of Britain in summer.
var abbreviations = map[string]int{
	"UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 3600, "BST": 3600, "CET": 3600, "CEST": 7200, "MEZ": 3600,
	"MESZ": 7200, "EET": 7200, "EEST": 10800, "MSK": 10800, "TRT": 10800, "SAST": 7200, "CAT": 7200, "EAT": 10800,
	"EST": -18000, "EDT": -14400, "CST": -21600, "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800,
	"PDT": -25200, "AKST": -32400, "AKDT": -28800, "HST": -36000, "AST": -14400, "ADT": -10800, "NST": -12600,
	"NDT": -9000, "BRT": -10800, "ART": -10800, "CLT": -14400, "CLST": -10800, "COT": -18000, "PET": -18000,
	"KST": 32400, "JST": 32400, "SGT": 28800, "HKT": 28800, "PHT": 28800, "MYT": 28800, "WIB": 25200, "ICT": 25200,
	"IST": 19800, "PKT": 18000, "GST": 14400, "IRST": 12600, "NPT": 20700, "AWST": 28800, "ACST": 34200, "ACDT": 37800,
	"AEST": 36000, "AEDT": 39600, "NZST": 43200, "NZDT": 46800,
}

// readZone reads a zone from the start of s: Z, an offset (+0900, +09:00, +09, GMT+9), a short name, or a name of the zone
// database. It returns the length, -1 if there is none.
func readZone(s string, f *fields) int {
	if s == "" {
		return -1
	}
	if s[0] == '+' || s[0] == '-' {
		offset, n := readOffset(s)
		if n > 0 {
			f.offset, f.loc, f.hasZone = offset, nil, true
		}
		return n
	}
	n := 0
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 0 && (s[n] == '/' || s[n] == '_' || s[n] == '-' && strings.IndexByte(s[:n], '/') > 0)) {
		n++
	}
	if n == 0 {
		return -1
	}
	// Names as they are mostly written are found without a copy; only then capitals are tried.
	offset, ok := abbreviations[s[:n]]
	if !ok {
		offset, ok = abbreviations[upper(s[:n])]
	}
	if ok {
		f.offset, f.loc, f.hasZone = offset, nil, true
		if more, length := readOffset(s[n:]); offset == 0 && length > 0 { // GMT+2
			f.offset = more
			return n + length
		}
		return n
	}
	// Etc/GMT+9 has digits too.
	for n < len(s) && strings.HasPrefix(s, "Etc/") && (s[n] == '+' || s[n] == '-' || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	// Whatever the database does not know is no zone: a time must not be taken for one of another place.
	loc := location(s[:n])
	if loc == nil {
		return -1
	}
	f.offset, f.loc, f.hasZone = 0, loc, true
	return n
}

// upper returns a short name in capitals; it makes no copy of one that is so already.
func upper(s string) string {
	if len(s) > 5 {
		return s
	}
	return strings.ToUpper(s)
}

// readOffset reads +9, +09, +0900, +09:00 or +09:00:00 and returns it in seconds.
func readOffset(s string) (offset, n int) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, -1
	}
	n = 1
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	var hours, minutes int
	// By the number of digits: hours, or hours and minutes.
	switch n - 1 {
	case 1:
		hours = int(s[1] - '0')
	case 2:
		hours, _ = digits(s[1:], 2)
		if len(s) > n && s[n] == ':' {
			var ok bool
			if minutes, ok = digits(s[n+1:], 2); !ok {
				return 0, -1
			}
			n += 3
		}
	case 3:
		hours = int(s[1] - '0')
		minutes, _ = digits(s[2:], 2)
	case 4:
		hours, _ = digits(s[1:], 2)
		minutes, _ = digits(s[3:], 2)
	default:
		return 0, -1
	}
	// No place on earth is further from Greenwich than 14 hours; some systems write up to 18.
	if hours > 18 || minutes > 59 {
		return 0, -1
	}
	offset = hours*3600 + minutes*60
	if s[0] == '-' {
		offset = -offset
	}
	return offset, n
}

// locations keeps the zones of the database that were asked for, nil for names that it does not know: loading one reads
// a file.
var locations = struct {
	sync.RWMutex
	byName map[string]*time.Location
}{byName: map[string]*time.Location{}}

// maxLocations bounds the names that are kept. The database has some 600, but whoever sends logs can make up more, which
// are then looked for each time.
const maxLocations = 2048

// location returns a zone by its name in the database, nil if it has none.
func location(name string) *time.Location {
	if len(name) < 3 || len(name) > 40 || name == "Local" {
		return nil
	}
	locations.RLock()
	loc, ok := locations.byName[name]
	locations.RUnlock()
	if ok {
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = nil
	}
	// Two goroutines may load the same zone at the same time; either is as good.
	locations.Lock()
	if len(locations.byName) < maxLocations {
		locations.byName[strings.Clone(name)] = loc
	}
	locations.Unlock()
	return loc
}
