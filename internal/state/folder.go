package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"weir/internal/keep"
)

// Folder keeps one file for each store in dir, which is made when something is saved.
//
// A Save is a frame at the end of the file, synced. What a crash left of the last one fails its checksum and is cut off
// at the next Save. A file that has grown to twice what it holds is written anew beside it, synced and renamed.
func Folder(dir string, log *slog.Logger) Opener { return &folder{dir: dir, log: log} }

type folder struct {
	dir string
	log *slog.Logger
}

// Open implements Opener.
func (f *folder) Open(name string, partition int32) (Store, error) {
	if err := checkName(name, partition); err != nil {
		return nil, err
	}
	return &fileStore{path: filepath.Join(f.dir, name+"-"+strconv.Itoa(int(partition))+".state"), log: f.log}, nil
}

// fileStore is the store of one partition in a file.
type fileStore struct {
	path   string
	log    *slog.Logger
	loaded bool
	file   *os.File // nil: not open, or not to be used any more
	end    int64    // where the next frame goes
	base   int64    // size of the file when it was last written anew
	failed error    // of a Save; the store is of no more use
}

// growth is what a file may hold that is out of date, beside as much as it held when it was written.
const growth = 1 << 20

// Load implements Store.
func (s *fileStore) Load(context.Context) (map[string][]byte, error) {
	values, end, err := readFile(s.path)
	if err != nil {
		return nil, fmt.Errorf("reading state: %w", err)
	}
	if end.broken > 0 {
		s.log.Warn("the last save of a state was not finished; it is left out", "component", "state", "path", s.path, "bytes", end.broken)
	}
	s.loaded, s.end, s.base = true, end.whole, end.whole
	return values, nil
}

// extent says how much of a file is whole frames, and how much is not.
type extent struct{ whole, broken int64 }

// readFile returns what a file holds, up to its first frame that is not whole.
func readFile(path string) (map[string][]byte, extent, error) {
	values := map[string][]byte{}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return values, extent{}, nil
	}
	if err != nil {
		return nil, extent{}, err
	}
	if !bytes.HasPrefix(data, []byte(fileMagic)) {
		return values, extent{broken: int64(len(data))}, nil
	}
	left := data[len(fileMagic):]
	for {
		body, after, ok := nextFrame(left)
		if !ok {
			break
		}
		if err := applyFrame(values, body); err != nil { // the checksum is right, so another program wrote it
			return nil, extent{}, fmt.Errorf("%s: %w", path, err)
		}
		left = after
	}
	return values, extent{whole: int64(len(data) - len(left)), broken: int64(len(left))}, nil
}

// Save implements Store; the changes are durable, or not, when it returns.
func (s *fileStore) Save(_ context.Context, changes []Change, done func(error)) {
	if s.failed == nil && len(changes) > 0 {
		s.failed = s.write(changes)
	}
	if s.failed != nil {
		done(fmt.Errorf("writing state: %w", s.failed))
		return
	}
	done(nil)
}

func (s *fileStore) write(changes []Change) error {
	if !s.loaded {
		return errNotLoaded
	}
	frame := appendFrame(nil, changes)
	if s.end == 0 || s.end+int64(len(frame)) > 2*s.base+growth {
		return s.rewrite(changes)
	}
	if err := s.open(); err != nil {
		return err
	}
	if _, err := s.file.WriteAt(frame, s.end); err != nil {
		_ = s.file.Truncate(s.end) // a full disk gets its room back
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.end += int64(len(frame))
	return nil
}

// open opens the file for frames and cuts off what is none.
func (s *fileStore) open() error {
	if s.file != nil {
		return nil
	}
	f, err := os.OpenFile(s.path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Truncate(s.end); err != nil {
		return errors.Join(err, f.Close())
	}
	s.file = f
	return nil
}

// rewrite puts a file of what is there now, with changes, in place of the file. What is there is read again: nobody keeps
// it in memory for this.
func (s *fileStore) rewrite(changes []Change) error {
	s.Close()
	values := map[string][]byte{}
	if s.end > 0 {
		var err error
		if values, _, err = readFile(s.path); err != nil {
			return err
		}
	}
	for _, c := range changes {
		if c.Value == nil {
			delete(values, c.Key)
		} else {
			values[c.Key] = c.Value
		}
	}
	all := make([]Change, 0, len(values))
	for k, v := range values {
		all = append(all, Change{k, v})
	}
	data := appendFrame([]byte(fileMagic), all)
	if err := keep.WriteFile(s.path, data); err != nil {
		return err
	}
	s.end, s.base = int64(len(data)), int64(len(data))
	return nil
}

// Close implements Store.
func (s *fileStore) Close() {
	if s.file != nil {
		_ = s.file.Close() // every frame was synced
		s.file = nil
	}
}
