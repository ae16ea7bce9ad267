package detect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the folders must be quiet before a reload: editors write a file in several steps, and a copied
// folder arrives file by file.
const settle = 200 * time.Millisecond

// Watch calls reload after files in the folders, or below them, have changed and been quiet for a moment; what changed
// after since, before Watch could see it, counts too. A folder that is not there yet is waited for, and one may be a link.
// reload is called on Watch's own goroutine, one call at a time. Watch returns nil when ctx ends, and an error only if it
// cannot watch at all.
func Watch(ctx context.Context, log *slog.Logger, folders []string, since time.Time, reload func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watching rule folders: %w", err)
	}
	defer w.Close()
	behind := watchAll(w, log, folders)
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	if changed(folders, since) {
		quiet.Reset(settle)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev, ok := <-w.Events:
			if !ok {
				return nil
			}
			if ev.Op != fsnotify.Chmod && (concerns(ev.Name, folders) || concerns(ev.Name, behind)) {
				quiet.Reset(settle)
			}
		case err, ok := <-w.Errors:
			if !ok {
				return nil
			}
			// Events were lost: what changed is not known, so everything is read again.
			log.Warn("watching rule folders", "component", "detect", "err", err)
			quiet.Reset(settle)
		case <-quiet.C:
			behind = watchAll(w, log, folders) // folders may have come, or been replaced by others of the same name
			reload()
		}
	}
}

// changed tells whether anything in the folders, or a folder itself, is newer than since.
func changed(folders []string, since time.Time) bool {
	newer := false
	for _, folder := range folders {
		_ = filepath.WalkDir(target(folder), func(_ string, d fs.DirEntry, err error) error {
			if err == nil {
				if info, err := d.Info(); err == nil && info.ModTime().After(since) {
					newer = true
					return fs.SkipAll
				}
			}
			return nil // what is not there yet is waited for; where something went, its parent is newer
		})
	}
	return newer
}

// concerns tells whether a path is one of the folders or lies in one: the parents of missing folders are watched too,
// and most of what happens there is none of our business.
func concerns(name string, folders []string) bool {
	name = filepath.Clean(name)
	if base := filepath.Base(name); base != swapped && strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") {
		return false
	}
	for _, f := range folders {
		f = filepath.Clean(f)
		if name == f || strings.HasPrefix(name, f+string(filepath.Separator)) || strings.HasPrefix(f, name+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// swapped is the link by which Kubernetes changes all files of a mounted ConfigMap at once: they are links through it.
const swapped = "..data"

// watchAll watches every folder, those below it, and the nearest existing parent of one that is not there. It returns what
// folders that are links stand for: changes there have its name.
func watchAll(w *fsnotify.Watcher, log *slog.Logger, folders []string) (behind []string) {
	for _, folder := range folders {
		dir := filepath.Clean(folder)
		for {
			if st, err := os.Stat(dir); err == nil && st.IsDir() {
				break
			}
			if parent := filepath.Dir(dir); parent != dir {
				dir = parent
				continue
			}
			break
		}
		add(w, log, filepath.Dir(dir)) // tells when the folder itself is replaced
		if dir != filepath.Clean(folder) {
			add(w, log, dir)
			continue
		}
		real := target(dir)
		if real != dir {
			behind = append(behind, real)
		}
		_ = filepath.WalkDir(real, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				add(w, log, path)
			}
			return nil
		})
	}
	return behind
}

// add watches one folder; watching it again does nothing. A folder that went meanwhile is no news.
func add(w *fsnotify.Watcher, log *slog.Logger, dir string) {
	if err := w.Add(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("watching a rule folder", "component", "detect", "source", dir, "err", err)
	}
}
