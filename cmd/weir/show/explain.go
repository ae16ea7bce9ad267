package show

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"weir/internal/app/tools"
	"weir/internal/match"
	"weir/internal/term"
	"weir/internal/trace"
)

// Explanation says why a rule holds for an event or why not: the verdict first, then each condition with its parts, then the
// way of each value that decided, from the bytes as they were received.
func Explanation(f *term.Face, x *tools.Explanation) string {
	b := &strings.Builder{}
	esc := term.Escape
	verdict, style := "does not hold", term.Yellow
	switch {
	case !x.Tried:
		verdict = "is not tried"
	case x.Fires() && x.Rule.Correlate != nil:
		verdict, style = "takes part", term.Green
	case x.Fires():
		verdict, style = "holds", term.Green
	}
	fmt.Fprintf(b, "%s   %s\n", f.Paint(style, verdict), f.Paint(term.Bold, esc(x.Rule.Title)))
	row := func(head, text string) {
		if text != "" {
			fmt.Fprintf(b, "%-10s  %s\n", head, text)
		}
	}
	row("Rule", esc(x.Rule.ID+", "+x.Rule.File))
	row("Event", esc(x.EventID))
	row("Source", sourceLine(x))
	head := "When"
	for _, c := range x.Conditions {
		fmt.Fprintf(b, "%-10s  %s\n", head, conditionLine(f, c))
		head = ""
		for _, p := range c.Parts {
			fmt.Fprintf(b, "%-10s    %s\n", "", partLine(f, p))
		}
		for _, m := range c.Misses {
			fmt.Fprintf(b, "%-10s    %s\n", "", missLine(f, m))
		}
	}
	recordRows(f, x, row)
	for _, field := range x.Fields {
		fieldRows(f, b, x.Original, field)
	}
	return b.String()
}

// sourceLine says what the event is of and whether the rule is for that.
func sourceLine(x *tools.Explanation) string {
	of := "of no log source that is known: every rule is tried"
	if x.Source != "" {
		of = "the event is of " + term.Escape(x.Source)
	}
	if x.Rule.LogSource.Empty() {
		return of + "; the rule is for every event"
	}
	of += "; the rule is for " + term.Escape(x.Rule.LogSource.String())
	if !x.Tried {
		of += ", so live it is not tried"
	}
	return of
}

// conditionLine is a condition with its verdict, in a word and a sign.
func conditionLine(f *term.Face, c tools.ExplainedCondition) string {
	if c.Held {
		s := f.Paint(term.Green, f.Tick()) + " " + term.Escape(c.Name) + " held"
		if c.Feeds != "" {
			s += " and " + term.Escape(c.Feeds)
		}
		return s
	}
	return f.Paint(term.Red, "-") + " " + term.Escape(c.Name) + fmt.Sprintf(" did not hold: it lacks %d of %d parts", len(c.Misses), max(c.Of, len(c.Misses)))
}

// partLine is a part that held with the value that satisfied it. A part that is satisfied by a field's absence has none.
func partLine(f *term.Face, p trace.Part) string {
	expr := f.Cut(term.Escape(p.Expr), cutOf(f))
	if p.Value == "" && p.Literal == "" {
		return expr
	}
	s := expr + "   " + term.Escape(p.Field) + " = " + f.Cut(term.Escape(quoted(p.Value)), cutOf(f))
	if p.Literal != "" && p.Literal != p.Value {
		s += ", hit by " + f.Cut(term.Escape(quoted(p.Literal)), cutOf(f))
	}
	return s
}

// missLine is a part that would have had to hold, with what the event has instead.
func missLine(f *term.Face, m match.Miss) string {
	var s strings.Builder
	s.WriteString("needs " + f.Cut(term.Escape(m.Expr), cutOf(f)))
	for _, v := range m.Values {
		value := "not there"
		if v.Has {
			value = f.Cut(term.Escape(quoted(v.Value)), cutOf(f))
		}
		s.WriteString("   " + term.Escape(v.Field) + " is " + value)
	}
	return s.String()
}

// cutOf bounds one text of a line on a terminal: a command line may be a megabyte. A pipe gets all of it.
func cutOf(f *term.Face) int {
	if !f.TTY {
		return 1 << 30
	}
	return max(f.Width-30, 40)
}

// quoted puts a value into quotes, so that blanks at its ends are seen.
func quoted(s string) string { return `"` + s + `"` }

// recordRows say where the event came from.
func recordRows(f *term.Face, x *tools.Explanation, row func(head, text string)) {
	esc := term.Escape
	r := x.Record
	var parts []string
	add := func(what, text string) {
		if text != "" {
			parts = append(parts, what+esc(text))
		}
	}
	add("", r.Position)
	add("from ", r.Peer)
	add("by ", strings.TrimSpace(r.Input+" "+r.Transport))
	if !r.Received.IsZero() {
		parts = append(parts, "received "+f.Second(r.Received))
	}
	row("Record", strings.Join(parts, ", "))
	if r.Dataset != "" {
		text := "as " + esc(r.Dataset)
		if len(r.Errors) > 0 {
			text += "; not read: " + esc(strings.Join(r.Errors, "; "))
		}
		row("Parsed", text)
	}
}

// around is how many bytes of the original are shown before a value.
const around = 24

// fieldRows show the way of one value: the field, Sigma's names for it, and the bytes with a caret below them.
func fieldRows(f *term.Face, b *strings.Builder, original string, x tools.FieldOf) {
	esc := term.Escape
	name := f.Paint(term.Bold, esc(x.Field))
	if len(x.Sigma) > 0 {
		name += " (in the rule " + esc(strings.Join(x.Sigma, ", ")) + ")"
	}
	if x.From < 0 {
		why := "does not stand in the record as it is: the parser worked it out, or the inventory told it"
		if original == "" {
			why = "the record is not kept with the event"
		}
		fmt.Fprintf(b, "%s  %s\n            %s\n", name, f.Cut(esc(quoted(x.Value)), cutOf(f)), why)
		return
	}
	fmt.Fprintf(b, "%s  bytes %d to %d of the record\n", name, x.From, x.To)
	excerpt(f, b, original, x)
}

// excerpt shows the record around a hit: ^ below the bytes that a literal of the rule was found in, ~ below the others of
// the value. Below what is escaped stand as many signs as it takes cells.
func excerpt(f *term.Face, b *strings.Builder, original string, x tools.FieldOf) {
	esc := term.Escape
	from := max(0, x.HitFrom-around)
	for from > 0 && (from <= 3 || !utf8.RuneStart(original[from])) {
		from--
	}
	lead := ""
	if from > 0 {
		lead = "..."
	}
	// The four stretches of the line: before the value, of it before the hit, the hit, of it after the hit.
	start := max(from, x.From)
	before, head, hit, tail := lead+esc(original[from:start]), esc(original[start:x.HitFrom]), esc(original[x.HitFrom:x.HitTo]), esc(original[x.HitTo:x.To])
	room := max(cutOf(f)-term.Cells(before)-term.Cells(head), 20)
	hit = f.Cut(hit, room)
	tail = f.Cut(tail, max(room-term.Cells(hit), 0))
	line := before + head + hit + tail
	after := esc(original[x.To:])
	if f.TTY {
		after = f.Cut(after, max(f.Width-4-term.Cells(line), 0))
	}
	signs := strings.Repeat("~", term.Cells(head)) + strings.Repeat("^", max(term.Cells(hit), 1)) + strings.Repeat("~", term.Cells(tail))
	fmt.Fprintf(b, "    %s\n    %s%s\n", line+after, strings.Repeat(" ", term.Cells(before)), f.Paint(term.Green, signs))
}
