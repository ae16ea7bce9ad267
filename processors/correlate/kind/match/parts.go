package match

// MaxParts bounds the evidence of a completion: the first few and the last few.
const (
	headParts = 5
	tailParts = 3
	MaxParts  = headParts + tailParts
)

// Parts collects the evidence of a completion: the first and the last of what made it. Of what is a completion itself,
// its parts are taken: what an outer correlation shows are events, and what it holds does not grow with its depth.
type Parts struct {
	list []*Match
}

// Take adds the next match.
func (p *Parts) Take(m *Match) {
	if len(m.Parts) == 0 {
		p.leaf(m)
	}
	for _, x := range m.Parts {
		p.leaf(x)
	}
}

// leaf adds a match without parts. Once there are too many, the first of the last ones makes room.
func (p *Parts) leaf(m *Match) {
	if len(p.list) < MaxParts {
		p.list = append(p.list, m)
		return
	}
	copy(p.list[headParts:], p.list[headParts+1:])
	p.list[MaxParts-1] = m
}

// Completion makes the match that an outer correlation gets for m.
func (p *Parts) Completion(m *Match, t int64) *Match {
	c := m.Copy()
	c.T, c.Parts = t, p.list
	return c
}
