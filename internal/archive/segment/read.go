package segment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"weir/internal/archive/column"
)

// Reader reads one sealed file. It is safe for several goroutines.
type Reader struct {
	file *os.File
	rows int
	cols []info
}

// info is one column of the file.
type info struct {
	id    column.ID
	name  string
	kind  column.Kind
	chunk *parquet.FileColumnChunk
}

// Open opens a file. Only its footer is read.
func Open(path string) (r *Reader, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a segment: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading the footer of %s: damaged: %v", path, p)
		}
		if err != nil {
			_ = f.Close() // only read
		}
	}()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening a segment: %w", err)
	}
	pf, err := parquet.OpenFile(f, st.Size(), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(32<<10))
	if err != nil {
		return nil, fmt.Errorf("reading the footer of %s: %w", path, err)
	}
	groups := pf.RowGroups()
	if len(groups) != 1 {
		return nil, fmt.Errorf("reading %s: %d row groups, not 1", path, len(groups))
	}
	r = &Reader{file: f, rows: int(groups[0].NumRows())}
	chunks := groups[0].ColumnChunks()
	for i, path := range pf.Schema().Columns() {
		in := info{id: column.Named(path[0]), name: path[0]}
		var ok bool
		if in.chunk, ok = chunks[i].(*parquet.FileColumnChunk); !ok {
			return nil, fmt.Errorf("reading column %s: unexpected chunk %T", in.name, chunks[i])
		}
		if in.kind, ok = kindOf(in.chunk, len(path) > 1); !ok {
			continue // a form of a later version: the other columns stay readable
		}
		r.cols = append(r.cols, in)
	}
	return r, nil
}

// kindOf tells the form of a column on disk.
func kindOf(c *parquet.FileColumnChunk, list bool) (column.Kind, bool) {
	t := c.Type()
	switch k := t.Kind(); {
	case list:
		return column.List, k == parquet.ByteArray
	case k == parquet.ByteArray:
		return column.Key, true
	case k == parquet.Double:
		return column.Float, true
	case k == parquet.Boolean:
		return column.Bool, true
	case k != parquet.Int64:
		return 0, false
	}
	if lt := t.LogicalType(); lt != nil {
		if _, ok := lt.Value.(*format.TimestampType); ok {
			return column.Time, true
		}
	}
	return column.Int, true
}

// Close closes the file. Columns loaded before stay valid.
func (r *Reader) Close() error { return r.file.Close() }

// Rows returns the number of rows.
func (r *Reader) Rows() int { return r.rows }

// Columns returns the columns of the file, without their content.
func (r *Reader) Columns() []column.Column {
	out := make([]column.Column, len(r.cols))
	for i, c := range r.cols {
		out[i] = column.Column{ID: c.id, Name: c.name, Kind: c.kind}
	}
	return out
}

// Load reads one column, by its name on disk. With within, only pages that hold a row of it need be read: other rows
// look as if they had no value. A file without the column gives nil.
func (r *Reader) Load(name string, within column.Bits) (c *column.Column, err error) {
	at := slices.IndexFunc(r.cols, func(in info) bool { return in.name == name })
	if at < 0 {
		return nil, nil
	}
	in := r.cols[at]
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, fmt.Errorf("reading column %s of %s: damaged: %v", name, r.file.Name(), p)
		} else if err != nil {
			err = fmt.Errorf("reading column %s of %s: %w", name, r.file.Name(), err)
		}
	}()
	l := loader{within: within, col: &column.Column{ID: in.id, Kind: in.kind, Name: in.name, Codes: make([]uint32, r.rows)}}
	pages := in.chunk.PagesFrom(r.file)
	defer pages.Close()
	if within == nil {
		err = l.all(pages, r.rows)
	} else {
		err = l.some(in.chunk, pages, r.rows, within)
	}
	if err != nil {
		return nil, err
	}
	return l.col, nil
}

// Times returns the sort time of every row, ascending.
func (r *Reader) Times() ([]int64, error) {
	stamp, err := r.Load("@timestamp", nil)
	if err != nil {
		return nil, err
	}
	times := make([]int64, r.rows)
	missing := false
	for i := range times {
		n, ok := stamp.Num(i)
		times[i] = n
		missing = missing || !ok
	}
	if missing {
		second, err := r.Load("weir.time", nil)
		if err != nil {
			return nil, err
		}
		for i := range times {
			if _, ok := stamp.Num(i); !ok {
				times[i], _ = second.Num(i)
			}
		}
	}
	return times, nil
}

