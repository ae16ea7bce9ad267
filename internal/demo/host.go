package demo

import (
	"fmt"
	"strconv"
	"time"
)

// style is how a device writes its records.
type style int

const (
	rfc5424 style = iota // version, stamp with milliseconds and zone
	rfc3164              // stamp without year and zone
	cisco                // ASA: stamp with a year, the mnemonic instead of a program
)

// host is one device. Each of the three styles is written by at least one, since a demo that shows one kind of syslog would
// prove little.
type host struct {
	name    string
	address string // inside
	public  string // as seen from outside, "" if it is not
	style   style
}

// The office. Addresses outside are those kept for documentation (RFC 5737).
var (
	fw1   = host{"fw-1", "10.1.0.1", "198.51.100.1", cisco}
	web1  = host{"web-1", "10.1.0.11", "192.0.2.11", rfc5424}
	web2  = host{"web-2", "10.1.0.12", "192.0.2.12", rfc3164}
	db1   = host{"db-1", "10.1.0.21", "", rfc5424}
	mail1 = host{"mail-1", "10.1.0.31", "192.0.2.31", rfc3164}
	app1  = host{"app-1", "10.1.0.41", "", rfc5424}
)

// Facilities of the programs that differ from daemon, by the numbers of RFC 5424, section 6.2.1.
var facilities = map[string]int{"kernel": 0, "postfix/smtpd": 2, "postfix/qmgr": 2, "postfix/smtp": 2, "sshd": 4, "sudo": 10,
	"useradd": 10, "usermod": 10, "su": 10, "systemd-logind": 4, "CRON": 9, "crontab": 9, "nginx": 23}

const (
	daemon = 3  // facility of everything else
	local4 = 20 // facility of the firewall
)

// record writes one syslog record as the host would send it. program is the ASA's mnemonic on a cisco host, where
// severity stands in it as well.
func (h host) record(at time.Time, severity int, program string, pid int, text string) string {
	if h.style == cisco {
		return fmt.Sprintf("<%d>%s %s : %%ASA-%d-%s: %s", local4*8+severity, at.Format("Jan _2 2006 15:04:05"), h.name,
			severity, program, text)
	}
	facility, known := facilities[program]
	if !known {
		facility = daemon
	}
	if h.style == rfc3164 {
		tag := program
		if pid > 0 {
			tag += "[" + strconv.Itoa(pid) + "]"
		}
		return fmt.Sprintf("<%d>%s %s %s: %s", facility*8+severity, at.Format(time.Stamp), h.name, tag, text)
	}
	id := "-"
	if pid > 0 {
		id = strconv.Itoa(pid)
	}
	return fmt.Sprintf("<%d>1 %s %s %s %s - - %s", facility*8+severity, at.Format("2006-01-02T15:04:05.000Z07:00"), h.name,
		program, id, text)
}
