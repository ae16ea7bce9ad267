package bind

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHolder reads a made-up /proc: the port of a client's connection, a port of another program, a process that is
// not ours to look into.
func TestHolder(t *testing.T) {
	proc := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(proc, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	write("net/tcp", head+
		"   0: 0100007F:158A 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 100 1\n"+
		"   1: 0100007F:158A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1\n")
	write("net/tcp6", head+"   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 106 1\n")
	write("net/udp", head+"  10: 00000000:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 102 2 0 0\nshort line\n")
	for pid, p := range map[string]struct{ comm, socket string }{"7": {"client", "100"}, "812": {"rsyslogd", "101"}, "900": {"syslog-ng", "102"}, "33": {"web", "106"}} {
		write(pid+"/comm", p.comm+"\n")
		write(pid+"/fd/x", "")
		if err := os.Symlink("socket:["+p.socket+"]", filepath.Join(proc, pid, "fd", "3")); err != nil {
			t.Fatal(err)
		}
	}
	write("5/comm", "secret\n") // without fd, as another user's would be
	for _, tt := range []struct {
		name, network string
		port          int
		who           string
		pid           int
		ok            bool
	}{
		{"listener, not the client", "tcp", 5514, "rsyslogd", 812, true},
		{"udp", "udp", 5514, "syslog-ng", 900, true},
		{"ipv6", "tcp", 8080, "web", 33, true},
		{"nobody", "tcp", 9999, "", 0, false},
		{"nobody, no udp6", "udp", 9999, "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, pid, ok := Holder(proc, tt.network, tt.port)
			if who != tt.who || pid != tt.pid || ok != tt.ok {
				t.Errorf("%q %d %v", who, pid, ok)
			}
		})
	}
}
