package header

import (
	"net/netip"
	"slices"
	"strings"
)

// maxTag is the longest program name that is believed. RFC 3164 says 32, which real programs exceed.
const maxTag = 64

// maxHost is the longest host name that is believed.
const maxHost = 255

// read3164 reads everything that is not RFC 5424. RFC 3164 only wrote down what senders did in 2001, so there is no strict
// form to hold them to: each part is taken if it can be told for sure, and left in the message if not.
func (h *Header) read3164(s string) {
	h.Message = s
	rest := skipBlank(s)
	if n := h.Stamp.read(rest); n > 0 {
		h.afterStamp(rest[n:])
		return
	}
	if h.cisco(rest) {
		return
	}
	if n := digits(rest); n > 0 && strings.HasPrefix(rest[n:], ": ") { // a sequence number before any other header
		if k := h.Stamp.read(rest[n+2:]); k > 0 {
			h.afterStamp(rest[n+2+k:])
			return
		}
	}
	h.bare(rest)
}

// bare reads a line without a time, which has no host either. Only a sure tag is one: of a line that has not even a
// priority nothing is known.
func (h *Header) bare(s string) {
	t, ok := tag(s)
	if !ok || t.pid == "" && (h.Priority == NoPriority || !identifier(t.name)) {
		return
	}
	h.tagged(t)
}

// tagged takes a tag. A dash stands for no program, as everywhere in a header.
func (h *Header) tagged(t taggedLine) {
	if t.name != "-" {
		h.Program = t.name
	}
	h.PID, h.Message = t.pid, t.rest
}

// identifier tells that a word can be a program and is not the start of a sentence.
func identifier(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || !isDigit(s[i]) && s[i] != '-' && s[i] != '_' && s[i] != '.' && s[i] != '/') {
			return i == 0 && s[i] == '/'
		}
	}
	return s != ""
}

// afterStamp reads host, tag and message. Exactly one blank is taken between the parts: what is more belongs to the
// message, whose indent may mean something (a stack trace sent line by line).
func (h *Header) afterStamp(s string) {
	if rest, ok := strings.CutPrefix(skipBlank(s), ":"); ok { // Mar  1 2024 10:00:00: %ASA-...
		if rest = skipBlank(rest); ciscoMessage(rest) {
			h.Message = rest
			return
		}
	}
	s = strings.TrimPrefix(s, ":")
	s = skipOne(s)
	h.Message = s
	s = skipBlank(s)
	w, rest := word(s)
	switch {
	case payload(s):
		h.Message = s
		return
	case w == "" || repeated(s):
		return
	case strings.HasSuffix(w, ":") && ciscoMessage(skipBlank(rest)) && hostLike(w[:len(w)-1]):
		h.Host, h.Message = w[:len(w)-1], skipBlank(rest) // localhost: %ASA-...
		return
	}
	if isHost(w) && rest != "" {
		if w != "-" {
			h.Host = unbracket(w)
		}
		if strings.HasPrefix(rest, " :") && ciscoMessage(skipBlank(rest[2:])) { // fw1 : %ASA-...
			h.Message = skipBlank(rest[2:])
			return
		}
		h.Message = rest[1:]
	} else if !strings.ContainsAny(w, ":[") && hostLike(w) { // nothing but a host
		h.Host, h.Message = w, rest
		return
	}
	h.afterHost(h.Message)
}

// afterHost reads the tag. Behind a relay the line may begin anew there, with what the device itself wrote.
func (h *Header) afterHost(s string) {
	if h.relayed(skipBlank(s)) {
		return
	}
	if rest, ok := h.levelWord(s); ok {
		s = rest
		h.Message = rest
	}
	if t, ok := tag(skipBlank(s)); ok {
		h.tagged(t)
	}
}

// repeated tells the note that a logger writes in place of equal lines, without a host.
func repeated(s string) bool {
	return strings.HasPrefix(s, "last message repeated ") || strings.HasPrefix(s, "message repeated ")
}

// ciscoMessage tells that s begins with %FACILITY-...
func ciscoMessage(s string) bool {
	return len(s) > 2 && s[0] == '%' && s[1] >= 'A' && s[1] <= 'Z'
}

