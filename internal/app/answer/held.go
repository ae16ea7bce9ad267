package answer

import (
	"encoding/json"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/match"
	"weir/internal/match/fold"
	"weir/internal/trace"
)

// Which parts of a condition held is worked out when an alert is looked at: the alert has the text of each condition, and
// its event or at least the values of it. So it costs nothing while events are matched, alerts are no larger, and those of
// last year say it too.

// held says by what each condition of an alert was satisfied, for the first event of each. A condition that cannot be read
// any more, such as one that names a list which is gone, is left out.
func held(a *alert.Alert, docs map[string]json.RawMessage, lists match.Lists) []alert.Held {
	var out []alert.Held
	for _, c := range a.Conditions {
		cond, err := match.Compiler{Lists: lists}.Compile(c.Expr)
		if err != nil {
			continue
		}
		for _, ev := range a.Evidence {
			if ev.When != c.Name {
				continue
			}
			if h := heldBy(cond, &ev, docs[ev.EventID]); len(h.Parts) > 0 {
				out = append(out, h)
			}
			break
		}
	}
	return out
}

// heldBy explains one event: the stored one, else what the alert kept of it, as far as that goes.
func heldBy(cond *match.Cond, ev *alert.Evidence, doc json.RawMessage) alert.Held {
	h := alert.Held{When: ev.When, EventID: ev.EventID}
	var e event.Event
	if doc == nil || e.Decode(doc) != nil {
		e.Reset()
		for path, value := range ev.Values {
			e.SetPath(path, event.Str(value))
		}
	}
	var v fold.View
	v.Reset(&e)
	original := trace.Original(&e)
	for _, p := range trace.Parts(cond, &v) {
		at := trace.Find(original, p)
		h.Parts = append(h.Parts, alert.HeldPart{Expr: p.Expr, Field: p.Field, Value: p.Value, Literal: p.Literal, From: at.From, To: at.To})
	}
	return h
}
