package alert

import (
	"strconv"

	"weir/event"
)

// ChangeDataset is event.dataset of changes in the archive.
const ChangeDataset = "weir.change"

// Say writes a change as a sentence about the alert, which name stands for.
func (c *Change) Say(name string) string {
	switch {
	case c.Kind == Note:
		return c.By + " wrote a note on alert " + name
	case c.Kind == Assign && c.Assignee == "":
		return c.By + " took alert " + name + " from everybody"
	case c.Kind == Assign && c.Assignee == c.By:
		return c.By + " took alert " + name
	case c.Kind == Assign:
		return c.By + " gave alert " + name + " to " + c.Assignee
	case c.State == Closed && c.Verdict != "":
		return c.By + " closed alert " + name + " as " + c.Verdict
	case c.State == Closed:
		return c.By + " closed alert " + name
	case c.State == Open:
		return c.By + " opened alert " + name
	}
	return c.By + " " + c.State + " alert " + name
}

// action is event.action of a change.
func (c *Change) action() string {
	switch c.Kind {
	case Note:
		return "alert-noted"
	case Assign:
		return "alert-assigned"
	}
	if c.State == Open {
		return "alert-opened"
	}
	return "alert-" + c.State
}

// ChangeEvent fills e, which is reset first, with the change as an ECS document: what somebody did, and how the alert stands
// since. Strings of e alias the change.
func ChangeEvent(c *Change, e *event.Event) {
	e.Reset()
	at := event.At(c.At)
	e.Set(event.Timestamp, at)
	e.Set(event.WeirTime, at)
	e.Set(event.EventCreated, at)
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventKind, "event")
	e.Set(event.EventCategory, event.Strs("database")) // as searches are: what is kept was looked at there, and is changed here
	e.Set(event.EventType, event.Strs("change"))
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, ChangeDataset)
	e.SetStr(event.EventAction, c.action())
	e.SetStr(event.EventOutcome, "success")
	e.SetStr(event.EventID, c.Alert+"-change-"+strconv.Itoa(c.Version))
	message := c.Say(c.Alert)
	if c.Note != "" {
		message += ": " + c.Note
	}
	e.SetStr(event.Message, message)
	if c.Rule != "" {
		e.SetStr(event.RuleID, c.Rule)
	}
	if c.By != Self {
		e.SetStr(event.UserName, c.By)
		e.Append(event.RelatedUser, c.By)
	}
	if c.Kind == Assign && c.Assignee != "" {
		e.SetStr(event.UserTargetName, c.Assignee)
		if c.Assignee != c.By {
			e.Append(event.RelatedUser, c.Assignee)
		}
	}
	e.SetStr(event.WeirAlertID, c.Alert)
	e.SetStr(event.WeirAlertState, c.State)
	e.SetInt(event.WeirAlertChanges, int64(c.Version))
	for _, x := range []struct {
		field event.Field
		text  string
	}{{event.WeirAlertVerdict, c.Verdict}, {event.WeirAlertAssignee, c.Assignee}, {event.WeirAlertNote, c.Note}, {event.WeirAlertBy, c.By}} {
		if x.text != "" {
			e.SetStr(x.field, x.text)
		}
	}
	if c.Count > 0 {
		e.SetInt(event.WeirAlertCount, int64(c.Count))
	}
	if !c.Created.IsZero() {
		e.Set(event.WeirAlertCreated, event.At(c.Created))
	}
}
