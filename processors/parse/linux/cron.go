package linux

import (
	"strings"

	"weir/event"
)

// A command that cron starts has no outcome: cron does not say how it ended.
var (
	cronRan     = class{"cron-command", event.Strs("process"), event.Strs("start"), ""}
	cronChanged = class{"crontab-changed", event.Strs("configuration"), event.Strs("change"), success}
	cronRead    = class{"crontab-read", event.Strs("configuration"), event.Strs("access"), success}
	cronRefused = class{"crontab-refused", event.Strs("configuration"), event.Strs("info"), failure}
)

// Cron reads "(USER) VERB (TEXT)" of cron, crond, crontab and anacron. A user's name holds no bracket, a command may hold
// any: the text ends with the line.
//
//	(root) CMD (cd / && run-parts --report /etc/cron.hourly)
//	(root) REPLACE (kim)
//	(kim) AUTH (crontab command not allowed)
func Cron(e *event.Event, msg string) {
	s := strings.TrimSpace(msg)
	if strings.HasPrefix(s, "pam_") {
		PAM(e, s)
		return
	}
	if !prefixed(&s, "(") {
		return
	}
	user, rest, ok := strings.Cut(s, ") ")
	if !ok {
		return
	}
	verb, text, _ := strings.Cut(rest, " (")
	text = strings.TrimSuffix(text, ")")
	switch verb {
	case "CMD", "CMDEND":
		if verb == "CMD" {
			cronRan.set(e)
			e.SetStr(event.ProcessCommandLine, strings.TrimSpace(text))
		}
	case "REPLACE", "DELETE", "END EDIT":
		cronChanged.set(e)
		cronOwner(e, user, text)
	case "LIST", "BEGIN EDIT":
		cronRead.set(e)
		cronOwner(e, user, text)
	case "AUTH":
		cronRefused.set(e)
		e.SetStr(event.EventReason, text)
	default:
		if prefixed(&rest, "FAILED ") {
			cronRefused.set(e)
			e.SetStr(event.EventReason, rest)
		}
	}
	if user != "CRON" && user != "*system*" {
		e.SetStr(event.UserName, user)
	}
}

// cronOwner sets whose table it is, where it is not the user's own.
func cronOwner(e *event.Event, user, owner string) {
	if owner != user {
		e.SetStr(event.UserTargetName, owner)
	}
}
