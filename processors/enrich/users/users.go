// Package users is the list of people and accounts: what is known of the user of an event.
//
// # The file
//
// One file, CSV (.csv) or YAML (.yaml, .yml). A missing file is an empty list.
//
//	name         the account's name, unique; the only column that must be filled
//	aliases      other names of the same user: e-mail addresses, DOMAIN\name, numbers; several separated by blanks
//	department   where the person works                              weir.user.department
//	owner        who answers for the account: a manager, a team      weir.user.owner
//	privileged   yes where it has rights above those of others       weir.user.privileged
//	criticality  low, medium, high or critical                       weir.user.criticality
//	valid_from   first day on which the row counts
//	valid_to     last day on which it does: of somebody who left
//
// Names are compared in any case.
package users

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"weir/event"
	"weir/processors/enrich/table"
)

// User is one row. It never changes: events alias its strings, also when a newer list has taken its place.
type User struct {
	Name, Department, Owner, Criticality string
	Privileged, HasPrivileged            bool

	from, to int64
}

// List is all users. It never changes and is safe for many goroutines.
type List struct {
	users []*User
	// By name and alias in lower case; several where a name had several owners.
	names map[string][]*User
	dated bool
}

var form = table.Form{
	Prefix: "users", File: "list of users", Row: "user", Key: "enrich.users",
	Columns: []string{"name", "aliases", "department", "owner", "privileged", "criticality", "valid_from", "valid_to"},
}

// Load reads a file of users. Mistakes in it are a fault.List with every one of them.
func Load(path string) (*List, error) {
	src, rows, err := table.Load(form, path)
	if err != nil {
		return nil, err
	}
	return build(src, rows)
}

// build makes the list of rows and reports everything that is wrong in them.
func build(src *table.Source, rows []table.Row) (*List, error) {
	l := &List{names: map[string][]*User{}}
	for _, r := range rows {
		if u := user(src, r); u != nil {
			l.add(src, r, u)
		}
	}
	if src != nil && len(src.Faults) > 0 {
		return nil, src.Faults
	}
	return l, nil
}

// user makes a user of a row, nil if the name is missing.
func user(src *table.Source, r table.Row) *User {
	u := &User{
		Name: r["name"].Text(), Department: r["department"].Text(), Owner: r["owner"].Text(),
		Criticality: src.OneOf(r, "criticality", "low", "medium", "high", "critical"),
	}
	if u.Name == "" {
		src.Fault(r["name"], "a user has no name", "fill in name")
		return nil
	}
	switch src.OneOf(r, "privileged", "yes", "no", "true", "false") {
	case "yes", "true":
		u.Privileged, u.HasPrivileged = true, true
	case "no", "false":
		u.HasPrivileged = true
	}
	u.from, u.to = src.Validity(r, time.UTC)
	return u
}

// add enters a user under name and aliases.
func (l *List) add(src *table.Source, r table.Row, u *User) {
	l.users = append(l.users, u)
	l.dated = l.dated || u.from != 0 || u.to != 0
	enter := func(at table.Cell, name string) {
		key := strings.ToLower(name)
		for _, o := range l.names[key] {
			if o != u && table.Overlap(u.from, u.to, o.from, o.to) {
				src.Fault(at, fmt.Sprintf("%s is called %s, as %s is", u.Name, name, o.Name), "leave the name with one of them, or give both times of validity that do not overlap")
				return
			}
		}
		l.names[key] = append(l.names[key], u)
	}
	enter(r["name"], u.Name)
	for _, alias := range r["aliases"].Words() {
		enter(r["aliases"], alias)
	}
}

// Len returns how many rows there are.
func (l *List) Len() int { return len(l.users) }

// Find finds the user of a name or alias at a moment, in nanoseconds since 1970 or 0 for now; nil if there is none.
func (l *List) Find(name string, at int64) *User {
	if name == "" || len(l.users) == 0 {
		return nil
	}
	list, ok := l.names[name]
	if !ok {
		list = l.names[strings.ToLower(name)]
	}
	for _, u := range list {
		if l.dated {
			if at == 0 {
				at = time.Now().UnixNano()
			}
			if u.from != 0 && at < u.from || u.to != 0 && at >= u.to {
				continue
			}
		}
		return u
	}
	return nil
}

// account is where an event names a user, in the order of asking, and where what is known goes.
type account struct {
	names, domains                                   []event.Field
	name, department, owner, privileged, criticality event.Field
}

// The user who did it, and the one that it was done to.
var accounts = [...]account{
	{
		[]event.Field{event.UserName, event.UserEmail, event.UserID, event.SourceUserName, event.ClientUserName, event.SourceUserEmail},
		[]event.Field{event.UserDomain, event.SourceUserDomain},
		event.WeirUserName, event.WeirUserDepartment, event.WeirUserOwner, event.WeirUserPrivileged, event.WeirUserCriticality,
	},
	{
		[]event.Field{event.UserTargetName, event.UserTargetEmail, event.UserTargetID, event.DestinationUserName, event.ServerUserName},
		[]event.Field{event.UserTargetDomain, event.DestinationUserDomain},
		event.WeirUserTargetName, event.WeirUserTargetDepartment, event.WeirUserTargetOwner, event.WeirUserTargetPrivileged, event.WeirUserTargetCriticality,
	},
}

// Add adds what is known of the users of an event, and counts those that were found and those that were not.
func (l *List) Add(e *event.Event) (found, missed int) {
	if len(l.users) == 0 {
		return 0, 0
	}
	at := int64(0)
	if l.dated {
		if at = e.Get(event.WeirTime).Int(); at == 0 {
			at = e.Get(event.Timestamp).Int()
		}
	}
	for i := range accounts {
		a := &accounts[i]
		u, asked := l.of(e, a, at)
		switch {
		case u != nil:
			found++
			a.set(e, u)
		case asked:
			missed++
		}
	}
	return found, missed
}

// of finds the user of an account. A name that more than one domain has is listed as DOMAIN\name.
func (l *List) of(e *event.Event, a *account, at int64) (u *User, asked bool) {
	for _, f := range a.names {
		if !e.Has(f) {
			continue
		}
		asked = true
		name := e.Str(f)
		for _, d := range a.domains {
			if domain := e.Str(d); domain != "" {
				if u = l.Find(domain+`\`+name, at); u != nil {
					return u, true
				}
			}
		}
		if u = l.Find(name, at); u != nil {
			return u, true
		}
	}
	return nil, asked
}

func (a *account) set(e *event.Event, u *User) {
	e.SetStr(a.name, u.Name)
	e.SetStr(a.department, u.Department)
	e.SetStr(a.owner, u.Owner)
	e.SetStr(a.criticality, u.Criticality)
	if u.HasPrivileged {
		e.Set(a.privileged, event.Truth(u.Privileged))
	}
	e.Append(event.RelatedUser, u.Name)
}

// Holder holds the list that counts now. It is safe for many goroutines.
type Holder struct {
	path string
	now  atomic.Pointer[List]
}

// NewHolder loads a file of users to be loaded again later.
func NewHolder(path string) (*Holder, error) {
	h := &Holder{path: path}
	h.now.Store(&List{})
	return h, h.Reload()
}

// Reload reads the file again. With mistakes in it the list from before stays.
func (h *Holder) Reload() error {
	l, err := Load(h.path)
	if err == nil {
		h.now.Store(l)
	}
	return err
}

// List returns the list that counts now.
func (h *Holder) List() *List { return h.now.Load() }
