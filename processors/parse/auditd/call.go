package auditd

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

//go:embed syscalls.txt
var callsTable string

// calls are the names of system calls by architecture and number. Read at the first record that needs them.
var calls = sync.OnceValue(func() map[string][]string { return readCalls(callsTable) })

// readCalls reads the table: a line an architecture, runs of names behind the number of their first one.
func readCalls(table string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(table) {
		arch, rest, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		var names []string
		for word := range strings.FieldsSeq(rest) {
			n, err := strconv.Atoi(word)
			if err != nil {
				names = append(names, word)
				continue
			}
			for len(names) < n {
				names = append(names, "")
			}
		}
		out[arch] = names
	}
	return out
}

// arches are the names of the kernel's numbers for architectures: its ELF machine with a bit for 64 bits and one for the
// order of bytes.
var arches = map[string]string{
	"c000003e": "x86_64", "40000003": "i386", "c00000b7": "aarch64", "40000028": "arm", "28": "armeb",
	"c0000015": "ppc64le", "80000015": "ppc64", "14": "ppc", "80000016": "s390x", "16": "s390", "c00000f3": "riscv64",
	"400000f3": "riscv32", "c0000102": "loongarch64", "8000002b": "sparc64", "2": "sparc", "40000008": "mipsel", "8": "mips",
	"c0000008": "mipsel64", "80000008": "mips64", "c0009026": "alpha", "c0000032": "ia64",
}

// callsOf names the row of the table for an architecture that shares one.
func callsOf(arch string) string {
	switch arch {
	case "ppc64le", "ppc":
		return "ppc64"
	case "s390":
		return "s390x"
	}
	return arch
}

// syscall sets which system call it was, on what, and which way data went. The number stays beside the name: rules ask for
// either.
func (r *record) syscall() {
	e := r.e
	arch := r.names.arch
	if arch == "" {
		arch = r.arch
		if name, ok := arches[strings.ToLower(r.arch)]; ok {
			arch = name
		}
	}
	e.SetStr(event.HostArchitecture, arch)
	if r.call == "" {
		return
	}
	name := r.names.call
	if name == "" {
		name = r.call
		if n, err := strconv.Atoi(r.call); err == nil {
			name = ""
			if row := calls()[callsOf(arch)]; n >= 0 && n < len(row) {
				name = row[n]
			}
		}
	}
	e.SetStr(event.AuditdLogSyscall, r.call)
	if name == "" {
		return
	}
	if name != r.call {
		e.Append(event.AuditdLogSyscall, name)
	}
	if r.name == "SYSCALL" {
		r.meaning(name)
	}
}

// meaning sets what calls mean that are no mere detail of a program's work.
func (r *record) meaning(call string) {
	switch call {
	case "execve", "execveat":
		r.e.SetStr(event.EventAction, "executed")
		r.e.Set(event.EventType, started)
	case "connect", "sendto", "sendmsg", "sendmmsg":
		r.e.SetStr(event.NetworkDirection, "egress")
	case "accept", "accept4", "recvfrom", "recvmsg", "recvmmsg":
		r.e.SetStr(event.NetworkDirection, "ingress")
	}
}

// started is the type of an event that begins a process. It is shared and must not be changed.
var started = event.Strs("start")

// socket sets what the address of a socket says. Whether it is this end or the other one is in another record, so it is
// neither source nor destination.
func (r *record) socket(v, path string) {
	e := r.e
	e.SetPath(path, event.Str(v))
	a, ok := sockaddr(v)
	if !ok {
		return
	}
	e.SetPath("auditd.log.saddr_fam", event.Str(a.family))
	if a.address != "" {
		e.SetPath("auditd.log.laddr", event.Str(a.address))
		e.SetPath("auditd.log.lport", event.Num(a.port))
		e.Append(event.RelatedIP, a.address)
	}
	if a.path != "" {
		e.SetPath("auditd.log.path", event.Str(a.path))
	}
}

// destination sets the other end of an IPsec record.
func (r *record) destination(v string) {
	r.e.SetStr(event.DestinationAddress, v)
	if _, ip, ok := ends.ParseIP(v); ok {
		r.e.SetStr(event.DestinationIP, ip)
	}
}

// argument takes an argument of EXECVE, and tells whether the field was one. One that is longer than a record comes in
// pieces: a1_len=20000 a1[0]=... a1[1]=...
func (r *record) argument(f *field) bool {
	rest, ok := strings.CutPrefix(f.key, "a")
	if !ok || rest == "" || rest[0] < '0' || rest[0] > '9' {
		return false
	}
	if strings.HasSuffix(rest, "_len") {
		return true
	}
	number, piece, cut := strings.Cut(rest, "[")
	n, err := strconv.Atoi(number)
	if err != nil || n > maxArgs {
		return false
	}
	if cut && piece != "0]" && len(r.args) > 0 {
		r.args[len(r.args)-1] += r.text(f)
		return true
	}
	r.args = append(r.args, r.text(f))
	return true
}

// maxArgs bounds the arguments of one record. The kernel's own bound is that of a record's length.
const maxArgs = 10_000
