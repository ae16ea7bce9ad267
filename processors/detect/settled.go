package detect

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// settleTries is how often a folder that changes while it is read is read again before the attempt is given up. Whoever
// writes into it for that long makes another change after that, and Watch calls again.
const settleTries = 10

// ErrUnsettled means that the folders changed whenever they were read.
var ErrUnsettled = errors.New("the files change faster than they can be read")

// Settled calls read, and calls it again after a pause as long as something in the folders changed meanwhile: what was
// read then may be a part of the old files and a part of the new. So it is with a file that was emptied right before: who
// writes over a file empties it first, and one without rules would end those that it had. An error of read counts only
// when nothing changed. It returns when a reading was undisturbed, with ErrUnsettled when none was, or when ctx ends.
func Settled(ctx context.Context, folders []string, read func() error) error {
	return settled(ctx, folders, settle, read)
}

func settled(ctx context.Context, folders []string, pause time.Duration, read func() error) error {
	before, _ := fingerprint(folders)
	for range settleTries {
		err := read()
		after, emptied := fingerprint(folders)
		// Of a file server whose clock is a little ahead, what was emptied right before is of the next moment.
		if after == before && time.Since(emptied).Abs() >= pause {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("reading the rules: %w", ctx.Err())
		case <-time.After(pause):
		}
		// What changed in the pause is no reason to read once more: the next reading begins after it.
		before, _ = fingerprint(folders)
	}
	return ErrUnsettled
}

// fingerprint sums up names, sizes and times of all that lies in the folders, behind links too, and tells when the last of
// the empty files became so. What an editor keeps beside a rule is left out: it changes nothing that is read.
func fingerprint(folders []string) (sum [sha256.Size]byte, emptied time.Time) {
	h := sha256.New()
	for _, folder := range folders {
		folder = target(folder)
		_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				fmt.Fprintf(h, "%q %v\n", path, err)
				return nil
			}
			if path != folder && !concerns(path, []string{folder}) {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if d.IsDir() {
				fmt.Fprintf(h, "%q\n", path)
				return nil
			}
			if info, err := os.Stat(path); err == nil {
				fmt.Fprintf(h, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
				if info.Size() == 0 && info.ModTime().After(emptied) {
					emptied = info.ModTime()
				}
			}
			return nil
		})
	}
	return [sha256.Size]byte(h.Sum(nil)), emptied
}

// target returns what a folder that may be a link stands for: walking does not look behind links.
func target(folder string) string {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		return real
	}
	return folder
}
