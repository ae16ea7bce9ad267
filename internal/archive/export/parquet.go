package export

import (
	"io"
	"slices"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"weir/event"
	"weir/internal/archive/column"
)

// Row groups end at so many rows or bytes: that bounds the memory of whoever writes and whoever reads.
const (
	groupRows  = 64 << 10
	groupBytes = 32 << 20
)

// rows writes a Parquet file with one column a field, of the field's own type. The names are the paths, points and all, as in
// the archive's own files.
type rows struct {
	w       *parquet.Writer //nolint:staticcheck // the generic one wants a Go type; the columns are those of the query
	cols    []parquetColumn // in the order of the file
	rest    int             // place of weir.rest, -1: none
	batch   []parquet.Row
	inGroup int
	bytes   int
}

// parquetColumn is one column.
type parquetColumn struct {
	name  string
	field event.Field
	known bool // field is set
	kind  column.Kind
	any   bool // there is no weir.rest: what does not fit a column of text is in it as JSON
}

func newParquet(w io.Writer, t Table) (*rows, error) {
	group := parquet.Group{}
	by := map[string]parquetColumn{}
	for _, name := range t.Columns {
		c := parquetColumn{name: name, kind: column.Key, any: !t.Rest}
		if f, ok := event.Lookup(name); ok {
			k, own := column.KindOf(column.ID(f))
			if !own && t.Rest {
				continue // an object: it is in weir.rest
			}
			if own {
				c.field, c.known, c.kind = f, true, k
			}
		} else if t.Rest {
			continue
		}
		if c.kind == column.Text {
			c.kind = column.Key
		}
		group[name] = parquetNode(c.kind)
		by[name] = c
	}
	out := &rows{rest: -1}
	if t.Rest || len(group) == 0 {
		group[column.RestName] = parquetNode(column.Key)
	}
	schema := parquet.NewSchema("event", group)
	for i, path := range schema.Columns() {
		if path[0] == column.RestName && by[path[0]].name == "" {
			out.rest = i
		}
		out.cols = append(out.cols, by[path[0]])
	}
	out.w = parquet.NewWriter(w, schema, parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault}), parquet.PageBufferSize(256<<10),
		parquet.DataPageVersion(1), parquet.CreatedBy("weir", "1", ""))
	return out, nil
}

// parquetNode is the type of a column. All are optional.
func parquetNode(k column.Kind) parquet.Node {
	var n parquet.Node
	switch k {
	case column.Int:
		n = parquet.Leaf(parquet.Int64Type)
	case column.Float:
		n = parquet.Leaf(parquet.DoubleType)
	case column.Bool:
		n = parquet.Leaf(parquet.BooleanType)
	case column.Time:
		n = parquet.Timestamp(parquet.Nanosecond)
	case column.List:
		return parquet.Optional(parquet.List(parquet.Encoded(parquet.String(), &parquet.RLEDictionary)))
	default:
		n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	}
	return parquet.Optional(n)
}

// add makes a row of a document. A value that does not fit its column stays in the event, which becomes weir.rest.
func (r *rows) add(e *event.Event, doc []byte) error {
	_ = e.Decode(doc) // what can be read of a broken document is what it holds
	row := make(parquet.Row, 0, len(r.cols)+4)
	for i, c := range r.cols {
		if i == r.rest {
			continue
		}
		v := e.GetPath(c.name)
		if c.known {
			v = e.Get(c.field)
		}
		values := c.values(v, i)
		if values == nil {
			row = append(row, parquet.NullValue().Level(0, 0, i))
			continue
		}
		row = append(row, values...)
		if c.known {
			e.Delete(c.field)
		}
	}
	if r.rest >= 0 {
		v := parquet.NullValue().Level(0, 0, r.rest)
		if rest := e.AppendJSON(nil); len(rest) > 2 {
			v = parquet.ByteArrayValue(rest).Level(0, 1, r.rest)
		}
		at := slices.IndexFunc(row, func(v parquet.Value) bool { return v.Column() > r.rest })
		if at < 0 {
			at = len(row)
		}
		row = slices.Insert(row, at, v)
	}
	// The values of this event lie in memory that the next one uses again.
	r.batch = append(r.batch, row.Clone())
	r.inGroup++
	r.bytes += len(doc)
	if len(r.batch) >= 256 {
		if err := r.flush(); err != nil {
			return err
		}
	}
	if r.inGroup >= groupRows || r.bytes >= groupBytes {
		if err := r.flush(); err != nil {
			return err
		}
		r.inGroup, r.bytes = 0, 0
		return r.w.Flush()
	}
	return nil
}

// values are those of one column, nil for none or where the value does not fit.
func (c parquetColumn) values(v event.Value, at int) []parquet.Value {
	if v.Kind() == event.Absent || v.Kind() == event.Null {
		return nil
	}
	one := func(p parquet.Value) []parquet.Value { return []parquet.Value{p.Level(0, 1, at)} }
	switch {
	case c.kind == column.List:
		return c.list(v, at)
	case !c.known:
		if v.Kind() == event.String {
			return one(text(v.Str()))
		}
		return one(parquet.ByteArrayValue(v.AppendJSON(nil)))
	case c.kind == column.Int && v.Kind() == event.Int:
		return one(parquet.Int64Value(v.Int()))
	case c.kind == column.Float && (v.Kind() == event.Float || v.Kind() == event.Int):
		return one(parquet.DoubleValue(v.Float()))
	case c.kind == column.Bool && v.Kind() == event.Bool:
		return one(parquet.BooleanValue(v.Bool()))
	case c.kind == column.Time && v.Kind() == event.Time:
		return one(parquet.Int64Value(v.Time().UnixNano()))
	case c.kind == column.Key && v.Kind() == event.String:
		return one(text(v.Str()))
	case c.kind == column.Key && c.any:
		return one(parquet.ByteArrayValue(v.AppendJSON(nil)))
	}
	return nil
}

// list are the values of a list of texts; nil where another thing is among them, or nothing at all: an empty list is kept
// in weir.rest.
func (c parquetColumn) list(v event.Value, at int) []parquet.Value {
	if v.Kind() == event.String {
		return []parquet.Value{text(v.Str()).Level(0, 2, at)}
	}
	if v.Kind() != event.List {
		return nil
	}
	out := make([]parquet.Value, 0, v.Len())
	for i := range v.Len() {
		item := v.Item(i)
		if item.Kind() != event.String {
			return nil
		}
		out = append(out, text(item.Str()).Level(min(i, 1), 2, at))
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// text makes a value that shares the memory of s.
func text(s string) parquet.Value {
	return parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// flush hands rows over.
func (r *rows) flush() error {
	_, err := r.w.WriteRows(r.batch)
	r.batch = r.batch[:0]
	return err
}

func (r *rows) close() error {
	if err := r.flush(); err != nil {
		return err
	}
	return r.w.Close()
}
