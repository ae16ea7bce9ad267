package format

import (
	"slices"
	"strings"
)

// What was stored and is read again may be a part of a record: its original is an item, without the envelope around it by which
// the record was recognised. Such a part is read as what it was.

// Again is Recognise for the original of an event that was of a dataset; part tells that it is surely a part of a record that was
// split. What was split by a format stays with that: always a part, and an original that the format would not recognise, which
// thus is a part. ok is false where several formats of the dataset split records and none can be chosen.
func (s *Set) Again(dataset string, part bool, l *Look) (f *Format, ok bool) {
	f = s.Recognise(l)
	own := s.splitting(dataset)
	if len(own) == 0 || f != nil && slices.Contains(own, f) {
		return f, true
	}
	var only *Format
	for _, one := range own {
		switch {
		case one.Reason(l) == "":
		case part:
			return one, true
		default:
			return f, true // no part, and today another format is nearer
		}
		if len(own) == 1 || one.ID == "" && one.Dataset == dataset {
			only = one
		}
	}
	return only, only != nil
}

// splitting returns the formats by which events of a dataset are made of parts of records: those of the dataset, else those of its
// package that say the dataset themselves. What takes any message that nothing else fits is none of them: a format that was
// written since is nearer.
func (s *Set) splitting(dataset string) (out []*Format) {
	for _, f := range s.by[dataset] {
		if f.split != nil && f.particular() {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out
	}
	module, _, _ := strings.Cut(dataset, ".")
	for _, f := range s.list {
		if f.split != nil && f.Names && !f.Foreign && f.Module() == module && f.particular() {
			out = append(out, f)
		}
	}
	return out
}

// particular tells whether the format is more than one for what nothing else fits.
func (f *Format) particular() bool {
	return len(f.ways) == 0 || slices.ContainsFunc(f.ways, func(w way) bool { return !w.last })
}
