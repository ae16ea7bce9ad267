package index

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// atomKind says how an atom is found in an event.
type atomKind uint8

const (
	// present: the field has a value.
	present atomKind = iota
	// equal: a value of the field is the text.
	equal
	// tail: the last part of a value, behind its last slash or backslash, is the text.
	tail
	// within: a value has the text in it.
	within
	// inRow: a value has the row in it.
	inRow
)

// atom is something that can be found in an event at little cost. Texts are folded.
type atom struct {
	kind  atomKind
	field string // or tree.Any
	text  string
	row   row
}

// maxAtoms bounds the atoms of one condition. One that needs more is tried where one of its fields is present.
const maxAtoms = 20_000

// need is what a part of a condition needs of an event: one atom of a set. A set without atoms is of a part that never
// holds.
type need struct {
	atoms []atom
	// any: the part may hold whatever the event is.
	any    bool
	weight float64
}

// Bounds on second needs: where the first one is rare they spare nothing, and where they are many or frequent
// themselves they cost more than they spare.
const (
	rareEnough = 0.004
	maxSecond  = 64
	oftenness  = 0.6
)

// both finds two sets of atoms of which every event that satisfies the node has one each. The second is without any
// where it would not help.
func (w *weigher) both(n *tree.Node) (first, second need) {
	first = w.needs(n, false)
	second = anything
	if n.Op != tree.And || first.any || first.weight < rareEnough {
		return first, second
	}
	used := false
	for _, k := range n.Kids {
		got := w.needs(k, false)
		if !used && !got.any && got.weight == first.weight {
			used = true // the one that first is from
			continue
		}
		if got.any || len(got.atoms) > maxSecond || got.weight > oftenness || slices.ContainsFunc(got.atoms, func(a atom) bool { return a.kind == present }) {
			continue
		}
		if second.any || got.weight < second.weight {
			second = got
		}
	}
	return first, second
}

// anything is the need of a part of which nothing is known.
var anything = need{any: true, weight: 1}

// needs finds the cheapest set of atoms of which every event that satisfies the node has at least one. not asks it of
// the opposite of the node.
func (w *weigher) needs(n *tree.Node, not bool) need {
	op := n.Op
	if not {
		switch op {
		case tree.And:
			op = tree.Or
		case tree.Or:
			op = tree.And
		}
	}
	switch op {
	case tree.Leaf:
		return w.leaf(n.Test, not)
	case tree.Not:
		return w.needs(n.Kids[0], !not)
	case tree.And:
		best := anything
		for _, k := range n.Kids {
			// Any one child is necessary; the one that fewest events have spares the most.
			if got := w.needs(k, not); !got.any && (best.any || got.weight < best.weight) {
				best = got
			}
		}
		return best
	}
	var all need
	for _, k := range n.Kids {
		got := w.needs(k, not)
		if got.any || len(all.atoms)+len(got.atoms) > maxAtoms {
			return anything
		}
		all.atoms = append(all.atoms, got.atoms...)
		all.weight += got.weight
	}
	return all
}

// leaf finds the atoms of one test.
func (w *weigher) leaf(t *tree.Test, not bool) need {
	if t.Kind == kind.Constant {
		if (len(t.Values) > 0) != not {
			return anything
		}
		return need{}
	}
	if not {
		if t.Kind == kind.Absent {
			return w.one(atom{kind: present, field: t.Field})
		}
		return anything
	}
	field := w.one(atom{kind: present, field: t.Field})
	switch t.Kind {
	case kind.Absent, kind.Code:
		return anything
	case kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith, kind.Glob, kind.Regex:
		if t.Form != form.Plain || t.Other != "" {
			return field
		}
		if got := w.texts(t); !got.any && (field.any || got.weight < field.weight) {
			return got
		}
	}
	return field
}

// texts finds the atoms of a test on texts: one set for each value, all together, since any of the values is enough.
func (w *weigher) texts(t *tree.Test) need {
	if len(t.Values) > maxAtoms {
		return anything
	}
	all := need{atoms: make([]atom, 0, len(t.Values))}
	for _, v := range t.Values {
		got := w.value(t, v)
		if got.any || len(all.atoms)+len(got.atoms) > maxAtoms {
			return anything
		}
		all.atoms = append(all.atoms, got.atoms...)
		all.weight += got.weight
	}
	return all
}

