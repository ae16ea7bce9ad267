package keep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Folder keeps snapshots as files in a folder, which must exist. The one before is kept beside the newest.
func Folder(dir string) Snapshots { return folder(dir) }

type folder string

// path returns the name of a partition's snapshot; the one before it has ".old" at its end.
func (dir folder) path(partition int32) string {
	return filepath.Join(string(dir), "correlate-"+strconv.Itoa(int(partition))+".snap")
}

// Load implements Snapshots.
func (dir folder) Load(_ context.Context, partition int32) ([]Saved, error) {
	var out []Saved
	path := dir.path(partition)
	for _, name := range []string{path, path + ".old"} {
		switch _, err := os.Stat(name); {
		case err == nil:
			out = append(out, func() (io.ReadCloser, error) { return os.Open(name) })
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return out, nil
}

// Store implements Snapshots. When it returns nil, the snapshot is on disk under its name; a crash at any moment leaves a
// whole one under one of the two names. The order of the renames is the point: the old one is moved first, so in the worst
// moment only .old is there, and it is whole.
func (dir folder) Store(_ context.Context, partition int32, write func(io.Writer) error) error {
	path := dir.path(partition)
	tmp := path + ".tmp"
	if err := writeSynced(tmp, write); err != nil {
		_ = os.Remove(tmp) // a full disk gets its room back
		return fmt.Errorf("writing a snapshot: %w", err)
	}
	if err := os.Rename(path, path+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keeping the snapshot before: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("naming a snapshot: %w", err)
	}
	d, err := os.Open(string(dir))
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
func writeSynced(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 256<<10)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
