package fold

import (
	"strings"

	"weir/event"
)

// A path may lead to values that the event has in other places: below a list of objects, which is one value of the field
// above it, or below the path itself, where it names a whole object whose members are fields. The texts of a field are those
// of all of them. Most events have no such places, and most fields a plain value; neither must cost anything then.

// lead is a value with objects in it.
type lead struct {
	path  string
	val   event.Value
	extra bool // no list knows its path
}

// lookAround finds the leads of the event, once.
func (v *View) lookAround() {
	if v.leadEpoch == v.epoch {
		return
	}
	v.leadEpoch, v.leads, v.extras = v.epoch, v.leads[:0], false
	v.e.Each(func(f event.Field, val event.Value) bool {
		if HasObject(val) {
			v.leads = append(v.leads, lead{f.Path(), val, false})
		}
		return true
	})
	v.e.EachExtra(func(path string, val event.Value) bool {
		v.extras = true
		if HasObject(val) {
			v.leads = append(v.leads, lead{path, val, true})
		}
		return true
	})
}

// gather appends the texts of all that stands at the path or below it to strs.
func (v *View) gather(ref event.Ref) {
	v.lookAround()
	upper := ref.Upper()
	if !upper && !v.extras && len(v.leads) == 0 {
		return
	}
	path := ref.Path()
	if upper {
		v.e.Each(func(f event.Field, val event.Value) bool {
			if p := f.Path(); p == path || Below(p, path) {
				v.appendTexts(val)
			}
			return true
		})
	}
	if v.extras {
		v.e.EachExtra(func(p string, val event.Value) bool {
			if p == path || Below(p, path) {
				v.appendTexts(val)
			}
			return true
		})
	}
	for i := range v.leads {
		switch l := &v.leads[i]; {
		case l.path == path:
			if !upper && !l.extra { // else it is there already
				v.appendTexts(l.val)
			}
		case Below(path, l.path):
			v.descend(l.val, path[len(l.path)+1:])
		}
	}
}

// descend appends the texts of the members that stand at the key or below it. Keys may have full stops in them. Depth is
// bounded where values are made.
func (v *View) descend(val event.Value, key string) {
	switch val.Kind() {
	case event.List:
		for i := range val.Len() {
			v.descend(val.Item(i), key)
		}
	case event.Object:
		for i := range val.Len() {
			switch name, m := val.Member(i); {
			case name == key, Below(name, key):
				v.appendTexts(m)
			case Below(key, name):
				v.descend(m, key[len(name)+1:])
			}
		}
	}
}

// Below tells whether a path lies below another one.
func Below(path, upper string) bool {
	return len(path) > len(upper) && path[len(upper)] == '.' && strings.HasPrefix(path, upper)
}

// HasObject tells whether a value is an object or a list with one in it.
func HasObject(val event.Value) bool {
	switch val.Kind() {
	case event.Object:
		return true
	case event.List:
		for i := range val.Len() {
			if HasObject(val.Item(i)) {
				return true
			}
		}
	}
	return false
}
