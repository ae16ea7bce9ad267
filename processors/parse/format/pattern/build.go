package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// letters is a set of letters.
type letters struct {
	ascii [utf8.RuneSelf]bool
	// Pairs of the first and last of each range beyond, in order.
	ranges []rune
	// All but a new line.
	dot bool
}

// at returns the size of the letter at byte i, 0 if it is not of the set. A byte that is no UTF-8 is U+FFFD, as in the
// regexp package.
func (l *letters) at(s string, i int) int {
	if i >= len(s) {
		return 0
	}
	if s[i] < utf8.RuneSelf {
		if l.ascii[s[i]] {
			return 1
		}
		return 0
	}
	c, size := utf8.DecodeRuneInString(s[i:])
	for k := 0; k < len(l.ranges) && l.ranges[k] <= c; k += 2 {
		if c <= l.ranges[k+1] {
			return size
		}
	}
	return 0
}

// all tells whether all letters of s are of the set.
func (l *letters) all(s string) bool {
	for i := 0; i < len(s); {
		size := l.at(s, i)
		if size == 0 {
			return false
		}
		i += size
	}
	return true
}

// builder makes a machine of a tree.
type builder struct {
	// Set where the pattern has something that a machine does not do in the same way as the regexp package.
	beyond bool
	nodes  int
}

// maxNodes bounds the nodes of a machine: repetitions are written out.
const maxNodes = 20_000

// build makes the machine of a pattern, nil if it needs the regexp package.
func build(expr string) *machine {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	b := &builder{}
	m := &machine{places: 2 * tree.MaxCap()}
	m.start = b.node(tree, &node{kind: match})
	if b.beyond {
		return nil
	}
	// With all nodes in place, what each can begin with is found from the end to the start.
	known := map[*node]bool{}
	firsts(m.start, known)
	for n := m.start; ; n = n.next {
		if n.kind == begin {
			m.anchored = true
		}
		if n.kind != mark {
			break
		}
	}
	return m
}

// add counts a node.
func (b *builder) add(n *node) *node {
	// The rest is still walked through, but nothing is made of it.
	if b.nodes++; b.nodes > maxNodes {
		b.beyond = true
	}
	return n
}

// node makes the nodes of a tree that lead to next.
func (b *builder) node(t *syntax.Regexp, next *node) *node {
	if b.beyond {
		return next
	}
	switch t.Op {
	case syntax.OpEmptyMatch:
		return next
	case syntax.OpLiteral:
		return b.literal(t, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return b.add(&node{kind: one, set: setOf(t), next: next})
	case syntax.OpConcat: // from the end, because each node needs to know what follows
		for _, sub := range slices.Backward(t.Sub) {
			next = b.node(sub, next)
		}
		return next
	case syntax.OpCapture:
		closed := b.add(&node{kind: mark, place: 2*t.Cap - 1, next: next})
		return b.add(&node{kind: mark, place: 2*t.Cap - 2, next: b.node(t.Sub[0], closed)})
	case syntax.OpAlternate:
		// All ways lead to the same node, so what follows is there once.
		n := b.add(&node{kind: choice})
		for _, sub := range t.Sub {
			n.ways = append(n.ways, b.node(sub, next))
		}
		return n
	case syntax.OpStar:
		return b.repeat(t, 0, -1, next)
	case syntax.OpPlus:
		return b.repeat(t, 1, -1, next)
	case syntax.OpQuest:
		return b.repeat(t, 0, 1, next)
	case syntax.OpRepeat:
		return b.repeat(t, t.Min, t.Max, next)
	}
	// Places between letters, which take none. Anything else that syntax may know one day is left to its package.
	kinds := map[syntax.Op]kind{syntax.OpBeginText: begin, syntax.OpEndText: end, syntax.OpBeginLine: lineBegin,
		syntax.OpEndLine: lineEnd, syntax.OpWordBoundary: boundary, syntax.OpNoWordBoundary: inside}
	k, ok := kinds[t.Op]
	if !ok {
		b.beyond = true
		return next
	}
	return b.add(&node{kind: k, next: next})
}

// literal makes the nodes of a text. One that is the same in capitals is a row of sets.
func (b *builder) literal(t *syntax.Regexp, next *node) *node {
	if t.Flags&syntax.FoldCase == 0 && !slices.Contains(t.Rune, utf8.RuneError) {
		return b.add(&node{kind: literal, text: string(t.Rune), next: next})
	}
	for _, c := range slices.Backward(t.Rune) {
		set := &letters{}
		set.add(c, c)
		if t.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				set.add(f, f)
			}
			set.sort()
		}
		next = b.add(&node{kind: one, set: set, next: next})
	}
	return next
}

