package index

import (
	"math"
	"slices"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
)

// builder makes one index.
type builder struct {
	ix *Index
	w  *weigher
	by map[atom][]uint32 // conditions by what they are filed under
}

// parts is what is filed under the atoms of one field.
type parts struct {
	present     posting
	equal, tail map[string]posting
	texts       []gramText
	rows        []rowText
}

// file finds the atoms of each condition.
func (b *builder) file(trees []*tree.Node) {
	b.by = map[atom][]uint32{}
	var always []uint32
	for i, t := range trees {
		first, second := b.w.both(t)
		if first.any {
			always = append(always, uint32(i))
		}
		for _, a := range unique(first.atoms) {
			b.by[a] = append(b.by[a], uint32(i))
		}
		if second.any {
			b.ix.single[i/64] |= 1 << (i % 64)
		}
		for _, a := range unique(second.atoms) {
			b.by[a] = append(b.by[a], uint32(i)+b.ix.second())
		}
	}
	b.ix.always = b.list(always)
}

// list stores a list of conditions.
func (b *builder) list(conds []uint32) posting {
	from := len(b.ix.lists)
	b.ix.lists = append(b.ix.lists, conds...)
	return posting{uint32(from), uint32(len(b.ix.lists))}
}

// parts sorts what was filed by field, in the same order each time.
func (b *builder) parts() (paths []string, all map[string]*parts) {
	atoms := make([]atom, 0, len(b.by))
	for a := range b.by {
		atoms = append(atoms, a)
	}
	slices.SortFunc(atoms, compareAtoms)
	all = map[string]*parts{}
	for _, a := range atoms {
		p := all[a.field]
		if p == nil {
			p = &parts{equal: map[string]posting{}, tail: map[string]posting{}}
			paths, all[a.field] = append(paths, a.field), p
		}
		conds := b.list(b.by[a])
		switch a.kind {
		case present:
			p.present = conds
		case equal:
			p.equal[a.text] = conds
		case tail:
			p.tail[a.text] = conds
		case within:
			p.texts = append(p.texts, gramText{text: a.text, conds: conds})
		case inRow:
			p.rows = append(p.rows, rowText{a.row, conds})
		}
	}
	return paths, all
}

// build makes the tables of each field.
func (b *builder) build() {
	paths, all := b.parts()
	if p := all[tree.Any]; p != nil {
		b.ix.any = b.field(tree.Any, p, nil)
		b.ix.any.least = b.ix.any.shortest()
	}
	rest, shared := b.share(all)
	for _, path := range paths {
		if path == tree.Any {
			continue
		}
		f := &field{}
		if p := all[path]; len(p.texts) > 0 && shared != nil && !hidden(path) {
			f = b.field(path, p, shared)
			f.also = rest
		} else {
			f = b.field(path, p, nil)
			f.also = b.ix.any
		}
		b.place(f)
	}
	b.hide()
	b.ix.reach = newReach(b.ix.fields)
}

// hide marks the fields that are not among all values, so that an event need not ask for each of its own.
func (b *builder) hide() {
	if b.ix.any == nil {
		return
	}
	for _, id := range event.Fields() {
		b.room(id)
		if b.ix.byField[id] == 0 && fold.Hidden(id) {
			b.ix.byField[id] = hiddenField
		}
	}
}

// room makes byField long enough for a field.
func (b *builder) room(id event.Field) {
	if int(id) >= len(b.ix.byField) {
		b.ix.byField = append(b.ix.byField, make([]uint16, int(id)+1-len(b.ix.byField))...)
	}
}

// maxShared bounds the texts looked for in all values that a field with texts of its own takes into its table, so that
// its values are searched once instead of twice: all of them together may make the tables so many times larger.
const maxShared = 2

// share returns the texts that are looked for in all values, if each field with texts may take them along, and what is
// left to ask for then.
func (b *builder) share(all map[string]*parts) (rest *field, texts []gramText) {
	p := all[tree.Any]
	if p == nil || len(p.texts) == 0 {
		return b.ix.any, nil
	}
	fields, own := 0, 0
	for path, q := range all {
		if path != tree.Any && len(q.texts) > 0 {
			fields, own = fields+1, own+len(q.texts)
		}
	}
	if fields*len(p.texts) > maxShared*own {
		return b.ix.any, nil
	}
	if len(p.equal)+len(p.tail)+len(p.rows) > 0 {
		rest = &field{equal: b.ix.any.equal, tail: b.ix.any.tail, rows: p.rows}
	}
	return rest, p.texts
}

// hidden tells whether a field is not among all values.
func hidden(path string) bool {
	f, ok := event.MakeRef(path).Field()
	return ok && fold.Hidden(f)
}

// field makes the tables of one field, in which the texts of others may have a place too.
func (b *builder) field(path string, p *parts, others []gramText) *field {
	f := &field{path: path, present: p.present, rows: p.rows}
	if len(p.equal) > 0 {
		f.equal = newHashed(p.equal)
	}
	if len(p.tail) > 0 {
		f.tail = newHashed(p.tail)
	}
	if len(p.texts) > 0 {
		f.grams = newGrams(b.w, slices.Concat(p.texts, others))
	}
	return f
}

// shortest returns the length of the shortest value that has anything of what is asked for, but for also.
func (f *field) shortest() int {
	if f == nil {
		return math.MaxInt
	}
	least := math.MaxInt
	for i := range f.rows {
		least = min(least, f.rows[i].row.n)
	}
	if f.grams != nil {
		least = f.grams.least
	}
	if f.equal != nil {
		least = min(least, f.equal.least)
	}
	if f.tail != nil {
		least = min(least, f.tail.least+1)
	}
	return least
}

// place puts a field where find looks for it.
func (b *builder) place(f *field) {
	ix := b.ix
	f.ref = event.MakeRef(f.path)
	id, ok := f.ref.Field()
	f.least = f.shortest()
	if !ok {
		f.also = nil // these are gone through with the object that they are in
		ix.odd = append(ix.odd, f)
		return
	}
	if fold.Hidden(id) {
		f.also = nil
	}
	b.room(id)
	f.least = min(f.least, f.also.shortest())
	ix.fields = append(ix.fields, f)
	ix.byField[id] = uint16(len(ix.fields))
}
