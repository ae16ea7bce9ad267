package linux

import "testing"

func TestSudo(t *testing.T) {
	check(t, "sudo", Sudo, []row{
		{
			name: "ran",
			msg:  "ec2-user : TTY=pts/0 ; PWD=/var/log ; USER=root ; COMMAND=/bin/tail secure",
			want: `{"event":{"action":"sudo","category":["process"],"outcome":"success","type":["start"]},
			"system":{"auth":{"sudo":{"command":"/bin/tail secure","pwd":"/var/log","tty":"pts/0","user":"root"}}},
			"user":{"effective":{"name":"root"},"name":"ec2-user"}}`,
		},
		{
			name: "refused",
			msg:  "kim : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/kim ; USER=root ; COMMAND=/bin/ls",
			want: `{"event":{"action":"sudo","category":["process"],"outcome":"failure","type":["info"]},
			"system":{"auth":{"sudo":{"command":"/bin/ls","error":"3 incorrect password attempts","pwd":"/home/kim","tty":"pts/0","user":"root"}}},
			"user":{"effective":{"name":"root"},"name":"kim"}}`,
		},
		{
			name: "no terminal",
			msg:  "     kim : PWD=/ ; USER=postgres ; ENV=A=1 ; COMMAND=/usr/bin/psql",
			want: `{"event":{"action":"sudo","category":["process"],"outcome":"success","type":["start"]},
			"system":{"auth":{"sudo":{"command":"/usr/bin/psql","pwd":"/","user":"postgres"}}},
			"user":{"effective":{"name":"postgres"},"name":"kim"}}`,
		},
		{
			name: "two commands: nobody knows the target",
			msg:  "kim : TTY=pts/0 ; PWD=/tmp/a ; USER=bob ; COMMAND=/x ; USER=root ; COMMAND=/bin/sh",
			want: `{"event":{"action":"sudo","category":["process"],"outcome":"success","type":["start"]},
			"system":{"auth":{"sudo":{"command":"/x ; USER=root ; COMMAND=/bin/sh"}}},
			"user":{"name":"kim"},"weir":{"parse_errors":["sudo: several commands in one line"]}}`,
		},
		{
			name: "a folder that names a user",
			msg:  "kim : TTY=pts/0 ; PWD=/tmp/a ; USER=bob ; USER=root ; COMMAND=/bin/sh",
			want: `{"event":{"action":"sudo","category":["process"],"outcome":"success","type":["start"]},
			"system":{"auth":{"sudo":{"command":"/bin/sh","pwd":"/tmp/a ; USER=bob","tty":"pts/0","user":"root"}}},
			"user":{"effective":{"name":"root"},"name":"kim"}}`,
		},
	})
}

func TestSu(t *testing.T) {
	for _, c := range []struct{ msg, want string }{
		{"'su root' failed for lonvick on /dev/pts/8", "su failure lonvick root - -"},
		{"Successful su for root by kim", "su success kim root - -"},
		{"FAILED su for root by kim", "su failure kim root - -"},
		{"(to root) kim on pts/0", "su success kim root - -"},
		{"FAILED SU (to root) kim on pts/0", "su failure kim root - -"},
		{"+ pts/0 kim:root", "su success kim root - -"},
		{"- /dev/pts/1 kim:root", "su failure kim root - -"},
		{"kim to root on /dev/ttyp0", "su success kim root - -"},
		{"BAD SU kim to root on /dev/ttyp0", "su failure kim root - -"},
		{"pam_unix(su-l:session): session opened for user root by 김민수(uid=1000)", "logged-on - 김민수 root - -"},
		{"something else", "- - - - - -"},
	} {
		if got := short(Su, "su", c.msg); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.msg, got, c.want)
		}
	}
}

func FuzzSudo(f *testing.F) {
	fuzz(f, "sudo", Sudo, "kim : TTY=pts/0 ; PWD=/tmp/a ; USER=bob ; COMMAND=/x ; USER=root ; COMMAND=/bin/sh", "kim : x ; TTY=a ; PWD=b ; USER=c ; GROUP=d ; COMMAND=e", "kim : PWD=/ ; USER=p ; COMMAND=")
}

func FuzzSu(f *testing.F) {
	fuzz(f, "su", Su, "'su root' failed for lonvick on /dev/pts/8", "(to root) kim on pts/0", "+ pts/0 kim:root", "kim to root on x", "FAILED su for root by kim")
}
