// Package segment writes a table as one sealed Parquet file and reads it back column by column. The files are plain
// Parquet: any tool reads them. A column is there only if a row has a value for it, so files of different age and
// content have different columns; a reader takes what it finds.
//
// # The columns
//
// A field of the ECS list or of our own has a column of its path's name: text and addresses as strings, numbers as
// INT64 or DOUBLE, truth as BOOLEAN, dates as TIMESTAMP in nanoseconds, fields that ECS makes lists as LIST of
// strings. All are optional: null means that the event has no such field, which an empty string does not. Besides:
//
//	weir.rest            JSON of every field that has no column or whose value does not fit it
//	weir.raw             the whole document, where writing it again would change a byte
//	weir.original_head   event.original without message at its end
//
// so that event.original is coalesce("event.original", "weir.original_head" || message). Rows are in the order of
// @timestamp. There is one row group, because a segment is bounded and its index counts rows from its beginning.
//
// # Encodings
//
// Values that repeat are written as a dictionary, which is also what makes conditions cheap. Ids that count up share
// their beginnings (DELTA_BYTE_ARRAY), texts keep their lengths apart (DELTA_LENGTH_BYTE_ARRAY), dates are differences
// (DELTA_BINARY_PACKED); all of it is then packed with zstd.
package segment

import (
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding"

	"weir/internal/archive/column"
)

// Schema is the version of the rules by which fields become columns, named in the manifest and in each file. Columns
// are only ever added under one version.
const Schema = 1

// Keys of the file's own metadata.
const (
	metaSchema = "weir.schema"
	metaClass  = "weir.class"
	metaDay    = "weir.day"
)

// pageBytes is the size at which a page is closed, before compression: small enough that reading a few whole
// documents stays cheap, large enough to compress well (128 KiB costs some percent against 1 MiB).
const pageBytes = 128 << 10

// batchRows is how many rows are handed over between two looks at the size of a page.
const batchRows = 512

// codec is shared because its encoders and decoders are large and pooled inside.
var codec = &zstd.Codec{Level: zstd.SpeedDefault}

// Order returns the rows of a view in time order; rows of one time stay in the order in which they came.
func Order(v *column.View) []int {
	times, _ := v.Times()
	order := make([]int, len(times))
	for i := range order {
		order[i] = i
	}
	if !slices.IsSorted(times) {
		sort.SliceStable(order, func(a, b int) bool { return times[order[a]] < times[order[b]] })
	}
	return order
}

// Write writes the rows of a view in the order given as one Parquet file.
func Write(w io.Writer, v *column.View, order []int, class, day string) error {
	if len(order) == 0 {
		return fmt.Errorf("writing a segment: no rows")
	}
	group := parquet.Group{}
	byName := map[string]*column.Column{}
	for i := range v.Columns() {
		c := &v.Columns()[i]
		group[c.Name] = node(c, len(order))
		byName[c.Name] = c
	}
	schema := parquet.NewSchema("event", group)
	pw := parquet.NewWriter(w, schema,
		parquet.Compression(codec), parquet.PageBufferSize(pageBytes), parquet.DataPageVersion(2),
		parquet.CreatedBy("weir", strconv.Itoa(Schema), ""), parquet.KeyValueMetadata(metaSchema, strconv.Itoa(Schema)),
		parquet.KeyValueMetadata(metaClass, class), parquet.KeyValueMetadata(metaDay, day))
	writers := pw.ColumnWriters()
	for i, path := range schema.Columns() {
		c := byName[path[0]]
		if err := writeColumn(writers[i], c, order, i); err != nil {
			return fmt.Errorf("writing column %s: %w", c.Name, err)
		}
	}
	if err := pw.Close(); err != nil {
		return fmt.Errorf("writing a segment: %w", err)
	}
	return nil
}

