package fold

import (
	"unsafe"

	"weir/event"
)

// View is one event as conditions see it: its values as texts, and folded. Both are made when they are first asked for,
// once for each field and event. The zero View shows an empty event.
//
// A View belongs to one goroutine and is meant to be used again: after some events it allocates nothing. What it
// returns aliases the event or memory of its own; both end with the next Reset, so nothing of it may be kept longer.
type View struct {
	// Scratch is what an index keeps with the view from one event to the next, so that it finds it without a lock. It
	// is its alone.
	Scratch any

	e *event.Event
	// epoch marks what belongs to this event: nothing has to be cleared between two.
	epoch uint32
	// by field, and by path for keys below open fields and paths that no list knows.
	fields []slot
	places map[string]uint32
	others []slot
	// strs holds texts and folds of all fields; slots say where. arena holds the bytes of folds, and of numbers.
	strs  []string
	arena []byte
	// leads are the values through which paths lead, and extras tells whether there are values of unknown paths; both are
	// found when a field without a plain value is asked for.
	leads     []lead
	extras    bool
	leadEpoch uint32
}

// slot says where in strs the texts of one field are.
type slot struct {
	textEpoch, foldEpoch uint32
	texts, folds         span
}

type span struct{ from, to uint32 }

// Bounds on what is kept from one event to the next: one huge event must not stay in memory for ever.
const (
	keepArena = 4 << 20
	keepStrs  = 1 << 16
	keepPaths = 1 << 14
)

// empty is shown where there is no event.
var empty event.Event

// Reset shows another event. e must not change until the next Reset, and the strings that it aliases must stay.
func (v *View) Reset(e *event.Event) {
	if e == nil {
		e = &empty
	}
	v.e = e
	if v.epoch++; v.epoch == 0 { // after 4 billion events the old marks would look new
		clear(v.fields)
		clear(v.others)
		v.epoch, v.leadEpoch = 1, 0
	}
	if cap(v.arena) > keepArena {
		v.arena = nil
	}
	v.arena = v.arena[:0]
	if cap(v.strs) > keepStrs {
		v.strs = nil
	}
	clear(v.leads)
	clear(v.strs) // they would keep the buffers that they alias alive
	v.strs = v.strs[:0]
	if len(v.others) > keepPaths {
		v.places, v.others = nil, nil
	}
}

// Event returns the event that is shown.
func (v *View) Event() *event.Event {
	if v.e == nil {
		v.Reset(nil)
	}
	return v.e
}

// slot returns the place of a field. It is valid until the next call for another field.
func (v *View) slot(ref event.Ref) *slot {
	if f, ok := ref.Field(); ok {
		return v.field(f)
	}
	i, ok := v.places[ref.Path()]
	if !ok {
		if v.places == nil {
			v.places = make(map[string]uint32)
		}
		i = uint32(len(v.others))
		v.places[ref.Path()] = i
		v.others = append(v.others, slot{})
	}
	return &v.others[i]
}

// field is slot for a field of the table.
func (v *View) field(f event.Field) *slot {
	if int(f) >= len(v.fields) {
		v.fields = append(v.fields, make([]slot, max(int(f)+1, 2048)-len(v.fields))...)
	}
	return &v.fields[f]
}

// Texts returns the texts of all values of a field as they are: numbers and truths as they are written, times in
// RFC 3339. Nulls are no values. The texts of an object are those of all values in it, and a path that has no value of its
// own leads through lists of objects and to what stands below it (see gather).
func (v *View) Texts(ref event.Ref) []string {
	s := v.slot(ref)
	if v.e == nil || s.textEpoch != v.epoch {
		v.fillTexts(s, ref, ref.Of(v.Event()))
	}
	return v.strs[s.texts.from:s.texts.to:s.texts.to]
}

// Folded returns what Texts does, folded.
func (v *View) Folded(ref event.Ref) []string {
	s := v.slot(ref)
	if v.e == nil || s.foldEpoch != v.epoch {
		v.fillFolds(s, ref, ref.Of(v.Event()))
	}
	return v.strs[s.folds.from:s.folds.to:s.folds.to]
}

