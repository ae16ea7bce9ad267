package verify

import (
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"weir/internal/archive/manifest"
)

// Names in the archive's folder.
const (
	manifestName   = manifest.Name
	logFolder      = "log"
	checkpointName = "log/checkpoint"
	checkpoints    = "log/checkpoints"
	anchorsName    = "log/anchors.jsonl"
	ownKey         = "log/log.pub"
	tiles          = "log/tile"
	classes        = "class=" // begins the names of the folders of segments
	segmentEnd     = ".parquet"
	indexEnd       = ".idx"
	stampEnd       = ".tsr"
)

// maxSmall bounds files that are read whole: a checkpoint, a tile, a bundle of entries.
const maxSmall = 32 << 20

// ordinary refuses to open what is neither a file nor a folder.
type ordinary struct{ fs.FS }

// Ordinary returns an archive of which nothing is opened that is neither a file nor a folder: who can write the folder could
// put a pipe there that never answers, or a link to a device that never ends, and no check would. Whoever reads an archive
// that somebody else may have written to reads it so; Run does by itself.
func Ordinary(files fs.FS) fs.FS { return ordinary{files} }

// Open implements fs.FS.
func (o ordinary) Open(name string) (fs.File, error) {
	st, err := fs.Stat(o.FS, name)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() && !st.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New(name + " is no ordinary file")}
	}
	return o.FS.Open(name)
}

// Stat implements fs.StatFS.
func (o ordinary) Stat(name string) (fs.FileInfo, error) { return fs.Stat(o.FS, name) }

// ReadDir implements fs.ReadDirFS.
func (o ordinary) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(o.FS, name) }

// meta is what a folder says of a file.
type meta struct {
	size int64
	time time.Time
}

// list names everything below the folder. What cannot be looked into is an error: it could hide anything.
func list(files fs.FS) (map[string]meta, error) {
	out := map[string]meta{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name != "." {
			return nil // it went while it was looked at; what should be there is missed by name
		}
		if err != nil || d.IsDir() {
			return err
		}
		m := meta{size: -1}
		if info, err := d.Info(); err == nil { // gone meanwhile: an unfinished file got its name
			m = meta{info.Size(), info.ModTime()}
		}
		out[name] = m
		return nil
	})
	return out, err
}

// kindOf says what a file is for, by its name.
func kindOf(name string) fileKind {
	switch {
	case strings.HasSuffix(name, ".tmp"):
		return derived // being written, or left by a crash: nobody reads it
	case strings.HasPrefix(name, "policy/"), strings.HasPrefix(name, "reviews/"):
		return document
	case strings.HasPrefix(name, tiles+"/"):
		return tile
	case strings.HasPrefix(name, checkpoints+"/"):
		return published
	case strings.HasSuffix(name, segmentEnd):
		return segment
	case strings.HasPrefix(name, classes) && !strings.HasSuffix(name, indexEnd):
		return foreign
	}
	return derived
}

// fileKind is what a file is for.
type fileKind int

// The kinds. What is derived can be made again from the rest and proves nothing: indexes, the lock, the name. What is foreign
// lies among the segments and is nothing that weir writes there.
const (
	derived fileKind = iota
	foreign
	segment
	document
	tile
	published
)

// number reads the number out of the name of a segment; 0: it has none.
func number(name string) uint64 {
	s, ok := strings.CutPrefix(path.Base(name), "s-")
	if !ok {
		return 0
	}
	s, _, _ = strings.Cut(strings.TrimSuffix(s, segmentEnd), "-") // in a bucket a part of its hash follows
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// small reads a file whole that is never large; nil where it is not there or cannot be read.
func small(files fs.FS, name string) []byte {
	st, err := fs.Stat(files, name)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxSmall {
		return nil
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil
	}
	return b
}
