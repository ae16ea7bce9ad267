package index

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/klauspost/compress/zstd"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/archive/column"
	"weir/internal/query"
)

// Source is what an index is built from: the columns of a segment, or of the table that becomes one.
type Source interface {
	Rows() int
	Columns() []column.Column
	// Load reads a column by name; nil where there is none. within is nil here: all rows.
	Load(name string, within column.Bits) (*column.Column, error)
}

// Build writes the index of a source, whose row order[i] is row i of the segment. sha ties it to the segment.
func Build(w io.Writer, src Source, order []int, sha [32]byte) error {
	b := builder{ids: make(map[string]uint32, len(order)), pairs: make([]pair, 0, 16*len(order))}
	if err := b.messages(src, order); err != nil {
		return err
	}
	if err := b.rest(src, order); err != nil {
		return err
	}
	if err := b.values(src); err != nil {
		return err
	}
	return b.write(w, len(order), sha)
}

// builder collects pairs of term and row. Terms are numbered as they come; pairs come in row order, so that a counting
// sort by term leaves each term's rows ascending.
type builder struct {
	ids    map[string]uint32
	recent [4096]uint32 // by a sum over the term: number of one seen lately + 1. Most words of a text are few
	text   []byte       // what is free of the memory of the terms
	terms  []string
	last   []uint32 // by term: the row of its last pair + 1
	pairs  []pair
	hashes []uint64
	buf    []byte
}

type pair struct{ term, row uint32 }

// add notes that a row holds a term, once.
func (b *builder) add(key []byte, row uint32) {
	sum := uint32(0)
	for _, c := range key {
		sum = sum*31 + uint32(c)
	}
	recent := &b.recent[sum%uint32(len(b.recent))]
	id := *recent - 1
	if *recent == 0 || b.terms[id] != string(key) {
		id = b.id(key)
		*recent = id + 1
	}
	if b.last[id] == row+1 {
		return
	}
	b.last[id] = row + 1
	b.pairs = append(b.pairs, pair{id, row})
}

// id returns the number of a term, which is new where it has none.
func (b *builder) id(key []byte) uint32 {
	id, ok := b.ids[string(key)]
	if !ok {
		id = uint32(len(b.terms))
		if len(b.text) < len(key) {
			b.text = make([]byte, max(64<<10, len(key)))
		}
		k := unsafe.String(unsafe.SliceData(b.text), copy(b.text, key))
		b.text = b.text[len(key):]
		b.ids[k] = id
		b.terms = append(b.terms, k)
		b.last = append(b.last, 0)
	}
	return id
}

// tokens adds the folded tokens of a text, as the query compares them.
func (b *builder) tokens(space Space, text string, row uint32) {
	for tok := range query.Tokens(text) {
		b.buf = query.Fold(append(b.buf[:0], byte(space)), tok)
		b.add(b.buf, row)
	}
}

// messages indexes the one text that nearly every event has and nearly every search is about.
func (b *builder) messages(src Source, order []int) error {
	c, err := src.Load(event.Message.Path(), nil)
	if err != nil || c == nil {
		return err
	}
	for i, row := range order {
		if s, ok := c.Str(row); ok {
			b.tokens(Message, s, uint32(i))
		}
	}
	return nil
}

// rest indexes what has no column: paths, tokens of every text, numbers. A row has either a Rest or a Raw; both columns
// are walked over together because pairs have to come in row order.
func (b *builder) rest(src Source, order []int) error {
	var cols [2]*column.Column
	for i, name := range [...]string{column.RestName, column.RawName} {
		c, err := src.Load(name, nil)
		if err != nil {
			return err
		}
		cols[i] = c
	}
	if cols[0] == nil && cols[1] == nil {
		return nil
	}
	var e event.Event
	for i, row := range order {
		for _, c := range cols {
			if s, ok := c.Str(row); ok {
				_ = e.Decode(unsafe.Slice(unsafe.StringData(s), len(s))) // what can be read of it is what it holds
				b.event(&e, uint32(i))
			}
		}
	}
	return nil
}

