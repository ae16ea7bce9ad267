package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nobody is an ordinary user that owns nothing.
var nobody = &syscall.Credential{Uid: 65534, Gid: 65534}

// asNobody runs w's commands as an ordinary user, in a folder that this user can reach and write.
func asNobody(t testing.TB, w *weir) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // only its owner may pass otherwise
		t.Fatal(err)
	}
	if err := os.Chown(dir, int(nobody.Uid), int(nobody.Gid)); err != nil {
		t.Fatal(err)
	}
	w.user, w.dir = nobody, filepath.Join(dir, "data")
}

// TestFault_PortTaken: each listener names who has its port and which setting changes it.
func TestFault_PortTaken(t *testing.T) {
	first := newWeir(t)
	first.start()
	for _, tc := range []struct{ name, setting string }{
		{"syslog", "INPUTS_SYSLOG_LISTEN"}, {"TLS", "INPUTS_SYSLOG_TLS_LISTEN"}, {"RELP", "INPUTS_SYSLOG_RELP_LISTEN"}, {"console", "CONSOLE_LISTEN"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, port := address(t, first.port[tc.setting])
			w := newWeir(t, "WEIR_"+tc.setting+"="+first.port[tc.setting])
			says(t, w.fails(3, "up"), "error[port-in-use]", port, fmt.Sprintf("pid %d", first.pid()), "WEIR_"+tc.setting)
		})
	}
	first.stop()
}

func TestFault_KafkaPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWeir(t)
	says(t, w.fails(3, "up", "--kafka-listen", l.Addr().String()), "error[port-in-use]", fmt.Sprintf("pid %d", os.Getpid()))
}

func TestFault_KafkaPortOpenToTheNetworkIsRefused(t *testing.T) {
	says(t, newWeir(t).fails(2, "up", "--kafka-listen", "0.0.0.0:9292"), "kafka", "0.0.0.0")
}

func TestFault_Port514(t *testing.T) {
	needRoot(t)
	if b, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start"); err != nil || strings.TrimSpace(string(b)) != "1024" {
		t.Skipf("this kernel lets everybody have low ports: %s", b)
	}
	w := newWeir(t)
	asNobody(t, w)
	says(t, w.fails(3, "up", "--standard-ports"), "error[port-not-permitted]", "514", "setcap")
}

func TestFault_Folder(t *testing.T) {
	needRoot(t)
	w := newWeir(t)
	asNobody(t, w)
	w.dir = filepath.Join(t.TempDir(), "data") // below a folder of root
	says(t, w.fails(3, "up"), "error[folder-unusable]", w.dir, "chown", "65534")

	other := newWeir(t)
	asNobody(t, other)
	other.start()
	other.stop()
	if err := os.Chmod(filepath.Join(other.dir, "LOCK"), 0); err != nil {
		t.Fatal(err)
	}
	says(t, other.fails(3, "up"), "error[folder-unusable]", other.dir, "65534")
}

func TestFault_FolderIsAFile(t *testing.T) {
	w := newWeir(t)
	write(t, w.dir, "not a folder")
	says(t, w.fails(2, "up"), "error[data-unusable]", w.dir, "is a regular file")
}

// TestFault_Configuration: every mistake in one run, each with its place.
func TestFault_Configuration(t *testing.T) {
	w := newWeir(t)
	name := filepath.Join(t.TempDir(), "weir.yaml")
	write(t, name, "inputs:\n  syslog:\n    limti: 3000\nbus:\n  lingr: 5ms\n")
	for _, args := range [][]string{{"up", "--config", name}, {"config", "check", name}} {
		says(t, w.fails(2, args...), name+":3:5", "unknown key `limti`", "limti: 3000", "^^^^^", "did you mean `limit`?", name+":5:3", "did you mean `linger`?")
	}
	if _, err := os.Stat(w.dir); err == nil {
		t.Error("a data folder was made for a configuration that is wrong")
	}
	// A variable may belong to somebody else, so it is only warned of.
	bad := newWeir(t, "WEIR_INPUTS_SYSLOG_LIMTI=5")
	says(t, bad.fails(0, "config", "show"), "WEIR_INPUTS_SYSLOG_LIMTI", "did you mean WEIR_INPUTS_SYSLOG_LIMIT?")
}

// TestFault_Rules: a broken rule file is named with its place and the others run; a good one works without a restart.
func TestFault_Rules(t *testing.T) {
	w := newWeir(t)
	w.start()
	rules := filepath.Join(w.dir, "rules")
	if err := os.MkdirAll(rules, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(rules, "broken.yaml"), "id: e2e-broken\ntitle: Broken\nlevel: low\nwhne: message == \"x\"\n")
	w.logs("broken.yaml:4:1", 10*time.Second)
	says(t, w.log.String(), "whne")
	write(t, filepath.Join(rules, "good.yaml"), "id: e2e-good\ntitle: A marker was seen\nlevel: high\nwhen: icontains(message, \"e2emarker\")\nexplain: \"a marker of {{log.source.address}}\"\n")
	eventually(t, 20*time.Second, "an alert of the new rule", func() bool {
		acknowledged(t, w, "e2emarker", 1)
		return strings.Contains(w.run("alerts", "list", "--json"), "e2e-good")
	})
	// What shipped still runs beside the broken one.
	conn, err := net.Dial("tcp", w.syslog())
	if err != nil {
		t.Fatal(err)
	}
	stamp := time.Now().Format(time.Stamp)
	for range 6 {
		fmt.Fprintf(conn, "<86>%s web-1 sshd[4711]: Failed password for root from 203.0.113.5 port 40117 ssh2\n", stamp)
	}
	fmt.Fprintf(conn, "<86>%s web-1 sshd[4711]: Accepted password for root from 203.0.113.5 port 40121 ssh2\n", stamp)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "an alert of a shipped rule", func() bool {
		return strings.Contains(w.run("alerts", "list", "--json"), "ssh-brute-force")
	})
	for line := range strings.Lines(w.run("alerts", "list", "--json")) {
		var a struct{ ID, Rule, What string }
		if err := json.Unmarshal([]byte(line), &a); err != nil || a.ID == "" || a.What == "" {
			t.Errorf("%v in %s", err, line)
		}
	}
	w.stop()
	w.devices()
}
