package formatcmd

import (
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/term"
	"weir/processors/parse/format"
	"weir/processors/parse/formatdoc"
)

// What list prints with --json is a contract: one object a format, keys only get added.

// listSpec lists what can be read here.
func (c *commands) listSpec() pages.Spec {
	return pages.Spec{
		Use: "list [WORD]", Short: "list the formats, and how messages of each are recognised", Args: ui.AtMost(1),
		Long:     "A format of the folder formats in the data folder takes the place of a shipped one with the same dataset and id. With a word only those that have it in their dataset or title.",
		Examples: []string{"weir formats list", "weir formats list cisco", "weir formats list --json"},
		Common:   []string{"json"},
		Run:      func(_ *cobra.Command, args []string) error { return c.list(c.shell(), strings.Join(args, "")) },
	}
}

// listLine is a line of `formats list --json`.
type listLine struct {
	Dataset    string   `json:"dataset"`
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	From       string   `json:"from"` // shipped or yours
	File       string   `json:"file"`
	Tests      int      `json:"tests"`
	Recognised []string `json:"recognised"`
}

// list shows a row for each format.
func (c *commands) list(sh ui.Shell, word string) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	all, faults := c.engine.List(l.Config)
	t := term.NewTable(sh.Out, term.Column{Head: "DATASET"}, term.Column{Head: "FROM"}, term.Column{Head: "TESTS", Right: true}, term.Column{Head: "TITLE", Cut: true}, term.Column{Head: "RECOGNISED BY", Cut: true})
	shown, yours := 0, 0
	for _, f := range all {
		if word = strings.ToLower(word); !strings.Contains(strings.ToLower(f.Name()+" "+f.Title), word) {
			continue
		}
		row := rowOf(f)
		shown++
		if row.From == "yours" {
			yours++
		}
		if sh.JSON {
			if err := sh.Line(row); err != nil {
				return err
			}
			continue
		}
		by := strings.Join(row.Recognised, ", or ")
		if by == "" {
			by = "-"
		}
		t.Row(f.Name(), row.From, sh.Out.Num(int64(row.Tests)), row.Title, by)
	}
	if sh.JSON {
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	broken := ""
	if len(faults) > 0 {
		broken = "; files with mistakes were left out: " + sh.Cmdline("formats check")
	}
	sh.Note("%s, %d of them yours%s. Next: %s", ui.Plural(shown, "format"), yours, broken, sh.Cmdline("formats explain DATASET"))
	return nil
}

// rowOf is the row of a format, for the table and for --json alike.
func rowOf(f *format.Format) listLine {
	row := listLine{Dataset: f.Dataset, ID: f.ID, Title: f.Title, From: "yours", File: f.File, Tests: len(f.Tests), Recognised: append([]string{}, f.Ways()...)}
	if f.Shipped {
		row.From = "shipped"
	}
	return row
}

// schemaSpec is for editors: what they complete and underline is what the loader takes.
func (c *commands) schemaSpec() pages.Spec {
	return pages.Spec{
		Use: "schema", Short: "print the JSON Schema of format files", Args: ui.AtMost(0),
		Long:     "Editors complete and check by it: with yaml-language-server, write `# yaml-language-server: $schema=weir-formats.schema.json` into the first line of a format file, or set yaml.schemas for the folder; docs/formats.md has both. check says more, since it reads the expressions and knows the fields.",
		Examples: []string{"weir formats schema > weir-formats.schema.json"},
		Run:      func(*cobra.Command, []string) error { return c.shell().Write(formatdoc.Schema()) },
	}
}
