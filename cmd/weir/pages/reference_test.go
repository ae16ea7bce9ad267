package pages

import (
	"strings"
	"testing"

	"weir/internal/config"
	"weir/internal/fault"
)

func TestReference(t *testing.T) {
	var ran []string
	tree, root := sample(&ran)
	l, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	pages := tree.Reference(root, l)
	for name, want := range map[string]string{
		"commands.md": "| `--size NUMBER` | number of things (default 5) |\n",
		"config.md":   "| `bus.key` | `spread` | ",
		"errors.md":   "\n## port-in-use\n\nA port is taken. Exit code 3.\n",
	} {
		if !strings.Contains(string(pages[name]), want) || !strings.HasPrefix(string(pages[name]), made) {
			t.Errorf("%s: no %q in\n%s", name, want, pages[name])
		}
	}
	if !strings.Contains(string(pages["commands.md"]), "Exit codes: 0 done; 1 none found;") {
		t.Error("no exit codes of the command")
	}
}

// TestReference_Commands: what stands between the head of the page and the topics.
func TestReference_Commands(t *testing.T) {
	var ran []string
	tree, root := garden(&ran)
	page := string(tree.commandsPage(root))
	_, rest, _ := strings.Cut(page, "a second Ctrl-C.\n\n")
	got, topics, _ := strings.Cut(rest, "\n## weir help time")
	if want := `## Run

### weir water DIR

Water the garden.

` + "`" + `` + "`" + `` + "`" + `sh
weir water .
` + "`" + `` + "`" + `` + "`" + `

## Look

### weir things COMMAND

List things.

` + "`" + `` + "`" + `` + "`" + `sh
weir things list
` + "`" + `` + "`" + `` + "`" + `

### weir things list [PATH...] [flags]

List all | some. All of them. Also those in 'quotes'.

` + "`" + `` + "`" + `` + "`" + `sh
weir things list --size 3
weir things list 'a\b'
` + "`" + `` + "`" + `` + "`" + `

| flag | |
|---|---|
| ` + "`" + `--size NUMBER` + "`" + ` | number of things (default 5) |
| ` + "`" + `--kind KINDS` + "`" + ` | kinds, comma-separated |
| ` + "`" + `--from TIME` + "`" + ` | after this time |
| ` + "`" + `--all` + "`" + ` | also the others \| hidden ones |

Exit codes: 0 done; 1 none found; 2 wrong usage or configuration; 3 nobody answers; 130 ended by a second Ctrl-C.

## Flags of every command

| flag | |
|---|---|
| ` + "`" + `--data STRING` + "`" + ` | data folder (default ./weir-data) |
| ` + "`" + `-q, --quiet` + "`" + ` | say less |
| ` + "`" + `-v, --verbose` + "`" + ` | say more |
| ` + "`" + `--color STRING` + "`" + ` | always, never or auto (default auto) |
`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, x := range Topics {
		if !strings.Contains(topics, x.Text) {
			t.Errorf("the topic %s is not on the page", x.Name)
		}
	}
}

// TestReference_Tables: nothing in a cell ends it, and each key and code has its line.
func TestReference_Tables(t *testing.T) {
	if got := cell("a | b"); got != `a \| b` {
		t.Errorf("a bar in a cell: %s", got)
	}
	l, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	page := string(configPage(l))
	for _, e := range l.Entries() {
		if !strings.Contains(page, "\n| `"+e.Key+"` | `"+e.Value+"` | ") || !strings.Contains(page, " | `"+e.Env+"` |\n") {
			t.Errorf("%s is not on the page, or not with its default and variable", e.Key)
		}
	}
	if !strings.HasSuffix(page, "```yaml\n"+l.YAML(false)+"```\n") {
		t.Error("the page does not end in the file of defaults")
	}
	errors := string(errorsPage())
	for _, m := range fault.Meanings() {
		if strings.Count(errors, "\n## "+m.Code+"\n") != 1 {
			t.Errorf("%s has not one anchor", m.Code)
		}
	}
}
