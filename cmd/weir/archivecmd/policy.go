package archivecmd

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/build"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/fault"
	"weir/internal/retention"
	"weir/internal/retention/policy"
	"weir/internal/term"
)

// What the commands about the policy print is a contract: show a row a class (pipe: class, keep, delete_by, status, checked, law,
// article), with --plan a row a segment (pipe: segment, class, day, why, due, delete_by, events, bytes, holds), with --text the
// canonical text; --json retaining.PolicyAnswer.

// policySpec is the group about how long what is kept.
func (c *commands) policySpec() pages.Spec {
	return pages.Spec{
		Use: "policy", Short: "see how long what is kept, and what would go",
		Examples: []string{"weir archive policy show", "weir archive policy show --plan", "weir archive policy check"},
		Sub:      []pages.Spec{c.policyShowSpec(), c.policyCheckSpec(), c.trustClockSpec()},
	}
}

// policyShowSpec shows the policy that a weir goes by, which may not be that of the files.
func (c *commands) policyShowSpec() pages.Spec {
	var r retaining.PolicyRequest
	text := false
	return pages.Spec{
		Use: "show", Short: "show the policy in force", Args: ui.AtMost(0),
		Long:     "--plan changes nothing: it lists the sealed files that would go with the next run, and those whose time is over and that something keeps, with the reason.",
		Examples: []string{"weir archive policy show", "weir archive policy show --plan", "weir archive policy show --text > policy.yaml"}, Common: []string{"plan", "text"},
		Flags: func(f *pflag.FlagSet) {
			f.BoolVar(&r.Plan, "plan", false, "what would go now, and what is kept beyond its time")
			f.BoolVar(&text, "text", false, "its canonical text, of which the version is the SHA-256")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				a, err := question.Ask[retaining.PolicyAnswer](cmd.Context(), b, retaining.AskPolicy, r, nil)
				if err != nil {
					return err
				}
				switch {
				case sh.JSON:
					return sh.Line(a)
				case text:
					return sh.Write([]byte(a.Text))
				case r.Plan:
					err = planRows(sh, a)
				default:
					err = policyRows(sh, a)
				}
				if err == nil {
					policyState(sh, a.Policy)
				}
				return err
			})
		},
	}
}

// policyRows shows the classes.
func policyRows(sh ui.Shell, a retaining.PolicyAnswer) error {
	t := term.NewTable(sh.Out, term.Column{Head: "CLASS"}, term.Column{Head: "KEEP"}, term.Column{Head: "DELETE BY"}, term.Column{Head: "STATUS"}, term.Column{Head: "CHECKED", Style: checkedStyle},
		term.Column{Head: "LAW", Cut: true}, term.Column{Head: "ARTICLE"})
	for i := range a.Classes {
		k := &a.Classes[i]
		t.Row(k.Name, k.Keep, dash(k.DeleteBy), dash(string(k.Status)), dash(k.Checked), dash(k.Law.In("en")), dash(k.Article))
	}
	return t.Flush()
}

// checkedStyle makes a law that nobody has read stand out.
func checkedStyle(cell string) term.Style {
	if cell == policy.Never {
		return term.Yellow
	}
	return term.Plain
}

