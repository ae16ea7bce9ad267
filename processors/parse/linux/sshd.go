package linux

import (
	"strings"

	"weir/event"
)

// What sshd does, as ECS sees it. One attempt to log in gives several lines (Invalid user, Failed password, those of PAM
// and the end of the connection). The action ssh_login with an outcome stands in those alone that Elastic's package
// counts as a login, so that rules made for it count the same.
var (
	sshAccepted = class{"ssh_login", event.Strs("authentication", "session"), event.Strs("info"), success}
	sshFailed   = class{"ssh_login", event.Strs("authentication"), event.Strs("info"), failure}
	sshTooMany  = class{"ssh_max_attempts", event.Strs("authentication"), event.Strs("info"), failure}
	sshPartial  = class{"ssh_postponed", event.Strs("authentication"), event.Strs("info"), ""}
	sshOpened   = class{"ssh_connect", event.Strs("network"), event.Strs("connection", "start"), ""}
	sshClosed   = class{"ssh_disconnect", event.Strs("network"), event.Strs("connection", "end"), ""}
	sshDropped  = class{"ssh_dropped", event.Strs("network"), event.Strs("connection", "denied"), failure}
	sshStart    = class{"ssh_session_start", event.Strs("session"), event.Strs("start"), ""}
	sshEnd      = class{"ssh_session_end", event.Strs("session"), event.Strs("end"), ""}
	sshNotice   = class{"ssh_warning", event.Strs("network"), event.Strs("info"), ""}
)

// Sshd reads messages of sshd, and those of PAM under its name. The first letter leads to the few forms that begin with
// it: a message costs one switch and not forty comparisons.
//
//	Accepted publickey for kim from 192.0.2.1 port 4 ssh2: RSA SHA256:...
//	Failed password for invalid user kim from 192.0.2.1 port 4 ssh2
//	Invalid user kim from 192.0.2.1 port 4
//	Connection closed by authenticating user kim 192.0.2.1 port 4 [preauth]
func Sshd(e *event.Event, msg string) {
	s := strings.TrimSuffix(strings.TrimSpace(msg), " [preauth]")
	prefixed(&s, "error: ")
	prefixed(&s, "fatal: ")
	if s == "" {
		return
	}
	switch s[0] {
	case 'A':
		if prefixed(&s, "Accepted ") {
			sshdAccepted(e, s)
		} else if prefixed(&s, "Address ") {
			addr, _, _ := strings.Cut(s, " ")
			sshNotice.set(e)
			setSource(e, addr, "")
		}
	case 'F':
		if prefixed(&s, "Failed ") {
			sshdFailed(e, &sshFailed, "Failed", s)
		}
	case 'I':
		if prefixed(&s, "Invalid user ") || prefixed(&s, "Illegal user ") {
			sshdUserFrom(e, &sshFailed, s)
			e.Set(event.SystemAuthSSHEvent, event.Str("Invalid"))
		}
	case 'P':
		sshdP(e, s)
	case 'p':
		PAM(e, s)
	case 'C', 'D', 'T', 'R':
		sshdConnection(e, s)
	default:
		sshdOther(e, s)
	}
}

// sshdAccepted reads "METHOD for USER from ADDR port N ssh2: KEY". An accepted user exists, so the name is harmless,
// while the key's comment may say anything: read from the left.
func sshdAccepted(e *event.Event, s string) {
	method, rest, ok := strings.Cut(s, " for ")
	user, rest, ok2 := strings.Cut(rest, " from ")
	if !ok || !ok2 {
		return
	}
	addr, rest, _ := strings.Cut(rest, " port ")
	port, rest, _ := strings.Cut(rest, " ")
	sshAccepted.set(e)
	e.Set(event.SystemAuthSSHEvent, event.Str("Accepted"))
	e.SetStr(event.SystemAuthSSHMethod, method)
	e.SetStr(event.UserName, user)
	setSource(e, addr, port)
	if _, key, ok := strings.Cut(rest, ": "); ok {
		e.SetStr(event.SystemAuthSSHSignature, key)
	}
}

// sshdFailed reads "METHOD for [invalid user ]USER from ADDR port N ssh2[: KEY]". The user is whatever the client
// sent, so the address is the last one that is followed by nothing but the end, or a key and the end.
func sshdFailed(e *event.Event, c *class, name, s string) {
	c.set(e)
	e.Set(event.SystemAuthSSHEvent, event.Str(name))
	method, rest, ok := strings.Cut(s, " for ")
	if !ok {
		return
	}
	e.SetStr(event.SystemAuthSSHMethod, method)
	o, ok := originEnd(rest)
	if !ok {
		o, ok = originKey(e, rest)
	}
	if !ok {
		return
	}
	user := o.before
	if !prefixed(&user, "invalid user ") {
		prefixed(&user, "illegal user ")
	}
	e.SetStr(event.UserName, user)
	setSource(e, o.addr, o.port)
	e.SetStr(event.SystemAuthSSHSignature, o.key)
}