// loader turns Parquet pages into codes and entries.
type loader struct {
	col    *column.Column
	within column.Bits // the rows that are wanted; nil: all
	dict   bool        // entries of the dictionary stand first in col
	single []uint32    // of a List: by item, the code of the list of that item alone
}

// all reads every page.
func (l *loader) all(pages *parquet.FilePages, rows int) error {
	for row := 0; row < rows; {
		p, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%d rows of %d: %w", row, rows, io.ErrUnexpectedEOF)
		}
		if err != nil {
			return err
		}
		n := int(p.NumRows())
		err = l.page(p, row)
		parquet.Release(p)
		if err != nil {
			return err
		}
		row += n
	}
	return nil
}

// some reads the pages that hold a wanted row, which the offset index tells without reading the others.
func (l *loader) some(chunk *parquet.FileColumnChunk, pages *parquet.FilePages, rows int, within column.Bits) error {
	ix, err := chunk.OffsetIndex()
	if err != nil {
		return err
	}
	for i := range ix.NumPages() {
		first, end := int(ix.FirstRowIndex(i)), rows
		if i+1 < ix.NumPages() {
			end = int(ix.FirstRowIndex(i + 1))
		}
		if first > end || end > rows {
			return fmt.Errorf("page %d holds rows %d to %d of %d", i, first, end, rows)
		}
		if !within.AnyIn(first, end) {
			continue
		}
		if err := pages.SeekToRow(int64(first)); err != nil {
			return err
		}
		p, err := pages.ReadPage()
		if err != nil {
			return err
		}
		err = l.page(p, first)
		parquet.Release(p)
		if err != nil {
			return err
		}
	}
	return nil
}

// page adds the rows of one page, whose first is row.
func (l *loader) page(p parquet.Page, row int) error {
	defs := p.DefinitionLevels()
	n := int(p.NumRows())
	if row+n > len(l.col.Codes) {
		return fmt.Errorf("a page with %d rows at row %d of %d", n, row, len(l.col.Codes))
	}
	base, err := l.values(p)
	if err != nil {
		return err
	}
	if l.col.Kind == column.List {
		return l.lists(p, row, base)
	}
	codes := l.col.Codes[row : row+n]
	if l.within != nil {
		return l.wanted(codes, defs, row, base)
	}
	at := 0
	for i := range codes {
		if defs != nil && (len(defs) <= i || defs[i] == 0) {
			continue
		}
		if at >= base.n {
			return fmt.Errorf("a page with fewer values than rows at row %d", row)
		}
		codes[i] = base.code(at)
		at++
	}
	return l.check(codes)
}

// wanted sets the codes of the wanted rows of one page alone. Values of the rows between are counted, not looked at.
func (l *loader) wanted(codes []uint32, defs []byte, first int, base run) (err error) {
	at, seen := 0, 0
	l.within.Each(func(row int) bool {
		i := row - first
		if i < 0 {
			return true
		}
		if i >= len(codes) {
			return false
		}
		if defs == nil {
			at = i
		} else if len(defs) <= i {
			return false
		} else {
			at += bytes.Count(defs[seen:i], []byte{1})
			if seen = i; defs[i] == 0 {
				return true
			}
		}
		if at >= base.n {
			err = fmt.Errorf("a page with fewer values than rows at row %d", row)
			return false
		}
		codes[i] = base.code(at)
		if codes[i] > uint32(l.col.Entries()) {
			err = fmt.Errorf("code %d of %d entries", codes[i], l.col.Entries())
		}
		return err == nil
	})
	return err
}

// check makes sure that every code names an entry, so that no reader has to.
func (l *loader) check(codes []uint32) error {
	entries := uint32(l.col.Entries())
	for _, c := range codes {
		if c > entries {
			return fmt.Errorf("code %d of %d entries", c, entries)
		}
	}
	return nil
}

// run is the values of a page: places in the dictionary, or new entries one after another.
type run struct {
	index []int32
	first uint32 // place of the first new entry
	n     int
}

