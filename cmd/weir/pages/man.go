package pages

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// walk visits a command and those below it, the hidden ones not.
// Groups come before what is in them.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			walk(sub, visit)
		}
	}
}

// Man makes the man pages, one a command, by file name.
//
// There is no date in them: the same program gives the same bytes, so packages can be built twice and compared.
func (t *Tree) Man(root *cobra.Command, version string) map[string][]byte {
	out := map[string][]byte{}
	walk(root, func(cmd *cobra.Command) {
		s := t.specs[cmd]
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		var b bytes.Buffer
		short := "receive logs, detect, keep and find"
		if s != nil {
			short = s.Short
		}
		fmt.Fprintf(&b, ".TH %s 1 \"\" \"weir %s\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(roff(name)), version, roff(name), roff(short))
		if s == nil {
			fmt.Fprintf(&b, ".SH SYNOPSIS\nweir COMMAND\n")
		} else {
			fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", roff(usageLine(cmd)))
			if s.Long != "" {
				fmt.Fprintf(&b, ".SH DESCRIPTION\n%s\n", roff(s.Long))
			}
		}
		if cmd.HasSubCommands() {
			fmt.Fprintf(&b, ".SH COMMANDS\n")
		}
		for _, sub := range cmd.Commands() {
			if !sub.Hidden && sub.Name() != "help" {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s; see weir%s(1)\n", roff(sub.CommandPath()), roff(sub.Short), roff("-"+strings.ReplaceAll(strings.TrimPrefix(sub.CommandPath(), "weir "), " ", "-")))
			}
		}
		if s != nil {
			manRest(&b, cmd, s)
		}
		out[name+".1"] = b.Bytes()
	})
	return out
}

// manRest is flags, examples and exit codes of a page.
// The sections are those of --help, so that whoever knows the one finds their way in the other.
func manRest(b *bytes.Buffer, cmd *cobra.Command, s *Spec) {
	for _, sec := range flagSections(cmd, s) {
		fmt.Fprintf(b, ".SH %s\n", strings.ToUpper(sec[0]))
		for _, name := range sec[1:] {
			if f := lookup(cmd, name); f != nil {
				head, text := flagText(f)
				fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(head), roff(text))
			}
		}
	}
	fmt.Fprintf(b, ".SH EXAMPLES\n.nf\n")
	for _, e := range s.Examples {
		fmt.Fprintf(b, "%s\n", roff(e))
	}
	fmt.Fprintf(b, ".fi\n.SH EXIT CODES\n%s\n", roff(exitLine(s)))
}

// roff takes the meaning from characters that troff would read as its own.
// A hyphen is escaped too, or troff would set it as a typographic one, and a flag copied from a page would not work.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
