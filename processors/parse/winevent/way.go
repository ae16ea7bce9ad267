package winevent

import "strings"

// way is a place on the ways that lines went: a name, after all names before it. Lines of one source have the same names in
// the same order, but for a few, so ways are a tree with long branches, and whoever is on one knows the next name before
// reading it.
//
// A line asks for some thirty of them, and between two lines rules push them out of the nearest cache. So what is looked at
// each time stands in one cache line, and those that follow one another lie side by side.
type way struct {
	// The first sixteen bytes of the key, as many as the masks say.
	head, headMask, tail, tailMask uint64
	up                             *place // that of the place
	to                             *place
	next                           *way // the name that came after this one, and seldom others
	size                           int  // of the key

	key    string // that of the place
	others []*way
}

// Bounds on the tree. What does not fit into it is looked up by name.
const (
	maxWays = 4096
	// maxOthers are the names after one, beside the first.
	maxOthers = 15
	// maxLearned are the places that one line adds: what comes once does not fill the tree, what comes often is in it soon.
	maxLearned = 8
)

// follow returns the way on to a name below p that stands at i in s, nil if it is none that came before. The way that is
// taken moves to the front: lines of several kinds come mixed, but the kind of the last one is the likeliest.
func (w *way) follow(p *place, s string, i int) *way {
	n := w.next
	if n == nil || len(s)-i < 16 { // so near the end of a line it is not worth it
		return nil
	}
	head, tail := word(s, i), word(s, i+8)
	for k := 0; ; k++ {
		if head&n.headMask == n.head && tail&n.tailMask == n.tail && n.up == p && (n.size <= 16 || strings.HasPrefix(s[i:], n.key)) {
			if k > 0 {
				w.others[k-1], w.next = w.next, n
			}
			return n
		}
		if k == len(w.others) {
			return nil
		}
		n = w.others[k]
	}
}

// leave goes on from a name that the way did not foresee: on a new branch if there is room, else on none to the end of the
// line.
func (r *Reader) leave(n *place) {
	from := r.way
	if from == nil {
		return
	}
	if r.way = from.on(n); r.way != nil {
		return // it was not looked for, so near the end of the line
	}
	if n.key == "" || r.learned == maxLearned || r.ways >= maxWays || len(from.others) == maxOthers {
		return
	}
	r.learned++
	r.ways++
	r.way = r.newWay(n)
	if from.next == nil {
		from.next = r.way
	} else {
		from.others = append(from.others, r.way)
	}
}

// on returns the way on to a place, nil if there is none.
func (w *way) on(n *place) *way {
	if w.next != nil && w.next.to == n {
		return w.next
	}
	for _, o := range w.others {
		if o.to == n {
			return o
		}
	}
	return nil
}

// newWay makes a way to a place. Ways are made in blocks, so that those of one line are neighbours.
func (r *Reader) newWay(n *place) *way {
	if len(r.block) == cap(r.block) {
		r.block = make([]way, 0, 64)
	}
	padded := n.key + "                "
	w := way{up: n.up, to: n, key: n.key, size: len(n.key)}
	w.headMask = ^uint64(0) >> (8 * max(0, 8-len(n.key)))
	w.head = word(padded, 0) & w.headMask
	if len(n.key) > 8 {
		w.tailMask = ^uint64(0) >> (8 * max(0, 16-len(n.key)))
		w.tail = word(padded, 8) & w.tailMask
	}
	r.block = append(r.block, w)
	return &r.block[len(r.block)-1]
}
