package file

import (
	"context"
	"slices"
	"time"
)

// result is what a worker came to.
type result struct {
	t   *tail
	out outcome
}

// inode names an open file for as long as it is open.
type inode struct{ dev, ino uint64 }

// scheduler finds files and says which is read. All of it belongs to the goroutine of run.
type scheduler struct {
	*Source
	watch   *watch
	jobs    chan *tail
	results chan result
	queue   []*tail
	tails   map[inode]*tail
	ending  []*tail            // not followed any more, with parts in flight
	ignored map[identity]bool  // compressed
	seen    map[inode]bool     // by the scan in hand
	waiting map[string]waiting // paths that may become copies
	fresh   []*tail            // found and not written down yet

	lookedAt time.Time // at files that are not hot
	nextScan time.Time
	first    bool // the first scan is in hand
}

func newScheduler(s *Source, w *watch) *scheduler {
	return &scheduler{
		Source: s, watch: w, jobs: make(chan *tail), results: make(chan result, 64), tails: map[inode]*tail{}, ignored: map[identity]bool{},
		waiting: map[string]waiting{}, first: true,
	}
}

// run schedules until ctx ends, and lets the workers end then.
func (s *scheduler) run(ctx context.Context) {
	defer close(s.jobs)
	s.scan(time.Now())
	s.first = false
	tick := time.NewTicker(s.times.hot)
	defer tick.Stop()
	paths := s.watch.paths
	for {
		var jobs chan *tail
		var next *tail
		if len(s.queue) > 0 {
			jobs, next = s.jobs, s.queue[0]
		}
		select {
		case jobs <- next:
			s.queue = s.queue[1:]
		case r := <-s.results:
			s.took(r, time.Now())
		case path, ok := <-paths:
			switch {
			case !ok: // no notice from the kernel: scans find what is new
				paths = nil
			case path == "":
				s.nextScan = time.Time{}
			case s.wanted(path):
				s.discover([]string{path}, time.Now())
				s.begin()
			}
		case now := <-tick.C:
			s.poll(now)
			if !now.Before(s.nextScan) {
				s.scan(now)
			}
		case <-ctx.Done():
			return
		}
	}
}

// enqueue gives a tail to the workers.
func (s *scheduler) enqueue(t *tail) {
	t.busy, t.due = true, false
	s.queue = append(s.queue, t)
}

// took takes a tail back from a worker.
func (s *scheduler) took(r result, now time.Time) {
	t := r.t
	t.busy = false
	switch r.out {
	case again:
		s.enqueue(t)
	case held, stopped:
		t.due = true
	case replaced:
		s.startOver(t, now)
	case packed:
		s.ignored[t.seen.identity] = true
		s.drop(t, false)
	case unreadable: // found again by its path, if it can be
		s.drop(t, false)
	case idle:
		if failed, settled := t.progress.state(); t.final && (failed || !settled) {
			t.due = true // it is closed when Kafka has all of it
		} else if t.final {
			s.drop(t, false)
		}
	}
}

// poll looks at files for growth: at those that grew lately each time, at the others now and then.
func (s *scheduler) poll(now time.Time) {
	s.ending = slices.DeleteFunc(s.ending, s.settled)
	all := now.Sub(s.lookedAt) >= s.times.cold
	if all {
		s.lookedAt = now
	}
	for _, t := range s.tails {
		if t.busy || now.Before(t.resume) || !all && !t.due && now.Sub(t.grew) > s.times.warm {
			continue
		}
		if failed, _ := t.progress.state(); failed {
			t.due = true
		}
		st, err := look(t.f)
		switch {
		case err != nil:
			s.sayOnce(t, "asking about a file", err)
			s.drop(t, false)
		case t.due || st.size != t.seen.size || st.changed != t.seen.changed:
			if !t.due {
				t.grew = now
			}
			t.seen = st
			s.enqueue(t)
		case (t.path == "" || st.links == 0) && now.Sub(t.grew) > s.times.close:
			t.final = true
			s.enqueue(t)
		}
	}
}

// settled tells whether all was heard of a content that is not followed any more.
func (s *scheduler) settled(t *tail) bool {
	failed, settled := t.progress.state()
	if failed && settled {
		s.say(t, "a part of a file was not taken by Kafka before the file was cut off or closed", "offset", s.registry.place(t.entry).Offset)
	}
	return settled
}

// startOver follows a file that holds another content now, from its beginning. What of the old one was not read is
// gone with it, unless there is a copy.
func (s *scheduler) startOver(t *tail, now time.Time) {
	st, err := look(t.f)
	if err != nil {
		s.drop(t, true)
		return
	}
	s.registry.release(t.entry, true)
	s.ending = append(s.ending, t)
	path := t.path
	if path == "" {
		path = t.origin
	}
	p, head, err := takeNew(t.f, 0)
	if err != nil { // cut off again this moment
		p, head = fingerprint{}, nil
	}
	n := &tail{f: t.f, entry: s.registry.add(path, st.identity, p), next: p, head: head, path: t.path, seen: st, grew: now}
	n.name()
	s.tails[inode{st.Dev, st.Ino}] = n
	s.fresh = append(s.fresh, n)
	s.begin()
}

// name takes over what the entry says.
func (t *tail) name() {
	t.key, t.origin, t.source = t.entry.Key, t.entry.Path, Input+"/"+t.entry.Path
}

// begin writes new entries down and only then lets them be read: a line must have the same key when it is read again.
func (s *scheduler) begin() {
	fresh := s.fresh
	s.fresh = nil
	if len(fresh) == 0 && !s.first {
		return
	}
	if err := s.registry.save(); err != nil {
		if s.noted.First("new") {
			s.log.Error("new files are not read: their names cannot be written down", "err", err)
		}
		for _, t := range fresh {
			s.drop(t, false) // the next scan finds them again
		}
		return
	}
	for _, t := range fresh {
		s.enqueue(t)
	}
}

// drop stops following a file. No worker has it.
func (s *scheduler) drop(t *tail, ended bool) {
	_ = t.f.Close() // read only
	s.registry.release(t.entry, ended)
	delete(s.tails, inode{t.seen.Dev, t.seen.Ino})
	if _, settled := t.progress.state(); !settled {
		s.ending = append(s.ending, t)
	}
}

// closeAll closes the files at the end. Nothing else runs then.
func (s *scheduler) closeAll() {
	for _, t := range s.tails {
		_ = t.f.Close() // read only
		s.registry.release(t.entry, false)
	}
}
