package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/config"
	"weir/internal/fault"
)

// Pages are written as files and never sent to a pager: `weir help COMMAND` is that. Nothing in them depends on the
// machine or the time, so that the same program always writes the same bytes.

// manSpec writes files and prints nothing: packagers call it, and the test that keeps docs/reference fresh.
// The version is the released one and not that of the build: pages of a distribution must not change with each commit.
func (c *cli) manSpec() pages.Spec {
	var markdown bool
	return pages.Spec{
		Use: "man DIR", Short: "write man pages into a folder", Group: "care",
		Examples: []string{"weir man /usr/local/share/man/man1", "weir man --markdown docs/reference"},
		Common:   []string{"markdown"}, Args: ui.Exactly("DIR"),
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&markdown, "markdown", false, "the reference of the documentation instead: commands, configuration, errors")
		},
		Complete: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		Run: func(cmd *cobra.Command, args []string) error {
			if !markdown {
				return c.writeFiles(args[0], c.tree.Man(cmd.Root(), version))
			}
			l, err := config.Load("", nil)
			if err != nil {
				return err
			}
			return c.writeFiles(args[0], c.tree.Reference(cmd.Root(), l))
		},
	}
}

// writeFiles writes generated files and says so.
// Files that are there are replaced, others in the folder are left alone.
func (c *cli) writeFiles(dir string, files map[string][]byte) error {
	// 0755 and 0644: pages are for every user of the machine, unlike anything else that weir writes.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return &fault.Error{Code: "folder-unusable", What: "the folder cannot be made", Where: dir, Why: err.Error(), Exit: fault.ExitMissing, Cause: err}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return &fault.Error{Code: "folder-unusable", What: "a file cannot be written", Where: filepath.Join(dir, name), Why: err.Error(), Exit: fault.ExitMissing, Cause: err}
		}
	}
	c.note("%s written to %s", ui.Plural(len(files), "file"), dir)
	return nil
}
