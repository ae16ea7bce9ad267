package tools

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/internal/app/build"
	"weir/internal/config"
	"weir/processors/detect"
)

// WatchRules calls changed after each change of the rule files in paths, or of those of cfg and their lists, with the names
// of what changed, until ctx ends or changed fails. It calls on the goroutine of the caller, one call at a time: what
// changes meanwhile is told with the next.
func WatchRules(ctx context.Context, cfg config.Config, paths []string, changed func(files []string) error) error {
	if len(paths) == 0 {
		paths = []string{build.Within(cfg, cfg.Rules.Folder)}
	}
	folders := []string{build.Within(cfg, cfg.Rules.Lists), build.Within(cfg, cfg.Rules.Pipelines)}
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			p = filepath.Dir(p) // an editor replaces the file, and only its folder sees that
		}
		folders = append(folders, p)
	}
	watched := append(slices.Clone(paths), build.Within(cfg, cfg.Rules.Lists), build.Within(cfg, cfg.Rules.Pipelines))
	// Events say that something happened in a folder; what it was is told by what is there before and after.
	before := stamps(watched)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var failed error
	err := detect.Watch(ctx, slog.New(slog.DiscardHandler), folders, time.Now(), func() {
		now := stamps(watched)
		files := differing(before, now)
		before = now
		if len(files) == 0 || failed != nil {
			return // another file of the same folder
		}
		if failed = changed(files); failed != nil {
			stop()
		}
	})
	if failed != nil {
		return failed
	}
	return err
}

// stamp is what tells one state of a file from another.
type stamp struct {
	size int64
	mod  time.Time
}

// stamps returns the state of each file at or below the paths. Hidden ones are left out, as they are when rules are read:
// editors keep their copies there.
func stamps(paths []string) map[string]stamp {
	out := map[string]stamp{}
	for _, p := range paths {
		_ = filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil //nolint:nilerr // gone meanwhile; its absence is the change
			case name != p && d.Name()[0] == '.':
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir():
				return nil
			}
			if info, err := d.Info(); err == nil {
				out[name] = stamp{info.Size(), info.ModTime()}
			}
			return nil
		})
	}
	return out
}

// differing names the files that came, went or changed, in order.
func differing(before, now map[string]stamp) []string {
	var out []string
	for name, s := range now {
		if before[name] != s {
			out = append(out, name)
		}
	}
	for name := range before {
		if _, ok := now[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
