package plan

import (
	"cmp"
	"slices"
	"time"

	"weir/internal/retention"
	"weir/internal/retention/policy"
)

// Warnings returns what somebody should look at, in a steady order.
func Warnings(in Input, verdicts []Verdict, known Known) []retention.Warning {
	var out []retention.Warning
	if known.Refused == retention.Unsafe {
		out = append(out, retention.Warning{Kind: retention.WarnClock, Detail: known.Detail})
	}
	out = append(out, beyond(in, verdicts)...)
	for i := range in.Holds {
		h := &in.Holds[i]
		// One that was released is nobody's concern: somebody has decided. One that ended by itself may have been forgotten.
		switch left := h.Until.Sub(in.Now); {
		case h.Until.IsZero() || !h.Released.IsZero():
		case left > 0 && left <= holdSoon:
			out = append(out, retention.Warning{Kind: retention.WarnHoldEnds, Hold: h.ID, Time: h.Until, Detail: h.Owner})
		case left <= 0 && left > -holdSoon:
			out = append(out, retention.Warning{Kind: retention.WarnHoldEnded, Hold: h.ID, Time: h.Until, Detail: h.Owner})
		}
	}
	return append(out, laws(in, verdicts)...)
}

// beyond finds segments that are kept though they had to be gone, and those of classes that nobody knows.
func beyond(in Input, verdicts []Verdict) []retention.Warning {
	type key struct{ kind, class, hold string }
	count := map[key]int{}
	for i := range verdicts {
		v := &verdicts[i]
		switch {
		case v.Why == retention.Unknown:
			count[key{retention.WarnUnknown, v.Segment.Class, ""}]++
		// Each hold is named: its owner is the one to ask.
		case v.Beyond(in.Now) && len(v.Holds) > 0:
			for _, id := range v.Holds {
				count[key{retention.WarnBeyond, v.Segment.Class, id}]++
			}
		case v.Beyond(in.Now.Add(-beyondLate)):
			count[key{retention.WarnBeyond, v.Segment.Class, ""}]++
		}
	}
	var out []retention.Warning
	for k, n := range count {
		out = append(out, retention.Warning{Kind: k.kind, Class: k.class, Hold: k.hold, Segments: n})
	}
	slices.SortFunc(out, func(a, b retention.Warning) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Hold, b.Hold))
	})
	return out
}

// laws finds classes in use whose law nobody has read, or not for a year, and those that a file made shorter. A class without a
// record is no reason to wake anybody.
func laws(in Input, verdicts []Verdict) []retention.Warning {
	used := map[string]bool{}
	for i := range verdicts {
		used[verdicts[i].Segment.Class] = true
	}
	var out []retention.Warning
	for _, name := range in.Policy.Names() {
		if !used[name] {
			continue
		}
		c := in.Policy.Class(name, in.Now)
		checked, err := time.Parse(time.DateOnly, c.Checked)
		switch {
		case c.Checked == policy.Never:
			out = append(out, retention.Warning{Kind: retention.WarnNeverChecked, Class: name})
		case err == nil && checked.AddDate(1, 0, 0).Before(in.Now):
			out = append(out, retention.Warning{Kind: retention.WarnCheckedOld, Class: name, Day: c.Checked})
		}
		if c.Shorter {
			out = append(out, retention.Warning{Kind: retention.WarnShorter, Class: name, Detail: c.Keep.String()})
		}
	}
	return out
}
