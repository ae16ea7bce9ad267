package rulecmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/backtest"
	"weir/internal/control/trial"
	"weir/internal/term"
)

// backtestFlags are the flags of backtest.
type backtestFlags struct {
	from, to, against, show string
	all, warm, write        bool
	form                    backtest.Form
}

// shows are what --show takes.
var shows = []string{"all", trial.New, trial.Same, trial.Gone}

// What backtest prints is a contract: --json an object an alert, with the keys of an alert of `alerts list --json` and
// change (new, same, gone) where it is held against another version, and as the last line {"summary": ...}. In a pipe a
// day of alerts is a line of day and count; with --show alerts are lines instead, with --all rules.

// backtestSpec tries rules on the past. It only looks, unless --write or --warm ask for more; nobody is ever told of what
// it finds.
func (c *commands) backtestSpec() pages.Spec {
	var o backtestFlags
	return pages.Spec{
		Use: "backtest RULE [FILE...]", Short: "try a rule on events that are stored, or on files",
		Long: "RULE is the id of a rule that runs here, or a rule file. Its alerts are those that live would have raised, with the same ids. " +
			"Of the archive only the columns are read that the rule names, and what they rule out is skipped. Files hold one event a line: ECS JSON, or see --winevent and --raw. " +
			"--against shows what another version would find: a revision of git, another file, or an id. " +
			"--write keeps what was found among the alerts, marked as historic; --warm lets a rule that is new remember what it would, had it run before. Ctrl-C ends it and shows what was found by then.",
		Examples: []string{"weir rules backtest ssh-brute-force --from -30d", "weir rules backtest rules/vpn.yaml --from -30d --against HEAD --show new", "weir rules backtest vpn-new-country --warm"},
		Common:   []string{"from", "to", "against", "show", "json"},
		Sections: [][]string{{"What", "all", "against", "winevent", "raw"}, {"When", "from", "to"}, {"Results", "show", "write", "warm"}},
		Exits:    "3 the data cannot be read",
		Args:     func([]string) error { return nil },
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&o.all, "all", false, "all rules that run here, instead of one")
			f.StringVar(&o.from, "from", "", "`time` of the oldest event (default everything; forms: weir help time)")
			f.StringVar(&o.to, "to", "", "`time` before which (default now)")
			f.StringVar(&o.against, "against", "", "another `version` of the rule: a revision of git, a rule file, or an id")
			f.StringVar(&o.show, "show", "", "`alerts` to list: all, new, same or gone")
			f.BoolVar(&o.write, "write", false, "keep the alerts that are not there yet, as historic ones")
			f.BoolVar(&o.warm, "warm", false, "let the rule that runs here remember what is found, without alerts")
			f.BoolVar(&o.form.WinEvent, "winevent", false, "files hold Windows events as JSON")
			f.StringVar(&o.form.Raw, "raw", "", "files hold raw lines of this `dataset`; auto: recognised")
		},
		Run:      func(cmd *cobra.Command, args []string) error { return c.backtest(cmd.Context(), c.shell(), args, o) },
		Complete: c.completeBacktest,
	}
}

// completeBacktest offers ids first and files behind them.
func (c *commands) completeBacktest(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	ids, _ := c.completeIDs(cmd, args, word)
	return ids, cobra.ShellCompDirectiveDefault // a rule may be a file too
}

// options reads the words of the command line.
func (o backtestFlags) options(sh ui.Shell, args []string) (out backtest.Options, err error) {
	switch {
	case o.all && o.against != "":
		return out, ui.Usage("--against is about one rule", "leave out --all and name the rule")
	case o.all:
		out.Files = args
	case len(args) == 0:
		return out, ui.Usage("missing: RULE", "name a rule that runs (weir rules list), a rule file, or --all")
	default:
		out.Rule, out.Files = args[0], args[1:]
	}
	if o.show != "" && !slices.Contains(shows, o.show) {
		return out, ui.OneOf("show", o.show, shows...)
	}
	if o.show != "" && o.show != "all" && o.against == "" {
		return out, ui.Usage("--show "+o.show+" needs another version", "add --against HEAD, or write --show all")
	}
	if len(out.Files) == 0 && (o.form.WinEvent || o.form.Raw != "") {
		return out, ui.Usage("--winevent and --raw are about files", "name the files behind the rule")
	}
	if o.warm && (o.against != "" || o.write) {
		return out, ui.Usage("--warm goes with neither --against nor --write", "run them one after the other")
	}
	out.Against, out.Form = o.against, o.form
	r := &out.Request
	r.Warm, r.Write = o.warm, o.write
	if r.From, r.To, err = sh.Times(o.from, o.to); err != nil {
		return out, err
	}
	r.Values = sh.JSON
	return out, nil
}

// backtest runs it and shows what came.
func (c *commands) backtest(ctx context.Context, sh ui.Shell, args []string, o backtestFlags) error {
	opts, err := o.options(sh, args)
	if err != nil {
		return err
	}
	l, err := sh.Load()
	if err != nil {
		return err
	}
	opts.Config = l.Config
	found := &findings{sh: sh, show: o.show, against: o.against}
	bar := &progress{sh: sh}
	sum, err := c.engine.Backtest(ctx, opts, func(line trial.Line) error {
		switch {
		case line.Progress != nil:
			bar.at(*line.Progress)
		case line.Alert != nil:
			bar.done()
			return found.add(*line.Alert)
		}
		return nil
	})
	bar.done()
	if err != nil {
		return err
	}
	sh.Warn(sum.Warnings...)
	if sh.JSON {
		return found.json(sum)
	}
	return found.print(sum)
}

// progress is the bar of a backtest, which begins when it is known how much there is.
type progress struct {
	sh  ui.Shell
	bar *term.Progress
}

// at shows how far it is: the day that is read, or the file.
func (p *progress) at(now trial.Progress) {
	if p.sh.Quiet || p.sh.JSON {
		return
	}
	if p.bar == nil {
		unit := now.Unit
		if unit == "" {
			unit = "events"
		}
		p.bar = p.sh.Msg.NewProgress(float64(now.Total), unit)
	}
	where := now.In
	if where == "" && !now.At.IsZero() {
		where = now.At.In(p.sh.Msg.Zone).Format(time.DateOnly)
	}
	p.bar.At(float64(now.Done), where)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		p.bar.Done()
		p.bar = nil
	}
}

// stoppedText says how much the figures are about, where not everything was read.
func stoppedText(f *term.Face, sum trial.Summary) string {
	if sum.Stopped == "" {
		return ""
	}
	why := "stopped"
	if sum.Stopped == trial.TooManyAlerts {
		why = "stopped at " + term.Count(backtest.MaxAlerts) + " alerts: nobody reads so many; narrow the rule or the time"
	}
	if sum.Reached.IsZero() {
		return why
	}
	return fmt.Sprintf("%s; read up to about %s; the figures are of that", why, sum.Reached.In(f.Zone).Format("2006-01-02 15:04:05 -07:00"))
}

// gaps says what of the archive could not be read.
func gaps(sum trial.Summary) string {
	n := 0
	for _, w := range sum.Warnings {
		if w.Code == "segment-unreadable" || w.Code == "archive-segment" {
			n++
		}
	}
	if n == 0 {
		return "no gap in the archive"
	}
	return ui.Plural(n, "segment") + " missing (above)"
}
