// Package disk writes files that are there whole or not at all, whenever the power goes: under a name of their own, synced,
// then named, and the name synced too.
package disk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Unfinished is the end of the names of files that are being written. What has it after a crash is worth nothing.
const Unfinished = ".tmp"

// WriteFile writes a file under a name of its own, syncs it and gives it its name. sum, if there is one, gets the bytes.
func WriteFile(folder, name string, sum io.Writer, fill func(io.Writer) error) (size int64, err error) {
	path := filepath.Join(folder, name)
	f, err := os.OpenFile(path+Unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()                    // what was written is thrown away
			_ = os.Remove(path + Unfinished) // else the next start does it
			err = fmt.Errorf("writing %s: %w", name, err)
		}
	}()
	bw := bufio.NewWriterSize(f, 256<<10)
	var w io.Writer = bw
	if sum != nil {
		w = io.MultiWriter(bw, sum)
	}
	if err = fill(w); err != nil {
		return 0, err
	}
	if err = bw.Flush(); err != nil {
		return 0, err
	}
	if err = f.Sync(); err != nil {
		return 0, err
	}
	if size, err = f.Seek(0, io.SeekEnd); err != nil {
		return 0, err
	}
	if err = f.Close(); err != nil {
		return 0, err
	}
	return size, os.Rename(path+Unfinished, path)
}

// MakeFolder makes the folders of a segment, each synced into the one above it.
func MakeFolder(dir, below string) error {
	path := dir
	for part := range strings.SplitSeq(below, "/") {
		up := path
		path = filepath.Join(path, part)
		err := os.Mkdir(path, 0o700)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := SyncFolder(up); err != nil {
			return err
		}
	}
	return nil
}

// SyncFolder makes new names in a folder durable.
func SyncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing %s: %w", path, err)
	}
	return nil
}
