package linux

import (
	"testing"

	"weir/event"
)

func TestSystemd(t *testing.T) {
	check(t, "systemd", Systemd, []row{
		{
			name: "started",
			msg:  "Started nginx.service - A high performance web server.",
			want: `{"event":{"action":"service-started","category":["process"],"outcome":"success","type":["start"]},"service":{"name":"nginx.service"}}`,
		},
		{
			name: "started, description alone",
			msg:  "Started Session 12 of user kim.",
			want: `{"event":{"action":"service-started","category":["process"],"outcome":"success","type":["start"]},"service":{"name":"Session 12 of user kim"}}`,
		},
		{
			name: "stopped",
			msg:  "Stopped target Basic System.",
			want: `{"event":{"action":"service-stopped","category":["process"],"outcome":"success","type":["end"]},"service":{"name":"target Basic System"}}`,
		},
		{
			name: "failed to start",
			msg:  "Failed to start nginx.service - A web server.",
			want: `{"event":{"action":"service-failed","category":["process"],"outcome":"failure","type":["info"]},"service":{"name":"nginx.service"}}`,
		},
		{
			name: "failed",
			msg:  "nginx.service: Failed with result 'exit-code'.",
			want: `{"event":{"action":"service-failed","category":["process"],"outcome":"failure","reason":"exit-code","type":["info"]},"service":{"name":"nginx.service"}}`,
		},
		{
			name: "exited",
			msg:  "nginx.service: Main process exited, code=exited, status=1/FAILURE",
			want: `{"event":{"action":"process-exited","category":["process"],"outcome":"failure","type":["end"]},"service":{"name":"nginx.service"}}`,
		},
		{
			name: "something of a unit",
			msg:  "nginx.service: Scheduled restart job, restart counter is at 1.",
			want: `{"service":{"name":"nginx.service"}}`,
		},
		{
			name: "no unit",
			msg:  "Reached target: something",
			want: `{}`,
		},
	})
}

func TestLogind(t *testing.T) {
	check(t, "systemd-logind", Logind, []row{
		{
			name: "new",
			msg:  "New session 12 of user kim.",
			want: `{"event":{"action":"session-started","category":["session"],"type":["start"]},"user":{"name":"kim"}}`,
		},
		{
			name: "removed",
			msg:  "Removed session 12.",
			want: `{"event":{"action":"session-ended","category":["session"],"type":["end"]}}`,
		},
		{
			name: "logged out",
			msg:  "Session 12 logged out. Waiting for processes to exit.",
			want: `{"event":{"action":"session-ended","category":["session"],"type":["end"]}}`,
		},
		{
			name: "other",
			msg:  "Power key pressed.",
			want: `{}`,
		},
	})
}

func FuzzSystemd(f *testing.F) {
	fuzz(f, "systemd", func(e *event.Event, msg string) { Systemd(e, msg); Logind(e, msg) }, "Started nginx.service - A.", "a.service: Failed with result 'x'.", "New session 12 of user kim.", "Session 1 logged out")
}

func TestIsUnit(t *testing.T) {
	for s, want := range map[string]bool{
		"nginx.service": true, "user@1000.service": true, "session-1.scope": true, "a.timer": true, "a.automount": true, "dev-sda.device": true,
		"nginx": false, "a b.service": false, "": false, "service": false, "a.conf": false,
	} {
		if got := isUnit(s); got != want {
			t.Errorf("%q: got %v", s, got)
		}
	}
}
