package event

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"weir/event/ecs"
)

// Conform makes the event what its field list says, so that no store can refuse it:
//
//   - a value whose type does not fit is repaired if nothing is lost by that ("80" in a number field, 80 in a keyword);
//   - else its text goes to weir.other, under its own path, and the event is tagged type-mismatch;
//   - a field that ECS has as a list gets a list;
//   - values of unknown paths go to weir.other too;
//   - where one value lies below another that is no object, the upper one goes to weir.other.
//
// weir.other holds at most [maxOther] keys, and any other open field [maxMembers]: what is above is joined into one text there,
// under the key "rest".
//
// An event whose values fit is not changed; finding that out costs no memory.
func (e *Event) Conform() {
	t := load()
	mismatch, upper := false, false
	var rest []byte // what weir.other has no room for
	// Not a range: what does not fit is deleted, and weir.other and tags are added, while this goes on.
	for i := 0; i < len(e.entries); i++ {
		en := &e.entries[i]
		quick := t.quick[en.field]
		upper = upper || quick&quickUpper != 0
		if quick&(1<<en.value.kind) != 0 {
			if en.value.kind == Object && weightOf(en.value) > maxMembers+1 {
				en.value = e.fold(en.value)
			}
			continue
		}
		s := &t.specs[en.field]
		if fits(s, en.value) {
			continue
		}
		if v, ok := e.repair(s, en.value); ok {
			en.value = v
			continue
		}
		field, v := en.field, en.value
		e.Delete(field)
		i-- // Delete put the last entry here
		if v.kind == Null {
			continue
		}
		rest = e.other(s.path, v, rest)
		mismatch = true
	}
	for i := range e.extras {
		if v := e.extras[i].value; v.kind != Absent && v.kind != Null {
			rest = e.other(e.extras[i].path, v, rest)
		}
	}
	e.DropExtras()
	nested := false
	if upper {
		rest, nested = e.nested(t, rest)
	}
	if len(rest) > 0 {
		e.AddMember(WeirOther, "rest", Str(string(rest)))
	}
	if nested || mismatch {
		e.Append(Tags, tagTypeMismatch)
	}
}

// tagTypeMismatch is the tag of an event some of whose values did not fit their fields.
const tagTypeMismatch = "type-mismatch"

// maxOther bounds the keys of weir.other, which a store keeps as one flattened field.
const maxOther = 1000

// maxMembers bounds the values below one open field, however deep: a sender that makes up thousands of keys costs a store no
// more than this.
const maxMembers = 1000

// weightOf counts the values in v that are no objects. A list counts as what is in it.
func weightOf(v Value) int {
	list := v.items()
	if v.kind < List || len(list) == 0 {
		return 1
	}
	n, from, by := 0, 0, 1
	if v.kind == Object {
		from, by = 1, 2
	}
	for i := from; i < len(list); i += by {
		if list[i].kind < List {
			n++
		} else if n += weightOf(list[i]); n > maxMembers*2 {
			return n // that many are too many, whatever comes
		}
	}
	return n
}

// fold keeps the first maxMembers values of an object and joins the others into one text under the key "rest", with their
// paths: nothing is lost of it.
func (e *Event) fold(v Value) Value {
	f := folder{e: e, room: maxMembers}
	out := f.object(v, "")
	list := append(e.mem.take(len(out.items())+2), out.items()...)
	return listOf(Object, append(list, Str("rest"), Str(string(f.rest))))
}

// folder is one fold.
type folder struct {
	e    *Event
	room int
	rest []byte
}

// object returns what there is room for. Depth is bounded by who makes values.
func (f *folder) object(v Value, upper string) Value {
	out := f.e.mem.take(v.Len() * 2)
	for i := range v.Len() {
		key, m := v.Member(i)
		n := weightOf(m)
		switch {
		case n <= f.room:
			f.room -= n
		case m.kind == Object && f.room > 0:
			m = f.object(m, upper+key+".")
		default:
			if len(f.rest) > 0 {
				f.rest = append(f.rest, ' ')
			}
			f.rest = m.AppendJSON(append(append(append(f.rest, upper...), key...), '='))
			continue
		}
		out = append(out, Str(key), m)
	}
	return listOf(Object, out)
}

