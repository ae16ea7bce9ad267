package alert

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"weir/event"
	"weir/event/ecs"
)

// Dataset is event.dataset of alerts in the archive.
const Dataset = "weir.alert"

// severity gives each level a number for event.severity, spread over 0 to 100.
var severity = map[string]int64{"informational": 1, "low": 21, "medium": 47, "high": 73, "critical": 99}

// Event fills e, which is reset first, with the alert as an ECS document. Its event.id is that of this revision.
// Strings of e alias the alert.
//
// The group is set first and the alert's own fields after it, so that a log which claims a rule.id or an event.kind
// cannot forge those of the alert.
func Event(a *Alert, e *event.Event) {
	e.Reset()
	groupFields(a, e)
	last := event.At(a.Last)
	e.Set(event.Timestamp, last)
	e.Set(event.WeirTime, last)
	e.Set(event.EventCreated, last)
	e.Set(event.EventStart, event.At(a.First))
	e.Set(event.EventEnd, last)
	e.SetStr(event.ECSVersion, "8.11.0")
	e.SetStr(event.EventKind, "alert")
	e.SetStr(event.EventModule, "weir")
	e.SetStr(event.EventDataset, Dataset)
	e.SetStr(event.EventID, a.ID+"-"+strconv.Itoa(a.Revision))
	if n, ok := severity[a.Level]; ok {
		e.SetInt(event.EventSeverity, n)
	}
	e.SetStr(event.Message, a.What)
	e.SetStr(event.RuleID, a.Rule)
	e.SetStr(event.RuleName, a.Title)
	e.SetStr(event.RuleVersion, strconv.Itoa(a.Version))
	if a.Author != "" {
		e.Set(event.RuleAuthor, event.Strs(a.Author))
	}
	e.SetInt(event.WeirRevision, int64(a.Revision))
	e.SetStr(event.WeirAlertID, a.ID)
	e.SetStr(event.WeirAlertState, Open)
	e.SetStr(event.WeirAlertLevel, a.Level)
	if !a.Created.IsZero() {
		e.Set(event.WeirAlertCreated, event.At(a.Created))
	}
	e.SetInt(event.WeirAlertCount, int64(a.Count))
	e.Set(event.WeirAlertFirst, event.At(a.First))
	e.Set(event.WeirAlertLast, last)
	threat(a.Tags, e)
	evidence(a, e)
	marks(a, e)
}

// marks sets what not every alert has.
func marks(a *Alert, e *event.Event) {
	for _, x := range []struct {
		field event.Field
		text  string
	}{{event.WeirAlertApproximate, a.Approximate}, {event.WeirAlertMergedInto, a.MergedInto}, {event.WeirAlertSuppressedBy, a.SuppressedBy}} {
		if x.text != "" {
			e.SetStr(x.field, x.text)
		}
	}
	if a.Canary {
		e.Set(event.WeirAlertCanary, event.Truth(true))
	}
	if a.Historic {
		e.Set(event.WeirAlertHistoric, event.Truth(true))
	}
	if a.Ended != nil {
		e.Set(event.WeirAlertEnded, event.At(*a.Ended))
	}
	var labels []event.Value
	for _, k := range slices.Sorted(maps.Keys(a.Labels)) {
		labels = append(labels, event.Str(k), event.Str(a.Labels[k]))
	}
	if len(labels) > 0 {
		e.Set(event.WeirAlertLabels, event.Members(labels...))
	}
}

// groupFields sets the fields by which the alert is grouped, each in its type; a value that its field cannot hold is
// only in weir.alert.group. Names are taken in order, so that equal alerts give equal documents.
func groupFields(a *Alert, e *event.Event) {
	var group []event.Value
	for _, path := range slices.Sorted(maps.Keys(a.Group)) {
		text := a.Group[path]
		group = append(group, event.Str(path), event.Str(text))
		if text == "" {
			continue
		}
		addr, err := netip.ParseAddr(text)
		if err == nil {
			e.Append(event.RelatedIP, addr.Unmap().WithZone("").String())
		}
		typ := ecs.Keyword
		if f, ok := event.Lookup(path); ok {
			typ = f.Type()
		}
		switch typ {
		case ecs.Keyword, ecs.Text:
			e.SetPath(path, event.Str(text))
		case ecs.IP:
			if err == nil {
				e.SetPath(path, event.Str(text))
			}
		case ecs.Long:
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				e.SetPath(path, event.Num(n))
			}
		case ecs.Double:
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				e.SetPath(path, event.Real(n))
			}
		case ecs.Boolean:
			if b, err := strconv.ParseBool(text); err == nil {
				e.SetPath(path, event.Truth(b))
			}
		}
	}
	e.Set(event.WeirAlertGroup, event.Members(group...))
}

// threat sets the ATT&CK fields from tags such as attack.t1110.001 and attack.credential_access. Tags are written as
// Sigma does. What is no technique and no tactic stays a tag: guessing would fill dashboards with noise.
func threat(tags []string, e *event.Event) {
	for _, tag := range tags {
		e.Append(event.Tags, tag)
		name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		if !ok || name == "" {
			continue
		}
		switch {
		case name[0] == 't' && len(name) > 4 && isDigit(name[1]):
			id, _, sub := strings.Cut(strings.ToUpper(name), ".")
			e.Append(event.ThreatTechniqueID, id)
			if sub {
				e.Append(event.ThreatTechniqueSubtechniqueID, strings.ToUpper(name))
			}
		case name[0] == 'g' && len(name) > 4 && isDigit(name[1]), name[0] == 's' && len(name) > 4 && isDigit(name[1]):
			continue // a group or a software, which only the tag tells
		default:
			e.Append(event.ThreatTacticName, tacticName(name))
		}
		e.SetStr(event.ThreatFramework, "MITRE ATT&CK")
	}
}

// isDigit is for ASCII: no id of ATT&CK has another digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// tacticName writes credential_access, or credential-access, as ATT&CK does: Credential Access.
func tacticName(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' })
	for i, w := range words {
		if w != "and" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// evidence sets the conditions and the events behind the alert, one object each.
// They are lists of objects; a query finds them with braces.
func evidence(a *Alert, e *event.Event) {
	var conds, events []event.Value
	for _, c := range a.Conditions {
		conds = append(conds, event.Members(event.Str("name"), event.Str(c.Name), event.Str("expr"), event.Str(c.Expr),
			event.Str("needed"), event.Num(int64(c.Needed)), event.Str("matched"), event.Num(int64(c.Matched))))
	}
	for _, ev := range a.Evidence {
		var values []event.Value
		for _, k := range slices.Sorted(maps.Keys(ev.Values)) {
			values = append(values, event.Str(k), event.Str(ev.Values[k]))
		}
		events = append(events, event.Members(event.Str("event_id"), event.Str(ev.EventID), event.Str("time"), event.At(ev.Time),
			event.Str("when"), event.Str(ev.When), event.Str("values"), event.Members(values...)))
	}
	if len(conds) > 0 {
		e.Set(event.WeirAlertConditions, event.Items(conds...))
	}
	if len(events) > 0 {
		e.Set(event.WeirAlertEvidence, event.Items(events...))
	}
}
