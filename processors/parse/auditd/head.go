package auditd

import (
	"strconv"
	"strings"
	"time"
)

// head is the part of a record before its fields.
type head struct {
	node, kind string
	at         time.Time // zero where the stamp is no number of seconds
	sequence   int64
	stamped    bool
}

// readHead reads the part before the fields, in the four ways in which it is written:
//
//	node=web-1 type=SYSCALL msg=audit(1700000000.123:42): ...    auditd, its dispatcher, ausearch
//	type=SYSCALL msg=audit(11/14/2023 22:13:20.123:42) : ...     ausearch -i
//	audit: type=1300 audit(1700000000.123:42): ...               the kernel, without auditd
//	SYSCALL ...                                                  journald, which has the rest beside the message
func readHead(msg string) (h head, body string, err error) {
	s := strings.TrimLeft(msg, " ")
	// The kernel's log has the time since the start before it.
	if rest, ok := strings.CutPrefix(s, "["); ok {
		if _, after, ok := strings.Cut(rest, "] "); ok {
			s = strings.TrimLeft(after, " ")
		}
	}
	s = strings.TrimPrefix(s, "audit: ")
	if rest, ok := strings.CutPrefix(s, "node="); ok {
		h.node, s, _ = strings.Cut(rest, " ")
	}
	rest, ok := strings.CutPrefix(s, "type=")
	if !ok {
		return bare(s)
	}
	h.kind, s, _ = strings.Cut(rest, " ")
	if name, ok := kindName(h.kind); ok {
		h.kind = name
	}
	if h.kind == "" {
		return h, s, errNotAudit
	}
	s = strings.TrimLeft(s, " ")
	rest, ok = strings.CutPrefix(s, "msg=")
	if !ok {
		rest, ok = s, strings.HasPrefix(s, "audit(")
	}
	if !ok {
		return h, s, errStamp
	}
	stamp, ok := strings.CutPrefix(rest, "audit(")
	if !ok { // a record that the tools have no name for: type=UNKNOWN[1329] msg=...
		return h, rest, nil
	}
	stamp, body, ok = strings.Cut(stamp, ")")
	if !ok || !h.stamp(stamp) {
		return h, rest, errStamp
	}
	body = strings.TrimLeft(body, " ")
	return h, strings.TrimLeft(strings.TrimPrefix(body, ":"), " "), nil
}

// bare reads a record of journald: the type's name, then the fields.
func bare(s string) (h head, body string, err error) {
	name, body, _ := strings.Cut(s, " ")
	if kindOf(name) == nil && !strings.HasPrefix(name, "UNKNOWN[") {
		return h, s, errNotAudit
	}
	h.kind, h.stamped, h.sequence = name, true, -1
	return h, body, nil
}

// stamp reads the seconds and the number of the happening. Of a stamp in words only the number is read.
func (h *head) stamp(s string) bool {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return false
	}
	n, err := strconv.ParseUint(s[i+1:], 10, 63)
	if err != nil {
		return false
	}
	h.sequence, h.stamped = int64(n), true
	sec, frac, ok := strings.Cut(s[:i], ".")
	if !ok || strings.ContainsAny(sec, "/:-, ") {
		return true // 11/14/2023 22:13:20.123
	}
	whole, err := strconv.ParseInt(sec, 10, 64)
	// Beyond these the moment is no date that a store takes.
	if err != nil || whole < 0 || whole > 253402300799 || len(frac) > 9 {
		return false
	}
	nano := int64(0)
	for _, c := range []byte(frac) {
		if c < '0' || c > '9' {
			return false
		}
		nano = nano*10 + int64(c-'0')
	}
	for i := len(frac); i < 9; i++ {
		nano *= 10
	}
	h.at = time.Unix(whole, nano).UTC()
	return true
}
