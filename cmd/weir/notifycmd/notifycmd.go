// Package notifycmd has the commands about telling people: weir notify, which tries, explains and checks the channels and
// routes of notify.yaml, and weir silences, by which somebody asks not to be told for a while.
package notifycmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/build"
	"weir/internal/config"
	"weir/internal/control"
	"weir/internal/control/notifying"
	"weir/internal/fault"
	"weir/sinks/notify"
)

// What the commands print on stdout is data: rows, JSON, what another program answered. What they say about it goes to
// stderr. Each has its row of the table, xSpec, and what it does in a function of its own; the shell is asked for once, when a
// command runs, because flags decide most of it.

// Engine is what the commands ask where no weir runs. It is a struct of functions, because each test sets the one or two
// that its command calls; Live has the real ones.
type Engine struct {
	// Open opens the store and the file of a weir that does not run.
	Open func(cfg config.Config, dir string) (notifying.Notifier, io.Closer, error)
	// Check reads a notify.yaml.
	Check func(cfg config.Config, path string) (notify.Checked, fault.List, error)
	// Schema is that of the file.
	Schema func() ([]byte, error)
}

// Live is the engine of the real program. Nothing of it runs before a command asks.
func Live() Engine {
	return Engine{Open: open, Check: check, Schema: notify.Schema}
}

// options are those of the stage, as far as a command needs them: it sends at the most one message, and raises nothing.
func options(cfg config.Config, dir string) notify.Options {
	return notify.Options{Data: dir, File: cfg.Notify.File, URL: cfg.Notify.URL, Zone: build.Zone(cfg), Log: slog.New(slog.DiscardHandler)}
}

// open opens the files of a weir that does not run. A folder in which nobody was ever told anything is left as it is.
func open(cfg config.Config, dir string) (notifying.Notifier, io.Closer, error) {
	o := options(cfg, dir)
	file := o.File
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	// Looking at a folder makes nothing in it: a store would look as if somebody had been told something.
	_, noFile := os.Stat(file)
	_, noStore := os.Stat(filepath.Join(dir, notify.StoreName))
	if errors.Is(noFile, fs.ErrNotExist) && errors.Is(noStore, fs.ErrNotExist) {
		return nil, nil, &fault.Error{Code: "notify-unreadable", What: "there is no notify.yaml: nobody is told of alerts", Where: file, Do: "write one: docs/notifications.md", Exit: fault.ExitUsage}
	}
	n, err := notify.Open(o)
	if err != nil {
		return nil, nil, err
	}
	return n, n, nil
}

// check reads a file as the stage would: with the same types of channels and the same zone.
func check(cfg config.Config, path string) (notify.Checked, fault.List, error) {
	return notify.Check(options(cfg, ""), path)
}

// commands are those of one run of the program.
type commands struct {
	shell  func() ui.Shell // as the flags left it; asked once by a command that runs
	engine Engine
}

// Specs are weir notify and weir silences. shell is asked for when a command runs, since the flags decide most of it.
func Specs(shell func() ui.Shell, e Engine) []pages.Spec {
	c := &commands{shell, e}
	return []pages.Spec{c.notifySpec(), c.silencesSpec()}
}

// notifySpec is the group. What people ask most stands first: does it work, and why was I told, or not.
func (c *commands) notifySpec() pages.Spec {
	return pages.Spec{
		Use: "notify", Short: "see how people are told of alerts, and try it", Group: "look",
		Examples: []string{"weir notify status", "weir notify test mail", "weir notify route 3f9c"},
		Sub:      []pages.Spec{c.statusSpec(), c.testSpec(), c.routeSpec(), c.retrySpec(), c.checkSpec(), c.schemaSpec()},
	}
}

// ask runs f with the weir that has the data folder, or with its files.
//
// A backend of files knows nothing of notifications; the store is opened beside it, for the time of the question. SQLite lets
// a weir that starts meanwhile have it too. The error of f comes first, since it is the reason.
func (c *commands) ask(ctx context.Context, sh ui.Shell, f func(n notifying.Notifier) error) error {
	return sh.Ask(ctx, func(b control.Backend) error {
		if n, ok := b.(notifying.Notifier); ok {
			return f(n)
		}
		l, err := sh.Load()
		if err != nil {
			return err
		}
		dir, err := sh.Data()
		if err != nil {
			return err
		}
		n, closer, err := c.engine.Open(l.Config, dir)
		if err != nil {
			return err
		}
		return errors.Join(f(n), closer.Close())
	})
}

// testSpec sends past the queue: who tries a channel wants its answer now, and not behind what waits.
func (c *commands) testSpec() pages.Spec {
	lang := ""
	return pages.Spec{
		Use: "test CHANNEL", Short: "send a test message and say what the other side answered", Args: ui.Exactly("CHANNEL"),
		Long:     "The message goes out at once, past silences and whatever waits, and says that it is a test. It works without a running weir too.",
		Examples: []string{"weir notify test mail", "weir notify test mail --lang ko"}, Exits: "1 it did not arrive", Complete: c.completeChannels,
		Flags: func(f *pflag.FlagSet) { f.StringVar(&lang, "lang", "en", "of the message: `en` or ko") },
		Run: func(cmd *cobra.Command, args []string) error {
			// Before anything is opened: a mistake of the command line must not send a message.
			if err := ui.OneOf("lang", lang, "en", "ko"); err != nil {
				return err
			}
			sh := c.shell()
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				a, err := n.NotifyTest(cmd.Context(), notifying.TestRequest{Channel: args[0], Lang: lang})
				if err != nil {
					return err
				}
				return showTest(sh, a)
			})
		},
	}
}

