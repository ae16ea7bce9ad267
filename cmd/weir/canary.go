package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/canary"
	"weir/internal/control"
	"weir/internal/control/watching"
	"weir/internal/fault"
	"weir/internal/term"
)

// What canary prints is a contract: a row a hop (pipe: time, hop, milliseconds since it was sent, text), --json the object of
// watching.Hop, and a last one of how it ended.

// canaryFlags say how a canary goes.
type canaryFlags struct {
	via, to string
	wait    time.Duration
}

// canarySpec is the question whether all of it works, from the socket to whom one tells: the answer is one line that goes
// the whole way. The running weir makes the line and watches for it; this process sends it, as a device would.
func (c *cli) canarySpec() pages.Spec {
	var o canaryFlags
	return pages.Spec{
		Use: "canary", Short: "send a marked line through everything and wait for its alert", Group: "care",
		Long: "The line goes in by the front door, is parsed, stored and matched like any other, and the rule weir-canary raises an alert for it. Each hop is shown with its time. " +
			"No person and no report ever gets that alert; what would become of a real one is shown.",
		Examples: []string{"weir canary", "weir canary --via tcp --wait 5s", "weir canary --to 192.0.2.10:514 --via udp"},
		Common:   []string{"via", "wait", "to", "json"}, Args: ui.AtMost(0),
		Exits: "1 it did not come out, 3 no weir runs, or it has no listener",
		Flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.via, "via", "", "`transport`: udp, tcp, tls or relp (default the first that listens)")
			f.StringVar(&o.to, "to", "", "`host:port` of the front door, where another process has it")
			f.DurationVar(&o.wait, "wait", 30*time.Second, "how `long` to wait for the alert")
		},
		Run: func(cmd *cobra.Command, _ []string) error { return c.canary(cmd.Context(), o) },
	}
}

// canary sends one canary and shows its hops as they come.
func (c *cli) canary(ctx context.Context, o canaryFlags) error {
	if o.wait <= 0 {
		return ui.Usage("--wait "+o.wait.String()+" is no time to wait", "write --wait 30s")
	}
	return c.ask(ctx, func(b control.Backend) error {
		k, ok := b.(watching.Canarier)
		if !ok {
			return &fault.Error{Code: "not-running", What: "no weir runs here that a canary could go through", Do: "start it with `weir up`", Exit: fault.ExitMissing}
		}
		run := canaryRun{c: c}
		res, err := k.Canary(ctx, watching.CanaryRequest{Via: o.via, To: o.to, Wait: o.wait}, func(h watching.Hop) error { return run.hop(ctx, h) })
		if err != nil {
			return err
		}
		return run.done(res)
	})
}

// canaryRun is one canary under way.
type canaryRun struct {
	c    *cli
	sent time.Time
}

// hop shows a hop; the first one is to be done here.
func (r *canaryRun) hop(ctx context.Context, h watching.Hop) error {
	if h.Hop == watching.HopSend {
		if err := r.c.engine.canary(ctx, h.Via, h.To, h.Line); err != nil {
			if errors.Is(err, context.Canceled) {
				return err
			}
			return &fault.Error{Code: "canary-door", What: "the canary cannot be sent", Where: h.Via + " " + h.To, Why: fault.Innermost(err), Do: "weir doctor tries the listeners; weir canary --via tcp", Exit: fault.ExitMissing, Cause: err}
		}
		r.sent, h.Text = h.At, "by "+h.Via+" to "+h.To+", id "+h.ID
		h.Line = nil
	}
	if r.c.json {
		return r.c.line(h)
	}
	took := h.At.Sub(r.sent).Milliseconds()
	if !r.c.out.TTY {
		return r.c.write(fmt.Appendf(nil, "%s\t%s\t%d\t%s\n", h.At.UTC().Format(time.RFC3339Nano), h.Hop, took, term.Escape(h.Text)))
	}
	line := fmt.Sprintf("%s  %-10s  %8s  %s", r.c.out.Clock(h.At), h.Hop, term.Duration(time.Duration(took)*time.Millisecond), term.Escape(h.Text))
	return r.c.write([]byte(r.c.out.Cut(line, r.c.out.Width) + "\n"))
}

// sendCanary is what the real program does for HopSend.
func sendCanary(ctx context.Context, via, to string, line []byte) error {
	_, err := canary.Send(ctx, via, to, line)
	return err
}

// canaryDone is the last line of --json.
type canaryDone struct {
	OK bool `json:"ok"`
	watching.CanaryResult
}

// done says how it ended.
func (r *canaryRun) done(res watching.CanaryResult) error {
	if r.c.json {
		return r.c.line(canaryDone{true, res})
	}
	r.c.note("the canary came out after %s", term.Duration(time.Duration(res.TookMS)*time.Millisecond))
	if res.Forged > 0 {
		r.c.note("%s came that weir never sent, or that came twice", ui.Plural(int(res.Forged), "canary line"))
	}
	return nil
}
