package main

import (
	"bytes"
	"fmt"
	"strings"

	"weir/cmd/weir/show"
	"weir/internal/app"
	"weir/internal/term"
	"weir/rules"
)

// rulePage is a rule for reading.
func (c *cli) rulePage(b *bytes.Buffer, r app.RuleReport) {
	esc := term.Escape
	row := func(head, text string) {
		if text != "" {
			fmt.Fprintf(b, "%-10s  %s\n", head, esc(text))
		}
	}
	state := listLine(r)
	fmt.Fprintf(b, "%s, %s   %s\n", c.out.Paint(show.LevelStyle(state.Level), esc(state.Level)), state.State, c.out.Paint(term.Bold, esc(state.Title)))
	row("Rule", fmt.Sprintf("%s, %s, %s", r.ID, r.Origin, r.File))
	x := r.Rule
	if x == nil {
		for _, e := range r.Faults {
			_ = c.msg.FaultLine(e) // beside the page, as warnings are
		}
		return
	}
	row("Says", x.Description)
	row("Status", x.Status)
	row("Author", x.Author)
	row("ATT&CK", show.Techniques(x.Tags))
	head := "When"
	for _, w := range x.When {
		expr := w.Expr
		if e, ok := r.Exprs[w.Name]; ok {
			expr = e
		}
		fmt.Fprintf(b, "%-10s  %s: %s\n", head, esc(w.Name), esc(expr))
		head = ""
	}
	row("Correlate", correlateWords(x.Correlate))
	if x.Fold.For > 0 {
		by := ""
		if len(x.Fold.By) > 0 {
			by = " per " + strings.Join(x.Fold.By, ", ")
		}
		row("Folds", "one alert"+by+" for "+term.Duration(x.Fold.For)+" after its last hit")
	}
	row("Alert", x.Explain)
	row("Tests", plural(len(x.Tests), "test"))
	for _, f := range x.FalsePositives {
		row("False", f)
	}
	for _, f := range x.References {
		row("See", f)
	}
	for _, e := range r.Faults {
		_ = c.msg.FaultLine(e) // beside the page, as warnings are
	}
}

// correlateWords says a correlation as a sentence.
func correlateWords(x *rules.Correlate) string {
	if x == nil {
		return ""
	}
	var steps []string
	for _, s := range x.Steps {
		steps = append(steps, fmt.Sprintf("%s %s", s.When, show.Times(s.AtLeast)))
	}
	sep := ", "
	if x.Kind == rules.Sequence {
		sep = ", then "
	}
	out := strings.Join(steps, sep)
	if len(x.By) > 0 {
		out += "; per " + strings.Join(x.By, ", ")
	}
	return out + "; within " + term.Duration(x.Within)
}
