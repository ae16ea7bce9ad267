package index

import (
	"math"
	"slices"
	"unicode/utf8"

	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
)

// weigher guesses how often an event has an atom. What it knows is the conditions themselves, in which names and words
// that are common in events are common too, and a text of such words. It never sees an event, so a rule set has the
// same index everywhere, and a guess that is wrong costs time and nothing else.
type weigher struct {
	grams  [5][]uint16        // by length: how often a gram is in the texts of conditions, by its hash
	values map[atom]int       // how many tests ask for it: equal and tail
	totals map[string]int     // all of these of one field
	uses   map[string]int     // tests of a field
	beside map[string]string  // the field asked for most often by the conditions that ask for a field too
	fields map[string]float64 // in how many events a field is, which follows from the two
	scale  float64            // by how much many conditions make grams more frequent
}

// Bits of the hash by which grams are counted.
const countBits = 16

func newWeigher(trees []*tree.Node) *weigher {
	w := &weigher{values: map[atom]int{}, totals: map[string]int{}, uses: map[string]int{}, fields: map[string]float64{}}
	for width := 2; width <= 4; width++ {
		w.grams[width] = make([]uint16, 1<<countBits)
	}
	w.beside = map[string]string{}
	w.scale = max(1, float64(len(trees))/3000)
	w.count(common, commonWeight)
	for _, t := range trees {
		w.read(t)
	}
	for _, t := range trees {
		w.neighbours(t)
	}
	for f := range w.uses {
		w.fields[f] = max(w.share(f), 0.7*w.share(w.beside[f]))
	}
	return w
}

// share guesses in how many events a field is: one that hundreds of conditions ask for is in many of them, one that a
// single condition asks for in few.
func (w *weigher) share(f string) float64 {
	n := float64(w.uses[f])
	return 0.03 + 0.9*n/(n+30)
}

// neighbours notes of the fields of one condition which of them is the most frequent: the others come with it.
func (w *weigher) neighbours(n *tree.Node) {
	var fields []string
	n.Walk(func(n *tree.Node) bool {
		if n.Op == tree.Leaf && n.Test.Field != "" && n.Test.Field != tree.Any && !slices.Contains(fields, n.Test.Field) {
			fields = append(fields, n.Test.Field)
		}
		return true
	})
	most := ""
	for _, f := range fields {
		if w.uses[f] > w.uses[most] {
			most = f
		}
	}
	for _, f := range fields {
		if w.uses[most] > w.uses[w.beside[f]] {
			w.beside[f] = most
		}
	}
}

// read counts what the tests of a condition ask for.
func (w *weigher) read(n *tree.Node) {
	for _, k := range n.Kids {
		w.read(k)
	}
	if n.Op != tree.Leaf || n.Test.Kind == kind.Constant || n.Test.Kind == kind.Code {
		return
	}
	t := n.Test
	w.uses[t.Field]++
	for _, v := range t.Values {
		switch t.Kind {
		case kind.Equal:
			w.see(atom{kind: equal, field: t.Field, text: fold.String(v)})
		case kind.Contains, kind.StartsWith:
			w.count(fold.String(v), 1)
		case kind.EndsWith:
			s := fold.String(v)
			w.count(s, 1)
			if part, ok := lastPart(s); ok {
				w.see(atom{kind: tail, field: t.Field, text: part})
			}
		case kind.Glob:
			pieces, open := globPieces(v)
			for _, p := range pieces {
				w.count(p, 1)
			}
			if len(pieces) > 0 && !open.end {
				if part, ok := lastPart(pieces[len(pieces)-1]); ok {
					w.see(atom{kind: tail, field: t.Field, text: part})
				}
			}
		}
	}
}

// see counts a value of a field.
func (w *weigher) see(a atom) {
	w.values[a]++
	w.totals[a.field]++
}

// count counts the grams of a text.
func (w *weigher) count(s string, times uint16) {
	for width := 2; width <= 4; width++ {
		for i := 0; i+width <= len(s); i++ {
			// Up to where the counter ends.
			if p := &w.grams[width][countHash(gram(s, i, width))]; *p < math.MaxUint16-times {
				*p += times
			}
		}
	}
}

func countHash(g uint32) uint32 { return (g * 0x9e3779b1) >> (32 - countBits) }

// rarity is how often a gram of so many bytes is in what was read.
func (w *weigher) rarity(g uint32, width int) int { return int(w.grams[width][countHash(g)]) }

// Chances by length of a text that nothing is known of.
var lengths = [...]float64{0.03, 0.4, 0.1, 0.02, 0.012, 0.008, 0.006, 0.004, 0.003, 0.0025, 0.002, 0.0017, 0.0015}

// oddPair is the chance of two bytes that are no letters, or of which one is odd.
const oddPair = 0.08

func oddOrQuote(c byte) bool { return odd(c) || c == '"' || c == '\'' }

func letter(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= utf8.RuneSelf }

// rowChance is the chance of the shortest rows; longer ones are rarer.
const rowChance = 0.15

// foreign is the chance of a text that is not all ASCII. Conditions that look for such letters look for what is odd.
const foreign = 0.0002

// weight guesses in how many of all events an atom is.
func (w *weigher) weight(a atom) float64 {
	has := 1.0
	if a.field != tree.Any {
		has = w.fields[a.field]
	}
	switch a.kind {
	case present:
		return has
	case equal, tail:
		n, all := w.values[a], w.totals[a.field]
		p := (float64(n) + 0.5) / (float64(all) + 5)
		if a.kind == tail && everywhere[a.text] {
			p = max(p, 0.1)
		}
		return has * p
	case inRow:
		if a.row.size() > 128 {
			return has // of nearly everything
		}
		return has * rowChance * leastRow / float64(a.row.n)
	}
	p := lengths[min(len(a.text), len(lengths))-1]
	if len(a.text) == 2 && (!letter(a.text[0]) && !letter(a.text[1]) || oddOrQuote(a.text[0]) || oddOrQuote(a.text[1])) {
		p = oddPair
	}
	if !ascii(a.text) {
		p = math.Min(p, foreign)
	} else if least := w.rarest(a.text); least > 1 {
		p *= math.Pow(1+float64(least-1)/w.scale, 0.8)
	}
	if a.field == tree.Any {
		p *= 3 // so many values
	}
	return has * min(p, 0.9)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// rarest returns how often the rarest gram of a text was read.
func (w *weigher) rarest(s string) int {
	least := math.MaxInt
	for i := 0; i+4 <= len(s); i++ {
		least = min(least, w.rarity(gram(s, i, 4), 4))
	}
	if least == math.MaxInt {
		return 1 // too short for one
	}
	return least
}
