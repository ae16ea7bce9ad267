// Package pages makes help, man pages and the reference from the one table of commands, so that they cannot differ.
package pages

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The five groups of commands, in the order of help.
var groups = []cobra.Group{{ID: "run", Title: "Run"}, {ID: "look", Title: "Look"}, {ID: "rules", Title: "Rules"},
	{ID: "evidence", Title: "Evidence"}, {ID: "care", Title: "Look after"}}

// How a command is documented: Short is what lists show, Examples come before everything else, Common are the flags of
// -h, all others appear in --help in Sections. A command without examples fails a test.

// Spec is one command. Everything that is said about it is made from this. A field that is left empty leaves its part
// of every page out. Texts have no full stop at the end of one line, and no markup: they are shown on terminals, in
// troff and in Markdown alike.
type Spec struct {
	Use      string // search ['KQL']
	Short    string // one line
	Long     string // one sentence or more for --help
	Group    string // run, look, rules, evidence or care; of the top level
	Examples []string
	Common   []string   // flags that -h shows; all others are in --help
	Sections [][]string // of --help: heading, then the names of its flags
	Exits    string     // meaning of 1 or 3, where the command has them
	Env      string     // variables, where it has its own
	Args     func(args []string) error
	Flags    func(f *pflag.FlagSet)
	Run      func(cmd *cobra.Command, args []string) error // nil: only a group
	Complete func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)
	Sub      []Spec
}

// Tree is the commands with what is said of them. It is immutable once made.
// It is read by help and by the makers of pages, on one goroutine.
type Tree struct {
	specs map[*cobra.Command]*Spec
}

// NewTree puts commands below root. bare runs a command that is only a group.
//
// specs must not be changed afterwards: the commands point into it.
func NewTree(root *cobra.Command, specs []Spec, bare func(cmd *cobra.Command, args []string) error) *Tree {
	t := &Tree{specs: map[*cobra.Command]*Spec{}}
	for i := range groups {
		root.AddGroup(&groups[i])
	}
	for i := range specs {
		root.AddCommand(t.command(&specs[i], bare))
	}
	return t
}

// Spec returns what is said of a command, nil for the root.
func (t *Tree) Spec(cmd *cobra.Command) *Spec { return t.specs[cmd] }

// command makes the cobra command of a spec and of those below it. cobra takes any number of arguments; Args of the
// spec checks them, with a message in our form. Without a Complete of its own a command offers nothing, since cobra
// would offer files.
func (t *Tree) command(s *Spec, bare func(*cobra.Command, []string) error) *cobra.Command {
	cmd := &cobra.Command{Use: s.Use, Short: s.Short, Long: s.Long, GroupID: s.Group, Args: cobra.ArbitraryArgs, RunE: bare}
	if s.Run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if s.Args != nil {
				if err := s.Args(args); err != nil {
					return err
				}
			}
			return s.Run(cmd, args)
		}
	}
	if s.Flags != nil {
		s.Flags(cmd.Flags())
	}
	cmd.Flags().SortFlags = false
	cmd.ValidArgsFunction = s.Complete
	if s.Complete == nil {
		cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
	t.specs[cmd] = s
	for i := range s.Sub {
		cmd.AddCommand(t.command(&s.Sub[i], bare))
	}
	return cmd
}
