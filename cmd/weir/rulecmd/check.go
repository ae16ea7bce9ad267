package rulecmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/term"
)

// What check prints is a contract: --json one object a rule, {"file", "id", "status": "loaded" or "refused", "reason",
// "warnings"}. check and test end with 1 when something is wrong, so that they can stand in a pipeline that publishes
// rules.

// checkFlags are the flags of check.
type checkFlags struct{ strict, watch bool }

// checkSpec works on files and needs no running weir: rules are written elsewhere and brought here.
func (c *commands) checkSpec() pages.Spec {
	var o checkFlags
	return pages.Spec{
		Use: "check [PATH...]", Short: "read rules and say what is wrong or doubtful",
		Long: "Without a path: the shipped rules and those of the data folder. A refused rule does not keep the others from running. Warnings are about rules that run: conditions that can never hold or always do, fields that nothing fills, costly regexes, rules that find nothing of their own, missing tests and tags. " +
			"Folders of Sigma rules are read as they are; the end says how many loaded, and the reasons of the others by number. -v lists the rules that are well too.",
		Examples: []string{"weir rules check", "weir rules check rules/ --watch", "weir rules check sigma/rules --json"},
		Common:   []string{"strict", "watch", "json"},
		Sections: [][]string{{"Results", "strict"}, {"When", "watch"}},
		Exits:    "1 a rule was refused, or with --strict warned of", Complete: ui.CompleteFiles,
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&o.strict, "strict", false, "a warning ends with exit code 1 too")
			f.BoolVar(&o.watch, "watch", false, "check again when a file changes")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			if o.watch {
				return c.watch(cmd.Context(), sh, args, func(context.Context) error { return c.check(sh, args, o) })
			}
			return c.check(sh, args, o)
		},
	}
}

// check prints findings in the form of compilers on stdout: they are what it is for.
// --json has one line a rule, also for a good one, so that the numbers of lines and rules are the same.
func (c *commands) check(sh ui.Shell, paths []string, o checkFlags) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	reports, err := c.engine.Check(l.Config, paths)
	if err != nil {
		return err
	}
	show := checkText
	if sh.JSON {
		show = checkJSON
	}
	if err := show(sh, reports); err != nil {
		return err
	}
	// Counted apart from what is shown: the totals are the same for people and programs, and so is the exit code.
	t := tallyOf(reports)
	if !sh.JSON {
		t.say(sh)
	}
	if t.refused > 0 || o.strict && t.warnings > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// checkJSON prints one object a rule.
func checkJSON(sh ui.Shell, reports []tools.RuleReport) error {
	for _, r := range reports {
		if err := sh.Line(checkLine(r)); err != nil {
			return err
		}
	}
	return nil
}

// checkText prints real errors before warnings, each in the order of the files; with -v what is well comes first.
func checkText(sh ui.Shell, reports []tools.RuleReport) error {
	if sh.Verbose > 0 {
		for _, r := range reports {
			if !refused(r) && len(r.Faults) == 0 {
				if err := sh.Printf("%s    %s   %s\n", sh.Out.Paint(term.Green, "ok"), term.Escape(r.File), term.Escape(r.ID)); err != nil {
					return err
				}
			}
		}
	}
	var faults fault.List
	for _, r := range reports {
		faults = append(faults, r.Faults...)
	}
	return sh.Faults(faults)
}

// tally counts what a check found. Files and rules are counted apart: one file may hold many rules.
type tally struct {
	files, rules, refused, warnings, unfilled int
	errors, doubts                            map[string]int // by code
}

// tallyOf counts reports.
func tallyOf(reports []tools.RuleReport) tally {
	t := tally{errors: map[string]int{}, doubts: map[string]int{}}
	files := map[string]bool{}
	for _, r := range reports {
		files[r.File] = true
		if refused(r) {
			t.refused++
		}
		if r.Rule != nil || refused(r) {
			t.rules++
		}
		unfilled := false
		for _, e := range r.Faults {
			if !e.Warn {
				t.errors[e.Code]++
				continue
			}
			t.warnings++
			t.doubts[e.Code]++
			unfilled = unfilled || e.Code == "rule-unproduced-field"
		}
		if unfilled {
			t.unfilled++
		}
	}
	t.files = len(files)
	return t
}

// With one rule the reasons are the findings themselves; with SigmaHQ's thousands they are what one wants to know.

// manyFindings is the number from which on the reasons are counted below the findings: fewer are counted at a glance.
const manyFindings = 10

// say writes the totals, and for a long list its reasons, the most frequent first.
func (t tally) say(sh ui.Shell) {
	loaded := fmt.Sprintf("%s loaded", term.Count(int64(t.rules-t.refused)))
	if t.unfilled > 0 {
		loaded += fmt.Sprintf(" (%s with fields that no format fills)", term.Count(int64(t.unfilled)))
	}
	sh.Note("%s: %s, %s, %s", ui.Plural(t.files, "file"), loaded, refusedWords(t.refused), ui.Plural(t.warnings, "warning"))
	if t.refused+t.warnings < manyFindings {
		return
	}
	// What a code means is said in the words of `weir explain CODE`, so that the two agree.
	short := map[string]string{}
	for _, m := range fault.Meanings() {
		short[m.Code] = m.Short
	}
	for _, part := range []struct {
		word  string
		codes map[string]int
	}{{"error", t.errors}, {"warning", t.doubts}} {
		var codes []string
		for code := range part.codes {
			codes = append(codes, code)
		}
		slices.SortFunc(codes, func(a, b string) int {
			return cmp.Or(cmp.Compare(part.codes[b], part.codes[a]), cmp.Compare(a, b))
		})
		for _, code := range codes {
			sh.Note("%9s %-8s %-22s  %s", term.Count(int64(part.codes[code])), part.word, code, short[code])
		}
	}
}

// refusedWords says that a refused rule stops no other, because that is the first question.
func refusedWords(n int) string {
	if n == 0 {
		return "0 refused"
	}
	return fmt.Sprintf("%s refused (the others run)", term.Count(int64(n)))
}

// ruleCheck is a line of `rules check --json`.
// Reason and warnings are texts for people; a program decides by status.
type ruleCheck struct {
	File     string   `json:"file"`
	ID       string   `json:"id"`
	Status   string   `json:"status"`
	Reason   string   `json:"reason"`
	Warnings []string `json:"warnings"`
}

// checkLine flattens the faults of a rule: programs get one object a rule, never one a mistake.
func checkLine(r tools.RuleReport) ruleCheck {
	out := ruleCheck{File: r.File, ID: r.ID, Status: "loaded", Warnings: []string{}}
	var reasons []string
	for _, e := range r.Faults {
		if e.Warn {
			out.Warnings = append(out.Warnings, e.Error())
		} else {
			reasons = append(reasons, e.Error())
		}
	}
	if refused(r) {
		out.Status, out.Reason = "refused", strings.Join(reasons, "; ")
	}
	return out
}
