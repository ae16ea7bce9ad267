package auditd

import (
	"strings"
	"testing"
	"unicode/utf8"

	"weir/event"
)

// is compares fields of an event: paths and texts in turn, "" for a field that must not be there.
func is(t *testing.T, e *event.Event, want ...string) {
	t.Helper()
	for i := 0; i < len(want); i += 2 {
		v := e.GetPath(want[i])
		got := ""
		switch v.Kind() {
		case event.Absent:
		case event.List:
			var items []string
			for j := range v.Len() {
				items = append(items, v.Item(j).Text())
			}
			got = strings.Join(items, "|")
		default:
			got = v.Text()
		}
		if got != want[i+1] {
			t.Errorf("%s is %q, want %q", want[i], got, want[i+1])
		}
	}
}

func TestParse_Success(t *testing.T) {
	tests := []struct {
		name, msg string
		want      []string
	}{
		{"a system call, enriched",
			`node=db-7 type=SYSCALL msg=audit(1700000000.250:901): arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=7ff a2=0 a3=8 items=2 ppid=811 pid=902 auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts1 ses=7 comm="id" exe="/usr/bin/id" subj=unconfined key="exec"` +
				"\x1d" + `ARCH=x86_64 SYSCALL=execve AUID="kim" UID="root" GID="root" EUID="root" SUID="root" FSUID="root" EGID="root" SGID="root" FSGID="root"`,
			[]string{"@timestamp", "2023-11-14T22:13:20.250Z", "auditd.log.sequence", "901", "auditd.log.record_type", "SYSCALL", "auditd.log.node", "db-7", "host.name", "db-7",
				"host.architecture", "x86_64", "auditd.log.syscall", "59|execve", "event.action", "executed", "event.category", "process", "event.type", "start", "event.outcome", "success",
				"process.pid", "902", "process.parent.pid", "811", "process.name", "id", "process.executable", "/usr/bin/id", "process.exit_code", "0",
				"user.id", "0", "user.name", "root", "user.audit.id", "1001", "user.audit.name", "kim", "user.effective.name", "root", "user.group.name", "root",
				"user.filesystem.group.id", "0", "user.saved.name", "root", "auditd.log.tty", "pts1", "auditd.log.key", "exec", "auditd.log.success", "true", "event.dataset", "auditd.log"}},
		{"names by number and architecture",
			`type=SYSCALL msg=audit(1700000000.001:1): arch=c00000b7 syscall=203 success=no exit=-111 pid=5 auid=4294967295 uid=33 comm="php" exe="/usr/bin/php" key=(null)`,
			[]string{"auditd.log.syscall", "203|connect", "host.architecture", "aarch64", "network.direction", "egress", "event.action", "syscall", "event.outcome", "failure", "process.exit_code", "-111", "auditd.log.key", ""}},
		{"keys of two rules", `type=SYSCALL msg=audit(1700000000.001:1): arch=c000003e syscall=999 key=6578656301726F6F74`,
			[]string{"auditd.log.key", "exec|root", "auditd.log.syscall", "999"}},
		{"ausearch -i", `type=SYSCALL msg=audit(11/14/2023 22:13:20.123:42) : arch=x86_64 syscall=openat success=no exit=EACCES(Permission denied) pid=7 auid=kim uid=kim comm=20 exe=/usr/bin/cat key=etc`,
			[]string{"@timestamp", "", "auditd.log.sequence", "42", "user.id", "kim", "auditd.log.syscall", "openat", "process.name", "20", "process.exit_code", "", "auditd.log.exit", "EACCES(Permission", "event.outcome", "failure"}},
		{"a program's arguments", `type=EXECVE msg=audit(1700000000.001:1): argc=4 a0="tar" a1="-cf" a2=2F746D702F6120622E746172 a3=""`,
			[]string{"process.args", "tar|-cf|/tmp/a b.tar", "process.args_count", "4", "process.command_line", "tar -cf /tmp/a b.tar", "process.executable", "tar", "event.action", "execve", "event.category", ""}},
		{"an argument in pieces", `type=EXECVE msg=audit(1700000000.001:1): argc=2 a0="sh" a1_len=8 a1[0]="echo" a1[1]=206869`,
			[]string{"process.args", "sh|echo hi"}},
		{"a command of sudo", `type=USER_CMD msg=audit(1700000000.001:1): pid=1 uid=1000 auid=1000 ses=2 msg='cwd="/home/kim" cmd=636174202F6574632F736861646F77 exe="/usr/bin/sudo" terminal=pts/0 res=failed'`,
			[]string{"process.args", "cat|/etc/shadow", "process.command_line", "cat /etc/shadow", "process.executable", "/usr/bin/sudo", "process.working_directory", "/home/kim", "user.terminal", "pts/0", "event.outcome", "failure", "event.type", "start"}},
		{"a path", `type=PATH msg=audit(1700000000.001:1): item=1 name="/etc/cron.d/x" inode=1234 dev=fd:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=CREATE cap_fp=0` + "\x1d" + `OUID="root" OGID="unknown(77)"`,
			[]string{"auditd.log.name", "/etc/cron.d/x", "auditd.log.nametype", "CREATE", "file.path", "/etc/cron.d/x", "file.inode", "1234", "file.mode", "0644", "user.owner.id", "0", "user.owner.name", "root", "user.owner.group.name", ""}},
		{"a title", `type=PROCTITLE msg=audit(1700000000.001:1): proctitle=2F62696E2F7368002D630074727565`,
			[]string{"auditd.log.proctitle", "/bin/sh -c true", "process.title", "/bin/sh -c true"}},
		{"what was typed", `type=USER_TTY msg=audit(1700000000.001:1): pid=1 uid=0 auid=0 msg='data=6C730D1B5B417F'`,
			[]string{"auditd.log.data", "ls^M^[[A^?", "event.action", "typed"}},
		{"a socket's address", `type=SOCKADDR msg=audit(1700000000.001:1): saddr=020001BBC63364070000000000000000`,
			[]string{"auditd.log.saddr", "020001BBC63364070000000000000000", "auditd.log.saddr_fam", "inet", "auditd.log.laddr", "198.51.100.7", "auditd.log.lport", "443", "related.ip", "198.51.100.7"}},
		{"a login", `type=USER_LOGIN msg=audit(1700000000.001:1): pid=9 uid=0 auid=1000 ses=4 msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=gw.example addr=192.0.2.9 terminal=/dev/pts/3 res=success'` + "\x1d" + `UID="root" AUID="kim" ID="kim"`,
			[]string{"user.id", "1000", "user.effective.id", "1000", "user.effective.name", "kim", "user.name", "kim", "auditd.log.uid", "0", "source.ip", "192.0.2.9", "auditd.log.hostname", "gw.example", "event.category", "authentication", "event.type", "start", "event.outcome", "success", "event.action", "logged-in"}},
		{"a wrong password", `type=USER_AUTH msg=audit(1700000000.001:1): pid=9 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication grantors=? acct="kim" exe="/usr/sbin/sshd" hostname=192.0.2.9 addr=192.0.2.9 terminal=ssh res=failed'`,
			[]string{"user.name", "kim", "user.effective.name", "kim", "source.ip", "192.0.2.9", "event.outcome", "failure", "auditd.log.grantors", "", "user.terminal", "ssh"}},
		{"PAM of old", `type=USER_AUTH msg=audit(1700000000.001:1): user pid=9 uid=0 auid=500 subj=system_u msg='PAM: authentication acct="root" : exe="/bin/su" (hostname=web-1, addr=192.0.2.4, terminal=pts/0 res=failed)'`,
			[]string{"user.name", "root", "process.executable", "/bin/su", "auditd.log.hostname", "web-1", "source.ip", "192.0.2.4", "user.terminal", "pts/0", "event.outcome", "failure"}},
		{"a login id", `type=LOGIN msg=audit(1700000000.001:1): pid=9 uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=3 res=1`,
			[]string{"user.id", "4294967295", "user.effective.id", "1000", "user.audit.id", "1000", "auditd.log.old-auid", "4294967295", "event.outcome", "success"}},
		{"a new account", `type=ADD_USER msg=audit(1700000000.001:1): pid=9 uid=0 auid=1000 ses=3 msg='op=adding user to group acct="eve" exe="/usr/sbin/useradd" hostname=? addr=? terminal=pts/0 res=success'`,
			[]string{"auditd.log.op", "adding user to group", "user.target.name", "eve", "user.id", "1000", "user.effective.id", "0", "event.category", "iam", "event.type", "user|creation"}},
		{"a new group", `type=ADD_GROUP msg=audit(1700000000.001:1): pid=9 uid=0 auid=1000 ses=3 msg='op=add-group grp="ops" id=1010 exe="/usr/sbin/groupadd" hostname=? addr=? terminal=pts/0 res=success'`,
			[]string{"group.name", "ops", "group.id", "1010", "user.effective.id", "0", "user.name", ""}},
		{"a denial of SELinux", `type=AVC msg=audit(1700000000.001:1): avc:  denied  { read write } for  pid=77 comm="httpd" name="shadow" dev="dm-0" ino=5 scontext=a:b:c:s0 tcontext=d:e:f:s0 tclass=file permissive=0`,
			[]string{"auditd.log.avc.action", "denied", "auditd.log.avc.request", "read write", "event.outcome", "failure", "process.name", "httpd", "auditd.log.name", "shadow", "auditd.log.permissive", "0"}},
		{"one of a program", `type=USER_AVC msg=audit(1700000000.001:1): pid=1 uid=81 auid=4294967295 ses=4294967295 subj=s msg='avc:  granted  { send_msg } for scontext=a tcontext=b tclass=dbus  exe="/usr/bin/dbus-daemon" sauid=81 hostname=? addr=? terminal=?'`,
			[]string{"auditd.log.avc.action", "granted", "event.outcome", "success", "process.executable", "/usr/bin/dbus-daemon", "auditd.log.sauid", "81", "user.id", "81", "user.terminal", ""}},
		{"AppArmor by way of the kernel's log", `[ 12.5] audit: type=1400 audit(1700000000.001:33): apparmor="DENIED" operation="open" class="file" profile="/usr/sbin/mysqld" name="/etc/shadow" pid=4 comm="mysqld" requested_mask="r" denied_mask="r" fsuid=110 ouid=0`,
			[]string{"auditd.log.record_type", "AVC", "auditd.log.apparmor", "DENIED", "auditd.log.profile", "/usr/sbin/mysqld", "auditd.log.name", "/etc/shadow", "event.outcome", "failure", "user.filesystem.id", "110"}},
		{"journald", `SERVICE_START pid=1 uid=0 auid=4294967295 ses=4294967295 subj=unconfined msg='unit=cron comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`,
			[]string{"auditd.log.unit", "cron", "event.action", "started-service", "auditd.log.sequence", "", "@timestamp", ""}},
		{"a type without a name", `type=UNKNOWN[1400] msg=whatever it is`,
			[]string{"message", "whatever it is", "event.action", "unknown[1400]", "auditd.log.record_type", "UNKNOWN[1400]"}},
		{"a machine", `type=VIRT_CONTROL msg=audit(1700000000.001:1): pid=1 uid=0 auid=1 ses=1 msg='virt=kvm op=start reason=booted vm="db vm" uuid=0 vm-pid=5 exe="/usr/sbin/libvirtd" hostname=? addr=? terminal=? res=success'`,
			[]string{"container.name", "db vm", "container.runtime", "kvm", "auditd.log.vm", "db vm", "event.category", "host"}},
		{"text that is no text", `type=CWD msg=audit(1700000000.001:1): cwd=2F746D702FFF41`,
			[]string{"process.working_directory", "/tmp/\ufffdA"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := Parse(&e, tt.msg); err != nil {
				t.Fatal(err)
			}
			is(t, &e, tt.want...)
		})
	}
}

