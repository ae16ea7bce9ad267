package main

import (
	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/internal/term"
)

// The commands of config never touch a running weir. check --json prints findings as the errors of every command look,
// but on stdout; show --json one object a key, {"key", "value", "origin"}, secrets masked.

// configSpec is for before a change: check says what is wrong, show what would count.
// A secret is never shown, neither by show nor in the message about a value that cannot be.
func (c *cli) configSpec() pages.Spec {
	return pages.Spec{
		Use: "config", Short: "check and show the configuration", Group: "care",
		Examples: []string{"weir config check weir.yaml", "weir config show", "weir config schema"},
		Sub: []pages.Spec{
			{
				Use: "check [FILE]", Short: "read the file and say everything that is wrong with it",
				Long:     "Reads files only: no port is opened, no server asked (weir doctor does that). A running weir is not changed.",
				Examples: []string{"weir config check weir.yaml", "weir config check weir.yaml --json"},
				Args:     ui.AtMost(1), Complete: ui.CompleteFiles,
				Run: func(_ *cobra.Command, args []string) error { return c.configCheck(args) },
			},
			{
				Use: "show", Short: "print every key with its value and where that came from", Args: ui.AtMost(0),
				Examples: []string{"weir config show", "weir config show --config weir.yaml", "weir config show --json"},
				Env:      "WEIR_SECTION_KEY overrides a key: WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:5515",
				Run:      func(*cobra.Command, []string) error { return c.configShow() },
			},
			{
				Use: "schema", Short: "print the JSON Schema of the file", Args: ui.AtMost(0),
				Examples: []string{"weir config schema > weir.schema.json"},
				Run: func(*cobra.Command, []string) error {
					s, err := config.Schema()
					if err != nil {
						return err
					}
					return c.write(s)
				},
			},
		},
	}
}

// configCheck prints findings on stdout, because they are what the command is for, and in the form of compilers,
// because editors jump to them. Exit 2 says that the file is wrong, as every command that reads it would. Files that
// the configuration names are looked at only once it can be read: before that their names are guesses.
func (c *cli) configCheck(args []string) error {
	if len(args) == 1 {
		c.configPath = args[0]
	}
	l, err := c.load()
	// A file that cannot be read has its list in the error; one that can has the files that it names still to be looked
	// at.
	found1 := term.Faults(err)
	if err == nil {
		found1 = l.CheckFiles()
	}
	if len(found1) == 0 {
		name := "the configuration"
		if c.configPath != "" {
			name = c.configPath
		}
		if c.json {
			return c.line(map[string]any{"ok": true, "file": c.configPath})
		}
		return c.printf("ok: %s\n", term.Escape(name))
	}
	if c.json {
		// A check's findings are its data; what other commands say on stderr goes to stdout here.
		if err := c.write([]byte(term.FaultJSON(found1))); err != nil {
			return err
		}
		return ui.Found{Code: fault.ExitUsage}
	}
	for _, e := range found1 {
		if err := c.out.FaultLine(e); err != nil {
			return err
		}
	}
	c.note("%s. A running weir keeps its present configuration", ui.Plural(len(found1), "error"))
	return ui.Found{Code: fault.ExitUsage}
}

// configShow prints a file that can be used as it is.
// Origins are comments, so the output can be saved and used; --json has them as values.
func (c *cli) configShow() error {
	l, err := c.load()
	if err != nil {
		return err
	}
	if c.json {
		for _, e := range l.Entries() {
			if err := c.line(e); err != nil {
				return err
			}
		}
		return nil
	}
	return c.printf("%s", l.YAML(true))
}
