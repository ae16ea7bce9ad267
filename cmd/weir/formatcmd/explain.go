package formatcmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/app/formattools"
	"weir/internal/app/tools"
	"weir/internal/term"
	"weir/processors/parse/formatdoc"
)

// What explain prints with --json is a contract: one object a format, or with lines on stdin what parse --explain prints.

// explainSpec says what a format does, in words, or with a line.
func (c *commands) explainSpec() pages.Spec {
	return pages.Spec{
		Use: "explain DATASET", Short: "say what a format reads and fills, or what it does with a line", Args: ui.Exactly("DATASET"),
		Long:     "Without input: how its messages are recognised, its steps in words, and the fields that they fill. With lines on stdin: what each step read and wrote, as weir parse --dataset DATASET --explain shows it.",
		Examples: []string{"weir formats explain nginx.access", "tail -1 /var/log/nginx/access.log | weir formats explain nginx.access"},
		Common:   []string{"json"},
		Complete: c.completeDatasets,
		Run:      func(cmd *cobra.Command, args []string) error { return c.explain(cmd.Context(), c.shell(), args[0]) },
	}
}

// explain looks at stdin first: a format is explained in words where nothing is piped into it.
func (c *commands) explain(ctx context.Context, sh ui.Shell, name string) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	list, err := c.engine.Explain(l.Config, name)
	if err != nil {
		return err
	}
	if !sh.InTTY && sh.In != nil {
		lines := 0
		err := c.engine.View(ctx, l.Config, list[0].Format.Dataset, sh.In, func(v *tools.LineView) error {
			lines++
			return View(sh, v)
		})
		if err != nil || lines > 0 {
			return err
		}
		// An empty stdin, as of a service, is no line to be explained.
	}
	if sh.JSON {
		for _, x := range list {
			if err := sh.Line(textLine{rowOf(x.Format), x.Steps, append([]string{}, x.Known...), append([]string{}, x.Vendor...)}); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	for i, x := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		describe(&b, sh, x)
	}
	return sh.Page([]byte(b.String()))
}

// textLine is a line of `formats explain --json`.
type textLine struct {
	listLine
	Steps  []formatdoc.Step `json:"steps"`
	Fields []string         `json:"fields"`
	Vendor []string         `json:"vendor_fields"`
}

// describe writes a format in words.
func describe(b *strings.Builder, sh ui.Shell, x formattools.Text) {
	f, esc := x.Format, term.Escape
	fmt.Fprintf(b, "%s   %s\n", sh.Out.Paint(term.Bold, esc(f.Name())), esc(f.Title))
	row := func(head, text string) { fmt.Fprintf(b, "%-12s %s\n", head, esc(text)) }
	row("file", f.File)
	ways := f.Ways()
	if len(ways) == 0 {
		ways = []string{"nothing: only by a setting of the input, the inventory or --dataset"}
	}
	for i, way := range ways {
		head := "recognised"
		if i > 0 {
			head = "or"
		}
		row(head, way)
	}
	if f.Whole {
		row("message", "the whole record: it has no syslog header")
	} else {
		row("message", "what follows the syslog header, if there is one")
	}
	head := "steps"
	for _, s := range x.Steps {
		row(head, stepText(s))
		head = ""
	}
	row("fills", strings.Join(x.Known, " "))
	if len(x.Vendor) > 0 {
		row("and", strings.Join(x.Vendor, " "))
	}
	row("tests", fmt.Sprint(len(f.Tests)))
}

// stepText is one step in one line: line, kind, from what to what, and when.
func stepText(s formatdoc.Step) string {
	text := fmt.Sprintf("%4d  %s%-8s", s.Line, strings.Repeat("  ", s.Depth), s.Kind)
	if len(s.Reads) > 0 {
		text += " " + strings.Join(s.Reads, " ")
	}
	if s.What != "" {
		text += " " + s.What
	}
	if len(s.Fills) > 0 {
		text += " -> " + strings.Join(s.Fills, " ")
	}
	if s.If != "" {
		text += "   if " + s.If
	}
	return text
}

// View shows what became of one line: how it was recognised, what each step read and wrote, and the event.
func View(sh ui.Shell, v *tools.LineView) error {
	if v.Warning != nil {
		sh.Warn(v.Warning)
	}
	if sh.JSON {
		return sh.Line(show.ViewLine(v))
	}
	return sh.Write([]byte(show.View(sh.Out, v)))
}
