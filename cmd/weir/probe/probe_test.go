package probe

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/control"
	"weir/internal/testkit"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"private": 0o700, "open": 0o755} {
		if err := os.Mkdir(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "private"):      OK,
		filepath.Join(dir, "open"):         Warn,
		filepath.Join(dir, "new"):          OK,
		file:                               Fail,
		filepath.Join(dir, "no", "parent"): Fail,
		filepath.Join(file, "below"):       Fail,
	} {
		f := probeFolder(path)
		if f.State != want || f.Text == "" || (f.Do == "") != (want == OK) {
			t.Errorf("%s: %+v, want %s", path, f, want)
		}
	}
}

func TestDisk(t *testing.T) {
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "not", "there")
	for name, x := range map[string]struct {
		minFree, log unit.Bytes
		want         string
	}{
		"room": {0, 64 << 20, OK}, "log too large": {0, 1 << 60, Warn}, "below the guard": {1 << 60, 64 << 20, Fail},
	} {
		cfg.Bus.Embedded.MinFree, cfg.Bus.Embedded.MaxBytes = x.minFree, x.log
		if f := probeDisk(cfg, nil); f.State != x.want || !strings.Contains(f.Text, "free") {
			t.Errorf("%s: %+v", name, f)
		}
	}
	cfg.Bus.Embedded.MinFree, cfg.Bus.Embedded.MaxBytes = 0, 64<<20
	if f := probeDisk(cfg, &control.Status{Stored: 1, DiskBytes: 1 << 30, Started: time.Now().Add(-24 * time.Hour)}); !strings.Contains(f.Text, "full in about") {
		t.Errorf("running: %+v", f)
	}
}

func TestPorts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// Taken for UDP, and for TCP nobody's: of the ports that the system gives away any may be a client's.
	u, err := net.ListenPacket("udp", testkit.FreePort(t))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	cfg := config.Default()
	cfg.Console.Listen = l.Addr().String()
	cfg.Inputs.Syslog.Listen = u.LocalAddr().String()
	cfg.Inputs.Syslog.TLS.Listen = "192.0.2.1:6514"
	cfg.Inputs.Syslog.RELP.Listen = ""
	got := map[string]Finding{}
	for _, f := range probePorts(cfg, nil) {
		got[f.Name] = f
	}
	for name, want := range map[string]struct{ state, text, do string }{
		"console":     {Fail, "is taken", "sudo ss -lnp"},
		"syslog udp":  {Fail, "is taken", "sudo ss -lnp"},
		"syslog tcp":  {OK, "is free", ""},
		"syslog tls":  {Fail, "is no address of this machine", "127.0.0.1"},
		"syslog relp": {Skip, "off", ""},
		"kafka":       {Skip, "off", ""},
	} {
		if f := got[name]; f.State != want.state || !strings.Contains(f.Text, want.text) || !strings.Contains(f.Do, want.do) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for _, f := range probePorts(cfg, &control.Status{PID: 4711}) {
		if f.State == Fail {
			t.Errorf("running: %+v", f)
		}
	}
	if f := portFault("syslog udp", "0.0.0.0:514", os.ErrPermission); !strings.Contains(f.Do, "setcap") || !strings.Contains(f.Text, "port 514 is not permitted") {
		t.Errorf("not permitted: %+v", f)
	}
}

func TestBufferFilesZone(t *testing.T) {
	cfg := config.Default()
	cfg.Inputs.Syslog.ReceiveBuffer = 64 << 10
	if f := probeBuffer(cfg); f.State != OK {
		t.Errorf("small buffer: %+v", f)
	}
	cfg.Inputs.Syslog.Listen = ""
	if f := probeBuffer(cfg); f.State != Skip {
		t.Errorf("no UDP: %+v", f)
	}
	cfg.Inputs.Syslog.MaxConnections = 1 << 40
	if f := probeFiles(cfg); f.State != Warn || !strings.Contains(f.Do, "ulimit") {
		t.Errorf("connections: %+v", f)
	}
	cfg.Inputs.Syslog.TimeZone = "Asia/Seoul"
	if f := probeZone(cfg, time.Now()); f.State != OK || !strings.Contains(f.Text, "Asia/Seoul") {
		t.Errorf("zone: %+v", f)
	}
}

