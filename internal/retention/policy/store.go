package policy

import (
	"slices"
	"sync"
	"sync/atomic"

	"weir/internal/fault"
)

// Store has the policy in force, and takes a new one when the files have changed. Its methods may be called from any goroutine.
type Store struct {
	opts Options
	now  atomic.Pointer[Policy]

	mu      sync.Mutex // of reading files and of watchers
	watches []func(*Policy)
}

// Open reads the files for the first time: with a mistake in them there is no store, since nobody knows what to go on with.
// faults has the warnings then too.
func Open(o Options) (*Store, fault.List, error) {
	p, faults, err := Load(o)
	if err != nil {
		return nil, faults, err
	}
	if p == nil {
		return nil, faults, faults
	}
	s := &Store{opts: o}
	s.now.Store(p)
	return s, faults, nil
}

// Current returns the policy in force.
func (s *Store) Current() *Policy { return s.now.Load() }

// Watch calls f with each policy that takes the place of another, from the goroutine that reloads.
func (s *Store) Watch(f func(*Policy)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches = append(s.watches, f)
}

// Reload reads the files again. With a mistake in them the present policy goes on, and err says what is wrong; warnings do not
// hold it up. changed tells whether another policy is in force now.
func (s *Store) Reload() (changed bool, warnings fault.List, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, faults, err := Load(s.opts)
	if err != nil {
		return false, faults, err
	}
	if p == nil {
		return false, nil, faults
	}
	old := s.now.Swap(p)
	changed = old.version != p.version
	if changed {
		for _, f := range s.watches {
			f(p)
		}
	}
	return changed, faults, nil
}

// Paths are the files that are read, for whoever watches them.
func (s *Store) Paths() []string {
	return slices.DeleteFunc([]string{s.opts.Classes, s.opts.Systems}, func(f string) bool { return f == "" })
}
