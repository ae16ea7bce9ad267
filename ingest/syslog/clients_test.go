package syslog

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/testkit"
)

// program finds a real client, or skips.
func program(t *testing.T, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if err != nil {
		for _, dir := range []string{"/usr/sbin", "/sbin"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return filepath.Join(dir, name)
			}
		}
		testkit.Skip(t, "servers", name+" is not installed")
	}
	return file
}

func hostPort(t *testing.T, addr string) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// TestRsyslog runs a real rsyslogd that forwards one file of numbered lines in every way it can.
func TestRsyslog(t *testing.T) {
	rsyslogd := program(t, "rsyslogd")
	for _, module := range []string{"omrelp", "lmnsd_gtls", "imfile"} {
		if found, _ := filepath.Glob("/usr/lib/*/rsyslog/" + module + ".so"); len(found) == 0 {
			testkit.Skip(t, "servers", "rsyslog's module "+module+" is not installed")
		}
	}
	const n = 3000
	r := start(t, local())
	dir := t.TempDir()
	input := filepath.Join(dir, "lines")
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "number %d of an application\n", i)
	}
	if err := os.WriteFile(input, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Each way has a queue that holds all lines, in memory: rsyslog gives up what does not fit into one after two seconds.
	action := func(proto, kind, extra string) string {
		host, port := hostPort(t, r.addr(proto))
		return fmt.Sprintf(`action(type="%s" target="%s" port="%s" template="plain" %s queue.type="LinkedList" queue.size="10000" action.resumeRetryCount="-1" action.resumeInterval="1")`+"\n", kind, host, port, extra)
	}
	conf := fmt.Sprintf(`global(workDirectory="%s" defaultNetstreamDriverCAFile="%s")
module(load="imfile" mode="polling" pollingInterval="1")
module(load="omrelp")
template(name="plain" type="string" string="<13>1 2024-05-06T07:08:09Z host app - - - %%msg%%")
input(type="imfile" File="%s" Tag="app" ruleset="out")
ruleset(name="out") {
%s}
`, dir, filepath.Join(r.opts.Dir, ownCert), input, action("udp", "omfwd", `protocol="udp"`)+
		action("tcp", "omfwd", `protocol="tcp" TCP_Framing="octet-counted"`)+
		action("tls", "omfwd", `protocol="tcp" TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"`)+
		action("relp", "omrelp", `windowSize="2000"`))
	file := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	var out logText
	cmd := exec.Command(rsyslogd, "-n", "-f", file, "-i", filepath.Join(dir, "pid"))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("udp %d, tcp %d, tls %d, relp %d; %+v", len(r.door.values("udp")), len(r.door.values("tcp")), len(r.door.values("tls")), len(r.door.values("relp")), r.Counts())
			t.Logf("rsyslogd says:\n%s\nweir says:\n%s", &out, r.log)
		}
	})
	for _, proto := range []string{"udp", "tcp", "tls", "relp"} {
		t.Run(proto, func(t *testing.T) {
			eventually(t, "every line came, or the kernel says that it dropped it", func() bool {
				came := len(r.door.values(proto))
				if proto == "udp" {
					came += r.counts.get(func(c *counts) int { return c.kernel })
				}
				return came >= n
			})
			seen := map[string]int{}
			for _, v := range r.door.values(proto) {
				seen[v]++
			}
			for i := range n {
				line := fmt.Sprintf("<13>1 2024-05-06T07:08:09Z host app - - - number %d of an application", i)
				if seen[line] != 1 && proto != "udp" {
					t.Fatalf("line %d came %d times", i, seen[line])
				}
			}
			if len(seen) > n {
				t.Errorf("%d different records of %d", len(seen), n)
			}
		})
	}
}

