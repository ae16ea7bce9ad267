package pipelines

import (
	"slices"
	"strings"
	"sync/atomic"
)

// Class stands for the log sources of an event: which product, which categories and which services it is of. Events of
// one class are tried against the same rules. The zero Class is that of events of which nothing is known. A Class
// belongs to the Set that gave it.
type Class uint32

// labels are what is known of the source of an event, in lower case, sorted.
type labels struct{ products, categories, services []string }

// classes gives equal labels one number. The list is replaced when it grows, so that readers need no lock.
type classes struct {
	list atomic.Pointer[[]labels]
	ids  map[string]Class // by the text of the labels; guarded by the set
}

// init makes the class of events of which nothing is known.
func (c *classes) init() {
	c.ids = map[string]Class{labels{}.String(): 0}
	c.list.Store(&[]labels{{}})
}

// maxClasses bounds the list, which senders that make up what their events are of could fill.
const maxClasses = 1 << 10

// id returns the class of some labels, 0 where the list is full: then nothing is known, and every rule is tried. The caller
// holds the lock of the set.
func (c *classes) id(l labels) Class {
	key := l.String()
	if id, ok := c.ids[key]; ok {
		return id
	}
	old := *c.list.Load()
	if len(old) >= maxClasses {
		return 0
	}
	next := append(slices.Clip(old), l)
	id := Class(len(old))
	c.ids[key] = id
	c.list.Store(&next)
	return id
}

// of returns the labels of a class; one that no set gave has none.
func (c *classes) of(id Class) labels {
	if list := *c.list.Load(); int(id) < len(list) {
		return list[id]
	}
	return labels{}
}

// String returns labels as people read them: windows, process_creation, security.
func (l labels) String() string {
	return strings.Join(l.products, "+") + "/" + strings.Join(l.categories, "+") + "/" + strings.Join(l.services, "+")
}

// add returns the labels with others.
func (l labels) add(o labels) labels {
	return labels{union(l.products, o.products), union(l.categories, o.categories), union(l.services, o.services)}
}

// union joins two sorted lists without repeating what is in both. It may return one of them.
func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// Class returns the class of events whose log source a person has given; empty parts are not known. Categories that
// always come with the given one count too: what sets a registry value is a registry event.
func (s *Set) Class(product, category, service string) Class {
	l := labels{products: one(product), categories: one(category), services: one(service)}
	var always []string
	for first, rows := true, s.rows; len(rows) > 0 && category != ""; rows = rows[1:] {
		r := &rows[0]
		if !slices.Contains(r.labels.categories, l.categories[0]) || product != "" && len(r.labels.products) > 0 && !slices.Contains(r.labels.products, l.products[0]) {
			continue
		}
		if first {
			always, first = r.labels.categories, false
			continue
		}
		always = intersect(always, r.labels.categories)
	}
	l.categories = union(l.categories, always)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.classes.id(l)
}

// one returns a list of one word in lower case, none of nothing.
func one(word string) []string {
	if word == "" {
		return nil
	}
	return []string{strings.ToLower(word)}
}

// intersect returns what is in both lists.
func intersect(a, b []string) []string {
	var out []string
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

// Covers tells whether a rule of a log source is for events of a class: each part of the rule's that says something is
// among those of the class.
func (s *Set) Covers(c Class, rule LogSource) bool {
	if rule.Empty() {
		return true
	}
	l := s.classes.of(c)
	return covers(l.products, rule.Product) && covers(l.categories, rule.Category) && covers(l.services, rule.Service)
}

// covers tells whether a part of a rule's log source is among those of a class. Words of rules are compared without case.
func covers(have []string, want string) bool {
	if want == "" {
		return true
	}
	for _, h := range have {
		if strings.EqualFold(h, want) {
			return true
		}
	}
	return false
}

// Describe returns a class as people read it: products, categories and services with slashes between them.
func (s *Set) Describe(c Class) string { return s.classes.of(c).String() }
