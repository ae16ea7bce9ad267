package auditd

import (
	"testing"

	"weir/event"
)

func TestCalls(t *testing.T) {
	tests := []struct {
		arch string
		n    int
		want string
	}{
		{"x86_64", 0, "read"}, {"x86_64", 59, "execve"}, {"x86_64", 42, "connect"}, {"x86_64", 257, "openat"}, {"x86_64", 439, "faccessat2"},
		{"i386", 11, "execve"}, {"i386", 102, "socketcall"}, {"aarch64", 221, "execve"}, {"aarch64", 203, "connect"}, {"arm", 11, "execve"},
		{"ppc64", 11, "execve"}, {"s390x", 11, "execve"}, {"riscv64", 221, "execve"},
	}
	for _, tt := range tests {
		row := calls()[tt.arch]
		if tt.n >= len(row) || row[tt.n] != tt.want {
			t.Errorf("call %d of %s is not %s", tt.n, tt.arch, tt.want)
		}
	}
}

func TestReadCalls(t *testing.T) {
	got := readCalls("# a comment: no row\nz80: 1 ld 4 jp call\n")
	if len(got) != 1 || len(got["z80"]) != 6 || got["z80"][1] != "ld" || got["z80"][2] != "" || got["z80"][5] != "call" {
		t.Errorf("the table is %v", got)
	}
}

func TestSyscall(t *testing.T) {
	tests := []struct {
		name string
		r    record
		want []string
	}{
		{"by number", record{name: "SYSCALL", arch: "40000003", call: "11"}, []string{"host.architecture", "i386", "auditd.log.syscall", "11|execve", "event.action", "executed", "event.type", "start"}},
		{"what was looked up wins", record{name: "SYSCALL", arch: "c000003e", call: "11", names: lookedUp{arch: "x86_64", call: "munmap"}}, []string{"auditd.log.syscall", "11|munmap", "event.action", ""}},
		{"an architecture that shares a table", record{name: "SYSCALL", arch: "c0000015", call: "11"}, []string{"host.architecture", "ppc64le", "auditd.log.syscall", "11|execve"}},
		{"an architecture that nobody knows", record{name: "SYSCALL", arch: "12345678", call: "11"}, []string{"host.architecture", "12345678", "auditd.log.syscall", "11"}},
		{"a number below zero", record{name: "SYSCALL", arch: "c000003e", call: "-1"}, []string{"auditd.log.syscall", "-1"}},
		{"data that comes in", record{name: "SYSCALL", arch: "c000003e", call: "45"}, []string{"network.direction", "ingress"}},
		{"another record with a call", record{name: "SECCOMP", arch: "c000003e", call: "59"}, []string{"auditd.log.syscall", "59|execve", "event.action", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			tt.r.e = &e
			tt.r.syscall()
			is(t, &e, tt.want...)
		})
	}
}

func TestArgument_Bounds(t *testing.T) {
	var e event.Event
	r := record{e: &e, name: "EXECVE"}
	for _, key := range []string{"argc", "a", "ax", "a99999999999999999999", "a10001", "auid"} {
		if r.argument(&field{key: key, value: "x"}) {
			t.Errorf("%s is no argument", key)
		}
	}
	if !r.argument(&field{key: "a0_len", value: "7"}) || len(r.args) != 0 {
		t.Error("a length is no argument, and nothing else either")
	}
}
