package header

import "strings"

// cisco reads the start of a line as Cisco devices write it: any of a sequence number, the device's name, another
// sequence number and a time, each with its colon, then %FACILITY-SEVERITY-NAME.
//
//	25: sw01: 000024: *Mar  1 00:00:01.123 UTC: %SYS-5-CONFIG_I: Configured
//
// It returns false, having set nothing, where the line does not lead to a time or a message of this form.
func (h *Header) cisco(s string) bool {
	host, rest := "", strings.TrimPrefix(s, ":")
	for range 5 {
		rest = skipBlank(rest)
		if ciscoMessage(rest) {
			h.take(host, rest)
			return true
		}
		var stamp Stamp
		if n := stamp.read(rest); n > 0 {
			return h.ciscoStamp(host, stamp, rest[n:])
		}
		w, after := word(rest)
		name := strings.TrimSuffix(w, ":")
		switch {
		case len(name) == digits(name) || uptime(name):
		case cardPrefix(w) > 0:
			after = rest[cardPrefix(w):]
		case host == "" && hostLike(name) && (name != w || isIPv6(w) || ipv4Like(w)):
			if host = name; isIPv6(w) {
				host = w
			}
		default:
			return false
		}
		rest = after
	}
	return false
}

// ciscoStamp takes a time that was found behind other parts. Without such parts a colon and a message must follow it.
func (h *Header) ciscoStamp(host string, stamp Stamp, rest string) bool {
	message := skipBlank(strings.TrimPrefix(rest, ":"))
	if !ciscoMessage(message) && !strings.HasPrefix(rest, ":") {
		return false
	}
	h.Stamp = stamp
	h.take(host, message)
	return true
}

// take ends the header before the message. Of all that IOS, NX-OS and ASA put there only IOS XR names a process.
func (h *Header) take(host, message string) {
	if host != "" {
		h.Host = host
	}
	h.Message = message
	if t, ok := tag(message); ok && t.pid != "" { // IOS XR: config[65731]: %MGBL-...
		h.tagged(t)
	}
}

// relayed reads a second header behind the one of a relay. Host and time of the device win: the relay only says when it
// passed the line on. A look for the percent sign of the message spares all other lines the work.
func (h *Header) relayed(s string) bool {
	if s == "" || strings.IndexByte(s[:min(len(s), 120)], '%') < 0 {
		return false
	}
	if isDigit(s[0]) || s[0] == '*' || s[0] == '.' || strings.HasPrefix(s, ": ") { // no name, or NX-OS: its own time at once
		return h.cisco(s)
	}
	w, _ := word(s)
	if name, ok := strings.CutSuffix(w, ":"); !ok || strings.IndexByte(name, '[') >= 0 || !hostLike(name) {
		return false
	}
	return h.cisco(s)
}

// cardPrefix returns the length of the name of a line card that stands before the time without a blank,
// as in "RP/0/RSP0/CPU0:Mar 12".
func cardPrefix(w string) int {
	if !strings.HasPrefix(w, "RP/") && !strings.HasPrefix(w, "LC/") {
		return 0
	}
	return strings.IndexByte(w, ':') + 1
}

// uptime tells the time since start that a device without a clock writes: 2y10w, 3w4d, 1d02h, 00:00:12.
func uptime(w string) bool {
	units := 0
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case isDigit(c):
		case i > 0 && isDigit(w[i-1]) && strings.IndexByte("ywdhms:", c) >= 0:
			units++
		default:
			return false
		}
	}
	return units == 2
}

// ipv4Like tells an address that stands for the device's name. Near enough is good enough: a version number in its
// place would be no name either.
func ipv4Like(w string) bool {
	return strings.Count(w, ".") == 3 && strings.Trim(w, "0123456789.") == ""
}
