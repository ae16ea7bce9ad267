package oracle

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/alert"
	"weir/rules"
)

// Bounds of what an alert shows, as documented: of each condition the first events and the last.
const (
	firstShown = 5
	lastShown  = 3
)

// Said is all that was written to weir.alerts, by id and revision. One that was written twice must be the same.
type Said map[string][]*alert.Alert

// Take keeps a revision. A worker that reads signals again writes the same revisions again.
func (s Said) Take(a *alert.Alert) error {
	have := s[a.ID]
	switch {
	case a.Revision < 1 || a.Revision > len(have)+1:
		return fmt.Errorf("alert %s: revision %d comes after %d", a.ID, a.Revision, len(have))
	case a.Revision == len(have)+1:
		s[a.ID] = append(have, a)
		return nil
	}
	before, err := json.Marshal(have[a.Revision-1])
	if err != nil {
		return err
	}
	again, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if !bytes.Equal(before, again) {
		return fmt.Errorf("revision %d of alert %s was written again, and is another one:\n%s\n%s", a.Revision, a.ID, before, again)
	}
	return nil
}

// outcome is what an alert ends up as, without what depends on the order of arrival (id, created, texts).
type outcome struct {
	group       string
	count       int
	first, last int64
	matched     string // per condition
	shown       string // ids of the evidence, sorted
}

func (o outcome) String() string {
	return fmt.Sprintf("%s count %d first %.3f last %.3f matched %s shown %s", o.group, o.count, float64(o.first)/1e9, float64(o.last)/1e9, o.matched, o.shown)
}

func groupText(g map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(g)) {
		out = append(out, k+"="+g[k])
	}
	return strings.Join(out, ",")
}

// wanted returns what an alert of the oracle looks like.
func wanted(a Alert) outcome {
	o := outcome{group: groupText(a.Group), count: a.Count, first: a.First, last: a.Last}
	var shown []string
	for _, ids := range a.Matched {
		o.matched += fmt.Sprint(len(ids), " ")
		n := min(len(ids), firstShown)
		shown = append(shown, ids[:n]...)
		shown = append(shown, ids[max(n, len(ids)-lastShown):]...)
	}
	slices.Sort(shown)
	o.shown = strings.Join(shown, " ")
	return o
}

// found returns what the last revision of an alert is.
func found(r *rules.Rule, a *alert.Alert) outcome {
	o := outcome{group: groupText(a.Group), count: a.Count, first: a.First.UnixNano(), last: a.Last.UnixNano()}
	for _, c := range r.When {
		n := 0
		for _, x := range a.Conditions {
			if x.Name == c.Name {
				n = x.Matched
			}
		}
		o.matched += fmt.Sprint(n, " ")
	}
	var shown []string
	for _, e := range a.Evidence {
		shown = append(shown, e.EventID)
	}
	slices.Sort(shown)
	o.shown = strings.Join(shown, " ")
	return o
}

// Compare holds what was said of a rule against what its alerts must be. It returns the number of alerts that are equal.
func Compare(r *rules.Rule, got Said, want []Alert) (int, error) {
	var g, w []outcome
	for id, revisions := range got {
		if err := grows(revisions); err != nil {
			return 0, err
		}
		last := revisions[len(revisions)-1]
		if last.MergedInto != "" {
			if got[last.MergedInto] == nil {
				return 0, fmt.Errorf("alert %s was merged into %s, which there is not", id, last.MergedInto)
			}
			continue
		}
		g = append(g, found(r, last))
	}
	for _, a := range want {
		w = append(w, wanted(a))
	}
	chained := r.Correlate != nil && len(r.Correlate.Inner) > 0
	if chained {
		// What is behind a completion is shown in part, and which part depends on the order of arrival.
		g, w = roughly(g), roughly(w)
	}
	order := func(a, b outcome) int {
		return cmp.Or(strings.Compare(a.group, b.group), cmp.Compare(a.first, b.first), cmp.Compare(a.count, b.count), strings.Compare(a.shown, b.shown))
	}
	slices.SortFunc(g, order)
	slices.SortFunc(w, order)
	if !slices.Equal(g, w) {
		return 0, fmt.Errorf("%d alerts, want %d%s%s", len(g), len(w), beyond("should not be", g, w), beyond("missing", w, g))
	}
	return len(w), nil
}

// mostShown is how many outcomes a difference names.
const mostShown = 8

// beyond lists what one has and the other has not, each as often.
func beyond(what string, list, other []outcome) string {
	left := map[outcome]int{}
	for _, o := range other {
		left[o]++
	}
	var out strings.Builder
	n := 0
	for _, o := range list {
		if left[o]--; left[o] >= 0 {
			continue
		}
		if n++; n <= mostShown {
			fmt.Fprintf(&out, "\n%s: %s", what, o)
		}
	}
	if n > mostShown {
		fmt.Fprintf(&out, "\n%s: %d more", what, n-mostShown)
	}
	return out.String()
}

// roughly leaves of outcomes what is the same whatever the order of arrival was, for chains.
func roughly(list []outcome) []outcome {
	for i := range list {
		list[i].first, list[i].last, list[i].matched, list[i].shown = 0, 0, "", ""
	}
	return list
}

// grows holds what is true of the revisions of every alert.
func grows(revisions []*alert.Alert) error {
	for i, a := range revisions {
		if a.Count == 0 || len(a.Evidence) == 0 || a.Rule == "" || a.First.After(a.Last) {
			return fmt.Errorf("incomplete: %+v", *a)
		}
		if i == 0 {
			continue
		}
		old := revisions[i-1]
		if old.MergedInto != "" || a.Count < old.Count || a.First.After(old.First) || a.Last.Before(old.Last) || !a.Created.Equal(old.Created) {
			return fmt.Errorf("alert %s: revision %d does not follow:\n%+v\n%+v", a.ID, a.Revision, *old, *a)
		}
	}
	return nil
}
