package event

import (
	"math"
	"strconv"
	"time"
	"unsafe"
)

// Kind tells what a Value holds.
type Kind uint8

// The kinds of a Value.
const (
	Absent Kind = iota
	Null
	String
	Int
	Float
	Bool
	Time   // nanoseconds since 1970, UTC
	List   // of values
	Object // of members, in the order in which they came
)

// Value is one value of an event. The zero Value is Absent. A string may alias the memory that the event was read
// from (see Event): copy it with strings.Clone to keep it longer. Values are not to be compared with ==.
//
// A Value is three words, because an event copies some hundred of them: data points to the bytes of a string or to the
// items of a list (for an object key, value, key, value, ...), and num holds their number. The methods text and items
// are the only ones that look behind data.
type Value struct {
	data unsafe.Pointer
	num  uint64 // number, truth or time; length of a string; length and capacity of a list, 32 bits each
	kind Kind
}

// text returns the string of a String.
func (v Value) text() string {
	if v.kind != String {
		return ""
	}
	return unsafe.String((*byte)(v.data), int(v.num))
}

// items returns what a List or an Object holds, with its room.
func (v Value) items() []Value {
	if v.kind < List || v.data == nil {
		return nil
	}
	return unsafe.Slice((*Value)(v.data), uint32(v.num))[:v.num>>32]
}

// listOf makes a List or an Object of vs. It keeps the room of vs, so that push can use it.
func listOf(kind Kind, vs []Value) Value {
	return Value{data: unsafe.Pointer(unsafe.SliceData(vs)), num: uint64(len(vs))<<32 | uint64(uint32(cap(vs))), kind: kind}
}

// Str makes a string value.
func Str(s string) Value {
	return Value{data: unsafe.Pointer(unsafe.StringData(s)), num: uint64(len(s)), kind: String}
}

// Num makes an integer value.
func Num(n int64) Value { return Value{kind: Int, num: uint64(n)} }

// Real makes a floating-point value.
func Real(f float64) Value { return Value{kind: Float, num: math.Float64bits(f)} }

// Truth makes a boolean value. Like Num and Real it is a word in the value itself and costs no memory.
func Truth(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// At makes a time value. Times before 1678 and after 2261 become the first and the last that there are.
func At(t time.Time) Value {
	ns := t.UnixNano()
	switch second := t.Unix(); { // nanoseconds of other years do not fit, so these are asked
	case second < minTime/1e9:
		ns = minTime
	case second > maxTime/1e9:
		ns = maxTime
	}
	return Value{kind: Time, num: uint64(ns)}
}

// Items makes a list of vs, which must not be changed afterwards: the list is vs itself.
func Items(vs ...Value) Value { return listOf(List, vs) }

// Strs makes a list of strings.
func Strs(ss ...string) Value {
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = Str(s)
	}
	return Items(vs...)
}

// Nil makes a JSON null.
func Nil() Value { return Value{kind: Null} }

// Members makes an object from keys and values in turn. Every even item is a string. As with Items, kv is not copied.
func Members(kv ...Value) Value { return listOf(Object, kv) }

// Kind tells what the value holds.
func (v Value) Kind() Kind { return v.kind }

// Str returns the text of a String, "" for any other kind.
func (v Value) Str() string { return v.text() }

// Int returns the number of an Int, or a Time in nanoseconds.
func (v Value) Int() int64 {
	if v.kind != Int && v.kind != Time {
		return 0
	}
	return int64(v.num)
}

// Float returns the number of a Float or an Int.
func (v Value) Float() float64 {
	if v.kind == Float {
		return math.Float64frombits(v.num)
	}
	return float64(v.Int())
}

// Bool returns the truth of a Bool.
func (v Value) Bool() bool { return v.kind == Bool && v.num != 0 }

// Time returns the time of a Time, in UTC.
func (v Value) Time() time.Time { return time.Unix(0, v.Int()).UTC() }

// Len returns the number of items of a List or members of an Object, 1 for any other present value, 0 for Absent.
func (v Value) Len() int {
	switch v.kind {
	case List:
		return len(v.items())
	case Object:
		return len(v.items()) / 2
	case Absent:
		return 0
	}
	return 1
}

// Item returns item i of a List; of any other value, item 0 is the value itself.
func (v Value) Item(i int) Value {
	if v.kind == List {
		return v.items()[i]
	}
	return v
}

// Member returns key and value number i of an Object.
func (v Value) Member(i int) (key string, val Value) {
	list := v.items()
	return list[2*i].text(), list[2*i+1]
}

// Get returns the member of an Object that is called key, Absent if there is none. Of a key that came twice it is the first.
// The search is linear: objects of events have few members.
func (v Value) Get(key string) Value {
	if v.kind != Object {
		return Value{}
	}
	list := v.items()
	for i := 0; i+1 < len(list); i += 2 {
		if list[i].text() == key {
			return list[i+1]
		}
	}
	return Value{}
}

// AppendText appends the value as plain text: strings as they are, times in RFC 3339, lists and objects as JSON.
func (v Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case String:
		return append(dst, v.text()...)
	case Absent, Null:
		return dst
	case Time:
		return appendTime(dst, int64(v.num))
	}
	return v.AppendJSON(dst)
}

// Text returns the value as plain text (see AppendText); a string is returned without a copy.
func (v Value) Text() string {
	if v.kind == String {
		return v.text()
	}
	var buf [64]byte
	return string(v.AppendText(buf[:0]))
}

// String returns the value as plain text, for messages to people.
func (v Value) String() string { return v.Text() }

// AppendJSON appends the value as JSON.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case String:
		return appendString(dst, v.text())
	case Int:
		return strconv.AppendInt(dst, int64(v.num), 10)
	case Float:
		return appendFloat(dst, math.Float64frombits(v.num))
	case Bool:
		return strconv.AppendBool(dst, v.num != 0)
	case Time:
		dst = append(dst, '"')
		dst = appendTime(dst, int64(v.num))
		return append(dst, '"')
	case List:
		// Nearly all lists are of texts. Not a function of its own: two that call each other would make dst escape.
		dst = append(dst, '[')
		list := v.items()
		for i := range list {
			if i > 0 {
				dst = append(dst, ',')
			}
			if list[i].kind == String {
				dst = appendString(dst, list[i].text())
			} else {
				dst = list[i].AppendJSON(dst)
			}
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		list := v.items()
		for i := 0; i+1 < len(list); i += 2 {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, list[i].text())
			dst = append(dst, ':')
			dst = list[i+1].AppendJSON(dst)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}
