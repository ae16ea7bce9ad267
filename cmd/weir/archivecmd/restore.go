package archivecmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app/restoring"
	"weir/internal/control"
	"weir/internal/term"
)

// restoreFlags are the flags of restore.
type restoreFlags struct{ from, to, into string }

// restoreSpec brings days back for which Elasticsearch had no room any more.
func (c *commands) restoreSpec() pages.Spec {
	var o restoreFlags
	return pages.Spec{
		Use: "restore ['KQL']", Short: "bring events back into Elasticsearch", Args: ui.AtMost(1),
		Long: "Creates each event of the archive that is found under its event.id in the index of its class and day. What is there already stays as it is. Ended early, also by a crash, the same command goes on where it was." +
			" Indices that are older than elastic.keep are removed again, so older events go into indices of their own: --into logs-restored. and remove those when nobody needs them.",
		Examples: []string{"weir archive restore --from 2026-03-01 --to 2026-03-08 --into logs-restored.", "weir archive restore 'user.name: kim' --from -30d"},
		Common:   []string{"from", "to", "into"}, Sections: [][]string{{"What", "into"}, {"When", "from", "to"}},
		Exits: "1 Elasticsearch refused some events; 3 it does not answer, or the archive cannot be read",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.from, "from", "", "`time` of the oldest (forms: weir help time)")
			f.StringVar(&o.to, "to", "", "`time` before which (default now)")
			f.StringVar(&o.into, "into", "", "begin the names of indices with this `prefix` (default elastic.prefix)")
		},
		Run: func(cmd *cobra.Command, args []string) error {
			return c.restore(cmd.Context(), c.shell(), o, strings.Join(args, ""))
		},
	}
}

// restore restores, and says what it did also where it ended early.
func (c *commands) restore(ctx context.Context, sh ui.Shell, o restoreFlags, query string) error {
	from, to, err := sh.Times(o.from, o.to)
	if err != nil {
		return err
	}
	if to.IsZero() {
		to = sh.Now()
	}
	cfg, err := c.config(sh)
	if err != nil {
		return err
	}
	r := restoring.Options{Elastic: cfg.Elastic, Into: o.into, Query: query, From: from, To: to, State: restoring.StateFile(cfg.Data, query, o.from, o.to, o.into), Now: sh.Now}
	began := sh.Now()
	if sh.Msg.TTY {
		r.Progress = func(p restoring.Progress) {
			sh.Note("%s of %s events, up to %s", term.Count(p.Read), term.Count(p.Total), p.At.In(sh.Msg.Zone).Format("2006-01-02 15:04"))
		}
	}
	return sh.Ask(ctx, func(b control.Backend) error {
		res, err := restoring.Run(ctx, b, r)
		if res == nil {
			return err
		}
		for _, w := range res.Warn {
			sh.Warn(w.Fault())
		}
		if e := restored(sh, res, began, err == nil); err == nil {
			err = e
		}
		if err == nil && res.Refused > 0 {
			err = ui.Found{Code: 1}
		}
		return err
	})
}

// restored says what became of the events.
func restored(sh ui.Shell, res *restoring.Result, began time.Time, whole bool) error {
	if sh.JSON {
		return sh.Line(map[string]any{"read": res.Read, "indexed": res.Indexed, "present": res.Present, "refused": res.Refused, "total": res.Total, "resumed": res.Resumed, "whole": whole, "reasons": res.Reasons})
	}
	text := fmt.Sprintf("%s: %s indexed, %s there already, %s refused", ui.Plural(int(res.Read), "event"), term.Count(res.Indexed), term.Count(res.Present), term.Count(res.Refused))
	if err := sh.Printf("%s\n", text); err != nil {
		return err
	}
	for _, reason := range res.Reasons {
		sh.Note("refused: %s", term.Escape(reason))
	}
	switch {
	case !whole:
		sh.Note("stopped; the same command goes on from here")
	case res.Resumed:
		sh.Note("done in %s, an earlier run included in the counts", term.Duration(sh.Now().Sub(began)))
	default:
		sh.Note("done in %s", term.Duration(sh.Now().Sub(began)))
	}
	return nil
}
