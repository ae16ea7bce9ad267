package linux

import (
	"strings"
	"testing"

	"weir/event"
)

// corpus has a message of every program with the whole document that it gives.
var corpus = []struct{ reader, program, msg, want string }{
	{"sudo", "sudo", "kim : HOST=web ; TTY=tty1 ; PWD=/ ; USER=db ; GROUP=x ; COMMAND=/bin/true",
		`{"event":{"action":"sudo","category":["process"],"outcome":"success","type":["start"]},"system":{"auth":{"sudo":{"command":"/bin/true","pwd":"/","tty":"tty1","user":"db"}}},"user":{"effective":{"name":"db"},"name":"kim"}}`},
	{"sudo", "sudo", "kim : not a command", `{}`},
	{"su", "su", "- ??? kim:root",
		`{"event":{"action":"su","category":["authentication"],"outcome":"failure","type":["info"]},"user":{"effective":{"name":"root"},"name":"kim"}}`},
	{"su", "su", "+ pts/0 kim", `{}`},
	{"su", "su", "(to root kim", `{}`},
	{"cron", "CRON", "(root) CMD (run-parts /etc/cron.hourly)",
		`{"event":{"action":"cron-command","category":["process"],"type":["start"]},"process":{"command_line":"run-parts /etc/cron.hourly"},"user":{"name":"root"}}`},
	{"cron", "CRON", "pam_unix(cron:session): session closed for user root",
		`{"event":{"action":"logged-off","category":["session"],"provider":"pam_unix","type":["end"]},"user":{"name":"root"}}`},
	{"cron", "CRON", "(*system*) RELOAD (/etc/crontab)", `{}`},
	{"cron", "crontab", "(kim) BEGIN EDIT (kim)",
		`{"event":{"action":"crontab-read","category":["configuration"],"outcome":"success","type":["access"]},"user":{"name":"kim"}}`},
	{"systemd", "systemd", "Failed to start nginx.",
		`{"event":{"action":"service-failed","category":["process"],"outcome":"failure","type":["info"]},"service":{"name":"nginx"}}`},
	{"systemd", "systemd", "nginx.service: Main process exited, code=exited, status=1/FAILURE",
		`{"event":{"action":"process-exited","category":["process"],"outcome":"failure","type":["end"]},"service":{"name":"nginx.service"}}`},
	{"kernel", "kernel", "Out of memory: Killed process 812 (mysqld) total-vm:1kB",
		`{"event":{"action":"oom-kill","category":["process"],"type":["end"]},"process":{"name":"mysqld","pid":812}}`},
	{"accounts", "useradd", "new user: name=kim, UID=1001, GID=1001, home=/home/kim, shell=/bin/bash",
		`{"event":{"action":"added-user-account","category":["iam"],"outcome":"success","type":["user","creation"]},"group":{"id":"1001"},"user":{"id":"1001","name":"kim"},"weir":{"data":{"home":"/home/kim","shell":"/bin/bash"}}}`},
	{"accounts", "usermod", "add 'kim' to group 'sudo'",
		`{"event":{"action":"modified-user-account","category":["iam"],"outcome":"success","type":["user","change"]},"group":{"name":"sudo"},"user":{"name":"kim"}}`},
	{"logind", "systemd-logind", "New session 5 of user kim.",
		`{"event":{"action":"session-started","category":["session"],"type":["start"]},"user":{"name":"kim"}}`},
}

func TestWholeDocuments(t *testing.T) {
	for _, c := range corpus {
		if got := doc(c.program, c.msg, readers[c.reader]); got != c.want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.reader, c.msg, got, c.want)
		}
	}
}

// TestReadersLeaveTheRestAlone cuts every message at every byte, as a datagram does that was too long: no reader panics,
// or changes what the parser has set before it.
func TestReadersLeaveTheRestAlone(t *testing.T) {
	for _, c := range corpus {
		for n := range len(c.msg) + 1 {
			var e event.Event
			e.SetStr(event.HostName, "web")
			e.SetStr(event.EventDataset, "system.auth")
			read := strings.Clone(c.msg[:n])
			e.SetStr(event.Message, read)
			readers[c.reader](&e, read)
			if e.Str(event.HostName) != "web" || e.Str(event.EventDataset) != "system.auth" || e.Str(event.Message) != c.msg[:n] {
				t.Fatalf("%s: %q changed what was there: %s", c.reader, c.msg[:n], e.AppendJSON(nil))
			}
		}
	}
}
