package auditd

import (
	"testing"

	"weir/event"
)

func TestUsers(t *testing.T) {
	k := func(u users) *kind { return &kind{users: u} }
	tests := []struct {
		name string
		r    record
		want []string
	}{
		{"of a type that nobody knows", record{uid: "5", auid: "7"}, []string{"user.id", "5", "user.audit.id", "7"}},
		{"plain", record{kind: k(plain), uid: "5", names: lookedUp{uid: "www"}}, []string{"user.id", "5", "user.name", "www"}},
		{"an account in words", record{kind: k(plain), uid: "5", acct: "kim", names: lookedUp{uid: "www"}}, []string{"user.name", "kim"}},
		{"a session", record{kind: k(session), uid: "0", auid: "7", acct: "kim"}, []string{"user.id", "7", "user.name", "kim", "user.effective.name", "kim", "auditd.log.uid", "0"}},
		{"a session of a kernel without login ids", record{kind: k(session), uid: "0", acct: "kim"}, []string{"user.id", "0", "user.audit.id", "", "auditd.log.uid", ""}},
		{"an account", record{kind: k(account), uid: "0", auid: "7", id: "9", names: lookedUp{uid: "root", auid: "kim", id: "eve"}}, []string{"user.id", "7", "user.name", "kim", "user.effective.name", "root", "user.target.id", "9", "user.target.name", "eve"}},
		{"a group", record{kind: k(group), uid: "0", auid: "7", id: "9", acct: "ops"}, []string{"group.id", "9", "group.name", "ops", "user.name", ""}},
		{"a login", record{kind: k(login), auid: "7", oldAuid: "4294967295"}, []string{"user.id", "4294967295", "user.effective.id", "7"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			tt.r.e = &e
			tt.r.users()
			is(t, &e, tt.want...)
		})
	}
}

func TestUserID_Twice(t *testing.T) {
	var e event.Event
	r := record{e: &e}
	for _, v := range []string{"0", "1004", "1005"} {
		r.userID(v, "auditd.log.uid")
	}
	if r.uid != "0" {
		t.Errorf("the program's user is %q", r.uid)
	}
	is(t, &e, "auditd.log.uid", "0|1004|1005")
}

func TestLookUp(t *testing.T) {
	var e event.Event
	r := record{e: &e}
	r.lookUp(`ARCH=x86_64 SYSCALL=read AUID="unset" UID="kim" GID="unknown(12)" EUID="root" ID="eve" OLD-AUID="unset" SADDR={ saddr_fam=inet }`)
	if want := (lookedUp{uid: "kim", id: "eve", arch: "x86_64", call: "read"}); r.names != want {
		t.Errorf("the names are %+v, want %+v", r.names, want)
	}
	is(t, &e, "user.effective.name", "root", "user.group.name", "", "user.audit.name", "")
}
