package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/probe"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
)

// Each finding has a state (ok, warn, fail, skip), a name, a sentence, and what to do about it as one command. --json
// prints them all, one a line. The exit code is 3 when something failed: a warning costs quality, a failure keeps weir
// from running.

// doctorSpec differs from config check in that it tries: it binds ports and asks the kernel, for a moment each.
// It may run beside a weir at work: what that one has is no fault.
func (c *cli) doctorSpec() pages.Spec {
	return pages.Spec{
		Use: "doctor", Short: "try whether this machine has what weir needs", Group: "care",
		Long:     "Reads the configuration, then tries: data folder, disk, ports, kernel buffers, clock zone, GeoIP databases. Nothing is changed.",
		Examples: []string{"weir doctor", "weir doctor --config weir.yaml -v", "weir doctor --json"},
		Exits:    "3 something is missing", Args: ui.AtMost(0),
		Run: func(cmd *cobra.Command, _ []string) error {
			l, err := c.load()
			if err != nil {
				return err
			}
			return c.showFindings(probe.All(l.Config, c.runningStatus(cmd.Context(), l.Config.Data), c.now()))
		},
	}
}

// runningStatus asks the weir of the folder, if one runs.
// No answer is no fault here: doctor is called most often because nothing runs.
func (c *cli) runningStatus(ctx context.Context, dir string) *control.Status {
	client, err := control.Dial(dir)
	if err != nil {
		return nil
	}
	defer client.Close()
	st, err := client.Status(ctx)
	if err != nil {
		return nil
	}
	return &st
}

// showFindings prints the verdicts, what needs action with its command, totals last.
// What is not needed is counted and left out: somebody in trouble reads every line.
func (c *cli) showFindings(list []probe.Finding) error {
	count := map[string]int{}
	wide := 0
	for _, f := range list {
		count[f.State]++
		wide = max(wide, len(f.Name))
	}
	for _, f := range list {
		if c.json {
			if err := c.line(f); err != nil {
				return err
			}
			continue
		}
		if f.State == probe.Skip && c.verbose == 0 {
			continue
		}
		style := map[string]term.Style{probe.OK: term.Green, probe.Warn: term.Yellow, probe.Fail: term.Red}[f.State]
		if err := c.printf("%s  %-*s  %s\n", c.out.Paint(style, fmt.Sprintf("%-4s", f.State)), wide, f.Name, term.Escape(f.Text)); err != nil {
			return err
		}
		if f.Do != "" {
			if err := c.printf("      %-*s  do  %s\n", wide, "", term.Escape(f.Do)); err != nil {
				return err
			}
		}
	}
	if !c.json {
		parts := []string{fmt.Sprintf("%d ok, %s, %d failed", count[probe.OK], ui.Plural(count[probe.Warn], "warning"), count[probe.Fail])}
		if n := count[probe.Skip]; n > 0 && c.verbose == 0 {
			parts = append(parts, fmt.Sprintf("%d not needed by this configuration (-v shows them)", n))
		}
		c.note("%s", strings.Join(parts, "; "))
	}
	// Warnings alone end with 0: weir runs.
	if count[probe.Fail] > 0 {
		return ui.Found{Code: fault.ExitMissing}
	}
	return nil
}
