package kind

import (
	"time"

	"weir/processors/correlate/kind/match"
)

// Found is told what was found. The calls come while Add or Pass runs, and m stays the group's until Free.
type Found interface {
	// Hit says that m counts in an alert. It comes once for each match. seen tells that Part has said m before.
	Hit(m *Match, seen bool)
	// More says that n further matches, from m's time to last, are hits like m, which was said just before: they were
	// too many to keep.
	More(m *Match, n int, last int64)
	// Part says that m, no hit itself, is evidence of the hit.
	Part(m, hit *Match)
	// Complete says that a span in which the correlation holds ends with m, a match of its own with Parts, and for
	// absences another time than the last match. Groups whose Spec asks for completions say these and nothing else.
	Complete(m *Match)
	// Free says that nobody was told of m, and that the group has no more use for it: its memory may be another match.
	Free(m *Match)
}

// Group is what a correlation remembers of one group. One goroutine at a time. Its times are those of events.
type Group interface {
	// Add takes a match. One that is there already (same id and step) changes nothing. Whoever goes on to use m makes a copy
	// before: the group may give it back.
	Add(m *Match, to Found)
	// Pass says that nothing before cut will come any more, except late: what waited for that is decided, and what no
	// match from cut on can reach is let go.
	Pass(cut int64, to Found)
	// Due is the time that the cut must pass for Pass to have something to do: to decide, or to let the whole group go.
	// Pass is due when the cut is greater than it.
	Due() int64
	// Since is the time of the earliest match that is not decided, Farthest if all are: hits and completions are never
	// earlier than that.
	Since() int64
	// Empty tells that nothing is left to remember.
	Empty() bool
	// Progress tells how far the group is on the way to firing, from 0 to Levels-1, the latter if it has fired.
	Progress() int
	// Bytes is about how much memory it holds.
	Bytes() int
	// Approximate says in words which numbers are estimates, "" if none is.
	Approximate() string
	// Append writes it, for Spec.Read.
	Append(dst []byte) []byte
}

// Levels is how finely groups are told apart by how close to firing they are.
const Levels = 10

// Match is what groups take: a match of a condition, or a completion of an inner correlation.
type Match = match.Match

// Pool makes matches, and takes those back of which Found.Free tells.
type Pool = match.Pool

// Farthest is the latest of all times. LongAgo is before all of them: what has nothing to wait for is due then.
const (
	Farthest = match.Farthest
	LongAgo  = match.LongAgo
)

// Compare is the order of matches, the same on every machine: event time, number of the front door, source position,
// event id. It allocates nothing.
func Compare(a, b *Match) int { return match.Compare(a, b) }

// Nanos returns t in nanoseconds since 1970, bounded so that neither differences nor sums with spans overflow.
func Nanos(t time.Time) int64 { return match.Nanos(t) }
