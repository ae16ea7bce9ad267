package text_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/channeltest"
	"weir/sinks/notify/channel/text"
)

// row finds a row of the first alert by its name, nil if it is not there.
func row(m *channel.Message, name string) *text.Row {
	for _, r := range text.Of(m).Alerts[0].Rows {
		if r.Name == name {
			return &r
		}
	}
	return nil
}

// TestOf_Rows: what is said of an alert, and that what it does not have is not said.
func TestOf_Rows(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(m *channel.Message, a *channel.Alert)
		row    string
		want   string // "" if there must be no such row
	}{
		{"rule", func(*channel.Message, *channel.Alert) {}, "rule", "ssh-brute-force v3 (Many failed SSH logins, then one that works)"},
		{"rule without a version", func(_ *channel.Message, a *channel.Alert) { a.Version, a.Title = 0, "" }, "rule", "ssh-brute-force"},
		{"once", func(_ *channel.Message, a *channel.Alert) { a.Count, a.Last = 1, a.First }, "when", "once, 2026-11-21 16:50:03 +09:00"},
		{"never counted", func(_ *channel.Message, a *channel.Alert) { a.Count, a.Last = 0, a.First }, "when", "once, 2026-11-21 16:50:03 +09:00"},
		{"no time", func(_ *channel.Message, a *channel.Alert) { a.First = time.Time{} }, "when", ""},
		{"many", func(_ *channel.Message, a *channel.Alert) { a.Count = 12345 }, "when", "12,345 times, 2026-11-21 16:50:03 +09:00 to 16:50:58"},
		{"over the new year", func(_ *channel.Message, a *channel.Alert) { a.Last = a.First.AddDate(1, 0, 0) }, "when", "17 times, 2026-11-21 16:50:03 +09:00 to 2027-11-21 16:50:03"},
		{"no group", func(_ *channel.Message, a *channel.Alert) { a.Group = nil }, "group", ""},
		{"no state", func(_ *channel.Message, a *channel.Alert) { a.State = "" }, "state", ""},
		{"closed", func(_ *channel.Message, a *channel.Alert) {
			a.State, a.Verdict, a.Assignee = alert.Closed, alert.TruePositive, "ana"
		}, "state", "closed, true positive, ana"},
		{"words that are newer than these", func(_ *channel.Message, a *channel.Alert) { a.State, a.Verdict = "snoozed", "unsure\n" }, "state", `snoozed, unsure\n`},
		{"techniques", func(_ *channel.Message, a *channel.Alert) {
			a.Tags = []string{"attack.T1110", "attack.t1021.004", "attack.ta0001", "cve.2026-1", "attack.t"}
		}, "ATT&CK", "T1110, T1021.004"},
		{"no techniques", func(_ *channel.Message, a *channel.Alert) { a.Tags = []string{"attack.lateral_movement"} }, "ATT&CK", ""},
		{"estimated", func(_ *channel.Message, a *channel.Alert) { a.Approximate = "about 12,000 values" }, "estimated", "about 12,000 values"},
		{"not estimated", func(*channel.Message, *channel.Alert) {}, "estimated", ""},
		{"spoke for others", func(_ *channel.Message, a *channel.Alert) { a.Suppressed = 7 }, "suppressed", "7"},
		{"to look", func(*channel.Message, *channel.Alert) {}, "look", "weir alerts show 3f9c12ab77e0"},
		{"a short id", func(_ *channel.Message, a *channel.Alert) { a.ID = "3f9c" }, "look", "weir alerts show 3f9c"},
		{"no id", func(_ *channel.Message, a *channel.Alert) { a.ID = "" }, "look", ""},
		{"to take", func(*channel.Message, *channel.Alert) {}, "take it", "weir alerts ack 3f9c12ab77e0"},
		{"taken already", func(_ *channel.Message, a *channel.Alert) { a.State = alert.Acknowledged }, "take it", ""},
		{"nothing to take of what is over", func(m *channel.Message, _ *channel.Alert) { m.Kind = channel.Resolved }, "take it", ""},
		{"nothing to look at in a test", func(m *channel.Message, _ *channel.Alert) { m.Kind = channel.Test }, "look", ""},
		{"no evidence", func(_ *channel.Message, a *channel.Alert) { a.Evidence = nil }, "evidence", ""},
		{"a long value", func(_ *channel.Message, a *channel.Alert) {
			a.Group = map[string]string{"user.name": strings.Repeat("x", 500)}
		}, "group", "user.name = " + strings.Repeat("x", 199) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := channeltest.Message()
			tc.change(m, &m.Alerts[0])
			got := row(m, tc.row)
			switch {
			case tc.want == "" && got != nil:
				t.Errorf("%s is %q", tc.row, got.Lines)
			case tc.want != "" && (got == nil || !slices.Equal(got.Lines, []string{tc.want})):
				t.Errorf("%s is %v, want %q", tc.row, got, tc.want)
			}
		})
	}
}

// TestOf_Evidence: of many events the first four and the last two are shown, with what the record said or what was kept.
func TestOf_Evidence(t *testing.T) {
	m := channeltest.Message()
	a := &m.Alerts[0]
	a.Evidence = nil
	for i := range 20 {
		e := alert.Evidence{Time: a.First.Add(time.Duration(i) * time.Second), When: "실패", Values: map[string]string{"n": strconv.Itoa(i), "b": "c"}}
		if i == 19 {
			e.When, e.Values["message"] = "ok", "the record"
		}
		a.Evidence = append(a.Evidence, e)
	}
	want := []string{"16:50:03  실패  b=c n=0", "16:50:04  실패  b=c n=1", "16:50:05  실패  b=c n=2", "16:50:06  실패  b=c n=3", "16:50:21  실패  b=c n=18", "16:50:22  ok    the record"}
	if got := row(m, "evidence"); got == nil || !slices.Equal(got.Lines, want) || got.Kind != "log" {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestOf_About: the link, the labels and what is left out stand at the end, each where it is there.
func TestOf_About(t *testing.T) {
	m := channeltest.Message()
	d := text.Of(m)
	if len(d.About) != 2 || d.About[0].Kind != "link" || d.About[0].Lines[0] != m.URL || d.About[1].Lines[0] != "team = soc" || d.More != "And 3 more of this group: weir alerts list" {
		t.Errorf("%+v", d)
	}
	m.URL, m.Labels, m.More = "", nil, 0
	if d = text.Of(m); len(d.About) != 0 || d.More != "" || d.Intro != "" {
		t.Errorf("%+v", d)
	}
	if d.Alerts[0].Level != "high" || d.Alerts[1].Head != "medium: admin changed the configuration of fw-1" {
		t.Errorf("%+v", d.Alerts)
	}
}

// TestOf_Notice: a notice is its own words, line by line, and control characters in them are shown and do nothing.
func TestOf_Notice(t *testing.T) {
	m := &channel.Message{Kind: channel.Notice, Group: "Checkpoint 12", Text: "size 12\nroot \x1babc\n", Lang: "en"}
	if got := text.Subject(m); got != "Checkpoint 12" {
		t.Errorf("subject %q", got)
	}
	if got := text.Long(m); got != "size 12\nroot \\x1babc\n" {
		t.Errorf("got %q", got)
	}
}
