package notifycmd

import (
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/config/unit"
	"weir/internal/control/notifying"
	"weir/internal/term"
)

// What list prints is a contract: a row a silence (pipe: id, state, owner, until, held, match, reason), --json the object of
// notifying.Silence.

// A silence is never made by accident: it needs an owner, a reason and an end, and every answer says until when it lasts and
// what it costs. What one means is decided where silences are kept; here only words become times.

// silencesSpec is the group. It stands beside alerts and not below notify: it is asked for in a hurry.
func (c *commands) silencesSpec() pages.Spec {
	return pages.Spec{
		Use: "silences", Short: "tell nobody of some alerts for a while", Group: "look",
		Examples: []string{"weir silences add --match 'rule=ssh-*' --owner ana --reason 'penetration test' --for 2h", "weir silences list", "weir silences end 4be1c2d3"},
		Sub:      []pages.Spec{c.silenceAddSpec(), c.silenceListSpec(), c.silenceEndSpec()},
	}
}

// silenceAddSpec prints the id alone on stdout, so that a script can end what it began. What is missing is said by whoever
// keeps silences: there is one place that knows what one needs.
func (c *commands) silenceAddSpec() pages.Spec {
	var r notifying.NewSilence
	var span, until string
	return pages.Spec{
		Use: "add", Short: "tell nobody of alerts that fit, until a time", Args: ui.AtMost(0),
		Long: "All of --match have to hold: NAME=PATTERN or NAME!=PATTERN, where * is any text; names are rule, level, title, alert, tag, labels.NAME and the fields by which rules group, such as host.name; level>=high is this level and above. " +
			"Alerts are found and kept as always. Those that are held back are not told later, unless they go on.",
		Examples: []string{"weir silences add --match 'rule=ssh-*' --match 'host.name=lab-*' --owner ana --reason 'penetration test' --for 2h"},
		Sections: [][]string{{"What", "match", "owner", "reason"}, {"When", "for", "until"}},
		Common:   []string{"match", "owner", "reason", "for", "until"},
		Flags: func(f *pflag.FlagSet) {
			f.StringArrayVar(&r.Match, "match", nil, "alerts with this `NAME=PATTERN`; may be repeated")
			f.StringVar(&r.Owner, "owner", "", "`who` answers for it")
			f.StringVar(&r.Reason, "reason", "", "`why`")
			f.StringVar(&span, "for", "", "this `long`: 30m, 2h, 7d")
			f.StringVar(&until, "until", "", "until this `time`")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			// One end, and where there is none the answer says so: a silence without an end is refused by who keeps it.
			if span != "" && until != "" {
				return ui.Usage("--for and --until are two ends", "write one of them")
			}
			if span != "" {
				// From now on, by this clock, whatever that of the other process shows.
				var d unit.Duration
				if err := d.UnmarshalText([]byte(span)); err != nil {
					return ui.Usage("--for: "+err.Error(), "write --for 2h")
				}
				r.Until = sh.Now().Add(time.Duration(d))
			} else if until != "" {
				_, to, err := sh.Times("", until)
				if err != nil {
					return err
				}
				r.Until = to
			}
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				s, err := n.AddSilence(cmd.Context(), r)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(s)
				}
				// What is true now, and how to undo it.
				sh.Note("nobody is told of %s until %s. End it before: %s", term.Escape(strings.Join(s.Match, ", ")), sh.Out.Second(s.Until), sh.Cmdline("silences end "+term.ShellWord(s.ID)))
				return sh.Printf("%s\n", term.Escape(s.ID))
			})
		},
	}
}

// silenceListSpec lists what goes on; what is over is asked for when somebody wonders about last night.
func (c *commands) silenceListSpec() pages.Spec {
	var r notifying.SilencesRequest
	return pages.Spec{
		Use: "list", Short: "list silences with what they held back", Args: ui.AtMost(0),
		Examples: []string{"weir silences list", "weir silences list --all --json"}, Common: []string{"all", "json"},
		Flags: func(f *pflag.FlagSet) { f.BoolVar(&r.All, "all", false, "those too that are over") },
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				list, err := n.Silences(cmd.Context(), r)
				if err != nil {
					return err
				}
				return silenceRows(sh, list)
			})
		},
	}
}

// silenceRows shows the end that counts: of one that somebody ended, when that was.
func silenceRows(sh ui.Shell, list []notifying.Silence) error {
	if sh.JSON {
		for _, s := range list {
			if err := sh.Line(s); err != nil {
				return err
			}
		}
		return nil
	}
	t := term.NewTable(sh.Out, term.Column{Head: "ID"}, term.Column{Head: "STATE"}, term.Column{Head: "OWNER"}, term.Column{Head: "UNTIL " + sh.Out.Offset()},
		term.Column{Head: "HELD", Right: true}, term.Column{Head: "MATCH", Cut: true}, term.Column{Head: "REASON", Cut: true})
	// Active ones count: those that are over explain the past.
	active := 0
	for _, s := range list {
		// Over by its time, or ended by somebody: two answers to the same question.
		state, until := "over", s.Until
		if s.Active {
			state = "active"
			active++
		} else if !s.Ended.IsZero() {
			state, until = "ended", s.Ended
		}
		t.Row(s.ID, state, s.Owner, sh.Out.Second(until), sh.Out.Num(s.Held), strings.Join(s.Match, ", "), s.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(list) == 0 {
		sh.Note("no silences; those that are over: %s", sh.Cmdline("silences list --all"))
		return nil
	}
	sh.Note("%d active. Next: %s", active, sh.Cmdline("silences end "+term.ShellWord(list[0].ID)))
	return nil
}

// silenceEndSpec says what was held back, since nobody is told of that later.
func (c *commands) silenceEndSpec() pages.Spec {
	return pages.Spec{
		Use: "end ID", Short: "end a silence before its time", Args: ui.Exactly("ID"),
		Examples: []string{"weir silences end 4be1c2d3"}, Complete: c.completeSilences,
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			return c.ask(cmd.Context(), sh, func(n notifying.Notifier) error {
				s, err := n.EndSilence(cmd.Context(), notifying.EndRequest{ID: args[0], By: who()})
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(s)
				}
				// The number is what somebody may have missed.
				sh.Note("silence %s is over; it held back %s, of which nobody is told unless they go on: %s", term.Escape(s.ID), ui.Plural(int(s.Held), "alert"), sh.Cmdline("alerts list"))
				return nil
			})
		},
	}
}

// who is the person who types, as the system knows them: a silence that ended early names somebody.
func who() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// completeSilences offers those that go on, with what they are for: the id alone says nothing.
func (c *commands) completeSilences(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	if len(args) == 0 {
		// A shell shows no errors: what cannot be asked is not offered.
		_ = c.ask(cmd.Context(), c.shell(), func(n notifying.Notifier) error {
			list, err := n.Silences(cmd.Context(), notifying.SilencesRequest{})
			for _, s := range list {
				ids = append(ids, s.ID+"\t"+strings.Join(s.Match, ", "))
			}
			return err
		})
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
