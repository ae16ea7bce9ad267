package kind

// Bounds of the evidence of a completion.
const (
	headParts = 5
	tailParts = 3
	maxParts  = headParts + tailParts
)

// parts collects the evidence of a completion: the first and the last of what made it. Of what is a completion itself,
// its parts are taken: what an outer correlation shows are events, and what it holds does not grow with its depth.
type parts struct {
	list []*Match
}

// take adds the next match.
func (p *parts) take(m *Match) {
	if len(m.Parts) == 0 {
		p.leaf(m)
	}
	for _, x := range m.Parts {
		p.leaf(x)
	}
}

func (p *parts) leaf(m *Match) {
	if len(p.list) < maxParts {
		p.list = append(p.list, m)
		return
	}
	copy(p.list[headParts:], p.list[headParts+1:])
	p.list[maxParts-1] = m
}

// completion makes the match that an outer correlation gets for m.
func (p *parts) completion(m *Match, t int64) *Match {
	c := *m
	c.T, c.Parts = t, p.list
	return &c
}

// completion makes it of the matches from place i to before j, and skips the middle of what is long.
func (l *list) completion(m *Match, t int64, i, j int) *Match {
	var p parts
	for k := i; k < j; k++ {
		if k == i+maxParts && j-k > maxParts {
			k = j - maxParts
		}
		p.take(l.at(k))
	}
	return p.completion(m, t)
}
