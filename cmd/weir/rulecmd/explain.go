package rulecmd

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/show"
	"weir/cmd/weir/ui"
	"weir/internal/app/tools"
	"weir/internal/control"
	"weir/internal/fault"
	"weir/internal/term"
	"weir/internal/trace"
)

// What explain prints with --json is a contract: one object an event, keys only get added. Bytes are those of
// event.original, from 0, the end not included; -1 where a value does not stand in it.

// explainFlags are the flags of explain.
type explainFlags struct {
	paths  []string
	raw    string
	win    bool
	source string
}

// explainSpec answers the two questions about an alert that should not be, and about one that should: which part of the
// rule, and which bytes of the record.
func (c *commands) explainSpec() pages.Spec {
	var o explainFlags
	return pages.Spec{
		Use: "explain ID EVENT", Short: "say why a rule holds for an event, or what it lacks", Args: ui.Exactly("ID", "EVENT"),
		Long: "EVENT is an event.id, which is asked of the running weir or of its files; or a file of events, one a line; or - for stdin. Lines are ECS JSON, raw lines with --raw, Windows events with --winevent. " +
			"Shows which conditions held, by which values and which literals, what the others lack, and for each value its way: the record and its position, the format that read it, and where the value stands in it, in bytes. A value that stands nowhere was worked out by the parser. For a Sigma rule the rule's own names of the fields stand beside ours.",
		Examples: []string{"weir rules explain ssh-brute-force 2b3a5ae6/1/9", "weir rules explain root-login --raw auto - < /var/log/auth.log", "weir rules explain vpn-at-night event.json --rules rules/"},
		Common:   []string{"rules", "raw", "winevent", "json"},
		Sections: [][]string{{"What", "rules"}, {"Events", "raw", "winevent", "logsource"}},
		Exits:    "1 no event was explained, or the rule holds for none",
		Flags: func(f *pflag.FlagSet) {
			f.StringSliceVar(&o.paths, "rules", nil, "`files` and folders that the rule is in (default: the rules that run)")
			f.StringVar(&o.raw, "raw", "", "events are raw lines of this `dataset`; auto: recognised")
			f.BoolVar(&o.win, "winevent", false, "events are Windows events as JSON")
			f.StringVar(&o.source, "logsource", "", "of events that name none: `product=P,category=C,service=S`")
		},
		Complete: c.completeIDs,
		Run: func(cmd *cobra.Command, args []string) error {
			return c.explain(cmd.Context(), c.shell(), args[0], args[1], o)
		},
	}
}

// explain finds out what EVENT is, and prints one page for each event.
func (c *commands) explain(ctx context.Context, sh ui.Shell, id, what string, o explainFlags) error {
	l, err := sh.Load()
	if err != nil {
		return err
	}
	opts := tools.ExplainOptions{Config: l.Config, Rule: id, Paths: o.paths, Form: tools.Form{Raw: o.raw, WinEvent: o.win}, Warn: func(e *fault.Error) { sh.Warn(e) }}
	if opts.LogSource, err = ui.LogSource(o.source); err != nil {
		return err
	}
	// Only now is it decided what EVENT is: mistakes in the flags are said before a file is opened.
	in, closeIt, err := openEvents(sh, what)
	if err != nil {
		return err
	}
	defer closeIt()
	shown, fires := 0, 0
	// Of a file each event is shown as it comes, since a pipe may never end; one event of the archive is a page.
	each := func(x *tools.Explanation) error {
		shown++
		if x.Fires() {
			fires++
		}
		if sh.JSON {
			return sh.Line(explainLine(x))
		}
		text := show.Explanation(sh.Out, x)
		if shown > 1 {
			text = "\n" + text
		}
		if in == nil {
			return sh.Page([]byte(text))
		}
		return sh.Write([]byte(text))
	}
	if in != nil {
		opts.Input = in
		err = c.engine.Explain(ctx, opts, each)
	} else {
		opts.ID = what
		err = sh.Ask(ctx, func(b control.Backend) error {
			opts.Backend = b
			return c.engine.Explain(ctx, opts, each)
		})
	}
	if err != nil {
		return err
	}
	if in != nil && !sh.JSON {
		sh.Note("%s: the rule holds for %s", ui.Plural(shown, "event"), term.Count(int64(fires)))
	}
	// For scripts: did the rule hold for any of it. A step of a sequence counts, since nobody can ask more of one event.
	if fires == 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}

// openEvents opens the file of events, nil where EVENT is an id. An id never has the name of a file here; who has one all
// the same writes it with ./ before it.
func openEvents(sh ui.Shell, what string) (io.Reader, func(), error) {
	if what == "-" {
		if sh.InTTY {
			return nil, nil, ui.Usage("- reads events from a pipe, and there is none", "weir rules explain ID - < events.ndjson")
		}
		return sh.In, func() {}, nil
	}
	// What cannot be looked at is opened all the same, and the error of that says why it cannot.
	info, err := os.Stat(what)
	if errors.Is(err, os.ErrNotExist) {
		return nil, func() {}, nil
	}
	if err == nil && info.IsDir() {
		return nil, nil, ui.Usage(what+" is a folder", "name a file of events, or an event.id")
	}
	f, err := os.Open(what)
	if err != nil {
		return nil, nil, &fault.Error{Code: "file-unreadable", What: "the file of events cannot be read", Where: what, Why: fault.Innermost(err), Do: "chmod u+r " + term.ShellWord(what), Exit: fault.ExitUsage, Cause: err}
	}
	return f, func() { _ = f.Close() }, nil
}

// explained is a line of `rules explain --json`.
type explained struct {
	Rule       string          `json:"rule"`
	Event      string          `json:"event"`
	Holds      bool            `json:"holds"`
	Tried      bool            `json:"tried"`
	Source     string          `json:"source"`
	Conditions []explainedPart `json:"conditions"`
	Record     trace.Record    `json:"record"`
	Fields     []tools.FieldOf `json:"fields"`
}

// explainedPart is one condition.
// Parts and Lacks are lists in any case: who reads them need not tell null from nothing.
type explainedPart struct {
	Name  string       `json:"name"`
	Expr  string       `json:"expr"`
	Held  bool         `json:"held"`
	Feeds string       `json:"feeds,omitempty"`
	Parts []trace.Part `json:"parts"`
	Lacks []lack       `json:"lacks"`
}

// lack is a part that did not hold.
type lack struct {
	Expr   string            `json:"expr"`
	Values map[string]string `json:"values"` // what the event has instead, by field; a field that it lacks is not there
}

// explainLine is an explanation for programs. It has what the page has but for the excerpts, which a program makes of the
// original by itself.
func explainLine(x *tools.Explanation) explained {
	out := explained{Rule: x.Rule.ID, Event: x.EventID, Holds: x.Fires(), Tried: x.Tried, Source: x.Source, Conditions: []explainedPart{}, Record: x.Record, Fields: append([]tools.FieldOf{}, x.Fields...)}
	for _, c := range x.Conditions {
		p := explainedPart{Name: c.Name, Expr: c.Expr, Held: c.Held, Feeds: c.Feeds, Parts: append([]trace.Part{}, c.Parts...), Lacks: []lack{}}
		for _, m := range c.Misses {
			l := lack{Expr: m.Expr, Values: map[string]string{}}
			for _, v := range m.Values {
				if v.Has {
					l.Values[v.Field] = v.Value
				}
			}
			p.Lacks = append(p.Lacks, l)
		}
		out.Conditions = append(out.Conditions, p)
	}
	return out
}
