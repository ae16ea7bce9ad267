package syslog

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/nearest"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// form is how alerts are written.
type form struct {
	facility int
	hostname string
	sdID     string
	groupID  string // of the second element, which has the fields of the group
	limit    int
	version  string
	content  func(f *form, m *channel.Message, a *channel.Alert) (data, msg string)
}

// newForm reads what the configuration says of it.
func newForm(c Config, version string) (form, error) {
	f := form{facility: 16, hostname: c.Hostname, sdID: c.SDID, limit: c.MaxBytes, version: version}
	if c.Facility != "" {
		if f.facility = slices.Index(facilities, c.Facility); f.facility < 0 {
			do := "the facilities are " + strings.Join(facilities, ", ")
			if near := nearest.Name(c.Facility, facilities); near != "" {
				do = "did you mean `" + near + "`?"
			}
			return form{}, channel.Bad("facility", "is none", do)
		}
	}
	switch c.Format {
	case "", "rfc5424":
		f.content = (*form).structured
	case "cef":
		f.content = (*form).cef
	case "leef":
		f.content = (*form).leef
	default:
		return form{}, channel.Bad("format", "is none of rfc5424, cef, leef", "leave it out for rfc5424")
	}
	if f.hostname == "" {
		f.hostname, _ = os.Hostname() // without a name the header has "-"
	}
	if f.sdID == "" {
		f.sdID = sdID
	}
	name, number, private := strings.Cut(f.sdID, "@")
	if f.sdID != sdName(f.sdID) || name == "" || !private || number == "" || strings.Trim(number, "0123456789.") != "" {
		return form{}, channel.Bad("sd_id", "is no name of structured data", "write it as weir@NUMBER, with your private enterprise number")
	}
	f.groupID = sdName("group@" + number)
	switch {
	case f.limit == 0 && c.Protocol == "udp":
		f.limit = 2048
	case f.limit == 0:
		f.limit = 8192
	case f.limit < 480:
		return form{}, channel.Bad("max_bytes", "is less than every receiver takes", "write at least 480, or leave it out")
	}
	return f, nil
}

// lines are the syslog messages for a message: one for each alert, or one for a message without.
func (f *form) lines(m *channel.Message) [][]byte {
	alerts := m.Alerts
	if len(alerts) == 0 {
		alerts = []channel.Alert{{}}
	}
	var out [][]byte
	for i := range alerts {
		out = append(out, f.line(m, &alerts[i]))
	}
	return out
}

// line is one syslog message. Where it is too long the text is cut, not the values; only values that alone are too long go.
func (f *form) line(m *channel.Message, a *channel.Alert) []byte {
	data, msg := f.content(f, m, a)
	header := fmt.Sprintf("<%d>1 %s %s weir - %s ", f.facility*8+severity(m, a), m.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), headerName(f.hostname, 255), headerName(string(m.Kind), 32))
	if len(header)+len(data)+1 > f.limit {
		data = "-"
	}
	line := header + data + " " + msg
	if len(line) > f.limit {
		at := f.limit
		for at > 0 && !utf8.RuneStart(line[at]) {
			at--
		}
		line = line[:at]
	}
	return []byte(line)
}

// severity is the alert's level in syslog's numbers; what is over is a notice.
func severity(m *channel.Message, a *channel.Alert) int {
	if m.Kind == channel.Resolved || m.Kind == channel.Test {
		return 5
	}
	switch a.Level {
	case "critical":
		return 2
	case "high":
		return 3
	case "medium":
		return 4
	case "informational":
		return 6
	}
	return 5
}

// alone is a message about one of its alerts only.
func alone(m *channel.Message, a *channel.Alert) *channel.Message {
	if len(m.Alerts) == 0 {
		return m
	}
	one := *m
	one.Alerts, one.More = []channel.Alert{*a}, 0
	return &one
}

// pair is a name with its value.
type pair struct{ name, value string }

// values are those of an alert, without the fields of its group. Empty ones are left out.
func values(m *channel.Message, a *channel.Alert) []pair {
	out := []pair{
		{"id", a.ID}, {"kind", string(m.Kind)}, {"rule", a.Rule}, {"version", number(a.Version)}, {"level", a.Level}, {"state", a.State},
		{"verdict", a.Verdict}, {"assignee", a.Assignee}, {"count", number(a.Count)}, {"first", stamp(a.First)}, {"last", stamp(a.Last)},
		{"revision", number(a.Revision)}, {"title", a.Title}, {"message", m.ID}, {"more", number(m.More)},
	}
	return slices.DeleteFunc(out, func(p pair) bool { return p.value == "" })
}

// structured is the form of RFC 5424: values as structured data, the text for people.
func (f *form) structured(m *channel.Message, a *channel.Alert) (data, msg string) {
	var b strings.Builder
	element(&b, f.sdID, values(m, a))
	if len(a.Group) > 0 {
		var fields []pair
		for _, k := range slices.Sorted(maps.Keys(a.Group)) {
			fields = append(fields, pair{sdName(k), a.Group[k]})
		}
		// Two fields may have one name once it is cut: RFC 5424 lets a name stand twice.
		element(&b, f.groupID, fields)
	}
	return b.String(), text.Subject(alone(m, a))
}

// element writes one element of structured data.
func element(b *strings.Builder, id string, pairs []pair) {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`)
	b.WriteString("[" + id)
	for _, p := range pairs {
		b.WriteString(" " + p.name + `="` + escape.Replace(text.Clip(text.Clean(p.value), maxValue)) + `"`)
	}
	b.WriteString("]")
}

// maxValue bounds one value, in characters.
const maxValue = 500

// sdName makes a name of structured data: at most 32 printable characters of ASCII but =, blank, ] and ".
func sdName(s string) string {
	return headerName(strings.NewReplacer("=", "_", "]", "_", `"`, "_").Replace(s), 32)
}

// headerName makes a word of the header; "-" stands for none.
func headerName(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}

// cef is the Common Event Format of ArcSight, version 0.
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

// leef is the Log Event Extended Format of IBM, version 2.0, with a tab between its attributes: no value has one, since
// control characters are made visible.
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

// naming is how a format calls things.
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

// extension are the pairs that CEF and LEEF have in common, under the names of one of them.
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

// grade is the alert's level from 0 to 10.
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

// number writes a number, "" for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// stamp writes a time as RFC 3339, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// millis writes a time as milliseconds since 1970, "" for none.
func millis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}
