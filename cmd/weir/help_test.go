package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/config"
	"weir/internal/testkit"
)

// tree returns the commands as the program has them.
func tree(t *testing.T) (*cli, *cobra.Command) {
	t.Helper()
	c := &cli{world: world{out: &bytes.Buffer{}, err: &bytes.Buffer{}}}
	c.faces()
	return c, c.root()
}

// each visits every command below root.
func each(cmd *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range cmd.Commands() {
		if sub.Name() != "help" {
			visit(sub)
			each(sub, visit)
		}
	}
}

// TestHelp_Complete: every command has what help needs, and -h fits one screen.
func TestHelp_Complete(t *testing.T) {
	c, root := tree(t)
	n := 0
	each(root, func(cmd *cobra.Command) {
		n++
		s := c.tree.Spec(cmd)
		if s == nil || s.Short == "" || len(s.Examples) == 0 || len(s.Examples) > 3 || cmd.Parent() == root && s.Group == "" {
			t.Errorf("%s: incomplete", cmd.CommandPath())
			return
		}
		if strings.HasSuffix(s.Short, ".") || s.Short[:1] != strings.ToLower(s.Short[:1]) {
			t.Errorf("%s: %q is no plain line", cmd.CommandPath(), s.Short)
		}
		if page := c.tree.Help(c.out, cmd, false); bytes.Count(page, []byte("\n")) > 24 {
			t.Errorf("%s -h has %d lines", cmd.CommandPath(), bytes.Count(page, []byte("\n")))
		}
		for _, name := range s.Common {
			if cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
				t.Errorf("%s: common flag %s does not exist", cmd.CommandPath(), name)
			}
		}
		long := string(c.tree.Help(c.out, cmd, true))
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && strings.Count(long, "--"+f.Name+" ") < 1 {
				t.Errorf("%s --help does not say --%s", cmd.CommandPath(), f.Name)
			}
		})
	})
	if n < 25 {
		t.Errorf("%d commands", n)
	}
}

// TestHelp_ExamplesParse runs every example as far as its flags and arguments go.
func TestHelp_ExamplesParse(t *testing.T) {
	c, root := tree(t)
	each(root, func(cmd *cobra.Command) {
		for _, example := range c.tree.Spec(cmd).Examples {
			for _, words := range weirCommands(t, example) {
				_, fresh := tree(t)
				at, rest, err := fresh.Find(words)
				if err != nil || at == fresh {
					t.Errorf("%s: no command in %q", cmd.CommandPath(), example)
					continue
				}
				if err := at.ParseFlags(rest); err != nil {
					t.Errorf("%s: %v", example, err)
				}
			}
		}
	})
}

// weirCommands takes the commands of this program out of a line of a shell.
func weirCommands(t *testing.T, line string) [][]string {
	t.Helper()
	var out [][]string
	for _, part := range strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '>' || r == '<' }) {
		part = strings.Trim(part, " ()")
		rest, ok := strings.CutPrefix(part, "weir ")
		if !ok {
			continue
		}
		out = append(out, shellWords(rest))
	}
	return out
}

// shellWords splits at blanks outside of single quotes.
func shellWords(s string) []string {
	var out []string
	word, quoted, any := "", false, false
	for _, r := range s {
		switch {
		case r == '\'':
			quoted, any = !quoted, true
		case r == ' ' && !quoted:
			if word != "" || any {
				out = append(out, word)
			}
			word, any = "", false
		default:
			word += string(r)
		}
	}
	if word != "" || any {
		out = append(out, word)
	}
	return out
}

// TestReference_Fresh: docs/reference is what the code says now.
func TestReference_Fresh(t *testing.T) {
	c, root := tree(t)
	l, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(testkit.Root(t), "docs", "reference")
	for name, want := range c.tree.Reference(root, l) {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v): go run ./cmd/weir man --markdown docs/reference", name, err)
		}
	}
}
