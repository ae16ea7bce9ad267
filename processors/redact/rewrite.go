package redact

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/event"
)

// rewriteEvent replaces the texts in every value of the event, and adds the paths that have changed. A number or a time that
// is one of the texts goes altogether, as a replacement is neither.
func rewriteEvent(e *event.Event, changes []change, paths *[]string) {
	type set struct {
		field event.Field
		path  string
		v     event.Value
	}
	var sets []set
	e.Each(func(f event.Field, v event.Value) bool {
		if kept[f] {
			return true
		}
		if out, ok := rewrite(v, changes); ok {
			sets = append(sets, set{field: f, v: out})
		}
		return true
	})
	e.EachExtra(func(path string, v event.Value) bool {
		if out, ok := rewrite(v, changes); ok {
			sets = append(sets, set{path: path, v: out})
		}
		return true
	})
	for _, s := range sets {
		if s.path != "" {
			e.SetPath(s.path, s.v)
			*paths = append(*paths, s.path)
			continue
		}
		if _, fits := s.field.Fit(s.v); !fits {
			e.Delete(s.field)
		} else {
			e.Set(s.field, s.v)
		}
		*paths = append(*paths, s.field.Path())
	}
}

// rewrite returns a value with the texts replaced; ok tells whether there was anything.
func rewrite(v event.Value, changes []change) (out event.Value, ok bool) {
	switch v.Kind() {
	case event.Absent, event.Bool, event.Time:
		return v, false
	case event.List:
		items := make([]event.Value, 0, v.Len())
		for i := range v.Len() {
			item, changed := rewrite(v.Item(i), changes)
			items, ok = append(items, item), ok || changed
		}
		return event.Items(items...), ok
	case event.Object:
		kv := make([]event.Value, 0, 2*v.Len())
		for i := range v.Len() {
			name, m := v.Member(i)
			m, changed := rewrite(m, changes)
			newName, renamed := replaceAll(name, changes)
			kv, ok = append(kv, event.Str(newName), m), ok || changed || renamed
		}
		return event.Members(kv...), ok
	}
	s, changed := replaceAll(v.Text(), changes)
	if !changed {
		return v, false
	}
	return event.Str(s), true
}

// replaceAll replaces all texts in s, also where they stand as JSON or in a URL.
func replaceAll(s string, changes []change) (string, bool) {
	any := false
	for _, c := range changes {
		for _, from := range forms(c.from) {
			var changed bool
			s, changed = substitute(s, from, c.to)
			any = any || changed
		}
	}
	return s, any
}

// forms are the ways in which a text stands within others.
func forms(s string) []string {
	out := []string{s}
	if b, err := json.Marshal(s); err == nil && string(b[1:len(b)-1]) != s {
		out = append(out, string(b[1:len(b)-1]))
	}
	for _, escaped := range []string{url.QueryEscape(s), url.PathEscape(s)} {
		if escaped != s && escaped != out[len(out)-1] {
			out = append(out, escaped)
		}
	}
	return out
}

// substitute replaces from by to where it stands as a word of its own, in any case of its letters: the user "al" is not
// taken out of "alarm", and "KIM" is the user "kim".
func substitute(s, from, to string) (string, bool) {
	if from == "" || len(s) < len(from) {
		return s, false
	}
	var b strings.Builder
	done := 0
	for at := 0; at+len(from) <= len(s); {
		end := at + len(from)
		if equalFold(s[at:end], from) && alone(s, at, end) {
			b.WriteString(s[done:at])
			b.WriteString(to)
			at, done = end, end
			continue
		}
		at++
	}
	if done == 0 {
		return s, false
	}
	b.WriteString(s[done:])
	return b.String(), true
}

// equalFold is strings.EqualFold with a quick look at the first byte, since almost no place is one.
func equalFold(a, b string) bool {
	if a[0] != b[0] && a[0] < utf8.RuneSelf && a[0]|0x20 != b[0]|0x20 {
		return false
	}
	return a == b || strings.EqualFold(a, b)
}

// alone tells whether the word at s[start:end] is not a part of a longer one.
func alone(s string, start, end int) bool {
	first, _ := utf8.DecodeRuneInString(s[start:])
	last, _ := utf8.DecodeLastRuneInString(s[:end])
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	after, _ := utf8.DecodeRuneInString(s[end:])
	return !(joins(first) && joins(before) && start > 0) && !(joins(last) && joins(after) && end < len(s))
}

// joins tells whether two such characters beside each other are parts of one word. Korean has its particles right behind a
// name, so only letters and digits of alphabets that part words count.
func joins(r rune) bool {
	return r == '_' || unicode.IsDigit(r) || unicode.IsLetter(r) && !unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
