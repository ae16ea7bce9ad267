package syslog

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/influxdata/go-syslog/v3/rfc5424"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
)

// formOf is how a configuration writes.
func formOf(t testing.TB, c Config) *form {
	t.Helper()
	c.Hostname = "weir-1"
	f, err := newForm(c, "1.2")
	if err != nil {
		t.Fatal(err)
	}
	return &f
}

// read takes a message apart as a strict receiver does.
func read(t testing.TB, line []byte) *rfc5424.SyslogMessage {
	t.Helper()
	m, err := rfc5424.NewParser().Parse(line)
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	out, ok := m.(*rfc5424.SyslogMessage)
	if !ok {
		t.Fatalf("a %T", m)
	}
	return out
}

// TestStructured: what a strict receiver reads of an alert.
func TestStructured(t *testing.T) {
	m := channeltest.Message()
	m.Alerts[0].Group[`we"ird]na=me\`] = "a\"b]c\\d\ne"
	lines := formOf(t, Config{}).lines(m)
	if len(lines) != 2 {
		t.Fatalf("%d messages", len(lines))
	}
	got := read(t, lines[0])
	if *got.Facility != 16 || *got.Severity != 3 || *got.Hostname != "weir-1" || *got.Appname != "weir" || *got.MsgID != "firing" || got.ProcID != nil || !got.Timestamp.Equal(m.Time) {
		t.Errorf("header: %s", lines[0])
	}
	if want := "[high] 203.0.113.5 guessed root's password on web-1"; *got.Message != want {
		t.Errorf("text %q, want %q", *got.Message, want)
	}
	data := (*got.StructuredData)["weir@32473"]
	for name, want := range map[string]string{
		"id": m.Alerts[0].ID, "kind": "firing", "rule": "ssh-brute-force", "version": "3", "level": "high", "state": "open", "count": "17",
		"first": "2026-11-21T07:50:03.12Z", "last": "2026-11-21T07:50:58.12Z", "revision": "2", "message": "m-0001", "more": "3",
		"title": "Many failed SSH logins, then one that works", "assignee": "", "verdict": "",
	} {
		if data[name] != want {
			t.Errorf("%s is %q, want %q", name, data[name], want)
		}
	}
	group := (*got.StructuredData)["group@32473"]
	if group["source.ip"] != "203.0.113.5" || group["user.name"] != "root" || group[`we_ird_na_me\`] != `a"b]c\d\ne` {
		t.Errorf("group: %v", group)
	}
	if second := read(t, lines[1]); *second.Severity != 4 || (*second.StructuredData)["weir@32473"]["assignee"] != "김민수" {
		t.Errorf("the second: %s", lines[1])
	}
}

// TestHeader: facility, name of the data, levels and kinds.
func TestHeader(t *testing.T) {
	for _, tc := range []struct {
		name     string
		c        Config
		kind     channel.Kind
		level    string
		priority string
		has      string
	}{
		{"critical", Config{}, channel.Firing, "critical", "<130>", "[weir@32473 "},
		{"low", Config{}, channel.Repeat, "low", "<133>", " repeat ["},
		{"informational", Config{}, channel.Escalation, "informational", "<134>", " escalation ["},
		{"one that a rule made up", Config{}, channel.Firing, "sev1", "<133>", `level="sev1"`},
		{"resolved", Config{}, channel.Resolved, "critical", "<133>", " resolved ["},
		{"authpriv and a number of one's own", Config{Facility: "authpriv", SDID: "soc@99999"}, channel.Firing, "critical", "<82>", "[group@99999 "},
		{"kern", Config{Facility: "kern"}, channel.Firing, "critical", "<2>", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := channeltest.Message()
			m.Kind, m.Alerts[0].Level = tc.kind, tc.level
			line := formOf(t, tc.c).lines(m)[0]
			read(t, line)
			if !strings.HasPrefix(string(line), tc.priority+"1 ") || !strings.Contains(string(line), tc.has) {
				t.Errorf("got %s", line)
			}
		})
	}
}

