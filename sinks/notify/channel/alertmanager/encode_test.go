package alertmanager_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weir/internal/alert"
	"weir/internal/config/unit"
	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/alertmanager"
	"weir/sinks/notify/channel/channeltest"
)

// TestEnd: an alert is over when it is closed, when its whole group is, and never before it began.
func TestEnd(t *testing.T) {
	m := channeltest.Message()
	early, late := m.Time.Add(-time.Second), m.Time.Add(time.Hour)
	for _, tc := range []struct {
		name   string
		change func(m *channel.Message, a *channel.Alert)
		want   time.Time
	}{
		{"open", func(*channel.Message, *channel.Alert) {}, m.Time.Add(2 * time.Hour)},
		{"closed among open ones", func(_ *channel.Message, a *channel.Alert) { a.State = alert.Closed }, m.Time},
		{"all closed", func(m *channel.Message, _ *channel.Alert) { m.Kind = channel.Resolved }, m.Time},
		{"ended by itself", func(m *channel.Message, a *channel.Alert) { m.Kind, a.Ended = channel.Resolved, &early }, early},
		{"ends later than now", func(m *channel.Message, a *channel.Alert) { m.Kind, a.Ended = channel.Resolved, &late }, m.Time},
		{"ended before it began", func(m *channel.Message, a *channel.Alert) {
			m.Kind, a.Ended, a.First = channel.Resolved, &early, m.Time
		}, m.Time},
		{"began in the future", func(m *channel.Message, a *channel.Alert) { m.Kind, a.First = channel.Resolved, late }, m.Time},
		{"a test", func(m *channel.Message, _ *channel.Alert) { m.Kind = channel.Test }, m.Time.Add(5 * time.Minute)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s server
			c := start(t, alertmanager.Config{Hold: unit.Duration(2 * time.Hour)}, "http://"+channeltest.HTTP(t, nil, s.ServeHTTP))
			m := channeltest.Message()
			tc.change(m, &m.Alerts[0])
			if _, err := c.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			a := s.got[0][0]
			if !a.EndsAt.Equal(tc.want) || a.EndsAt.Before(a.StartsAt) || a.StartsAt.After(m.Time) {
				t.Errorf("from %v to %v, want %v", a.StartsAt, a.EndsAt, tc.want)
			}
		})
	}
}

// TestSameLabels: later revisions have the labels of the first, or they would be other alerts there.
func TestSameLabels(t *testing.T) {
	var s server
	c := start(t, alertmanager.Config{}, "http://"+channeltest.HTTP(t, nil, s.ServeHTTP))
	m := channeltest.Message()
	for range 2 {
		if _, err := c.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		a := &m.Alerts[0]
		a.Revision, a.Count, a.Last, a.State, a.Assignee, a.What, m.Kind = 3, 99, m.Time, alert.Acknowledged, "ana", "more", channel.Repeat
	}
	first, second := s.got[0][0], s.got[1][0]
	for name, v := range first.Labels {
		if second.Labels[name] != v {
			t.Errorf("%s: %q became %q", name, v, second.Labels[name])
		}
	}
	if second.Annotations["count"] != "99" || second.Annotations["assignee"] != "ana" || !second.StartsAt.Equal(first.StartsAt) {
		t.Errorf("%v", second)
	}
}

// TestLabels: names that Prometheus does not allow are made so, long and broken values too.
func TestLabels(t *testing.T) {
	var s server
	c := start(t, alertmanager.Config{}, "http://"+channeltest.HTTP(t, nil, s.ServeHTTP))
	m := channeltest.Message()
	m.Alerts = m.Alerts[:1]
	m.Alerts[0].Group = map[string]string{"host.name": strings.Repeat("가", 1000), "1st": "\xff", "__name__": "x", "": "y", "empty": "", "사용자": "z"}
	m.Alerts[0].Labels, m.Alerts[0].Rule = map[string]string{"alertname": "not mine"}, ""
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.got[0][0].Labels
	if v := got["host_name"]; len(v) > 1024 || !utf8.ValidString(v) || len(v) < 1000 {
		t.Errorf("%d bytes", len(v))
	}
	for name, want := range map[string]string{"_1st": "\ufffd", "x__name__": "x", "_": "y", "x___": "z", "alertname": "not mine"} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if _, ok := got["empty"]; ok {
		t.Error("an empty label is sent")
	}
}
