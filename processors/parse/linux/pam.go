package linux

import (
	"strings"

	"weir/event"
)

// What PAM says. A session that is opened or closed has no outcome: the login that it belongs to has one, and would be
// counted twice.
var (
	pamOpened  = class{"logged-on", event.Strs("session"), event.Strs("start"), ""}
	pamClosed  = class{"logged-off", event.Strs("session"), event.Strs("end"), ""}
	pamFailed  = class{"authentication", event.Strs("authentication"), event.Strs("info"), failure}
	pamPassed  = class{"authentication", event.Strs("authentication"), event.Strs("info"), success}
	pamLocked  = class{"account-locked", event.Strs("authentication"), event.Strs("info"), failure}
	pamExpired = class{"account-expired", event.Strs("authentication"), event.Strs("info"), failure}
	pamChanged = class{"changed-password", event.Strs("iam"), event.Strs("user", "change"), success}
)

// PAM reads messages of PAM modules, and the same without the module, as programs of old put it into their own name.
//
//	pam_unix(sshd:session): session opened for user kim(uid=1000) by (uid=0)
//	pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=kim
//	pam_sss(sshd:auth): received for user kim: 7 (Authentication failure)
//	pam_faillock(sshd:auth): Consecutive login failures for user kim account temporarily locked
func PAM(e *event.Event, msg string) {
	s := msg
	if strings.HasPrefix(s, "pam_") {
		module, rest, ok := strings.Cut(s, "): ")
		if !ok {
			return
		}
		if name, _, ok := strings.Cut(module, "("); ok {
			e.SetStr(event.EventProvider, name)
		}
		s = rest
	}
	s = strings.TrimSpace(s)
	switch {
	case prefixed(&s, "session opened for user "):
		pamSession(e, s)
	case prefixed(&s, "session closed for user "):
		pamClosed.set(e)
		user, id := pamUser(s)
		e.SetStr(event.UserName, user)
		e.SetStr(event.UserID, id)
	case prefixed(&s, "authentication failure; "):
		pamFailed.set(e)
		pamClient(e, s)
	case prefixed(&s, "authentication success; "):
		pamPassed.set(e)
		pamClient(e, s)
	case strings.HasPrefix(s, "check pass; user unknown"):
		pamFailed.set(e)
		e.Set(event.EventReason, event.Str("user unknown"))
	case prefixed(&s, "received for user "): // NAME: 7 (Authentication failure)
		pamReceived(e, s)
	case prefixed(&s, "password changed for "):
		pamChanged.set(e)
		e.SetStr(event.UserName, strings.Trim(s, "'"))
	default:
		pamOther(e, s)
	}
}

// pamSession reads "USER[(uid=N)] by [USER](uid=N)". Without a second name the session is the user's own.
func pamSession(e *event.Event, s string) {
	pamOpened.set(e)
	who, by, ok := lastCut(s, " by ")
	user, id := pamUser(who)
	if ok {
		if name, byID := pamUser(by); name != "" {
			e.SetStr(event.UserName, name)
			e.SetStr(event.UserID, byID)
			e.SetStr(event.UserEffectiveName, user)
			e.SetStr(event.UserEffectiveID, id)
			return
		}
	}
	e.SetStr(event.UserName, user)
	e.SetStr(event.UserID, id)
}

// pamUser reads "NAME(uid=N)", either part of which may be missing.
func pamUser(s string) (name, id string) {
	if left, ok := strings.CutSuffix(s, ")"); ok {
		if name, id, ok := lastCut(left, "(uid="); ok && allDigits(id) {
			return strings.Trim(name, "'\""), id
		}
	}
	return strings.Trim(s, "'\""), ""
}

// pamClient reads "logname= uid=0 euid=0 tty=ssh ruser= rhost=HOST  user=USER". The user stands last and may be any
// text; before it the last rhost counts, as ruser is the client's word too.
func pamClient(e *event.Event, s string) {
	left, user, ok := strings.Cut(s, "  user=")
	if !ok {
		left, user, _ = strings.Cut(s, " user=")
	}
	e.SetStr(event.UserName, user)
	left, host, _ := lastCut(left, " rhost=")
	setSource(e, strings.TrimSpace(host), "")
	if _, caller, ok := lastCut(left, " ruser="); ok {
		e.SetStr(event.SourceUserName, caller)
	}
}

// pamReceived reads "USER: N (TEXT)", what sssd answered; 0 is success. The user may hold a colon, the answer none.
func pamReceived(e *event.Event, s string) {
	user, answer, ok := lastCut(s, ": ")
	if !ok {
		return
	}
	c := &pamFailed
	if strings.HasPrefix(answer, "0 ") {
		c = &pamPassed
	}
	c.set(e)
	e.SetStr(event.UserName, user)
	if reason, _, ok := between(answer, "(", ")"); ok {
		e.SetStr(event.EventReason, reason)
	}
}

// pamOther reads locked and expired accounts, and what sshd says of PAM when it gives up: one line that stands for
// several failures, whose number is in the message.
//
//	user kim (1000) tally 5, deny 3
//	account kim has expired (account expired)
//	PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=kim
func pamOther(e *event.Event, s string) {
	switch {
	case strings.HasPrefix(s, "Consecutive login failures for user "):
		pamLocked.set(e)
		user, _, _ := lastCut(s[len("Consecutive login failures for user "):], " account")
		e.SetStr(event.UserName, user)
	case prefixed(&s, "user "): // kim (1000) tally 5, deny 3
		if user, rest, ok := lastCut(s, " ("); ok && strings.Contains(rest, ") tally ") {
			pamLocked.set(e)
			e.SetStr(event.UserName, user)
		}
	case strings.HasPrefix(s, "account ") && strings.Contains(s, " has expired"):
		pamExpired.set(e)
		user, _, _ := lastCut(s[len("account "):], " has expired")
		e.SetStr(event.UserName, user)
	case strings.HasPrefix(s, "PAM "): // PAM 2 more authentication failures; logname= ...
		if _, rest, ok := strings.Cut(s, " more authentication failure"); ok {
			if _, rest, ok = strings.Cut(rest, "; "); ok {
				pamFailed.set(e)
				pamClient(e, rest)
			}
		}
	}
}
