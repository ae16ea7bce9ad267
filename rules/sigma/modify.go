package sigma

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/nearest"
)

// modifiers are what stands behind a field: how its values are changed, and how they are compared.
type modifiers struct {
	// How values are compared, with the word that says so; "" is equality.
	kind kind.Kind
	op   string
	form form.Form
	// What is done to values before, in the order in which it is written.
	change []string
	// Flags of a regular expression.
	flags string
	// A comparison of texts whose operand is a field.
	fieldref                    bool
	all, cased, exists, neq, re bool
	expand                      bool
}

// comparisons are the modifiers that say how values are compared. A field has one of them.
var comparisons = map[string]kind.Kind{
	"contains": kind.Contains, "startswith": kind.StartsWith, "endswith": kind.EndsWith, "re": kind.Regex, "cidr": kind.CIDR,
	"lt": kind.Less, "lte": kind.LessEqual, "gt": kind.Greater, "gte": kind.GreaterEqual, "exists": kind.Exists,
}

// forms are the modifiers that take a part of a time.
var forms = map[string]form.Form{"minute": form.Minute, "hour": form.Hour, "day": form.Day, "week": form.Week, "month": form.Month, "year": form.Year}

// changes are the modifiers that make other values of values.
var changes = []string{"windash", "base64", "base64offset", "wide", "utf16le", "utf16be", "utf16"}

// flagNames are the modifiers of a regular expression, some with the long names that other tools know.
var flagNames = map[string]string{"i": "i", "m": "m", "s": "s", "ignorecase": "i", "multiline": "m", "dotall": "s"}

// modifierNames are all of them, for suggestions.
func modifierNames() []string {
	out := slices.Concat(changes, slices.Collect(maps.Keys(comparisons)), slices.Collect(maps.Keys(forms)), []string{"all", "cased", "neq", "expand", "fieldref", "i", "m", "s"})
	slices.Sort(out)
	return out
}

// modifiers reads a key: the field and what stands behind it.
func (d *document) modifiers(p pair) (*modifiers, string, bool) {
	at := &node{src: p.at}
	field, rest, more := strings.Cut(p.key, "|")
	name, ok := d.fieldName(at, strings.TrimSpace(field))
	if !ok {
		return nil, "", false
	}
	m := &modifiers{}
	if !more {
		return m, name, true
	}
	// Modifiers that nobody knows would leave the values as they are, and the rule would look for something else.
	for word := range strings.SplitSeq(rest, "|") {
		word = strings.ToLower(strings.TrimSpace(word))
		if !m.add(word) {
			do := "there are: " + strings.Join(modifierNames(), ", ")
			if near := nearest.Name(word, modifierNames()); near != "" {
				do = fmt.Sprintf("did you mean `%s`?", near)
			}
			d.fail(at, "sigma-modifier", do, "the modifier `%s` does not exist", word)
			return nil, "", false
		}
	}
	if why, do := m.wrong(name); why != "" {
		d.fail(at, "sigma-modifier", do, "%s", why)
		return nil, "", false
	}
	return m, name, true
}

// add takes one modifier; false, if there is none of that name.
func (m *modifiers) add(word string) bool {
	switch {
	case slices.Contains(changes, word):
		m.change = append(m.change, word)
	case forms[word] != form.Plain:
		m.op, m.form = m.and(word), forms[word]
	case flagNames[word] != "":
		if !strings.Contains(m.flags, flagNames[word]) {
			m.flags += flagNames[word]
		}
	case word == "all":
		m.all = true
	case word == "cased":
		m.cased = true
	case word == "neq":
		m.neq = true
	case word == "expand":
		m.expand = true
	case word == "fieldref":
		m.fieldref = true
	default:
		asked, ok := comparisons[word]
		if !ok {
			return false
		}
		m.op, m.kind = m.and(word), asked
		m.re, m.exists = asked == kind.Regex, asked == kind.Exists
	}
	return true
}

// and notes one more comparison: `re and contains` is none, and is refused with those words.
func (m *modifiers) and(word string) string {
	if m.op == "" || m.op == word {
		return word
	}
	return m.op + " and " + word
}

// number tells whether values are compared as numbers.
func (m *modifiers) number() bool {
	return m.form != form.Plain || m.kind >= kind.Less && m.kind <= kind.GreaterEqual
}

// wrong tells which modifiers do not go together, and what to write instead.
func (m *modifiers) wrong(field string) (why, do string) {
	text := m.kind == kind.Equal || m.kind == kind.Contains || m.kind == kind.StartsWith || m.kind == kind.EndsWith || m.kind == kind.Constant
	// What goes together is what has one meaning. Other tools take whichever word they look at first.
	switch {
	// A part of a time may be compared in any of four ways; all else is one way.
	case strings.Contains(m.op, " and ") && !m.timeCompared():
		return "`" + strings.ReplaceAll(m.op, " and ", "` and `") + "` cannot be combined", "write a search of its own for each, and join them in the condition"
	case m.form != form.Plain && (m.cased || len(m.change) > 0 || m.fieldref):
		return "a part of a time is a number: only lt, lte, gt, gte and neq go with `" + m.op + "`", ""
	case len(m.change) > 0 && (!text || m.fieldref):
		return fmt.Sprintf("`%s` changes texts: it does not go with `%s`", m.change[0], cmp.Or(m.op, "fieldref")), "write it with contains, startswith, endswith, or alone"
	case m.flags != "" && !m.re:
		return fmt.Sprintf("`%s` belongs to a regular expression", m.flags), "write `re|" + m.flags + "`; without `re` texts compare without regard to case"
	case m.fieldref && (!text || m.expand):
		return "`fieldref` does not go with `" + cmp.Or(m.op, "expand") + "`", "it goes with contains, startswith, endswith and neq"
	case m.fieldref && m.cased:
		return "fields are compared without regard to case: `cased` does not go with `fieldref`", "leave `cased` out"
	case m.cased && !text:
		return "`cased` does not go with `" + m.op + "`", "leave it out; a regular expression without `i` is case-sensitive"
	case field == tree.Any && (m.exists || m.fieldref || m.number()):
		return "`" + cmp.Or(m.op, "fieldref") + "` needs a field", "write the name of a field before the |"
	}
	return "", ""
}

// timeCompared tells whether the comparison is that of a part of a time, such as hour|gte.
func (m *modifiers) timeCompared() bool {
	a, b, _ := strings.Cut(m.op, " and ")
	ordered := func(s string) bool { return s == "lt" || s == "lte" || s == "gt" || s == "gte" }
	return forms[a] != form.Plain && ordered(b) || forms[b] != form.Plain && ordered(a)
}
