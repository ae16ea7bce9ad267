package folder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/internal/keep"

	"golang.org/x/sys/unix"
)

// standbyLook is how often a process that stands by looks whether the archive is free.
const standbyLook = 500 * time.Millisecond

// LockArchive takes the folder of the archive for this process and waits while another one has it: its manifest is the
// only word on how far the archive is, so nobody may go on from anywhere else. The kernel gives the lock back when the
// process that has it ends, however it ends. The file stays; closing it gives the folder to the next.
func LockArchive(ctx context.Context, dir string, log *slog.Logger) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the archive's folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the archive: %w", err)
	}
	for said := false; ; said = true {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("locking the archive: %w", err), f.Close())
		}
		if !said {
			log.Info("another process has the archive; standing by", "component", "archive", "folder", dir)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(standbyLook):
		}
	}
}

// ArchiveName returns the name of the archive in a folder, which it gets when it is made. Whoever has the folder speaks
// for it under this name, so that its rows are counted once however many processes have had it.
func ArchiveName(dir string) (string, error) {
	file := filepath.Join(dir, "name")
	b, err := os.ReadFile(file)
	if name := strings.TrimSpace(string(b)); err == nil && name != "" {
		return name, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("reading the archive's name: %w", err)
	}
	name := fmt.Sprintf("%08x", rand.Uint32())
	if err := keep.WriteFile(file, []byte(name+"\n")); err != nil {
		return "", fmt.Errorf("naming the archive: %w", err)
	}
	return name, nil
}
