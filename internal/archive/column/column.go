// Package column holds rows of events as columns of codes: one code a row, which names an entry of the column's
// dictionary, 0 where the row has no value. The memory tail and the sealed segments have the same form, so that one
// query engine reads both: a predicate is asked once per entry, and rows are chosen by looking codes up.
//
// Whatever is added comes back byte for byte. Where an event's own encoding gives the document's bytes, the row is
// spread over columns, with Rest for what fits none; where it does not, the document is kept whole (Raw). So no value
// is lost because nobody thought of it, and none is repaired on the way.
package column

import (
	"math"
	"time"

	"weir/event"
	"weir/event/ecs"
)

// ID names a column: a field of the event table, or one of the columns of the archive's own, which are negative.
type ID int32

// Columns of the archive's own.
const (
	// Rest is the JSON of all fields of the row that have no column of their own or whose value does not fit it.
	Rest ID = -1
	// Raw is the whole document of a row whose bytes the encoder would not give back exactly. Such a row has no Rest,
	// and of the other columns only those of Key.
	Raw ID = -2
	// Head is what stands in event.original before message, where message is the end of it: the text is kept once.
	Head ID = -3
	// Unknown is a column of a file whose field is not in this process's table.
	Unknown ID = -4
)

// Names of the archive's own columns on disk.
const (
	RestName = "weir.rest"
	RawName  = "weir.raw"
	HeadName = "weir.original_head"
)

// Name returns the column's name on disk.
func (id ID) Name() string {
	switch id {
	case Rest:
		return RestName
	case Raw:
		return RawName
	case Head:
		return HeadName
	case Unknown:
		return ""
	}
	return event.Field(id).Path()
}

// Named returns the column of a name on disk; Unknown where no list knows the path.
func Named(name string) ID {
	switch name {
	case RestName:
		return Rest
	case RawName:
		return Raw
	case HeadName:
		return Head
	}
	if f, ok := event.Lookup(name); ok {
		return ID(f)
	}
	return Unknown
}

// Kind is the form of a column's entries.
type Kind uint8

// The kinds.
const (
	Key   Kind = iota // strings, each distinct one an entry
	Text              // strings, each row an entry of its own
	Int               // int64
	Float             // float64, its bits in Nums
	Bool              // 0 or 1 in Nums
	Time              // nanoseconds since 1970
	List              // lists of strings
)

// unique tells whether the field's values hardly ever repeat, so that looking for an equal entry is wasted.
func unique(f event.Field) bool {
	switch f {
	case event.Message, event.EventOriginal, event.EventID, event.WeirSrc, event.WeirOriginalBase64:
		return true
	}
	return false
}

// KindOf returns the form in which values of the field are kept. ok is false for fields that live in Rest.
func KindOf(id ID) (k Kind, ok bool) {
	if id < 0 {
		return Text, true
	}
	f := event.Field(id)
	text := false
	switch f.Type() {
	case ecs.Keyword, ecs.Text, ecs.IP:
		text = true
		k = Key
		if unique(f) {
			k = Text
		}
	case ecs.Long:
		k = Int
	case ecs.Double:
		k = Float
	case ecs.Date:
		k = Time
	case ecs.Boolean:
		k = Bool
	default:
		return 0, false
	}
	if f.Array() {
		return List, text
	}
	return k, true
}

// Span is one entry of a List column: a run of Items.
type Span struct{ Off, Len uint32 }

// Column is one column. Entry n stands under code n+1. A Column is immutable for its readers: the owner of a table may
// append behind what a View shows, and never changes what it has shown.
type Column struct {
	ID    ID
	Kind  Kind
	Name  string   // name on disk; for an Unknown column the only way to know it
	Codes []uint32 // by row; rows behind its end have no value
	Strs  []string // entries of Key and Text, items of List
	Nums  []int64  // entries of Int, Float, Bool, Time
	Spans []Span   // entries of List
	Items []uint32 // of List: places in Strs
}

// Code returns the code of a row, 0 for none.
func (c *Column) Code(row int) uint32 {
	if row >= len(c.Codes) {
		return 0
	}
	return c.Codes[row]
}

// Entries returns the number of entries.
func (c *Column) Entries() int {
	switch c.Kind {
	case Key, Text:
		return len(c.Strs)
	case List:
		return len(c.Spans)
	}
	return len(c.Nums)
}

// Value returns the value under a code that is not 0. Lists are made anew on each call.
func (c *Column) Value(code uint32) event.Value {
	i := code - 1
	switch c.Kind {
	case Key, Text:
		return event.Str(c.Strs[i])
	case Int:
		return event.Num(c.Nums[i])
	case Float:
		return event.Real(math.Float64frombits(uint64(c.Nums[i])))
	case Bool:
		return event.Truth(c.Nums[i] != 0)
	case Time:
		return event.At(time.Unix(0, c.Nums[i]))
	}
	sp := c.Spans[i]
	vs := make([]event.Value, sp.Len)
	for j := range vs {
		vs[j] = event.Str(c.Strs[c.Items[sp.Off+uint32(j)]])
	}
	return event.Items(vs...)
}

// Str returns the text of a row of a Key or Text column; ok is false where the row has none.
func (c *Column) Str(row int) (s string, ok bool) {
	if c == nil {
		return "", false
	}
	if code := c.Code(row); code != 0 {
		return c.Strs[code-1], true
	}
	return "", false
}

// Num returns the number of a row of an Int or Time column; ok is false where the row has none.
func (c *Column) Num(row int) (n int64, ok bool) {
	if c == nil {
		return 0, false
	}
	if code := c.Code(row); code != 0 {
		return c.Nums[code-1], true
	}
	return 0, false
}
