package auditd

import (
	_ "embed"
	"strconv"
	"strings"

	"weir/event"
)

// kindsTable has a row for each type of record: the kernel's number, the name, and what it means in the words of ECS.
// An action that is empty is the name of the type.
//
//go:embed kinds.csv
var kindsTable string

// users says what the user fields of a record mean.
type users uint8

const (
	// plain: uid is who did it.
	plain users = iota
	// session: a program with rights (uid) says something of a session; auid is whose it is, acct or id whom it became.
	session
	// account: auid worked with the rights of uid on the account acct or id.
	account
	// group: the same of a group.
	group
	// login: the login user id changed from the old auid to the new one.
	login
)

// kind is one type of record. Its values are shared by all events and must not be changed.
type kind struct {
	name            string
	action          string
	category, types event.Value
	users           users
}

// kinds are the types by their names, kindNames the names by their numbers: the kernel's log has only those.
var kinds, kindNames = readKinds(kindsTable)

// readKinds reads the table. Its form is that of the file beside, which a test reads too.
func readKinds(table string) (map[string]*kind, map[string]string) {
	byName, byNumber := map[string]*kind{}, map[string]string{}
	roles := map[string]users{"": plain, "session": session, "account": account, "group": group, "login": login}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, line := range lines[1:] {
		c := strings.Split(line, ",")
		byName[c[1]] = &kind{name: c[1], action: c[2], category: words(c[3]), types: words(c[4]), users: roles[c[5]]}
		byNumber[c[0]] = c[1]
	}
	return byName, byNumber
}

// words makes a list of words, Absent of none.
func words(s string) event.Value {
	if s == "" {
		return event.Value{}
	}
	return event.Strs(strings.Fields(s)...)
}

// kindOf returns what is known of a type, nil if nothing.
func kindOf(name string) *kind { return kinds[name] }

// kindName returns the name of a type that is written as its number: 1300. What tools older than the kernel write
// (UNKNOWN[1337]) stays: a rule that asks for it finds it.
func kindName(s string) (string, bool) {
	if _, err := strconv.Atoi(s); err != nil {
		return "", false
	}
	name, ok := kindNames[s]
	return name, ok
}
