package verify

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// union is an archive in several places, of which the first that has a file is asked: a folder whose older segments are in a
// bucket only.
type union []fs.FS

// Union makes one archive of several places that each have a part of it.
func Union(places ...fs.FS) fs.FS { return union(places) }

// Open implements fs.FS.
func (u union) Open(name string) (fs.File, error) {
	for _, place := range u {
		f, err := place.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Stat implements fs.StatFS: a place may know of a file without opening it.
func (u union) Stat(name string) (fs.FileInfo, error) {
	for _, place := range u {
		st, err := fs.Stat(place, name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return st, err
		}
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS: what any of the places has there.
func (u union) ReadDir(name string) ([]fs.DirEntry, error) {
	seen := map[string]bool{}
	var out []fs.DirEntry
	found := false
	for _, place := range u {
		entries, err := fs.ReadDir(place, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = true
		for _, e := range entries {
			if !seen[e.Name()] {
				seen[e.Name()] = true
				out = append(out, e)
			}
		}
	}
	if !found {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(path.Base(a.Name()), path.Base(b.Name())) })
	return out, nil
}

// magic is how Parquet begins and ends.
var magic = []byte("PAR1")

// framed tells whether a file begins and ends as Parquet does. What was cut off, or made up for the purpose, is named as
// added; what passes here is named too, as a note.
func framed(files fs.FS, name string, size int64) bool {
	f, err := files.Open(name)
	if err != nil || size < 12 {
		return false
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, magic) {
		return false
	}
	if _, err := io.CopyN(io.Discard, f, size-int64(2*len(magic))); err != nil {
		return false
	}
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, magic)
}
