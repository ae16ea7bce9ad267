package pages

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weir/internal/config"
	"weir/internal/fault"
)

// made says on top of each page how it comes to be.
const made = "<!-- made by `go run ./cmd/weir man --markdown docs/reference`; do not edit -->\n\n"

// Reference makes the pages of docs/reference that stand in the code, by file name. l is the configuration of defaults.
//
// A test compares them with the files in docs, so that a change of a command is a change of its page.
func (t *Tree) Reference(root *cobra.Command, l *config.Loaded) map[string][]byte {
	return map[string][]byte{"commands.md": t.commandsPage(root), "config.md": configPage(l), "errors.md": errorsPage()}
}

// commandsPage has all commands in the order of help, with what --help says.
func (t *Tree) commandsPage(root *cobra.Command) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s# Commands\n\nFor whoever types them; look up in a minute. `weir COMMAND -h` shows the same, shorter.\n", made)
	fmt.Fprintf(&b, "\nExit codes: 0 done; 1 a check found something; 2 wrong usage or configuration; 3 a needed server or permission is missing; 130 ended by a second Ctrl-C.\n")
	for _, g := range groups {
		first := true
		for _, top := range root.Commands() {
			if top.GroupID != g.ID || top.Hidden {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\n## %s\n", g.Title)
				first = false
			}
			walk(top, func(cmd *cobra.Command) { t.commandPart(&b, cmd) })
		}
	}
	fmt.Fprintf(&b, "\n## Flags of every command\n\n")
	t.flagTable(&b, root, []string{"data", "config", "quiet", "verbose", "json", "color", "utc", "ascii", "no-pager"})
	for _, x := range Topics {
		fmt.Fprintf(&b, "\n## weir help %s\n\n```text\n%s```\n", x.Name, x.Text)
	}
	return b.Bytes()
}

// commandPart is one command.
// Flags of every command are left out here and stand once at the end.
func (t *Tree) commandPart(b *bytes.Buffer, cmd *cobra.Command) {
	s := t.specs[cmd]
	fmt.Fprintf(b, "\n### %s\n\n%s.", usageLine(cmd), strings.ToUpper(s.Short[:1])+s.Short[1:])
	if s.Long != "" {
		fmt.Fprintf(b, " %s", s.Long)
	}
	fmt.Fprintf(b, "\n\n```sh\n%s\n```\n", strings.Join(s.Examples, "\n"))
	var names []string
	for _, sec := range flagSections(cmd, s) {
		if sec[0] != "Output" && sec[0] != "Connection" {
			names = append(names, sec[1:]...)
		}
	}
	if len(names) > 0 {
		fmt.Fprintln(b)
		t.flagTable(b, cmd, names)
	}
	if s.Exits != "" {
		fmt.Fprintf(b, "\nExit codes: %s.\n", exitLine(s))
	}
}

// flagTable is a table of Markdown, without a head: the columns explain themselves.
func (t *Tree) flagTable(b *bytes.Buffer, cmd *cobra.Command, names []string) {
	fmt.Fprintf(b, "| flag | |\n|---|---|\n")
	for _, name := range names {
		f := lookup(cmd, name)
		if f == nil {
			f = cmd.PersistentFlags().Lookup(name)
		}
		if f != nil {
			head, text := flagText(f)
			fmt.Fprintf(b, "| `%s` | %s |\n", head, cell(text))
		}
	}
}

// cell makes a text safe inside a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// configPage is made from the struct tags and the defaults, as the reader of the file is.
// Its last part can be saved and used as it is.
func configPage(l *config.Loaded) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s# Configuration\n\nFor whoever runs weir; look up in a minute. One YAML file, named with `--config`; every key has a default, an unknown key is an error. ", made)
	fmt.Fprintf(&b, "`weir config check FILE` reads it without changing anything, `weir config show` prints what counts and where it came from.\n\n")
	fmt.Fprintf(&b, "Sizes are written 64 KiB, 16 MiB; time spans 90s, 10m, 1h30m, 7d; rates 3000/s, 100/m, or 0 for none. A secret may be `env:NAME` or `file:PATH` and prints as `***`. ")
	fmt.Fprintf(&b, "A variable of the environment overrides its key; lists there are separated by commas.\n\n| key | default | | variable |\n|---|---|---|---|\n")
	for _, e := range l.Entries() {
		doc := e.Doc
		if len(e.Enum) > 0 && !strings.Contains(doc, e.Enum[0]) {
			doc += ": " + strings.Join(e.Enum, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | `%s` |\n", e.Key, e.Value, cell(doc), e.Env)
	}
	fmt.Fprintf(&b, "\n## The file with its defaults\n\n```yaml\n%s```\n", l.YAML(false))
	return b.Bytes()
}

// errorsPage has a heading for each code, so that its anchor is the code.
// Anchors are kept as long as the codes are, which is for ever.
func errorsPage() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s# Errors\n\nFor whoever met one; look up in a minute. `weir explain CODE` prints the same. Exit 0 is a warning: work goes on.\n", made)
	for _, m := range fault.Meanings() {
		fmt.Fprintf(&b, "\n## %s\n\n%s. Exit code %d.\n\n- Why: %s.\n- Do: %s\n", m.Code, strings.ToUpper(m.Short[:1])+m.Short[1:], m.Exit, m.Why, m.Do)
	}
	return b.Bytes()
}
