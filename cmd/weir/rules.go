package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/term"
)

// What rules prints is a contract: check --json one object a rule, {"file", "id", "status": "loaded" or "refused",
// "reason", "warnings"}; test --json one object a test; list --json one object a rule that could run here. check and
// test end with 1 when something is wrong, so that they can stand in a pipeline that publishes rules.

// rulesSpec works on files and needs no running weir: rules are written elsewhere and brought here.
// --config still counts where no path is given: it names the folder.
func (c *cli) rulesSpec() pages.Spec {
	return pages.Spec{
		Use: "rules", Short: "check, test and show detection rules", Group: "rules",
		Examples: []string{"weir rules list", "weir rules check rules/", "weir rules test rules/"},
		Sub: []pages.Spec{
			{
				Use: "check [PATH...]", Short: "read rules and say what is wrong",
				Long:     "Without a path: the shipped rules and those of the data folder. A refused rule does not keep the others from running.",
				Examples: []string{"weir rules check", "weir rules check rules/", "weir rules check rules/vpn.yaml --json"},
				Exits:    "1 a rule was refused", Complete: completeFiles,
				Run: func(_ *cobra.Command, args []string) error { return c.rulesCheck(args) },
			},
			{
				Use: "test [PATH...]", Short: "run the tests that rules bring along",
				Long:     "Events go through the code that runs live: parse, match, correlate.",
				Examples: []string{"weir rules test", "weir rules test rules/", "weir rules test rules/vpn.yaml --json"},
				Exits:    "1 a test failed or a rule was refused", Complete: completeFiles,
				Run: func(cmd *cobra.Command, args []string) error { return c.rulesTest(cmd, args) },
			},
			{
				Use: "list", Short: "list the rules that run", Args: atMost(0),
				Examples: []string{"weir rules list", "weir rules list --json"},
				Run:      func(*cobra.Command, []string) error { return c.rulesList() },
			},
			{
				Use: "show ID", Short: "show a rule and what its conditions became", Args: exactly("ID"),
				Examples: []string{"weir rules show ssh-brute-force", "weir rules show ssh-brute-force --json"},
				Complete: c.completeRules,
				Run:      func(_ *cobra.Command, args []string) error { return c.rulesShow(args[0]) },
			},
		},
	}
}

// ruleReports reads the rules of the paths, or those that run.
// With paths the configuration is not read: rules are checked on machines where no weir will ever run.
func (c *cli) ruleReports(paths []string) ([]tools.RuleReport, error) {
	if len(paths) > 0 {
		return c.engine.checkRules(paths)
	}
	l, err := c.load()
	if err != nil {
		return nil, err
	}
	return c.engine.rules(l.Config)
}

// refused tells whether a rule does not run.
func refused(r tools.RuleReport) bool {
	return r.Rule == nil || slices.ContainsFunc(r.Faults, func(e *fault.Error) bool { return !e.Warn })
}

// rulesCheck prints findings in the form of compilers on stdout: they are what it is for.
// --json has one line a rule, also for a good one, so that the numbers of lines and rules are the same.
func (c *cli) rulesCheck(paths []string) error {
	reports, err := c.ruleReports(paths)
	if err != nil {
		return err
	}
	// Files and rules are counted apart: one file may hold many rules.
	bad, warnings := 0, 0
	files := map[string]bool{}
	for _, r := range reports {
		files[r.File] = true
		if refused(r) {
			bad++
		}
		for _, e := range r.Faults {
			if e.Warn {
				warnings++
			}
		}
		if c.json {
			if err := c.line(checkLine(r)); err != nil {
				return err
			}
		}
	}
	if !c.json {
		// Real errors before warnings, each in the order of the files.
		for _, warn := range []bool{false, true} {
			for _, r := range reports {
				for _, e := range r.Faults {
					if e.Warn != warn {
						continue
					}
					if err := c.out.FaultLine(e); err != nil {
						return err
					}
				}
			}
		}
		c.note("%s: %d loaded, %s, %s", plural(len(files), "file"), len(reports)-bad, refusedWords(bad), plural(warnings, "warning"))
	}
	if bad > 0 {
		return found{fault.ExitFound}
	}
	return nil
}

// refusedWords says that a refused rule stops no other, because that is the first question.
func refusedWords(n int) string {
	if n == 0 {
		return "0 refused"
	}
	return fmt.Sprintf("%d refused (the others run)", n)
}

// plural writes a count with its noun.
// It knows the nouns of this program and no others.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		noun += "e"
	}
	return term.Count(int64(n)) + " " + noun + "s"
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
