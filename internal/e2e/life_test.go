package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/internal/testkit/relpclient"
)

// TestLife: what was sent is found while weir runs, after a stop, and after the next start, and nothing comes twice.
func TestLife(t *testing.T) {
	w := newWeir(t)
	t.Logf("first start: %v", w.start())
	logger("-T")(t, w, manyLines("life", 0, 100))
	sent := time.Now()
	w.finds(t, "life", 100)
	t.Logf("found after %v", time.Since(sent))
	said := w.stop()
	says(t, said, "balanced=true")

	w.finds(t, "life", 100) // from the files
	first := w.devices()
	t.Logf("start after a clean stop: %v", w.start())
	w.finds(t, "life", 100)
	logger("-d")(t, w, manyLines("again", 0, 50))
	w.finds(t, "again", 50)
	w.stop()
	w.finds(t, "life", 100)
	w.finds(t, "again", 50)
	if second := w.devices(); first.Stored != 100 || second.Stored != 150 || second.Received != 150 {
		t.Errorf("the ledger after the first stop: %+v, after the second: %+v", first, second)
	}
	// Who looked while no weir ran is stored by the next start.
	w.start()
	w.waitFor("event.dataset: weir.audit and event.action: search and weir.query.kql: life", 1)
	w.stop()
}

// TestLife_IdleCost logs what a weir costs that has nothing to do.
func TestLife_IdleCost(t *testing.T) {
	w := newWeir(t)
	w.start()
	time.Sleep(2 * time.Second) // what a start leaves to be done is done
	before := cpuTime(t, w.pid())
	const span = 5 * time.Second
	time.Sleep(span)
	used := cpuTime(t, w.pid()) - before
	t.Logf("idle: resident %s MiB, CPU %.2f %% of a core, binary %s MiB", mib(resident(t, w.pid())), 100*used.Seconds()/span.Seconds(), mib(size(t, w.bin)))
	w.stop()
}

func mib(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }

func size(t testing.TB, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// resident returns the bytes of memory that a process has.
func resident(t testing.TB, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "statm"))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// cpuTime returns the CPU time that a process has used.
func cpuTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b)[strings.LastIndexByte(string(b), ')')+1:])
	var ticks int64
	for _, f := range fields[11:13] { // user and system
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100 // USER_HZ is 100 on every Linux that Go runs on
}

// TestLife_SecondWeir: the second one on a folder is refused, and the first one goes on.
func TestLife_SecondWeir(t *testing.T) {
	w := newWeir(t)
	w.start()
	says(t, w.fails(3, "up"), "error[folder-in-use]", fmt.Sprintf("pid %d", w.pid()), "LOCK", "--data")
	var said struct {
		Error struct{ Code, Message, Do string }
	}
	if err := json.Unmarshal([]byte(w.fails(3, "up", "--json")), &said); err != nil || said.Error.Code != "folder-in-use" || said.Error.Do == "" {
		t.Errorf("as JSON: %+v (%v)", said, err)
	}
	logger("-T")(t, w, manyLines("second", 0, 10))
	w.finds(t, "second", 10)
	w.stop()
	w.start() // a lock ends with its process
	w.kill()
	w.start()
	w.stop()
}

func TestLife_SIGTERMEndsCleanly(t *testing.T) {
	w := newWeir(t)
	w.start()
	logger("-T")(t, w, manyLines("term", 0, 100))
	w.waitFor("term", 100)
	w.signal(syscall.SIGTERM)
	log := w.log
	if code := w.ended(30 * time.Second); code != 0 {
		t.Errorf("exit code %d:\n%s", code, log)
	}
	says(t, log.String(), "stopped", "balanced=true")
	if got := w.devices(); got.Stored != 100 {
		t.Errorf("the ledger: %+v", got)
	}
}

// TestLife_SecondCtrlC: who presses it twice does not wait; the next start goes on from the log, as after a crash.
func TestLife_SecondCtrlC(t *testing.T) {
	w := newWeir(t)
	for try := range 10 { // a stop may be over before the second one arrives
		name := fmt.Sprintf("twice%d", try)
		w.start()
		acknowledged(t, w, name, 500)
		w.signal(syscall.SIGINT)
		w.pressUntilEnded()
		switch code := w.ended(30 * time.Second); code {
		case 130:
			w.start()
			w.finds(t, name, 500)
			w.stop()
			w.devices()
			return
		case 0:
		default:
			t.Fatalf("exit code %d", code)
		}
	}
	t.Error("no second Ctrl-C ended a weir with 130")
}

// pressUntilEnded presses Ctrl-C until the process has ended: two signals that come before it looks are one.
func (w *weir) pressUntilEnded() {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		select {
		case <-w.exited:
			return
		case <-time.After(2 * time.Millisecond):
			_ = w.cmd.Process.Signal(syscall.SIGINT) // it may have ended
		}
	}
}

// acknowledged sends numbered lines by RELP and returns when all of them were acknowledged.
func acknowledged(t testing.TB, w *weir, name string, n int) {
	t.Helper()
	ctx := within(t, 60*time.Second)
	c, err := relpclient.Dial(ctx, w.relp(), 500)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := c.Send(ctx, i, fmt.Appendf(nil, "<13>%s e2e relp: from %s wseq=%08d", time.Now().Format(time.Stamp), name, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestLife_Demo: the sample minute raises its first alert within ten seconds, and it can be looked at.
func TestLife_Demo(t *testing.T) {
	w := newWeir(t)
	w.args = []string{"--demo"}
	w.start()
	begun := time.Now()
	var alert struct{ ID, Rule, Title string }
	line := ""
	eventually(t, 10*time.Second, "the first alert of the demo", func() bool {
		line, _, _ = strings.Cut(w.run("alerts", "list", "--json"), "\n")
		return line != ""
	})
	if err := json.Unmarshal([]byte(line), &alert); err != nil || alert.ID == "" {
		t.Fatalf("%v in %s", err, line)
	}
	t.Logf("first alert after %v: %s", time.Since(begun).Round(100*time.Millisecond), alert.Rule)
	says(t, w.run("alerts", "show", alert.ID), "Evidence", "Why")
	w.waitFor("event.kind: alert", 1)
	w.stop()
	w.devices()
	if w.run("alerts", "list", "--json") == "" {
		t.Error("no alert is kept after the stop")
	}
}
