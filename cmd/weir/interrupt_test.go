package main

import (
	"context"
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
		"WEIR_BUS_EMBEDDED_MIN_FREE=0")
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