// code returns the code of value i of the page.
func (r run) code(i int) uint32 {
	if r.index != nil {
		return uint32(r.index[i]) + 1
	}
	return r.first + uint32(i) + 1
}

// values adds the entries of a page: those of its dictionary once, or the page's own.
func (l *loader) values(p parquet.Page) (run, error) {
	d := p.Dictionary()
	if d == nil {
		first := l.count()
		n, err := l.entries(p)
		return run{first: uint32(first), n: n}, err
	}
	if !l.dict {
		if l.count() > 0 {
			return run{}, errors.New("a dictionary page after plain pages")
		}
		l.dict = true
		if _, err := l.entries(d.Page()); err != nil {
			return run{}, err
		}
	}
	data := p.Data()
	index := data.Int32()
	if index == nil {
		index = []int32{}
	}
	return run{index: index, n: len(index)}, nil
}

// count returns the entries so far, for a List its strings.
func (l *loader) count() int {
	if l.col.Kind == column.List {
		return len(l.col.Strs)
	}
	return l.col.Entries()
}

// entries copies the plain values of a page behind the entries that the column has.
func (l *loader) entries(p parquet.Page) (n int, err error) {
	data := p.Data()
	c := l.col
	switch c.Kind {
	case column.Key, column.Text, column.List:
		bytes, offsets := data.ByteArray()
		text := string(bytes)
		if len(offsets) == 0 {
			return 0, nil
		}
		c.Strs = slices.Grow(c.Strs, len(offsets)-1)
		for i := range len(offsets) - 1 {
			c.Strs = append(c.Strs, text[offsets[i]:offsets[i+1]])
		}
		return len(offsets) - 1, nil
	case column.Float:
		for _, f := range data.Double() {
			c.Nums = append(c.Nums, int64(math.Float64bits(f)))
		}
		return len(data.Double()), nil
	case column.Bool:
		n = int(p.NumValues() - p.NumNulls())
		packed := data.Boolean()
		for i := range n {
			c.Nums = append(c.Nums, int64(packed[i/8]>>(i%8)&1))
		}
		return n, nil
	}
	c.Nums = append(c.Nums, data.Int64()...)
	return len(data.Int64()), nil
}

// lists turns repeated values into spans. Lists of one item, which most are, share an entry.
func (l *loader) lists(p parquet.Page, row int, base run) error {
	c := l.col
	reps, defs := p.RepetitionLevels(), p.DefinitionLevels()
	if len(reps) != len(defs) {
		return fmt.Errorf("a page with %d repetition and %d definition levels", len(reps), len(defs))
	}
	at := 0
	row--
	for i := 0; i < len(defs); {
		n := 1 // values of this row
		for i+n < len(reps) && reps[i+n] != 0 {
			n++
		}
		if row++; row >= len(c.Codes) {
			return fmt.Errorf("a list at row %d of %d", row, len(c.Codes))
		}
		if defs[i] == 2 {
			if at+n > base.n {
				return fmt.Errorf("a page with fewer values than its lists need at row %d", row)
			}
			if l.within == nil || l.within.Has(row) {
				if err := l.list(base, row, at, n); err != nil {
					return err
				}
			}
			at += n
		}
		i += n
	}
	return nil
}

// list adds the list of one row: n values from at.
func (l *loader) list(base run, row, at, n int) error {
	c := l.col
	for i := range n {
		if item := base.code(at+i) - 1; int(item) >= len(c.Strs) {
			return fmt.Errorf("item %d of %d", item, len(c.Strs))
		}
	}
	first := base.code(at) - 1
	if n == 1 {
		if len(l.single) < len(c.Strs) {
			l.single = append(l.single, make([]uint32, len(c.Strs)-len(l.single))...)
		}
		if code := l.single[first]; code != 0 {
			c.Codes[row] = code
			return nil
		}
	}
	c.Spans = append(c.Spans, column.Span{Off: uint32(len(c.Items)), Len: uint32(n)})
	for i := range n {
		c.Items = append(c.Items, base.code(at+i)-1)
	}
	c.Codes[row] = uint32(len(c.Spans))
	if n == 1 {
		l.single[first] = c.Codes[row]
	}
	return nil
}