// event adds what stands in one Rest or Raw.
func (b *builder) event(e *event.Event, row uint32) {
	e.Each(func(f event.Field, v event.Value) bool {
		b.path(f.Path(), v, row)
		return true
	})
	e.EachExtra(func(path string, v event.Value) bool {
		b.path(path, v, row)
		return true
	})
}

// path adds that a row has a value under a path, and the value.
func (b *builder) path(path string, v event.Value, row uint32) {
	b.buf = append(append(b.buf[:0], byte(Path)), path...)
	b.add(b.buf, row)
	b.leaves(v, row)
}

// leaves adds every single value below v in each form in which a query may compare it.
func (b *builder) leaves(v event.Value, row uint32) {
	switch v.Kind() {
	case event.String:
		b.tokens(Other, v.Str(), row)
		if f, ok := ParseNumber(v.Str()); ok {
			b.number(f, row)
		}
	case event.Int, event.Float:
		b.number(v.Float(), row)
		b.tokens(Other, v.Text(), row)
	case event.Bool, event.Time:
		b.tokens(Other, v.Text(), row)
	case event.List:
		for i := range v.Len() {
			b.leaves(v.Item(i), row)
		}
	case event.Object:
		for i := range v.Len() {
			_, m := v.Member(i)
			b.leaves(m, row)
		}
	}
}

// number adds a number in its one form.
func (b *builder) number(f float64, row uint32) {
	b.buf = append(append(b.buf[:0], byte(Number)), NumberTerm(f)...)
	b.add(b.buf, row)
}

// Whole tells whether the strings of a column are in the filter: those that a query compares as a whole.
func Whole(id column.ID, k column.Kind) bool {
	if id < 0 || k != column.Key && k != column.Text && k != column.List {
		return false
	}
	f := event.Field(id)
	return f.Type() != ecs.Text && f != event.EventOriginal && f != event.WeirOriginalBase64
}

// values fills the filter. A value is in it once with the name of its field and, unless the field's values hardly ever
// repeat, once alone, so that free text needs one look-up where no field has it. Addresses are in it in their one form
// (AddrTerm) too.
func (b *builder) values(src Source) error {
	for _, meta := range src.Columns() {
		if !Whole(meta.ID, meta.Kind) {
			continue
		}
		c, err := src.Load(meta.Name, nil)
		if err != nil {
			return err
		}
		alone := !Rare(meta.ID)
		ip := event.Field(meta.ID).Type() == ecs.IP
		for _, s := range c.Strs {
			b.value(meta.Name, s, alone)
			if ip {
				if a, ok := AddrTerm(s); ok && a != s {
					b.value(meta.Name, a, alone)
				}
			}
		}
	}
	slices.Sort(b.hashes)
	b.hashes = slices.Compact(b.hashes)
	return nil
}

// Rare tells whether the values of a column are in the filter only with the name of their field.
func Rare(id column.ID) bool {
	k, _ := column.KindOf(id)
	return k == column.Text
}

// value adds one value of one field to the filter.
func (b *builder) value(field, s string, alone bool) {
	b.hashes = append(b.hashes, hash(field, s))
	if alone {
		b.hashes = append(b.hashes, hash("", s))
	}
}

// sorted groups the pairs by term: rows of term t are rows[ends[t-1]:ends[t]].
func (b *builder) sorted() (rows []uint32, ends []uint32) {
	ends = make([]uint32, len(b.terms)+1)
	for _, p := range b.pairs {
		ends[p.term+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	next := slices.Clone(ends)
	rows = make([]uint32, len(b.pairs))
	for _, p := range b.pairs {
		rows[next[p.term]] = p.row
		next[p.term]++
	}
	return rows, ends
}

// order returns the terms in order. Most are told apart by their first bytes, which are compared as one number.
func (b *builder) order() []uint32 {
	type begin struct {
		first uint64
		term  uint32
	}
	list := make([]begin, len(b.terms))
	for i, t := range b.terms {
		var first [8]byte
		copy(first[:], t)
		list[i] = begin{binary.BigEndian.Uint64(first[:]), uint32(i)}
	}
	slices.SortFunc(list, func(x, y begin) int {
		if x.first != y.first {
			return cmp.Compare(x.first, y.first)
		}
		return strings.Compare(b.terms[x.term], b.terms[y.term])
	})
	out := make([]uint32, len(list))
	for i, l := range list {
		out[i] = l.term
	}
	return out
}

// encoder is shared, as its buffers are large. The fastest level makes an index an eighth larger, and sealing a tenth cheaper.
var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(64<<10))
})

