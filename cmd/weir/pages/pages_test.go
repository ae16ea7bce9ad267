package pages

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/fault"
)

// sample is a tree of one group and one command.
func sample(ran *[]string) (*Tree, *cobra.Command) {
	root := &cobra.Command{Use: "weir"}
	root.PersistentFlags().BoolP("quiet", "q", false, "say less")
	note := func(s string) func(*cobra.Command, []string) error {
		return func(*cobra.Command, []string) error { *ran = append(*ran, s); return nil }
	}
	t := NewTree(root, []Spec{{Use: "things", Short: "list things", Group: "look", Examples: []string{"weir things list"}, Sub: []Spec{{
		Use: "list", Short: "list all | some", Long: "All of them.", Examples: []string{"weir things list --size 3"}, Common: []string{"size"},
		Sections: [][]string{{"What", "size"}}, Exits: "1 none found; 3 nobody answers", Env: "THINGS where they are",
		Flags: func(f *pflag.FlagSet) { f.Int("size", 5, "`number` of things"); f.String("other", "", "another") },
		Args: func(args []string) error {
			if len(args) > 0 {
				return &fault.Error{What: "too much"}
			}
			return nil
		},
		Run: note("list"),
	}}}}, func(cmd *cobra.Command, _ []string) error { return note("bare "+cmd.Name())(cmd, nil) })
	return t, root
}

func TestTree_Runs(t *testing.T) {
	var ran []string
	tree, root := sample(&ran)
	for _, args := range []string{"things", "things list"} {
		root.SetArgs(strings.Fields(args))
		if err := root.Execute(); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(ran, ", "); got != "bare things, list" {
		t.Errorf("ran %s", got)
	}
	root.SetArgs([]string{"things", "list", "x"})
	root.SilenceErrors, root.SilenceUsage = true, true
	if err := root.Execute(); err == nil || err.Error() != "too much" {
		t.Errorf("got %v", err)
	}
	things, _, err := root.Find([]string{"things"})
	if err != nil || tree.Spec(root) != nil || tree.Spec(things).Short != "list things" {
		t.Error("wrong specs")
	}
}
