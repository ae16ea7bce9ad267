// Package folder owns the folders that one process has at a time: that of the data, and that of the archive.
package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"weir/internal/fault"
)

// Folder is the data folder while this process owns it. All that weir keeps is in it; two processes in one would number
// records alike.
type Folder struct {
	Path string
	Made bool // by this start
	lock *os.File
}

// holder is what the lock file says of the process that holds it.
//
// It is for the message to whoever comes second, and decides nothing: the file outlives its process, the lock does not.
type holder struct {
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Console string    `json:"console,omitempty"`
}

// Open makes the data folder where it is missing, readable by its owner only, and locks it. The lock is the
// kernel's: it ends with the process, however that ends.
func Open(path, console string) (*Folder, error) {
	_, statErr := os.Stat(path)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, unusable(path, err)
	}
	name := filepath.Join(path, "LOCK")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable(path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		why := "its lock is held by another process"
		if h, ok := readHolder(name); ok {
			why = fmt.Sprintf("pid %d, since %s, console %s", h.PID, h.Since.Local().Format(time.TimeOnly), h.Console)
		}
		return nil, errors.Join(&fault.Error{
			Code: "folder-in-use", What: "another weir uses this folder", Where: name, Why: why,
			Do: "look with `weir search`, or start with `--data ./other`", Exit: fault.ExitMissing, Cause: err,
		}, f.Close())
	}
	// Written after the lock was taken, so nobody reads the name of a process that was refused.
	b, err := json.Marshal(holder{PID: os.Getpid(), Since: time.Now(), Console: console})
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(b, 0)
	}
	if err != nil {
		return nil, errors.Join(unusable(path, err), f.Close())
	}
	return &Folder{Path: path, Made: errors.Is(statErr, os.ErrNotExist), lock: f}, nil
}

// Close gives the folder free: closing the file ends the lock. The file stays, because removing it would let two processes
// lock two files of one name.
func (f *Folder) Close() error { return f.lock.Close() }

// Join returns the path of something in the folder. Only names of ours come here.
func (f *Folder) Join(name string) string { return filepath.Join(f.Path, name) }

// readHolder reads what a lock file says; false where it is empty (its process died while writing) or not ours.
func readHolder(name string) (holder, bool) {
	var h holder
	b, err := os.ReadFile(name)
	return h, err == nil && json.Unmarshal(b, &h) == nil && h.PID != 0
}

// unusable says why a folder cannot be used. Wrong ownership is by far the commonest reason, after a first run with
// sudo, so its way out is spelt out.
func unusable(path string, err error) *fault.Error {
	e := &fault.Error{
		Code: "folder-unusable", What: "the data folder cannot be used", Where: path, Why: fault.Innermost(err),
		Do: "give this user the folder, or start with `--data ./other`", Exit: fault.ExitMissing, Cause: err,
	}
	if errors.Is(err, os.ErrPermission) {
		e.Why = fmt.Sprintf("user id %d may not read and write it", os.Getuid())
		e.Do = fmt.Sprintf("sudo chown -R %d %s, or start with `--data ./other`", os.Getuid(), path)
	}
	return e
}
