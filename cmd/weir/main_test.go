package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"weir/internal/control"
)

func TestProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	if out, _, code := call(t, dir, "version"); code != 0 || !strings.HasPrefix(out, "weir ") {
		t.Errorf("version: exit %d, %s", code, out)
	}
	if _, msg, code := call(t, dir, "serach"); code != 2 || !strings.Contains(msg, "weir search") {
		t.Errorf("wrong command: exit %d, %s", code, msg)
	}
	if _, msg, code := call(t, dir, "search", "x"); code == 0 || !strings.HasPrefix(msg, "error[") {
		t.Errorf("no data: exit %d, %s", code, msg)
	}
}

// TestProgram_Socket searches through the control socket of another process.
func TestProgram_Socket(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	stop := serveControl(t, l, done)
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	out, msg, code := call(t, dir, "search", "x", "--data", dir, "--json")
	if code != 0 || out != strings.Join(sshDocs, "\n")+"\n" || msg != "" {
		t.Errorf("exit %d, %s, %s", code, out, msg)
	}
}

// TestProgram_ClosedPipe: `weir explain | head -1` ends with 0 and says nothing.
func TestProgram_ClosedPipe(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd := exec.Command(program(t), "explain")
	var msg bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &msg
	err = cmd.Run()
	w.Close()
	if err != nil || msg.Len() > 0 {
		t.Errorf("%v, %s", err, msg.String())
	}
}
