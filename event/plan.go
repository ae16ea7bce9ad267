package event

import (
	"math"
	"strconv"
	"sync/atomic"
)

// plan is how events of one shape are written: the same fields, set in the same order. A source repeats a few shapes for
// ever, and what depends on the shape alone, the order of the document and all of its text but the values, is found once.
//
// A plan is immutable and shared by all events.
type plan struct {
	steps []step
	// All that stands between the values, and what closes the document.
	text string
}

// step writes one entry. It is small, because an event meets fifty of them and a stage some hundred plans.
type step struct {
	// Where the entry stands in the event, and the field that it must be of.
	entry uint16
	field Field
	// Where in the plan's text ends what stands before the value, from the end of the value before: },"port":
	to uint16
}

// plans is the memory of a table for shapes. Each shape has one place, by its hash; the first one that is seen twice in a
// row there stays. So what a sender makes up costs no more than this, and does not push out what is frequent.
type plans struct {
	made [maxPlans]atomic.Pointer[plan]
	// The hash that was seen last in a place without a plan.
	last [maxPlans]atomic.Uint64
}

// maxPlans is a power of two, some times the number of shapes that the formats make of real logs.
const maxPlans = 2048

// shape hashes the fields of the event in the order in which they stand. Four products go on side by side, since each
// waits for the one before it.
func (e *Event) shape() uint64 {
	const k = 0x9e3779b97f4a7c15
	a, b, c, d := uint64(len(e.entries)), uint64(1), uint64(2), uint64(3)
	list := e.entries
	for ; len(list) >= 4; list = list[4:] {
		a = (a ^ uint64(list[0].field)) * k
		b = (b ^ uint64(list[1].field)) * k
		c = (c ^ uint64(list[2].field)) * k
		d = (d ^ uint64(list[3].field)) * k
	}
	for i := range list {
		a = (a ^ uint64(list[i].field)) * k
	}
	h := a ^ b>>7 ^ c>>13 ^ d>>19
	return h ^ h>>29
}

// planned appends the event by the plan of its shape. It is false, and nothing is appended, where there is none.
func (e *Event) planned(dst []byte, t *table) ([]byte, bool) {
	h := e.shape()
	p := t.plans.made[h%maxPlans].Load()
	if p == nil {
		// The swap also keeps a shape that comes once from costing a plan.
		if t.plans.last[h%maxPlans].Swap(h) != h {
			return dst, false
		}
		if p = e.plan(t); p == nil {
			return dst, false
		}
		t.plans.made[h%maxPlans].Store(p)
	}
	if len(p.steps) != len(e.entries) {
		return dst, false
	}
	begin, from := len(dst), 0
	for i := range p.steps {
		s := &p.steps[i]
		en := &e.entries[s.entry]
		// Another shape in the same place: what was written so far is forgotten.
		if en.field != s.field {
			return dst[:begin], false
		}
		to := int(s.to)
		dst = append(dst, p.text[from:to]...)
		from = to
		v := &en.value
		switch v.kind {
		case String:
			dst = appendString(dst, v.text())
		case Int:
			dst = strconv.AppendInt(dst, int64(v.num), 10)
		case List:
			dst = v.AppendJSON(dst)
		case Time:
			dst = e.clock.append(dst, int64(v.num))
		default:
			dst = v.AppendJSON(dst)
		}
	}
	return append(dst, p.text[from:]...), true
}

// plan makes the plan of the event's shape, nil if its text is too long for one. The plan of a shape in which a field lies
// below another one is empty, and so of no use to any event: how it is written depends on the values too.
func (e *Event) plan(t *table) *plan {
	p := &plan{steps: make([]step, 0, len(e.entries))}
	var buf [2048]byte
	text := append(buf[:0], '{')
	var last []uint16
	odd := false
	e.ordered(t, func(f Field) {
		form := &t.forms[f]
		common, ok := form.after(last)
		if odd = odd || !ok; odd {
			return
		}
		if last != nil {
			text = append(closers(text, len(last)-1-common), ',')
		}
		text = append(text, form.open[common]...)
		last = form.ids
		p.steps = append(p.steps, step{entry: e.slots[f] - 1, field: f, to: uint16(len(text))})
	})
	if odd {
		return &plan{}
	}
	if len(text) > math.MaxUint16 {
		return nil
	}
	p.text = string(closers(text, max(len(last), 1)))
	return p
}

// after tells how many of the nodes above the field are open after a value whose nodes were last. It is false where the
// field lies below that value: then there is no place for it.
func (f *form) after(last []uint16) (common int, ok bool) {
	for common < len(last) && common < len(f.ids) && last[common] == f.ids[common] {
		common++
	}
	return common, last == nil || common < len(last)
}

// clock remembers how the last seconds are written: the times of one event, and those of events that follow one another,
// are mostly of a few.
type clock struct {
	seconds [4]int64
	texts   [4][len(secondText)]byte
}

// secondText is a second as it is written, up to its fraction.
const secondText = "2006-01-02T15:04:05."

// append appends a time as a JSON string.
func (c *clock) append(dst []byte, ns int64) []byte {
	second, frac := splitTime(ns)
	at := second & 3
	text := &c.texts[at]
	if c.seconds[at] != second || text[0] == 0 {
		appendSecond(text[:0], second)
		c.seconds[at] = second
	}
	dst = append(append(dst, '"'), text[:]...)
	return append(appendFraction(dst, frac), 'Z', '"')
}
