package show

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/term"
	"weir/rules"
)

// LevelStyle is the colour of a level.
func LevelStyle(level string) term.Style {
	switch rules.Level(level) {
	case rules.High, rules.Critical:
		return term.Red
	case rules.Medium:
		return term.Yellow
	}
	return term.Plain
}

// The page answers why before anything else: which values the group has, how much of the window was used, what each
// condition needed and found, then the events themselves, then what to type next.

// Alert is an alert for reading: what, why, the events, what people said of it, what next. cmdline makes a command that can be
// pasted of its words.
//
// The page is made whole and handed to the pager by the caller. cmdline is given, since this package knows neither the
// name of the program nor its data folder.
func Alert(f *term.Face, d control.AlertDetail, cmdline func(rest string) string) string {
	b := &strings.Builder{}
	esc := term.Escape
	fmt.Fprintf(b, "%s, %s   %s\n", f.Paint(LevelStyle(d.Level), esc(d.Level)), esc(State(&d.Row)), f.Paint(term.Bold, esc(d.What)))
	head := []string{fmt.Sprintf("rule %s v%d", esc(d.Rule), d.Version), "first " + f.Second(d.First), "last " + f.Second(d.Last), Times(d.Count)}
	if t := Techniques(d.Tags); t != "" {
		head = append(head, "ATT&CK "+esc(t))
	}
	fmt.Fprintf(b, "%s\n", strings.Join(head, "   "))
	row(b, "Why", why(&d))
	wide := 0
	for _, x := range d.Conditions {
		wide = max(wide, term.Cells(esc(x.Name)))
	}
	for _, x := range d.Conditions {
		needs := fmt.Sprintf("%s, needs %s", term.Count(int64(x.Matched)), term.Count(int64(x.Needed)))
		fmt.Fprintf(b, "  %s %s   %-13s  %s\n", f.Paint(term.Green, f.Tick()), padded(x.Name, wide), needs, esc(x.Expr))
	}
	label := "Evidence"
	for _, e := range d.Evidence {
		line := fmt.Sprintf("%-11s  %s  %s  %s", label, f.Clock(e.Time), padded(e.When, wide), esc(evidenceText(d, e)))
		if f.TTY {
			line = f.Cut(line, f.Width)
		}
		fmt.Fprintln(b, line)
		label = ""
	}
	heldRows(f, b, d, wide)
	beside(f, b, &d)
	history(f, b, d.History)
	if d.Author != "" {
		row(b, "Author", esc(d.Author))
	}
	row(b, "Next", strings.Join([]string{cmdline(next(&d.Row)), cmdline("search " + term.ShellWord(aroundQuery(d))), "--json"}, "      "))
	return b.String()
}

// row writes a line of the page.
func row(b *strings.Builder, label, text string) { fmt.Fprintf(b, "%-11s  %s\n", label, text) }

// why is the group, and how much of the window it took.
func why(d *control.AlertDetail) string {
	var group []string
	for _, k := range slices.Sorted(maps.Keys(d.Group)) {
		group = append(group, term.Escape(k)+" = "+term.Escape(d.Group[k]))
	}
	if d.Within > 0 {
		group = append(group, term.Duration(windowUsed(*d))+" of "+term.Duration(d.Within)+" used")
	}
	if len(group) == 0 {
		return "one event is enough"
	}
	return strings.Join(group, ", ")
}

// heldRows say by what each condition was satisfied, for the first event of each: field, value, which literal of the rule
// it is, and where it stands in the record. Conditions that hold because something is absent have no value.
func heldRows(f *term.Face, b *strings.Builder, d control.AlertDetail, wide int) {
	label := "Held by"
	for _, h := range d.Held {
		for _, p := range h.Parts {
			text := term.Escape(p.Expr)
			if p.Value != "" {
				text = term.Escape(p.Field + " = " + quoted(p.Value))
				if p.Literal != "" && p.Literal != p.Value {
					text += ", which has " + term.Escape(quoted(p.Literal))
				}
				if p.From >= 0 {
					text += fmt.Sprintf(", bytes %d to %d of the record", p.From, p.To)
				}
			}
			line := fmt.Sprintf("%-11s  %s  %s", label, padded(h.When, wide), text)
			if f.TTY {
				line = f.Cut(line, f.Width)
			}
			fmt.Fprintln(b, line)
			label = ""
		}
	}
}

// padded escapes a name and fills it up to a number of cells: %-*s would count characters, of which a Korean one is two
// cells wide.
func padded(name string, cells int) string {
	name = term.Escape(name)
	return name + strings.Repeat(" ", max(0, cells-term.Cells(name)))
}

// Times says how often.
func Times(n int) string {
	if n == 1 {
		return "once"
	}
	return term.Count(int64(n)) + " times"
}

// windowUsed is how much of the rule's window the evidence covers.
// The evidence is bounded, but its first and last events are always kept, so their span is that of all.
func windowUsed(d control.AlertDetail) time.Duration {
	if len(d.Evidence) == 0 {
		return d.Last.Sub(d.First)
	}
	first, last := d.Evidence[0].Time, d.Evidence[0].Time
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

// evidenceText is what an event of the evidence says: its message if the event is found, else the values kept.
// An event that has left the archive still has the values that the alert kept of it.
func evidenceText(d control.AlertDetail, e alert.Evidence) string {
	if raw, ok := d.Events[e.EventID]; ok {
		if x, err := Parse(raw); err == nil && x.Message() != "" {
			return x.Message()
		}
	}
	if m := e.Values["message"]; m != "" {
		return m
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(e.Values)) {
		parts = append(parts, k+"="+e.Values[k])
	}
	return strings.Join(parts, " ")
}

// aroundQuery finds the events of the alert's group.
// It names the group and no time: what happened before and after is what one looks for.
func aroundQuery(d control.AlertDetail) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(d.Group)) {
		parts = append(parts, k+": "+kqlValue(d.Group[k]))
	}
	if len(parts) == 0 {
		if len(d.Evidence) > 0 {
			return "event.id: " + kqlValue(d.Evidence[0].EventID)
		}
		return "*"
	}
	return strings.Join(parts, " and ")
}

// kqlValue quotes a value that KQL would read as more than one word, or as a word of its own: a user may be called and.
// A test parses what comes out and looks whether it finds what went in.
func kqlValue(s string) string {
	keyword := slices.Contains([]string{"and", "or", "not"}, strings.ToLower(s))
	if s != "" && !keyword && !strings.ContainsAny(s, ":()<>\"*{}\\") && !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Techniques are the ATT&CK ids among the tags.
// Tactics and software are left to the tags: the line has room for what the rule is about.
func Techniques(tags []string) string {
	var out []string
	for _, t := range tags {
		if id, ok := strings.CutPrefix(t, "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			out = append(out, "T"+id)
		}
	}
	return strings.Join(out, ", ")
}
