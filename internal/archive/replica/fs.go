package replica

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"weir/internal/archive/manifest"
	"weir/internal/archive/store"
)

// FS returns a replica as a file system that looks like an archive's folder, whatever it is kept in: a bucket's manifest
// is one file in it too. Files of a bucket are read whole when they are opened, and can be read at any place. It is used
// while ctx lives.
func FS(ctx context.Context, st store.Store) fs.FS {
	if _, ok := st.(*store.Folder); ok {
		return os.DirFS(st.String())
	}
	return bucketFS{ctx: ctx, r: New(st)}
}

// bucketFS shows a bucket as a folder.
type bucketFS struct {
	ctx context.Context //nolint:containedctx // fs.FS has no place for it
	r   *Replica
}

// Open is that of fs.FS.
func (b bucketFS) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	if name == manifest.Name {
		return b.manifest()
	}
	if name != "." {
		f, err := b.object(name)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return fail(err)
		}
	}
	list, err := b.ReadDir(name)
	if err != nil {
		return fail(err)
	}
	return &folder{info: info{path.Base(name), 0, time.Time{}, true}, list: list}, nil
}

// object reads one whole.
func (b bucketFS) object(name string) (fs.File, error) {
	r, i, err := b.r.st.Open(b.ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &file{Reader: bytes.NewReader(content), info: info{path.Base(name), int64(len(content)), i.Modified, false}}, nil
}

// Stat is that of fs.StatFS: what a name is can be asked without reading it.
func (b bucketFS) Stat(name string) (fs.FileInfo, error) {
	fail := func(err error) (fs.FileInfo, error) { return nil, &fs.PathError{Op: "stat", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	if name == manifest.Name {
		size := int64(0)
		for i, err := range b.r.st.List(b.ctx, linePrefix) {
			if err != nil {
				return fail(err)
			}
			size += i.Size
		}
		if size == 0 {
			return fail(fs.ErrNotExist)
		}
		return info{name: name, size: size}, nil
	}
	if name != "." {
		i, err := b.r.st.Stat(b.ctx, name)
		if err == nil {
			return info{name: path.Base(name), size: i.Size, at: i.Modified}, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return fail(err)
		}
	}
	if _, err := b.ReadDir(name); err != nil {
		return fail(err)
	}
	return info{name: path.Base(name), dir: true}, nil
}

// manifest puts the lines together.
func (b bucketFS) manifest() (fs.File, error) {
	var all []byte
	for line, err := range b.r.Lines(b.ctx, 0) {
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: manifest.Name, Err: err}
		}
		all = append(append(all, line...), '\n')
	}
	if all == nil {
		return nil, &fs.PathError{Op: "open", Path: manifest.Name, Err: fs.ErrNotExist}
	}
	return &file{Reader: bytes.NewReader(all), info: info{manifest.Name, int64(len(all)), time.Time{}, false}}, nil
}

// ReadDir is that of fs.ReadDirFS.
func (b bucketFS) ReadDir(name string) ([]fs.DirEntry, error) {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	seen := map[string]bool{}
	lines := int64(0) // bytes of the manifest
	var out []fs.DirEntry
	add := func(i info) {
		if !seen[i.name] {
			seen[i.name] = true
			out = append(out, fs.FileInfoToDirEntry(i))
		}
	}
	for i, err := range b.r.st.List(b.ctx, prefix) {
		if err != nil {
			return nil, err
		}
		first, _, below := strings.Cut(strings.TrimPrefix(i.Key, prefix), "/")
		if prefix == "" && first+"/" == linePrefix {
			lines += i.Size
			continue
		}
		if below {
			add(info{name: first, dir: true})
		} else {
			add(info{name: first, size: i.Size, at: i.Modified})
		}
	}
	if lines > 0 {
		add(info{name: manifest.Name, size: lines})
	}
	if len(out) == 0 && name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// info describes a file or folder.
type info struct {
	name string
	size int64
	at   time.Time
	dir  bool
}

// Name, Size, Mode, ModTime, IsDir and Sys are those of fs.FileInfo.
func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return i.at }
func (i info) IsDir() bool        { return i.dir }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o500
	}
	return 0o400
}

// file is one that was read.
type file struct {
	*bytes.Reader
	info info
}

// Stat is that of fs.File.
func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close is that of fs.File.
func (f *file) Close() error { return nil }

// folder is one that was listed.
type folder struct {
	info info
	list []fs.DirEntry
}

// Stat is that of fs.File.
func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }

// Read is that of fs.File.
func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: errors.New("is a directory")}
}

// Close is that of fs.File.
func (f *folder) Close() error { return nil }

// ReadDir is that of fs.ReadDirFile.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(f.list) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.list) {
		n = len(f.list)
	}
	out := f.list[:n:n]
	f.list = f.list[n:]
	return out, nil
}
