package normalise

import "weir/internal/record"

// seenBack is how many records before its start a worker reads to learn which were seen: more than a producer can have
// in flight for one partition when its broker breaks.
const seenBack = 2000

// seen knows the highest front-door sequence of each ingester's start on one partition. The front door numbers the
// records of a partition in ascending order, so what is not above it is a copy that a producer's retry made.
type seen struct {
	highest map[string]map[uint32]uint64
	lastIng string
	last    map[uint32]uint64
}

func newSeen() *seen { return &seen{highest: map[string]map[uint32]uint64{}} }

// fresh tells whether the identity is above all that came before it, and remembers it.
func (s *seen) fresh(ing record.Ing) bool {
	if s.last == nil || s.lastIng != ing.Ingester {
		m := s.highest[ing.Ingester]
		if m == nil {
			m = map[uint32]uint64{}
			s.highest[string([]byte(ing.Ingester))] = m // a copy: the name aliases a record
		}
		s.lastIng, s.last = string([]byte(ing.Ingester)), m
	}
	if ing.Seq <= s.last[ing.Start] {
		return false
	}
	s.last[ing.Start] = ing.Seq
	return true
}