// origin is where a client comes from, and what stands before it.
type origin struct{ before, addr, port, key string }

// originEnd reads "... from ADDR[ port N][ ssh2]" at the end of s.
func originEnd(s string) (o origin, ok bool) {
	s = strings.TrimSuffix(s, " ssh2")
	s = strings.TrimSuffix(s, " ssh1")
	o.before, o.addr, ok = cutFrom(s)
	if ok && strings.IndexByte(o.addr, ' ') < 0 {
		return o, o.addr != ""
	}
	left, port, ok := lastCut(s, " port ")
	if !ok || !allDigits(port) {
		return origin{}, false
	}
	o.port = port
	o.before, o.addr, ok = cutFrom(left)
	return o, ok && o.addr != "" && strings.IndexByte(o.addr, ' ') < 0
}

// cutFrom cuts around the last " from ", which the text may also begin with where the user's name is empty.
func cutFrom(s string) (before, after string, ok bool) {
	if before, after, ok = lastCut(s, " from "); ok {
		return before, after, true
	}
	after, ok = strings.CutPrefix(s, "from ")
	return "", after, ok
}

// originKey reads "... from ADDR port N ssh2: TYPE FINGERPRINT". A certificate's key goes on with an id that the
// client's own authority may have chosen: with more than one address in the line it is not known which is true.
func originKey(e *event.Event, s string) (o origin, ok bool) {
	left, key, ok := lastCut(s, " ssh2: ")
	if !ok {
		return o, false
	}
	if strings.Count(key, " ") > 1 && strings.Count(s, " from ") > 1 {
		ambiguous(e, "sshd: several addresses in one line")
		return o, false
	}
	o, ok = originEnd(left)
	o.key = key
	return o, ok
}

// sshdUserFrom reads "USER from ADDR[ port N]".
func sshdUserFrom(e *event.Event, c *class, s string) {
	c.set(e)
	if o, ok := originEnd(s); ok {
		e.SetStr(event.UserName, o.before)
		setSource(e, o.addr, o.port)
	} else {
		e.SetStr(event.UserName, s)
	}
}

// sshdP reads what begins with P: a login that is not at its end yet, and PAM.
//
//	Postponed publickey for kim from 192.0.2.1 port 4 ssh2
//	PAM: Authentication failure for illegal user kim from client.example.com
func sshdP(e *event.Event, s string) {
	switch {
	case prefixed(&s, "Postponed "):
		sshdFailed(e, &sshPartial, "Postponed", s)
	case prefixed(&s, "Partial "):
		sshdFailed(e, &sshPartial, "Partial", s)
	case prefixed(&s, "PAM: "): // Authentication failure for [illegal user ]USER from HOST
		if _, rest, ok := strings.Cut(s, " for "); ok {
			prefixed(&rest, "illegal user ")
			sshdUserFrom(e, &sshFailed, rest)
		}
	default:
		PAM(e, s)
	}
}

// sshdConnection reads the beginning and the end of connections. Where the address stands right behind the fixed words
// it is read from the left, as the rest may be the client's own; where a user stands between, from the right.
//
//	Connection from 192.0.2.1 port 4 on 192.0.2.2 port 22
//	Received disconnect from 192.0.2.1 port 4:11: what the client says
//	Disconnected from invalid user kim 192.0.2.1 port 4
//	Close session: user kim from 192.0.2.1 port 4 id 0
func sshdConnection(e *event.Event, s string) {
	switch {
	case prefixed(&s, "Connection closed by "), prefixed(&s, "Connection reset by "), prefixed(&s, "Disconnected from "),
		prefixed(&s, "Timeout, client not responding from "):
		sshdPeer(e, &sshClosed, s)
	case prefixed(&s, "Connection from "):
		sshdLeft(e, &sshOpened, s)
	case prefixed(&s, "Received disconnect from "):
		sshdLeft(e, &sshClosed, s)
	case prefixed(&s, "Timeout before authentication for "):
		prefixed(&s, "connection from ")
		sshdLeft(e, &sshClosed, s)
	case prefixed(&s, "Disconnecting "):
		sshdDisconnecting(e, s)
	case prefixed(&s, "Close session: "):
		prefixed(&s, "user ")
		sshdSession(e, &sshEnd, s)
	case prefixed(&s, "Did not receive identification string from "):
		sshdLeft(e, &sshDropped, s)
		e.Set(event.SystemAuthSSHDroppedIP, e.Get(event.SourceIP))
	case prefixed(&s, "ROOT LOGIN REFUSED FROM "):
		sshdLeft(e, &sshFailed, s)
		e.Set(event.UserName, event.Str("root"))
	}
}

