package backtest

import (
	"cmp"
	"slices"
	"strings"

	"weir/internal/alert"
	"weir/internal/control/trial"
)

// MaxAlerts is how many alerts of one version are found before a backtest ends: no more are of use to anybody.
const MaxAlerts = 100_000

// maxValues is how many bytes of values in evidence are kept.
const maxValues = 64 << 20

// alerts keeps the last revision of each alert.
type alerts struct {
	values bool // of the evidence are wanted
	by     map[string]*alert.Alert
	order  []string // ids, as they were raised
	size   int      // bytes of values that are kept
	cut    int64    // alerts whose values are not
	lost   map[string]bool
}

func newAlerts(values bool) *alerts {
	return &alerts{values: values, by: map[string]*alert.Alert{}, lost: map[string]bool{}}
}

// take keeps a revision in place of the one before. The engine lets it keep them.
func (s *alerts) take(a *alert.Alert) {
	old := s.by[a.ID]
	if old == nil {
		s.order = append(s.order, a.ID)
	} else {
		s.size -= valuesOf(old)
	}
	s.by[a.ID] = a
	n := valuesOf(a)
	if s.values && s.size+n <= maxValues && !s.lost[a.ID] {
		s.size += n
		return
	}
	for i := range a.Evidence {
		a.Evidence[i].Values = nil // the slice is of this revision alone; the maps are the engine's
	}
	if s.values && !s.lost[a.ID] {
		s.lost[a.ID] = true
		s.cut++
	}
}

// valuesOf is the size of the values in the evidence.
func valuesOf(a *alert.Alert) int {
	n := 0
	for _, ev := range a.Evidence {
		for k, v := range ev.Values {
			n += len(k) + len(v)
		}
	}
	return n
}

// list returns the alerts that stand, the earliest first.
func (s *alerts) list() []*alert.Alert {
	out := make([]*alert.Alert, 0, len(s.order))
	for _, id := range s.order {
		if a := s.by[id]; a.MergedInto == "" {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, earlier)
	return out
}

// earlier orders alerts: by their first event, those of one time by their ids.
func earlier(a, b *alert.Alert) int {
	return cmp.Or(a.First.Compare(b.First), strings.Compare(a.Rule, b.Rule), strings.Compare(a.ID, b.ID))
}

// keyFor says by what name the rules of two versions are held beside one another: by their ids, but two rules that are
// alone are meant to be compared, whatever they are called.
func keyFor(versions ...*version) func(id string) string {
	for _, v := range versions {
		if len(v.set.Rules) != 1 {
			return func(id string) string { return id }
		}
	}
	return func(string) string { return "" }
}

// compare marks what is new, as before, and gone, and returns all of it in order. Two alerts are the same if they share an
// event of their evidence, or if they are about the same group at a time: a changed rule gives its alerts other ids, and
// may fold otherwise, so that several of one version stand for one of the other.
func compare(now, before []*alert.Alert, key func(rule string) string) []trial.Alert {
	ix := newIndex(before, key)
	matched := make([]bool, len(before))
	out := make([]trial.Alert, 0, len(now))
	for _, a := range now {
		change := trial.New
		ix.partners(a, key, func(i int) {
			matched[i] = true
			change = trial.Same
		})
		out = append(out, trial.Alert{Alert: *a, Change: change})
	}
	for i, b := range before {
		if !matched[i] {
			out = append(out, trial.Alert{Alert: *b, Change: trial.Gone})
		}
	}
	slices.SortStableFunc(out, func(a, b trial.Alert) int { return earlier(&a.Alert, &b.Alert) })
	return out
}

// pairs finds alerts by their events and by their groups.
type pairs struct {
	list   []*alert.Alert
	events map[string][]int
	groups map[string][]int // in the order of their first events
	longer map[string]int64 // by group: the longest of them, in nanoseconds
}

// newIndex takes alerts in the order of their first events.
func newIndex(list []*alert.Alert, key func(string) string) *pairs {
	p := &pairs{list: list, events: map[string][]int{}, groups: map[string][]int{}, longer: map[string]int64{}}
	for i, a := range list {
		rule := key(a.Rule)
		for _, ev := range a.Evidence {
			id := rule + "\x00" + ev.EventID
			p.events[id] = append(p.events[id], i)
		}
		g := groupKey(rule, a)
		p.groups[g] = append(p.groups[g], i)
		p.longer[g] = max(p.longer[g], int64(a.Last.Sub(a.First)))
	}
	return p
}

// partners calls fn for each alert that is the same as a; it may call it twice for one.
func (p *pairs) partners(a *alert.Alert, key func(string) string, fn func(i int)) {
	rule := key(a.Rule)
	for _, ev := range a.Evidence {
		for _, i := range p.events[rule+"\x00"+ev.EventID] {
			fn(i)
		}
	}
	g := groupKey(rule, a)
	list := p.groups[g]
	// Whatever begins earlier than the longest one before a is over before it.
	from, _ := slices.BinarySearchFunc(list, a, func(i int, a *alert.Alert) int {
		return cmp.Compare(p.list[i].First.UnixNano()+p.longer[g], a.First.UnixNano())
	})
	for _, i := range list[from:] {
		b := p.list[i]
		if b.First.After(a.Last) {
			return
		}
		if !b.Last.Before(a.First) {
			fn(i)
		}
	}
}

// groupKey names the group of an alert. Maps have no order.
func groupKey(rule string, a *alert.Alert) string {
	fields := make([]string, 0, len(a.Group))
	for f, v := range a.Group {
		fields = append(fields, f+"\x00"+v)
	}
	slices.Sort(fields)
	return rule + "\x01" + strings.Join(fields, "\x01")
}
