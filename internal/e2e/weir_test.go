// Package e2e starts the real binary and drives it from outside: with real clients, with kill -9, with full disks. It
// runs where WEIR_E2E=1 or WEIR_REQUIRE names servers; elsewhere one line says that it was skipped.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/internal/testkit"
)

// binary is the weir that the tests run, built once: or the one that WEIR_BIN names, to test what was built elsewhere.
var binary = sync.OnceValues(func() (string, error) {
	if name := os.Getenv("WEIR_BIN"); name != "" {
		return name, nil
	}
	name := filepath.Join(buildDir, "weir")
	out, err := exec.Command("go", "build", "-o", name, "weir/cmd/weir").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building weir: %w\n%s", err, out)
	}
	return name, nil
})

// patience is the least that a step gets that must come true: machines that test are slow at times.
const patience = 2 * time.Minute

// buildDir holds what is built for the tests, and goes with them.
var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "weir-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.Chmod(buildDir, 0o755); err != nil { // other users run it too
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(buildDir) // what stays is in the system's folder for temporary files
	os.Exit(code)
}

// needE2E skips where nobody asked for tests of the whole process.
func needE2E(t testing.TB) {
	t.Helper()
	if os.Getenv("WEIR_E2E") == "" && !testkit.Required(t, "servers") {
		t.Skip("drives the whole process: set WEIR_E2E=1")
	}
}

// weir is one data folder and the process that runs on it.
type weir struct {
	t    testing.TB
	bin  string
	dir  string
	env  []string
	verb []string // nil: up
	args []string
	port map[string]string // listener -> address

	user   *syscall.Credential // nil: as the test
	cmd    *exec.Cmd
	log    *output
	exited chan struct{}
}

// output collects what a process prints, while it is read.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// newWeir chooses ports and a folder. settings are KEY=value pairs of the environment.
func newWeir(t testing.TB, settings ...string) *weir {
	t.Helper()
	needE2E(t)
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	w := &weir{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data"), port: map[string]string{}}
	for _, name := range []string{"CONSOLE_LISTEN", "INPUTS_SYSLOG_LISTEN", "INPUTS_SYSLOG_TLS_LISTEN", "INPUTS_SYSLOG_RELP_LISTEN", "INPUTS_SNMPTRAP_LISTEN"} {
		addr := freePort(t)
		w.port[name] = addr
		w.env = append(w.env, "WEIR_"+name+"="+addr)
	}
	w.env = append(w.env, settings...)
	t.Cleanup(func() {
		if w.cmd != nil {
			w.kill()
		}
	})
	return w
}

// freePort returns an address that is free for TCP and UDP.
func freePort(t testing.TB) string {
	t.Helper()
	return testkit.FreePort(t)
}

func (w *weir) syslog() string { return w.port["INPUTS_SYSLOG_LISTEN"] }
func (w *weir) tls() string    { return w.port["INPUTS_SYSLOG_TLS_LISTEN"] }
func (w *weir) relp() string   { return w.port["INPUTS_SYSLOG_RELP_LISTEN"] }

// command makes a call of the binary on the same folder and ports.
func (w *weir) command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.bin, append(args, "--data", w.dir)...)
	cmd.Env = append(os.Environ(), w.env...)
	if w.user != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: w.user}
	}
	return cmd
}

// start starts `weir up` and waits until it is ready.
func (w *weir) start() time.Duration {
	w.t.Helper()
	begun := time.Now()
	w.launch()
	for time.Since(begun) < patience {
		select {
		case <-w.exited:
			w.t.Fatalf("weir ended at its start:\n%s", w.log)
		default:
		}
		if w.ready() {
			return time.Since(begun)
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("weir was not ready in %v:\n%s", patience, w.log)
	return 0
}

func (w *weir) launch() {
	w.t.Helper()
	verb := w.verb
	if verb == nil {
		verb = []string{"up"}
	}
	w.cmd = w.command(slices.Concat(verb, w.args)...)
	w.log = &output{}
	w.cmd.Stdout, w.cmd.Stderr = w.log, w.log
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // its outcome is asked for by those who care
		close(exited)
	}(w.cmd, w.exited)
}

func (w *weir) ready() bool {
	c, err := net.Dial("tcp", w.port["CONSOLE_LISTEN"])
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second)) // a socket that was just made
	fmt.Fprintf(c, "GET /readyz HTTP/1.0\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	return err == nil && strings.Contains(line, "200")
}

// kill ends the process as a crash would.
func (w *weir) kill() {
	_ = w.cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	<-w.exited
	w.cmd = nil
}

// stopTime is how long an orderly end may take: longer than weir gives itself.
const stopTime = 150 * time.Second

// stop ends the process as Ctrl-C would and returns what it logged.
func (w *weir) stop() string {
	w.t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
		w.t.Fatal(err)
	}
	select {
	case <-w.exited:
	case <-time.After(stopTime):
		w.t.Fatalf("weir did not stop:\n%s", w.log)
	}
	if code := w.cmd.ProcessState.ExitCode(); code != 0 {
		w.t.Fatalf("weir stopped with exit code %d:\n%s", code, w.log)
	}
	w.cmd = nil
	return w.log.String()
}

// run runs a command and returns what it printed to stdout.
func (w *weir) run(args ...string) string {
	w.t.Helper()
	cmd := w.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("weir %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

// fails runs a command that must end with an exit code and returns what it said.
func (w *weir) fails(code int, args ...string) string {
	w.t.Helper()
	cmd := w.command(args...)
	giveUp := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }) // a weir that was to be refused, and runs
	defer giveUp.Stop()
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		w.t.Errorf("weir %s: exit code %d (%v), want %d", strings.Join(args, " "), got, err, code)
	}
	return string(out)
}

