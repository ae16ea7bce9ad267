package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"weir/internal/archive/manifest"
)

// leaving is what one record takes away: segments that were read until then, or files that a crash left of them.
type leaving struct {
	seq      uint64
	segments []*segmentFile
	files    []string
}

// leave has the files of what expired removed. Without a log that is done before it returns, and else when the log has
// the record: nothing is deleted without its leaf.
func (a *Archive) leave(l leaving) {
	if len(l.segments)+len(l.files) == 0 {
		return
	}
	if a.opts.Logged == nil {
		a.letGo(l)
		return
	}
	a.mu.Lock()
	a.leaving = append(a.leaving, l)
	a.mu.Unlock()
	select {
	case a.left <- struct{}{}:
	default:
	}
}

// leaveLoop removes what expired once the log has it. It ends with ctx.
func (a *Archive) leaveLoop(ctx context.Context) {
	for {
		a.mu.Lock()
		list := a.leaving
		a.leaving = nil
		a.mu.Unlock()
		for _, l := range list {
			if a.logged(ctx, l.seq) != nil {
				return // the next start goes on
			}
			a.letGo(l)
		}
		select {
		case <-ctx.Done():
			return
		case <-a.left:
		}
	}
}

// logged waits until the log has a record. An error is the end of ctx; others pass.
func (a *Archive) logged(ctx context.Context, seq uint64) error {
	if a.opts.Logged == nil || seq == 0 {
		return nil
	}
	for told := false; ; told = true {
		err := a.opts.Logged(ctx, seq)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if !told {
			a.log.Warn("what expired is not removed yet, because the log does not have it", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(a.retry.most / 10):
		}
	}
}

// lastExpiry returns the number of the newest record by which something expired; 0: nothing did.
func (a *Archive) lastExpiry() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, v := range slices.Backward(a.actions) {
		if v.Kind == manifest.KindExpiry {
			return v.Seq
		}
	}
	return 0
}

// letGo removes the files of what expired, but for segments that somebody still reads: those go with the last reader.
func (a *Archive) letGo(l leaving) {
	var free []*segmentFile
	a.mu.Lock()
	for _, s := range l.segments {
		if s.loose = true; s.pins == 0 {
			free = append(free, s)
		}
	}
	a.mu.Unlock()
	a.remove(free)
	for _, file := range l.files {
		a.log.Info("removing a file of a segment that expired", "path", file)
		a.removeExpired(file)
	}
}

// remove takes the files of segments that nobody reads any more off the disk.
func (a *Archive) remove(gone []*segmentFile) {
	for _, s := range gone {
		a.files.drop(s)
		a.recall.Drop(s)
		a.removeExpired(s.index)
		a.removeExpired(s.path)
		if a.bucket != nil {
			a.bucket.doom(s.Path)
		}
		a.log.Info("a segment expired", "path", s.Path, "rows", s.Rows)
	}
}

// removeExpired removes one file. What cannot be removed now is removed at the next start.
func (a *Archive) removeExpired(file string) {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Error("removing an expired segment; it is tried again at the next start", "path", file, "err", err)
	}
}
