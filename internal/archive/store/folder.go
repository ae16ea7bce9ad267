package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"weir/internal/archive/disk"
)

// Folder is a store in a folder, such as one of another disk. Locks mean nothing in it.
type Folder struct {
	dir string
	mu  sync.Mutex // one writer at a time: two of one name would share their unfinished file
}

// NewFolder returns the store in a folder. It is made with the first file.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// String returns the folder's path.
func (f *Folder) String() string { return f.dir }

// path returns where a key is.
func (f *Folder) path(key string) (string, error) {
	if err := check(key); err != nil {
		return "", err
	}
	return filepath.Join(f.dir, filepath.FromSlash(key)), nil
}

// Put is that of Store.
func (f *Folder) Put(ctx context.Context, key string, c Content) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if have, err := sumOf(ctx, path); err == nil {
		if have == c.SHA256 {
			return nil
		}
		return fmt.Errorf("writing %s: %w", path, ErrOther)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return f.write(ctx, path, c.Body, &c.SHA256)
}

// Replace is that of Store.
func (f *Folder) Replace(ctx context.Context, key string, b []byte) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.write(ctx, path, bytes.NewReader(b), nil)
}

// write writes a file under a name of its own, syncs it and gives it its name. With a sum the content must have it.
func (f *Folder) write(ctx context.Context, path string, body io.ReadSeeker, want *[sha256.Size]byte) (err error) {
	if err := makeFolders(filepath.Dir(path)); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	file, err := os.OpenFile(path+disk.Unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()                      // what was written is thrown away
			_ = os.Remove(path + disk.Unfinished) // else the next try overwrites it
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	sum := sha256.New()
	if _, err = io.Copy(io.MultiWriter(file, sum), reader{ctx, body}); err != nil {
		return err
	}
	if want != nil && [sha256.Size]byte(sum.Sum(nil)) != *want {
		return ErrContent
	}
	if err = file.Sync(); err != nil {
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	if err = os.Rename(path+disk.Unfinished, path); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(path))
}

// reader ends with its context.
type reader struct {
	ctx context.Context //nolint:containedctx // of the call that reads
	r   io.Reader
}

// Read is that of io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Append is that of Appender.
func (f *Folder) Append(ctx context.Context, key string, at int64, b []byte) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := makeFolders(filepath.Dir(path)); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, statErr := os.Stat(path)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if st.Size() < at {
		return fmt.Errorf("writing %s: it has %d bytes, and the next belong at %d", path, st.Size(), at)
	}
	if _, err = file.WriteAt(b, at); err == nil {
		err = errors.Join(file.Truncate(at+int64(len(b))), file.Sync())
	}
	if err != nil {
		_ = file.Truncate(at) // half of it is worth nothing; the next try cuts it off otherwise
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if errors.Is(statErr, fs.ErrNotExist) {
		return disk.SyncFolder(filepath.Dir(path))
	}
	return nil
}

// Open is that of Store.
func (f *Folder) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	info, err := f.Stat(ctx, key)
	if err != nil {
		return nil, info, err
	}
	path, err := f.path(key)
	if err != nil {
		return nil, info, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, info, notFound(err)
	}
	return file, info, nil
}

// Stat is that of Store.
func (f *Folder) Stat(_ context.Context, key string) (Info, error) {
	path, err := f.path(key)
	if err != nil {
		return Info{}, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return Info{}, notFound(err)
	}
	if !st.Mode().IsRegular() {
		return Info{}, fmt.Errorf("reading %s: %w", path, ErrNotFound)
	}
	return Info{Key: key, Size: st.Size(), Modified: st.ModTime()}, nil
}

// notFound gives a missing file the error of every store.
func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w (%w)", ErrNotFound, err)
	}
	return err
}

// List is that of Store.
func (f *Folder) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := fs.WalkDir(os.DirFS(f.dir), ".", func(key string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // it went meanwhile, or nothing was ever written
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case d.IsDir():
				if key != "." && !strings.HasPrefix(key+"/", prefix) && !strings.HasPrefix(prefix, key+"/") {
					return fs.SkipDir
				}
				return nil
			case !strings.HasPrefix(key, prefix) || strings.HasSuffix(key, disk.Unfinished) || !d.Type().IsRegular():
				return nil
			}
			st, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Info{Key: key, Size: st.Size(), Modified: st.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("listing %s: %w", f.dir, err))
		}
	}
}

// Delete is that of Store.
func (f *Folder) Delete(_ context.Context, key string) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting: %w", err)
	}
	return nil
}

// sumOf returns the SHA-256 of a file.
func sumOf(ctx context.Context, path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, reader{ctx, file}); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// makeFolders makes a folder and those above it, each synced into the one above.
func makeFolders(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	up := filepath.Dir(path)
	if up != path {
		if err := makeFolders(up); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return disk.SyncFolder(up)
}
