package replica

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/internal/archive/store"
)

// stamp is what a file looked like when it was copied.
type stamp struct {
	size int64
	at   time.Time
}

// Log is what changed of an archive's transparency log, at one moment, besides its tiles: checkpoints and the record of
// where they were published.
type Log []logFile

// logFile is one file of the log.
type logFile struct {
	path, key string
	content   []byte
	stamp     stamp
}

// tiles begins the names of tiles and bundles of entries, which are written once: name and length say what they are.
const tiles = "log/tile/"

// TakeLog reads what changed since it was brought last. The log follows the manifest: one that is taken before the manifest
// is read speaks of nothing that the manifest does not have, and so must be brought after it.
func (r *Replica) TakeLog(folder string) (out Log, err error) {
	err = r.walkLog(folder, func(f logFile) error {
		if strings.HasPrefix(f.key, tiles) {
			return nil
		}
		f.content, err = os.ReadFile(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		out = append(out, f)
		return err
	})
	return out, err
}

// walkLog gives the files of the log that changed since they were brought.
func (r *Replica) walkLog(folder string, each func(logFile) error) error {
	err := filepath.WalkDir(filepath.Join(folder, "log"), func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // no log yet, or a partial tile that was made whole meanwhile
		case err != nil:
			return err
		case d.IsDir() || strings.HasSuffix(path, ".tmp"):
			return nil
		}
		st, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		f := logFile{path: path, key: filepath.ToSlash(rel), stamp: stamp{st.Size(), st.ModTime()}}
		if r.log[path] == f.stamp {
			return nil
		}
		return each(f)
	})
	if err != nil {
		return fmt.Errorf("copying the log: %w", err)
	}
	return nil
}

// SyncLog brings the tiles of an archive's log, and then what was taken of it. Nothing is deleted.
func (r *Replica) SyncLog(ctx context.Context, folder string, taken Log) error {
	err := r.walkLog(folder, func(f logFile) error {
		if !strings.HasPrefix(f.key, tiles) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := os.ReadFile(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		f.content = b
		return r.bring(ctx, f)
	})
	if err != nil {
		return err
	}
	for _, f := range taken {
		if err := r.bring(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// bring writes one file of the log, unless it is there.
func (r *Replica) bring(ctx context.Context, f logFile) error {
	if !r.has(ctx, f) {
		if err := r.st.Replace(ctx, f.key, f.content); err != nil {
			return err
		}
	}
	r.log[f.path] = f.stamp
	return nil
}

// has tells whether a file of the log is there with this content. After a start every file is asked for: writing all of
// them again would leave as many old versions behind.
func (r *Replica) has(ctx context.Context, f logFile) bool {
	i, err := r.st.Stat(ctx, f.key)
	if err != nil || i.Size != int64(len(f.content)) {
		return false
	}
	if strings.HasPrefix(f.key, tiles) {
		return true
	}
	have, err := store.ReadAll(ctx, r.st, f.key, int64(len(f.content)))
	return err == nil && sha256.Sum256(have) == sha256.Sum256(f.content)
}
