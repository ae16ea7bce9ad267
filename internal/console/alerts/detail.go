package alerts

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"weir/event"
	"weir/internal/alert"
	"weir/internal/console/site"
	"weir/internal/console/text"
	"weir/internal/control"
	"weir/internal/term"
)

// Detail is one alert as the page shows it: why, the events, what people did.
type Detail struct {
	control.AlertDetail
	Title      string
	StateWord  string
	Group      []Pair
	Used       time.Duration // of the rule's window
	Techniques []string
	Evidence   []Evidence
	Held       []HeldRow
	History    []Change
	Verdicts   []string
	Around     string // search for events of its group around its time
	Command    string
	Version    int
	Me         string
	Risks      []Risk
}

// Pair is a field and its value.
type Pair struct{ Name, Value string }

// Evidence is one event behind the alert.
type Evidence struct {
	Time time.Time
	When string
	Text string
	Href string // to the event; "" if it is gone
}

// HeldRow says by what a condition was satisfied.
type HeldRow struct {
	When, Expr, Field, Value, Literal string
	From, To                          int
}

// Change is what somebody did.
type Change struct {
	At             time.Time
	By, Done, Note string
}

// Risk is what has come together about one entity.
type Risk struct {
	Kind, Value string
	Score       int
	Alerts      int
	Href        string
}

// Bounds of what is shown.
const (
	maxText     = 400
	maxEvidence = 100
	aroundTime  = 10 * time.Minute
)

// detailOf prepares an alert for the page.
func detailOf(v *site.View, d *control.AlertDetail) *Detail {
	x := &Detail{AlertDetail: *d, Title: what(v.Lang, &d.Alert), StateWord: stateWord(v.Lang, &d.Row), Group: group(d), Verdicts: verdicts, Version: d.Changes, Me: v.Session.Name,
		Around: around(d), Command: v.Command("alerts show " + d.Short)}
	if d.Within > 0 {
		x.Used = windowUsed(d)
	}
	for _, t := range d.Tags {
		if id, ok := strings.CutPrefix(t, "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			x.Techniques = append(x.Techniques, "T"+id)
		}
	}
	for i, e := range d.Evidence {
		if i == maxEvidence {
			break
		}
		row := Evidence{Time: e.Time, When: e.When, Text: evidenceText(d, &e)}
		if _, ok := d.Events[e.EventID]; ok {
			row.Href = "/search?" + url.Values{"q": {aroundQuery(d)}, "from": {stamp(d.First.Add(-aroundTime))}, "to": {stamp(d.Last.Add(aroundTime))}, "id": {e.EventID}}.Encode()
		}
		x.Evidence = append(x.Evidence, row)
	}
	for _, h := range d.Held {
		for _, p := range h.Parts {
			x.Held = append(x.Held, HeldRow{h.When, p.Expr, p.Field, p.Value, p.Literal, p.From, p.To})
		}
	}
	for i := range d.History {
		c := &d.History[i]
		x.History = append(x.History, Change{c.At, c.By, done(v.Lang, c), c.Note})
	}
	for _, r := range d.Risk {
		x.Risks = append(x.Risks, Risk{r.Kind, r.Value, int(r.Score + 0.5), r.Alerts, state{State: "all"}.About(r.Value)})
	}
	return x
}

// windowUsed is how much of the rule's window the evidence covers. Its first and last events are always kept, so their
// span is that of all.
func windowUsed(d *control.AlertDetail) time.Duration {
	first, last := d.First, d.Last
	if len(d.Evidence) > 0 {
		first, last = d.Evidence[0].Time, d.Evidence[0].Time
	}
	for _, e := range d.Evidence {
		if e.Time.Before(first) {
			first = e.Time
		}
		if e.Time.After(last) {
			last = e.Time
		}
	}
	return last.Sub(first)
}

// evidenceText is what an event of the evidence says: its message if the event is found, else the values that were kept.
func evidenceText(d *control.AlertDetail, e *alert.Evidence) string {
	s := ""
	if raw, ok := d.Events[e.EventID]; ok {
		var ev event.Event
		if ev.Decode(raw) == nil {
			if s = strings.Clone(ev.Str(event.Message)); s == "" {
				s = strings.Clone(ev.Str(event.EventOriginal))
			}
		}
	}
	if s == "" {
		s = e.Values["message"]
	}
	if s == "" {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(e.Values)) {
			parts = append(parts, k+"="+e.Values[k])
		}
		s = strings.Join(parts, " ")
	}
	short, cut := text.Cut(s, maxText)
	if cut {
		short += "…"
	}
	return short
}

// done says what one change did.
func done(l text.Lang, c *alert.Change) string {
	switch {
	case c.Kind == alert.Note:
		return l.T("note")
	case c.Kind == alert.Assign && c.Assignee == "":
		return l.T("given to nobody")
	case c.Kind == alert.Assign:
		return l.T("given to %s", term.Escape(c.Assignee))
	case c.State == alert.Closed && c.Verdict != "":
		return l.T("closed as %s", l.T(c.Verdict))
	case c.State == alert.Open:
		return l.T("opened")
	}
	return l.T(c.State)
}

// around is a search for what happened to the alert's group before and after.
func around(d *control.AlertDetail) string {
	return "/search?" + url.Values{"q": {aroundQuery(d)}, "from": {stamp(d.First.Add(-aroundTime))}, "to": {stamp(d.Last.Add(aroundTime))}}.Encode()
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// aroundQuery finds the events of the alert's group.
func aroundQuery(d *control.AlertDetail) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(d.Group)) {
		parts = append(parts, k+`: "`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(d.Group[k])+`"`)
	}
	return strings.Join(parts, " and ")
}
