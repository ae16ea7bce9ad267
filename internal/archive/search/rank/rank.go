// Package rank puts events in the order of a field's values, and names a place in that order so that a search can go on
// behind it.
//
// An order is total: values first, among equal ones the newest, among those of one time event.id. It depends on the events
// alone and not on where they are kept, so a place stays what it is while events come in, are sealed, or expire.
package rank

import (
	"cmp"
	"math"
	"net/netip"
	"strings"

	"weir/event"
	"weir/event/ecs"
)

// Order is one field and a direction. The zero value is the newest first.
type Order struct {
	path      string // "": the sort time
	ascending bool
	ref       event.Ref
	typ       ecs.Type
	known     bool // the field has a type that the list knows
}

// By returns the order of a field, "" or @timestamp for the sort time.
func By(path string, ascending bool) Order {
	if path == "" || path == event.Timestamp.Path() {
		return Order{ascending: ascending}
	}
	o := Order{path: path, ascending: ascending, ref: event.MakeRef(path), typ: ecs.Flattened}
	if f, ok := o.ref.Field(); ok {
		o.typ, o.known = f.Type(), true
	}
	return o
}

// Parse reads an order as people write it: user.name, -user.name; "" is -@timestamp.
func Parse(s string) Order {
	if s == "" {
		return Order{}
	}
	path, desc := strings.CutPrefix(s, "-")
	return By(path, !desc)
}

// String is what Parse reads.
func (o Order) String() string {
	path := o.path
	if path == "" {
		path = event.Timestamp.Path()
	}
	if o.ascending {
		return path
	}
	return "-" + path
}

// Time tells whether the order is that of the sort time alone.
func (o Order) Time() bool { return o.path == "" }

// Ascending tells whether the lowest come first.
func (o Order) Ascending() bool { return o.ascending }

// Path is the field's name, "" for the sort time.
func (o Order) Path() string { return o.path }

// maxText is how much of a text takes part in the order: it bounds what one place needs, however long a message is.
const maxText = 512

// Classes of keys, in their order whatever the direction.
const (
	isNumber = iota // numbers, moments, addresses
	isText
	isNone
)

// Key is a value as it takes part in an order. Keys are compared by Order alone.
type Key struct {
	class uint8
	num   float64
	exact int64 // decides where num cannot tell two whole numbers apart
	text  string
}

// None is the key of an event without the field.
func None() Key { return Key{class: isNone} }

// Key returns the key of a value; of a list, of the item that comes first. Its text is that of the value.
func (o Order) Key(v event.Value) Key {
	switch v.Kind() {
	case event.List, event.Object:
		return o.first(v)
	case event.Absent, event.Null:
		return None()
	case event.String:
		return o.text(v.Str())
	case event.Int:
		return number(v.Int())
	case event.Float:
		return real(v.Float())
	case event.Bool:
		if v.Bool() {
			return number(1)
		}
		return number(0)
	case event.Time:
		return number(v.Time().UnixNano())
	}
	return o.text(v.Text())
}

// first returns the best key of a list, or of the members of an object.
func (o Order) first(v event.Value) Key {
	best := None()
	for i := range v.Len() {
		var item event.Value
		if v.Kind() == event.List {
			item = v.Item(i)
		} else {
			_, item = v.Member(i)
		}
		if k := o.Key(item); o.Compare(k, best) < 0 {
			best = k
		}
	}
	return best
}

func number(n int64) Key { return Key{num: float64(n), exact: n} }

// real makes a key of a number with a fraction. What is no number comes behind all numbers.
func real(f float64) Key {
	switch {
	case math.IsNaN(f):
		return Key{class: isText, text: "NaN"}
	case f >= math.MaxInt64:
		return Key{num: f, exact: math.MaxInt64}
	case f <= math.MinInt64:
		return Key{num: f, exact: math.MinInt64}
	}
	return Key{num: f, exact: int64(f)}
}

// text makes a key of a text: of an address its 128 bits, below open fields of a number that number, else the bytes.
func (o Order) text(s string) Key {
	switch o.typ {
	case ecs.IP:
		if a, err := netip.ParseAddr(s); err == nil {
			b := a.Unmap().WithZone("").As16()
			return Key{text: string(b[:])}
		}
	case ecs.Long, ecs.Double, ecs.Flattened, ecs.Nested:
		if f, ok := parseNumber(s); ok {
			return f
		}
	}
	if len(s) > maxText {
		s = s[:maxText]
	}
	return Key{class: isText, text: s}
}

// Compare says which of two keys comes first: negative, a. What is missing comes last in both directions, and texts that are
// no value of the field's type behind those that are.
func (o Order) Compare(a, b Key) int {
	if a.class != b.class {
		return cmp.Compare(a.class, b.class)
	}
	c := cmp.Compare(a.num, b.num)
	if c == 0 {
		c = cmp.Compare(a.exact, b.exact)
	}
	if c == 0 {
		c = strings.Compare(a.text, b.text)
	}
	if !o.ascending {
		c = -c
	}
	return c
}

// Times says which of two sort times comes first among events with equal keys: the newest, unless the order is that of time
// and ascends.
func (o Order) Times(a, b int64) int {
	if o.path == "" && o.ascending {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(b, a)
}

// Clone returns a key that keeps nothing else in memory.
func (k Key) Clone() Key {
	k.text = strings.Clone(k.text)
	return k
}
