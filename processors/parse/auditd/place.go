package auditd

import (
	"strconv"
	"strings"

	"weir/event"
)

// how says what is done with a field.
type how uint8

const (
	keep    how = iota // below auditd.log, under its own key
	encoded            // the same, decoded
	number             // the same, as a number
	truth              // the same, as true or false
	text               // to a field of ECS
	program            // to a field of ECS, decoded
	whole              // to a field of ECS, as a number
	special            // see record.special
)

// place is where a field goes.
type place struct {
	how  how
	path string // full path; for keep, encoded, number and truth that below auditd.log
	at   event.Field
}

// places are the fields that are not kept under their own key as they are. The names are those of the audit system's
// dictionary of fields, and so is which of them the kernel encodes.
var places = func() map[string]place {
	m := map[string]place{}
	for key, p := range map[string]event.Field{
		"pid": event.ProcessPID, "ppid": event.ProcessParentPID,
	} {
		m[key] = place{how: whole, at: p}
	}
	for key, p := range map[string]event.Field{
		"gid": event.UserGroupID, "euid": event.UserEffectiveID, "egid": event.UserEffectiveGroupID,
		"user": event.UserName,
	} {
		m[key] = place{how: text, at: p}
	}
	for key, p := range map[string]string{
		"fsuid": "user.filesystem.id", "fsgid": "user.filesystem.group.id", "suid": "user.saved.id", "sgid": "user.saved.group.id",
		"ouid": "user.owner.id", "ogid": "user.owner.group.id", "terminal": "user.terminal",
	} {
		f, _ := event.Lookup(p)
		m[key] = place{how: text, at: f}
	}
	for key, p := range map[string]event.Field{
		"comm": event.ProcessName, "exe": event.ProcessExecutable, "cwd": event.ProcessWorkingDirectory,
	} {
		m[key] = place{how: program, at: p}
	}
	for key := range strings.FieldsSeq("path dir file device watch sw root_dir cgroup ocomm ocmd new_group old_group filesystem invalid_context xdevice img-ctx") {
		m[key] = place{how: encoded}
	}
	for key := range strings.FieldsSeq("dst_prefixlen src_prefixlen ksize lport rport entries") {
		m[key] = place{how: number}
	}
	// Kept as they are; they stand here so that a frequent key costs no new text for its path.
	for key := range strings.FieldsSeq("ses subj items item tty a0 a1 a2 a3 op unit dev rdev obj nametype objtype cap_fp cap_fi cap_fe cap_fver cap_frootid scontext tcontext tclass permissive grantors kind direction cipher mac pfs fp spid laddr raddr reason sig family table old list capability ino uuid vm-ctx model") {
		m[key] = place{how: keep}
	}
	m["key_enforce"] = place{how: truth}
	for key := range strings.FieldsSeq("uid auid old-auid acct id arch syscall success exit res result addr src dst hostname cmd proctitle data saddr argc key name virt vm grp apparmor new-auid inode mode") {
		m[key] = place{how: special}
	}
	for key, p := range m {
		p.path = "auditd.log." + key
		m[key] = p
	}
	return m
}()

// fields reads the fields of s.
func (r *record) fields(s string) {
	c := scanner{s: s}
	var f field
	for c.next(&f) {
		if nothing(f.value) {
			continue
		}
		if r.name == "EXECVE" && r.argument(&f) {
			continue
		}
		r.set(&f)
	}
}

// set gives one field its place.
func (r *record) set(f *field) {
	key := f.key
	if f.before == "old" || f.before == "new" {
		r.oldNew(f)
		return
	}
	p, ok := places[key]
	if !ok {
		r.e.AddPath(below(key), event.Str(f.value))
		return
	}
	switch p.how {
	case keep:
		r.e.AddPath(p.path, event.Str(f.value))
	case encoded:
		r.e.AddPath(p.path, event.Str(r.text(f)))
	case number:
		r.number(p.path, f.value)
	case truth:
		r.e.SetPath(p.path, event.Truth(f.value == "1" || f.value == "yes"))
	case text:
		r.e.SetStr(p.at, f.value)
	case program:
		r.e.SetStr(p.at, r.text(f))
	case whole:
		if n, err := strconv.ParseInt(f.value, 10, 64); err == nil {
			r.e.SetInt(p.at, n)
		} else {
			r.e.AddPath(p.path, event.Str(f.value))
		}
	default:
		r.special(f, p.path)
	}
}