// node chooses type and encoding of a column by what it holds.
func node(c *column.Column, rows int) parquet.Node {
	repeats := c.Entries() <= 256 || c.Entries() <= rows/2
	var n parquet.Node
	var enc encoding.Encoding = &parquet.RLEDictionary
	switch c.Kind {
	case column.Key:
		n = parquet.String()
		if !repeats {
			enc = &parquet.DeltaByteArray
		}
	case column.Text:
		n, enc = parquet.String(), &parquet.DeltaLengthByteArray
		if incremental(c) {
			enc = &parquet.DeltaByteArray
		}
	case column.Int:
		n = parquet.Leaf(parquet.Int64Type)
		if !repeats {
			enc = &parquet.DeltaBinaryPacked
		}
	case column.Float:
		n = parquet.Leaf(parquet.DoubleType)
		if !repeats {
			enc = &parquet.Plain
		}
	case column.Bool:
		n, enc = parquet.Leaf(parquet.BooleanType), &parquet.Plain
	case column.Time:
		n, enc = parquet.Timestamp(parquet.Nanosecond), &parquet.DeltaBinaryPacked
	case column.List:
		return parquet.Optional(parquet.List(parquet.Encoded(parquet.String(), &parquet.RLEDictionary)))
	}
	return parquet.Optional(parquet.Encoded(n, enc))
}

// incremental tells whether values share beginnings with the value before them: ids that count up.
func incremental(c *column.Column) bool {
	n := min(len(c.Strs), 256)
	shared, all := 0, 0
	for i := 1; i < n; i++ {
		a, b := c.Strs[i-1], c.Strs[i]
		p := 0
		for p < len(a) && p < len(b) && a[p] == b[p] {
			p++
		}
		shared += p
		all += len(b)
	}
	return shared > all/2
}

// writeColumn hands the rows over as Parquet values; those of one entry are made once.
func writeColumn(w *parquet.ColumnWriter, c *column.Column, order []int, at int) error {
	if c.Kind == column.List {
		return writeList(w, c, order, at)
	}
	values := make([]parquet.Value, 1, min(c.Entries(), len(order)/4)+1) // by code, where that saves making them again
	values[0] = parquet.NullValue().Level(0, 0, at)
	for code := uint32(1); c.Entries() <= len(order)/4 && code <= uint32(c.Entries()); code++ {
		values = append(values, value(c, code).Level(0, 1, at))
	}
	batch := make([]parquet.Value, 0, batchRows)
	for i, row := range order {
		var v parquet.Value
		if code := c.Code(row); int(code) < len(values) {
			v = values[code]
		} else {
			v = value(c, code).Level(0, 1, at)
		}
		if batch = append(batch, v); len(batch) == batchRows || i == len(order)-1 {
			if _, err := w.WriteRowValues(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return nil
}

// value makes the Parquet value of an entry.
func value(c *column.Column, code uint32) parquet.Value {
	switch c.Kind {
	case column.Key, column.Text:
		return text(c.Strs[code-1])
	case column.Float:
		return parquet.DoubleValue(math.Float64frombits(uint64(c.Nums[code-1])))
	case column.Bool:
		return parquet.BooleanValue(c.Nums[code-1] != 0)
	}
	return parquet.Int64Value(c.Nums[code-1])
}

// text makes a value that shares the memory of s; the writer copies it.
func text(s string) parquet.Value {
	return parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// writeList writes the three levels of a Parquet list: the list is there, it repeats, its element is required.
func writeList(w *parquet.ColumnWriter, c *column.Column, order []int, at int) error {
	null := parquet.NullValue().Level(0, 0, at)
	batch := make([]parquet.Value, 0, 4*batchRows)
	for i, row := range order {
		code := c.Code(row)
		if code == 0 {
			batch = append(batch, null)
		} else {
			sp := c.Spans[code-1]
			for j := range sp.Len {
				batch = append(batch, text(c.Strs[c.Items[sp.Off+j]]).Level(min(int(j), 1), 2, at))
			}
		}
		if len(batch) >= batchRows || i == len(order)-1 {
			if _, err := w.WriteRowValues(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return nil
}
