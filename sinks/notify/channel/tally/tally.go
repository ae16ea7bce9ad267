// Package tally remembers for a while who of several recipients has had a message, so that a second
// attempt goes to the others only.
package tally

import (
	"slices"
	"sync"
)

// bound is how many messages are remembered that are neither with all their recipients nor given up:
// those that are tried again. Of more, the oldest is forgotten, and some people may get a copy of it.
const bound = 1000

// Results are what became of messages, by recipient. It lives in memory only: after a restart an
// attempt goes to everybody again, since a copy does less harm than a message that never comes. The
// zero value is ready.
type Results struct {
	mu    sync.Mutex
	byID  map[string]map[string]string // message: recipient: why it was refused for good, "" if it was taken
	order []string
}

// Left returns which recipients a message still has to go to, in the order given.
func (r *Results) Left(id string, all []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, to := range all {
		if _, settled := r.byID[id][to]; !settled {
			out = append(out, to)
		}
	}
	return out
}

// Settle notes that nothing more is to be sent to a recipient: the message was taken, or refused for
// good, and then why.
func (r *Results) Settle(id, to, refused string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID == nil {
		r.byID = map[string]map[string]string{}
	}
	if r.byID[id] == nil {
		r.byID[id] = map[string]string{}
		r.order = append(r.order, id)
		if len(r.order) > bound {
			delete(r.byID, r.order[0])
			r.order = r.order[1:]
		}
	}
	r.byID[id][to] = refused
}

// Finish forgets a message and returns who refused it for good, as "recipient: why", and how many took
// it.
func (r *Results) Finish(id string) (refused []string, taken int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for to, why := range r.byID[id] {
		if why == "" {
			taken++
			continue
		}
		refused = append(refused, to+": "+why)
	}
	delete(r.byID, id)
	r.order = slices.DeleteFunc(r.order, func(other string) bool { return other == id })
	slices.Sort(refused)
	return refused, taken
}