// sshdOther reads what begins with other letters: refusals before any login was tried, and warnings.
//
//	User kim from 192.0.2.1 not allowed because not listed in AllowUsers
//	maximum authentication attempts exceeded for kim from 192.0.2.1 port 4 ssh2
//	Bad protocol version identification 'GET /' from 192.0.2.1 port 4
//	Unable to negotiate with 192.0.2.1 port 4: no matching cipher found
//	drop connection #10 from [192.0.2.1]:4 on [192.0.2.2]:22 past MaxStartups
func sshdOther(e *event.Event, s string) {
	switch {
	case prefixed(&s, "User "): // NAME from HOST not allowed because REASON
		left, reason, ok := lastCut(s, " not allowed because ")
		if ok {
			sshdUserFrom(e, &sshFailed, left)
			e.SetStr(event.EventReason, reason)
		}
	case prefixed(&s, "maximum authentication attempts exceeded for "):
		prefixed(&s, "invalid user ")
		sshdUserFrom(e, &sshTooMany, s)
	case prefixed(&s, "input_userauth_request: invalid user "):
		e.SetStr(event.UserName, s)
	case prefixed(&s, "Starting session: "):
		if _, rest, ok := lastCut(s, " for "); ok {
			sshdSession(e, &sshStart, rest)
		}
	case prefixed(&s, "Bad protocol version identification "):
		sshDropped.set(e)
		if o, ok := originEnd(s); ok {
			setSource(e, o.addr, o.port)
		}
	case prefixed(&s, "Unable to negotiate with "), prefixed(&s, "banner exchange: Connection from "):
		sshdLeft(e, &sshDropped, s)
	case prefixed(&s, "reverse mapping checking getaddrinfo for "):
		sshNotice.set(e)
		if addr, _, ok := between(s, "[", "]"); ok {
			setSource(e, addr, "")
		}
	case prefixed(&s, "drop connection #"): // 10 from [1.2.3.4]:5 on [5.6.7.8]:22 past MaxStartups
		sshDropped.set(e)
		if addr, rest, ok := between(s, "[", "]:"); ok {
			port, _, _ := strings.Cut(rest, " ")
			setSource(e, addr, port)
		}
	}
}

// sshdLeft reads "ADDR[ port N]" at the start of s: what follows may be the client's words.
func sshdLeft(e *event.Event, c *class, s string) {
	c.set(e)
	addr, rest, _ := strings.Cut(s, " ")
	addr = strings.TrimSuffix(addr, ":")
	port := ""
	if prefixed(&rest, "port ") {
		n := 0
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		port = rest[:n]
	}
	setSource(e, addr, port)
}

// sshdPeer reads "[[authenticating |invalid ]user USER ]ADDR[ port N]" to the end of s.
func sshdPeer(e *event.Event, c *class, s string) {
	c.set(e)
	left, port, ok := lastCut(s, " port ")
	if !ok || !allDigits(port) {
		left, port = s, ""
	}
	user, addr, ok := lastCut(left, " ")
	if !ok {
		setSource(e, left, port)
		return
	}
	setSource(e, addr, port)
	if !prefixed(&user, "authenticating ") {
		prefixed(&user, "invalid ")
	}
	if prefixed(&user, "user ") {
		e.SetStr(event.UserName, user)
	}
}

// sshdDisconnecting reads "USER ADDR port N: REASON". The usual reasons are sshd's own words and end the line, so that
// the rest can be read from the right. Both the user and a reason that names another user are the
// client's words.
func sshdDisconnecting(e *event.Event, s string) {
	const changed = ": Change of username or service not allowed: "
	for _, reason := range [...]string{": Too many authentication failures", ": Too many failures"} {
		if left, ok := strings.CutSuffix(s, reason); ok {
			sshdPeer(e, &sshTooMany, left)
			e.SetStr(event.EventReason, reason[2:])
			return
		}
	}
	if strings.HasPrefix(s, "Too many authentication failures") || !strings.Contains(s, " port ") {
		sshTooMany.set(e)
		return
	}
	sshClosed.set(e)
	switch strings.Count(s, changed) {
	case 0:
	case 1:
		left, reason, _ := strings.Cut(s, changed)
		sshdPeer(e, &sshClosed, left)
		e.SetStr(event.EventReason, reason)
	default:
		ambiguous(e, "sshd: several addresses in one line")
	}
}

// sshdSession reads "USER from ADDR port N id N".
func sshdSession(e *event.Event, c *class, s string) {
	if left, id, ok := lastCut(s, " id "); ok && allDigits(id) {
		s = left
	}
	sshdUserFrom(e, c, s)
}
