package privacy

import (
	"fmt"
	"strings"

	"weir/event"
)

// Rights reads one record of access rights into e, which belongs to the caller. The text of its time is left in
// access_rights.time, as Access leaves it; the format then calls CompleteRights.
func Rights(e *event.Event, msg string) error {
	r := row{kind: RightsRecord}
	err := r.read(msg)
	if r.header {
		e.SetPath(rightsRoot+headerMark, event.Truth(true))
		return nil
	}
	r.rights(e)
	return err
}

// rights sets the fields of the row.
func (r *row) rights(e *event.Event) {
	v := &r.values
	r.person()
	r.common(e, rightsRoot)
	e.SetStr(event.UserTargetID, v[itemTargetID])
	e.SetStr(event.UserTargetName, v[itemTargetName])
	if v[itemTargetName] == "" {
		e.SetStr(event.UserTargetName, v[itemTargetID])
	}
	e.SetStr(event.UserTargetFullName, v[itemTargetFullName])
	e.SetStr(event.UserTargetGroupName, v[itemDepartment])
	e.SetStr(event.WeirRightsAction, v[itemAction])
	e.SetStr(event.WeirRightsSystem, v[itemSystem])
	e.SetStr(event.WeirRightsReason, v[itemReason])
	e.SetStr(event.WeirRightsApprovedBy, v[itemApprover])
	for it, f := range map[item]event.Field{itemRight: event.WeirRightsRight, itemOld: event.WeirRightsOld, itemNew: event.WeirRightsNew} {
		if l := list(v[it]); len(l) > 0 {
			e.Set(f, event.Strs(l...))
		}
	}
	for it, name := range map[item]string{itemApproved: "approved", itemUntil: "until"} {
		if v[it] != "" {
			e.SetPath(rightsRoot+name, event.Str(v[it]))
		}
	}
}

// person gives a plain "user" its meaning: whose right it is, unless another name says that; then it is who gave the right, as
// in records of ECS.
func (r *row) person() {
	v := &r.values
	switch {
	case v[itemPerson] == "":
	case v[itemTargetID] == "" && v[itemTargetName] == "":
		v[itemTargetID] = v[itemPerson]
	case !r.set(itemID, v[itemPerson]):
		r.keep("user", event.Str(v[itemPerson]))
	}
}

// Import reads one row that `weir import rights` took from a file: an object with the importer, the file, its hash and the
// line, the time of the row, and the row's cells under the names of their columns. It must only be given what came through the socket of this
// weir: a record from elsewhere may claim anything.
func Import(e *event.Event, msg string) error {
	v, err := event.ParseValue([]byte(msg))
	if err != nil {
		return fmt.Errorf("reading an imported row: %w", err)
	}
	from := v.Get("import")
	for name, f := range map[string]event.Field{"by": event.WeirImportBy, "file": event.WeirImportFile, "sha256": event.WeirImportSha256} {
		e.SetStr(f, from.Get(name).Str())
	}
	e.SetInt(event.WeirImportLine, from.Get("line").Int())
	r := row{kind: RightsRecord}
	cells := v.Get("row")
	for i := range cells.Len() {
		name, cell := cells.Member(i)
		r.add(name, cell)
	}
	// The importer knew the time zone of whoever wrote the file.
	if at := from.Get("time").Str(); at != "" {
		r.values[itemTime] = at
	}
	if from.Get("snapshot").Bool() {
		r.values[itemAction] = "held"
	}
	r.rights(e)
	return nil
}

// CompleteRights makes the fields of a record of access rights agree: what became of the right is one of weir's words (found
// from the old and the new right where the record has no word for it), the roles of the target are those that it has now,
// and what the record lacks is named. Like CompleteAccess it does not read its text.
func CompleteRights(e *event.Event, _ string) error {
	said := e.Str(event.WeirRightsAction)
	word := RightsRecord.action(said)
	if said == "" {
		word = changeOf(e)
	}
	if word != "" {
		e.SetStr(event.WeirRightsAction, word)
		e.SetStr(event.EventAction, actionOf(word))
		if said != "" && plain(said) != word {
			e.SetMember(event.WeirData, "change", event.Str(said))
		}
	} else if said != "" {
		e.SetStr(event.EventAction, strings.ToLower(said))
	}
	e.Set(event.EventCategory, iam)
	e.Set(event.EventType, userChange)
	if word == "held" {
		e.Set(event.EventType, userInfo)
	}
	if !e.Has(event.EventOutcome) {
		e.SetStr(event.EventOutcome, "success") // a record of a right says what was done, not what was tried
	}
	roles(e, word)
	return report(e, event.WeirRightsMissing, lacking(e, word))
}

// actionOf names what became of the right.
func actionOf(word string) string {
	switch word {
	case "grant":
		return "access-right-granted"
	case "remove":
		return "access-right-removed"
	case "held":
		return "access-right-held"
	}
	return "access-right-changed"
}

// changeOf finds what became of the right from what was before and is after.
func changeOf(e *event.Event) string {
	before, after := e.Has(event.WeirRightsOld), e.Has(event.WeirRightsNew)
	switch {
	case before && after:
		return "change"
	case after:
		return "grant"
	case before:
		return "remove"
	}
	return ""
}

// roles sets the roles that the target has now.
func roles(e *event.Event, word string) {
	if word == "remove" || e.Has(event.UserTargetRoles) {
		return
	}
	for _, f := range []event.Field{event.WeirRightsNew, event.WeirRightsRight} {
		if e.Has(f) {
			e.Set(event.UserTargetRoles, e.Get(f))
			return
		}
	}
}

// lacking returns what the record lacks. Who holds a right was not changed by anybody when the list was made.
func lacking(e *event.Event, word string) (missing []string) {
	lacks := func(name string, there bool) {
		if !there {
			missing = append(missing, name)
		}
	}
	lacks("actor", word == "held" || e.Has(event.UserID) || e.Has(event.UserName))
	lacks("time", e.Has(event.Timestamp))
	lacks("target", e.Has(event.UserTargetID) || e.Has(event.UserTargetName))
	lacks("system", e.Has(event.WeirRightsSystem))
	lacks("right", e.Has(event.WeirRightsRight) || e.Has(event.WeirRightsOld) || e.Has(event.WeirRightsNew))
	lacks("action", e.Has(event.WeirRightsAction))
	return missing
}

// Values that events share. They must not be changed.
var (
	iam        = event.Strs("iam")
	userChange = event.Strs("user", "change")
	userInfo   = event.Strs("user", "info")
)
