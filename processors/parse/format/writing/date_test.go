package writing_test

import (
	"strings"
	"testing"
)

// stepCase is a small file, a message and what becomes of it.
type stepCase struct{ name, steps, msg, want string }

// check runs cases.
func check(t *testing.T, cases []stepCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			if got := ran(t, c.steps, c.msg); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestDate_Layouts: each layout by its name; the first that fits counts. The device's zone is +09:00.
func TestDate_Layouts(t *testing.T) {
	for _, c := range []struct{ name, layouts, msg, want string }{
		{"left out: ISO8601", "", "2024-04-30T09:00:00.123Z", "2024-04-30T09:00:00.123Z"},
		{"ISO8601 without a zone", "ISO8601", "2024-04-30T09:00:00", "2024-04-30T00:00:00.000Z"},
		{"ISO8601 with a blank", "ISO8601", "2024-04-30 09:00:00+02:00", "2024-04-30T07:00:00.000Z"},
		{"UNIX", "UNIX", "1714467600", "2024-04-30T09:00:00.000Z"},
		{"UNIX with a fraction", "UNIX", "1714467600.5", "2024-04-30T09:00:00.500Z"},
		{"UNIX_MS", "UNIX_MS", "1714467600123", "2024-04-30T09:00:00.123Z"},
		{"UNIX_US", "UNIX_US", "1714467600123456", "2024-04-30T09:00:00.123456Z"},
		{"UNIX_NS", "UNIX_NS", "1714467600123456789", "2024-04-30T09:00:00.123456789Z"},
		{"HTTP", "HTTP", "30/Apr/2024:09:00:00 +0200", "2024-04-30T07:00:00.000Z"},
		{"RFC3164", "RFC3164", "Apr 30 09:00:00", "2024-04-30T00:00:00.000Z"},
		{"letters", "yyyy-MM-dd HH:mm:ss.SSS Z", "2024-04-30 09:00:00.250 -0500", "2024-04-30T14:00:00.250Z"},
		{"letters with a name of a month and halves of the day", "MMM d yyyy hh:mm:ss a", "Apr 30 2024 01:00:00 PM", "2024-04-30T04:00:00.000Z"},
		{"text in quotes", "yyyyMMdd''T''HHmmss", "20240430T090000", "2024-04-30T00:00:00.000Z"},
		{"the second of two", "UNIX, 'dd/MM/yyyy'", "30/04/2024", "2024-04-29T15:00:00.000Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			layouts := ""
			switch {
			case strings.Contains(c.layouts, ", "):
				layouts = ", layouts: [" + c.layouts + "]"
			case c.layouts != "":
				layouts = ", layouts: ['" + c.layouts + "']"
			}
			got := ran(t, "- date: {from: message, to: event.start"+layouts+"}", c.msg)
			if want := `{"event":{"start":"` + c.want + `"}}`; got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

// TestDate_Keys: from, to, zone, and what the event keeps of the zone.
func TestDate_Keys(t *testing.T) {
	const layout = "layouts: ['yyyy-MM-dd HH:mm:ss']"
	check(t, []stepCase{
		{"a time stays a time", "- date: {from: message, to: event.start}\n- date: {from: event.start, to: event.end}", "2024-04-30T09:00:00Z", `{"event":{"end":"2024-04-30T09:00:00.000Z","start":"2024-04-30T09:00:00.000Z"}}`},
		{"a number", "- json: {}\n- date: {from: _json.t, to: event.start, layouts: [UNIX_MS]}", `{"t":1714467600123}`, `{"event":{"start":"2024-04-30T09:00:00.123Z"}}`},
		{"of several places one is not there", "- set: {_d: 2024-04-30}\n- date: {from: [_d, _no, message], to: event.start, " + layout + "}", "09:00:00", `{"event":{"start":"2024-04-30T00:00:00.000Z"}}`},
		{"nothing is there", "- date: {from: _no}\n- date: {from: [_no, _none]}", "m", `{}`},
		{"into scratch", "- date: {from: message, to: _t}\n- copy: {_t: event.created}", "2024-04-30T09:00:00Z", `{"event":{"created":"2024-04-30T09:00:00.000Z"}}`},
		{"a zone by its name", "- date: {from: message, zone: Asia/Seoul, " + layout + "}", "2024-04-30 09:00:00", `{"@timestamp":"2024-04-30T00:00:00.000Z","event":{"timezone":"+09:00"}}`},
		{"a zone by its offset", "- date: {from: message, to: event.start, zone: '-03:30', " + layout + "}", "2024-04-30 09:00:00", `{"event":{"start":"2024-04-30T12:30:00.000Z"}}`},
		{"a zone for times without one only", "- date: {from: message, to: event.start, zone: Asia/Seoul}", "2024-04-30T09:00:00Z", `{"event":{"start":"2024-04-30T09:00:00.000Z"}}`},
		{"UTC leaves no zone", "- date: {from: message, zone: UTC, " + layout + "}", "2024-04-30 09:00:00", `{"@timestamp":"2024-04-30T09:00:00.000Z"}`},
		{"the zone of a place that has none", "- date: {from: message, to: event.start, zone: _z, " + layout + "}", "2024-04-30 09:00:00", `{"event":{"start":"2024-04-30T00:00:00.000Z"}}`},
		{"the zone of a place that is no zone", "- set: {_z: Mars}\n- date: {from: message, to: event.start, zone: _z, " + layout + "}", "2024-04-30 09:00:00", `{"event":{"start":"2024-04-30T00:00:00.000Z"}}`},
		{"summer time", "- date: {from: message, to: event.start, zone: America/New_York, " + layout + "}", "2024-01-30 09:00:00", `{"event":{"start":"2024-01-30T14:00:00.000Z"}}`},
		{"blanks around", "- date: {from: message, to: event.start}", "  2024-04-30T09:00:00Z ", `{"event":{"start":"2024-04-30T09:00:00.000Z"}}`},
	})
}

// TestDate_Fails: what is no time is a failure, and the event's time stays as it was.
func TestDate_Fails(t *testing.T) {
	for _, msg := range []string{"noon", "2024-13-30T09:00:00Z", "2024-02-30T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-04-30T09:00:00Z and more"} {
		got := ran(t, "- set: {'@timestamp': '2024-01-01T00:00:00Z'}\n- date: {from: message}", msg)
		if !strings.Contains(got, "acme.log: date at line 7: message: ") || !strings.HasPrefix(got, `{"@timestamp":"2024-01-01T00:00:00Z"`) {
			t.Errorf("%s: %s", msg, got)
		}
	}
	if got := ran(t, "- date: {from: message, to: event.start, layouts: [UNIX]}\n  optional: true", "99999999999999999999"); got != "{}" {
		t.Errorf("a time too far away: %s", got)
	}
}
