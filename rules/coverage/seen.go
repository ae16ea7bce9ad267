package coverage

import (
	"slices"
	"strings"

	"weir/rules"
)

// seen are the log sources that events had.
type seen struct{ classes [][3][]string }

// newSeen reads log sources as they stand in stretches: products, categories and services with slashes between them,
// several of one with a plus.
func newSeen(list []string) *seen {
	s := &seen{}
	for _, text := range list {
		var c [3][]string
		parts := strings.SplitN(text, "/", 3)
		for i := range parts {
			if parts[i] != "" && len(parts) == 3 {
				c[i] = strings.Split(parts[i], "+")
			}
		}
		s.classes = append(s.classes, c)
	}
	return s
}

// covers tells whether there were events for rules of a log source. Events of which no source is known are tried against
// every rule, and so are all events against rules without one.
func (s *seen) covers(want rules.LogSource) bool {
	for _, c := range s.classes {
		if want.Empty() {
			return true // any event is enough
		}
		known := false
		fits := true
		for i, part := range [3]string{want.Product, want.Category, want.Service} {
			known = known || len(c[i]) > 0
			fits = fits && (part == "" || slices.ContainsFunc(c[i], func(have string) bool { return strings.EqualFold(have, part) }))
		}
		if known && fits {
			return true
		}
	}
	return false
}
