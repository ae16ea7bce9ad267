package plan

import (
	"encoding/json"
	"slices"
	"time"

	"weir/internal/archive"
	"weir/internal/archive/manifest"
	"weir/internal/nearest"
	"weir/internal/retention"
	"weir/internal/retention/policy"
)

// When something is said: a hold that ends within a week, or ended within the last; a law that was read more than a year ago;
// records that are two days beyond the day by which they had to be gone, since the one who deletes comes by once an hour.
const (
	holdSoon   = 7 * 24 * time.Hour
	beyondLate = 48 * time.Hour
	maxGaps    = 1000
)

// Known is what a report says that does not follow from plan and policy.
type Known struct {
	Enforce bool
	Refused retention.Why
	Detail  string
	LastRun time.Time
	Copies  []retention.CopyFacts
	Verify  retention.VerifyFacts
	Actions []archive.ActionInfo
}

// Report makes the facts of a report from a plan.
func Report(in Input, verdicts []Verdict, known Known) retention.Facts {
	f := retention.Facts{Made: in.Now, Zone: in.Policy.Zone().String(), Copies: known.Copies, Verify: known.Verify,
		Policy: retention.PolicyFacts{Version: in.Policy.Version(), Files: in.Policy.Files(), Enforce: known.Enforce, Refused: known.Refused, Detail: known.Detail, LastRun: known.LastRun}}
	r := &reporter{in: in, facts: &f, classes: map[string]*retention.ClassFacts{}, unknown: map[string]*retention.UnknownFacts{}, days: map[string]map[string]bool{}}
	for _, name := range in.Policy.Names() {
		f.Classes = append(f.Classes, classFacts(in.Policy, name, in.Now))
	}
	// By name, into the list that is handed out; it does not grow any more.
	for i := range f.Classes {
		r.classes[f.Classes[i].Name] = &f.Classes[i]
	}
	for i := range verdicts {
		r.segment(&verdicts[i])
	}
	for i := range f.Classes {
		f.Classes[i].Gaps = gaps(r.days[f.Classes[i].Name])
	}
	for _, name := range r.order {
		f.Unknown = append(f.Unknown, *r.unknown[name])
	}
	r.actions(known.Actions)
	r.holds(verdicts)
	for _, s := range in.Policy.Systems() {
		f.Systems = append(f.Systems, retention.SystemFacts{Name: s.Name, Title: s.Title, Owner: s.Owner, Subjects: s.Subjects, Class: s.Class, Because: s.Because})
	}
	f.Warnings = Warnings(in, verdicts, known)
	return f
}

// classFacts are what the policy says of a class.
func classFacts(p *policy.Policy, name string, now time.Time) retention.ClassFacts {
	c := p.Class(name, now)
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	f := retention.ClassFacts{Name: c.Name, Title: c.Title, Law: c.Law, Article: c.Article, Notice: c.Notice, Applies: c.Applies, Note: c.Note, Status: c.Status,
		Checked: c.Checked, Keep: c.Keep.String(), Review: c.Review, Original: c.Original, ValidFrom: day(c.From), ValidTo: day(c.To)}
	if !c.DeleteBy.Forever() {
		f.DeleteBy = c.DeleteBy.String()
	}
	for _, o := range p.Classes() {
		if o.Name == name {
			f.Variants++
		}
	}
	return f
}

// reporter adds segments up. It belongs to one call.
type reporter struct {
	in      Input
	facts   *retention.Facts
	classes map[string]*retention.ClassFacts
	unknown map[string]*retention.UnknownFacts
	order   []string                   // names of unknown classes
	days    map[string]map[string]bool // with records, by class
}

