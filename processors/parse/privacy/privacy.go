// Package privacy reads the two records on which the law about personal data turns: what a business application writes when
// somebody touches personal data (who, when, from where, whose data, what was done), and who was given which access right.
// Both come as JSON, as key=value or as values between commas, with names in English or Korean.
//
// A record that lacks one of what it must say is kept like any other, and says what it lacks.
package privacy

import (
	"fmt"
	"strconv"
	"strings"

	"weir/event"
	"weir/processors/parse/internal/ends"
)

// incomplete tags a record that lacks what the law asks for.
const incomplete = "privacy-record-incomplete"

// Where the text of a time waits until the format, which knows the time zone of its sender, reads it; and the mark of a
// record that is but the names of columns.
const (
	accessRoot = "privacy_access."
	rightsRoot = "access_rights."
	timeText   = "time"
	headerMark = "header"
)

// Access reads one access record into e, which belongs to the caller. The text of its time is left in privacy_access.time:
// the format reads that, and then calls CompleteAccess. A record that is but the names of columns sets privacy_access.header.
// Strings that are set may alias msg.
func Access(e *event.Event, msg string) error {
	r := row{kind: AccessRecord}
	err := r.read(msg)
	if r.header {
		e.SetPath(accessRoot+headerMark, event.Truth(true))
		return nil
	}
	v := &r.values
	r.common(e, accessRoot)
	e.SetStr(event.WeirPrivacyAction, v[itemAction])
	e.SetStr(event.WeirPrivacyReason, v[itemReason])
	e.SetStr(event.WeirPrivacySystem, v[itemSystem])
	if ids := list(v[itemSubject]); len(ids) > 0 {
		e.Set(event.WeirPrivacySubjectID, event.Strs(ids...))
	}
	if v[itemCount] != "" {
		if n, ok := count(v[itemCount]); ok {
			e.SetInt(event.WeirPrivacySubjectCount, n)
		} else {
			e.AddMember(event.WeirData, "count", event.Str(v[itemCount]))
		}
	}
	return err
}

// common sets what both records have.
func (r *row) common(e *event.Event, root string) {
	v := &r.values
	e.SetStr(event.UserID, v[itemID])
	e.SetStr(event.UserName, v[itemName])
	if v[itemName] == "" {
		e.SetStr(event.UserName, v[itemID])
	}
	e.SetStr(event.UserFullName, v[itemFullName])
	if r.kind == AccessRecord {
		e.SetStr(event.UserGroupName, v[itemDepartment])
	}
	if v[itemAddress] != "" {
		ends.Address(e, &ends.Source, v[itemAddress])
	}
	if v[itemHost] != "" {
		e.SetStr(event.SourceDomain, v[itemHost])
	}
	if v[itemTime] != "" {
		e.SetPath(root+timeText, event.Str(v[itemTime]))
	}
	e.SetStr(event.EventOutcome, outcome(v[itemResult]))
	for _, o := range r.other {
		e.AddMember(event.WeirData, o.name, o.value)
	}
}

// CompleteAccess makes the fields of an access record agree: the task is one of weir's seven words, the number of data
// subjects is known where they are, and what of the five items is not there is named. It does not read its text, so that a
// format of somebody's own that has set the fields may call it too.
func CompleteAccess(e *event.Event, _ string) error {
	task := e.Str(event.WeirPrivacyAction)
	kinds := accessed
	if word := AccessRecord.action(task); word != "" {
		e.SetStr(event.WeirPrivacyAction, word)
		if word == "create" || word == "change" || word == "delete" {
			kinds = changed
		}
		e.SetStr(event.EventAction, "personal-data-"+word)
		if plain(task) != word {
			e.SetMember(event.WeirData, "task", event.Str(task))
		}
	} else if task != "" {
		e.SetStr(event.EventAction, strings.ToLower(task))
	}
	e.Set(event.EventCategory, database)
	e.Set(event.EventType, kinds)
	if !e.Has(event.EventOutcome) {
		e.SetStr(event.EventOutcome, "unknown")
	}
	if ids := e.Get(event.WeirPrivacySubjectID); ids.Len() > 0 && !e.Has(event.WeirPrivacySubjectCount) {
		e.SetInt(event.WeirPrivacySubjectCount, int64(ids.Len()))
	}
	var missing []string
	lacks := func(name string, there bool) {
		if !there {
			missing = append(missing, name)
		}
	}
	lacks("identifier", e.Has(event.UserID) || e.Has(event.UserName))
	lacks("time", e.Has(event.Timestamp))
	lacks("place", e.Has(event.SourceAddress) || e.Has(event.SourceIP) || e.Has(event.SourceDomain))
	lacks("subject", e.Has(event.WeirPrivacySubjectID) || e.Has(event.WeirPrivacySubjectCount))
	lacks("action", task != "")
	return report(e, event.WeirPrivacyMissing, missing)
}

// report says what a record lacks, in a field, by a tag and as the error of the step.
func report(e *event.Event, f event.Field, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	e.Set(f, event.Strs(missing...))
	e.Append(event.Tags, incomplete)
	return fmt.Errorf("the record lacks: %s", strings.Join(missing, ", "))
}

// Values that events share. They must not be changed.
var (
	database = event.Strs("database")
	accessed = event.Strs("access")
	changed  = event.Strs("change")
)

// outcome returns what a word says of how it went, "" if nothing.
func outcome(v string) string {
	switch plain(v) {
	case "":
		return ""
	case "success", "succeeded", "successful", "ok", "okay", "y", "yes", "true", "1", "200", "성공", "정상", "허용", "완료", "승인":
		return "success"
	case "failure", "fail", "failed", "error", "denied", "deny", "n", "no", "false", "0", "실패", "거부", "오류", "차단", "반려":
		return "failure"
	}
	return "unknown"
}

// count reads how many data subjects there were: 1200, "1,200", "1200건", "3명".
func count(v string) (int64, bool) {
	v = strings.TrimRight(strings.ReplaceAll(v, ",", ""), "건명개 ")
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	return n, err == nil && n >= 0
}
