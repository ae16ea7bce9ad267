package alertcmd

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"weir/cmd/weir/ui"
	"weir/event"
	"weir/event/ecs"
	"weir/internal/alert"
	"weir/internal/control"
)

// exceptionDays is how long an exception that is written here holds: long enough to mend the rule, and then somebody is
// asked again.
const exceptionDays = 90

// exception prints an entry for exceptions.yaml that takes the events of an alert out of its rule, and as little else as can
// be said: all fields that the group names and in which the whole evidence agrees. It is for a person to read first.
func (c *commands) exception(sh *ui.Shell, d *control.AlertDetail) error {
	conds := narrow(&d.Alert)
	if len(conds) == 0 {
		return ui.Usage("nothing tells the events of this alert from others", "write the exception by hand: weir rules exceptions --help")
	}
	reason := "false positive, alert " + d.ID
	if d.Verdict == alert.FalsePositive && d.Note != "" {
		reason = d.Note + " (alert " + d.ID + ")"
	}
	owner := cmp.Or(c.person.name(), "NAME")
	return sh.Printf("- rule: %s\n  when: %s\n  owner: %s\n  reason: %s\n  until: %s\n", quoted(d.Rule), single(strings.Join(conds, " and ")), quoted(owner), quoted(reason),
		sh.Now().UTC().AddDate(0, 0, exceptionDays).Format("2006-01-02"))
}

// narrow are conditions that the events of an alert fulfil, and few others.
func narrow(a *alert.Alert) (out []string) {
	values := map[string]string{}
	for i, e := range a.Evidence {
		for path, v := range e.Values {
			if i == 0 && telling[path] {
				values[path] = v
			}
		}
		maps.DeleteFunc(values, func(path, v string) bool { return e.Values[path] != v })
	}
	maps.Copy(values, a.Group)
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if text, ok := equals(path, values[path]); ok {
			out = append(out, text)
		}
	}
	return out
}

// telling are the fields of the evidence that may stand in an exception. What differs from event to event, as a message or a
// port, would make one that never holds again.
var telling = map[string]bool{
	"user.name": true, "user.domain": true, "host.name": true, "host.ip": true, "source.ip": true, "destination.ip": true, "destination.port": true, "destination.domain": true,
	"process.name": true, "process.executable": true, "process.parent.name": true, "process.parent.executable": true, "file.path": true, "event.code": true, "event.dataset": true, "event.action": true,
	"url.domain": true, "dns.question.name": true, "service.name": true, "client.ip": true, "server.ip": true, "user.target.name": true, "observer.name": true,
}

// equals writes a comparison as conditions have it; ok is false for what is no field, or no value that can be written.
func equals(path, value string) (string, bool) {
	f, known := event.Lookup(path)
	if !known || value == "" || f.Array() {
		return "", false
	}
	switch f.Type() {
	case ecs.Long:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return "", false
		}
		return path + " == " + value, true
	case ecs.IP:
		if _, err := netip.ParseAddr(value); err != nil {
			return "", false
		}
	case ecs.Keyword, ecs.Text:
	default:
		return "", false
	}
	return path + " == " + quoted(value), true
}

// quoted writes a text for YAML and for conditions alike. What does not show, as a sign that turns the direction of what
// follows, is escaped: it must not stand in a file that people read.
func quoted(s string) string { return strconv.Quote(s) }

// single writes a text between single quotes of YAML.
func single(s string) string { return fmt.Sprintf("'%s'", strings.ReplaceAll(s, "'", "''")) }