// fits tells whether a value is of its field's type as it stands. It runs for every value of every event, and nearly all of
// them fit, so it must cost no memory. A list in a field of one value is left alone: stores index each item, and taking one
// would lose the others.
func fits(s *spec, v Value) bool {
	if v.kind != List {
		return !s.array && fitsOne(s.typ, v)
	}
	if s.typ == ecs.GeoPoint {
		return fitsOne(s.typ, v)
	}
	for _, it := range v.items() {
		if !fitsOne(s.typ, it) {
			return false
		}
	}
	return true
}

// quickUpper marks in table.quick a field that has other fields below it.
const quickUpper = 1 << 15

// quickMixed marks one of those that takes any key beside them.
const quickMixed = 1 << 14

// quickOf returns a bit for each kind of which any value fits the field as it stands, whatever it is: that answers for
// nearly every value of nearly every event with one look.
func quickOf(s *spec) (bits uint16) {
	if s.array {
		return 0
	}
	for _, v := range []Value{Str(""), Num(0), Real(0), Truth(false), At(time.Time{}), Members()} {
		if fitsOne(s.typ, v) { // no text is an address that is empty, no object a place without members
			bits |= 1 << v.kind
		}
	}
	return bits
}

// fitsOne is fits for one value that is no list, or for one item.
func fitsOne(typ ecs.Type, v Value) bool {
	switch typ {
	case ecs.Keyword, ecs.Text:
		return v.kind == String
	case ecs.Long:
		return v.kind == Int
	case ecs.Double:
		return v.kind == Int || v.kind == Float
	case ecs.Date:
		return v.kind == Time
	case ecs.Boolean:
		return v.kind == Bool
	case ecs.IP:
		return v.kind == String && isIP(v.text())
	case ecs.Nested, ecs.Flattened:
		return v.kind == Object
	case ecs.GeoPoint:
		return isPoint(v)
	}
	return false
}

// isIP tells whether a store takes s as an address. It looks at the bytes itself for the common case, four decimal
// numbers, because this runs for every address of every event.
func isIP(s string) bool {
	if len(s) < 2 || len(s) > 45 {
		return false
	}
	dots, n, digits := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if digits > 0 && n == 0 { // 01, or 00 of version 6
				return slowIP(s)
			}
			n = n*10 + int(c-'0')
			if digits++; n > 255 || digits > 3 {
				return slowIP(s)
			}
		case c == '.' && digits > 0:
			dots++
			n, digits = 0, 0
		case c == ':' || c|0x20 >= 'a' && c|0x20 <= 'f':
			return slowIP(s)
		default:
			return false
		}
	}
	return dots == 3 && digits > 0
}

// slowIP is for addresses of version 6, which have no zone in a store. Only what has a colon gets as far as netip, which
// builds an error for what it does not take.
func slowIP(s string) bool {
	if strings.IndexByte(s, ':') < 0 || strings.IndexByte(s, '%') >= 0 {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// isPoint tells whether v is a place: an object with lat and lon, or longitude and latitude as two numbers.
func isPoint(v Value) bool {
	number := func(v Value) bool { return v.kind == Int || v.kind == Float }
	switch v.kind {
	case Object:
		return v.Len() == 2 && number(v.Get("lat")) && number(v.Get("lon"))
	case List:
		return v.Len() == 2 && number(v.Item(0)) && number(v.Item(1))
	}
	return false
}

// Fit returns v as the field's type wants it, repaired if nothing is lost by that. It is false where v does not fit.
func (f Field) Fit(v Value) (Value, bool) {
	s := &load().specs[f]
	if fits(s, v) {
		return v, true
	}
	return new(Event).repair(s, v)
}

// repair makes v fit without loss, if it can. Lists are made in the memory of the event; a shared one is never changed.
func (e *Event) repair(s *spec, v Value) (Value, bool) {
	if v.kind != List {
		v, ok := repairOne(s.typ, v)
		if !ok || !s.array {
			return v, ok
		}
		return listOf(List, append(e.mem.take(1), v)), true
	}
	if s.typ == ecs.GeoPoint {
		return v, false
	}
	out := e.mem.take(v.Len())
	for _, it := range v.items() {
		if it.kind == Null {
			continue
		}
		it, ok := repairOne(s.typ, it)
		if !ok {
			return v, false
		}
		out = append(out, it)
	}
	return listOf(List, out), len(out) > 0 || v.Len() == 0
}

// repairOne is repair for one value that is no list. Objects and lists are never repaired: as text they would say
// something else.
func repairOne(typ ecs.Type, v Value) (Value, bool) {
	if fitsOne(typ, v) {
		return v, true
	}
	switch typ {
	case ecs.Keyword, ecs.Text:
		switch v.kind {
		case Int, Float, Bool, Time:
			return Str(v.Text()), true
		}
	case ecs.Long:
		return repairLong(v)
	case ecs.Double:
		if text := strings.TrimSpace(v.text()); v.kind == String && plainNumber(text) {
			f, err := strconv.ParseFloat(text, 64)
			return Real(f), err == nil
		}
	case ecs.Date:
		return repairDate(v)
	case ecs.Boolean:
		switch text := strings.TrimSpace(v.text()); {
		case v.kind != String:
		case strings.EqualFold(text, "true"):
			return Truth(true), true
		case strings.EqualFold(text, "false"):
			return Truth(false), true
		}
	case ecs.IP:
		if text := strings.TrimSpace(v.text()); v.kind == String && isIP(text) {
			return Str(text), true
		}
	}
	return v, false
}

// repairLong reads decimal text, and takes the fraction off a number that has none.
func repairLong(v Value) (Value, bool) {
	switch v.kind {
	case String:
		text := strings.TrimSpace(v.text())
		if !plainNumber(text) {
			return v, false
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return Num(n), true
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && strings.IndexByte(text, '.') >= 0 {
			return repairLong(Real(f))
		}
	case Float:
		// Above 2^53 a float stands for several whole numbers.
		if f := v.Float(); f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
			return Num(int64(f)), true
		}
	}
	return v, false
}

// plainNumber tells whether text is a decimal number as people write it: no exponent, no hexadecimal, no NaN.
func plainNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	dot, digits := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && !dot && digits > 0:
			dot = true
		default:
			return false
		}
	}
	return digits > 0 && digits <= 30 && text[len(text)-1] != '.'
}

