package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"weir/internal/control"
	"weir/internal/testkit"
)

// program builds the binary, once for all tests that run it.
func program(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		built.dir, built.err = os.MkdirTemp("", "weir-e2e-") //nolint:usetesting // outlives the test that builds first
		if built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", filepath.Join(built.dir, "weir"), "./cmd/weir")
		cmd.Dir = testkit.Root(t)
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = errors.New(err.Error() + "\n" + string(out))
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "weir")
}

// TestMain removes the binary. Started as a child, it is a program that does not end (see interrupt_test.go).
func TestMain(m *testing.M) {
	if os.Getenv(stubbornEnv) != "" {
		stubborn()
	}
	code := m.Run()
	if built.dir != "" {
		if err := os.RemoveAll(built.dir); err != nil {
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// serveControl answers on a control socket with a status; stop ends it, done tells when.
func serveControl(t *testing.T, l net.Listener, done chan<- error) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &fake{docs: sshDocs, search: sshSummary, status: control.Status{Running: true, PID: 4711}}
	go func() { done <- control.Serve(ctx, l, b) }()
	return cancel
}

// call runs the program and returns what it said.
func call(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	var out, msg bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &msg
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), msg.String(), exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return out.String(), msg.String(), 0
}

// built is the program that end-to-end tests run.
var built struct {
	sync.Once
	dir string
	err error
}

// watched keeps what is written and tells when a word of it has come.
type watched struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	want  string
	ready chan struct{}
	once  sync.Once
}

// Write implements io.Writer.
func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(b)
	if strings.Contains(w.buf.String(), w.want) {
		w.once.Do(func() { close(w.ready) })
	}
	return len(b), nil
}

func (w *watched) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}
