package show

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/app/tools"
	"weir/internal/term"
	"weir/rules"
)

// Rule is a rule for reading; state is one word for whether it runs, names what a Sigma rule calls its fields, by ours.
//
// It shows what runs and not what was written: a condition stands as it became, with the log source of the file worked
// in. Rows without a value are left out, so a short rule is a short page. Its faults are the caller's to show, beside
// the page and not in it.
func Rule(f *term.Face, r tools.RuleReport, state string, names map[string][]string) string {
	b := &strings.Builder{}
	esc := term.Escape
	row := func(head, text string) {
		if text != "" {
			fmt.Fprintf(b, "%-10s  %s\n", head, esc(text))
		}
	}
	x := r.Rule
	if x == nil { // a file that could not be read at all has no rule, only faults
		fmt.Fprintf(b, "%s   %s\n", state, f.Paint(term.Bold, esc(r.ID)))
		row("Rule", r.Origin+", "+r.File)
		return b.String()
	}
	level := string(x.Level)
	fmt.Fprintf(b, "%s, %s   %s\n", f.Paint(LevelStyle(level), esc(level)), state, f.Paint(term.Bold, esc(x.Title)))
	row("Rule", fmt.Sprintf("%s, %s, %s", r.ID, r.Origin, r.File))
	row("Says", x.Description)
	row("Status", x.Status)
	row("Author", x.Author)
	row("Licence", licence(x))
	row("ATT&CK", Techniques(x.Tags))
	if len(x.UsedBy) > 0 {
		row("Used by", strings.Join(x.UsedBy, ", ")+usedWords(x))
	}
	if !x.LogSource.Empty() {
		row("Events", "of "+x.LogSource.String()+" (product/category/service)")
	}
	head := "When" // stands beside the first condition only
	for _, w := range x.When {
		expr := w.Expr
		if e, ok := r.Exprs[w.Name]; ok {
			expr = e
		}
		name := w.Name
		if w.LogSource != nil {
			name += " (of " + w.LogSource.String() + ")"
		}
		fmt.Fprintf(b, "%-10s  %s: %s\n", head, esc(name), esc(expr))
		head = ""
	}
	for i, field := range slices.Sorted(maps.Keys(names)) {
		head := ""
		if i == 0 {
			head = "Fields"
		}
		fmt.Fprintf(b, "%-10s  %s is %s\n", head, esc(strings.Join(names[field], ", ")), esc(field))
	}
	for i, line := range correlateWords(x.Correlate) {
		head := ""
		if i == 0 {
			head = "Correlate"
		}
		row(head, line)
	}
	row("Folds", foldWords(x.Fold))
	row("Suppress", suppressWords(x.Suppress))
	row("Labels", labelWords(x.Labels))
	row("Alert", x.Explain)
	row("Tests", testWords(len(x.Tests)))
	for _, f := range x.FalsePositives {
		row("False", f)
	}
	for _, f := range x.References {
		row("See", f)
	}
	return b.String()
}

// licence is what a rule says of it; the rules of SigmaHQ say nothing and are under one that asks for the author's name.
func licence(x *rules.Rule) string {
	if x.License == "" && x.Sigma {
		return "not named in the file; that of SigmaHQ's rules is the Detection Rule License (DRL) 1.1"
	}
	return x.License
}

// foldWords says what becomes one alert, "" where each hit is one by itself.
// Without fields all hits of the rule are one.
func foldWords(x rules.Fold) string {
	if x.For <= 0 {
		return ""
	}
	by := ""
	if len(x.By) > 0 {
		by = " per " + strings.Join(x.By, ", ")
	}
	return "one alert" + by + " for " + term.Duration(x.For) + " after its last hit"
}

// usedWords says that a rule which is part of others raises no alerts itself.
func usedWords(x *rules.Rule) string {
	if x.Enabled {
		return ""
	}
	return "; it raises no alerts by itself"
}

// suppressWords says for how long an alert speaks for those after it.
func suppressWords(x *rules.Suppress) string {
	if x == nil {
		return ""
	}
	by := ""
	if len(x.By) > 0 {
		by = " of the same " + strings.Join(x.By, ", ")
	}
	return "alerts" + by + " for " + term.Duration(x.For) + " after one that was told"
}

// labelWords are the labels in order.
func labelWords(labels map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, k+" = "+labels[k])
	}
	return strings.Join(out, ", ")
}

// testWords counts the tests that a rule brings along; that it has none is worth a row too.
// One word for one of them.
func testWords(n int) string {
	if n == 1 {
		return "1 test"
	}
	return term.Count(int64(n)) + " tests"
}
