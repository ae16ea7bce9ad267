package text_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/text"
)

// TestSubject: one line of at most 200 characters, with the number of alerts never cut off.
func TestSubject(t *testing.T) {
	long := strings.Repeat("가나다 ", 200)
	for _, tc := range []struct {
		name   string
		change func(m *channel.Message)
		want   string
	}{
		{"one alert", func(m *channel.Message) { m.Alerts, m.More = m.Alerts[:1], 0 }, "[high] 203.0.113.5 guessed root's password on web-1"},
		{"several", func(*channel.Message) {}, "[high] 203.0.113.5 guessed root's password on web-1 (+4 more)"},
		{"no alert at all", func(m *channel.Message) { m.Alerts, m.More = nil, 0 }, "[alert] "},
		{"no explanation", func(m *channel.Message) { m.Alerts, m.More, m.Alerts[0].What = m.Alerts[:1], 0, "" }, "[high] Many failed SSH logins, then one that works"},
		{"no title either", func(m *channel.Message) {
			m.Alerts, m.More = m.Alerts[:1], 0
			m.Alerts[0].What, m.Alerts[0].Title = "", ""
		}, "[high] ssh-brute-force"},
		{"a level of its own", func(m *channel.Message) { m.Alerts, m.More, m.Alerts[0].Level = m.Alerts[:1], 0, "sev\n1" }, `[sev\n1] 203.0.113.5 guessed root's password on web-1`},
		{"Korean without a Korean text", func(m *channel.Message) {
			m.Lang, m.Alerts, m.More = "ko", m.Alerts[1:], 0
		}, "[보통] admin changed the configuration of fw-1"},
		{"a header of mail in the text", func(m *channel.Message) {
			m.Alerts, m.More, m.Alerts[0].What = m.Alerts[:1], 0, "x\r\nBcc: all@example.com\u202e"
		}, `[high] x\r\nBcc: all@example.com\u202e`},
		{"too long", func(m *channel.Message) { m.Alerts[0].What = long }, "[high] " + string([]rune(long)[:200-len("[high] ")-len(" (+4 more)")-1]) + "… (+4 more)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := channeltest.Message()
			tc.change(m)
			got := text.Subject(m)
			if got != tc.want || utf8.RuneCountInString(got) > 200 {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// TestLong_bounds: a message of a thousand alerts with thousands of events each stays a page.
func TestLong_bounds(t *testing.T) {
	m := channeltest.Message()
	one := m.Alerts[0]
	for range 5000 {
		one.Evidence = append(one.Evidence, alert.Evidence{Time: one.First, When: "failed", Values: map[string]string{"message": strings.Repeat("x", 5000)}})
	}
	one.Group = map[string]string{"user.name": strings.Repeat("y", 5000)}
	m.Alerts = nil
	for range 1000 {
		m.Alerts = append(m.Alerts, one)
	}
	got := text.Long(m)
	if len(got) > 100_000 {
		t.Errorf("%d bytes", len(got))
	}
	if !strings.Contains(got, "And 983 more of this group") {
		t.Error("it does not say how many are left out")
	}
	if n := strings.Count(got, "evidence"); n != 20 {
		t.Errorf("%d alerts are shown", n)
	}
}

// TestLong_zone: times are shown in the zone of the message.
func TestLong_zone(t *testing.T) {
	m := channeltest.Message()
	m.Time = m.Time.UTC()
	if got := text.Long(m); !strings.Contains(got, "2026-11-21 07:50:03 +00:00 to 07:50:58") {
		t.Errorf("got\n%s", got)
	}
	m.Alerts[0].Last = m.Alerts[0].First.Add(30 * time.Hour)
	if got := text.Long(m); !strings.Contains(got, "2026-11-21 07:50:03 +00:00 to 2026-11-22 13:50:03") {
		t.Errorf("over days:\n%s", got)
	}
}

func TestClip(t *testing.T) {
	for _, tc := range []struct {
		in   string
		n    int
		want string
	}{{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"가나다", 3, "가나다"}, {"가나다라", 3, "가나…"}, {"abc", 1, "…"}, {"abc", 0, "…"}} {
		if got := text.Clip(tc.in, tc.n); got != tc.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", tc.in, tc.n, got, tc.want)
		}
	}
}

// FuzzLong: whatever a log says, the text is UTF-8 of clean lines, and the number of its lines is that of a harmless one:
// nobody writes lines into it.
func FuzzLong(f *testing.F) {
	for _, seed := range []string{"", "root", "a\nb", "\x1b[2J", "\u202egpj.exe", "\xff\xfe", "가", "x\r\nBcc: a@b", "\u2028line"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, what, value string) {
		m := channeltest.Message()
		set := func(what, value string) string {
			for i := range m.Alerts {
				a := &m.Alerts[i]
				a.What, a.WhatKo, a.Title, a.Assignee = what, what, "t"+value, "a"+value
				a.Group = map[string]string{"user.name": value, "k" + value: "v"}
				a.Evidence = []alert.Evidence{{Time: a.First, When: value, Values: map[string]string{"message": "m" + value}}}
			}
			m.URL = "https://x/" + value
			return all(m)
		}
		harmless := strings.Count(set("w", "v"), "\n")
		got := set("w"+what, value)
		if !utf8.ValidString(got) {
			t.Error("no UTF-8")
		}
		for _, r := range got {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%q in the text", r)
			}
		}
		if n := strings.Count(got, "\n"); n != harmless {
			t.Errorf("%d lines, %d with harmless values", n, harmless)
		}
	})
}

func BenchmarkLong(b *testing.B) {
	m := channeltest.Message()
	b.ReportAllocs()
	for b.Loop() {
		text.Long(m)
	}
}
