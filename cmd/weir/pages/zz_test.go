package pages

import (
	"fmt"
	"testing"

	"weir/internal/term"
	"weir/internal/config"
)

func TestZZ(t *testing.T) {
	var ran []string
	tree, root := garden(&ran)
	f := &term.Face{}
	p := func(args ...string) {
		c, _, err := root.Find(args)
		if err != nil { t.Fatal(err) }
		for _, l := range []bool{false, true} {
			fmt.Printf("== %v %v\n%s", args, l, tree.Help(f, c, l))
		}
	}
	p()
	p("things")
	p("things", "list")
	p("water")
	for _, n := range []string{"weir.1","weir-things.1", "weir-things-list.1", "weir-water.1"} {
		fmt.Printf("== %s\n%s", n, tree.Man(root, "1.2.3")[n])
	}
	l, _ := config.Load("", nil)
	fmt.Printf("== cmd\n%s", tree.Reference(root, l)["commands.md"])
}
