package plan

import (
	"encoding/json"
	"slices"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/retention"
)

// Hold is an order to keep what a query finds, with what became of it.
type Hold struct {
	manifest.Hold
	Placed        time.Time
	By            string
	Seq           uint64
	Released      time.Time // zero: nobody has
	ReleasedBy    string
	ReleaseReason string
}

// Holds reads the holds from what was done with an archive, in the order in which they were placed. A second hold with the id of
// one that is there changes nothing, and so does a release of one that was released: the manifest only grows, and what was
// promised once stands.
func Holds(actions []archive.ActionInfo) []Hold {
	var out []Hold
	at := map[string]int{}
	for _, a := range actions {
		switch a.Kind {
		case manifest.KindHold:
			var h manifest.Hold
			if json.Unmarshal(a.Body, &h) != nil || h.ID == "" {
				continue
			}
			if _, twice := at[h.ID]; twice { // a later order must not narrow an earlier one
				continue
			}
			at[h.ID] = len(out)
			out = append(out, Hold{Hold: h, Placed: a.At, By: a.By, Seq: a.Seq})
		case manifest.KindRelease:
			var r manifest.Release
			if json.Unmarshal(a.Body, &r) != nil {
				continue
			}
			if i, ok := at[r.ID]; ok && out[i].Released.IsZero() {
				out[i].Released, out[i].ReleasedBy, out[i].ReleaseReason = a.At, a.By, r.Reason
			}
		}
	}
	return out
}

// Active tells whether the hold is in force.
func (h *Hold) Active(now time.Time) bool {
	return h.Released.IsZero() && (h.Until.IsZero() || now.Before(h.Until))
}

// Overlaps tells whether events of a segment may be in the time of the hold: by the logged time, as searches go. From is included,
// To is not.
func (h *Hold) Overlaps(s *archive.SegmentInfo) bool {
	return (h.To.IsZero() || s.Min.Before(h.To)) && (h.From.IsZero() || !s.Max.Before(h.From))
}

// Facts are those of the hold, without what it keeps.
func (h *Hold) Facts(now time.Time) retention.HoldFacts {
	return retention.HoldFacts{ID: h.ID, Query: h.Query, From: h.From, To: h.To, Owner: h.Owner, Reason: h.Reason, Until: h.Until, Placed: h.Placed, By: h.By,
		Active: h.Active(now), Released: h.Released, ReleasedBy: h.ReleasedBy, ReleaseReason: h.ReleaseReason}
}

// Listed puts holds into the order in which people read them: those in force first, the newest first.
func Listed(list []retention.HoldFacts) {
	slices.SortStableFunc(list, func(a, b retention.HoldFacts) int {
		if a.Active != b.Active {
			if a.Active {
				return -1
			}
			return 1
		}
		return b.Placed.Compare(a.Placed)
	})
}
