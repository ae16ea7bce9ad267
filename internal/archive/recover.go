package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"weir/internal/archive/disk"
	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// openWriter reads the manifest, locks it against a second writer, and puts in order what a crash left.
func (a *Archive) openWriter() error {
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		return folderFault(a.dir, err)
	}
	path := filepath.Join(a.dir, manifest.Name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return folderFault(path, err)
	}
	a.manifest = f
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return &fault.Error{Code: "archive-in-use", What: "another weir writes to this archive", Where: a.dir,
			Do: "stop the other one, or give this one another --data folder", Exit: fault.ExitMissing, Cause: err}
	}
	list, err := manifest.Read(f)
	if err != nil {
		return folderFault(path, err)
	}
	if list.Torn > 0 {
		a.log.Warn("the manifest's last line was not finished when weir stopped; it is cut off, its rows are read again", "bytes", list.Torn)
		if err := f.Truncate(list.Size); err != nil {
			return folderFault(path, err)
		}
	}
	if err := errors.Join(f.Sync(), disk.SyncFolder(a.dir)); err != nil {
		return folderFault(path, err)
	}
	if a.bucket != nil {
		if list, err = a.catchUp(context.Background(), list); err != nil {
			return err
		}
	}
	a.take(list)
	a.size, a.synced = list.Size, list.Size
	if err := a.tidy(len(list.Problems) == 0); err != nil {
		return folderFault(a.dir, err)
	}
	for _, p := range a.problems {
		a.log.Error("the archive is damaged; the rest of it works", "err", p)
	}
	return nil
}

// openReader reads the manifest and leaves everything else alone: a line that is being written is not seen yet.
func (a *Archive) openReader() error {
	path := filepath.Join(a.dir, manifest.Name)
	f, err := os.Open(path)
	if err != nil {
		return folderFault(path, err)
	}
	defer f.Close()
	list, err := manifest.Read(f)
	if err != nil {
		return folderFault(path, err)
	}
	a.take(list)
	a.synced = list.Size
	return nil
}

// folderFault says what is wrong with the folder in the user's words.
func folderFault(where string, err error) error {
	e := &fault.Error{Code: "archive-folder", What: "the archive cannot be opened", Where: where, Why: reason(err),
		Do: "ls -ld " + filepath.Dir(where), Exit: fault.ExitMissing, Cause: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.What, e.Do = "there is no archive in this folder", "name the folder of a weir with --data"
	case errors.Is(err, fs.ErrPermission):
		e.What = "the archive's folder may not be read or written by this user"
	case errors.Is(err, syscall.ENOSPC):
		e.What, e.Do = "the disk is full", "df -h "+where
	}
	return e
}

// reason returns the innermost error's text.
func reason(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// take makes what the manifest says the state of the archive.
func (a *Archive) take(list *manifest.List) {
	for _, p := range list.Problems {
		a.problems = append(a.problems, &fault.Error{Code: "archive-manifest", What: fmt.Sprintf("line %d of the manifest was changed", p.Line),
			Where: filepath.Join(a.dir, manifest.Name) + ":" + strconv.Itoa(p.Line), Why: p.Reason, Do: "keep a copy of the folder as it is now, and restore the file from a copy"})
	}
	for i := range list.Records {
		r := &list.Records[i]
		a.seq = max(a.seq, r.Seq)
		a.sealed = r.Published
		a.durable.addRecord(r)
		for name, c := range r.Counts {
			sum := a.counts[name]
			sum.Stored += c.Stored
			sum.Duplicates += c.Duplicates
			a.counts[name] = sum
		}
		for _, s := range r.Segments {
			a.segments = append(a.segments, a.segmentFile(s, r))
		}
		a.act(r)
	}
	for _, s := range a.segments { // only of what did not expire: the files of the others are rightly gone
		p := s.examine()
		s.here.Store(p == nil)
		if p != nil && a.bucket == nil { // else it is fetched when it is needed
			s.bad = p
			a.problems = append(a.problems, p)
		}
	}
	a.last = list.Last
}

// tidy removes what a crash left: unfinished files, and files of an epoch that was not published. While the manifest is
// damaged nothing but unfinished files is removed, and new epochs get numbers above every file that is there.
func (a *Archive) tidy(whole bool) error {
	known := map[string]bool{}
	for _, s := range a.segments {
		known[s.path] = true
		known[s.index] = true
	}
	for _, p := range a.problems {
		known[p.Where] = true
	}
	published := a.seq
	var expired []string
	defer func() { a.leave(leaving{seq: a.lastExpiry(), files: expired}) }()
	return filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := d.Name()
		if strings.HasSuffix(name, disk.Unfinished) {
			a.log.Info("removing an unfinished file", "path", path)
			return os.Remove(path)
		}
		seq, ok := seqOf(name)
		if !ok || known[path] {
			return nil
		}
		switch {
		case a.isPast(path):
			expired = append(expired, path)
			return nil
		case whole && seq > published:
			a.log.Info("removing a file that was not published when weir stopped", "path", path)
			return os.Remove(path)
		case !whole:
			a.seq = max(a.seq, seq)
		case strings.HasSuffix(name, segmentEnd):
			a.problems = append(a.problems, &fault.Error{Code: "archive-stray", What: "the manifest does not know this segment", Where: path,
				Why: "somebody put it there, or took lines out of the manifest", Do: "keep a copy of the folder as it is now, and restore the file from a copy", Warn: true})
		}
		return nil
	})
}

// isPast tells whether a file is of a segment that expired: the segment or its index.
func (a *Archive) isPast(file string) bool {
	rel, err := filepath.Rel(a.dir, file)
	if err != nil {
		return false
	}
	segment := strings.TrimSuffix(strings.TrimSuffix(filepath.ToSlash(rel), indexEnd), segmentEnd) + segmentEnd
	return a.past[segment] != ""
}

// seqOf reads the number out of the name of a segment or index.
func seqOf(name string) (uint64, bool) {
	s, ok := strings.CutPrefix(name, "s-")
	if !ok {
		return 0, false
	}
	s, a := strings.CutSuffix(s, segmentEnd)
	s, b := strings.CutSuffix(s, indexEnd)
	s, _, _ = strings.Cut(s, "-")
	n, err := strconv.ParseUint(s, 10, 64)
	return n, (a || b) && err == nil
}
