package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/internal/testkit"
)

// terminal is a pseudo terminal: what is written to user is typed, and comes with its signals to whoever runs on tty.
type terminal struct{ user, tty *os.File }

func newTerminal(t *testing.T) terminal {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		testkit.Skip(t, "machine", "no pseudo terminals: "+err.Error())
	}
	t.Cleanup(func() { _ = user.Close() })
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return terminal{user, tty}
}

// echoes tells whether the terminal shows what is typed.
func (p terminal) echoes(t *testing.T) bool {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(p.tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return s.Lflag&unix.ECHO != 0
}

// silent waits until it shows nothing: then it is asked for a passphrase.
func (p terminal) silent(t *testing.T, ended <-chan error, msg *watched) {
	t.Helper()
	for p.echoes(t) {
		select {
		case err := <-ended:
			t.Fatalf("ended before it asked: %v\n%s", err, msg.text())
		case <-t.Context().Done():
			t.Fatal("it never asked")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ask starts a command on a terminal of its own, as a shell does. What it says goes elsewhere, so that nobody has to read it
// from the terminal.
func ask(t *testing.T, p terminal, args ...string) (ended chan error, msg *watched) {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	msg = &watched{ready: make(chan struct{}), want: "once more"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.tty, msg, msg
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended = make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the program, which every test here waits for
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return ended, msg
}

// typed sends keys to the terminal.
func (p terminal) typed(t *testing.T, keys string) {
	t.Helper()
	if _, err := p.user.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

// keysFolder is a data folder that no weir runs on.
func keysFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(filepath.Join(dir, "archive"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "archive", "manifest.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestProgram_PassphraseInterrupt: one Ctrl-C ends the question, nothing is done, and the terminal shows again what is typed.
func TestProgram_PassphraseInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	for name, keys := range map[string]string{"at once": "", "with half a passphrase typed": "half of it"} {
		t.Run(name, func(t *testing.T) {
			p, dir := newTerminal(t), keysFolder(t)
			ended, msg := ask(t, p, "keys", "add", "park", "--data", dir)
			p.silent(t, ended, msg)
			p.typed(t, keys+"\x03")
			if err := <-ended; err != nil {
				t.Errorf("%v\n%s", err, msg.text())
			}
			if !p.echoes(t) {
				t.Error("the terminal stays silent")
			}
			if said := msg.text(); !strings.Contains(said, "stopped: no passphrase was given") || strings.Contains(said, "half of it") {
				t.Errorf("it says %q", said)
			}
			if made, _ := filepath.Glob(dir + ".keys/reviewers/*"); len(made) != 0 {
				t.Errorf("there is %v", made)
			}
		})
	}
}

// TestProgram_Passphrase: it is asked for twice, is never shown, and the terminal is as it was afterwards.
func TestProgram_Passphrase(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	p, dir := newTerminal(t), keysFolder(t)
	ended, msg := ask(t, p, "keys", "add", "park", "--data", dir)
	p.silent(t, ended, msg)
	p.typed(t, "a long enough passphrase\n")
	select {
	case <-msg.ready:
	case err := <-ended:
		t.Fatalf("ended after the first: %v\n%s", err, msg.text())
	}
	p.silent(t, ended, msg)
	p.typed(t, "a long enough passphrase\n")
	if err := <-ended; err != nil || !p.echoes(t) {
		t.Errorf("%v, echo %v\n%s", err, p.echoes(t), msg.text())
	}
	if made, _ := filepath.Glob(dir + ".keys/reviewers/*.key"); len(made) != 1 || strings.Contains(msg.text(), "long enough") {
		t.Errorf("there is %v; it says %q", made, msg.text())
	}
}
