package header

import "strings"

// zones are names that mean one offset everywhere that logs are known to come from, in seconds east of UTC. A name
// with several meanings (CST is Chicago and Shanghai, IST Delhi, Dublin and Jerusalem) has the mark of ambiguity: it
// is read as a zone, but the time is then that of the source's own zone.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "WET": 0, "WEST": 3600, "CET": 3600, "CEST": 7200, "MEZ": 3600, "MESZ": 7200, "EET": 7200,
	"EEST": 10800, "MSK": 10800, "SAST": 7200,
	"EST": -18000, "EDT": -14400, "CDT": -18000, "MST": -25200, "MDT": -21600, "PST": -28800, "PDT": -25200,
	"AKST": -32400, "AKDT": -28800, "HST": -36000,
	"KST": 32400, "JST": 32400, "SGT": 28800, "HKT": 28800, "AWST": 28800, "ACST": 34200, "ACDT": 37800,
	"AEST": 36000, "AEDT": 39600, "NZST": 43200, "NZDT": 46800,
	"CST": ambiguous, "IST": ambiguous, "BST": ambiguous,
}

// ambiguous is no offset of any zone: it is more than a day.
const ambiguous = 1 << 20

// readOffset reads Z, +09:00, +0900 or +09 directly behind the clock. Any other number of digits is no offset: a minus
// may also join a time and a word.
func (s *Stamp) readOffset(line string) int {
	if line == "" {
		return 0
	}
	if line[0] == 'Z' || line[0] == 'z' {
		s.HasZone, s.offset = true, 0
		return 1
	}
	if line[0] != '+' && line[0] != '-' {
		return 0
	}
	n := digits(line[1:])
	if n != 2 && n != 4 {
		return 0
	}
	hours, minutes, length := number(line[1:3]), 0, 1+n
	switch {
	case n == 4:
		minutes = number(line[3:5])
	case len(line) >= 6 && line[3] == ':' && digits(line[4:]) >= 2:
		minutes, length = number(line[4:6]), 6
	}
	if hours > 23 || minutes > 59 {
		return 0
	}
	s.HasZone, s.offset = true, hours*3600+minutes*60
	if line[0] == '-' {
		s.offset = -s.offset
	}
	return length
}

// readName reads a blank and the name of a zone. A word that no list knows is taken for a zone only where a Cisco
// message follows it ("VIENNA: %SYS-5-..."): anywhere else it is more likely a host.
func (s *Stamp) readName(line string) int {
	if len(line) < 4 || !isBlank(line[0]) {
		return 0
	}
	n := 1
	for n < len(line) && n <= 10 && line[n] >= 'A' && line[n] <= 'Z' {
		n++
	}
	if n < 4 {
		return 0
	}
	name, rest := line[1:n], line[n:]
	if rest != "" && !isBlank(rest[0]) && rest[0] != ':' {
		return 0
	}
	offset, known := zones[name]
	switch {
	case known && offset != ambiguous:
		s.HasZone, s.offset = true, offset
	case known || strings.HasPrefix(rest, ": %"):
		s.Zone = name
	default:
		return 0
	}
	return n
}
