package quantity

import (
	"sync"
	"time"
)

// maxZones bounds how many names of zones are remembered: they come from events, and anybody can make up more.
const maxZones = 1000

// zones remembers the zones that were looked up by name, which means opening a file; nil for a name that is none.
var zones = struct {
	sync.RWMutex
	byName map[string]*time.Location
}{byName: map[string]*time.Location{}}

// Local returns the time whose clock and calendar, read as UTC, are those of the zone: "+09:00", "+0900", "+09", "Z" or a
// name such as Asia/Seoul, as event.timezone has them. A zone that nobody knows is UTC.
func Local(at time.Time, zone string) time.Time {
	at = at.UTC()
	if zone == "" || zone == "Z" || zone == "UTC" {
		return at
	}
	if zone[0] == '+' || zone[0] == '-' {
		return at.Add(offset(zone))
	}
	loc := named(zone)
	if loc == nil {
		return at
	}
	_, seconds := at.In(loc).Zone()
	return at.Add(time.Duration(seconds) * time.Second)
}

// offset reads hours and minutes behind a sign; 0 if they are none.
func offset(s string) time.Duration {
	var digits [4]int
	n := 0
	for i := 1; i < len(s); i++ {
		if s[i] == ':' && n == 2 {
			continue
		}
		if s[i] < '0' || s[i] > '9' || n == len(digits) {
			return 0
		}
		digits[n] = int(s[i] - '0')
		n++
	}
	hours, minutes := digits[0]*10+digits[1], digits[2]*10+digits[3]
	if n != 2 && n != 4 || hours > 24 || minutes >= 60 {
		return 0
	}
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		return -d
	}
	return d
}

// named looks a zone up, once for each name.
func named(name string) *time.Location {
	zones.RLock()
	loc, known := zones.byName[name]
	zones.RUnlock()
	if known {
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // that of this machine is nobody's
		loc = nil
	}
	zones.Lock()
	defer zones.Unlock()
	if len(zones.byName) >= maxZones {
		clear(zones.byName)
	}
	// The name aliases an event, which ends before this does.
	zones.byName[string([]byte(name))] = loc
	return loc
}
