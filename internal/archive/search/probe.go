package search

import (
	"math"
	"net/netip"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/archive/column"
	"weir/internal/archive/index"
	"weir/internal/query"
)

// probe is what a leaf asks the index before it looks at values.
type probe struct {
	exact  bool     // a term without stars: values are compared whole, texts by tokens
	words  []string // folded tokens of the value
	addr   string   // the value as an address
	isAddr bool
	net    bool // the value is a network
	v4     bool // of IPv4, and its addresses are base under mask
	base   uint32
	mask   uint32
	number string
	isNum  bool
	scans  bool // a text has to be read even with an index
}

// newProbe reads the value in every way in which a field may compare it.
func newProbe(l *leaf) probe {
	var p probe
	if !l.term || l.value == nil {
		return p
	}
	v := l.value
	p.exact = !v.Wild()
	for tok := range query.Tokens(v.Text) {
		p.words = append(p.words, string(query.Fold(nil, tok)))
	}
	p.addr, p.isAddr = index.AddrTerm(v.Text)
	network, err := netip.ParsePrefix(v.Text)
	p.net = err == nil
	if p.v4 = p.net && network.Addr().Is4() && !l.free(); p.v4 {
		p.mask = uint32(math.MaxUint32 << (32 - network.Bits()))
		p.base, _ = index.V4(network.Masked().Addr().String())
	}
	if f, ok := index.ParseNumber(v.Text); ok {
		p.number, p.isNum = index.NumberTerm(f), true
	}
	p.scans = v.Quoted && (l.free() || l.field.Match(event.Message.Path())) && len(p.words) > 1
	return p
}

// never tells whether no value of the column can be the value: fields whose type cannot hold it are passed over.
func (l *leaf) never(m *column.Column) bool {
	if !l.term || m.ID < 0 {
		return false
	}
	switch event.Field(m.ID).Type() {
	case ecs.Long, ecs.Double:
		return !l.probe.isNum
	case ecs.IP:
		return l.probe.exact && !l.probe.isAddr && !l.probe.net
	}
	return false
}

// prune returns the rows of a column that may fulfil the condition. With done they do, and no value has to be read.
func (l *leaf) prune(r *reach, m *column.Column, within column.Bits) (rows column.Bits, done bool, err error) {
	if l.never(m) {
		return nil, true, nil
	}
	if r.ix == nil || !l.term || m.ID < 0 {
		return within, false, nil
	}
	f := event.Field(m.ID)
	if f == event.Message {
		return l.pruneMessage(r, within)
	}
	if !l.probe.exact || !index.Whole(m.ID, m.Kind) {
		return within, false, nil
	}
	value := l.value.Text
	if f.Type() == ecs.IP {
		if l.probe.net {
			return within, false, nil
		}
		value = l.probe.addr
	}
	has, err := r.has(m, value)
	if err != nil {
		r.drop(err)
		return within, false, nil
	}
	if !has {
		return nil, true, nil
	}
	return within, false, nil
}

// has asks the filter about one field, after it has asked about all fields: that answer is remembered, because free
// text asks for field after field.
func (r *reach) has(m *column.Column, value string) (bool, error) {
	if !index.Rare(m.ID) {
		some, known := r.some[value]
		if !known {
			var err error
			if some, err = r.ix.Has("", value); err != nil {
				return false, err
			}
			r.some[value] = some
		}
		if !some {
			return false, nil
		}
	}
	return r.ix.Has(m.Name, value)
}

// pruneMessage finds tokens in the index. Words are decided by it; a phrase still has to be read.
func (l *leaf) pruneMessage(r *reach, within column.Bits) (rows column.Bits, done bool, err error) {
	found := make(column.Bits, len(within))
	switch {
	case !l.probe.exact:
		var e event.Event
		err = r.ix.Each(index.Message, func(tok string) bool {
			e.Set(event.Message, event.Str(tok))
			return l.q.Match(&e)
		}, found)
	case l.value.Quoted:
		if len(l.probe.words) == 0 {
			return nil, true, nil
		}
		found, err = l.allWords(r, index.Message)
	default:
		for _, w := range l.probe.words {
			if err = r.ix.Rows(index.Message, w, found); err != nil {
				break
			}
		}
	}
	if err != nil {
		r.drop(err)
		return within, false, nil
	}
	phrase := l.probe.exact && l.value.Quoted && len(l.probe.words) > 1
	return found.And(within), !phrase, nil
}

// allWords returns the rows that hold every token of the value.
func (l *leaf) allWords(r *reach, space index.Space) (column.Bits, error) {
	var all column.Bits
	for _, w := range l.probe.words {
		set := column.NewBits(r.chunk.Rows())
		if err := r.ix.Rows(space, w, set); err != nil {
			return set, err
		}
		if all == nil {
			all = set
		} else {
			all.And(set)
		}
	}
	return all, nil
}

// restRows returns the rows whose Rest or Raw may fulfil the condition.
func (l *leaf) restRows(r *reach, within column.Bits) (column.Bits, error) {
	has := false
	for i := range r.metas {
		has = has || r.metas[i].ID == column.Rest || r.metas[i].ID == column.Raw
	}
	if !has || within.Empty() {
		return nil, nil
	}
	if r.ix != nil {
		rows, err := l.indexedRest(r)
		if err == nil {
			return rows.And(within), nil
		}
		r.drop(err)
	}
	rows := make(column.Bits, len(within))
	for _, id := range [...]column.ID{column.Rest, column.Raw} {
		c, err := r.named(id, within)
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue // the other one is there
		}
		within.Each(func(row int) bool {
			if c.Code(row) != 0 {
				rows.Set(row)
			}
			return true
		})
	}
	return rows, nil
}

// indexedRest asks the index: rows with a path that the condition is about, of which those whose values are compared
// whole also need every token of the value.
func (l *leaf) indexedRest(r *reach) (column.Bits, error) {
	total := r.chunk.Rows()
	plain, other := column.NewBits(total), column.NewBits(total)
	whole := l.term && l.probe.exact && (len(l.probe.words) > 0 || l.probe.isNum) && (l.free() || l.field.Wild() || comparedWhole(l.field.Text))
	pick := func(wantWhole bool) func(string) bool {
		return func(path string) bool { return l.about(path) && (whole && comparedWhole(path)) == wantWhole }
	}
	if err := r.ix.Each(index.Path, pick(false), plain); err != nil {
		return nil, err
	}
	if !whole {
		return plain, nil
	}
	if err := r.ix.Each(index.Path, pick(true), other); err != nil {
		return nil, err
	}
	found := column.NewBits(total)
	if len(l.probe.words) > 0 {
		var err error
		if found, err = l.allWords(r, index.Other); err != nil {
			return nil, err
		}
	}
	if l.probe.isNum {
		if err := r.ix.Rows(index.Number, l.probe.number, found); err != nil {
			return nil, err
		}
	}
	return plain.Or(other.And(found)), nil
}

// about tells whether a value under the path may be one that the condition is about.
func (l *leaf) about(path string) bool {
	if l.free() || l.field.Wild() {
		return true
	}
	return related(path, l.field.Text)
}

// comparedWhole tells whether values under the path are compared as whole texts or as numbers, not by tokens and not
// as addresses, dates or truth values.
func comparedWhole(path string) bool {
	f, ok := event.Lookup(path)
	if !ok {
		return true
	}
	switch f.Type() {
	case ecs.Keyword, ecs.Flattened, ecs.Nested, ecs.Long, ecs.Double:
		return true
	}
	return false
}
