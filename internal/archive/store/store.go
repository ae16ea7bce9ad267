// Package store keeps the files of an archive somewhere: in a folder, or in an S3 bucket. A file is written once and never
// changed, but for the few that are replaced whole; whoever writes a name first has it.
package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"time"

	"weir/internal/archive/disk"
)

// Errors of every store.
var (
	ErrNotFound = fmt.Errorf("there is no such file: %w", fs.ErrNotExist)
	// ErrOther means that the name is taken by other content, which stays.
	ErrOther = errors.New("there is another file of this name")
	// ErrContent means that what was to be written is not what its checksum says.
	ErrContent = errors.New("the content is not what its SHA-256 says")
)

// LockedError means that the store keeps the file until a time, and nobody can delete it before.
type LockedError struct {
	Key   string
	Until time.Time
}

// Error says until when.
func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is locked until %s", e.Key, e.Until.UTC().Format(time.RFC3339))
}

// Info is what a store says of one file.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
	Until    time.Time // locked until; zero: it is not, or the store did not say
}

// Content is what is written.
type Content struct {
	Body   io.ReadSeeker // at its beginning; it is read again where a try failed
	Size   int64
	SHA256 [sha256.Size]byte
	// Until is how long the store must not let anybody delete it, where it can; zero: as it likes.
	Until time.Time
}

// Store keeps files by key: slash-separated names such as class=access/day=2026-11-21/s-00000001.parquet. It is safe for
// many goroutines. What was written is there for good when the call returns.
type Store interface {
	// Put writes a file that is not there. If it is there already with this content all is well, else ErrOther.
	Put(ctx context.Context, key string, c Content) error
	// Replace writes a file, whether or not it is there.
	Replace(ctx context.Context, key string, b []byte) error
	// Open reads a file; ErrNotFound.
	Open(ctx context.Context, key string) (io.ReadCloser, Info, error)
	// Stat returns what is known of a file without reading it; ErrNotFound.
	Stat(ctx context.Context, key string) (Info, error)
	// List yields the files whose keys begin with a prefix, in the order of their keys. An error ends it.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Delete deletes a file for good, with all its versions; one that is not there is no error. *LockedError.
	Delete(ctx context.Context, key string) error
	// String names the store as the configuration does.
	String() string
}

// Appender is a store whose files can be made longer.
type Appender interface {
	// Append writes at a place, cuts off what stood behind, and makes it durable.
	Append(ctx context.Context, key string, at int64, b []byte) error
}

// Bytes makes the content of a slice, which must not change before it is written.
func Bytes(b []byte) Content {
	return Content{Body: strings.NewReader(string(b)), Size: int64(len(b)), SHA256: sha256.Sum256(b)}
}

// ReadAll reads a file of at most so many bytes.
func ReadAll(ctx context.Context, s Store, key string, most int64) ([]byte, error) {
	r, _, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", key, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("reading %s: it has more than %d bytes", key, most)
	}
	return b, nil
}

// check refuses keys that would lead elsewhere, or that one of the stores could not have.
func check(key string) error {
	if !fs.ValidPath(key) || key == "." || strings.ContainsAny(key, "\\\x00") || strings.HasSuffix(key, disk.Unfinished) {
		return fmt.Errorf("%q is no name of a file in an archive", key)
	}
	return nil
}
