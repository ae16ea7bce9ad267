package pages

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// garden is a tree with all that a page can have: groups, a hidden command, flags of every kind, texts that a format
// would take as its own.
func garden(ran *[]string) (*Tree, *cobra.Command) {
	root := &cobra.Command{Use: "weir", CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}}
	f := root.PersistentFlags()
	f.BoolP("quiet", "q", false, "say less")
	f.CountP("verbose", "v", "say more")
	f.String("data", "", "data folder (default ./weir-data)")
	f.String("color", "auto", "always, never or auto")
	run := func(*cobra.Command, []string) error { *ran = append(*ran, "ran"); return nil }
	specs := []Spec{
		{Use: "things", Short: "list things", Group: "look", Examples: []string{"weir things list"}, Sub: []Spec{{
			Use: "list [PATH...]", Short: "list all | some", Long: "All of them. Also those in 'quotes'.",
			Examples: []string{"weir things list --size 3", `weir things list 'a\b'`}, Common: []string{"size", "quiet"},
			Sections: [][]string{{"What", "size", "kind"}, {"When", "from"}}, Exits: "1 none found; 3 nobody answers", Env: "THINGS where they are",
			Flags: func(f *pflag.FlagSet) {
				f.Int("size", 5, "`number` of things")
				f.StringSlice("kind", nil, "`kinds`, comma-separated")
				f.String("from", "", "after this `time`")
				f.Bool("all", false, "also the others | hidden ones")
			},
			Run: run,
		}}},
		{Use: "water DIR", Short: "water the garden", Group: "run", Examples: []string{"weir water ."}, Run: run},
	}
	return NewTree(root, specs, func(*cobra.Command, []string) error { return nil }), root
}
