package pipelines

import "slices"

// Reads returns the fields that Classify looks at, sorted. Who reads events column by column needs no others to know
// their classes.
func (s *Set) Reads() []string {
	var out []string
	for i := range s.rows {
		for _, c := range s.rows[i].conds {
			out = append(out, c.field.Path())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