// says checks that a text has every part.
func says(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

// search returns the documents of a query.
func (w *weir) search(kql string, size int) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	w.each(kql, size, func(doc map[string]any) { out = append(out, doc) })
	return out
}

// each hands over the documents of a query one by one, for answers that are too large to keep.
func (w *weir) each(kql string, size int, fn func(doc map[string]any)) {
	w.t.Helper()
	cmd := w.command("search", kql, "--json", "--size", fmt.Sprint(size))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	docs := json.NewDecoder(pipe)
	for {
		var doc map[string]any
		if err = docs.Decode(&doc); err != nil {
			break
		}
		fn(doc)
	}
	if werr := cmd.Wait(); !errors.Is(err, io.EOF) || werr != nil {
		w.t.Fatalf("weir search %s: %v, %v\n%s", kql, err, werr, stderr.Bytes())
	}
}

// waitFor asks for a query until want documents are there.
func (w *weir) waitFor(kql string, want int) []map[string]any {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		docs := w.search(kql, want+10)
		if len(docs) >= want {
			return docs
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%d of %d documents for %s\n%s", len(docs), want, kql, w.log)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// ledgerRow is what the lines of one source in `weir ledger --json` add up to: each hop has its own.
type ledgerRow struct {
	Received, Split, Stored, Duplicate, Dead, Refused, Filtered, InFlight, Difference, Repeated, Indexed, Unindexed int64
}

func (r *ledgerRow) add(o ledgerRow) {
	r.Received, r.Split, r.Stored, r.Duplicate, r.Dead = r.Received+o.Received, r.Split+o.Split, r.Stored+o.Stored, r.Duplicate+o.Duplicate, r.Dead+o.Dead
	r.Refused, r.Filtered, r.InFlight, r.Difference = r.Refused+o.Refused, r.Filtered+o.Filtered, r.InFlight+o.InFlight, r.Difference+o.Difference
	r.Repeated, r.Indexed, r.Unindexed = r.Repeated+o.Repeated, r.Indexed+o.Indexed, r.Unindexed+o.Unindexed
}

// ledger returns the rows by source and whether the ledger balances.
func (w *weir) ledger() (rows map[string]ledgerRow, balanced bool) {
	w.t.Helper()
	cmd := w.command("ledger", "--json")
	out, _ := cmd.Output() // exit code 1 says that it does not balance, and so does the last line
	rows = map[string]ledgerRow{}
	for line := range strings.Lines(string(out)) {
		var r struct {
			Source   string
			Balanced *bool
			ledgerRow
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(line, "in_flight", "inflight")), &r); err != nil {
			w.t.Fatalf("%v in %s", err, line)
		}
		if r.Balanced != nil {
			balanced = *r.Balanced
			continue
		}
		sum := rows[r.Source]
		sum.add(r.ledgerRow)
		rows[r.Source] = sum
	}
	return rows, balanced
}

// devices sums the ledger over all sources but weir's own records, and checks that it balances. Where weir runs, the counts of
// its hops come one after the other: it is asked until they agree.
func (w *weir) devices() ledgerRow {
	w.t.Helper()
	rows, balanced := w.ledger()
	for deadline := time.Now().Add(patience); w.cmd != nil && !balanced && time.Now().Before(deadline); rows, balanced = w.ledger() {
		time.Sleep(100 * time.Millisecond)
	}
	if !balanced {
		w.t.Errorf("the ledger does not balance: %+v", rows)
	}
	var sum ledgerRow
	for source, r := range rows {
		if source != auditSource {
			sum.add(r)
		}
	}
	return sum
}

// auditSource is where weir's own records come from in the ledger.
const auditSource = "audit/127.0.0.1"

// pid is the process of a weir that runs.
func (w *weir) pid() int { return w.cmd.Process.Pid }

// signal sends one to the process.
func (w *weir) signal(s syscall.Signal) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
}

// ended waits for the end of the process and returns its exit code.
func (w *weir) ended(limit time.Duration) int {
	w.t.Helper()
	select {
	case <-w.exited:
	case <-time.After(max(limit, stopTime)):
		w.t.Fatalf("weir did not end in %v:\n%s", limit, w.log)
	}
	code := w.cmd.ProcessState.ExitCode()
	w.cmd = nil
	return code
}

// logs waits until the log has a text.
func (w *weir) logs(text string, limit time.Duration) {
	w.t.Helper()
	limit = max(limit, patience)
	for deadline := time.Now().Add(limit); !strings.Contains(w.log.String(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%q is not in the log after %v:\n%s", text, limit, w.log)
		}
	}
}

// eventually asks until ok, or fails with what.
func eventually(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	limit = max(limit, patience)
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in %v: %s", limit, what)
		}
	}
}

// settled asks every two seconds until the answer is twice the same, and returns it: what was on its way has arrived then.
func settled[T comparable](t testing.TB, what string, ask func() T) T {
	t.Helper()
	last := ask()
	for deadline := time.Now().Add(patience); ; {
		time.Sleep(2 * time.Second)
		now := ask()
		if now == last {
			return now
		}
		if last = now; time.Now().After(deadline) {
			t.Fatalf("in %v it never stood still: %s", patience, what)
		}
	}
}

// field returns a value of a document by its dotted path, "" if it is not there.
func field(doc map[string]any, path string) string {
	var v any = doc
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[part]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// within bounds a step of a test.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), max(d, patience))
	t.Cleanup(cancel)
	return ctx
}