func TestAll_NamesAreUnique(t *testing.T) {
	cfg := config.Default()
	cfg.Data = t.TempDir()
	seen := map[string]bool{}
	for _, f := range All(cfg, &control.Status{}, time.Now()) {
		if seen[f.Name] || f.State == "" || f.Text == "" {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
	}
}

// TestFolder_Words: what is wrong and the one command that helps, as they are shown.
func TestFolder_Words(t *testing.T) {
	t.Setenv("USER", "ana")
	t.Chdir(t.TempDir())
	for name, mode := range map[string]os.FileMode{"private": 0o700, "open to all": 0o755} {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Finding{
		"private":     {OK, "data folder", "private, readable only by you (0700)", ""},
		"open to all": {Warn, "data folder", "open to all is open to other users (0755)", "chmod 0700 'open to all'"},
		"new":         {OK, "data folder", "new is not there yet; weir up makes it", ""},
		"file":        {Fail, "data folder", "file is a file", "name a folder with --data"},
		"no/parent":   {Fail, "data folder", "no/parent is not there and cannot be made", "sudo install -d -m 0700 -o ana no/parent"},
		"file/below":  {Fail, "data folder", "file/below: not a directory", "give user ana the folder, or name another with --data"},
	} {
		if got := probeFolder(path); got != want {
			t.Errorf("%s: got  %+v\nwant %+v", path, got, want)
		}
	}
	t.Setenv("USER", "")
	if got := userName(); got != strconv.Itoa(os.Getuid()) {
		t.Errorf("a user without a name is %s", got)
	}
}

// TestPortFault: the command that helps follows from the reason, and an unknown reason is shown as the system says it.
func TestPortFault(t *testing.T) {
	t.Setenv("USER", "ana")
	for name, c := range map[string]struct {
		err  error
		want Finding
	}{
		"taken":         {syscall.EADDRINUSE, Finding{Fail, "syslog udp", "0.0.0.0:514 is taken", "sudo ss -lnp 'sport = :514'"}},
		"not permitted": {syscall.EACCES, Finding{Fail, "syslog udp", "port 514 is not permitted for user ana", "sudo setcap cap_net_bind_service=+ep ./weir"}},
		"not ours":      {syscall.EADDRNOTAVAIL, Finding{Fail, "syslog udp", "0.0.0.0:514 is no address of this machine", "use 127.0.0.1, 0.0.0.0, or one of: ip -br address"}},
		"anything else": {syscall.ENOBUFS, Finding{Fail, "syslog udp", "0.0.0.0:514: no buffer space available", ""}},
	} {
		err := fmt.Errorf("binding: %w", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", c.err)})
		if got := portFault("syslog udp", "0.0.0.0:514", err); got != c.want {
			t.Errorf("%s: got  %+v\nwant %+v", name, got, c.want)
		}
	}
}

// TestPorts_LetGo: what is tried is free again afterwards, for weir itself.
func TestPorts_LetGo(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		for range 2 {
			if err := tryPort(network, "127.0.0.1:0"); err != nil {
				t.Error(err)
			}
		}
		if err := tryPort(network, "127.0.0.1:99999"); err == nil || !strings.HasPrefix(err.Error(), "binding: ") {
			t.Errorf("%s: %v", network, err)
		}
	}
	cfg := config.Default()
	cfg.Inputs.Syslog.Enabled = false
	if got := probePorts(cfg, nil); len(got) != 2 {
		t.Errorf("syslog is off, and yet %+v", got)
	}
}

// TestBuffer_TooSmall: what the kernel does not grant is a warning with the command that raises the limit.
func TestBuffer_TooSmall(t *testing.T) {
	cfg := config.Default()
	cfg.Inputs.Syslog.ReceiveBuffer = 1 << 30
	f := probeBuffer(cfg)
	if f.State == OK {
		testkit.Skip(t, "machine", "this machine grants any buffer")
	}
	if f.State != Warn || !strings.HasPrefix(f.Text, "asked 1 GiB, the kernel grants ") || f.Do != "sudo sysctl -w net.core.rmem_max=1073741824" {
		t.Errorf("got %+v", f)
	}
}

// TestExisting: the room that counts is that of the nearest folder that is there.
func TestExisting(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{dir: dir, filepath.Join(dir, "a", "b", "c"): dir, filepath.Join(dir, "a", "..", "b"): dir, "/": "/", "/no/such/folder": "/"} {
		if got := existing(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
