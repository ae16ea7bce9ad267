package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/internal/term"
)

// The texts are those of internal/fault, of which docs/reference/errors.md is made as well.

// explainSpec is the manual of one error, for whoever has only the code: from a log, a ticket, a script.
// It needs no weir and no configuration, and so always works.
func (c *cli) explainSpec() pages.Spec {
	return pages.Spec{
		Use: "explain [CODE]", Short: "explain the code of an error", Group: "care",
		Examples: []string{"weir explain port-in-use", "weir explain config-unknown-key --json", "weir explain"},
		Args:     ui.AtMost(1),
		Complete: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, m := range fault.Meanings() {
				codes = append(codes, m.Code+"\t"+m.Short)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		Run: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.explainAll()
			}
			return c.explain(args[0])
		},
	}
}

// explainAll lists the codes, so that grep finds one by its words.
// A pipe gets code, exit code and sentence; what to do is one call away.
func (c *cli) explainAll() error {
	t := term.NewTable(c.out, term.Column{Head: "CODE"}, term.Column{Head: "EXIT", Right: true}, term.Column{Head: "WHAT", Cut: true})
	for _, m := range fault.Meanings() {
		if c.json {
			if err := c.line(m); err != nil {
				return err
			}
			continue
		}
		t.Row(m.Code, fmt.Sprint(m.Exit), m.Short)
	}
	return t.Flush()
}

// explain prints one code.
// The last line says how a script sees the error.
func (c *cli) explain(code string) error {
	// Gathered on the way, for the message about one that is misspelt.
	var codes []string
	for _, m := range fault.Meanings() {
		if m.Code == code {
			if c.json {
				return c.line(m)
			}
			exit := fmt.Sprintf("ends a command with exit code %d", m.Exit)
			if m.Exit == 0 {
				exit = "a warning: work goes on"
			}
			return c.printf("%s: %s\n\n  why    %s\n  do     %s\n  exit   %s\n", c.out.Paint(term.Bold, m.Code), m.Short, m.Why, m.Do, exit)
		}
		codes = append(codes, m.Code)
	}
	do := "all codes: " + c.name + " explain"
	if near := nearest.Name(code, codes); near != "" {
		do = "did you mean `" + near + "`?"
	}
	return ui.Usage(fmt.Sprintf("there is no error with the code `%s`", code), do)
}
