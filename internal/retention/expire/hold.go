package expire

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"weir/event"
	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/archive/search"
	"weir/internal/control/retaining"
	"weir/internal/fault"
	"weir/internal/query"
	"weir/internal/retention"
	"weir/internal/retention/plan"
)

// maxText bounds owner and reason of a hold: they stand in the manifest for ever.
const maxText = 4000

// Hold places a hold. It is in force when Hold returns, and nothing that it may want goes from then on.
func (r *Runner) Hold(ctx context.Context, q retaining.HoldRequest) (retaining.HoldAnswer, error) {
	now := r.opts.Now()
	if err := r.checkHold(&q, now); err != nil {
		return retaining.HoldAnswer{}, err
	}
	// Whoever expires has the lock for a whole run: what is still there after it stays.
	r.work.Lock()
	defer r.work.Unlock()
	h := plan.Hold{Hold: manifest.Hold{ID: newID(now), Query: q.Query, From: q.From.UTC(), To: q.To.UTC(), Owner: q.Owner, Reason: q.Reason, Until: q.Until.UTC()}, Placed: now.UTC(), By: who(ctx)}
	a, err := manifest.NewAction(manifest.KindHold, h.By, now, h.Hold)
	if err != nil {
		return retaining.HoldAnswer{}, err
	}
	seq, err := r.opts.Archive.Act(ctx, []manifest.Action{a})
	if err != nil {
		return retaining.HoldAnswer{}, fmt.Errorf("placing a hold: %w", err)
	}
	out := retaining.HoldAnswer{Hold: h.Facts(now), Seq: seq}
	var events int64
	for _, s := range r.opts.Archive.Segments() {
		if h.Overlaps(&s) {
			out.Segments++
			events += int64(s.Rows)
		}
	}
	r.opts.Tell(Note{Action: actHold, By: h.By, Query: q.Query, Segments: out.Segments, Events: events, Message: fmt.Sprintf("hold %s of %s: %s", h.ID, q.Owner, q.Reason)})
	return out, nil
}

// checkHold refuses what would hold nothing, or what nobody could answer for.
func (r *Runner) checkHold(q *retaining.HoldRequest, now time.Time) error {
	bad := func(what, do string) error {
		return &fault.Error{Code: "hold-invalid", What: what, Do: do, Exit: fault.ExitUsage}
	}
	q.Query, q.Owner, q.Reason = strings.TrimSpace(q.Query), strings.TrimSpace(q.Owner), strings.TrimSpace(q.Reason)
	switch {
	case q.Owner == "":
		return bad("nobody answers for the hold", "name somebody with --owner")
	case q.Reason == "":
		return bad("the hold has no reason", "say it with --reason")
	case len(q.Owner)+len(q.Reason)+len(q.Query) > maxText:
		return bad(fmt.Sprintf("the hold has more than %d bytes of text", maxText), "say it shorter; the archive keeps it for ever")
	case !q.To.IsZero() && !q.From.Before(q.To):
		return bad("the hold ends before it begins", "--to is later than --from")
	case !q.Until.IsZero() && !q.Until.After(now):
		return bad("the hold is over already", "--until is when it ends; without it the hold stands until it is released")
	}
	// As it will be read at each run: a query that cannot be asked would hold everything of its time.
	_, err := query.ParseAt(q.Query, now.In(r.opts.Policy.Current().Zone()))
	return err
}

// newID makes an id of a hold: its day, and what nobody can guess or meet again.
func newID(now time.Time) string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return "H" + now.UTC().Format("20060102") + "-" + hex.EncodeToString(b)
}

