package pages

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

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

// TestHelp_Whole: each kind of page as it is read, in one place: who changes the form sees all of it here.
func TestHelp_Whole(t *testing.T) {
	var ran []string
	tree, root := garden(&ran)
	for _, c := range []struct {
		name, path string
		long       bool
		want       string
	}{
		{"overview", "", false, `weir receives logs, turns them into ECS, raises alerts by rules, keeps and finds everything.

  weir up --demo               see it work, without any device
  weir up                      receive syslog on this machine
  weir search 'KQL'            find what came

Run
  water        water the garden

Look
  things       list things

weir COMMAND -h: examples and common flags; weir help time, weir help kql
`},
		{"a group, short", "things", false, `list things

  weir things list

Commands
  list         list all | some

more: weir things --help
`},
		{"a command, short", "things list", false, `list all | some

  weir things list --size 3
  weir things list 'a\b'

  --size NUMBER          number of things (default 5)
  -q, --quiet            say less

more: weir things list --help
`},
		{"a command, long", "things list", true, `list all | some

All of them. Also those in 'quotes'.

Usage
  weir things list [PATH...] [flags]

  weir things list --size 3
  weir things list 'a\b'

What
  --size NUMBER          number of things (default 5)
  --kind KINDS           kinds, comma-separated

When
  --from TIME            after this time

Flags
  --all                  also the others | hidden ones

Output
  --color STRING         always, never or auto (default auto)
  -q, --quiet            say less
  -v, --verbose          say more

Connection
  --data STRING          data folder (default ./weir-data)

Environment
  THINGS where they are
  WEIR_DATA the data folder; NO_COLOR no colour; WEIR_PAGER, PAGER the pager

Exit codes
  0 done; 1 none found; 2 wrong usage or configuration; 3 nobody answers; 130 ended by a second Ctrl-C
`},
		{"a command without flags, long", "water", true, `water the garden

Usage
  weir water DIR

  weir water .

Output
  --color STRING         always, never or auto (default auto)
  -q, --quiet            say less
  -v, --verbose          say more

Connection
  --data STRING          data folder (default ./weir-data)

Environment
  WEIR_DATA the data folder; NO_COLOR no colour; WEIR_PAGER, PAGER the pager

Exit codes
  0 done; 2 wrong usage or configuration; 130 ended by a second Ctrl-C
`},
	} {
		cmd, _, err := root.Find(strings.Fields(c.path))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // nothing that cobra remembers changes a page
			if got := string(tree.Help(&term.Face{}, cmd, c.long)); got != c.want {
				t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
			}
		}
	}
}

// TestHelp_Painted: headings are bold, and that is all that colour does to a page.
func TestHelp_Painted(t *testing.T) {
	var ran []string
	tree, root := garden(&ran)
	cmd, _, err := root.Find([]string{"things", "list"})
	if err != nil {
		t.Fatal(err)
	}
	plain, bold := tree.Help(&term.Face{}, cmd, true), tree.Help(&term.Face{Color: true}, cmd, true)
	if strings.Count(string(bold), "\x1b[1m") < 6 {
		t.Errorf("headings are not bold:\n%s", bold)
	}
	if got := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(string(bold)); got != string(plain) {
		t.Errorf("got\n%s\nwant\n%s", got, plain)
	}
}

func TestUsageLine(t *testing.T) {
	for use, want := range map[string]string{"do": "do", "do ID": "do ID", "do [A | B]": "do [A | B]", "do 'KQL'": "do 'KQL'"} {
		cmd := &cobra.Command{Use: use}
		if got := usageLine(cmd); got != want {
			t.Errorf("%s: %s", use, got)
		}
		cmd.InitDefaultHelpFlag()
		if got := usageLine(cmd); got != want {
			t.Errorf("%s with the flag of help: %s", use, got)
		}
		cmd.Flags().Bool("x", false, "")
		if got := usageLine(cmd); got != want+" [flags]" {
			t.Errorf("%s with a flag: %s", use, got)
		}
	}
}