// repeat makes the nodes of a repetition.
func (b *builder) repeat(t *syntax.Regexp, least, most int, next *node) *node {
	lazy := t.Flags&syntax.NonGreedy != 0
	sub := t.Sub[0]
	// A repetition of single letters, which most are, is one node.
	if set := setOf(sub); set != nil {
		return b.add(&node{kind: loop, set: set, least: least, most: most, lazy: lazy, next: next})
	}
	if most < 0 {
		most = least
		// What may be empty could be repeated forever; how that ends is a matter of taste.
		if shortest(sub) == 0 {
			b.beyond = true
			return next
		}
		again := b.add(&node{kind: choice})
		again.ways = ways(b.node(sub, again), next, lazy)
		next = again
	}
	for on := next; most > least && !b.beyond; most-- { // x{0,3} is (x(x(x)?)?)?
		n := b.add(&node{kind: choice})
		n.ways = ways(b.node(sub, next), on, lazy)
		next = n
	}
	// What must be there comes first, each time written out.
	for range least {
		next = b.node(sub, next)
	}
	return next
}

// ways puts the two ways of a repetition in their order: once more, or on.
func ways(more, on *node, lazy bool) []*node {
	if lazy {
		return []*node{on, more}
	}
	return []*node{more, on}
}

// setOf returns the letters that a tree of a single letter matches, nil if it is another tree.
func setOf(t *syntax.Regexp) *letters {
	l := &letters{}
	switch t.Op {
	case syntax.OpCharClass:
		for i := 0; i < len(t.Rune); i += 2 {
			l.add(t.Rune[i], t.Rune[i+1])
		}
	case syntax.OpAnyChar:
		l.add(0, unicode.MaxRune)
	case syntax.OpAnyCharNotNL:
		l.add(0, '\n'-1)
		l.add('\n'+1, unicode.MaxRune)
		l.dot = true
	case syntax.OpLiteral:
		// k is also the Kelvin sign where capitals do not matter: that takes a class.
		if len(t.Rune) != 1 || t.Flags&syntax.FoldCase != 0 {
			return nil
		}
		l.add(t.Rune[0], t.Rune[0])
	default:
		return nil
	}
	return l
}

// add puts a range of letters into the set.
func (l *letters) add(from, to rune) {
	for c := from; c <= to && c < utf8.RuneSelf; c++ {
		l.ascii[c] = true
	}
	if to >= utf8.RuneSelf {
		l.ranges = append(l.ranges, max(from, utf8.RuneSelf), to)
	}
}

// sort puts the ranges of single letters in order.
func (l *letters) sort() {
	var starts []rune
	for i := 0; i < len(l.ranges); i += 2 {
		starts = append(starts, l.ranges[i])
	}
	slices.Sort(starts)
	l.ranges = l.ranges[:0]
	for _, c := range starts {
		l.ranges = append(l.ranges, c, c)
	}
}

// shortest returns the least number of letters that a tree matches, or 1 for many.
func shortest(t *syntax.Regexp) int {
	switch t.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return shortest(t.Sub[0])
	case syntax.OpRepeat:
		return min(t.Min, 1) * shortest(t.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range t.Sub {
			n = max(n, shortest(sub))
		}
		return n
	case syntax.OpAlternate:
		n := 1
		for _, sub := range t.Sub {
			n = min(n, shortest(sub))
		}
		return n
	}
	return 0
}

// firsts sets the bytes with which a text can go on from each node. A node that is being looked at already can be
// reached again only through a repetition whose body is not empty, so its bytes are known without it.
func firsts(n *node, known map[*node]bool) (first *[256]bool) {
	if known[n] {
		return n.first
	}
	known[n] = true
	switch n.kind {
	case match:
		return nil
	case literal:
		firsts(n.next, known)
		n.first = &[256]bool{}
		n.first[n.text[0]] = true
	case one:
		firsts(n.next, known)
		n.first = n.set.bytes()
	case loop:
		next := firsts(n.next, known)
		behind := n.next
		for behind.kind == mark {
			behind = behind.next
		}
		if behind.kind == literal {
			n.text = behind.text
		}
		if n.least > 0 {
			n.first = n.set.bytes()
		} else if next != nil {
			n.first = n.set.bytes()
			for c, is := range next {
				n.first[c] = n.first[c] || is
			}
		}
	case choice:
		all := &[256]bool{}
		open := false
		for _, way := range n.ways {
			first := firsts(way, known)
			if first == nil {
				open = true
				continue
			}
			for c, is := range first {
				all[c] = all[c] || is
			}
		}
		if !open {
			n.first = all
		}
	default: // marks and places take no letter
		n.first = firsts(n.next, known)
	}
	return n.first
}

// bytes returns the first bytes of the letters of a set. All bytes from 0x80 on can begin one that is no ASCII: those that
// are no UTF-8 are U+FFFD.
func (l *letters) bytes() *[256]bool {
	b := &[256]bool{}
	copy(b[:], l.ascii[:])
	for c := utf8.RuneSelf; c < 256 && len(l.ranges) > 0; c++ {
		b[c] = true
	}
	return b
}