func TestParse_Failure(t *testing.T) {
	tests := []struct {
		name, msg, want string
	}{
		{"nothing", "", errNotAudit.Error()},
		{"something else", "Accepted password for kim", errNotAudit.Error()},
		{"no stamp", "type=SYSCALL arch=c000003e", errStamp.Error()},
		{"half a stamp", "type=SYSCALL msg=audit(1700000000.1", errStamp.Error()},
		{"no number", "type=SYSCALL msg=audit(1700000000.1): a=b", errStamp.Error()},
		{"a number that is none", "type=SYSCALL msg=audit(1700000000.1:x): a=b", errStamp.Error()},
		{"a time beyond all dates", "type=SYSCALL msg=audit(99999999999999.1:1): a=b", errStamp.Error()},
		{"an empty type", "type= msg=audit(1.1:1): a=b", errNotAudit.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			err := Parse(&e, tt.msg)
			if err == nil || err.Error() != tt.want {
				t.Errorf("the error is %v, want %s", err, tt.want)
			}
		})
	}
}

// FuzzParse holds that no record makes text that is not UTF-8 or a document that cannot be read back, and that the number
// of a happening is what stands in the record.
func FuzzParse(f *testing.F) {
	f.Add(`type=SYSCALL msg=audit(1700000000.250:901): arch=c000003e syscall=59 success=yes exit=0 a0=55d key="x"` + "\x1d" + `ARCH=x86_64 UID="root"`)
	f.Add(`type=EXECVE msg=audit(1700000000.001:1): argc=2 a0="sh" a1_len=8 a1[0]="echo" a1[1]=206869`)
	f.Add(`type=USER_AVC msg=audit(1.1:1): pid=1 msg='avc: denied { a } for x=y : exe="/x" (hostname=a, addr=b)'`)
	f.Add(`type=SOCKADDR msg=audit(1700000000.001:1): saddr=0A0001BB00000000FE8000000000000000000000000000010000000000000000`)
	f.Add(`node=a type=LOGIN msg=audit(1.1:5): old auid=1 new auid=2 uid=0 uid=1 op=a b c`)
	f.Add(`audit: type=1400 audit(1.5:2): apparmor="ALLOWED" name=41`)
	f.Fuzz(func(t *testing.T, msg string) {
		if !utf8.ValidString(msg) {
			return
		}
		var e, back event.Event
		err := Parse(&e, msg)
		doc := e.AppendJSON(nil)
		if !utf8.Valid(doc) {
			t.Fatalf("not UTF-8: %q", doc)
		}
		if back.Decode(doc) != nil {
			t.Fatalf("not a document: %s", doc)
		}
		if err == nil && e.Str(event.EventAction) == "" {
			t.Fatalf("no action: %s", doc)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, bm := range []struct{ name, msg string }{
		{"syscall", `type=SYSCALL msg=audit(1700000000.250:901): arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=7ff a2=0 a3=8 items=2 ppid=811 pid=902 auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts1 ses=7 comm="id" exe="/usr/bin/id" subj=unconfined key="exec"` + "\x1d" + `ARCH=x86_64 SYSCALL=execve AUID="kim" UID="root" GID="root" EUID="root" SUID="root" FSUID="root" EGID="root" SGID="root" FSGID="root"`},
		{"login", `type=USER_LOGIN msg=audit(1700000000.001:1): pid=9 uid=0 auid=1000 ses=4 msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=gw.example addr=192.0.2.9 terminal=/dev/pts/3 res=success'`},
		{"execve", `type=EXECVE msg=audit(1700000000.001:1): argc=4 a0="tar" a1="-cf" a2=2F746D702F6120622E746172 a3="/etc"`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			var e event.Event
			for b.Loop() {
				e.Reset()
				if err := Parse(&e, bm.msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
