package reviewcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
	xterm "golang.org/x/term"

	"weir/cmd/weir/ui"
	"weir/internal/config/unit"
	"weir/internal/fault"
)

// passphrase reads a passphrase from where ref says, or asks for it on the terminal without showing it.
func passphrase(ctx context.Context, sh ui.Shell, ask, ref string, twice bool) ([]byte, error) {
	switch {
	case strings.HasPrefix(ref, "file:"), strings.HasPrefix(ref, "env:"):
		s, err := unit.Resolve(ref, ".", os.LookupEnv)
		if err != nil {
			return nil, &fault.Error{Code: "review-passphrase", What: "the passphrase cannot be read", Why: err.Error(), Do: "write --passphrase file:PATH or --passphrase env:NAME", Exit: fault.ExitUsage, Cause: err}
		}
		return []byte(s), nil
	case ref != "":
		return nil, ui.Usage("a passphrase is never written on the command line", "write --passphrase file:PATH or env:NAME, or leave it out and be asked")
	}
	file, ok := sh.In.(*os.File)
	if !ok || !sh.InTTY {
		return nil, ui.Usage("nobody can be asked for the passphrase here", "write --passphrase file:PATH or --passphrase env:NAME")
	}
	first, err := hidden(ctx, sh, file, ask)
	if err != nil || !twice {
		return first, err
	}
	second, err := hidden(ctx, sh, file, "once more: ")
	if err == nil && string(first) != string(second) {
		err = ui.Usage("the two passphrases differ", "try again")
	}
	return first, err
}

// hidden reads a line that is not shown. It ends with ctx too, and leaves the terminal as it was.
func hidden(ctx context.Context, sh ui.Shell, file *os.File, ask string) ([]byte, error) {
	if _, err := fmt.Fprint(sh.Msg.W, ask); err != nil {
		return nil, err
	}
	b, err := silently(ctx, int(file.Fd()))
	if _, werr := fmt.Fprintln(sh.Msg.W); werr != nil {
		err = errors.Join(err, werr)
	}
	if errors.Is(err, context.Canceled) {
		sh.Note("stopped: no passphrase was given, so nothing was done")
	}
	return b, err
}

// pollEvery is how long, in milliseconds, nobody looks whether ctx has ended.
const pollEvery = 100

// silently reads a line from a terminal that shows nothing of it. A read cannot be called off, and Ctrl-C only ends ctx; so
// nothing is read before the terminal has a line.
func silently(ctx context.Context, fd int) (line []byte, err error) {
	was, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("asking the terminal how it is set: %w", err)
	}
	quiet := *was
	quiet.Lflag = quiet.Lflag&^unix.ECHO | unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &quiet); err != nil {
		return nil, fmt.Errorf("making the terminal silent: %w", err)
	}
	defer func() { err = errors.Join(err, unix.IoctlSetTermios(fd, unix.TCSETS, was)) }()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, pollEvery)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && !errors.Is(err, unix.EINTR):
			return nil, fmt.Errorf("waiting for the terminal: %w", err)
		case n > 0:
			return xterm.ReadPassword(fd)
		}
	}
}
