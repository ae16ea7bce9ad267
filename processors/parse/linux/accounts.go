package linux

import (
	"strings"

	"weir/event"
)

// Changes of users and groups, named as Elastic's packages name them on other systems.
var (
	userCreated  = class{"added-user-account", event.Strs("iam"), event.Strs("user", "creation"), success}
	userDeleted  = class{"deleted-user-account", event.Strs("iam"), event.Strs("user", "deletion"), success}
	userChanged  = class{"modified-user-account", event.Strs("iam"), event.Strs("user", "change"), success}
	groupCreated = class{"added-group-account", event.Strs("iam"), event.Strs("group", "creation"), success}
	groupDeleted = class{"deleted-group-account", event.Strs("iam"), event.Strs("group", "deletion"), success}
	groupChanged = class{"modified-group-account", event.Strs("iam"), event.Strs("group", "change"), success}
)

// accountTools says what each tool does when it says nothing else.
var accountTools = map[string]*class{
	"useradd": &userCreated, "userdel": &userDeleted, "usermod": &userChanged,
	"groupadd": &groupCreated, "groupdel": &groupDeleted, "groupmod": &groupChanged,
	"gpasswd": &groupChanged, "passwd": &pamChanged, "chage": &userChanged, "chfn": &userChanged, "chsh": &userChanged,
}

// Accounts reads the messages of the tools that change users and groups. The tool is process.name of the event. What
// was done follows from the tool; the message adds to whom, and whether it failed. useradd says in a second line that
// it made a group: then the message counts.
//
//	new user: name=kim, UID=1001, GID=1001, home=/home/kim, shell=/bin/bash, from=/dev/pts/0
//	add 'kim' to group 'sudo'
//	failed adding user 'kim', exit code: 4
//	password for 'kim' changed by 'root'
func Accounts(e *event.Event, msg string) {
	s := strings.TrimSpace(msg)
	if strings.HasPrefix(s, "pam_") {
		PAM(e, s)
		return
	}
	c := accountTools[e.Str(event.ProcessName)]
	if c == nil {
		return
	}
	switch {
	case prefixed(&s, "new user: "):
		c = &userCreated
		accountNew(e, s, event.UserName)
	case prefixed(&s, "new group: "):
		c = &groupCreated
		accountNew(e, s, event.GroupName)
	case prefixed(&s, "password for "), prefixed(&s, "password changed for "):
		c = &pamChanged
		accountPassword(e, s)
	default:
		accountQuoted(e, s)
	}
	c.set(e)
	if strings.HasPrefix(s, "failed ") || strings.HasPrefix(s, "cannot ") {
		e.Set(event.EventOutcome, event.Str(failure))
	}
}

// accountNew reads "name=kim, UID=1001, GID=1001, home=/home/kim, shell=/bin/bash, from=/dev/pts/0".
func accountNew(e *event.Event, s string, name event.Field) {
	for part := range strings.SplitSeq(s, ", ") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "name":
			e.SetStr(name, value)
		case "UID":
			e.SetStr(event.UserID, value)
		case "GID":
			e.SetStr(event.GroupID, value)
		case "home", "shell":
			if value != "" {
				e.SetMember(event.WeirData, key, event.Str(value))
			}
		}
	}
}

// accountPassword reads "'kim' changed by 'root'".
func accountPassword(e *event.Event, s string) {
	user, by, ok := strings.Cut(s, " changed by ")
	if !ok {
		user = strings.TrimSuffix(s, " changed")
		e.SetStr(event.UserName, strings.Trim(user, "'`"))
		return
	}
	e.SetStr(event.UserName, strings.Trim(by, "'`"))
	e.SetStr(event.UserTargetName, strings.Trim(user, "'`"))
}

// accountQuoted reads user and group from sentences with quoted names: delete user 'kim'; add 'kim' to group 'sudo';
// removed group 'kim' owned by 'lee'; and the unquoted one of gpasswd: user kim added by root to group sudo.
func accountQuoted(e *event.Event, s string) {
	if prefixed(&s, "user ") {
		user, rest, _ := strings.Cut(s, " ")
		if _, group, ok := lastCut(rest, " group "); ok {
			e.SetStr(event.UserTargetName, user)
			e.SetStr(event.GroupName, group)
			if by, _, ok := between(rest, " by ", " "); ok {
				e.SetStr(event.UserName, by)
			}
		}
		return
	}
	for {
		before, rest, ok := strings.Cut(s, "'")
		name, after, ok2 := strings.Cut(rest, "'")
		if !ok || !ok2 {
			return
		}
		switch {
		case strings.HasSuffix(before, "group "):
			if !e.Has(event.GroupName) {
				e.SetStr(event.GroupName, name)
			}
		case strings.HasSuffix(before, "user "), strings.HasSuffix(before, "add "), strings.HasSuffix(before, "delete "), strings.HasSuffix(before, "for "):
			if !e.Has(event.UserName) {
				e.SetStr(event.UserName, name)
			}
		}
		s = after
	}
}
