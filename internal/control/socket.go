package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"weir/internal/fault"
)

// SocketName is the socket's file in the data folder.
const SocketName = "control.sock"

// ErrNotRunning means that no weir answers on the data folder: the caller opens the files itself.
var ErrNotRunning = errors.New("no weir runs on this data folder")

// maxSocketPath is what sockaddr_un holds on every system that weir runs on, less the ending of the temporary name.
const maxSocketPath = 96

// Listen opens the control socket of dataDir. A socket that a killed weir left behind is replaced; one that answers is
// not: then another weir has the folder. Closing the listener removes the file.
//
// Rights are those of the file system: the folder is 0700 and the socket 0600. There is no further login, because
// whoever can open the socket can read the files behind it too.
func Listen(dataDir string) (net.Listener, error) {
	path := filepath.Join(dataDir, SocketName)
	if c, err := dialSocket(dataDir); err == nil {
		c.Close()
		return nil, &fault.Error{Code: "folder-in-use", What: "another weir uses this folder", Where: path,
			Why: "it answers on its control socket", Do: "look with `weir search`, or start with `--data ./other`", Exit: fault.ExitMissing}
	} else if !errors.Is(err, ErrNotRunning) {
		return nil, err
	}
	short, done, err := shorten(dataDir)
	if err != nil {
		return nil, err
	}
	// Bound under another name, closed to others, then renamed: at no moment does a socket with wider rights, or none
	// at all, stand under the real name.
	temp := short + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		done()
		return nil, fmt.Errorf("removing the remains of a control socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: temp, Net: "unix"})
	if err != nil {
		done()
		return nil, fmt.Errorf("opening the control socket %s: %w", path, err)
	}
	l.SetUnlinkOnClose(false)
	err = os.Chmod(temp, 0o600)
	if err == nil {
		err = os.Rename(temp, short)
	}
	if err != nil {
		err = errors.Join(err, l.Close(), os.Remove(temp))
		done()
		return nil, fmt.Errorf("opening the control socket %s: %w", path, err)
	}
	return &listener{UnixListener: l, path: path, done: done}, nil
}

// listener removes the file under its real name; net only knows the temporary one.
// done lets the folder go that a long name is reached through; it must be open as long as the listener is.
type listener struct {
	*net.UnixListener
	path string
	done func()
}

// Close closes the socket and removes its file.
func (l *listener) Close() error {
	if err := l.UnixListener.Close(); err != nil {
		return err // closed before: the file may be another weir's by now
	}
	defer l.done()
	if err := os.Remove(l.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the control socket: %w", err)
	}
	return nil
}

// dialSocket connects, or returns ErrNotRunning where nothing listens.
// A socket file that nobody listens on is what a killed weir leaves behind; it means the same as no file.
func dialSocket(dataDir string) (net.Conn, error) {
	short, done, err := shorten(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dataDir, ErrNotRunning)
	}
	if err != nil {
		return nil, err
	}
	defer done()
	c, err := net.DialTimeout("unix", short, 2*time.Second)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, &fault.Error{Code: "control-not-permitted", What: "this user may not ask the weir that runs here",
			Where: filepath.Join(dataDir, SocketName), Why: "the folder is readable only by the user who runs weir",
			Do: "run the command as that user", Exit: fault.ExitMissing, Cause: err}
	case notListening(err):
		return nil, fmt.Errorf("%s: %w", dataDir, ErrNotRunning)
	}
	return nil, fmt.Errorf("connecting to the control socket of %s: %w", dataDir, err)
}

// shorten returns a name of the socket that fits into a socket address, however long the folder's name is. The name is
// good until done is called. A path in a socket address is about a hundred bytes at most, which temporary folders of
// tests and homes of people exceed.
func shorten(dataDir string) (path string, done func(), err error) {
	path = filepath.Join(dataDir, SocketName)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(dataDir)
	if err != nil {
		return "", nil, fmt.Errorf("opening the data folder: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), SocketName), func() { _ = dir.Close() }, nil
}

// notListening tells whether the socket is missing or was left behind by a weir that is gone.
func notListening(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTDIR)
}
