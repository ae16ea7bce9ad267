package pages

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/term"
)

// Help is the help of a command: the short page, or all of it. cobra calls it through the hook of the root; the
// commands never print help by themselves, so paging and colour are decided in one place.
func (t *Tree) Help(f *term.Face, cmd *cobra.Command, long bool) []byte {
	p := &page{tree: t, face: f}
	switch s := t.specs[cmd]; {
	case s == nil:
		p.overview(cmd)
	case long:
		p.long(cmd, s)
	default:
		p.short(cmd, s)
	}
	return p.b.Bytes()
}

// page is one page while it is written.
// It belongs to one call.
type page struct {
	tree *Tree
	face *term.Face
	b    bytes.Buffer
}

// overview is `weir` alone: the commands in their groups.
// It names the three commands that a new user needs before any list: start, send, find.
func (p *page) overview(root *cobra.Command) {
	fmt.Fprintf(&p.b, "weir receives logs, turns them into ECS, raises alerts by rules, keeps and finds everything.\n\n")
	fmt.Fprintf(&p.b, "  %-28s see it work, without any device\n  %-28s receive syslog on this machine\n  %-28s find what came\n",
		"weir up --demo", "weir up", "weir search 'KQL'")
	for _, g := range groups {
		first := true
		for _, cmd := range root.Commands() {
			if cmd.GroupID != g.ID || cmd.Hidden {
				continue
			}
			if first {
				fmt.Fprintf(&p.b, "\n%s\n", p.face.Paint(term.Bold, g.Title))
				first = false
			}
			fmt.Fprintf(&p.b, "  %-12s %s\n", cmd.Name(), cmd.Short)
		}
	}
	fmt.Fprintf(&p.b, "\nweir COMMAND -h: examples and common flags; weir help time, weir help kql\n")
}

// short fits one screen: a sentence, examples, the common flags.
// A test holds every page of the program against 24 lines.
func (p *page) short(cmd *cobra.Command, s *Spec) {
	fmt.Fprintf(&p.b, "%s\n\n", s.Short)
	p.examples(s)
	p.subcommands(cmd)
	if len(s.Common) > 0 {
		fmt.Fprintf(&p.b, "\n")
		p.flagLines(cmd, s.Common)
	}
	fmt.Fprintf(&p.b, "\nmore: %s --help\n", cmd.CommandPath())
}

// long has all flags in groups, the environment and the exit codes.
func (p *page) long(cmd *cobra.Command, s *Spec) {
	fmt.Fprintf(&p.b, "%s\n\n", s.Short)
	if s.Long != "" {
		fmt.Fprintf(&p.b, "%s\n\n", s.Long)
	}
	fmt.Fprintf(&p.b, "%s\n  %s\n\n", p.face.Paint(term.Bold, "Usage"), usageLine(cmd))
	p.examples(s)
	p.subcommands(cmd)
	for _, sec := range flagSections(cmd, s) {
		fmt.Fprintf(&p.b, "\n%s\n", p.face.Paint(term.Bold, sec[0]))
		p.flagLines(cmd, sec[1:])
	}
	fmt.Fprintf(&p.b, "\n%s\n", p.face.Paint(term.Bold, "Environment"))
	if s.Env != "" {
		fmt.Fprintf(&p.b, "  %s\n", s.Env)
	}
	fmt.Fprintf(&p.b, "  WEIR_DATA the data folder; NO_COLOR no colour; WEIR_PAGER, PAGER the pager\n")
	fmt.Fprintf(&p.b, "\n%s\n  %s\n", p.face.Paint(term.Bold, "Exit codes"), exitLine(s))
}

// usageLine is made from Use and not by cobra: cobra's own says [flags] or not by what it has been asked before, and the
// same page must not differ between -h, help and the reference. A group takes no flags and does nothing alone.
func usageLine(cmd *cobra.Command) string {
	line := cmd.CommandPath()
	if cmd.HasSubCommands() {
		return line + " COMMAND"
	}
	if _, args, ok := strings.Cut(cmd.Use, " "); ok {
		line += " " + args
	}
	own := false
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { own = own || f.Name != "help" })
	if own {
		line += " [flags]"
	}
	return line
}

// exitLine lists the exit codes in their order; a spec names those between 0 and 130 that are its own.
// 0, 2 and 130 belong to every command; a spec says what 1 and 3 mean for its own.
func exitLine(s *Spec) string {
	one, three := s.Exits, ""
	if i := strings.Index(one, "3 "); i == 0 || i > 0 && strings.HasPrefix(one[i-2:], "; 3 ") {
		one, three = strings.TrimSuffix(one[:i], "; "), one[i:]
	}
	parts := []string{"0 done", one, "2 wrong usage or configuration", three, "130 ended by a second Ctrl-C"}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

// examples come before flags: most people want to copy one.
func (p *page) examples(s *Spec) {
	for _, e := range s.Examples {
		fmt.Fprintf(&p.b, "  %s\n", e)
	}
}

// subcommands lists what a group has.
// In alphabetical order, as cobra keeps them.
func (p *page) subcommands(cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	fmt.Fprintf(&p.b, "\n%s\n", p.face.Paint(term.Bold, "Commands"))
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			fmt.Fprintf(&p.b, "  %-12s %s\n", sub.Name(), sub.Short)
		}
	}
}

// flagSections returns heading and flags of --help: those that the spec groups, what is left of the command's own, and
// those that every command has.
// A flag that a spec forgot is in a section of its own and so never missing from the page.
func flagSections(cmd *cobra.Command, s *Spec) [][]string {
	out := slices.Clone(s.Sections)
	rest := []string{"Flags"}
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !slices.ContainsFunc(out, func(sec []string) bool { return slices.Contains(sec[1:], f.Name) }) {
			rest = append(rest, f.Name)
		}
	})
	if len(rest) > 1 {
		out = append(out, rest)
	}
	output, connection := []string{"Output"}, []string{"Connection"}
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "data" || f.Name == "config" {
			connection = append(connection, f.Name)
		} else {
			output = append(output, f.Name)
		}
	})
	return append(out, output, connection)
}

// flagLines prints flags by name.
func (p *page) flagLines(cmd *cobra.Command, names []string) {
	for _, name := range names {
		if f := lookup(cmd, name); f != nil {
			head, text := flagText(f)
			fmt.Fprintf(&p.b, "  %-22s %s\n", head, text)
		}
	}
}

// lookup finds a flag of the command itself, or one that every command has.
// Inherited flags appear among a command's own only after cobra has parsed a line; pages are made before.
func lookup(cmd *cobra.Command, name string) *pflag.Flag {
	if f := cmd.Flags().Lookup(name); f != nil {
		return f
	}
	return cmd.InheritedFlags().Lookup(name)
}

// flagText is a flag in help: its form, and what it does with its default.
// A default that says nothing (0, false, an empty list) is left out; one that the text names already, too.
func flagText(f *pflag.Flag) (head, text string) {
	head = "--" + f.Name
	if f.Shorthand != "" {
		head = "-" + f.Shorthand + ", " + head
	}
	kind, text := pflag.UnquoteUsage(f)
	if kind != "" && f.Value.Type() != "bool" && f.Value.Type() != "count" {
		head += " " + strings.ToUpper(kind)
	}
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" && !strings.Contains(text, "default") {
		text += " (default " + f.DefValue + ")"
	}
	return head, text
}
