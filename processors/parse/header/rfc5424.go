package header

import "strings"

// read5424 reads what follows the version. It returns false, having set nothing, where no time follows: then the line
// is not RFC 5424. Past the time everything is tolerated: the message begins where the header ends to make sense.
func (h *Header) read5424(version, s string) bool {
	if strings.HasPrefix(s, "- ") {
		s = s[1:]
	} else if n := h.Stamp.readISO(s); n > 0 && (n == len(s) || isBlank(s[n])) {
		s = s[n:]
	} else if n := h.Stamp.readEpoch(s); n > 0 {
		h.Version = version
		h.readBare(s[n:])
		return true
	} else {
		h.Stamp = Stamp{}
		return false
	}
	h.Version = version
	for _, field := range [...]*string{&h.Host, &h.Program, &h.PID, &h.MsgID} {
		s = skipOne(s)
		if s == "" || payload(s) {
			h.Message = s
			return true
		}
		w, rest := word(s)
		if w != "-" {
			*field = w
		}
		s = rest
	}
	h.Message = h.readData(skipOne(s))
	return true
}

// readBare reads what some devices make of RFC 5424: it reads host and message after a time in seconds, as Meraki devices write them.
func (h *Header) readBare(s string) {
	s = skipOne(s)
	if w, rest := word(s); rest != "" && !payload(s) && hostLike(w) {
		h.Host, s = w, rest[1:]
	}
	h.Message = s
}

// skipOne skips one space or tab: a second one belongs to what follows.
func skipOne(s string) string {
	if s != "" && isBlank(s[0]) {
		return s[1:]
	}
	return s
}

// readData reads the structured data at the start of s and returns the message behind it. First the strict form without
// escapes, which nearly all lines have and which costs nothing; then whatever can be told apart at all. Where that has
// escapes and the strict reader accepts it, its reading counts.
func (h *Header) readData(s string) string {
	switch {
	case s == "-":
		return ""
	case strings.HasPrefix(s, "- "):
		return strings.TrimPrefix(s[2:], bom)
	case s == "" || s[0] != '[':
		return strings.TrimPrefix(s, bom)
	}
	n := h.elements(s, true)
	if n == 0 {
		if n = h.elements(s, false); n == 0 {
			return s
		}
		if data, ok := strictData(s[:n]); ok {
			h.Data = data
		}
	}
	return strings.TrimPrefix(skipOne(s[n:]), bom)
}
