package linux

import "testing"

func TestCron(t *testing.T) {
	check(t, "CRON", Cron, []row{
		{
			name: "command",
			msg:  "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
			want: `{"event":{"action":"cron-command","category":["process"],"type":["start"]},"process":{"command_line":"cd / && run-parts --report /etc/cron.hourly"},"user":{"name":"root"}}`,
		},
		{
			name: "command with brackets",
			msg:  "(kim) CMD (echo (a) (b))",
			want: `{"event":{"action":"cron-command","category":["process"],"type":["start"]},"process":{"command_line":"echo (a) (b)"},"user":{"name":"kim"}}`,
		},
		{
			name: "table changed",
			msg:  "(root) REPLACE (kim)",
			want: `{"event":{"action":"crontab-changed","category":["configuration"],"outcome":"success","type":["change"]},"user":{"name":"root","target":{"name":"kim"}}}`,
		},
		{
			name: "table read",
			msg:  "(kim) LIST (kim)",
			want: `{"event":{"action":"crontab-read","category":["configuration"],"outcome":"success","type":["access"]},"user":{"name":"kim"}}`,
		},
		{
			name: "refused",
			msg:  "(kim) AUTH (crontab command not allowed)",
			want: `{"event":{"action":"crontab-refused","category":["configuration"],"outcome":"failure","reason":"crontab command not allowed","type":["info"]},"user":{"name":"kim"}}`,
		},
		{
			name: "account refused",
			msg:  "(kim) FAILED to authorize user with PAM (Authentication token is no longer valid)",
			want: `{"event":{"action":"crontab-refused","category":["configuration"],"outcome":"failure","reason":"to authorize user with PAM (Authentication token is no longer valid)","type":["info"]},"user":{"name":"kim"}}`,
		},
		{
			name: "daemon",
			msg:  "(CRON) INFO (pidfile fd = 3)",
			want: `{}`,
		},
		{
			name: "no user",
			msg:  "Job `cron.daily' started",
			want: `{}`,
		},
	})
}

func FuzzCron(f *testing.F) {
	fuzz(f, "CRON", Cron, "(root) CMD (   cd / )", "(kim) LIST (kim)", "(CRON) INFO (x)", "(kim) FAILED to authorize", "(a) (b)")
}
