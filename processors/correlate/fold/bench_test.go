package fold

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"weir/internal/alert"
	"weir/processors/correlate/clock"
	"weir/processors/correlate/kind"
	"weir/rules"
)

// bench is a book on a desk, whose revisions are kept.
type bench struct {
	clock *clock.Clock
	desk  *Desk
	book  *Book
	out   []*alert.Alert
}

func newBench(t testing.TB, r *rules.Rule) *bench {
	t.Helper()
	c := clock.New(clock.Options{})
	b := &bench{clock: c, desk: NewDesk(c, slog.New(slog.DiscardHandler))}
	b.book = NewBook(b.desk, NewRule(r))
	b.desk.Begin(func(a *alert.Alert) { b.out = append(b.out, a) })
	return b
}

// match makes a match of a condition at a second.
func (b *bench) match(second int, id string, cond int32) *kind.Match {
	return &kind.Match{T: int64(second) * 1e9, Cond: uint16(cond), ID: id, Src: fmt.Sprintf("raw/0/%d/0", second), Shown: `{"host.name":"web-1","message":"line ` + id + `"}`}
}

// hit gives the book a hit.
func (b *bench) hit(second int, id string, cond int32, group ...string) (m *kind.Match, of string) {
	m = b.match(second, id, cond)
	b.clock.Match(m.T)
	b.book.Hit(&Hit{Match: m, Event: id, At: m.T, Group: key(group...)})
	return m, key(group...)
}

// part gives it evidence of a hit.
func (b *bench) part(second int, id string, cond int32, hit *kind.Match, group string) {
	b.book.Part(group, b.match(second, id, cond), hit)
}

func (b *bench) deliver() { b.desk.Deliver() }

// idle says all that is unsaid.
func (b *bench) idle() { b.desk.Flush(true) }

// last returns the last revision of each alert that is still one, in the order of their first events.
func (b *bench) last() []*alert.Alert {
	at := map[string]*alert.Alert{}
	for _, a := range b.out {
		at[a.ID] = a
	}
	var out []*alert.Alert
	for _, a := range at {
		if a.MergedInto == "" {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(x, y *alert.Alert) int { return x.First.Compare(y.First) })
	return out
}

// simple is a rule without a correlation.
func simple(gap int) *rules.Rule {
	return &rules.Rule{ID: "s", Hash: "1", Title: "t", When: conditions("a", "b"), Fold: rules.Fold{By: []string{"ip"}, For: seconds(gap)}}
}
