package correlate

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	fileMagic   = "weir correlate partition\n"
	fileVersion = 1
)

// saved is what the snapshot file of a partition holds.
// next and the state belong together: a state without the offset up to which it was fed would count signals twice.
type saved struct {
	next  int64     // offset of the first signal that is not in the state
	last  time.Time // timestamp of the record before it, to tell a topic that was made anew
	seen  positions
	state []byte // of the engine
}

// snapPath returns the name of a partition's snapshot; the one before it has ".old" at its end.
func snapPath(dir string, partition int32) string {
	return filepath.Join(dir, "correlate-"+strconv.Itoa(int(partition))+".snap")
}

// StartOffset returns the offset of weir.signals from which the snapshot of a partition must be brought up to date; ok
// is false when there is no usable one.
func StartOffset(dir string, partition int32) (offset int64, ok bool) {
	s := load(dir, partition, slog.New(slog.DiscardHandler))
	if s == nil {
		return 0, false
	}
	return s.next, true
}

// load reads the newest usable snapshot of a partition, nil if there is none. Broken ones are named in the log. The one
// before is as good as the newest, it only makes more signals be read again: nothing after it was committed unless the
// newest was whole at that moment.
func load(dir string, partition int32, log *slog.Logger) *saved {
	path := snapPath(dir, partition)
	for _, name := range []string{path, path + ".old"} {
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var s *saved
		if err == nil {
			s, err = decodeFile(data)
		}
		if err == nil {
			return s
		}
		log.Error("a snapshot of correlation cannot be used; the one before it is tried", "component", "correlate", "path", name, "err", err)
	}
	return nil
}

// encodeFile makes the bytes of a snapshot; the checksum around them covers all.
func encodeFile(s *saved) []byte {
	var e encoder
	e.int(s.next)
	e.int(s.last.UnixMilli())
	e.positions(s.seen)
	e.b = append(e.b, s.state...)
	return sealed(fileMagic, fileVersion, e.b)
}

// decodeFile reads them, and leaves the state of the engine as bytes: which rules run decides how it is read.
func decodeFile(data []byte) (*saved, error) {
	body, err := unsealed(fileMagic, fileVersion, data)
	if err != nil {
		return nil, err
	}
	d := decoder{b: body}
	s := &saved{next: d.int(), last: time.UnixMilli(d.int()), seen: d.positions()}
	if d.failed || s.next < 0 {
		return nil, fmt.Errorf("%w: its parts do not fit together", errBroken)
	}
	s.state = d.b
	return s, nil
}

// store puts data in place of a partition's snapshot and keeps the one before. When it returns nil, data is on disk
// under its name; a crash at any moment leaves a whole snapshot under one of the two names. The order of the renames is
// the point: the old one is moved first, so in the worst moment only .old is there, and it is whole.
func store(dir string, partition int32, data []byte) error {
	path := snapPath(dir, partition)
	tmp := path + ".tmp"
	if err := writeSynced(tmp, data); err != nil {
		_ = os.Remove(tmp) // a full disk gets its room back
		return fmt.Errorf("writing a snapshot: %w", err)
	}
	if err := os.Rename(path, path+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keeping the snapshot before: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("naming a snapshot: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing the folder of snapshots: %w", err)
	}
	err = d.Sync()
	if err := errors.Join(err, d.Close()); err != nil {
		return fmt.Errorf("syncing the folder of snapshots: %w", err)
	}
	return nil
}

// writeSynced returns when the bytes are on disk, not when the system has them.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
