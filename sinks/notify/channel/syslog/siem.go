package syslog

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// cef is the Common Event Format of ArcSight, version 0. It stands in the message of RFC 5424, whose
// header says when and from where; the structured data is left out, since nobody who reads CEF looks
// there.
func (f *form) cef(m *channel.Message, a *channel.Alert) (data, msg string) {
	head := strings.NewReplacer(`\`, `\\`, `|`, `\|`)
	var b strings.Builder
	name := text.What(m, a)
	if a.Title != "" {
		name = text.Clean(a.Title)
	}
	for i, part := range []string{"CEF:0", "weir", "weir", f.version, text.Clean(a.Rule), text.Clip(name, 512), strconv.Itoa(grade(a.Level))} {
		if i > 0 {
			b.WriteString("|")
		}
		b.WriteString(head.Replace(part))
	}
	b.WriteString("|")
	escape := strings.NewReplacer(`\`, `\\`, `=`, `\=`)
	for i, p := range append(extension(m, a, cefNames), pair{"msg", text.Subject(alone(m, a))}) {
		if i > 0 {
			b.WriteString(" ")
		}
		b.WriteString(p.name + "=" + escape.Replace(text.Clip(text.Clean(p.value), maxValue)))
	}
	return "-", b.String()
}

// leef is the Log Event Extended Format of IBM, version 2.0, with a tab between its attributes: no
// value has one, since control characters are made visible.
func (f *form) leef(m *channel.Message, a *channel.Alert) (data, msg string) {
	head := strings.NewReplacer("|", "_")
	var b strings.Builder
	for _, part := range []string{"LEEF:2.0", "weir", "weir", f.version, text.Clean(a.Rule), "x09"} {
		b.WriteString(head.Replace(part) + "|")
	}
	pairs := append(extension(m, a, leefNames), pair{"sev", strconv.Itoa(max(1, grade(a.Level)))}, pair{"msg", text.Subject(alone(m, a))})
	for i, p := range pairs {
		if i > 0 {
			b.WriteString("\t")
		}
		b.WriteString(p.name + "=" + text.Clip(text.Clean(p.value), maxValue))
	}
	return "-", b.String()
}

// naming is how a format calls things. Both formats have fixed words for some fields; a product that
// reads them shows those in its columns, and everything else as text.
type naming struct {
	first, last, count, id, action, category string
	labelled                                 bool // what has no key of its own stands in cs1 to cs6, each with its label
	fields                                   map[string]string
}

var cefNames = naming{
	first: "start", last: "end", count: "cnt", id: "externalId", action: "act", category: "cat", labelled: true,
	fields: map[string]string{
		"source.ip": "src", "destination.ip": "dst", "source.port": "spt", "destination.port": "dpt", "user.name": "duser", "host.name": "dhost",
		"process.name": "dproc", "file.path": "filePath", "url.full": "request",
	},
}

var leefNames = naming{
	first: "firstTime", last: "lastTime", count: "eventCount", id: "alertId", action: "action", category: "cat",
	fields: map[string]string{
		"source.ip": "src", "destination.ip": "dst", "source.port": "srcPort", "destination.port": "dstPort", "user.name": "usrName",
		"host.name": "identHostName", "url.full": "url",
	},
}

// extension are the pairs, in an order that does not change, that CEF and LEEF have in common, under
// the names of one of them.
func extension(m *channel.Message, a *channel.Alert, n naming) []pair {
	out := []pair{
		{n.id, a.ID}, {n.action, string(m.Kind)}, {n.category, a.Level}, {n.count, number(a.Count)}, {n.first, millis(a.First)}, {n.last, millis(a.Last)},
	}
	var rest []string
	for _, field := range slices.Sorted(maps.Keys(a.Group)) {
		name, value := n.fields[field], a.Group[field]
		if name == "" || (name == "src" || name == "dst") && !v4(value) {
			rest = append(rest, field+"="+value)
			continue
		}
		out = append(out, pair{name, value})
	}
	for i, p := range []pair{{"state", a.State}, {"group", strings.Join(rest, " ")}, {"verdict", a.Verdict}, {"assignee", a.Assignee}} {
		switch {
		case p.value == "":
		case n.labelled:
			cs := "cs" + strconv.Itoa(i+1)
			out = append(out, pair{cs + "Label", p.name}, pair{cs, p.value})
		default:
			out = append(out, p)
		}
	}
	return slices.DeleteFunc(out, func(p pair) bool { return p.value == "" })
}

// v4 tells whether a value is an address of IPv4, the only kind that src and dst may have.
func v4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

// grade is the alert's level from 0 to 10, as both formats count; a level that a rule made up is the
// lowest.
func grade(level string) int {
	switch level {
	case "critical":
		return 10
	case "high":
		return 8
	case "medium":
		return 5
	case "low":
		return 3
	}
	return 1
}

// millis writes a time as milliseconds since 1970, "" for none.
func millis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}