// TestDigest: a message about no alert is one message.
func TestDigest(t *testing.T) {
	for _, format := range []string{"rfc5424", "cef", "leef"} {
		lines := formOf(t, Config{Format: format}).lines(&channel.Message{ID: "m", Kind: channel.Digest, Group: "1,200 folded", Time: channeltest.Message().Time})
		if len(lines) != 1 || !strings.Contains(string(lines[0]), "1,200 folded") {
			t.Errorf("%s: %q", format, lines)
		}
		read(t, lines[0])
	}
}

// TestLength: what is too long is cut in the text, at a letter; the values stay whole, or go whole.
func TestLength(t *testing.T) {
	m := channeltest.Message()
	m.Alerts[0].What = strings.Repeat("가", 3000)
	f := formOf(t, Config{MaxBytes: 700})
	line := f.lines(m)[0]
	if got := read(t, line); len(line) > 700 || !utf8.Valid(line) || (*got.StructuredData)["weir@32473"]["id"] == "" {
		t.Errorf("%d bytes: %s", len(line), line)
	}
	for _, field := range []string{"a", "b", "c"} {
		m.Alerts[0].Group[field] = strings.Repeat("x", 5000)
	}
	line = f.lines(m)[0]
	if got := read(t, line); len(line) > 700 || got.StructuredData != nil || !strings.Contains(string(line), " - [high] 가") {
		t.Errorf("%d bytes: %s", len(line), line)
	}
}

// FuzzLine: whatever a log says, a strict receiver reads one message, with the values in their places.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"", `"]`, `\`, "a\nb", "\x00", "\xff", "가", "x y=\"z\"] ["} {
		f.Add(seed, seed)
	}
	forms := []*form{formOf(f, Config{}), formOf(f, Config{Format: "cef", MaxBytes: 480}), formOf(f, Config{Format: "leef"})}
	f.Fuzz(func(t *testing.T, field, value string) {
		m := channeltest.Message()
		a := &m.Alerts[0]
		a.Group, a.What, a.Title, a.Rule = map[string]string{field: value}, value, value, value
		m.Kind = channel.Kind(value)
		for _, form := range forms {
			line := form.lines(m)[0]
			if len(line) > form.limit || strings.ContainsAny(string(line), "\n\r\x00") {
				t.Fatalf("%q", line)
			}
			got := read(t, line)
			if got.StructuredData == nil {
				continue
			}
			if data := (*got.StructuredData)[form.sdID]; data["id"] != a.ID || data["level"] != "high" {
				t.Errorf("values moved: %s", line)
			}
		}
	})
}

func BenchmarkLine(b *testing.B) {
	f, m := formOf(b, Config{}), channeltest.Message()
	b.ReportAllocs()
	for b.Loop() {
		f.lines(m)
	}
}

// TestNames: what a field is called in structured data, whatever it was called before.
func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"source.ip": "source.ip", "a b": "a_b", "a=b": "a_b", `a"b]c`: "a_b_c", "": "-", "사용자": "___", "\x00\n": "__",
		strings.Repeat("x", 40): strings.Repeat("x", 32),
	} {
		if got := sdName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestSeverity: every level has a number, and what is over or a test wakes nobody.
func TestSeverity(t *testing.T) {
	for _, tc := range []struct {
		level string
		kind  channel.Kind
		want  int
	}{
		{"critical", channel.Firing, 2}, {"high", channel.Repeat, 3}, {"medium", channel.Escalation, 4}, {"low", channel.Firing, 5}, {"informational", channel.Firing, 6},
		{"", channel.Digest, 5}, {"critical", channel.Resolved, 5}, {"critical", channel.Test, 5},
	} {
		m := &channel.Message{Kind: tc.kind}
		a := &channel.Alert{Alert: alert.Alert{Level: tc.level}}
		if got := severity(m, a); got != tc.want {
			t.Errorf("%s, %s: %d, want %d", tc.level, tc.kind, got, tc.want)
		}
	}
}
