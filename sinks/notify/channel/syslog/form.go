package syslog

import (
	"fmt"
	"maps"
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

// form is how alerts are written. It never changes, so that many goroutines may write with it.
type form struct {
	facility int
	hostname string
	sdID     string
	groupID  string // of the second element, which has the fields of the group
	limit    int
	version  string
	content  func(f *form, m *channel.Message, a *channel.Alert) (data, msg string)
}

// newForm reads what the configuration says of it. The number after the @ stands in both elements of
// structured data, so that whoever has a number of his own changes one key.
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

// line is one syslog message, without a frame: that belongs to the transport. Where it is too long the
// text is cut, not the values; only values that alone are too long go.
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

// values are those of an alert, without the fields of its group. Empty ones are left out. The names are
// a contract: receivers are set up for them, so they are only ever added to.
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

// element writes one element of structured data. Values are made clean first: RFC 5424 allows control
// characters in them, and hardly any receiver.
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

// sdName makes a name of structured data: at most 32 printable characters of ASCII but =, blank, ] and
// ".
func sdName(s string) string {
	return headerName(strings.NewReplacer("=", "_", "]", "_", `"`, "_").Replace(s), 32)
}

// headerName makes a word of the header; "-" stands for none. A host's name may come from the
// configuration, a kind from whoever sends: neither may end the header.
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