// retrySpec has no default: messages of a week ago that arrive all at once are to be asked for.
func (c *commands) retrySpec() pages.Spec {
	all := false
	return pages.Spec{
		Use: "retry [CHANNEL]", Short: "try messages again that the other side refused for good", Args: ui.AtMost(1),
		Long:     "For when the reason is gone: a password was corrected, an address made. weir notify status --dead lists them.",
		Examples: []string{"weir notify retry mail", "weir notify retry --all"}, Complete: c.completeChannels,
		Flags: func(f *pflag.FlagSet) { f.BoolVar(&all, "all", false, "of every channel") },
		Run: func(cmd *cobra.Command, args []string) error {
			// Both, or neither: each would be a guess.
			if all == (len(args) > 0) {
				return ui.Usage("which messages are meant is not said", "name a channel, or write --all")
			}
			sh := c.shell()
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				r, err := n.NotifyRetry(cmd.Context(), notifying.RetryRequest{Channel: strings.Join(args, "")})
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(r)
				}
				sh.Note("%s to be tried again. Next: %s", ui.Plural(int(r.Messages), "message"), sh.Cmdline("notify status"))
				return nil
			})
		},
	}
}

// checkSpec works on any file and needs no running weir: a file is checked before it is put in place.
func (c *commands) checkSpec() pages.Spec {
	return pages.Spec{
		Use: "check [FILE]", Short: "read a notify.yaml and say what is wrong with it", Args: ui.AtMost(1),
		Long:     "Without a file: that of the data folder. Nothing is sent and nobody is asked; secrets have to be there.",
		Examples: []string{"weir notify check notify.yaml", "weir notify check --json"}, Exits: "2 there are mistakes in it", Complete: ui.CompleteFiles,
		Run: func(_ *cobra.Command, args []string) error {
			sh := c.shell()
			l, err := sh.Load()
			if err != nil {
				return err
			}
			// A path of the command line is the person's, that of the configuration lies in the data folder.
			path := l.Config.Notify.File
			if len(args) > 0 {
				path = args[0]
			} else if !filepath.IsAbs(path) {
				dir, err := sh.Data()
				if err != nil {
					return err
				}
				path = filepath.Join(dir, path)
			}
			found, faults, err := c.engine.Check(l.Config, path)
			if err != nil {
				return err
			}
			return showCheck(sh, path, found, faults)
		},
	}
}

// showCheck prints findings in the form of compilers on stdout: they are what it is for. Warnings do not change the exit
// code, since a running weir takes such a file. --json prints one object, whatever was found.
func showCheck(sh ui.Shell, path string, found notify.Checked, faults fault.List) error {
	// Warnings are shown and do not count: the file is taken all the same.
	errs := 0
	for _, f := range faults {
		if !f.Warn {
			errs++
		}
	}
	if sh.JSON {
		line := struct {
			File     string         `json:"file"`
			OK       bool           `json:"ok"`
			Channels []string       `json:"channels"`
			Routes   int            `json:"routes"`
			Windows  int            `json:"maintenance"`
			Faults   []*fault.Error `json:"faults,omitempty"`
		}{path, errs == 0, found.Channels, found.Routes, found.Windows, faults}
		if err := sh.Line(line); err != nil {
			return err
		}
	} else if err := sh.Faults(faults); err != nil {
		return err
	}
	if errs > 0 {
		if !sh.JSON {
			sh.Note("%s. A running weir keeps what it has", ui.Plural(errs, "error"))
		}
		return ui.Found{Code: fault.ExitUsage}
	}
	if !sh.JSON {
		sh.Note("ok: %s, %s, %s of maintenance", ui.Plural(len(found.Channels), "channel"), ui.Plural(found.Routes, "route"), ui.Plural(found.Windows, "window"))
	}
	return nil
}

// schemaSpec is for editors: what they complete and underline is what the reader takes.
func (c *commands) schemaSpec() pages.Spec {
	return pages.Spec{
		Use: "schema", Short: "print the JSON Schema of notify.yaml", Args: ui.AtMost(0),
		Long:     "Editors complete and check by it: with yaml-language-server, write `# yaml-language-server: $schema=weir-notify.schema.json` into the first line. check says more.",
		Examples: []string{"weir notify schema > weir-notify.schema.json"},
		Run: func(*cobra.Command, []string) error {
			doc, err := c.engine.Schema()
			if err != nil {
				return err
			}
			return c.shell().Write(doc)
		},
	}
}

// completeChannels offers the channels that there are, with what a person chooses by.
func (c *commands) completeChannels(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		// A shell shows no errors: what cannot be asked is not offered.
		_ = c.ask(cmd.Context(), c.shell(), func(n notifying.Notifier) error {
			st, err := n.NotifyStatus(cmd.Context())
			for _, ch := range st.Channels {
				names = append(names, fmt.Sprintf("%s\t%s, %s", ch.Name, ch.Type, ch.State))
			}
			return err
		})
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
