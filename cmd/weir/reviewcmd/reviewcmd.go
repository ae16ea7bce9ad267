// Package reviewcmd has the commands about reviews of access: weir review, which drafts, shows and signs them, and weir keys,
// which registers who may sign.
package reviewcmd

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/control"
	"weir/internal/control/question"
	"weir/internal/control/reviewing"
	"weir/internal/review"
	"weir/internal/review/keys"
	"weir/internal/term"
)

// What the commands print on stdout is data: the review, rows, JSON. What they say about it goes to stderr. Every command asks
// the weir that has the data folder, or its files; only passphrases and private keys never leave the command.

// Engine is what the commands do with private keys. It is a struct of functions, because tests have no terminal to type a
// passphrase at; Live has the real ones.
type Engine struct {
	// Secret reads the passphrase from where ref says, else asks for it, twice where a typing mistake would cost a key.
	Secret func(ctx context.Context, sh ui.Shell, ask, ref string, twice bool) ([]byte, error)
	// Create makes a key in a folder, Load opens one.
	Create func(folder, name string, passphrase []byte) (public string, err error)
	Load   func(folder, name, public string, passphrase []byte) (ed25519.PrivateKey, error)
}

// Live is the engine of the real program.
func Live() Engine { return Engine{Secret: passphrase, Create: keys.Create, Load: keys.Load} }

// commands are those of one run of the program.
type commands struct {
	shell  func() ui.Shell // as the flags left it; asked once by a command that runs
	engine Engine
}

// Specs are weir review and weir keys. shell is asked for when a command runs, since the flags decide most of it.
func Specs(shell func() ui.Shell, e Engine) []pages.Spec {
	c := &commands{shell, e}
	return []pages.Spec{c.reviewSpec(), c.keysSpec()}
}

// reviewSpec is the group, in the order of a review's life.
func (c *commands) reviewSpec() pages.Spec {
	return pages.Spec{
		Use: "review", Short: "review who had access, month by month, and sign it", Group: "evidence",
		Examples: []string{"weir review open --month 2026-10", "weir review show 2026-10", "weir review sign 2026-10 --key park"},
		Sub:      []pages.Spec{c.openSpec(), c.showSpec(), c.commentSpec(), c.explainSpec(), c.signSpec(), c.statusSpec()},
	}
}

// ask asks a question and hands the answer to f.
func ask[A any](ctx context.Context, sh ui.Shell, name string, q any, each func([]byte) error, f func(A) error) error {
	return sh.Ask(ctx, func(b control.Backend) error {
		a, err := question.Ask[A](ctx, b, name, q, each)
		if err != nil {
			return err
		}
		return f(a)
	})
}

// openSpec drafts. An open review is not drafted again by itself: what somebody has looked at does not change under them.
func (c *commands) openSpec() pages.Spec {
	var r reviewing.OpenRequest
	return pages.Spec{
		Use: "open", Short: "draft the review of a period from the archive", Args: ui.AtMost(0),
		Long:     "Without --month: the last period that is over. A review that is open already is shown as it is; --redraft reads the archive again and keeps comments and decisions.",
		Examples: []string{"weir review open --month 2026-10", "weir review open --month 2026-10 --system crm", "weir review open --correct 2026-10 --why 'the logs of db-2 came late'"},
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&r.Month, "month", "", "`month` of the period: 2026-10")
			f.StringVar(&r.System, "system", "", "only this `system` of privacy/systems.yaml")
			f.StringVar(&r.Zone, "timezone", "", "time `zone` of the days and hours: Asia/Seoul (default: that of the policy)")
			f.BoolVar(&r.Redraft, "redraft", false, "read the archive again for a review that nobody has signed")
			f.StringVar(&r.Correct, "correct", "", "`id` of a signed review that is wrong: draft another that names it")
			f.StringVar(&r.Why, "why", "", "`text`: what is wrong with it")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			if r.Why != "" && r.Correct == "" {
				return ui.Usage("--why belongs to --correct", "name the review that is wrong with --correct ID")
			}
			var bar *term.Progress
			each := func(doc []byte) error {
				var p reviewing.Progress
				if err := json.Unmarshal(doc, &p); err != nil || sh.Quiet {
					return err
				}
				if bar == nil {
					bar = sh.Msg.NewProgress(p.To.Sub(p.From).Seconds(), "seconds")
				}
				bar.At(max(0, p.At.Sub(p.From).Seconds()), ui.Plural(int(p.Events), "event")+", at "+sh.Msg.Second(p.At))
				return nil
			}
			return ask(cmd.Context(), sh, reviewing.AskOpen, r, each, func(v reviewing.View) error {
				if bar != nil {
					bar.Done()
				}
				if sh.JSON {
					return sh.Line(v)
				}
				switch {
				case v.Existing && v.Facts.State == review.Signed:
					sh.Note("%s is signed and does not change any more; a mistake in it: %s", term.Escape(v.Facts.ID), sh.Cmdline("review open --correct "+term.Escape(v.Facts.ID)+" --why TEXT"))
				case v.Existing:
					sh.Note("%s was drafted at %s already; --redraft reads the archive again", term.Escape(v.Facts.ID), sh.Msg.Second(v.Facts.Drafted.At))
				}
				if err := summary(sh, v); err != nil {
					return err
				}
				if v.Facts.State != review.Signed {
					sh.Note("next: %s, then %s", sh.Cmdline("review show "+term.Escape(v.Facts.ID)), sh.Cmdline("review sign "+term.Escape(v.Facts.ID)+" --key NAME"))
				}
				return nil
			})
		},
	}
}

