package show

import (
	"fmt"
	"strings"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/term"
)

// State is the state of an alert with what else decides whether somebody looks at it.
func State(a *control.AlertRow) string {
	s := a.State
	if a.Verdict != "" {
		s += " as " + a.Verdict
	}
	words := []string{s}
	for _, x := range []struct {
		is   bool
		word string
	}{{a.SuppressedBy != "", "suppressed"}, {a.Canary, "canary"}, {a.Historic, "historic"}} {
		if x.is {
			words = append(words, x.word)
		}
	}
	return strings.Join(words, ", ")
}

// beside is what else is to be known of an alert: whose it is, what its numbers are worth, which others it stands for or
// belongs to, and how much has come together about whom.
func beside(f *term.Face, b *strings.Builder, d *control.AlertDetail) {
	esc := term.Escape
	if d.Assignee != "" {
		row(b, "Whose", esc(d.Assignee))
	}
	if d.Approximate != "" {
		row(b, "Estimated", esc(d.Approximate))
	}
	if d.Ended != nil {
		row(b, "Over", f.Second(*d.Ended))
	}
	if d.Suppressed > 0 {
		row(b, "Speaks for", alerts(d.Suppressed)+" besides, which lists show with --suppressed")
	}
	if d.SuppressedBy != "" {
		row(b, "Spoken for", "by alert "+esc(d.SuppressedBy))
	}
	if d.MergedInto != "" {
		row(b, "Merged", "into alert "+esc(d.MergedInto))
	}
	if d.Historic {
		row(b, "Historic", "found in the past by a backtest: nobody was told")
	}
	label := "Risk"
	for i := range d.Risk {
		r := &d.Risk[i]
		text := fmt.Sprintf("%s %s  %.0f by %s", r.Kind, esc(r.Value), r.Score, alerts(r.Alerts))
		if r.Alert != "" {
			text += ", alert " + esc(r.Alert[:min(len(r.Alert), 8)])
		}
		row(b, label, text)
		label = ""
	}
}

// alerts writes a number of them.
func alerts(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return term.Count(int64(n)) + " alerts"
}

// history is what was done with an alert, the first of it first.
func history(f *term.Face, b *strings.Builder, list []alert.Change) {
	wide := 0
	for i := range list {
		wide = max(wide, term.Cells(term.Escape(list[i].By)))
	}
	label := "History"
	for i := range list {
		c := &list[i]
		line := fmt.Sprintf("%-11s  %s  %s  %s", label, f.Second(c.At), padded(c.By, wide), done(c))
		if c.Note != "" {
			line += ": " + term.Escape(c.Note)
		}
		fmt.Fprintln(b, line)
		label = ""
	}
	if len(list) > 0 {
		row(b, "", fmt.Sprintf("changes %d", list[len(list)-1].Version))
	}
}

// done is what one change did.
func done(c *alert.Change) string {
	switch {
	case c.Kind == alert.Note:
		return "note"
	case c.Kind == alert.Assign && c.Assignee == "":
		return "given to nobody"
	case c.Kind == alert.Assign:
		return "given to " + term.Escape(c.Assignee)
	case c.State == alert.Closed && c.Verdict != "":
		return "closed as " + term.Escape(c.Verdict)
	case c.State == alert.Open:
		return "opened"
	}
	return term.Escape(c.State)
}

// next is what one does with an alert that one has read.
func next(a *control.AlertRow) string {
	switch {
	case a.State == alert.Open:
		return "alerts ack " + a.Short
	case a.State == alert.Acknowledged:
		return "alerts close " + a.Short + " --verdict " + alert.TruePositive
	case a.Verdict == alert.FalsePositive:
		return "alerts show " + a.Short + " --exception"
	}
	return "alerts open " + a.Short
}
