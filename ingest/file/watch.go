package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	// maxWatches bounds what is asked of the kernel, whose own bound is for all programs of a user.
	maxWatches = 4096
	// created are the events that bring a new file. Writes are not among them: a busy log would make one for each line,
	// and looking at its size ten times a second costs less.
	created = unix.IN_CREATE | unix.IN_MOVED_TO
)

// watch hears from the kernel of new files in folders. Where it cannot, scans find them a little later. add belongs to
// the scheduler, run has a goroutine of its own, and close ends it.
type watch struct {
	paths chan string // new files; "" for some that are not known by name. Closed when no more come.
	f     *os.File    // nil where the kernel gives no watch
	fd    int
	log   *slog.Logger
	done  chan struct{}

	mu     sync.Mutex
	dirs   map[int]string // by watch
	known  map[string]bool
	failed bool
}

// newWatch asks the kernel for a watch.
func newWatch(log *slog.Logger) *watch {
	w := &watch{paths: make(chan string, 256), log: log, done: make(chan struct{}), dirs: map[int]string{}, known: map[string]bool{}}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		log.Info("the kernel does not tell of new files: they are found by looking", "err", err)
		return w
	}
	w.fd, w.f = fd, os.NewFile(uintptr(fd), "inotify")
	return w
}

// add watches a folder, once.
func (w *watch) add(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.f == nil || w.known[dir] || len(w.known) >= maxWatches {
		return
	}
	id, err := unix.InotifyAddWatch(w.fd, dir, created|unix.IN_ONLYDIR)
	if err != nil {
		if !w.failed && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR) {
			w.failed = true
			w.log.Info("the kernel does not watch a folder: new files in it are found by looking", "folder", dir, "err", err)
		}
		return
	}
	w.dirs[id] = dir
	w.known[dir] = true
}

// run reads events until close.
func (w *watch) run() {
	defer close(w.paths)
	if w.f == nil {
		return
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := w.f.Read(buf)
		if err != nil { // closed; or the kernel gives up on us, and scans go on
			return
		}
		for _, path := range w.read(buf[:n]) {
			select {
			case w.paths <- path:
			case <-w.done:
				return
			}
		}
	}
}

// read returns the paths of events.
func (w *watch) read(events []byte) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for len(events) >= unix.SizeofInotifyEvent {
		id := int(int32(binary.NativeEndian.Uint32(events)))
		mask := binary.NativeEndian.Uint32(events[4:])
		size := int(binary.NativeEndian.Uint32(events[12:]))
		if size > len(events)-unix.SizeofInotifyEvent {
			break
		}
		name := events[unix.SizeofInotifyEvent:][:size]
		events = events[unix.SizeofInotifyEvent+size:]
		dir, ok := w.dirs[id]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			out = append(out, "")
		case mask&unix.IN_IGNORED != 0: // the folder is gone; one of the same name is watched when a scan finds it
			delete(w.dirs, id)
			delete(w.known, dir)
		case mask&unix.IN_ISDIR != 0:
			out = append(out, "")
		case ok && mask&created != 0:
			if i := bytes.IndexByte(name, 0); i >= 0 {
				name = name[:i]
			}
			out = append(out, filepath.Join(dir, string(name)))
		}
	}
	return out
}

// close ends run.
func (w *watch) close() {
	close(w.done)
	if w.f != nil {
		_ = w.f.Close() // nothing was written to it
	}
}
