package linux

import (
	"strings"

	"weir/event"
)

// user.name is who acts, user.effective.name who it acts as.
var (
	sudoRan     = class{"sudo", event.Strs("process"), event.Strs("start"), success}
	sudoRefused = class{"sudo", event.Strs("process"), event.Strs("info"), failure}
	suDone      = class{"su", event.Strs("authentication", "session"), event.Strs("start"), success}
	suRefused   = class{"su", event.Strs("authentication"), event.Strs("info"), failure}
)

// Sudo reads "USER : [ERROR ; ]TTY=T ; PWD=DIR ; USER=TARGET ; COMMAND=LINE". Folder and command may be any text, so
// a line with two commands in it leaves open which target is the true one.
func Sudo(e *event.Event, msg string) {
	s := strings.TrimSpace(msg)
	if strings.HasPrefix(s, "pam_") {
		PAM(e, s)
		return
	}
	user, rest, ok := strings.Cut(s, " : ")
	if !ok {
		return
	}
	left, command, ok := strings.Cut(rest, " ; COMMAND=")
	if !ok {
		return
	}
	c := &sudoRan
	if !strings.HasPrefix(left, "TTY=") {
		problem, fields, ok := strings.Cut(left, " ; ")
		if ok && !strings.HasPrefix(problem, "PWD=") && !strings.HasPrefix(problem, "HOST=") {
			c, left = &sudoRefused, fields
			e.SetStr(event.SystemAuthSudoError, problem)
		}
	}
	c.set(e)
	e.SetStr(event.UserName, user)
	e.SetStr(event.SystemAuthSudoCommand, command)
	if strings.Contains(command, " ; COMMAND=") {
		ambiguous(e, "sudo: several commands in one line")
		return
	}
	sudoFields(e, left)
}

// sudoFields reads the fields before the command. The target is the last USER=: only the folder before it is free.
func sudoFields(e *event.Event, s string) {
	if left, target, ok := lastCut(s, " ; USER="); ok {
		target, _, _ = strings.Cut(target, " ; ") // ENV=, TSID=, GROUP=
		e.SetStr(event.SystemAuthSudoUser, target)
		e.SetStr(event.UserEffectiveName, target)
		s = left
	}
	if left, dir, ok := strings.Cut(s, " ; PWD="); ok {
		e.SetStr(event.SystemAuthSudoPWD, dir)
		s = left
	} else if prefixed(&s, "PWD=") {
		e.SetStr(event.SystemAuthSudoPWD, s)
		return
	}
	if _, tty, ok := strings.Cut(s, "TTY="); ok {
		e.SetStr(event.SystemAuthSudoTTY, tty)
	}
}

// Su reads the messages of the several su that there are.
//
//	Successful su for root by kim                    shadow
//	FAILED su for root by kim
//	+ pts/0 kim:root                                 shadow, - where it failed
//	(to root) kim on pts/0                           util-linux, FAILED SU before it where it failed
//	kim to root on /dev/ttyp0                        BSD, BAD SU before it where it failed
//	'su root' failed for kim on /dev/pts/8           RFC 3164
func Su(e *event.Event, msg string) {
	s := strings.TrimSpace(msg)
	switch {
	case strings.HasPrefix(s, "pam_"):
		PAM(e, s)
	case prefixed(&s, "Successful su for "):
		suBy(e, &suDone, s)
	case prefixed(&s, "FAILED su for "):
		suBy(e, &suRefused, s)
	case prefixed(&s, "FAILED SU (to "):
		suTo(e, &suRefused, s)
	case prefixed(&s, "(to "):
		suTo(e, &suDone, s)
	case prefixed(&s, "BAD SU "):
		suOn(e, &suRefused, s)
	case prefixed(&s, "'su "): // 'su root' failed for lonvick on /dev/pts/8
		target, rest, ok := strings.Cut(s, "' failed for ")
		if ok {
			user, _, _ := lastCut(rest, " on ")
			suUsers(e, &suRefused, user, target)
		}
	case prefixed(&s, "+ "):
		suPair(e, &suDone, s)
	case prefixed(&s, "- "):
		suPair(e, &suRefused, s)
	default:
		suOn(e, &suDone, s)
	}
}

// suUsers sets who became whom.
func suUsers(e *event.Event, c *class, user, target string) {
	c.set(e)
	e.SetStr(event.UserName, user)
	e.SetStr(event.UserEffectiveName, target)
}

// suBy reads "TARGET by USER".
func suBy(e *event.Event, c *class, s string) {
	if target, user, ok := strings.Cut(s, " by "); ok {
		suUsers(e, c, user, target)
	}
}

// suTo reads "TARGET) USER on TTY".
func suTo(e *event.Event, c *class, s string) {
	target, rest, ok := strings.Cut(s, ") ")
	user, _, ok2 := lastCut(rest, " on ")
	if ok && ok2 {
		suUsers(e, c, user, target)
	}
}

// suOn reads "USER to TARGET on TTY".
func suOn(e *event.Event, c *class, s string) {
	left, _, ok := lastCut(s, " on ")
	user, target, ok2 := strings.Cut(left, " to ")
	if ok && ok2 {
		suUsers(e, c, user, target)
	}
}

// suPair reads "TTY USER:TARGET".
func suPair(e *event.Event, c *class, s string) {
	_, pair, ok := strings.Cut(s, " ")
	user, target, ok2 := strings.Cut(pair, ":")
	if ok && ok2 {
		suUsers(e, c, user, target)
	}
}