// text is the value, decoded where the kernel may have encoded it: what stands in quotes is as it was, and so is what
// ausearch has interpreted.
func (r *record) text(f *field) string {
	if f.quoted || r.interpreted {
		return f.value
	}
	return decode(f.value)
}

// below returns the path of a key below auditd.log. Keys have no full stops in them; one that has is no path of ours.
func below(key string) string {
	if strings.IndexByte(key, '.') >= 0 {
		key = strings.ReplaceAll(strings.Trim(key, "."), ".", "_")
	}
	if key == "" {
		key = "_"
	}
	return "auditd.log." + key
}

// number keeps a number, or the text where it is none.
func (r *record) number(path, v string) {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		r.e.AddPath(path, event.Num(n))
	} else {
		r.e.AddPath(path, event.Str(v))
	}
}

// oldNew keeps what old programs wrote with a blank: old auid=0 new auid=1000.
func (r *record) oldNew(f *field) {
	if f.key == "auid" {
		if f.before == "old" {
			r.oldAuid = f.value
		} else {
			r.id = f.value
		}
	}
	r.e.SetPath("auditd.log."+f.before+"_"+f.key, event.Str(f.value))
}

// special handles the fields whose meaning hangs on more than their key. path is that below auditd.log.
func (r *record) special(f *field, path string) {
	e := r.e
	v := f.value
	switch f.key {
	case "uid":
		r.userID(v, path)
	case "auid":
		r.auid = v
	case "old-auid":
		r.oldAuid = v
		e.SetPath(path, event.Str(v))
	case "acct":
		r.acct = r.text(f)
	case "id":
		r.id = v
		e.AddPath(path, event.Str(v))
	case "grp":
		r.group = r.text(f)
		e.SetPath(path, event.Str(r.group))
	case "arch":
		r.arch = v
	case "syscall":
		r.call = v
	case "success":
		e.SetPath(path, event.Truth(v == "yes" || v == "1"))
		r.result = v
	case "res", "result":
		r.result = v
	case "exit":
		r.exit(v, path)
	case "addr", "src":
		r.addr = v
	case "dst":
		r.destination(v)
	case "hostname":
		e.SetPath(path, event.Str(v))
	case "cmd":
		r.command(r.text(f))
	case "proctitle":
		v = title(r.text(f))
		e.SetPath(path, event.Str(v))
		e.SetStr(event.ProcessTitle, v)
	case "data":
		e.SetPath(path, event.Str(typed(r.text(f))))
	case "saddr":
		r.socket(v, path)
	case "argc":
		r.argc, _ = strconv.ParseInt(v, 10, 64)
	default:
		r.rest(f, path)
	}
}

// rest handles those that are about things.
func (r *record) rest(f *field, path string) {
	e := r.e
	v := f.value
	switch f.key {
	case "key", "name", "vm":
		v = r.text(f)
	}
	e.AddPath(path, event.Str(v))
	switch f.key {
	case "key":
		if strings.IndexByte(v, 1) >= 0 { // a record that several rules ask for has a key of each
			e.SetPath(path, event.Strs(strings.Split(v, "\x01")...))
		}
	case "name":
		if r.name == "PATH" && strings.HasPrefix(v, "/") {
			e.SetStr(event.FilePath, v)
		}
	case "inode":
		if r.name == "PATH" {
			e.SetStr(event.FileInode, v)
		}
	case "mode":
		if r.name == "PATH" && len(v) > 4 {
			e.SetStr(event.FileMode, v[len(v)-4:])
		}
	case "virt":
		e.SetStr(event.ContainerRuntime, v)
	case "vm":
		if strings.HasPrefix(r.name, "VIRT_") {
			e.SetStr(event.ContainerName, v)
		}
	case "apparmor":
		switch v {
		case "DENIED":
			r.result = "no"
		case "ALLOWED", "AUDIT":
			r.result = "yes"
		}
	}
}

// exit keeps how a call ended.
func (r *record) exit(v, path string) {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		r.e.SetInt(event.ProcessExitCode, n)
	} else {
		r.e.SetPath(path, event.Str(v))
	}
}

// command sets the words of a command.
func (r *record) command(v string) {
	r.args = append(r.args[:0], strings.Fields(v)...)
	r.e.SetStr(event.ProcessCommandLine, v)
}
