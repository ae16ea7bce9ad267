package file

import (
	"path/filepath"
	"strings"
	"time"
)

// copyLeast is how much of a file must have been read before another can be taken for its copy. Less is too little to
// tell a copy from a file that begins alike.
const copyLeast = 256

// waiting is a path that may become a copy.
type waiting struct {
	since, seen time.Time // first and last looked at
}

// copyOf says what a new file is beside a known one.
type copyOf struct {
	wait bool   // not clear yet
	of   *entry // the content moved into it
	head []byte // its beginning then
	from int64  // it holds nothing before here that is not read where it came from
}

// copied finds out whether a new file is a copy of one that is or was followed: rotation by copytruncate makes one
// beside the original and then cuts that off. The copy has what was written last before the cutting, perhaps never read;
// so the content goes on in it, under its key: its lines are the same at the same places.
func (s *scheduler) copied(t *tail, now time.Time) copyOf {
	w, known := s.waiting[t.path]
	if !known {
		w.since = now
	}
	w.seen = now
	var out copyOf
	for _, c := range s.candidates(t) {
		switch got := s.compare(t, c, now, w); {
		case got.of != nil && (out.of == nil || c.place.Offset > s.registry.place(out.of).Offset):
			out = got
		case out.of == nil && (got.wait || got.from > out.from):
			out = got
		}
	}
	if out.wait {
		s.waiting[t.path] = w
	} else {
		delete(s.waiting, t.path)
	}
	return out
}

// candidate is a content that a file may be a copy of, as it is now.
type candidate struct {
	entry *entry
	place fingerprint
	ended bool  // its file was cut off
	live  *tail // which follows it; nil where nothing does
}

// candidates returns the contents that were first seen in the same folder under a name that rotation makes t's path of.
func (s *scheduler) candidates(t *tail) []candidate {
	dir, name := filepath.Split(t.path)
	related := func(path string) bool {
		d, n := filepath.Split(path)
		return d == dir && n != name && (strings.HasPrefix(name, n) || strings.HasPrefix(name, stem(n)))
	}
	var out []candidate
	s.registry.each(func(e *entry) {
		if e.Offset >= copyLeast && e.HeadLen >= copyLeast && related(e.Path) {
			out = append(out, candidate{entry: e, place: e.fingerprint, ended: e.Ended})
		}
	})
	for _, o := range s.tails {
		if related(o.origin) && o.path == o.origin {
			out = append(out, candidate{entry: o.entry, place: s.registry.place(o.entry), live: o})
		}
	}
	return out
}

// compare compares a new file with one content.
func (s *scheduler) compare(t *tail, c candidate, now time.Time, w waiting) copyOf {
	if c.live != nil {
		young := now.UnixNano()-t.seen.changed < int64(s.times.copy)
		return s.compareLive(t, c, young, now.Sub(w.since) < s.times.keep)
	}
	if c.ended && t.seen.size < c.place.Offset && int64(c.place.HeadLen) <= t.seen.size && c.place.headHolds(t) {
		return copyOf{from: t.seen.size} // made before the original was read to its end
	}
	head, ok := c.place.holds(t.f)
	if !ok {
		return copyOf{}
	}
	for _, o := range s.ending {
		if o.entry == c.entry { // what was read of it last is on its way to Kafka
			return copyOf{wait: true}
		}
	}
	return copyOf{of: c.entry, head: head}
}

// compareLive compares a new file with one that still holds its content: it is perhaps about to be cut off.
func (s *scheduler) compareLive(t *tail, c candidate, young, patient bool) copyOf {
	size := t.seen.size
	if size < copyLeast {
		return copyOf{wait: young && same(t, c.live, size)}
	}
	if !same(t, c.live, size) {
		return copyOf{}
	}
	if patient {
		return copyOf{wait: true}
	}
	return copyOf{from: size} // somebody's own copy: the original has all of it
}

// headHolds tells whether a file has the beginning of a fingerprint.
func (p fingerprint) headHolds(t *tail) bool {
	p.MarkLen = 0
	_, ok := p.holds(t.f)
	return ok
}

// same tells whether two files begin alike and have the same bytes before a place.
func same(a, b *tail, size int64) bool {
	p, _, err := take(a.f, size)
	if err != nil {
		return false
	}
	_, ok := p.holds(b.f)
	return ok
}