// write lays the file out. Long postings go first, so that the blocks know their places.
func (b *builder) write(w io.Writer, total int, sha [32]byte) error {
	rows, ends := b.sorted()
	enc, err := encoder()
	if err != nil {
		return fmt.Errorf("writing an index: %w", err)
	}
	f := filer{enc: enc}
	for _, t := range b.order() {
		f.term(b.terms[t], rows[ends[t]:ends[t+1]], total)
	}
	f.closeBlock()
	tr := trailer{rows: uint32(total), segment: Of(sha), bloomOff: uint64(len(f.out))}
	bloom := buildBloom(b.hashes)
	f.out = append(f.out, bloom...)
	dir := enc.EncodeAll(f.dir, nil)
	dir = binary.LittleEndian.AppendUint32(dir, checksum(dir))
	tr.bloomLen, tr.dirOff, tr.dirLen = uint32(len(bloom)), uint64(len(f.out)), uint32(len(dir))
	f.out = tr.append(append(f.out, dir...))
	if len(f.out) > math.MaxInt32 {
		return fmt.Errorf("writing an index: %d bytes are too many", len(f.out))
	}
	if _, err := w.Write(f.out); err != nil {
		return fmt.Errorf("writing an index: %w", err)
	}
	return nil
}

// filer lays terms out in blocks.
type filer struct {
	enc   *zstd.Encoder
	out   []byte // the file so far
	dir   []byte // first term, place and length of each block
	block []byte // terms of the open block, plain
	first string
	prev  string
	post  []byte
}

// term adds one term: what it shares with the one before, the rest, then its postings or their place.
func (f *filer) term(term string, rows []uint32, total int) {
	if len(f.block) == 0 {
		f.first, f.prev = term, ""
	}
	shared := 0
	for shared < len(term) && shared < len(f.prev) && term[shared] == f.prev[shared] {
		shared++
	}
	f.block = binary.AppendUvarint(f.block, uint64(shared))
	f.block = binary.AppendUvarint(f.block, uint64(len(term)-shared))
	f.block = append(f.block, term[shared:]...)
	f.post = appendPostings(f.post[:0], rows, total)
	f.block = binary.AppendUvarint(f.block, uint64(len(f.post)))
	if len(f.post) <= inlineMax {
		f.block = append(f.block, f.post...)
	} else {
		off := len(f.out)
		f.out = f.enc.EncodeAll(f.post, f.out)
		f.block = binary.AppendUvarint(f.block, uint64(off))
		f.block = binary.AppendUvarint(f.block, uint64(len(f.out)-off))
		f.block = binary.LittleEndian.AppendUint32(f.block, checksum(f.out[off:]))
	}
	f.prev = term
	if len(f.block) >= blockSize {
		f.closeBlock()
	}
}

// closeBlock packs the open block and notes it in the directory. A block begins with a whole term, so that it can be
// read alone.
func (f *filer) closeBlock() {
	if len(f.block) == 0 {
		return
	}
	off := len(f.out)
	f.out = f.enc.EncodeAll(f.block, f.out)
	f.dir = binary.AppendUvarint(f.dir, uint64(len(f.first)))
	f.dir = append(f.dir, f.first...)
	f.dir = binary.AppendUvarint(f.dir, uint64(off))
	f.dir = binary.AppendUvarint(f.dir, uint64(len(f.out)-off))
	f.dir = binary.LittleEndian.AppendUint32(f.dir, checksum(f.out[off:]))
	f.block = f.block[:0]
}