// planRows shows what would go, and what stays beyond its time.
func planRows(sh ui.Shell, a retaining.PolicyAnswer) error {
	t := term.NewTable(sh.Out, term.Column{Head: "SEGMENT"}, term.Column{Head: "CLASS"}, term.Column{Head: "DAY"}, term.Column{Head: "WHY"}, term.Column{Head: "DUE"}, term.Column{Head: "DELETE BY"},
		term.Column{Head: "EVENTS", Right: true}, term.Column{Head: "SIZE", Right: true}, term.Column{Head: "HOLDS", Cut: true})
	var due, kept int
	for i := range a.Plan {
		l := &a.Plan[i]
		if l.Why == retention.Due {
			due++
		} else {
			kept++
		}
		day := func(zero bool, text string) string {
			if zero {
				return "-"
			}
			return text
		}
		t.Row(l.Path, l.Class, l.Day, string(l.Why), day(l.Due.IsZero(), sh.Out.Second(l.Due)), day(l.DeleteBy.IsZero(), sh.Out.Second(l.DeleteBy)), sh.Out.Num(int64(l.Rows)), size(sh.Out, l.Bytes),
			dash(strings.Join(append(l.Holds, detail(l)...), ", ")))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	sh.Note("due: %s; kept though over, or nobody knows: %d; later: %d", ui.Plural(due, "segment"), kept, a.Later)
	return nil
}

// detail is what could not be decided.
func detail(l *retaining.PlanLine) []string {
	if l.Detail == "" {
		return nil
	}
	return []string{l.Detail}
}

// policyState says whether anything goes by the policy at all.
func policyState(sh ui.Shell, p retention.PolicyFacts) {
	since := "not noted in the archive yet"
	if !p.Since.IsZero() {
		since = "in force since " + sh.Msg.Second(p.Since)
	}
	sh.Note("policy %s, %s", term.Escape(p.Version[:min(len(p.Version), 12)]), since)
	switch {
	case p.Refused == retention.Unsafe:
		sh.Warn(&fault.Error{Code: "retention-clock", What: "nothing is deleted: the clock is far from where it was", Why: p.Detail, Do: "set the clock; if it is right: " + sh.Cmdline("archive policy trust-clock"), Warn: true})
	case p.Refused == retention.Unstated:
		sh.Warn(&fault.Error{Code: "retention-unstated", What: "nothing is deleted: the policy cannot be noted in the archive", Why: p.Detail, Do: "see to the disk of the archive; it is tried again every hour", Warn: true})
	case !p.Enforce:
		sh.Note("nothing is deleted by it: retention.enforce is false, or old logs are imported (--history)")
	}
}

// policyCheckSpec reads files before they are put in place. It needs no running weir.
func (c *commands) policyCheckSpec() pages.Spec {
	systems := ""
	return pages.Spec{
		Use: "check [CLASSES]", Short: "read a classes.yaml and a systems.yaml and say what is wrong with them", Args: ui.AtMost(1),
		Long:     "Without a file: those of the data folder. Nothing is changed; a running weir reads a changed file by itself, and keeps what it has while there are mistakes.",
		Examples: []string{"weir archive policy check", "weir archive policy check classes.yaml --systems systems.yaml"}, Exits: "2 there are mistakes in them", Complete: ui.CompleteFiles,
		Common: []string{"systems"},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&systems, "systems", "", "`file` of the systems that hold personal data")
		},
		Run: func(_ *cobra.Command, args []string) error {
			sh := c.shell()
			cfg, err := c.config(sh)
			if err != nil {
				return err
			}
			o := policy.Options{Classes: build.Within(cfg, cfg.Normalise.Classes), Systems: build.Within(cfg, cfg.Retention.Systems), Zone: build.KeepingZone(cfg)}
			if len(args) > 0 {
				o.Classes = args[0]
			}
			if systems != "" {
				o.Systems = systems
			}
			p, faults, err := policy.Load(o)
			if err != nil {
				return err
			}
			return showChecked(sh, p, faults)
		},
	}
}

// showChecked prints findings as compilers do, on stdout: they are what it is for. Warnings do not change the exit code.
func showChecked(sh ui.Shell, p *policy.Policy, faults fault.List) error {
	if sh.JSON {
		line := struct {
			OK      bool           `json:"ok"`
			Version string         `json:"version,omitempty"`
			Classes []string       `json:"classes,omitempty"`
			Faults  []*fault.Error `json:"faults,omitempty"`
		}{OK: p != nil, Faults: faults}
		if p != nil {
			line.Version, line.Classes = p.Version(), p.Names()
		}
		if err := sh.Line(line); err != nil {
			return err
		}
	} else if err := sh.Faults(faults); err != nil {
		return err
	}
	switch {
	case p == nil && !sh.JSON:
		wrong := 0
		for _, f := range faults {
			if !f.Warn {
				wrong++
			}
		}
		sh.Note("%s. A running weir keeps the policy that it has", ui.Plural(wrong, "mistake"))
		fallthrough
	case p == nil:
		return ui.Found{Code: fault.ExitUsage}
	case !sh.JSON:
		sh.Note("ok: %s, %s, zone %s, version %.12s", plural(len(p.Names()), "class", "classes"), plural(len(p.Systems()), "system", "systems"), p.Zone(), p.Version())
	}
	return nil
}

// trustClockSpec is for the one case in which nobody but a person can know: what time it is.
func (c *commands) trustClockSpec() pages.Spec {
	yes := false
	return pages.Spec{
		Use: "trust-clock", Short: "say that the clock is right although it jumped", Args: ui.AtMost(0),
		Long:     "Expiry stops when the clock is more than a week ahead of where it was last looked at, since a wrong one would delete what is not due. Look at the clock first: what goes comes never back.",
		Examples: []string{"weir archive policy trust-clock --yes"}, Common: []string{"yes"}, Exits: "2 it was not confirmed",
		Flags: func(f *pflag.FlagSet) { f.BoolVar(&yes, "yes", false, "the clock is right") },
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			if !yes {
				return ui.Usage("this clock shows "+sh.Out.Second(sh.Now())+": whether that is right is not said", "write --yes if it is")
			}
			return sh.Ask(cmd.Context(), func(b control.Backend) error {
				a, err := question.Ask[retaining.PolicyAnswer](cmd.Context(), b, retaining.AskPolicy, retaining.PolicyRequest{TrustClock: true}, nil)
				if err != nil {
					return err
				}
				if sh.JSON {
					return sh.Line(a.Policy)
				}
				sh.Note("the clock is trusted; what is due goes with the next run")
				return nil
			})
		},
	}
}
