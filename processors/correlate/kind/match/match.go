// Package match has what a correlation is told: a match of a condition, its order among others, and what is kept of many.
//
// Matches stand in the order of Compare: event time, number of the front door, source position, event id. What tells two
// matches of one time apart is event id and step alone. The package knows no kinds of correlations and no windows.
package match

import (
	"time"
	"unsafe"
)

// Match is one match of one condition, or the completion of an inner correlation. It is never changed once it was handed
// to a group. Its texts are its own: a signal is gone after it was applied.
type Match struct {
	T    int64  // event time, nanoseconds since 1970
	Step int32  // place in correlation.Correlate.Steps of the first step that names what matched; further ones are found by Spec
	Cond uint16 // place of the condition in the rule: what evidence shows
	room uint16 // of a match of a Pool: which of its sizes it has, from 1
	ID   string
	Src  string
	// Value is what Distinct and NewValue tell apart, "" if the event has none: such a match counts for no kind that asks
	// for a value.
	Value string
	// Number is what Sum, Avg, Median and Percentile compute with.
	Number float64
	// Shown are the values that an alert shows, packed; the engine alone reads them.
	Shown string
	// Parts are, of a completion, some of the matches that made it, in order. They have no parts themselves.
	Parts []*Match
}

// Event times are from 1970 to 2116, so that neither their differences nor sums with spans overflow; what is outside
// becomes the nearest bound. LongAgo is before all of them.
const (
	Farthest = int64(1) << 62 // no time is later
	LongAgo  = -int64(1) << 61
)

// Nanos returns t in nanoseconds since 1970, bounded.
func Nanos(t time.Time) int64 {
	switch s := t.Unix(); {
	case s >= Farthest/1e9:
		return Farthest
	case s < 0:
		return 0
	}
	return t.UnixNano()
}

// Same tells whether two are one match that came twice, or two completions by one event.
func Same(a, b *Match) bool {
	return a.ID == b.ID && a.Step == b.Step && a.T == b.T && a.Src == b.Src
}

// matchSize is what a match costs without its texts.
const matchSize = int(unsafe.Sizeof(Match{}))

// SizeOf is about how much memory a match holds.
func SizeOf(m *Match) int {
	n := matchSize + len(m.ID) + len(m.Src) + len(m.Value) + len(m.Shown)
	for _, p := range m.Parts {
		n += 8 + matchSize + len(p.ID) + len(p.Src) + len(p.Value) + len(p.Shown)
	}
	return n
}