// showSpec prints the whole review; a signed one is checked each time that it is looked at.
func (c *commands) showSpec() pages.Spec {
	lang := "en"
	return pages.Spec{
		Use: "show ID", Short: "show a review, and whether its signatures hold", Args: ui.Exactly("ID"),
		Long:     "weir report access-review makes pages of it. --json prints everything, as it is signed.",
		Examples: []string{"weir review show 2026-10", "weir review show 2026-10 --lang ko", "weir review show 2026-10 --json"}, Exits: "1 a signature does not hold, or the archive's copy was changed", Complete: c.completeReviews,
		Flags: func(f *pflag.FlagSet) { f.StringVar(&lang, "lang", "en", "`language` of titles: en or ko") },
		Run: func(cmd *cobra.Command, args []string) error {
			if err := ui.OneOf("lang", lang, "en", "ko"); err != nil {
				return err
			}
			sh := c.shell()
			return ask(cmd.Context(), sh, reviewing.AskShow, reviewing.ShowRequest{ID: args[0]}, nil, func(v reviewing.View) error {
				if sh.JSON {
					if err := sh.Line(v); err != nil {
						return err
					}
				} else if err := sh.Page([]byte(page(sh, v, lang))); err != nil {
					return err
				}
				if v.Check != nil && !v.Check.OK && v.Sealed != nil {
					return ui.Found{Code: 1}
				}
				return nil
			})
		},
	}
}

// statusSpec lists periods, not files: a month that nobody opened is what one looks for.
func (c *commands) statusSpec() pages.Spec {
	return pages.Spec{
		Use: "status", Short: "list the periods with their reviews: open, signed, overdue", Args: ui.AtMost(0),
		Examples: []string{"weir review status", "weir review status --json"}, Exits: "1 a review is overdue",
		Run: func(cmd *cobra.Command, _ []string) error {
			sh := c.shell()
			return ask(cmd.Context(), sh, reviewing.AskStatus, reviewing.StatusRequest{}, nil, func(st reviewing.Status) error {
				return statusRows(sh, st)
			})
		},
	}
}

// commentSpec writes on the whole, a system, or one of its findings.
func (c *commands) commentSpec() pages.Spec {
	var r reviewing.CommentRequest
	return pages.Spec{
		Use: "comment ID TEXT", Short: "write on a review, a system or a finding of it", Args: ui.Exactly("ID", "TEXT"),
		Examples: []string{"weir review comment 2026-10 'seen, nothing unusual'", "weir review comment 2026-10 --system crm --finding off-hours 'month-end work, agreed with sales'"}, Complete: c.completeReviews,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&r.System, "system", "", "`system` of the review")
			f.StringVar(&r.Finding, "finding", "", "`finding` of the system, as show names it")
			f.IntVar(&r.Version, "if-version", 0, "only if the review is at this `version` still, as show says it")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			sh := c.shell()
			r.ID, r.Text = args[0], args[1]
			return ask(cmd.Context(), sh, reviewing.AskComment, r, nil, func(v reviewing.View) error {
				if sh.JSON {
					return sh.Line(v)
				}
				sh.Note("written on %s, which is at version %d now", r.ID, v.Version)
				return nil
			})
		},
	}
}

// explainSpec confirms the reason of a download.
func (c *commands) explainSpec() pages.Spec {
	var r reviewing.ExplainRequest
	var reason, whom, answer string
	approve := false
	return pages.Spec{
		Use: "explain ID", Short: "confirm the reason of a download: enter it, approve it, or ask for it", Args: ui.Exactly("ID"),
		Long:     "A download is named by the id of its event, as show has it, or by a beginning that no other has. Nobody approves their own.",
		Examples: []string{"weir review explain 2026-10 --download 3f9c --reason 'tax audit, letter 12'", "weir review explain 2026-10 --download 3f9c --approve", "weir review explain 2026-10 --download 3f9c --ask kim01"}, Complete: c.completeReviews,
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&r.Download, "download", "", "`event` id of the download")
			f.StringVar(&reason, "reason", "", "`text`: the reason, as you know it")
			f.BoolVar(&approve, "approve", false, "the reason that is there is a good one")
			f.StringVar(&whom, "ask", "", "`whom` an explanation is asked from")
			f.StringVar(&answer, "answer", "", "`text` that came back")
			f.IntVar(&r.Version, "if-version", 0, "only if the review is at this `version` still, as show says it")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			r.ID = args[0]
			kinds := 0
			for kind, set := range map[string]bool{"reason": reason != "", "approve": approve, "ask": whom != "", "answer": answer != ""} {
				if set {
					r.Kind = kind
					kinds++
				}
			}
			if kinds != 1 || r.Download == "" {
				return ui.Usage("what is decided about which download is not said", "write --download EVENT and one of --reason, --approve, --ask, --answer")
			}
			r.Text, r.Whom = reason+answer, whom // one of them is set
			sh := c.shell()
			return ask(cmd.Context(), sh, reviewing.AskExplain, r, nil, func(v reviewing.View) error {
				if sh.JSON {
					return sh.Line(v)
				}
				sh.Note("%s: %s", term.Escape(v.Download), decisionWord(r.Kind))
				return nil
			})
		},
	}
}

func decisionWord(kind string) string {
	return map[string]string{"reason": "reason entered", "approve": "approved", "ask": "explanation asked", "answer": "explanation noted"}[kind]
}

// completeReviews offers the reviews that there are.
func (c *commands) completeReviews(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if len(args) == 0 {
		// A shell shows no errors: what cannot be asked is not offered.
		_ = ask(cmd.Context(), c.shell(), reviewing.AskStatus, reviewing.StatusRequest{}, nil, func(st reviewing.Status) error {
			for _, r := range st.Rows {
				if r.ID != "" {
					out = append(out, r.ID+"\t"+strings.Join(append([]string{r.State}, r.Signed...), ", "))
				}
			}
			return nil
		})
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
