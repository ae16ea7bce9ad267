package pages

import (
	"strings"
	"testing"

	"weir/internal/config"
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
