package formatcmd

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/term"
)

// What show prints is a file that can be used as it is: what is said about it is in comments.

// showSpec prints the file of a format, which is where one of a user's own begins.
func (c *commands) showSpec() pages.Spec {
	return pages.Spec{
		Use: "show DATASET", Short: "print the file of a format, to begin one of your own with", Args: ui.Exactly("DATASET"),
		Long: "DATASET or DATASET/id, or shared/NAME for steps that several formats include. What it prints can be put into the folder formats of the data folder: with the same dataset and id it takes the place of the shipped one, with others it stands beside it. " +
			"Shared steps and tables are found from there too and need not be copied.",
		Examples: []string{"weir formats show nginx.access", "weir formats show cisco_asa.log > weir-data/formats/asa.yaml", "weir formats show shared/suricata_http"},
		Complete: c.completeDatasets,
		Run:      func(_ *cobra.Command, args []string) error { return c.show(c.shell(), args[0]) },
	}
}

// show writes comments and then the file, line for line.
func (c *commands) show(sh ui.Shell, name string) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	s, err := c.engine.Show(l.Config, name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", term.Escape(s.File))
	if len(s.Shared) > 0 {
		fmt.Fprintf(&b, "# includes shared steps: weir formats show shared/%s\n", term.Escape(strings.Join(s.Shared, ", shared/")))
	}
	if len(s.Others) > 0 {
		fmt.Fprintf(&b, "# other formats of the dataset: %s\n", term.Escape(strings.Join(s.Others, ", ")))
	}
	// Whoever shares a format can write to the terminal of whoever looks at it.
	for line := range strings.SplitSeq(strings.TrimSuffix(string(s.Doc), "\n"), "\n") {
		b.WriteString(term.Escape(strings.TrimSuffix(line, "\r")))
		b.WriteByte('\n')
	}
	return sh.Page(b.Bytes())
}
