// Package pipelines says what the log sources of Sigma rules are here: which events are of them, and which of our fields
// their field names mean. Both stand in files; users add their own.
package pipelines

import (
	"sync"

	"weir/internal/fault"
)

// Set is what pipeline files say together. It is immutable for its users and may be used by any number of goroutines:
// what it finds out about events as they come is kept behind a lock of its own.
type Set struct {
	pipes []*pipe // in the order in which they count
	rows  []row   // of all pipelines; the order does not matter
	tree  *node
	// mu guards what grows: nodes of the tree and classes. Reading takes no lock.
	mu      sync.Mutex
	grown   int // nodes expanded so far
	classes classes
}

// pipe is one pipeline: for which log sources it is, and what their field names mean.
type pipe struct {
	name    string
	file    string
	tier    int // 0 for the first source, the shipped ones last
	sources []pattern
	// byCategory comes before fields for the rules of a category.
	fields     names
	byCategory map[string]*names
	prefixes   []prefix
	fallback   string // "" for none
	rows       []row
}

// prefix says what becomes of all names that begin alike; the rest of the name stands in the path as it is.
type prefix struct{ name, path string }

// pattern is a log source that a pipeline is for. A part without values means any.
type pattern struct{ product, category, service []string }

// Load reads the pipeline files of the sources, the ones that matter most first, and the shipped ones after them. A file
// that cannot be used is left out, and a fault says why; the others are used. A pipeline takes the place of one with the
// same name in a later source.
func Load(sources ...Source) (*Set, fault.List) {
	var pipes []*pipe
	var faults fault.List
	seen := map[string]bool{}
	for tier, src := range append(append([]Source(nil), sources...), shippedSource()) {
		found, bad := readSource(src)
		faults = append(faults, bad...)
		for _, p := range found {
			if p.tier = tier; !seen[p.name] {
				pipes = append(pipes, p)
			}
		}
		// Only now: one file may hold several pipelines of one name.
		for _, p := range found {
			seen[p.name] = true
		}
	}
	return newSet(pipes), faults
}

// newSet makes a set of pipelines.
func newSet(pipes []*pipe) *Set {
	s := &Set{pipes: pipes}
	for _, p := range pipes {
		s.rows = append(s.rows, p.rows...)
	}
	s.classes.init()
	s.tree = s.plant()
	return s
}

// shippedSet is made once: it is what everything uses that has no folder of the user's.
var shippedSet = sync.OnceValue(func() *Set {
	s, _ := Load()
	return s
})

// Shipped returns the pipelines that come with weir, without any of the user's.
func Shipped() *Set { return shippedSet() }
