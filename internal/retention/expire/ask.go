package expire

import (
	"context"
	"time"

	"weir/internal/control/question"
	"weir/internal/control/retaining"
	"weir/internal/retention"
	"weir/internal/retention/plan"
)

// Questions are what commands and the console may ask a runner.
func (r *Runner) Questions() question.Table {
	return question.Table{
		retaining.AskReport: question.Typed(func(ctx context.Context, _ retaining.ReportRequest) (retention.Facts, error) {
			f := r.Report(ctx)
			return f, ctx.Err()
		}),
		retaining.AskHold:    question.Typed(r.Hold),
		retaining.AskRelease: question.Typed(r.Release),
		retaining.AskHolds:   question.Typed(r.Holds),
		retaining.AskPolicy:  question.Typed(r.Policy),
	}
}

// Report returns the facts of a report about retention. It waits for nobody: what expires meanwhile is in it, or is not.
func (r *Runner) Report(ctx context.Context) retention.Facts {
	in, known := r.look(ctx)
	return plan.Report(in, plan.Make(in), known)
}

// Warnings returns what somebody should look at.
func (r *Runner) Warnings(ctx context.Context) []retention.Warning {
	in, known := r.look(ctx)
	return plan.Warnings(in, plan.Make(in), known)
}

// look gathers what a report is made of.
func (r *Runner) look(ctx context.Context) (plan.Input, plan.Known) {
	in := r.input(ctx, r.opts.Policy.Current(), r.opts.Now())
	known := plan.Known{Enforce: r.opts.Enforce, Actions: r.opts.Archive.Actions()}
	r.mu.Lock()
	known.LastRun, known.Refused, known.Detail = r.lastRun, r.refused, r.detail
	r.mu.Unlock()
	if r.opts.Copies != nil {
		known.Copies = r.opts.Copies()
	}
	if r.opts.Verified != nil {
		known.Verify = r.opts.Verified()
	}
	return in, known
}

// Policy says what policy is in force, and what would go by it.
func (r *Runner) Policy(ctx context.Context, q retaining.PolicyRequest) (retaining.PolicyAnswer, error) {
	if q.TrustClock {
		if err := r.trust(ctx); err != nil {
			return retaining.PolicyAnswer{}, err
		}
	}
	in, known := r.look(ctx)
	// What would go is shown whether anything goes now or not.
	verdicts := plan.Make(in)
	f := plan.Report(in, verdicts, known)
	out := retaining.PolicyAnswer{Policy: f.Policy, Text: string(in.Policy.Text()), Zone: f.Zone, Classes: f.Classes}
	if !q.Plan {
		return out, ctx.Err()
	}
	for i := range verdicts {
		v := &verdicts[i]
		if v.Why == retention.NotDue || v.Why == retention.Forever {
			out.Later++
			continue
		}
		s := &v.Segment
		out.Plan = append(out.Plan, retaining.PlanLine{Path: s.Path, Class: s.Class, Day: s.Day, Rows: s.Rows, Bytes: s.Bytes, Due: v.Due, DeleteBy: v.DeleteBy,
			Why: v.Why, Holds: v.Holds, Detail: v.Detail})
	}
	return out, ctx.Err()
}

// trust believes the clock from now on, because somebody says so.
func (r *Runner) trust(ctx context.Context) error {
	r.work.Lock()
	defer r.work.Unlock()
	now := r.opts.Now()
	// Both times are told: who reads the audit trail sees how far the clock was believed to jump.
	before := r.clock.last
	if err := r.clock.set(now); err != nil {
		return err
	}
	r.mu.Lock()
	if r.refused == retention.Unsafe {
		r.refused, r.detail = "", ""
	}
	r.mu.Unlock()
	r.opts.Tell(Note{Action: "retention-clock", By: who(ctx), Message: "the clock is said to be right: " + now.UTC().Format(time.RFC3339) + ", last looked at " + before.UTC().Format(time.RFC3339)})
	r.Kick()
	return nil
}
