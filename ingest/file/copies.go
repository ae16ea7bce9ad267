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
	for _, o := range s.ending {
		if related(t.path, o.origin) { // what was read of it last is on its way to Kafka: then it is known how far it was read
			s.waiting[t.path] = w
			return copyOf{wait: true}
		}
	}
	for _, c := range s.candidates(t, now) {
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
// Of what was cut off just now any beginning will do; of others it has to be long enough to be no accident.
func (s *scheduler) candidates(t *tail, now time.Time) []candidate {
	var out []candidate
	s.registry.each(func(e *entry) {
		just := e.Ended && now.Unix()-e.Seen < int64(time.Minute/time.Second)
		if e.HeadLen > 0 && (just || e.HeadLen >= copyLeast) && related(t.path, e.Path) {
			out = append(out, candidate{entry: e, place: e.fingerprint, ended: e.Ended})
		}
	})
	for _, o := range s.tails {
		if o.path == o.origin && related(t.path, o.origin) {
			out = append(out, candidate{entry: o.entry, place: s.registry.place(o.entry), live: o})
		}
	}
	return out
}

// related tells whether rotation could make the name path of the file other, which lies in the same folder.
func related(path, other string) bool {
	dir, name := filepath.Split(path)
	d, n := filepath.Split(other)
	return d == dir && n != name && (adds(name, n) || adds(name, stem(n)))
}

// adds tells whether a name is another with something behind it: app.log.1 and app-20251121.log, but not app2.log.
func adds(name, short string) bool {
	rest, ok := strings.CutPrefix(name, short)
	return ok && rest != "" && strings.ContainsRune(".-_~", rune(rest[0]))
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
	return copyOf{of: c.entry, head: head}
}

// compareLive compares a new file with one that still holds its content: it is perhaps about to be cut off.
func (s *scheduler) compareLive(t *tail, c candidate, young, patient bool) copyOf {
	size := t.seen.size
	if !s.intact(c) { // cut off already, and not noticed yet
		return copyOf{wait: true}
	}
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

// intact tells whether a followed file surely holds what was read of it. Of one of which nothing was read yet that is
// not known while it is read.
func (s *scheduler) intact(c candidate) bool {
	now, err := look(c.live.f)
	if err != nil || now.size < c.live.seen.size {
		return false
	}
	if _, settled := c.live.progress.state(); c.place.HeadLen == 0 && (c.live.busy || !settled) {
		return false
	}
	_, ok := c.place.holds(c.live.f)
	return ok
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
