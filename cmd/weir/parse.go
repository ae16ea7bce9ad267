package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/formatcmd"
	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/fault"
	"weir/internal/term"
)

// parse and detect are filters: they read stdin, write stdout, store nothing and open no port. Started without a pipe
// they show their help, since a program that waits for the keyboard looks as if it hung.

// parseSpec is how a format is tried: what goes in is a line, what comes out is what would be stored. What it prints is
// what live would store but for the times of receipt, so the output can be kept as the expected one of a test.
func (c *cli) parseSpec() pages.Spec {
	var dataset string
	explain := false
	return pages.Spec{
		Use: "parse", Short: "turn raw lines on stdin into ECS JSON on stdout", Group: "rules",
		Long: "Uses the code, the formats and the configuration of live, stores nothing. One document a line; the logged time counts, however old. " +
			"--explain shows the way into it in place of the document alone: how the line was recognised, and what each step of its format read (<) and wrote (>).",
		Examples: []string{
			"weir parse < /var/log/auth.log",
			"weir parse --dataset cisco_asa.log < firewall.log | weir detect --rules rules/",
			"head -1 firewall.log | weir parse --explain",
		},
		Common: []string{"dataset", "explain"}, Args: ui.AtMost(0),
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&dataset, "dataset", "", "`name` of the dataset (default: recognised by each line)")
			f.BoolVar(&explain, "explain", false, "show how each line is recognised, and what each step reads and writes")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			if c.inTTY {
				return c.needsPipe(cmd)
			}
			l, err := c.load()
			if err != nil {
				return err
			}
			if explain {
				sh := c.shell()
				return c.engine.formats.View(cmd.Context(), l.Config, dataset, c.in, func(v *tools.LineView) error { return formatcmd.View(sh, v) })
			}
			return c.withProgress(c.in, func(r io.Reader) error {
				return c.engine.parse(cmd.Context(), l.Config, dataset, r, c.world.out, c.warnOne())
			})
		},
	}
}

// needsPipe answers a person who started a filter without a file: the short help, never a program that seems to hang.
func (c *cli) needsPipe(cmd *cobra.Command) error {
	if err := c.help(cmd); err != nil {
		return err
	}
	return ui.Found{Code: fault.ExitUsage}
}

// withProgress shows how far a file on stdin is read; a pipe has no end that is known, and no bar.
// The bar goes to stderr, and only where stdout goes elsewhere: on one terminal the two would mix.
func (c *cli) withProgress(in io.Reader, f func(io.Reader) error) error {
	// Only a regular file has a size; of a pipe nobody knows how much is left.
	file, ok := in.(*os.File)
	if !ok || c.quiet || c.out.TTY {
		return f(in)
	}
	fi, err := file.Stat()
	if err != nil || !fi.Mode().IsRegular() || fi.Size() == 0 {
		return f(in)
	}
	p := c.msg.NewProgress(float64(fi.Size()), "bytes")
	defer p.Done()
	return f(&counted{r: in, p: p})
}

// counted reports what was read.
// It belongs to the goroutine that reads, as the bar does.
type counted struct {
	r    io.Reader
	p    *term.Progress
	done int64
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.done += int64(n)
	c.p.At(float64(c.done), "")
	return n, err //nolint:wrapcheck // io.Reader hands on io.EOF as it is
}
