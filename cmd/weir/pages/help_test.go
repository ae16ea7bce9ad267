package pages

import (
	"strings"
	"testing"

	"weir/internal/term"
)

func TestHelp(t *testing.T) {
	var ran []string
	tree, root := sample(&ran)
	f := &term.Face{}
	list, _, err := root.Find([]string{"things", "list"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(tree.Help(f, list, false)), "list all | some\n\n  weir things list --size 3\n\n  --size NUMBER          number of things (default 5)\n\nmore: weir things list --help\n"; got != want {
		t.Errorf("short: got\n%s\nwant\n%s", got, want)
	}
	long := string(tree.Help(f, list, true))
	for _, want := range []string{"\nAll of them.\n", "\nWhat\n  --size NUMBER ", "\nFlags\n  --other STRING ", "\nOutput\n  -q, --quiet ", "\n  THINGS where they are\n",
		"\n  0 done; 1 none found; 2 wrong usage or configuration; 3 nobody answers; 130 ended by a second Ctrl-C\n"} {
		if !strings.Contains(long, want) {
			t.Errorf("no %q in\n%s", want, long)
		}
	}
	if got := string(tree.Help(f, root, false)); !strings.Contains(got, "\nLook\n  things       list things\n") || strings.Contains(got, "Evidence") {
		t.Errorf("overview:\n%s", got)
	}
}

func TestExitLine(t *testing.T) {
	for exits, want := range map[string]string{
		"":                       "0 done; 2 wrong usage or configuration; 130 ended by a second Ctrl-C",
		"1 found":                "0 done; 1 found; 2 wrong usage or configuration; 130 ended by a second Ctrl-C",
		"3 missing":              "0 done; 2 wrong usage or configuration; 3 missing; 130 ended by a second Ctrl-C",
		"1 found; 3 missing":     "0 done; 1 found; 2 wrong usage or configuration; 3 missing; 130 ended by a second Ctrl-C",
		"1 more than 3 failures": "0 done; 1 more than 3 failures; 2 wrong usage or configuration; 130 ended by a second Ctrl-C",
	} {
		if got := exitLine(&Spec{Exits: exits}); got != want {
			t.Errorf("%q: %s", exits, got)
		}
	}
}