// TestRsyslog_LosesNothingOverRestarts: omrelp sends while the source is stopped and started.
func TestRsyslog_LosesNothingOverRestarts(t *testing.T) {
	rsyslogd := program(t, "rsyslogd")
	if found, _ := filepath.Glob("/usr/lib/*/rsyslog/omrelp.so"); len(found) == 0 {
		testkit.Skip(t, "servers", "rsyslog's module omrelp is not installed")
	}
	const n = 20_000
	cfg := local()
	slow := func() *running {
		r := start(t, cfg)
		r.door.set(func(d *frontDoor) { d.delay = 10 * time.Millisecond }) // so that there is something to interrupt
		return r
	}
	cfg.RELP.Listen = testkit.FreePort(t)
	r := slow()
	dir := t.TempDir()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "number %d\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "lines"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	host, port := hostPort(t, cfg.RELP.Listen)
	// A window below rsyslog's batch of 1,024 would make librelp wait 200 ms inside a corked socket at every window.
	conf := fmt.Sprintf(`global(workDirectory="%s")
module(load="imfile" mode="polling" pollingInterval="1")
module(load="omrelp")
template(name="plain" type="string" string="<13>%%msg%%")
input(type="imfile" File="%s/lines" Tag="app" ruleset="out")
ruleset(name="out") {
action(type="omrelp" target="%s" port="%s" template="plain" windowSize="2000" action.resumeRetryCount="-1" action.resumeInterval="1")
}
`, dir, dir, host, port)
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(rsyslogd, "-n", "-f", filepath.Join(dir, "conf"), "-i", filepath.Join(dir, "pid"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	seen := map[string]int{}
	collect := func() {
		for _, v := range r.door.values("relp") {
			seen[v]++
		}
	}
	for range 2 {
		eventually(t, "some came", func() bool { return len(r.door.values("relp")) > min(200, n-len(seen)-1) })
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		collect()
		r = slow()
	}
	eventually(t, "every line came", func() bool { collect(); return len(seen) >= n }) // some came twice
	for i := range n {
		if seen[fmt.Sprintf("<13>number %d", i)] == 0 {
			t.Fatalf("line %d is lost", i)
		}
	}
}

// TestLogger runs util-linux's logger in its ways of sending.
func TestLogger(t *testing.T) {
	logger := program(t, "logger")
	for _, tt := range []struct {
		name, proto string
		args        []string
		part        string
	}{
		{"udp", "udp", []string{"-d"}, "<13>"},
		{"udp, RFC 3164", "udp", []string{"-d", "--rfc3164"}, "<13>"},
		{"tcp", "tcp", []string{"--tcp"}, "<13>"},
		{"tcp, octet counting, RFC 5424", "tcp", []string{"--tcp", "--octet-count", "--rfc5424"}, "<13>1 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, local())
			host, port := hostPort(t, r.addr(tt.proto))
			args := append([]string{"-n", host, "-P", port}, tt.args...)
			out, err := exec.Command(logger, append(args, "first by logger")...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			cmd := exec.Command(logger, args...)
			cmd.Stdin = strings.NewReader("second by logger\nthird by logger\n")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			eventually(t, "three records", func() bool { return len(r.door.values(tt.proto)) == 3 })
			got := r.door.values(tt.proto)
			slices.Sort(got) // each run has a connection or socket of its own
			for i, word := range []string{"first", "second", "third"} {
				if v := got[i]; !strings.HasPrefix(v, tt.part) || !strings.HasSuffix(v, word+" by logger") {
					t.Errorf("record %d: %q", i, v)
				}
			}
		})
	}
}

// TestNetcat sends a file of lines, and a single datagram, as somebody who tries weir for the first time does.
func TestNetcat(t *testing.T) {
	nc := program(t, "nc")
	r := start(t, local())
	host, port := hostPort(t, r.addr("udp"))
	_, tcp := hostPort(t, r.addr("tcp"))
	for _, tt := range []struct {
		proto string
		args  []string
		in    string
		want  []string
	}{
		{"udp", []string{"-u", "-q1", host, port}, "<34>hello weir\n", []string{"<34>hello weir"}},
		{"tcp", []string{"-q1", host, tcp}, "<34>one\n<34>two\n", []string{"<34>one", "<34>two"}},
	} {
		cmd := exec.Command(nc, tt.args...)
		cmd.Stdin = strings.NewReader(tt.in)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		r.wantValues(t, tt.proto, tt.want...)
		_ = cmd.Process.Kill() // it would wait for an answer
		_ = cmd.Wait()
	}
}
