package template

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/event"
	"weir/internal/nearest"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// name is a value that every message has.
type name struct {
	name   string
	doc    string
	number bool // it is digits only, and may stand in JSON without quotes
	value  func(m *channel.Message, a *channel.Alert) string
}

// names are all but those of fields and labels, in the order of the documentation.
var names = []name{
	{"subject", "one line: how bad, in which state, and what", false, func(m *channel.Message, _ *channel.Alert) string { return text.Subject(m) }},
	{"short", "the subject with how often, since when and the alert's id", false, func(m *channel.Message, _ *channel.Alert) string { return text.Short(m) }},
	{"text", "the whole message, in many lines", false, func(m *channel.Message, _ *channel.Alert) string { return text.Long(m) }},
	{"id", "of the message; the same when it is sent again", false, func(m *channel.Message, _ *channel.Alert) string { return m.ID }},
	{"kind", "firing, repeat, escalation, resolved, digest or test", false, func(m *channel.Message, _ *channel.Alert) string { return string(m.Kind) }},
	{"group", "what the alerts have in common, as one text", false, func(m *channel.Message, _ *channel.Alert) string { return m.Group }},
	{"count", "how many alerts the message is about", true, func(m *channel.Message, _ *channel.Alert) string { return strconv.Itoa(len(m.Alerts) + m.More) }},
	{"lang", "en or ko", false, func(m *channel.Message, _ *channel.Alert) string { return m.Lang }},
	{"url", "where the alerts can be looked at", false, func(m *channel.Message, _ *channel.Alert) string { return m.URL }},
	{"time", "of the message, RFC 3339", false, func(m *channel.Message, _ *channel.Alert) string { return m.Time.Format(time.RFC3339) }},
	{"ticket", "what the other side calls the group, once it has answered so", false, func(m *channel.Message, _ *channel.Alert) string { return m.Ticket }},
	{"alert.id", "of the first alert, which is the worst", false, func(_ *channel.Message, a *channel.Alert) string { return a.ID }},
	{"alert.rule", "id of its rule", false, func(_ *channel.Message, a *channel.Alert) string { return a.Rule }},
	{"alert.title", "title of its rule", false, func(_ *channel.Message, a *channel.Alert) string { return a.Title }},
	{"alert.level", "informational, low, medium, high or critical", false, func(_ *channel.Message, a *channel.Alert) string { return a.Level }},
	{"alert.what", "what happened, in the language of the message", false, text.What},
	{"alert.count", "how often it was found", true, func(_ *channel.Message, a *channel.Alert) string { return strconv.Itoa(a.Count) }},
	{"alert.revision", "how often it was told anew, from 1", true, func(_ *channel.Message, a *channel.Alert) string { return strconv.Itoa(a.Revision) }},
	{"alert.version", "of its rule", true, func(_ *channel.Message, a *channel.Alert) string { return strconv.Itoa(a.Version) }},
	{"alert.first", "time of the first event, RFC 3339", false, func(m *channel.Message, a *channel.Alert) string { return stamp(m, a.First) }},
	{"alert.last", "time of the last event, RFC 3339", false, func(m *channel.Message, a *channel.Alert) string { return stamp(m, a.Last) }},
	{"alert.state", "open, acknowledged or closed", false, func(_ *channel.Message, a *channel.Alert) string { return a.State }},
	{"alert.verdict", "of a closed one: true_positive, false_positive, benign, duplicate or resolved", false, func(_ *channel.Message, a *channel.Alert) string { return a.Verdict }},
	{"alert.assignee", "whose it is", false, func(_ *channel.Message, a *channel.Alert) string { return a.Assignee }},
	{"alert.author", "of its rule", false, func(_ *channel.Message, a *channel.Alert) string { return a.Author }},
	{"alert.tags", "of its rule, with commas", false, func(_ *channel.Message, a *channel.Alert) string { return strings.Join(a.Tags, ",") }},
}

// Name is one row of the documentation.
type Name struct{ Name, Doc string }

// Names lists what every message has, with those that stand for many.
func Names() []Name {
	var out []Name
	for _, n := range names {
		out = append(out, Name{n.name, n.doc})
	}
	return append(out,
		Name{"group.FIELD", "the first alert's value of a field that its rule groups by: group.host.name"},
		Name{"label.NAME", "a label of the message, else of the first alert's rule"})
}

// Of returns the values of a message; more has the caller's own and goes before.
func Of(m *channel.Message, more map[string]string) Values {
	first := &channel.Alert{}
	if len(m.Alerts) > 0 {
		first = &m.Alerts[0]
	}
	return func(name string) string {
		if v, ok := more[name]; ok {
			return v
		}
		if field, ok := strings.CutPrefix(name, "group."); ok {
			return first.Group[field]
		}
		if label, ok := strings.CutPrefix(name, "label."); ok {
			if v, ok := m.Labels[label]; ok {
				return v
			}
			return first.Labels[label]
		}
		if n := find(name); n != nil {
			return n.value(m, first)
		}
		return ""
	}
}

// stamp writes a time in the zone of the message, "" for none.
func stamp(m *channel.Message, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(m.Time.Location()).Format(time.RFC3339)
}

// find returns a name of the table.
func find(s string) *name {
	for i := range names {
		if names[i].name == s {
			return &names[i]
		}
	}
	return nil
}

// known tells whether a name can have a value, and else which one was most likely meant. A field that
// rules group by may be any, also one that no list knows; but a dotted one that is almost a known one
// is a slip.
func known(s string, more []string) (near string, ok bool) {
	if find(s) != nil || slices.Contains(more, s) {
		return "", true
	}
	if field, is := strings.CutPrefix(s, "group."); is && plain(field) {
		if _, known := event.Lookup(field); known || !strings.Contains(field, ".") {
			return "", true
		}
		if near := nearest.Name(field, fields()); near != "" && near != field {
			return "group." + near, false
		}
		return "", true
	}
	if label, is := strings.CutPrefix(s, "label."); is && plain(label) {
		return "", true
	}
	var all []string
	for _, n := range names {
		all = append(all, n.name)
	}
	return nearest.Name(s, append(all, more...)), false
}

// plain tells whether a text can be the name of a field or a label.
func plain(s string) bool {
	for _, r := range s {
		if r <= ' ' || strings.ContainsRune("{}|\"'`\\", r) {
			return false
		}
	}
	return s != ""
}

// fields are the paths of all known fields.
func fields() []string {
	var out []string
	for _, f := range event.Fields() {
		out = append(out, f.Path())
	}
	return out
}
