package pages

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestMan(t *testing.T) {
	var ran []string
	tree, root := sample(&ran)
	files := tree.Man(root, "1.2.3")
	page := string(files["weir-things-list.1"])
	for _, want := range []string{`.TH WEIR\-THINGS\-LIST 1 "" "weir 1.2.3"`, `weir\-things\-list \- list all | some`, ".SH WHAT\n.TP\n.B \\-\\-size NUMBER", ".SH DESCRIPTION\nAll of them.", ".SH EXAMPLES\n.nf\nweir things list \\-\\-size 3"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if len(files) != 3 || !bytes.Contains(files["weir.1"], []byte(".B weir things\nlist things; see weir\\-things(1)")) {
		t.Errorf("%d pages\n%s", len(files), files["weir.1"])
	}
}

func TestRoff(t *testing.T) {
	for in, want := range map[string]string{".TH": `\&.TH`, "'x": `\&'x`, `a\b`: `a\eb`, "a-b": `a\-b`, "plain": "plain"} {
		if got := roff(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// TestMan_Whole: the page of a group and that of a command. What troff would take as its own has lost its meaning.
func TestMan_Whole(t *testing.T) {
	var ran []string
	tree, root := garden(&ran)
	files := tree.Man(root, "1.2.3")
	for name, want := range map[string]string{
		"weir.1": `.TH WEIR 1 "" "weir 1.2.3"
.SH NAME
weir \- receive logs, detect, keep and find
.SH SYNOPSIS
weir COMMAND
.SH COMMANDS
.TP
.B weir things
list things; see weir\-things(1)
.TP
.B weir water
water the garden; see weir\-water(1)
`,
		"weir-things-list.1": `.TH WEIR\-THINGS\-LIST 1 "" "weir 1.2.3"
.SH NAME
weir\-things\-list \- list all | some
.SH SYNOPSIS
weir things list [PATH...] [flags]
.SH DESCRIPTION
All of them. Also those in 'quotes'.
.SH WHAT
.TP
.B \-\-size NUMBER
number of things (default 5)
.TP
.B \-\-kind KINDS
kinds, comma\-separated
.SH WHEN
.TP
.B \-\-from TIME
after this time
.SH FLAGS
.TP
.B \-\-all
also the others | hidden ones
.SH OUTPUT
.TP
.B \-\-color STRING
always, never or auto (default auto)
.TP
.B \-q, \-\-quiet
say less
.TP
.B \-v, \-\-verbose
say more
.SH CONNECTION
.TP
.B \-\-data STRING
data folder (default ./weir\-data)
.SH EXAMPLES
.nf
weir things list \-\-size 3
weir things list 'a\eb'
.fi
.SH EXIT CODES
0 done; 1 none found; 2 wrong usage or configuration; 3 nobody answers; 130 ended by a second Ctrl\-C
`,
	} {
		if got := string(files[name]); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	if len(files) != 4 {
		t.Errorf("%d pages", len(files))
	}
	if group := string(files["weir-things.1"]); !strings.Contains(group, ".SH SYNOPSIS\nweir things COMMAND\n.SH COMMANDS\n.TP\n.B weir things list\n") {
		t.Errorf("the commands of a group stand in its synopsis:\n%s", group)
	}
}

// TestWalk: hidden commands, and help itself, are on no page.
func TestWalk(t *testing.T) {
	var ran, seen []string
	_, root := garden(&ran)
	root.AddCommand(&cobra.Command{Use: "secret", Hidden: true}, &cobra.Command{Use: "help"})
	walk(root, func(cmd *cobra.Command) { seen = append(seen, cmd.CommandPath()) })
	if got := strings.Join(seen, ", "); got != "weir, weir things, weir things list, weir water" {
		t.Errorf("walked %s", got)
	}
}