// segment adds a segment.
func (r *reporter) segment(v *Verdict) {
	s := &v.Segment
	r.facts.Segments++
	r.facts.Events += int64(s.Rows)
	r.facts.Bytes += s.Bytes
	c := r.classes[s.Class]
	if c == nil {
		r.stranger(s)
		return
	}
	c.Segments++
	c.Events += int64(s.Rows)
	c.Bytes += s.Bytes
	c.Oldest, c.Newest = span(c.Oldest, c.Newest, s)
	if c.FirstDay == "" || s.Day < c.FirstDay {
		c.FirstDay = s.Day
	}
	c.LastDay = max(c.LastDay, s.Day)
	if r.days[s.Class] == nil {
		r.days[s.Class] = map[string]bool{}
	}
	r.days[s.Class][s.Day] = true
	if s.Quarantined != "" {
		c.Quarantined++
	}
	switch v.Why {
	case retention.Due:
		c.DueNow++
	case retention.Held:
		c.Held++
	}
	if v.Beyond(r.in.Now) {
		c.Beyond++
	}
	// What a hold keeps has no day on which it goes. What is due but could not go yet keeps its day, which has passed.
	if v.Why != retention.Held && !v.Due.IsZero() && (c.NextExpiry.IsZero() || v.Due.Before(c.NextExpiry)) {
		c.NextExpiry = v.Due
	}
}

// stranger adds a segment whose class the policy does not have.
func (r *reporter) stranger(s *archive.SegmentInfo) {
	u := r.unknown[s.Class]
	if u == nil {
		u = &retention.UnknownFacts{Name: s.Class, Near: nearest.Name(s.Class, r.in.Policy.Names())}
		r.unknown[s.Class] = u
		r.order = append(r.order, s.Class)
	}
	u.Segments++
	u.Events += int64(s.Rows)
	u.Bytes += s.Bytes
	u.Oldest, u.Newest = span(u.Oldest, u.Newest, s)
}

// span widens a span of time by that of a segment.
func span(oldest, newest time.Time, s *archive.SegmentInfo) (time.Time, time.Time) {
	if oldest.IsZero() || s.Min.Before(oldest) {
		oldest = s.Min
	}
	if s.Max.After(newest) {
		newest = s.Max
	}
	return oldest, newest
}

// gaps returns the days without records between the first and the last day with some.
func gaps(days map[string]bool) []retention.Gap {
	if len(days) == 0 {
		return nil
	}
	var list []time.Time
	for d := range days { // what is no day comes from another program's manifest and is in no gap
		if t, err := time.Parse(time.DateOnly, d); err == nil {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	var out []retention.Gap
	for i := 1; i < len(list) && len(out) < maxGaps; i++ {
		if n := int(list[i].Sub(list[i-1]).Hours()/24) - 1; n > 0 {
			out = append(out, retention.Gap{From: list[i-1].AddDate(0, 0, 1).Format(time.DateOnly), To: list[i].AddDate(0, 0, -1).Format(time.DateOnly), Days: n})
		}
	}
	return out
}

// actions adds what was done: policies that were noted, segments that went.
func (r *reporter) actions(list []archive.ActionInfo) {
	for _, a := range list {
		switch a.Kind {
		case manifest.KindPolicy: // in order: the last one counts, and one that came back is in force since then
			var file manifest.File
			if json.Unmarshal(a.Body, &file) == nil {
				r.facts.Policy.Changes++
				r.facts.Policy.Since = time.Time{}
				if file.SHA256 == r.facts.Policy.Version {
					r.facts.Policy.Since = a.At
				}
			}
		case manifest.KindExpiry:
			var x manifest.Expiry
			if json.Unmarshal(a.Body, &x) != nil || r.classes[x.Class] == nil { // of a class that the policy had once
				continue
			}
			c := r.classes[x.Class]
			c.ExpiredSegments++
			c.ExpiredEvents += int64(x.Rows)
			if a.At.After(c.LastExpiry) {
				c.LastExpiry = a.At
			}
		}
	}
}

// holds adds the holds with what they keep.
func (r *reporter) holds(verdicts []Verdict) {
	for i := range r.in.Holds {
		h := &r.in.Holds[i]
		f := h.Facts(r.in.Now)
		for j := range verdicts {
			v := &verdicts[j]
			if slices.Contains(v.Holds, h.ID) {
				f.Keeps++
				if v.Beyond(r.in.Now) {
					f.Beyond++
				}
			}
		}
		r.facts.Holds = append(r.facts.Holds, f)
	}
	Listed(r.facts.Holds)
}
