package linux

import (
	"strings"
	"testing"
)

func TestAccounts(t *testing.T) {
	iam := func(kind, action, verb, outcome, rest string) string {
		return `{"event":{"action":"` + action + `","category":["iam"],"outcome":"` + outcome + `","type":["` + kind + `","` + verb + `"]}` + rest + `}`
	}
	for _, c := range []struct{ program, msg, want string }{
		{"useradd", "failed adding user 'aol', exit code: 4", iam("user", "added-user-account", "creation", "failure", `,"user":{"name":"aol"}`)},
		{"userdel", "delete user 'jce'", iam("user", "deleted-user-account", "deletion", "success", `,"user":{"name":"jce"}`)},
		{"usermod", "change user 'acris' expiration from '2001-01-01' to '2243-10-16'", iam("user", "modified-user-account", "change", "success", `,"user":{"name":"acris"}`)},
		{"usermod", "add 'kim' to group 'sudo'", iam("user", "modified-user-account", "change", "success", `,"group":{"name":"sudo"},"user":{"name":"kim"}`)},
		{"useradd", "new user: name=김민수, UID=1001, GID=1002, home=/home/kim, shell=/bin/bash, from=/dev/pts/0",
			iam("user", "added-user-account", "creation", "success", `,"group":{"id":"1002"},"user":{"id":"1001","name":"김민수"},"weir":{"data":{"home":"/home/kim","shell":"/bin/bash"}}`)},
		{"useradd", "new group: name=kim, GID=1001", iam("group", "added-group-account", "creation", "success", `,"group":{"id":"1001","name":"kim"}`)},
		{"groupdel", "removed group 'kim' owned by 'lee'", iam("group", "deleted-group-account", "deletion", "success", `,"group":{"name":"kim"}`)},
		{"passwd", "password for 'kim' changed by 'root'", iam("user", "changed-password", "change", "success", `,"user":{"name":"root","target":{"name":"kim"}}`)},
		{"gpasswd", "user kim added by root to group sudo", iam("group", "modified-group-account", "change", "success", `,"group":{"name":"sudo"},"user":{"name":"root","target":{"name":"kim"}}`)},
		{"groupadd", "this is the message", iam("group", "added-group-account", "creation", "success", "")},
		{"bash", "new user: name=kim", `{}`},
	} {
		if got := doc(c.program, c.msg, Accounts); got != c.want {
			t.Errorf("%s: %q\n got %s\nwant %s", c.program, c.msg, got, c.want)
		}
	}
}

func FuzzAccounts(f *testing.F) {
	fuzz(f, "useradd", Accounts, "new user: name=kim, UID=1001, GID=1001, home=/home/kim", "add 'kim' to group 'sudo'", "password for 'a' changed by 'b'", "user kim added by root to group sudo")
}

// TestAccounts_Password has the several ways to say whose password was changed, and by whom.
func TestAccounts_Password(t *testing.T) {
	for _, c := range []struct{ name, program, msg, user, target string }{
		{"by another", "passwd", "password for 'kim' changed by 'root'", "root", "kim"},
		{"by nobody named", "passwd", "password for 'kim' changed", "kim", ""},
		{"with a backquote", "passwd", "password for `kim' changed by `root'", "root", "kim"},
		{"PAM says it", "passwd", "pam_unix(passwd:chauthtok): password changed for kim", "kim", ""},
		{"usermod", "usermod", "change user 'kim' password", "kim", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := doc(c.program, c.msg, Accounts)
			want := `"user":{"name":"` + c.user + `"}`
			if c.target != "" {
				want = `"user":{"name":"` + c.user + `","target":{"name":"` + c.target + `"}}`
			}
			if !strings.Contains(got, want) {
				t.Errorf("%q gave %s", c.msg, got)
			}
		})
	}
}

// TestAccounts_Tools: each tool has its class where the message says nothing more.
func TestAccounts_Tools(t *testing.T) {
	for program, c := range accountTools {
		got := doc(program, "something", Accounts)
		if !strings.Contains(got, `"action":"`+c.action+`"`) || !strings.Contains(got, `"category":["iam"]`) {
			t.Errorf("%s gave %s", program, got)
		}
		if got := doc(program, "cannot open /etc/passwd", Accounts); !strings.Contains(got, `"outcome":"failure"`) {
			t.Errorf("%s: a failure gave %s", program, got)
		}
	}
}