// TextsField is Texts for a field of the table whose value in the event is at hand.
func (v *View) TextsField(f event.Field, val event.Value) []string {
	if isPlain(val) {
		s := v.field(f)
		if s.textEpoch != v.epoch {
			v.fillTexts(s, event.Ref{}, val)
		}
		return v.strs[s.texts.from:s.texts.to:s.texts.to]
	}
	return v.Texts(event.MakeRef(f.Path()))
}

// isPlain tells whether a value is all that its field has.
func isPlain(val event.Value) bool {
	k := val.Kind()
	return k != event.Absent && k != event.Null && k != event.Object
}

// fillTexts makes the texts of one field. The reference is only looked at where the value is not all of them.
func (v *View) fillTexts(s *slot, ref event.Ref, val event.Value) {
	from := uint32(len(v.strs))
	if isPlain(val) {
		v.appendTexts(val)
	} else {
		v.gather(ref)
	}
	s.textEpoch, s.texts = v.epoch, span{from, uint32(len(v.strs))}
}

// appendTexts appends the texts of a value, and of all values in it, to strs.
func (v *View) appendTexts(val event.Value) {
	switch val.Kind() {
	case event.Absent, event.Null:
	case event.Object:
		for i := range val.Len() {
			_, m := val.Member(i)
			v.appendTexts(m)
		}
	case event.String:
		v.strs = append(v.strs, val.Str())
	case event.List:
		for i := range val.Len() {
			v.appendTexts(val.Item(i))
		}
	default:
		from := len(v.arena)
		v.arena = val.AppendText(v.arena)
		v.strs = append(v.strs, v.since(from))
	}
}

// fillFolds makes the folds of one field. Of a field with one text, by far the commonest, the texts are not made for
// it.
func (v *View) fillFolds(s *slot, ref event.Ref, val event.Value) {
	if val.Kind() == event.String {
		from := uint32(len(v.strs))
		v.strs = append(v.strs, v.Fold(val.Str()))
		s.foldEpoch, s.folds = v.epoch, span{from, from + 1}
		return
	}
	if s.textEpoch != v.epoch {
		v.fillTexts(s, ref, val)
	}
	from := uint32(len(v.strs))
	for i := s.texts.from; i < s.texts.to; i++ {
		v.strs = append(v.strs, v.Fold(v.strs[i]))
	}
	s.foldEpoch, s.folds = v.epoch, span{from, uint32(len(v.strs))}
}

// Fold returns the fold of a text of the event. It is s itself or lies in the memory of the view.
func (v *View) Fold(s string) string {
	if plain(s) == len(s) {
		return s
	}
	from := len(v.arena)
	v.arena = Append(v.arena, s)
	return v.since(from)
}

// since returns what was appended to the arena from a place on. It stays as it is when the arena moves: the old one is
// only let go of.
func (v *View) since(from int) string {
	return unsafe.String(unsafe.SliceData(v.arena[from:]), len(v.arena)-from)
}

// EachFolded calls fn with every folded text of the event, in no particular order, until fn returns false. Left out are
// what weir itself adds to an event, such as its id, and copies of values that stand elsewhere in it (see hidden). fn
// may ask the view for fields.
func (v *View) EachFolded(fn func(s string) bool) {
	v.each(func(f event.Field, val event.Value) bool {
		s := v.field(f)
		if s.foldEpoch != v.epoch {
			v.fillFolds(s, event.Ref{}, val)
		}
		for i := s.folds.from; i < s.folds.to; i++ {
			if !fn(v.strs[i]) {
				return false
			}
		}
		return true
	}, func(text string) bool { return fn(v.Fold(text)) })
}

// EachText is EachFolded for texts as they are.
func (v *View) EachText(fn func(s string) bool) {
	v.each(func(f event.Field, val event.Value) bool {
		s := v.field(f)
		if s.textEpoch != v.epoch {
			v.fillTexts(s, event.Ref{}, val)
		}
		for i := s.texts.from; i < s.texts.to; i++ {
			if !fn(v.strs[i]) {
				return false
			}
		}
		return true
	}, fn)
}
