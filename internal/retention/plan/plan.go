// Package plan says what becomes of each segment of an archive: which go, which stay, and why. It changes nothing; whoever
// carries a plan out is another.
package plan

import (
	"cmp"
	"slices"
	"time"

	"weir/internal/archive"
	"weir/internal/retention"
	"weir/internal/retention/policy"
)

// The order of the conditions is the order of what must never happen: first what nobody knows stays, then what is not over, then
// what a hold may want, then what somebody has just brought in. Only what passes all of them goes. Nothing of this asks whether
// things may go at all (a policy that is not noted, a clock that is not trusted): a plan is worth reading then too, and who
// carries it out decides that for all segments at once.

// Finds tells whether a hold finds an event in a segment. With an error it cannot be decided, and then the segment is kept.
type Finds func(h *Hold, s *archive.SegmentInfo) (bool, error)

// Input is what a plan is made of.
type Input struct {
	Now      time.Time
	Policy   *policy.Policy
	Segments []archive.SegmentInfo
	Holds    []Hold // those that have ended count for nothing
	// Finds is asked about segments whose time is over and which a hold overlaps; nil: every such segment is held.
	Finds Finds
	// Settle is for how long after a segment was published it stays, however old its events are: whoever imports old logs gets to
	// see them.
	Settle time.Duration
}

// Verdict is what becomes of one segment.
type Verdict struct {
	Segment  archive.SegmentInfo
	Why      retention.Why
	Due      time.Time // when it may go; zero: never
	DeleteBy time.Time // when it must be gone; zero: never
	Holds    []string  // ids of the holds that keep it
	// Detail says what could not be decided about a hold.
	Detail string
}

// Beyond tells whether the segment is kept although it had to be gone.
func (v *Verdict) Beyond(now time.Time) bool { return !v.DeleteBy.IsZero() && !now.Before(v.DeleteBy) }

// Make makes a plan: a verdict a segment, in the order of the days, then of the classes. It goes only by what it is given.
func Make(in Input) []Verdict {
	type key struct{ class, day string }
	type term struct {
		keep, gone time.Time
		ok         bool
	}
	terms := map[key]term{} // many segments have one class and day
	out := make([]Verdict, 0, len(in.Segments))
	for _, s := range in.Segments {
		// The class is the one in the manifest, under which the file was sealed: what the file itself says now counts for nothing.
		k := key{s.Class, s.Day}
		t, seen := terms[k]
		if !seen {
			t.keep, t.gone, t.ok = in.Policy.Due(s.Class, s.Day)
			terms[k] = t
		}
		v := Verdict{Segment: s, Due: t.keep, DeleteBy: t.gone}
		switch {
		case !t.ok:
			v.Why = retention.Unknown
		case t.keep.IsZero():
			v.Why = retention.Forever
		case in.Now.Before(t.keep):
			v.Why = retention.NotDue
		default:
			in.over(&v)
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b Verdict) int {
		return cmp.Or(cmp.Compare(a.Segment.Day, b.Segment.Day), cmp.Compare(a.Segment.Class, b.Segment.Class), cmp.Compare(a.Segment.Path, b.Segment.Path))
	})
	return out
}

// over decides about a segment whose time is over. All holds are asked, not only until one keeps it: each is told what it keeps.
func (in *Input) over(v *Verdict) {
	for i := range in.Holds {
		h := &in.Holds[i]
		if !h.Active(in.Now) || !h.Overlaps(&v.Segment) {
			continue
		}
		held, detail := in.decide(h, &v.Segment)
		if held {
			v.Holds = append(v.Holds, h.ID)
			v.Detail = cmp.Or(v.Detail, detail)
		}
	}
	switch {
	case len(v.Holds) > 0: // beyond delete_by too: the report says so
		v.Why = retention.Held
	case in.Now.Before(v.Segment.Published.Add(in.Settle)):
		v.Why = retention.Fresh
		if until := v.Segment.Published.Add(in.Settle); until.After(v.Due) {
			v.Due = until
		}
	default:
		v.Why = retention.Due
	}
}

// decide tells whether a hold keeps a segment. What cannot be decided is kept, and detail says why.
func (in *Input) decide(h *Hold, s *archive.SegmentInfo) (held bool, detail string) {
	switch {
	case s.Quarantined != "": // it may hold what is wanted, and somebody may mend it
		return true, "it cannot be read: " + s.Quarantined
	case h.Query == "" || in.Finds == nil:
		return true, ""
	}
	found, err := in.Finds(h, s)
	if err != nil {
		return true, "the hold " + h.ID + " cannot be asked about it: " + err.Error()
	}
	return found, ""
}
