package column

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"unsafe"

	"weir/event"
)

// Table grows by one event at a time. One goroutine at a time may call Add and View; Views taken before stay valid and
// unchanged while the table grows, and may be read by any number of goroutines.
type Table struct {
	cols  []*builder // in order of first use
	slots []int16    // by field: place in cols + 1
	own   [3]int16   // the same for Rest, Raw, Head
	times []int64
	bytes int
	arena arena

	rest event.Event // scratch
	buf  []byte
}

// builder is a column that grows, with the maps that find an entry again.
type builder struct {
	Column
	present int // rows with a value
	strs    map[string]uint32
	nums    map[int64]uint32
	lists   map[string]uint32
	recent  [64]uint32 // codes of values seen lately, by memo: most fields have few values, and a map is slow to ask
}

// memo chooses the place of a string in recent by a look at some of its bytes.
func memo(s string) int {
	n := len(s)
	if n == 0 {
		return 0
	}
	return (n ^ int(s[n-1])<<1 ^ int(s[n>>1])<<3 ^ int(s[n-n>>2-1])<<2 ^ int(s[0])) & 63
}

// arena keeps many small strings in few allocations.
type arena struct{ free []byte }

const arenaChunk = 256 << 10

// keep copies s into memory that the table owns: documents are not kept, so nothing of them may be pointed to. A long
// string gets an allocation of its own, so that it does not end a chunk early.
func (a *arena) keep(s string) string {
	if len(s) > arenaChunk/8 {
		return strings.Clone(s)
	}
	if len(a.free) < len(s) {
		a.free = make([]byte, arenaChunk)
	}
	b := a.free[:len(s):len(s)]
	a.free = a.free[len(s):]
	copy(b, s)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Rows returns the number of rows.
func (t *Table) Rows() int { return len(t.times) }

// Bytes returns the size of the documents added so far.
func (t *Table) Bytes() int { return t.bytes }

// Canonical tells whether the encoder gives back doc exactly from the event that was decoded from it. buf is scratch
// and is returned, grown.
func Canonical(e *event.Event, doc, buf []byte) (bool, []byte) {
	buf = e.AppendJSON(buf[:0])
	return bytes.Equal(buf, doc), buf
}

// Add appends the event that was decoded from doc as one row. canonical says what Canonical found. Nothing of e or doc
// is kept.
func (t *Table) Add(e *event.Event, doc []byte, canonical bool) {
	row := len(t.times)
	t.times = append(t.times, SortTime(e))
	t.bytes += len(doc)
	if !canonical {
		t.str(Raw, row, unsafe.String(unsafe.SliceData(doc), len(doc)))
		for _, f := range [...]event.Field{event.Timestamp, event.WeirTime, event.EventID} {
			if v := e.Get(f); v.Kind() != event.Absent {
				t.put(f, row, v)
			}
		}
		return
	}
	head, hasHead := originalHead(e)
	if hasHead {
		t.str(Head, row, head)
	}
	more := false
	e.Each(func(f event.Field, v event.Value) bool {
		if f == event.EventOriginal && hasHead {
			return true
		}
		if !t.put(f, row, v) {
			if !more {
				t.rest.Reset()
				more = true
			}
			t.rest.Set(f, v)
		}
		return true
	})
	e.EachExtra(func(path string, v event.Value) bool {
		if !more {
			t.rest.Reset()
			more = true
		}
		t.rest.SetPath(path, v)
		return true
	})
	if more {
		t.buf = t.rest.AppendJSON(t.buf[:0])
		t.str(Rest, row, unsafe.String(unsafe.SliceData(t.buf), len(t.buf)))
		t.rest.Reset()
	}
}

// originalHead returns what stands in event.original before message.
func originalHead(e *event.Event) (head string, ok bool) {
	o, m := e.Get(event.EventOriginal), e.Get(event.Message)
	if o.Kind() != event.String || m.Kind() != event.String {
		return "", false
	}
	return strings.CutSuffix(o.Str(), m.Str())
}

// SortTime returns the time by which rows are ordered and searched: @timestamp, else weir.time, else 0.
func SortTime(e *event.Event) int64 {
	if v := e.Get(event.Timestamp); v.Kind() == event.Time {
		return v.Int()
	}
	if v := e.Get(event.WeirTime); v.Kind() == event.Time {
		return v.Int()
	}
	return 0
}

// put adds a value to its field's column; false means that it has to go into Rest.
func (t *Table) put(f event.Field, row int, v event.Value) bool {
	var k Kind
	if slot := *t.slot(ID(f)); slot != 0 {
		k = t.cols[slot-1].Kind
	} else {
		var ok bool
		if k, ok = KindOf(ID(f)); !ok {
			return false
		}
	}
	switch v.Kind() {
	case event.String:
		if k == Key || k == Text {
			t.str(ID(f), row, v.Str())
			return true
		}
	case event.Int:
		if k == Int {
			t.num(ID(f), row, v.Int())
			return true
		}
	case event.Float:
		if k == Float {
			t.num(ID(f), row, int64(math.Float64bits(v.Float())))
			return true
		}
	case event.Bool:
		if k == Bool {
			n := int64(0)
			if v.Bool() {
				n = 1
			}
			t.num(ID(f), row, n)
			return true
		}
	case event.Time:
		if k == Time {
			t.num(ID(f), row, v.Int())
			return true
		}
	case event.List:
		return k == List && t.list(ID(f), row, v)
	}
	return false
}

// column returns the column of an id and begins it on first use, so that a table only has columns that some row fills.
func (t *Table) column(id ID) *builder {
	slot := t.slot(id)
	if *slot != 0 {
		return t.cols[*slot-1]
	}
	k, _ := KindOf(id)
	b := &builder{Column: Column{ID: id, Kind: k, Name: id.Name()}}
	switch k {
	case Key:
		b.strs = map[string]uint32{}
	case Int, Float, Bool, Time:
		b.nums = map[int64]uint32{}
	case List:
		b.strs, b.lists = map[string]uint32{}, map[string]uint32{}
	}
	t.cols = append(t.cols, b)
	*slot = int16(len(t.cols))
	return b
}

// slot returns where the place of a column is kept. Fields registered while weir runs have ids above those seen so far.
func (t *Table) slot(id ID) *int16 {
	if id < 0 {
		return &t.own[-id-1]
	}
	if int(id) >= len(t.slots) {
		t.slots = append(t.slots, make([]int16, int(id)+256-len(t.slots))...)
	}
	return &t.slots[id]
}

// set gives a row its code. Rows before it that have none get 0.
func (b *builder) set(row int, code uint32) {
	if gap := row - len(b.Codes); gap > 0 {
		b.Codes = append(b.Codes, make([]uint32, gap)...)
	}
	b.Codes = append(b.Codes, code)
	b.present++
}

// tooMany tells that hardly any value comes twice: from here on looking for an equal one is wasted time and memory.
func (b *builder) tooMany(entries int) bool { return entries >= 4096 && entries > b.present/4*3 }

// str gives a row of a Key or Text column a string. Only strings that come for the first time are copied.
func (t *Table) str(id ID, row int, s string) {
	b := t.column(id)
	at := memo(s)
	if b.strs != nil {
		if code := b.recent[at]; code != 0 && b.Strs[code-1] == s {
			b.set(row, code)
			return
		}
		if code, ok := b.strs[s]; ok {
			b.recent[at] = code
			b.set(row, code)
			return
		}
	}
	s = t.arena.keep(s)
	b.Strs = append(b.Strs, s)
	code := uint32(len(b.Strs))
	if b.strs != nil {
		b.strs[s] = code
		b.recent[at] = code
		if b.tooMany(len(b.Strs)) {
			b.strs = nil
		}
	}
	b.set(row, code)
}

// num gives a row of a column of numbers a value.
func (t *Table) num(id ID, row int, n int64) {
	b := t.column(id)
	at := (n ^ n>>7 ^ n>>14) & 63
	if b.nums != nil {
		if code := b.recent[at]; code != 0 && b.Nums[code-1] == n {
			b.set(row, code)
			return
		}
		if code, ok := b.nums[n]; ok {
			b.recent[at] = code
			b.set(row, code)
			return
		}
	}
	b.Nums = append(b.Nums, n)
	code := uint32(len(b.Nums))
	if b.nums != nil {
		b.nums[n] = code
		b.recent[at] = code
		if b.tooMany(len(b.Nums)) {
			b.nums = nil
		}
	}
	b.set(row, code)
}

// list adds a list of strings; false where it is empty or holds anything else.
func (t *Table) list(id ID, row int, v event.Value) bool {
	n := v.Len()
	if n == 0 {
		return false
	}
	for i := range n {
		if v.Item(i).Kind() != event.String {
			return false
		}
	}
	b := t.column(id)
	place := memo(v.Item(0).Str())
	if code := b.recent[place]; code != 0 && b.holds(code, v) {
		b.set(row, code)
		return true
	}
	key := t.buf[:0]
	for i := range n {
		s := v.Item(i).Str()
		at, ok := b.strs[s]
		if !ok {
			s = t.arena.keep(s)
			at = uint32(len(b.Strs))
			b.Strs = append(b.Strs, s)
			b.strs[s] = at
		}
		key = binary.LittleEndian.AppendUint32(key, at)
	}
	t.buf = key
	code, ok := b.lists[string(key)]
	if !ok {
		b.Spans = append(b.Spans, Span{uint32(len(b.Items)), uint32(n)})
		for i := range n {
			b.Items = append(b.Items, binary.LittleEndian.Uint32(key[4*i:]))
		}
		code = uint32(len(b.Spans))
		b.lists[string(key)] = code
	}
	b.recent[place] = code
	b.set(row, code)
	return true
}

// holds tells whether the entry of a list column is v, which is a list of strings.
func (b *builder) holds(code uint32, v event.Value) bool {
	sp := b.Spans[code-1]
	if int(sp.Len) != v.Len() {
		return false
	}
	for i, item := range b.Items[sp.Off : sp.Off+sp.Len] {
		if b.Strs[item] != v.Item(i).Str() {
			return false
		}
	}
	return true
}

// View is what a table held at one moment. It is immutable.
type View struct {
	times []int64
	cols  []Column
}

// View returns the present state.
func (t *Table) View() *View {
	v := &View{times: slices.Clip(t.times), cols: make([]Column, len(t.cols))}
	for i, b := range t.cols {
		v.cols[i] = b.Column
	}
	return v
}

// Rows returns the number of rows.
func (v *View) Rows() int { return len(v.times) }

// Times returns the sort time of every row, in the order in which rows were added.
func (v *View) Times() ([]int64, error) { return v.times, nil }

// Columns returns the columns.
func (v *View) Columns() []Column { return v.cols }

// Load returns one column by its name on disk, nil if no row has a value for it. Rows outside within are there too.
func (v *View) Load(name string, _ Bits) (*Column, error) {
	for i := range v.cols {
		if v.cols[i].Name == name {
			return &v.cols[i], nil
		}
	}
	return nil, nil
}
