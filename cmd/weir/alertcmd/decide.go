package alertcmd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/alert"
	"weir/internal/control"
	"weir/internal/control/alerting"
	"weir/internal/fault"
	"weir/internal/term"
)

// verdicts are what a closed alert can be.
var verdicts = []string{alert.TruePositive, alert.FalsePositive, alert.Benign, alert.Duplicate, alert.Resolved}

// decideFlags are those of every command that changes alerts.
type decideFlags struct {
	by      string
	note    string
	version number
}

// add adds the flags; with a note where the command takes one.
func (o *decideFlags) add(f *pflag.FlagSet, note bool) {
	if note {
		f.StringVar(&o.note, "note", "", "why, in your `words`")
	}
	f.StringVar(&o.by, "by", "", "`name` of who decides (default the name of the user)")
	f.Var(&o.version, "if-version", "only if the alert still has this `number` of changes")
}

// deciding is what the pages of all of them say.
const deciding = "The decision is kept with who made it and when. Who comes second is told what the first one did: an alert that is in that state already, or that somebody closed meanwhile, is left as it is. " +
	"With --if-version nothing is done if anything was changed since, notes too. It needs a weir that runs."

// atLeast wants an id and any number more.
func atLeast(args []string) error {
	if len(args) == 0 {
		return ui.Usage("missing: ID", "weir alerts list shows them")
	}
	return nil
}

func (c *commands) ackSpec() pages.Spec {
	var o decideFlags
	return pages.Spec{
		Use: "ack ID...", Short: "say that you look at alerts", Long: "Acknowledges alerts. One that is nobody's is yours then. " + deciding,
		Examples: []string{"weir alerts ack 3f9c", "weir alerts ack 3f9c b07e --note 'asking the user'"},
		Common:   []string{"note", "by", "json"}, Sections: [][]string{{"What", "note", "by", "if-version"}}, Exits: "1 somebody else was faster, 3 no weir runs", Args: atLeast, Complete: c.complete,
		Flags: func(f *pflag.FlagSet) { o.add(f, true) },
		Run: func(cmd *cobra.Command, ids []string) error {
			return c.decide(cmd, ids, alerting.Decision{Kind: alert.ToState, State: alert.Acknowledged}, &o)
		},
	}
}

func (c *commands) closeSpec() pages.Spec {
	var o decideFlags
	var verdict string
	return pages.Spec{
		Use: "close ID...", Short: "close alerts with a verdict",
		Long: "Closes alerts. The verdict is one of " + strings.Join(verdicts, ", ") + ". An alert that gets further hits is opened again by weir, unless it was a false_positive or a duplicate; these weigh nothing in risk either. " + deciding,
		Examples: []string{"weir alerts close 3f9c --verdict true_positive --note 'account locked'", "weir alerts close 3f9c b07e --verdict false_positive",
			"weir alerts close 3f9c --verdict benign --if-version 2"},
		Common: []string{"verdict", "note", "by", "json"}, Sections: [][]string{{"What", "verdict", "note", "by", "if-version"}}, Exits: "1 somebody else was faster, 3 no weir runs", Args: atLeast, Complete: c.complete,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&verdict, "verdict", "", "what it was: `word` of "+strings.Join(verdicts, ", ")+" (needed)")
			o.add(f, true)
		},
		Run: func(cmd *cobra.Command, ids []string) error {
			if verdict == "" {
				return ui.Usage("what it was is not said", "add --verdict with one of "+strings.Join(verdicts, ", "))
			}
			if err := ui.OneOf("verdict", verdict, verdicts...); err != nil {
				return err
			}
			return c.decide(cmd, ids, alerting.Decision{Kind: alert.ToState, State: alert.Closed, Verdict: verdict}, &o)
		},
	}
}

func (c *commands) openSpec() pages.Spec {
	var o decideFlags
	return pages.Spec{
		Use: "open ID...", Short: "open alerts again", Long: "Opens alerts that are acknowledged or closed. Whose they were they are. " + deciding,
		Examples: []string{"weir alerts open 3f9c --note 'it was not the scanner'"},
		Common:   []string{"note", "by", "json"}, Sections: [][]string{{"What", "note", "by", "if-version"}}, Exits: "1 somebody else was faster, 3 no weir runs", Args: atLeast, Complete: c.complete,
		Flags: func(f *pflag.FlagSet) { o.add(f, true) },
		Run: func(cmd *cobra.Command, ids []string) error {
			return c.decide(cmd, ids, alerting.Decision{Kind: alert.ToState, State: alert.Open}, &o)
		},
	}
}

func (c *commands) assignSpec() pages.Spec {
	var o decideFlags
	var to string
	var nobody bool
	return pages.Spec{
		Use: "assign ID...", Short: "say whose alerts are", Long: "Gives alerts to somebody. Their state stays. " + deciding,
		Examples: []string{"weir alerts assign 3f9c --to ben", "weir alerts assign 3f9c b07e --nobody"},
		Common:   []string{"to", "nobody", "by", "json"}, Sections: [][]string{{"What", "to", "nobody", "note", "by", "if-version"}}, Exits: "1 somebody else was faster, 3 no weir runs", Args: atLeast, Complete: c.complete,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&to, "to", "", "to `name` (default yourself)")
			f.BoolVar(&nobody, "nobody", false, "to nobody")
			o.add(f, true)
		},
		Run: func(cmd *cobra.Command, ids []string) error {
			switch {
			case nobody && to != "":
				return ui.Usage("--to and --nobody say two things", "leave one of them out")
			case !nobody && to == "":
				if to = cmp.Or(o.by, c.person.name()); to == "" {
					return ui.Usage("the system does not say who you are", "name somebody with --to")
				}
			}
			return c.decide(cmd, ids, alerting.Decision{Kind: alert.Assign, Assignee: to}, &o)
		},
	}
}

