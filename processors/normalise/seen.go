package normalise

import (
	"strings"

	"weir/internal/record"
)

// seenBack is how many records before its start a worker reads to learn which were seen: more than a producer can have
// in flight for one partition when its broker breaks.
const seenBack = 2000

// seen knows the highest front-door sequence of each ingester's start on one partition. The front door numbers the
// records of a partition in ascending order, so what is not above it is a copy that a producer's retry made.
type seen struct {
	highest map[string]map[uint32]*uint64
	// Of the record before: its ingester and start, and where their highest sequence is.
	lastIng   string
	lastStart uint32
	last      *uint64
}

func newSeen() *seen { return &seen{highest: map[string]map[uint32]*uint64{}} }

// fresh tells whether the identity is above all that came before it, and remembers it.
func (s *seen) fresh(ing record.Ing) bool {
	if s.last == nil || s.lastIng != ing.Ingester || s.lastStart != ing.Start {
		s.turn(ing)
	}
	if ing.Seq <= *s.last {
		return false
	}
	*s.last = ing.Seq
	return true
}

// turn goes to another ingester or start.
func (s *seen) turn(ing record.Ing) {
	if s.lastIng != ing.Ingester {
		s.lastIng = strings.Clone(ing.Ingester) // the name aliases a record
	}
	starts := s.highest[s.lastIng]
	if starts == nil {
		starts = map[uint32]*uint64{}
		s.highest[s.lastIng] = starts
	}
	if starts[ing.Start] == nil {
		starts[ing.Start] = new(uint64)
	}
	s.lastStart, s.last = ing.Start, starts[ing.Start]
}
