package control

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestDial_NotRunning(t *testing.T) {
	dir := t.TempDir()
	if _, err := Dial(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("no socket: %v", err)
	}
	if _, err := Dial(filepath.Join(dir, "nothing")); !errors.Is(err, ErrNotRunning) {
		t.Errorf("no folder: %v", err)
	}
	stale(t, dir)
	if _, err := Dial(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("stale socket: %v", err)
	}
}

// stale leaves a socket behind as a killed process does.
func stale(t *testing.T, dir string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, SocketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func TestListen_ReplacesStale(t *testing.T) {
	dir := t.TempDir()
	stale(t, dir)
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen(dir); fault.Code(err) != "folder-in-use" || fault.Exit(err) != fault.ExitMissing {
		t.Errorf("a socket in use is replaced: %v", err)
	}
}

func TestListen_LongFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 100), strings.Repeat("e", 100))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, &fake{}) }()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := c.Status(t.Context()); err != nil || !st.Running {
		t.Errorf("%+v, %v", st, err)
	}
	c.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestListen_Failure: what keeps the socket from being opened is named with the folder, and leaves nothing behind.
func TestListen_Failure(t *testing.T) {
	for _, x := range []struct {
		name string
		make func(t *testing.T, dir string) string // returns the folder to listen in
		says string
	}{
		{"no folder", func(_ *testing.T, dir string) string { return filepath.Join(dir, "none") }, "no such file"},
		{"the folder is a file", func(t *testing.T, dir string) string { return touch(t, dir, "file") }, "not a directory"},
		{"a folder has the name of the remains", func(t *testing.T, dir string) string {
			touch(t, mkdir(t, dir, SocketName+".new"), "x")
			return dir
		}, "removing the remains"},
		{"a folder has the name of the socket", func(t *testing.T, dir string) string {
			touch(t, mkdir(t, dir, SocketName), "x")
			return dir
		}, "control socket"},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := x.make(t, t.TempDir())
			l, err := Listen(dir)
			if err == nil {
				l.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("got %v", err)
			}
			if _, err := os.Lstat(filepath.Join(dir, SocketName+".new")); err == nil && x.says != "removing the remains" {
				t.Error("the temporary socket is left behind")
			}
		})
	}
}

// TestListener_closeTwice: the second Close must not remove the socket of a weir that started in between.
func TestListener_closeTwice(t *testing.T) {
	dir := t.TempDir()
	first, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Close(); err == nil {
		t.Error("closed twice without an error")
	}
	c, err := Dial(dir)
	if err != nil {
		t.Fatalf("the socket of the second is gone: %v", err)
	}
	c.Close()
}

// touch makes an empty file.
func touch(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mkdir makes a folder.
func mkdir(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
