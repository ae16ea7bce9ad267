package linux

import (
	"strings"

	"weir/event"
)

// A unit is no process, but it is what an operator means by one: ECS has no nearer category.
var (
	unitStarted = class{"service-started", event.Strs("process"), event.Strs("start"), success}
	unitStopped = class{"service-stopped", event.Strs("process"), event.Strs("end"), success}
	unitFailed  = class{"service-failed", event.Strs("process"), event.Strs("info"), failure}
	unitExited  = class{"process-exited", event.Strs("process"), event.Strs("end"), ""}
	seatStarted = class{"session-started", event.Strs("session"), event.Strs("start"), ""}
	seatEnded   = class{"session-ended", event.Strs("session"), event.Strs("end"), ""}
)

// Systemd reads what the service manager says of its units. Older ones name the description, newer ones the unit and
// the description.
//
//	Started nginx.service - A high performance web server.
//	nginx.service: Failed with result 'exit-code'.
//	nginx.service: Main process exited, code=exited, status=1/FAILURE
func Systemd(e *event.Event, msg string) {
	s := strings.TrimSpace(msg)
	switch {
	case strings.HasPrefix(s, "pam_"):
		PAM(e, s)
	case prefixed(&s, "Started "):
		unitStarted.set(e)
		unit(e, s)
	case prefixed(&s, "Stopped "):
		unitStopped.set(e)
		unit(e, s)
	case prefixed(&s, "Failed to start "):
		unitFailed.set(e)
		unit(e, s)
	default:
		name, text, ok := strings.Cut(s, ": ")
		if !ok || !isUnit(name) {
			return
		}
		e.SetStr(event.ServiceName, name)
		switch {
		case strings.HasPrefix(text, "Failed with result "):
			unitFailed.set(e)
			reason, _, _ := between(text, "'", "'")
			e.SetStr(event.EventReason, reason)
		case strings.HasPrefix(text, "Main process exited, "):
			unitExited.set(e)
			if strings.HasSuffix(text, "FAILURE") || strings.Contains(text, "code=killed") || strings.Contains(text, "code=dumped") {
				e.Set(event.EventOutcome, event.Str(failure))
			}
		}
	}
}

// unit sets service.name: the unit of "nginx.service - A web server.", else the description.
func unit(e *event.Event, s string) {
	s = strings.TrimSuffix(s, ".")
	if name, _, ok := strings.Cut(s, " - "); ok && isUnit(name) {
		s = name
	}
	e.SetStr(event.ServiceName, s)
}

// isUnit tells the name of a unit from a sentence: it has no blank and ends with the kind.
func isUnit(s string) bool {
	if strings.IndexByte(s, ' ') >= 0 {
		return false
	}
	for _, kind := range [...]string{".service", ".socket", ".timer", ".mount", ".scope", ".slice", ".target", ".path", ".device", ".swap", ".automount"} {
		if strings.HasSuffix(s, kind) {
			return true
		}
	}
	return false
}

// Logind reads sessions of systemd-logind. PAM tells of the same sessions with logged-on and logged-off, so the actions
// here are others: who counts one does not count both.
//
//	New session 12 of user kim.
//	Session 12 logged out. Waiting for processes to exit.
//	Removed session 12.
func Logind(e *event.Event, msg string) {
	s := strings.TrimSpace(msg)
	switch {
	case prefixed(&s, "New session "): // 12 of user kim.
		if _, user, ok := strings.Cut(s, " of user "); ok {
			seatStarted.set(e)
			e.SetStr(event.UserName, strings.Trim(strings.TrimSuffix(user, "."), "'"))
		}
	case strings.HasPrefix(s, "Removed session "), strings.HasPrefix(s, "Session ") && strings.Contains(s, " logged out"):
		seatEnded.set(e)
	}
}
