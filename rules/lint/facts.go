package lint

import (
	"net/netip"
	"strconv"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match/fold"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// A finding must be right: a rule that is called impossible and is not would be deleted by somebody. So everything here
// answers "for certain", and whatever it does not know (lists, patterns, parts that only expr's machine runs) is
// possible.

// windowsData is where Windows events keep what has no field of ECS; each name has one text.
const windowsData = "winlog.event_data."

// single tells whether an event has at most one value of the field. Open keys and paths that no list knows may have
// several, and so may fields of which ECS says it.
func single(field string) bool {
	if strings.HasPrefix(field, windowsData) {
		return true
	}
	f, ok := event.Lookup(field)
	if !ok || f.Array() {
		return false
	}
	switch f.Type() {
	case ecs.Flattened, ecs.Nested, ecs.GeoPoint:
		return false
	}
	return true
}

// onText tells whether a test asks whether a text is, holds, begins or ends with one of a few others.
func onText(t *tree.Test) bool {
	switch t.Kind {
	case kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith:
		return t.Form == form.Plain && t.Other == ""
	}
	return false
}

// onNumber tells whether a test compares with one number, in the form that the test has.
func onNumber(t *tree.Test) bool {
	switch t.Kind {
	case kind.Less, kind.LessEqual, kind.Greater, kind.GreaterEqual:
		return t.Other == "" && len(t.Values) == 1
	}
	return t.Kind == kind.Equal && t.Form != form.Plain && t.Other == "" && len(t.Values) > 0
}

// exclusive tells whether no single value can satisfy both tests, which are of one field.
func exclusive(a, b *tree.Test) bool {
	switch {
	// If case counts in neither, it counts in none: a text that differs in case alone satisfies both of them then.
	case onText(a) && onText(b):
		folded := a.Fold || b.Fold
		for _, v := range a.Values {
			for _, w := range b.Values {
				if !apart(a.Kind, cased(v, folded), b.Kind, cased(w, folded)) {
					return false
				}
			}
		}
		return true
	case onNumber(a) && onNumber(b) && a.Form == b.Form:
		return numbersApart(a, b)
	}
	return false
}

// cased brings a literal into the form in which it is compared.
func cased(s string, folded bool) string {
	if folded {
		return fold.String(s)
	}
	return s
}

// apart tells whether no text can be v in the way of ka and w in the way of kb. Two texts that are contained, or one
// at the beginning and one at the end, go together always.
func apart(ka kind.Kind, v string, kb kind.Kind, w string) bool {
	// A whole value is the strongest thing to know, so it comes first.
	if kb == kind.Equal {
		ka, v, kb, w = kb, w, ka, v
	}
	switch {
	case ka == kind.Equal && kb == kind.Equal:
		return v != w
	case ka == kind.Equal:
		return !holds(kb, w, v)
	case ka == kind.StartsWith && kb == kind.StartsWith:
		return !strings.HasPrefix(v, w) && !strings.HasPrefix(w, v)
	case ka == kind.EndsWith && kb == kind.EndsWith:
		return !strings.HasSuffix(v, w) && !strings.HasSuffix(w, v)
	}
	return false
}

// holds tells whether the text satisfies one literal of a kind.
func holds(k kind.Kind, literal, text string) bool {
	switch k {
	case kind.Equal:
		return text == literal
	case kind.Contains:
		return strings.Contains(text, literal)
	case kind.StartsWith:
		return strings.HasPrefix(text, literal)
	case kind.EndsWith:
		return strings.HasSuffix(text, literal)
	}
	return false
}

// span is the numbers that satisfy a comparison.
type span struct {
	low, high         float64
	lowOpen, highOpen bool
}

// infinite is beyond what fields hold. It stays a number, so that sums of it do not become none.
const infinite = 1e308

// spans returns the numbers that satisfy a test, false if one of its values is no number.
func spans(t *tree.Test) ([]span, bool) {
	var out []span
	for _, v := range t.Values {
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil {
			return nil, false
		}
		s := span{low: -infinite, high: infinite}
		switch t.Kind {
		case kind.Less, kind.LessEqual:
			s.high, s.highOpen = n, t.Kind == kind.Less
		case kind.Greater, kind.GreaterEqual:
			s.low, s.lowOpen = n, t.Kind == kind.Greater
		default:
			s.low, s.high = n, n
		}
		out = append(out, s)
	}
	return out, true
}

// numbersApart tells whether no number satisfies both.
func numbersApart(a, b *tree.Test) bool {
	as, ok := spans(a)
	bs, ok2 := spans(b)
	if !ok || !ok2 {
		return false
	}
	for _, x := range as {
		for _, y := range bs {
			low, high := max(x.low, y.low), min(x.high, y.high)
			open := low == x.low && x.lowOpen || low == y.low && y.lowOpen || high == x.high && x.highOpen || high == y.high && y.highOpen
			if low < high || low == high && !open {
				return false
			}
		}
	}
	return true
}

// implies tells whether whatever satisfies a, by some value of its field, satisfies b by the same value.
func implies(a, b *tree.Test) bool {
	if a.Field != b.Field {
		return false
	}
	if b.Kind == kind.Exists {
		// Absent and Constant are satisfied without a value; what Code does nobody knows.
		return a.Kind != kind.Absent && a.Kind != kind.Constant && a.Kind != kind.Code && a.Field != tree.Any
	}
	// What leaves case out says less than what does not, and never follows the other way.
	if !onText(a) || !onText(b) || len(a.Values) == 0 || a.Fold && !b.Fold {
		return a.Equal(b)
	}
	for _, v := range a.Values {
		if !impliesAny(a.Kind, cased(v, b.Fold), b) {
			return false
		}
	}
	return true
}

// impliesAny tells whether a text that is v in the way of k satisfies one of the literals of b.
func impliesAny(k kind.Kind, v string, b *tree.Test) bool {
	for _, w := range b.Values {
		w = cased(w, b.Fold)
		ok := false
		switch {
		case k == kind.Equal:
			ok = holds(b.Kind, w, v)
		case b.Kind == kind.Contains:
			ok = strings.Contains(v, w)
		case k == kind.StartsWith && b.Kind == kind.StartsWith:
			ok = strings.HasPrefix(v, w)
		case k == kind.EndsWith && b.Kind == kind.EndsWith:
			ok = strings.HasSuffix(v, w)
		}
		if ok {
			return true
		}
	}
	return false
}

// impossible says why no event satisfies the test by itself, "" if one may: a field of a type cannot have a value that
// is none of that type. It is asked of whole values alone: parts of an address are texts like any other.
func impossible(t *tree.Test) string {
	if t.Kind == kind.Constant {
		if len(t.Values) == 0 {
			return "it has no value that could hold"
		}
		return ""
	}
	if t.Kind != kind.Equal || t.Form != form.Plain || t.Other != "" {
		return ""
	}
	if len(t.Values) == 0 {
		return "it has no value to compare with"
	}
	f, ok := event.Lookup(t.Field)
	if !ok {
		return ""
	}
	// One value that may be is enough: the others are then merely useless.
	for _, v := range t.Values {
		if fitsType(f.Type(), v) {
			return ""
		}
	}
	return map[ecs.Type]string{ecs.IP: t.Field + " holds addresses, and " + strconv.Quote(t.Values[0]) + " is none",
		ecs.Long: t.Field + " holds numbers, and " + strconv.Quote(t.Values[0]) + " is none", ecs.Boolean: t.Field + " is true or false, not " + strconv.Quote(t.Values[0])}[f.Type()]
}

// fitsType tells whether the text can be a value of a field of the type; a value that cannot is kept elsewhere.
func fitsType(typ ecs.Type, text string) bool {
	switch typ {
	case ecs.IP:
		_, err := netip.ParseAddr(text)
		return err == nil
	case ecs.Long:
		_, err := strconv.ParseFloat(text, 64)
		return err == nil
	case ecs.Boolean:
		return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	}
	return true
}
