package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"weir/internal/testkit"
)

// tool returns the path of a client program, or skips.
func tool(t testing.TB, name string) string {
	t.Helper()
	for _, place := range []string{name, filepath.Join("/usr/sbin", name)} {
		if path, err := exec.LookPath(place); err == nil {
			return path
		}
	}
	testkit.Skip(t, "servers", name+" is not installed")
	return ""
}

// needRoot skips for ordinary users.
func needRoot(t testing.TB) {
	t.Helper()
	needE2E(t)
	if os.Getuid() != 0 {
		testkit.Skip(t, "root", "the test changes users or mounts a disk")
	}
}

// runTool runs a client to its end and returns what it printed.
func runTool(t testing.TB, stdin, name string, args ...string) string {
	t.Helper()
	out, err := tryTool(t, stdin, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// tryTool is runTool for a client that may be refused.
func tryTool(t testing.TB, stdin, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool(t, name), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// startDaemon starts a sender that stays in the foreground; it is ended with the test.
func startDaemon(t testing.TB, name string, args ...string) {
	t.Helper()
	var out output
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
		_ = cmd.Wait()                          // how it ended does not matter: what it sent does
		if t.Failed() {
			t.Logf("%s said:\n%s", name, out.String())
		}
	})
}

// address splits host and port for command lines.
func address(t testing.TB, addr string) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// write writes a file, or adds to one.
func write(t testing.TB, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// rsyslogd starts a real one that follows a file and hands its lines to one action; it returns the file.
func rsyslogd(t testing.TB, w *weir, action string) (file string) {
	t.Helper()
	modules, _ := filepath.Glob("/usr/lib/*/rsyslog/*.so") // the pattern is right
	have := strings.Join(modules, " ")
	for _, need := range []struct{ text, module, pkg string }{{"omrelp", "omrelp.so", "rsyslog-relp"}, {"gtls", "lmnsd_gtls.so", "rsyslog-gnutls"}} {
		if strings.Contains(action, need.text) && !strings.Contains(have, need.module) {
			testkit.Skip(t, "servers", need.pkg+" is not installed")
		}
	}
	dir := t.TempDir()
	file = filepath.Join(dir, "in.log")
	conf := fmt.Sprintf("global(workDirectory=%q defaultNetstreamDriverCAFile=%q)\nmodule(load=\"imfile\")\nmodule(load=\"omrelp\")\ninput(type=\"imfile\" File=%q Tag=\"e2e:\")\n%s\n",
		dir, filepath.Join(w.dir, "tls", "syslog.crt"), file, action)
	name := filepath.Join(dir, "rsyslog.conf")
	write(t, name, conf)
	startDaemon(t, "rsyslogd", "-n", "-f", name, "-i", filepath.Join(dir, "pid"))
	return file
}

// syslogNG starts a real one that follows a file and hands its lines to one destination; it returns the file.
func syslogNG(t testing.TB, destination string) (file string) {
	t.Helper()
	version := ""
	for line := range strings.Lines(runTool(t, "", "syslog-ng", "--version")) {
		if v, ok := strings.CutPrefix(line, "Config version: "); ok {
			version = strings.TrimSpace(v)
		}
	}
	dir := t.TempDir()
	file = filepath.Join(dir, "in.log")
	write(t, file, "")
	name := filepath.Join(dir, "syslog-ng.conf")
	write(t, name, fmt.Sprintf("@version: %s\noptions { stats-freq(0); };\nsource s { file(%q follow-freq(0.1) flags(no-parse) program-override(\"e2e\")); };\ndestination d { %s };\nlog { source(s); destination(d); };\n",
		version, file, destination))
	startDaemon(t, "syslog-ng", "-F", "-f", name, "--persist-file="+filepath.Join(dir, "persist"), "--control="+filepath.Join(dir, "ctl"), "--pidfile="+filepath.Join(dir, "pid"))
	return file
}
