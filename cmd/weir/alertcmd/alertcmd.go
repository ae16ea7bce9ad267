// Package alertcmd has the commands about alerts: they list and show them, say who works on which, and what became of it.
package alertcmd

import (
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
)

// What alerts prints is a contract: list has a row an alert (pipe: id, level, state, last, count, rule, what), --json the
// object of alerting.Row; show --json that of alerting.Detail, with the documents behind the alert by event id; what changes
// one prints a sentence an alert, --json alerting.Outcome; risk has a row an entity, --json alerting.Risk. The id is the
// short one wherever a person reads, the whole one in JSON; every command takes both.

// Person is who sits at the terminal, as far as the system knows.
type Person struct {
	// Env is the environment, which names the language.
	Env []string
	// Name is that of the user; "" where the system has none.
	Name func() string
}

// Completer offers words to a shell.
type Completer = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// commands are those of one run. The flags are variables of their specs.
type commands struct {
	shell    func() ui.Shell
	person   Person
	complete Completer
}

// Spec is weir alerts. shell is asked for when a command runs, since the flags decide most of it; complete offers the ids of
// alerts.
func Spec(shell func() ui.Shell, p Person, complete Completer) pages.Spec {
	if p.Name == nil {
		p.Name = system
	}
	c := &commands{shell, p, complete}
	return pages.Spec{
		Use: "alerts", Short: "list alerts, show them, and say what becomes of them", Group: "look",
		Examples: []string{"weir alerts list", "weir alerts show 3f9c", "weir alerts close 3f9c --verdict false_positive"},
		Sub:      []pages.Spec{c.listSpec(), c.showSpec(), c.ackSpec(), c.closeSpec(), c.openSpec(), c.assignSpec(), c.noteSpec(), c.riskSpec()},
	}
}

// system is the name of the user as the system has it.
func system() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

// variable returns a variable of the environment; the last of a name wins.
func (p *Person) variable(name string) (value string) {
	for _, line := range p.Env {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			value = v
		}
	}
	return value
}

// name is under which somebody decides. An account that many use, as that of a service, is nobody's: who took it with sudo
// is meant.
func (p *Person) name() string {
	name := p.Name()
	if name == "root" || name == alert.Self {
		if who := p.variable("SUDO_USER"); who != "" {
			return who
		}
	}
	return name
}

// Languages in which alerts say what they are.
const (
	english = "en"
	korean  = "ko"
)

// language is that of the flag, else that of messages in the environment.
func (p *Person) language(flag string) (string, error) {
	switch flag {
	case english, korean:
		return flag, nil
	case "":
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if v := p.variable(name); v != "" {
				if v == korean || strings.HasPrefix(v, korean+"_") {
					return korean, nil
				}
				break
			}
		}
		return english, nil
	}
	return "", ui.OneOf("lang", flag, english, korean)
}

// what is what an alert says in a language: in its own where the rule has no other.
func what(a *alert.Alert, language string) string {
	if language == korean {
		for _, text := range []string{a.WhatKo, a.TitleKo} {
			if text != "" {
				return text
			}
		}
	}
	return a.What
}

// decider is a backend that changes alerts.
func decider(b control.Backend) (alerting.Decider, error) {
	d, ok := b.(alerting.Decider)
	if !ok {
		return nil, &fault.Error{Code: "not-running", What: "no weir runs here that keeps alerts", Do: "start it with `weir up`, then ask again", Exit: fault.ExitMissing}
	}
	return d, nil
}

// langFlag adds the language.
func langFlag(f *pflag.FlagSet, lang *string) {
	f.StringVar(lang, "lang", "", "language of what alerts say: en or ko (default that of the environment)")
}

// number is a flag that may be absent.
type number struct{ value *int }

func (n *number) String() string {
	if n.value == nil {
		return ""
	}
	return strconv.Itoa(*n.value)
}

// Set implements pflag.Value.
func (n *number) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 {
		return ui.Usage("`"+text+"` is no number of changes", "it stands behind `changes` in weir alerts show")
	}
	n.value = &v
	return nil
}

// Type implements pflag.Value.
func (n *number) Type() string { return "number" }
