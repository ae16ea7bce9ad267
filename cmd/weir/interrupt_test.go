package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInterrupted_EndsWithZero(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, msg, code := (shell{b: &fake{err: fmt.Errorf("searching: %w", context.Canceled)}, ctx: ctx}).run(t, "search", "x"); code != 0 || msg != "" {
		t.Errorf("exit %d, %s", code, msg)
	}
	if _, msg, code := (shell{b: &fake{err: fmt.Errorf("searching: %w", context.Canceled)}}).run(t, "search", "x"); code == 0 || msg == "" {
		t.Errorf("an end that nobody asked for: exit %d, %s", code, msg)
	}
}

// TestProgram_Interrupt: the first Ctrl-C ends a filter that waits for input, the second is not needed.
func TestProgram_Interrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	cmd := exec.Command(program(t), "up", "--data", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "WEIR_CONSOLE_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_TLS_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_RELP_LISTEN=127.0.0.1:0",
		"WEIR_INPUTS_SNMPTRAP_LISTEN=127.0.0.1:0", "WEIR_BUS_EMBEDDED_MIN_FREE=0")
	msg := &watched{ready: make(chan struct{}), want: "msg=ready"}
	cmd.Stderr = msg
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-msg.ready:
	case err := <-ended:
		t.Fatalf("ended at once: %v\n%s", err, msg.text())
	case <-time.After(time.Minute):
		t.Fatalf("not ready (%v)\n%s", cmd.Process.Kill(), msg.text())
	}
	if err := cmd.Process.Signal(os.Signal(syscall.SIGINT)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || !strings.Contains(msg.text(), "msg=stopped") {
		t.Errorf("%v\n%s", err, msg.text())
	}
}

// stubbornEnv makes this test program one that does not end when it is asked to.
const stubbornEnv = "WEIR_TEST_STUBBORN"

// stubborn says what it hears and goes on: with it the second Ctrl-C can be seen without a race against a clean end.
func stubborn() {
	ctx, stop := interruptible()
	defer stop()
	fmt.Println("started")
	<-ctx.Done()
	fmt.Println("asked to end")
	time.Sleep(time.Minute)
}

// child starts the stubborn program and waits until it has started; next waits for its next line.
func child(t *testing.T) (cmd *exec.Cmd, next func() string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), stubbornEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next = func() string {
		if !lines.Scan() {
			return ""
		}
		return lines.Text()
	}
	if got := next(); got != "started" {
		t.Fatalf("the child says %q", got)
	}
	return cmd, next
}

// TestInterruptible_signals: the first Ctrl-C or SIGTERM asks, a second Ctrl-C ends at once with 130. A second SIGTERM
// does not: whoever sends it (a service manager) has a harder signal for that.
func TestInterruptible_signals(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second syscall.Signal
		exit          int
	}{
		{"two Ctrl-C", syscall.SIGINT, syscall.SIGINT, exitInterrupted},
		{"SIGTERM, then Ctrl-C", syscall.SIGTERM, syscall.SIGINT, exitInterrupted},
		{"Ctrl-C, then SIGTERM, then the hard one", syscall.SIGINT, syscall.SIGTERM, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd, next := child(t)
			if err := cmd.Process.Signal(c.first); err != nil {
				t.Fatal(err)
			}
			if got := next(); got != "asked to end" {
				t.Errorf("after the first signal the child says %q", got)
			}
			if err := cmd.Process.Signal(c.second); err != nil {
				t.Fatal(err)
			}
			if c.exit < 0 { // it goes on, so only SIGKILL ends it
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			err := cmd.Wait()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != c.exit {
				t.Errorf("ended with %v, want %d", err, c.exit)
			}
		})
	}
}

// TestInterruptible_stop: stop may be called twice and leaves the signals to whoever comes next.
func TestInterruptible_stop(t *testing.T) {
	ctx, stop := interruptible()
	if ctx.Err() != nil {
		t.Error("interrupted by nobody")
	}
	stop()
	stop()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after stop: %v", ctx.Err())
	}
}

// TestProgram_Terminate: a service manager's SIGTERM ends up in order, with 0.
func TestProgram_Terminate(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	cmd := exec.Command(program(t), "up", "--data", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "WEIR_CONSOLE_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_TLS_LISTEN=", "WEIR_INPUTS_SYSLOG_RELP_LISTEN=",
		"WEIR_INPUTS_SNMPTRAP_LISTEN=127.0.0.1:0", "WEIR_BUS_EMBEDDED_MIN_FREE=0")
	msg := &watched{ready: make(chan struct{}), want: "msg=ready"}
	cmd.Stderr = msg
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the program; waited for below
	select {
	case <-msg.ready:
	case err := <-ended:
		t.Fatalf("ended at once: %v\n%s", err, msg.text())
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || !strings.Contains(msg.text(), "balanced=true") {
		t.Errorf("%v\n%s", err, msg.text())
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "control.sock")); err == nil {
		t.Error("the control socket is left behind")
	}
}