// value finds the atoms of a test for one of its values.
func (w *weigher) value(t *tree.Test, v string) need {
	// Without folding bytes are compared. Half of a letter is found in a whole one then, but not in its fold.
	if !t.Fold && t.Kind != kind.Equal && !utf8.ValidString(v) {
		return anything
	}
	switch t.Kind {
	case kind.Equal:
		// An operator of expr compares moments, whose texts differ.
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil && !t.Fold {
			return anything
		}
		return w.one(atom{kind: equal, field: t.Field, text: fold.String(v)})
	case kind.Contains, kind.StartsWith:
		return w.one(atom{kind: within, field: t.Field, text: fold.String(v)})
	case kind.EndsWith:
		return w.end(t.Field, fold.String(v))
	case kind.Glob:
		return w.glob(t.Field, v)
	}
	return w.regex(t.Field, v)
}

// end finds the atoms of a test for the end of a text. Where the end holds a whole last part, that is found by one look
// and no search.
func (w *weigher) end(field, s string) need {
	if part, ok := lastPart(s); ok {
		return w.one(atom{kind: tail, field: field, text: part})
	}
	return w.one(atom{kind: within, field: field, text: s})
}

// lastPart returns what is behind the last slash or backslash. ok is false if there is none, or nothing behind it.
func lastPart(s string) (part string, ok bool) {
	i := lastSlash(s)
	return s[i+1:], i >= 0 && i+1 < len(s)
}

// lastSlash returns the place of the last slash or backslash, -1 if there is none.
func lastSlash(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '\\' || s[i] == '/' {
			return i
		}
	}
	return -1
}

// glob finds the atoms of a pattern for a whole text: the rarest of the texts between its wildcards.
func (w *weigher) glob(field, pattern string) need {
	pieces, open := globPieces(pattern)
	if len(pieces) == 1 && !open.start && !open.end {
		return w.one(atom{kind: equal, field: field, text: pieces[0]})
	}
	best := anything
	for i, p := range pieces {
		got := w.one(atom{kind: within, field: field, text: p})
		if i == len(pieces)-1 && !open.end {
			got = w.end(field, p)
		}
		if !got.any && (best.any || got.weight < best.weight) {
			best = got
		}
	}
	return best
}

// ends tells at which ends of a pattern a wildcard stands.
type ends struct{ start, end bool }

// globPieces returns the texts between the wildcards of a pattern, folded. A pattern without any is one piece.
func globPieces(pattern string) (pieces []string, open ends) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*' || c == '?':
			if i == 0 {
				open.start = true
			}
			if b.Len() > 0 {
				pieces = append(pieces, fold.String(b.String()))
				b.Reset()
			}
			open.end = i == len(pattern)-1
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteByte(pattern[i]) // of a longer letter the first byte; the others follow as they are
		default:
			b.WriteByte(c)
		}
	}
	if b.Len() > 0 || pattern == "" {
		pieces = append(pieces, fold.String(b.String()))
	}
	return pieces, open
}

// one makes the need of one atom. Texts of one byte, but for the odd ones, are in nearly every value, so they ask for
// the field alone.
func (w *weigher) one(a atom) need {
	if a.kind == within && (a.text == "" || len(a.text) == 1 && !odd(a.text[0])) {
		a.kind, a.text = present, ""
	}
	if a.kind == present && a.field == tree.Any {
		return anything
	}
	return need{atoms: []atom{a}, weight: w.weight(a)}
}

// odd tells whether a byte is in few values.
func odd(c byte) bool { return strings.IndexByte("`^~|{}$%@#<>;!+?*&[]", c) >= 0 || c < ' ' }

// unique sorts atoms and drops the copies.
func unique(atoms []atom) []atom {
	slices.SortFunc(atoms, compareAtoms)
	return slices.Compact(atoms)
}

func compareAtoms(a, b atom) int {
	if a.kind != b.kind {
		return int(a.kind) - int(b.kind)
	}
	if c := strings.Compare(a.field, b.field); c != 0 {
		return c
	}
	if c := strings.Compare(a.text, b.text); c != 0 {
		return c
	}
	if c := cmp.Compare(a.row.n, b.row.n); c != 0 {
		return c
	}
	return slices.Compare(a.row.class[:], b.row.class[:])
}
