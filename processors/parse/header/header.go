// Package header reads the header of a syslog line: RFC 5424, RFC 3164, and what devices really send.
//
// A line is never refused: what cannot be read as header belongs to the message, in the worst case all of it. The
// reader is our own, because it must take the many shapes that no RFC knows and must not allocate; for lines that a
// strict reader accepts it gives the same fields (tests compare the two), and structured data with escapes is read by
// the strict reader itself, see gosyslog.go.
package header

import "strings"

// NoPriority is the Priority of a line that has none.
const NoPriority = -1

// Header is one header and the message behind it. All strings alias the line, but for structured data with escapes.
// A Header is meant to be used again: Read keeps its memory, so Data is valid until the next Read.
type Header struct {
	Priority int    // facility * 8 + severity, NoPriority if the line has none
	Version  string // version of RFC 5424, "" for any other line
	Stamp    Stamp
	Host     string
	Program  string // RFC 5424: APP-NAME; else what stands before [pid] or the colon
	PID      string // RFC 5424: PROCID
	MsgID    string
	Data     []Element // structured data
	Message  string    // always a suffix of the line

	params []Param // memory of Data
}

// Element is one element of structured data.
type Element struct {
	ID     string
	Params []Param
}

// Param is one parameter of an element. Its value is unescaped.
type Param struct{ Name, Value string }

// Facility returns the facility's number; only meaningful where Priority is not NoPriority.
func (h *Header) Facility() int { return h.Priority >> 3 }

// Severity returns the severity's number; only meaningful where Priority is not NoPriority.
func (h *Header) Severity() int { return h.Priority & 7 }

// reset empties h and keeps its memory. What the memory aliased is let go of, as it may be a large buffer.
func (h *Header) reset() {
	data, params := h.Data[:0], h.params[:0]
	clear(data[:cap(data)])
	clear(params[:cap(params)])
	*h = Header{Priority: NoPriority, Data: data, params: params}
}

// Read reads the header of line into h, which is emptied first.
func Read(line string, h *Header) {
	h.reset()
	s := strings.TrimPrefix(line, bom)
	s = skipBlank(s)
	if pri, rest, ok := priority(s); ok {
		h.Priority, s = pri, rest
		if version, rest, ok := version(s); ok && h.read5424(version, rest) {
			return
		}
	}
	h.read3164(s)
}

const bom = "\ufeff"

// priority reads <0> to <191>. Leading zeros are taken, as some senders pad; a number above 191 has no facility, so the
// brackets then belong to the message.
func priority(s string) (pri int, rest string, ok bool) {
	if len(s) < 3 || s[0] != '<' {
		return 0, s, false
	}
	for i := 1; i < len(s) && i <= 4; i++ {
		switch c := s[i]; {
		case c == '>' && i > 1 && pri <= 191:
			return pri, s[i+1:], true
		case c < '0' || c > '9':
			return 0, s, false
		default:
			pri = pri*10 + int(c-'0')
		}
	}
	return 0, s, false
}

// version reads the version of RFC 5424 and the space behind it. A message may begin with a number too: only the time
// behind it makes the line one of RFC 5424, see read5424.
func version(s string) (v, rest string, ok bool) {
	n := digits(s)
	if n == 0 || n > 3 || s[0] == '0' || n+1 >= len(s) || s[n] != ' ' {
		return "", s, false
	}
	return s[:n], s[n+1:], true
}

// digits counts the decimal digits at the start of s.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// isDigit relies on the wrap-around of bytes below '0'.
func isDigit(c byte) bool { return c-'0' <= 9 }

// isBlank: some senders separate with tabs.
func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// skipBlank skips spaces and tabs.
func skipBlank(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	return s
}

// word returns s up to the first space or tab, and the rest from there on.
func word(s string) (w, rest string) {
	for i := 0; i < len(s); i++ {
		if isBlank(s[i]) {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// payload tells that s is the start of a message in a format of its own, and so cannot be a part of a header. RFC 5424
// would allow such words as host or program, but no device has such a name, while many leave header fields out.
func payload(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '{', '%':
		return true
	case 'C':
		return strings.HasPrefix(s, "CEF:")
	case 'L':
		return strings.HasPrefix(s, "LEEF:")
	}
	return false
}
