package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sys/unix"
)

// lastScan bounds the pause between scans of large trees.
const lastScan = time.Minute

// scan looks for files by all patterns. A scan that takes long comes less often.
func (s *scheduler) scan(now time.Time) {
	s.seen = map[inode]bool{}
	var paths []string
	for _, pattern := range s.paths {
		base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
		s.watch.add(base)
		// A link to a folder may lead into a circle, so none is followed; links to files are.
		err := doublestar.GlobWalk(os.DirFS(base), rest, func(path string, d fs.DirEntry) error {
			if full := filepath.Join(base, path); !d.IsDir() && !matches(s.exclude, full) {
				paths = append(paths, full)
			}
			return nil
		}, doublestar.WithNoFollow())
		if err != nil && !errors.Is(err, fs.ErrNotExist) && s.noted.First("scan "+pattern) {
			s.log.Warn("looking for files", "path", pattern, "err", err)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for _, p := range paths {
		s.watch.add(filepath.Dir(p))
	}
	s.discover(paths, now)
	if s.first {
		s.findMoved(now)
		s.registry.setPatterns(s.paths)
	}
	s.begin()
	s.leave(now)
	for path, w := range s.waiting {
		if w.seen.Before(now) {
			delete(s.waiting, path)
		}
	}
	s.nextScan = now.Add(min(max(s.times.scan, 20*time.Since(now)), lastScan))
}

// leave notes the followed files that no path leads to any more.
func (s *scheduler) leave(now time.Time) {
	for key, t := range s.tails {
		if s.seen[key] || t.path == "" {
			continue
		}
		t.path, t.grew = "", now
		s.registry.moved(t.entry, t.origin)
	}
}

// discover follows the files of paths that are not followed yet. Those that are known from before are taken up first:
// whether another is a copy is judged by what they hold.
func (s *scheduler) discover(paths []string, now time.Time) {
	for _, known := range []bool{true, false} {
		for _, path := range paths {
			s.meet(path, known, now)
		}
	}
}

// meet looks at one path. With known it takes up only what is followed or was followed before.
func (s *scheduler) meet(path string, known bool, now time.Time) {
	st, err := lookAt(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && s.noted.First("stat "+path) {
			s.log.Warn("a file cannot be looked at", "path", path, "err", err)
		}
		return
	}
	key := inode{st.Dev, st.Ino}
	if t := s.tails[key]; t != nil {
		if !s.seen[key] && t.path != path {
			t.path = path
			s.registry.moved(t.entry, path)
		}
		if s.seen != nil {
			s.seen[key] = true
		}
		return
	}
	if !st.regular || s.ignored[st.identity] {
		return
	}
	before := s.registry.find(st.identity)
	if known != (len(before) > 0) {
		return
	}
	if len(s.tails) >= s.cfg.MaxFiles {
		if s.noted.First("max_files") {
			s.log.Warn("there are more files than are followed at once: the others wait", "max_files", s.cfg.MaxFiles)
		}
		return
	}
	if t := s.open(path, before, now); t != nil {
		s.seen[key] = true
	}
}

// open opens a file and finds out where to begin. It returns nil where the file is not followed now.
func (s *scheduler) open(path string, before []*entry, now time.Time) *tail {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // what became a pipe since must not block
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && s.noted.First("open "+path) {
			s.log.Warn("a file cannot be opened", "path", path, "err", err)
		}
		return nil
	}
	st, err := look(f)
	if err != nil || !st.regular || s.tails[inode{st.Dev, st.Ino}] != nil {
		_ = f.Close() // read only
		return nil
	}
	t := &tail{f: f, path: path, seen: st, grew: now}
	if !s.takeUp(t, before) && !s.startNew(t, now) {
		_ = f.Close() // read only
		return nil
	}
	t.name()
	t.pos = t.next.Offset
	s.tails[inode{st.Dev, st.Ino}] = t
	s.fresh = append(s.fresh, t)
	return t
}

// takeUp goes on with a content of before, if the file still holds it.
func (s *scheduler) takeUp(t *tail, before []*entry) bool {
	for _, e := range before {
		place := s.registry.place(e)
		if t.seen.size >= place.Offset {
			if head, ok := place.holds(t.f); ok {
				t.entry, t.head = e, head
				t.next = s.registry.resume(e, t.path, t.seen.identity)
				return true
			}
		}
		if e.Dev == t.seen.Dev {
			s.registry.release(e, true)
		}
	}
	return false
}

// startNew begins a content that was never seen; false where it has to wait, because it may be a copy.
func (s *scheduler) startNew(t *tail, now time.Time) bool {
	c := s.copied(t, now)
	switch {
	case c.wait:
		return false
	case c.of != nil:
		t.entry, t.head = c.of, c.head
		t.next = s.registry.resume(c.of, t.path, t.seen.identity)
		return true
	}
	offset := c.from
	if offset == 0 && s.first && s.cfg.Start == "end" && s.isNew(t.path) {
		var err error
		if offset, err = lineStart(t.f, t.seen.size, int64(s.cfg.MaxRecord)); err != nil {
			s.log.Warn("finding the end of a file: it is read from its beginning", "path", t.path, "err", err)
		}
	}
	p, head, err := takeNew(t.f, offset)
	if err != nil { // it was cut off this moment
		p, head = fingerprint{}, nil
	}
	t.next, t.head = p, head
	t.entry = s.registry.add(t.path, t.seen.identity, p)
	return true
}

// isNew tells whether all patterns that lead to a path are followed for the first time.
func (s *scheduler) isNew(path string) bool {
	for _, p := range s.paths {
		if matches([]string{p}, path) && s.registry.knows(p) {
			return false
		}
	}
	return true
}

// findMoved looks for files that were renamed out of all patterns while weir did not run: the rest of them is read.
// Rotation renames within the folder, so only that is looked through.
func (s *scheduler) findMoved(now time.Time) {
	gone := map[identity]*entry{}
	dirs := map[string]bool{}
	s.registry.each(func(e *entry) {
		if !e.Ended && e.HeadLen > 0 && s.wanted(e.Path) {
			gone[e.identity] = e
			dirs[filepath.Dir(e.Path)] = true
		}
	})
	for dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // gone too
		}
		for _, d := range entries {
			path := filepath.Join(dir, d.Name())
			st, err := lookAt(path)
			if err != nil || gone[st.identity] == nil || matches(s.exclude, path) || s.tails[inode{st.Dev, st.Ino}] != nil || len(s.tails) >= s.cfg.MaxFiles {
				continue
			}
			s.openMoved(path, gone[st.identity], now)
		}
	}
}

// openMoved follows a renamed file that still holds what it held.
func (s *scheduler) openMoved(path string, e *entry, now time.Time) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return // nobody asked for this path
	}
	st, err := look(f)
	t := &tail{f: f, seen: st, grew: now}
	if err != nil || !st.regular || !s.takeUp(t, []*entry{e}) {
		_ = f.Close() // read only
		return
	}
	t.name()
	t.pos = t.next.Offset
	s.tails[inode{st.Dev, st.Ino}] = t
	s.fresh = append(s.fresh, t)
}

// stem is the name of a file without what rotation puts behind it: what comes after the first dot.
func stem(path string) string {
	name := filepath.Base(path)
	if i := strings.IndexByte(name[1:], '.'); i >= 0 {
		return name[:i+1]
	}
	return name
}
