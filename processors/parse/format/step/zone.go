package step

import (
	"strconv"
	"strings"
	"time"
)

// ZoneNamed returns the zone of a name such as Asia/Seoul, UTC+9 or +0900, nil if there is none.
func ZoneNamed(name string) *time.Location {
	name = strings.TrimSpace(name)
	if name == "" || name == "Local" {
		return nil
	}
	if name == "Z" || name == "z" {
		return time.UTC
	}
	rest := name
	for _, p := range []string{"UTC", "GMT"} {
		rest = strings.TrimPrefix(rest, p)
	}
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		return offsetZone(rest)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return loc
}

// offsetZone reads +9, +09, +0900 and +09:00.
func offsetZone(s string) *time.Location {
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits) == 1 || len(digits) == 3 {
		digits = "0" + digits
	}
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 4 || n%100 >= 60 || n > 1800 || digits[0] < '0' || digits[0] > '9' {
		return nil
	}
	seconds := n/100*3600 + n%100*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone(s, seconds)
}

// maxZones bounds the zones that are remembered by name.
const maxZones = 256

// ZoneNamed remembers zones, since finding one reads a file.
func (m *Machine) ZoneNamed(name string) *time.Location {
	if loc, ok := m.zones[name]; ok {
		return loc
	}
	if m.zones == nil || len(m.zones) >= maxZones {
		m.zones = map[string]*time.Location{}
	}
	loc := ZoneNamed(name)
	m.zones[strings.Clone(name)] = loc
	return loc
}

// Received is the time of receipt, for expressions.
func (m *Machine) Received() time.Time { return m.in.Received }

// Location is the zone of times that name none: what the sender or a setting said, that of the format, that of the device.
func (m *Machine) Location() *time.Location {
	if s := m.given; s != "" {
		if loc := m.ZoneNamed(s); loc != nil {
			return loc
		}
	}
	if m.prog.Zone != nil {
		return m.prog.Zone
	}
	if m.in.Zone != nil {
		return m.in.Zone()
	}
	return time.UTC
}
