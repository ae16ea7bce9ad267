package linux

import "testing"

func TestPAM(t *testing.T) {
	const opened, closed = `"action":"logged-on","category":["session"]`, `"action":"logged-off","category":["session"]`
	check(t, "sshd", PAM, []row{
		{"opened by another", "pam_unix(sudo-i:session): session opened for user root by userauth3(uid=0)",
			`{"event":{` + opened + `,"provider":"pam_unix","type":["start"]},"user":{"effective":{"name":"root"},"id":"0","name":"userauth3"}}`},
		{"opened by nobody", "pam_unix(sshd:session): session opened for user fztu by (uid=0)",
			`{"event":{` + opened + `,"provider":"pam_unix","type":["start"]},"user":{"name":"fztu"}}`},
		{"opened with ids", "pam_unix(sshd:session): session opened for user kim(uid=1000) by root(uid=0)",
			`{"event":{` + opened + `,"provider":"pam_unix","type":["start"]},"user":{"effective":{"id":"1000","name":"kim"},"id":"0","name":"root"}}`},
		{"closed", "pam_unix(sshd:session): session closed for user fztu",
			`{"event":{` + closed + `,"provider":"pam_unix","type":["end"]},"user":{"name":"fztu"}}`},
		{"no module", "session opened for user root by LOGIN(uid=0)",
			`{"event":{` + opened + `,"type":["start"]},"user":{"effective":{"name":"root"},"id":"0","name":"LOGIN"}}`},
		{
			name: "failure",
			msg:  "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=103.99.0.122  user=root",
			want: `{"event":{"action":"authentication","category":["authentication"],"outcome":"failure","provider":"pam_unix","type":["info"]},
			"source":{"address":"103.99.0.122","ip":"103.99.0.122"},"user":{"name":"root"}}`,
		},
		{
			name: "failure, user with blanks",
			msg:  "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=h.example.com  user=a rhost=b",
			want: `{"event":{"action":"authentication","category":["authentication"],"outcome":"failure","type":["info"]},
			"source":{"address":"h.example.com","domain":"h.example.com"},"user":{"name":"a rhost=b"}}`,
		},
		{
			name: "unknown user",
			msg:  "pam_unix(sshd:auth): check pass; user unknown",
			want: `{"event":{"action":"authentication","category":["authentication"],"outcome":"failure","provider":"pam_unix","reason":"user unknown","type":["info"]}}`,
		},
		{
			name: "sssd",
			msg:  "pam_sss(sshd:auth): received for user kim: 7 (Authentication failure)",
			want: `{"event":{"action":"authentication","category":["authentication"],"outcome":"failure","provider":"pam_sss","reason":"Authentication failure","type":["info"]},"user":{"name":"kim"}}`,
		},
		{
			name: "locked",
			msg:  "pam_faillock(sshd:auth): Consecutive login failures for user kim account temporarily locked",
			want: `{"event":{"action":"account-locked","category":["authentication"],"outcome":"failure","provider":"pam_faillock","type":["info"]},"user":{"name":"kim"}}`,
		},
		{
			name: "tally",
			msg:  "pam_tally2(sshd:auth): user kim (1000) tally 5, deny 3",
			want: `{"event":{"action":"account-locked","category":["authentication"],"outcome":"failure","provider":"pam_tally2","type":["info"]},"user":{"name":"kim"}}`,
		},
		{
			name: "expired",
			msg:  "pam_unix(sshd:account): account kim has expired (account expired)",
			want: `{"event":{"action":"account-expired","category":["authentication"],"outcome":"failure","provider":"pam_unix","type":["info"]},"user":{"name":"kim"}}`,
		},
		{
			name: "password",
			msg:  "pam_unix(passwd:chauthtok): password changed for kim",
			want: `{"event":{"action":"changed-password","category":["iam"],"outcome":"success","provider":"pam_unix","type":["user","change"]},"user":{"name":"kim"}}`,
		},
	})
}

func FuzzPAM(f *testing.F) {
	fuzz(f, "sshd", PAM, "pam_unix(sshd:session): session opened for user kim(uid=1000) by root(uid=0)", "pam_sss(sshd:auth): received for user kim: 7 (x)",
		"authentication failure; logname= uid=0 euid=0 tty=ssh ruser=a rhost=1.1.1.1  user=root", "pam_tally2(sshd:auth): user kim (1000) tally 5, deny 3")
}

// TestPAM_Short has action, outcome, user, effective user and address of further messages.
func TestPAM_Short(t *testing.T) {
	for _, c := range []struct{ name, msg, want string }{
		{"closed with an id", "pam_unix(sshd:session): session closed for user kim(uid=1000)", "logged-off - kim - - -"},
		{"opened, name in quotes", `pam_unix(su:session): session opened for user "root" by "kim"(uid=1000)`, "logged-on - kim root - -"},
		{"opened, nobody named", "pam_unix(x:session): session opened for user kim", "logged-on - kim - - -"},
		{"opened by an unknown one", "pam_unix(login:session): session opened for user kim by LOGIN", "logged-on - LOGIN kim - -"},
		{"a name that says by", "pam_unix(x:session): session opened for user a by b by root(uid=0)", "logged-on - root a by b - -"},
		{"success", "pam_sss(sshd:auth): authentication success; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1 user=kim", "authentication success kim - 192.0.2.1 -"},
		{"sssd took it", "pam_sss(sshd:account): received for user kim: 0 (Success)", "authentication success kim - - -"},
		{"sssd, colon in the name", "pam_sss(sshd:auth): received for user a: b: 7 (Authentication failure)", "authentication failure a: b - - -"},
		{"sssd, no answer", "pam_sss(sshd:auth): received for user kim", "- - - - - -"},
		{"failure of a user from elsewhere", "pam_unix(rsh:auth): authentication failure; logname= uid=0 euid=0 tty= ruser=lee rhost=192.0.2.1  user=kim", "authentication failure kim - 192.0.2.1 -"},
		{"failure at a terminal", "pam_unix(login:auth): authentication failure; logname=LOGIN uid=0 euid=0 tty=tty1 ruser= rhost=  user=kim", "authentication failure kim - - -"},
		{"a caller that names a host", "pam_unix(rsh:auth): authentication failure; logname= uid=0 euid=0 tty= ruser=x rhost=6.6.6.6 rhost=192.0.2.1  user=kim", "authentication failure kim - 192.0.2.1 -"},
		{"several at once", "PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root", "authentication failure root - 192.0.2.1 -"},
		{"tally without a number", "pam_tally(sshd:auth): user kim has something", "- - - - - -"},
		{"module alone", "pam_unix(sshd:auth)", "- - - - - -"},
		{"other words", "pam_systemd(sshd:session): Failed to create session: timeout", "- - - - - -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := short(PAM, "sshd", c.msg); got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.msg, got, c.want)
			}
		})
	}
}