// repairDate reads RFC 3339, and whole milliseconds since 1970 where they make a year between 1990 and 2100.
func repairDate(v Value) (Value, bool) {
	switch v.kind {
	case String:
		text := strings.TrimSpace(v.text())
		if ns, ok := parseTime(text); ok {
			return Value{kind: Time, num: uint64(ns)}, true
		}
		if plainNumber(text) {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				return repairDate(Num(n))
			}
		}
	case Int:
		// Seconds are not taken for milliseconds, nor any number that is no time at all.
		const from, to = 631152000000, 4102444800000
		if n := v.Int(); n >= from && n < to {
			return Value{kind: Time, num: uint64(n * int64(time.Millisecond))}, true
		}
	case Float:
		if f := v.Float(); f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
			return repairDate(Num(int64(f)))
		}
	}
	return v, false
}

// other moves a value to weir.other, as text, or appends path=value to rest where there is no room.
func (e *Event) other(path string, v Value, rest []byte) []byte {
	if old := e.Get(WeirOther); old.kind != Absent && old.kind != Object { // a document had a list there
		e.put(WeirOther, e.own(Members(Str(WeirOther.Path()), otherText(old))))
	}
	if e.Get(WeirOther).Len() < maxOther {
		e.AddMember(WeirOther, path, otherText(v))
		return rest
	}
	if len(rest) > 0 {
		rest = append(rest, ' ')
	}
	return v.AppendJSON(append(append(rest, path...), '='))
}

// otherText is a value as text, lists as lists of texts.
func otherText(v Value) Value {
	if v.kind != List {
		return Str(v.Text())
	}
	out := make([]Value, 0, v.Len())
	for _, it := range v.items() {
		out = append(out, Str(it.Text()))
	}
	return Items(out...)
}

// nested moves fields away that have a plain value and other fields below them: a document cannot hold both. The
// upper one goes, since there may be many below it. It tells whether there were any. Few fields can be in that place; the rest is done by one look at their list.
func (e *Event) nested(t *table, rest []byte) (left []byte, found bool) {
	for _, upper := range t.uppers {
		if !e.Has(upper) {
			continue
		}
		if e.Get(upper).kind == Object && t.isMixed(upper) {
			continue // its members and the fields below it are one object
		}
		path := t.specs[upper].path
		for i := range e.entries {
			lower := t.specs[e.entries[i].field].path
			if len(lower) > len(path) && lower[len(path)] == '.' && lower[:len(path)] == path {
				v := e.Get(upper)
				e.Delete(upper)
				rest = e.other(path, v, rest)
				found = true
				break
			}
		}
	}
	return rest, found
}