// Release ends a hold before its time.
func (r *Runner) Release(ctx context.Context, q retaining.ReleaseRequest) (retaining.ReleaseAnswer, error) {
	r.work.Lock()
	defer r.work.Unlock()
	now := r.opts.Now()
	h, err := r.find(q.ID)
	if err != nil {
		return retaining.ReleaseAnswer{}, err
	}
	q.Reason = strings.TrimSpace(q.Reason)
	switch {
	case q.Reason == "":
		return retaining.ReleaseAnswer{}, &fault.Error{Code: "hold-invalid", What: "the release has no reason", Do: "say it with --reason", Exit: fault.ExitUsage}
	case len(q.Reason) > maxText:
		return retaining.ReleaseAnswer{}, &fault.Error{Code: "hold-invalid", What: fmt.Sprintf("the reason has more than %d bytes", maxText), Do: "say it shorter", Exit: fault.ExitUsage}
	case !h.Released.IsZero():
		return retaining.ReleaseAnswer{}, &fault.Error{Code: "hold-unknown", What: fmt.Sprintf("the hold %s was released already", h.ID), Why: fmt.Sprintf("by %s at %s", h.ReleasedBy, h.Released.UTC().Format(time.RFC3339)), Do: "weir archive holds --all", Exit: fault.ExitUsage}
	}
	by := who(ctx)
	a, err := manifest.NewAction(manifest.KindRelease, by, now, manifest.Release{ID: h.ID, Reason: q.Reason})
	if err != nil {
		return retaining.ReleaseAnswer{}, err
	}
	seq, err := r.opts.Archive.Act(ctx, []manifest.Action{a})
	if err != nil {
		return retaining.ReleaseAnswer{}, fmt.Errorf("releasing a hold: %w", err)
	}
	h.Released, h.ReleasedBy, h.ReleaseReason = now.UTC(), by, q.Reason
	out := retaining.ReleaseAnswer{Hold: h.Facts(now), Seq: seq}
	for _, v := range plan.Make(r.input(ctx, r.opts.Policy.Current(), now)) {
		if v.Why == retention.Due {
			out.Due++
			out.DueEvents += int64(v.Segment.Rows)
		}
	}
	r.opts.Tell(Note{Action: actRelease, By: by, Query: h.Query, Message: fmt.Sprintf("hold %s of %s is released: %s", h.ID, h.Owner, q.Reason)})
	return out, nil
}

// find returns the hold with an id, or with the beginning of one that is the only one in force.
func (r *Runner) find(id string) (plan.Hold, error) {
	var near []plan.Hold // the exact one wins over those that it begins
	for _, h := range plan.Holds(r.opts.Archive.Actions()) {
		if h.ID == id {
			return h, nil
		}
		if id != "" && strings.HasPrefix(h.ID, id) {
			near = append(near, h)
		}
	}
	if len(near) == 1 {
		return near[0], nil
	}
	f := &fault.Error{Code: "hold-unknown", What: fmt.Sprintf("there is no hold %s", id), Do: "weir archive holds", Exit: fault.ExitUsage}
	if len(near) > 1 {
		f.What = fmt.Sprintf("%d holds begin with %s", len(near), id)
	}
	return plan.Hold{}, f
}

// Holds lists holds with what they keep.
func (r *Runner) Holds(ctx context.Context, q retaining.HoldsRequest) (retaining.HoldsAnswer, error) {
	f := r.Report(ctx)
	out := retaining.HoldsAnswer{Holds: []retention.HoldFacts{}}
	for _, h := range f.Holds {
		if h.Active || q.All {
			out.Holds = append(out.Holds, h)
		}
	}
	return out, ctx.Err()
}

// finder asks the archive whether a hold finds an event in a segment: in its class and time, rows that a revision hides
// included. Events of another segment of the same class and time may answer for it, so more is kept than has to be, never less.
// The queries of holds are read as of when they were placed, once for all segments of a plan. A sealed segment never changes, so
// what was found once is remembered.
func (r *Runner) finder(ctx context.Context, zone *time.Location) plan.Finds {
	parsed := map[string]*query.Query{}
	return func(h *plan.Hold, s *archive.SegmentInfo) (bool, error) {
		key := answerKey{h.ID, s.Path, s.SHA256}
		if found, known := r.answer(key); known {
			return found, nil
		}
		q := parsed[h.ID]
		if q == nil {
			var err error
			if q, err = query.ParseAt(h.Query, h.Placed.In(zone)); err != nil {
				return false, err
			}
			parsed[h.ID] = q
		}
		from, to := s.Min, s.Max.Add(time.Nanosecond)
		if h.From.After(from) {
			from = h.From
		}
		if !h.To.IsZero() && h.To.Before(to) {
			to = h.To
		}
		// Documents are only looked for where somebody takes them; one is enough to know.
		found := false
		sum, err := r.opts.Archive.Search(ctx, search.Request{Query: q, From: from, To: to, Classes: []string{s.Class}, Size: 1, Uncounted: true, Revisions: true},
			func([]byte, *event.Event) error { found = true; return nil })
		switch {
		case found:
		case err != nil:
			return false, err
		case len(sum.Unreadable) > 0:
			return false, sum.Unreadable[0]
		}
		r.remember(key, found)
		return found, nil
	}
}

// answerKey is a hold and a segment.
type answerKey struct{ hold, path, sum string }

// maxAnswers bounds what is remembered; beyond it all is asked again.
const maxAnswers = 200_000

// answer is what is remembered of a hold and a segment.
func (r *Runner) answer(key answerKey) (found, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, known = r.answers[key]
	return found, known
}

// remember keeps what a hold finds in a segment.
func (r *Runner) remember(key answerKey, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answers == nil || len(r.answers) >= maxAnswers {
		r.answers = map[answerKey]bool{}
	}
	r.answers[key] = found
}
