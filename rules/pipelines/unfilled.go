package pipelines

import (
	"slices"
	"strings"
)

// Formats are, by dataset, the fields that events of it can have; a path that ends in .* stands for all fields below.
type Formats map[string][]string

// Unfilled tells what a rule of a log source asks for that no format has: those of its field names, in the order given, none
// of whose fields an event of the rule's log source can have. made is false where no format makes such events at all; then
// all names are unfilled. A rule without a log source is held against every format.
func (s *Set) Unfilled(ls LogSource, names []string, formats Formats) (unfilled []string, made bool) {
	var fits []string
	for dataset, fields := range formats {
		if ls.Empty() || s.canBe(dataset, fields, ls) {
			fits = append(fits, dataset)
		}
	}
	for _, name := range names {
		filled := slices.ContainsFunc(s.Paths(ls, name), func(path string) bool {
			return slices.ContainsFunc(fits, func(dataset string) bool { return fills(formats[dataset], path) })
		})
		if !filled && !slices.Contains(unfilled, name) {
			unfilled = append(unfilled, name)
		}
	}
	return unfilled, len(fits) > 0
}

// canBe tells whether some event of a dataset is of a log source: what its rows say together, where the dataset is the one
// that they name and the other fields that they ask for are fields that its events have.
func (s *Set) canBe(dataset string, fields []string, ls LogSource) bool {
	module, _, _ := strings.Cut(dataset, ".")
	var all labels
	for _, r := range s.rows {
		possible := !slices.ContainsFunc(r.conds, func(c cond) bool {
			switch path := c.field.Path(); path {
			case "event.dataset":
				return len(c.values) > 0 && !slices.Contains(c.values, dataset)
			case "event.module":
				return len(c.values) > 0 && !slices.Contains(c.values, module)
			default:
				return !fills(fields, path)
			}
		})
		if possible {
			all = all.add(r.labels)
		}
	}
	return covers(all.products, strings.ToLower(ls.Product)) && covers(all.categories, strings.ToLower(ls.Category)) && covers(all.services, strings.ToLower(ls.Service))
}

// fills tells whether a field is among those of a format. A key below a field that takes any key is.
func fills(fields []string, path string) bool {
	return slices.ContainsFunc(fields, func(f string) bool {
		if open, any := strings.CutSuffix(f, ".*"); any {
			return path == open || len(path) > len(open) && path[len(open)] == '.' && strings.HasPrefix(path, open)
		}
		return f == path
	})
}
