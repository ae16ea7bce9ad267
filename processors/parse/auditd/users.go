package auditd

import (
	"strings"

	"weir/event"
)

// lookedUp are the names that auditd looked up when it wrote the record.
type lookedUp struct {
	uid, auid, oldAuid, id string
	arch, call             string
}

// auditID is the id that a login keeps, whoever its user becomes.
var auditID, _ = event.Lookup("user.audit.id")

// named are looked-up names whose place hangs on nothing else.
var named = func() map[string]event.Field {
	m := map[string]event.Field{
		"GID": event.UserGroupName, "EUID": event.UserEffectiveName, "EGID": event.UserEffectiveGroupName,
	}
	for key, path := range map[string]string{
		"AUID": "user.audit.name", "SUID": "user.saved.name", "SGID": "user.saved.group.name",
		"FSUID": "user.filesystem.name", "FSGID": "user.filesystem.group.name",
		"OUID": "user.owner.name", "OGID": "user.owner.group.name",
	} {
		m[key], _ = event.Lookup(path)
	}
	return m
}()

// lookUp reads the names behind the separator: ARCH=x86_64 SYSCALL=openat AUID="kim" UID="root" ... What it could not
// look up is not set; SADDR says what the record's own bytes say, and is read from those.
func (r *record) lookUp(s string) {
	c := scanner{s: s}
	var f field
	for c.next(&f) {
		v := f.value
		if nothing(v) || v == "unset" || strings.HasPrefix(v, "unknown") {
			continue
		}
		switch f.key {
		case "UID":
			r.names.uid = v
		case "OLD-AUID":
			r.names.oldAuid = v
		case "ID":
			r.names.id = v
		case "ARCH":
			r.names.arch = v
		case "SYSCALL":
			r.names.call = v
		case "AUID":
			r.names.auid = v
		}
		if at, ok := named[f.key]; ok {
			r.e.SetStr(at, v)
		}
	}
}

// userID takes a uid: the first is the program's own, others are what the program says.
func (r *record) userID(v, path string) {
	if r.uid == "" {
		r.uid = v
		return
	}
	if r.e.GetPath(path).Kind() == event.Absent {
		r.e.SetPath(path, event.Str(r.uid))
	}
	r.e.AddPath(path, event.Str(v))
}

// users sets who did it, with whose rights and to whom.
//
// A program that lets people in runs as root and says in acct or id whom it is about: there the login's own user id, auid,
// is who did it. Elsewhere it is uid. Records of before there was an auid have uid in both cases.
func (r *record) users() {
	e := r.e
	means := plain
	if r.kind != nil {
		means = r.kind.users
	}
	if r.auid != "" {
		e.SetStr(auditID, r.auid)
	}
	if means == plain {
		e.SetStr(event.UserID, r.uid)
		if !e.Has(event.UserName) {
			e.SetStr(event.UserName, first(r.acct, r.names.uid))
		}
		return
	}
	actor := first(r.auid, r.uid)
	if first(r.auid, r.oldAuid) != "" && r.uid != "" && e.GetPath("auditd.log.uid").Kind() == event.Absent {
		e.SetPath("auditd.log.uid", event.Str(r.uid))
	}
	switch means {
	case login:
		r.login()
		return
	case session:
		e.SetStr(event.UserEffectiveID, r.id)
		e.SetStr(event.UserEffectiveName, first(r.acct, r.names.id))
	case account:
		r.rights()
		e.SetStr(event.UserTargetID, r.id)
		e.SetStr(event.UserTargetName, first(r.acct, r.names.id))
	case group:
		r.rights()
		e.SetStr(event.GroupID, r.id)
		e.SetStr(event.GroupName, first(r.group, r.acct, r.names.id))
		r.acct = ""
	}
	e.SetStr(event.UserID, actor)
	e.SetStr(event.UserName, first(r.acct, r.names.auid))
}

// rights sets whose rights were used for working on an account.
func (r *record) rights() {
	r.e.SetStr(event.UserEffectiveID, r.uid)
	r.e.SetStr(event.UserEffectiveName, r.names.uid)
}

// login sets who became whom when a login user id was given. Old kernels write old auid=0 new auid=1000, later ones
// old-auid=4294967295 auid=1000.
func (r *record) login() {
	e := r.e
	e.SetStr(event.UserID, first(r.oldAuid, r.auid, r.uid))
	e.SetStr(event.UserEffectiveID, first(r.id, r.auid))
	e.SetStr(event.UserEffectiveName, r.names.auid)
	e.SetStr(event.UserName, first(r.names.oldAuid, r.names.auid))
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
