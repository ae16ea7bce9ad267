package correlate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"weir/internal/state"
)

// Folder keeps snapshots as files in a folder, which must exist. The one before is kept beside the newest.
func Folder(dir string) Snapshots { return folder(dir) }

type folder string

// Load implements Snapshots.
func (dir folder) Load(_ context.Context, partition int32) ([][]byte, error) {
	var out [][]byte
	path := snapPath(string(dir), partition)
	for _, name := range []string{path, path + ".old"} {
		data, err := os.ReadFile(name)
		switch {
		case err == nil:
			out = append(out, data)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return out, nil
}

// Store implements Snapshots.
func (dir folder) Store(_ context.Context, partition int32, data []byte) error {
	return store(string(dir), partition, data)
}

// snapPath returns the name of a partition's snapshot; the one before it has ".old" at its end.
func snapPath(dir string, partition int32) string {
	return filepath.Join(dir, "correlate-"+strconv.Itoa(int(partition))+".snap")
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

// Kept keeps snapshots where other state is kept: in the compacted topic of a Kafka, from which any process can take a
// partition over. Safe for many goroutines, as workers of several partitions are.
func Kept(o state.Opener) Snapshots { return &kept{opener: o, open: map[int32]state.Store{}} }

type kept struct {
	opener state.Opener
	mu     sync.Mutex
	open   map[int32]state.Store // loaded
}

// snapshotKey is the one key of a partition's store.
const snapshotKey = "snapshot"

// Load implements Snapshots. It opens the store anew: another process may have had the partition meanwhile.
func (k *kept) Load(ctx context.Context, partition int32) ([][]byte, error) {
	s, err := k.opener.Open("correlate", partition)
	if err != nil {
		return nil, err
	}
	values, err := s.Load(ctx)
	if err != nil {
		s.Close()
		return nil, err
	}
	k.mu.Lock()
	old := k.open[partition]
	k.open[partition] = s
	k.mu.Unlock()
	if old != nil {
		old.Close()
	}
	if data, ok := values[snapshotKey]; ok {
		return [][]byte{data}, nil
	}
	return nil, nil
}

// Store implements Snapshots.
func (k *kept) Store(ctx context.Context, partition int32, data []byte) error {
	k.mu.Lock()
	s := k.open[partition]
	delete(k.open, partition)
	k.mu.Unlock()
	if s == nil { // the last time failed, so what is there now is not known
		if _, err := k.Load(ctx, partition); err != nil {
			return err
		}
		return k.Store(ctx, partition, data)
	}
	if err := state.SaveAndWait(ctx, s, []state.Change{{Key: snapshotKey, Value: data}}); err != nil {
		s.Close()
		return err
	}
	k.mu.Lock()
	k.open[partition] = s
	k.mu.Unlock()
	return nil
}