func (c *commands) noteSpec() pages.Spec {
	var o decideFlags
	return pages.Spec{
		Use: "note ID... 'TEXT'", Short: "write a note on alerts", Long: "Keeps what you found beside alerts. Their state stays. " + deciding,
		Examples: []string{"weir alerts note 3f9c 'the user was on the phone with support'"},
		Common:   []string{"by", "json"}, Sections: [][]string{{"What", "by", "if-version"}}, Exits: "1 somebody else was faster, 3 no weir runs", Complete: c.complete,
		Args: func(args []string) error {
			if len(args) < 2 {
				return ui.Usage("missing: "+strings.Join([]string{"ID", "TEXT"}[len(args):], " "), "put the text into quotes")
			}
			return nil
		},
		Flags: func(f *pflag.FlagSet) { o.add(f, false) },
		Run: func(cmd *cobra.Command, args []string) error {
			last := len(args) - 1
			o.note = args[last]
			return c.decide(cmd, args[:last], alerting.Decision{Kind: alert.Note}, &o)
		},
	}
}

// decide asks for one decision about each alert. One that is refused does not keep the others from being changed; the exit
// code is that of the first refusal.
func (c *commands) decide(cmd *cobra.Command, ids []string, d alerting.Decision, o *decideFlags) error {
	sh := c.shell()
	d.By, d.Note, d.Version = cmp.Or(o.by, c.person.name()), o.note, o.version.value
	if d.By == "" {
		return ui.Usage("the system does not say who you are", "name yourself with --by")
	}
	if len(ids) > 1 && d.Version != nil {
		return ui.Usage("--if-version is of one alert", "name the others in commands of their own")
	}
	lang, err := c.person.language("")
	if err != nil {
		return err
	}
	return sh.Ask(cmd.Context(), func(b control.Backend) error {
		to, err := decider(b)
		if err != nil {
			return err
		}
		var done []alerting.Outcome
		code := 0
		for _, id := range ids {
			d.ID = id
			out, err := to.Decide(cmd.Context(), d)
			if err == nil {
				done = append(done, out)
				err = said(&sh, &out, &d, lang)
			}
			if err == nil {
				continue
			}
			if len(ids) == 1 || !answered(cmd.Context(), err) {
				return err
			}
			sh.Report(cmd.Context(), err)
			code = cmp.Or(code, fault.Exit(err))
		}
		if !sh.JSON {
			next(&sh, done)
		}
		if code != 0 {
			return ui.Found{Code: code}
		}
		return nil
	})
}

// answered tells whether an error is about one alert, so that the next may be tried.
func answered(ctx context.Context, err error) bool {
	switch fault.Code(err) {
	case "alert-changed", "alert-unknown", "alert-ambiguous", "alert-state":
		return ctx.Err() == nil
	}
	return false
}

// said is one line about what was done with an alert.
func said(sh *ui.Shell, o *alerting.Outcome, d *alerting.Decision, lang string) error {
	if sh.JSON {
		return sh.Line(o)
	}
	did := map[string]string{alert.Acknowledged: "acknowledged", alert.Open: "opened", alert.Closed: "closed as " + o.Verdict}[o.State]
	switch {
	case d.Kind == alert.Note:
		did = "noted"
	case d.Kind == alert.Assign && o.Assignee == "":
		did = "given to nobody"
	case d.Kind == alert.Assign:
		did = "given to " + o.Assignee
	}
	line := fmt.Sprintf("%s  %s by %s  %s", o.Short, term.Escape(did), term.Escape(d.By), term.Escape(what(&o.Alert, lang)))
	if sh.Out.TTY {
		line = sh.Out.Cut(line, sh.Out.Width)
	}
	return sh.Printf("%s\n", line)
}

// next is what one does after it, and what is to be known.
func next(sh *ui.Shell, done []alerting.Outcome) {
	if len(done) == 0 {
		return
	}
	for i := range done {
		if done[i].Waiting {
			sh.Note("Kafka has not taken it yet: it is kept here, and sent by itself")
			break
		}
	}
	o := &done[len(done)-1]
	switch {
	case o.State == alert.Acknowledged:
		sh.Note("Verdicts: %s. Next: %s", strings.Join(verdicts, ", "), sh.Cmdline("alerts close "+o.Short+" --verdict "+alert.TruePositive))
	case o.State == alert.Closed && o.Verdict == alert.FalsePositive:
		sh.Note("Its rule raises it again for the next event of this kind. Next: %s", sh.Cmdline("alerts show "+o.Short+" --exception"))
	case o.State == alert.Closed:
		sh.Note("Next: %s", sh.Cmdline("alerts list"))
	default:
		sh.Note("Next: %s", sh.Cmdline("alerts show "+o.Short))
	}
}
