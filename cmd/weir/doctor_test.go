package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/control"
)

func TestDoctor(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	free := []string{"WEIR_INPUTS_SYSLOG_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_TLS_LISTEN=127.0.0.1:0", "WEIR_INPUTS_SYSLOG_RELP_LISTEN=", "WEIR_BUS_EMBEDDED_MIN_FREE=0"}
	s := shell{terminal: 100, env: append(free, "WEIR_CONSOLE_LISTEN="+l.Addr().String())}
	out, msg, code := s.run(t, "doctor")
	if code != 3 || !strings.Contains(out, "fail  console         "+l.Addr().String()+" is taken\n                      do  sudo ss -lnp") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if strings.Contains(out, "skip") || !strings.Contains(msg, "1 failed; 2 not needed by this configuration (-v shows them)") {
		t.Errorf("%s\n%s", out, msg)
	}
	s.env = append(free, "WEIR_CONSOLE_LISTEN=127.0.0.1:0")
	if out, _, code := s.run(t, "doctor", "-v"); code != 0 || !strings.Contains(out, "skip  syslog relp     off\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, _, _ = s.run(t, "doctor", "--json")
	if !strings.HasPrefix(out, `{"state":"ok","name":"data folder","text":"./weir-data is not there yet; weir up makes it"}`+"\n") {
		t.Errorf("--json: %s", out)
	}
}

// TestDoctor_Running: ports that the weir of the folder has are no fault.
func TestDoctor_Running(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := control.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	stop := serveControl(t, l, done)
	out, _, code := shell{terminal: 100, env: []string{"WEIR_BUS_EMBEDDED_MIN_FREE=0"}}.run(t, "doctor", "--data", dir)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if code != 0 || !strings.Contains(out, "in use by the weir that runs here (pid 4711)") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, control.SocketName)); err == nil {
		t.Error("the socket is left")
	}
}
