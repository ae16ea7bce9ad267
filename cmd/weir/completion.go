package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/event"
	"weir/internal/control"
)

// completionWait bounds what a key press may take.
const completionWait = 2 * time.Second

// Completion must never wait long, print a word or fail: a key press that does nothing is better than any of these.

// completionSpec prints the scripts that cobra makes; values complete through the hidden command __complete, which runs
// this program again on each press of the key.
func (c *cli) completionSpec() pages.Spec {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return pages.Spec{
		Use: "completion SHELL", Short: "print the completion script of a shell", Group: "care",
		Long:     "Names of commands and flags complete without a running weir; ids of alerts are asked of the one that runs.",
		Examples: []string{"source <(weir completion bash)", "weir completion zsh > ~/.zfunc/_weir", "weir completion fish > ~/.config/fish/completions/weir.fish"},
		Args:     ui.Exactly("SHELL (" + strings.Join(shells, ", ") + ")"),
		Complete: func(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return shells, cobra.ShellCompDirectiveNoFileComp
		},
		Run: func(cmd *cobra.Command, args []string) error {
			var b bytes.Buffer
			var err error
			switch root := cmd.Root(); args[0] {
			case "bash":
				err = root.GenBashCompletionV2(&b, true)
			case "zsh":
				err = root.GenZshCompletion(&b)
			case "fish":
				err = root.GenFishCompletion(&b, true)
			case "powershell":
				err = root.GenPowerShellCompletionWithDesc(&b)
			default:
				err = ui.Usage("there is no completion for `"+args[0]+"`", "one of "+strings.Join(shells, ", "))
			}
			if err != nil {
				return err
			}
			return c.write(b.Bytes())
		},
	}
}

// completeAlerts offers the ids of open alerts, with what they say.
// A tab parts the word from its description: cobra's form, which each shell shows in its own way.
func (c *cli) completeAlerts(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	c.quietly(func(ctx context.Context, b control.Backend) error {
		rows, err := b.Alerts(ctx, control.AlertsRequest{Size: 100})
		for _, a := range rows {
			if !slices.Contains(args, a.Short) { // several may be named
				ids = append(ids, a.Short+"\t"+a.Rule+": "+a.What)
			}
		}
		return err
	})
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// completeFields offers names of fields at the end of a query. Only the last word is completed, behind a blank or a
// parenthesis; what stands before it is handed back as it is. The colon comes along and no blank, so one types the
// value next.
func (c *cli) completeFields(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	// A query is one word to the shell, with blanks in it.
	at := strings.LastIndexAny(word, " (") + 1
	var out []string
	for _, f := range event.Fields() {
		if name := f.Path(); strings.HasPrefix(name, word[at:]) {
			out = append(out, word[:at]+name+":")
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// quietly asks without a word on stderr and not for long: a completion that fails offers nothing.
// It has a context of its own, since cobra gives completions none that ends.
func (c *cli) quietly(f func(ctx context.Context, b control.Backend) error) {
	dir, err := c.dataDir()
	if err != nil {
		return
	}
	// Only one that runs is asked: opening the files of a stopped one takes longer than a person waits for a key.
	client, err := control.Dial(dir)
	if err != nil {
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), completionWait)
	defer cancel()
	if f(ctx, client) != nil {
		return // nothing to offer
	}
}