// isHost tells whether the word behind the time is the host: not a tag, not the start of a message.
func isHost(w string) bool {
	if strings.HasSuffix(w, ":") {
		return isIPv6(w)
	}
	if w[0] == '[' {
		return strings.HasSuffix(w, "]") && isIPv6(unbracket(w))
	}
	return !strings.Contains(w, "[") && hostLike(w)
}

// hostLike tells whether every byte of w can be in the name of a host. Names may be UTF-8, and need not be valid DNS
// names: devices are called a_b, ctx/fw1 or Büro-2. Only what marks other formats is refused.
func hostLike(w string) bool {
	if w == "" || len(w) > maxHost {
		return false
	}
	for i := 0; i < len(w); i++ {
		switch w[i] {
		case '{', '}', '"', '=', '|', '<', '>', ',', ';', '(', ')', '[', ']', '\'', '\\':
			return false
		}
	}
	return true
}

// isIPv6 tells an address from other words with colons. It counts them first: an error of netip costs memory.
func isIPv6(w string) bool {
	if strings.Count(w, ":") < 2 {
		return false
	}
	_, err := netip.ParseAddr(w)
	return err == nil
}

// unbracket takes the brackets of an IPv6 address away.
func unbracket(w string) string {
	if w[0] == '[' && w[len(w)-1] == ']' {
		return w[1 : len(w)-1]
	}
	return w
}

// taggedLine is a tag that was read, and the message behind it.
type taggedLine struct{ name, pid, rest string }

// tag reads "prog: ", "prog[pid]: " and their like. Bytes that begin JSON, key=value pairs or CEF fields end the search:
// what holds them is a message, even with a colon behind it.
func tag(s string) (t taggedLine, ok bool) {
	i := 0
	for ; i < len(s) && i <= maxTag; i++ {
		switch c := s[i]; {
		case c == ':':
			return plainTag(s, i)
		case c == '[':
			return pidTag(s, i)
		case c <= ' ' || c == '{' || c == '"' || c == '=' || c == '|' || c == '%' && i == 0:
			return t, false
		}
	}
	return t, false
}

// plainTag reads a tag that ends at the colon at s[i]. A blank or the end must follow, else the colon is one of a URL, a
// time or a path.
func plainTag(s string, i int) (t taggedLine, ok bool) {
	if i == 0 || i+1 < len(s) && !isBlank(s[i+1]) || payload(s) {
		return t, false
	}
	return taggedLine{name: s[:i], rest: skipOne(s[i+1:])}, true
}

// pidTag reads a tag whose bracket opens at s[i]. Brackets that close directly before a colon are sure enough, so no
// blank is asked for behind it.
func pidTag(s string, i int) (t taggedLine, ok bool) {
	end := strings.IndexByte(s[i:min(len(s), i+maxTag)], ']')
	if i == 0 || end < 2 || !strings.HasPrefix(s[i+end+1:], ":") {
		return t, false
	}
	pid := s[i+1 : i+end]
	if strings.ContainsAny(pid, "[ \t") {
		return t, false
	}
	return taggedLine{name: s[:i], pid: pid, rest: skipOne(s[i+end+2:])}, true
}

// levelWord reads the "user.info" that small syslog daemons write behind the host, and takes it for the priority of a
// line that has none.
func (h *Header) levelWord(s string) (rest string, ok bool) {
	w, rest := word(s)
	dot := strings.IndexByte(w, '.')
	if dot < 2 || rest == "" {
		return s, false
	}
	facility, severity := indexOf(facilityWords[:], w[:dot]), indexOf(severityWords[:], w[dot+1:])
	if facility < 0 || severity < 0 {
		return s, false
	}
	if h.Priority == NoPriority {
		h.Priority = facility<<3 | severity
	}
	return skipOne(rest), true
}

// The words of syslog.h, which differ from the names of log.syslog.facility.name for a few.
var (
	facilityWords = [...]string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
		"alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
	severityWords = [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}
)

// indexOf returns the place of w, with the longer spellings of two severities.
func indexOf(words []string, w string) int {
	switch w {
	case "warning":
		w = "warn"
	case "error":
		w = "err"
	}
	return slices.Index(words, w)
}
