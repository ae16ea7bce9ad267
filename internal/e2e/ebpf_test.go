package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/internal/testkit"
)

// watching starts a weir that records TCP connections, or skips where this machine does not let it.
func watching(t *testing.T, settings ...string) *weir {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		testkit.Skip(t, "ebpf", "curl is not installed")
	}
	w := newWeir(t, append([]string{"WEIR_INPUTS_EBPF_ENABLED=true"}, settings...)...)
	w.start()
	w.logs("msg=ready", time.Minute) // what its inputs say comes before
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, "the eBPF input is off") {
			testkit.Skip(t, "ebpf", line)
		}
	}
	return w
}

// curl calls an address and returns the process that did.
func curl(t *testing.T, code int, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("curl", append([]string{"-s", "--max-time", "60"}, args...)...)
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%v: exit code %d, want %d\n%s", cmd.Args, got, code, out)
	}
	return cmd
}

// TestEBPF_curlIsSeen: a real client of a real server is found by what the kernel saw of both ends.
func TestEBPF_curlIsSeen(t *testing.T) {
	w := watching(t)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = rw.Write(make([]byte, 10_000)) // curl reads to the end
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	cmd := curl(t, 0, "-o", "/dev/null", "-H", "Connection: close", server.URL+"/a")
	docs := w.waitFor("destination.port: "+port, 2)
	if len(docs) != 2 {
		t.Fatalf("%d documents: %v", len(docs), docs)
	}
	client, other := docs[0], docs[1]
	if field(client, "process.name") != "curl" {
		client, other = other, client
	}
	host, _ := os.Hostname()
	for path, want := range map[string]string{
		"process.name": "curl", "process.pid": strconv.Itoa(cmd.Process.Pid), "process.executable": cmd.Path, "process.command_line": strings.Join([]string{
			"curl", "-s", "--max-time", "60", "-o", "/dev/null", "-H", `"Connection: close"`, server.URL + "/a"}, " "),
		"process.parent.pid": strconv.Itoa(os.Getpid()), "user.id": strconv.Itoa(os.Getuid()),
		"network.direction": "egress", "network.transport": "tcp", "destination.ip": "127.0.0.1", "source.ip": "127.0.0.1", "source.port": field(other, "source.port"),
		"network.community_id": field(other, "network.community_id"), "source.bytes": field(other, "source.bytes"), "destination.bytes": field(other, "destination.bytes"),
		"event.module": "ebpf", "event.dataset": "ebpf.tcp", "event.action": "connection-closed", "event.outcome": "success", "weir.tcp.end": "closed",
		"weir.tcp.retransmits": "0", "host.name": host, "log.source.address": host, "weir.input": "ebpf",
	} {
		if got := field(client, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if n, _ := strconv.Atoi(field(client, "destination.bytes")); n < 10_000 {
		t.Errorf("%d bytes came", n)
	}
	if rtt := field(client, "weir.tcp.rtt.smoothed_us"); rtt == "" || rtt == "0" {
		t.Errorf("round trip time %q", rtt)
	}
	if field(other, "process.pid") != strconv.Itoa(os.Getpid()) || field(other, "network.direction") != "ingress" {
		t.Errorf("the server: %v", other)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().(*net.TCPAddr)
	l.Close()
	curl(t, 7, "http://"+closed.String())
	doc := w.waitFor(fmt.Sprintf("destination.port: %d and process.name: curl", closed.Port), 1)[0]
	if field(doc, "weir.tcp.end") != "refused" || field(doc, "event.outcome") != "failure" || field(doc, "weir.tcp.error") != "ECONNREFUSED" {
		t.Errorf("a closed port: %v", doc)
	}
	// Asking weir is a connection too, to its console, and not recorded at weir's end.
	w.ready()
	for _, doc := range w.search("process.pid: "+strconv.Itoa(w.pid()), 10) {
		t.Errorf("weir recorded itself: %v", doc["message"])
	}
	w.stop()
	w.devices()
}

// TestEBPF_filters: what the configuration leaves out is not there, and what drop_if takes is counted.
func TestEBPF_filters(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	left := httptest.NewServer(http.NotFoundHandler())
	defer left.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	_, ignored, _ := net.SplitHostPort(left.Listener.Addr().String())
	w := watching(t, "WEIR_INPUTS_EBPF_IGNORE_PORTS="+ignored, `WEIR_INPUTS_EBPF_DROP_IF=network.direction == "ingress"`)
	curl(t, 0, "-o", "/dev/null", "-H", "Connection: close", left.URL)
	curl(t, 0, "-o", "/dev/null", "-H", "Connection: close", server.URL)
	w.waitFor("destination.port: "+port, 1)
	w.stop()
	if docs := w.search("destination.port: "+port, 10); len(docs) != 1 || field(docs[0], "process.name") != "curl" {
		t.Errorf("%d documents: %v", len(docs), docs)
	}
	if docs := w.search("destination.port: "+ignored, 10); len(docs) != 0 {
		t.Errorf("a port that is left out: %v", docs)
	}
	if sum := w.devices(); sum.Filtered < 1 {
		t.Errorf("nothing was filtered: %+v", sum)
	}
}

// TestEBPF_withoutRightsTheRestRuns: one warning says why and what to do, and logs are received.
func TestEBPF_withoutRightsTheRestRuns(t *testing.T) {
	w := newWeir(t, "WEIR_INPUTS_EBPF_ENABLED=true")
	if os.Getuid() == 0 {
		asNobody(t, w)
	}
	w.start()
	w.logs("msg=ready", time.Minute)
	if n := strings.Count(w.log.String(), "the eBPF input is off"); n != 1 {
		t.Errorf("said %d times:\n%s", n, w.log)
	}
	says(t, w.log.String(), "level=WARN", "CAP_BPF and CAP_PERFMON are missing", "do=", "all else runs")
	udp, err := net.Dial("udp", w.syslog())
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	if _, err := fmt.Fprint(udp, "<13>Nov 21 12:00:00 h app: still here"); err != nil {
		t.Fatal(err)
	}
	w.waitFor("message: still", 1)
	w.stop()
}
