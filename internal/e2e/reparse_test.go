package e2e

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
)

// redone is the summary of a run, as --json prints it.
type redone struct {
	Run                                                 string
	Tried, Stored, Unchanged, Failed, Filtered, Skipped int64
	FailedBy                                            map[string]int64 `json:"failed_by"`
	SkippedBy                                           map[string]int64 `json:"skipped_by"`
	Stopped                                             bool
}

// redo runs reparse or redrive to its end. Failures are counted, and are no failure of the test.
func (w *weir) redo(args ...string) (sum redone) {
	w.t.Helper()
	out, _ := w.command(append(args, "--json")...).Output() // its exit code says whether something failed again
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil || sum.Run == "" {
		w.t.Fatalf("weir %s: %v\n%s\n%s", strings.Join(args, " "), err, out, w.log)
	}
	return sum
}

// redoKilled starts a run again and again and kills weir in the middle of it, later as long as nothing was written until then;
// at last it lets one come to its end. It says how many documents the runs had written after each kill, so that one sees that it
// was the middle.
func (w *weir) redoKilled(kills int, most time.Duration, args ...string) redone {
	w.t.Helper()
	var written []int64
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	for range kills {
		cmd := w.command(args...)
		if err := cmd.Start(); err != nil {
			w.t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }() // it says that weir is gone, or is through
		select {
		case <-ended:
		case <-time.After(most/10 + time.Duration(rng.Int64N(int64(most)))):
		}
		w.kill()
		<-ended
		w.start()
		n := w.count("weir.revised.run: *")
		if written = append(written, n); n == 0 {
			most += most / 2
		}
	}
	w.t.Logf("written after each kill: %v", written)
	return w.redo(args...)
}

// count returns how many events a query finds.
func (w *weir) count(kql string, more ...string) int64 {
	w.t.Helper()
	out := w.run(append([]string{"search", kql, "--json", "--top", "event.kind"}, more...)...)
	var n int64
	for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		var v struct{ Count int64 }
		if line != "" && json.Unmarshal([]byte(line), &v) == nil {
			n += v.Count
		}
	}
	return n
}

// sum adds up the ledger of one source, which must be balanced with all others.
func (w *weir) sum(source string) (row ledgerRow) {
	w.t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(w.run("ledger", "--json", "--source", source)), "\n") {
		var r ledgerRow
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		row.add(r)
	}
	w.run("ledger") // its exit code tells of a difference
	return row
}

// TestReparse_Killed: a run that is killed ten times with kill -9 ends with one revision of each event that differs, and
// the first record of each as it was.
func TestReparse_Killed(t *testing.T) {
	n := killCount(t)
	w := newWeir(t, "WEIR_INPUTS_SYSLOG_TIME_ZONE=UTC")
	w.start()
	conn, err := net.Dial("tcp", w.syslog())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	day, zoned := now.Format(time.Stamp), now.Add(-time.Hour).Format(time.RFC3339)
	for i := range n { // half of them say their zone, so nothing changes for them
		stamp := day
		if i%2 == 0 {
			stamp = zoned
		}
		if _, err := fmt.Fprintf(conn, "<38>%s web-%d sshd[1]: Accepted password for kim from 192.0.2.1 port 5 ssh2 wseq=%08d\n", stamp, i%5, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	w.waitFor(fmt.Sprintf("wseq=%08d", n-1), 1)
	eventually(t, time.Minute, "all lines are stored", func() bool { return w.count("host.name: web-*") >= int64(n) })
	if sum := w.redo("reparse", "host.name: web-*", "--from", "-30d", "--to", "2100-01-01"); sum.Unchanged != int64(n) || sum.Stored != 0 || sum.Tried != int64(n) {
		t.Fatalf("nothing was changed, and the run says %+v", sum)
	}
	w.stop()
	for i, s := range w.env {
		if strings.HasPrefix(s, "WEIR_INPUTS_SYSLOG_TIME_ZONE=") {
			w.env[i] = "WEIR_INPUTS_SYSLOG_TIME_ZONE=Asia/Seoul"
		}
	}
	w.start()
	dry := w.redo("reparse", "host.name: web-*", "--from", "-30d", "--to", "2100-01-01", "--dry-run")
	if dry.Stored != int64(n/2) || dry.Unchanged != int64(n-n/2) {
		t.Errorf("without writing: %+v, want %d of %d", dry, n/2, n)
	}
	begun := time.Now()
	w.redo("reparse", "host.name: web-*", "--from", "-30d", "--to", "2100-01-01", "--as", "system.auth", "--dry-run")
	last := w.redoKilled(kills, time.Since(begun), "reparse", "host.name: web-*", "--from", "-30d", "--to", "2100-01-01")
	t.Logf("the last run: %+v", last)
	if again := w.redo("reparse", "host.name: web-*", "--from", "-30d", "--to", "2100-01-01"); again.Stored != 0 || again.Unchanged != int64(n) {
		t.Errorf("once more: %+v", again)
	}
	for kql, want := range map[string]int64{
		"host.name: web-*": int64(n), `host.name: web-* and event.timezone: "+09:00"`: int64(n / 2), `host.name: web-* and event.timezone: "+00:00"`: 0,
		"host.name: web-* and weir.revision: 2": int64(n / 2), "host.name: web-* and weir.revision > 2": 0, "host.name: web-* and weir.revision: 1": int64(n),
	} {
		if got := w.count(kql); got != want {
			t.Errorf("%s: %d events, want %d", kql, got, want)
		}
	}
	if all := w.count("host.name: web-*", "--all-revisions"); all != int64(n+n/2) {
		t.Errorf("%d revisions in all, want %d", all, n+n/2)
	}
	row := w.sum("reparse/events")
	if row.Stored != int64(n/2) || row.Difference != 0 || row.Received != row.Stored+row.Duplicate || row.InFlight != 0 {
		t.Errorf("the ledger says %+v", row)
	}
	// Without a process the files say the same.
	w.stop()
	if got := w.count(`host.name: web-* and event.timezone: "+09:00"`); got != int64(n/2) || w.count("host.name: web-*") != int64(n) {
		t.Errorf("the files say %d", got)
	}
	says(t, w.fails(3, "reparse", "*", "--from", "-1d"), "not-running", "weir up")
}

// leaveDeadLetters writes dead letters as an older weir would have left them: records that its formats failed on. bad are
// some that no format of today reads either.
func (w *weir) leaveDeadLetters(n, bad int) {
	w.t.Helper()
	cfg := config.Default().Bus
	b, err := bus.Open(within(w.t, 20*time.Second), cfg, filepath.Join(w.dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	defer b.Close()
	p, err := b.Producer()
	if err != nil {
		w.t.Fatal(err)
	}
	defer p.Close()
	var recs []*kgo.Record
	for i := range n + bad {
		reason, tags := "parser-panic", []string{}
		if i >= n { // what its input knew to be cut off is no record
			reason, tags = "object-cut", []string{"unusable"}
		}
		doc, err := json.Marshal(map[string]any{
			"@timestamp": "2026-11-20T10:00:00.000Z", "error": map[string]any{"message": "system.auth: index out of range"}, "tags": tags,
			"event": map[string]any{"created": "2026-11-20T10:00:00.000Z", "dataset": "weir.deadletter", "id": fmt.Sprintf("older/1/%d", i+1), "kind": "pipeline_error",
				"original": fmt.Sprintf("<38>2026-11-20T10:00:00Z web-1 sshd[%d]: Accepted password for kim from 192.0.2.1 port 5 ssh2 wseq=%08d", i, i)},
			"log":  map[string]any{"source": map[string]any{"address": "192.0.2.1"}},
			"weir": map[string]any{"class": "deadletters", "deadletter": map[string]any{"reason": reason, "stage": "normalise"}, "input": "syslog", "revision": 1, "time": "2026-11-20T10:00:00.000Z", "transport": "tcp"},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		recs = append(recs, &kgo.Record{Topic: b.Topic(bus.DeadLetters), Partition: 0, Value: doc, Timestamp: time.Now()})
	}
	if err := p.ProduceSync(within(w.t, time.Minute), recs...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// TestRedrive_Killed: dead letters that can be read now become events under their own ids, each once, though weir is
// killed ten times meanwhile; those that cannot stay dead letters.
func TestRedrive_Killed(t *testing.T) {
	n, bad := killCount(t)/2, 100
	w := newWeir(t)
	w.start()
	w.stop()
	w.leaveDeadLetters(n, bad)
	w.start()
	open := func() int64 { return w.count("event.dataset: weir.deadletter and not weir.deadletter.outcome: *") }
	eventually(t, time.Minute, "all dead letters are stored", func() bool { return open() >= int64(n+bad) })
	if got := open(); got != int64(n+bad) {
		t.Fatalf("%d dead letters, want %d", got, n+bad)
	}
	says(t, w.run("deadletters", "list", "--count", "--json"), fmt.Sprintf(`"reason":"parser-panic","count":%d`, n), fmt.Sprintf(`"reason":"object-cut","count":%d`, bad))
	dry := w.redo("deadletters", "redrive", "--all", "--dry-run")
	if dry.Tried != int64(n+bad) || dry.Stored != int64(n) || dry.Failed != int64(bad) || open() != int64(n+bad) {
		t.Errorf("without writing: %+v", dry)
	}
	last := w.redoKilled(kills, 400*time.Millisecond, "deadletters", "redrive", "--all")
	t.Logf("the last run: %+v", last)
	again := w.redo("deadletters", "redrive", "--all")
	if again.Stored != 0 || again.Tried != int64(bad) || again.Failed != int64(bad) || again.SkippedBy["redriven already"] != int64(n) {
		t.Errorf("once more: %+v", again)
	}
	if got := open(); got != int64(bad) {
		t.Errorf("%d dead letters are open, want %d", got, bad)
	}
	if events, every := w.count("event.dataset: system.auth and wseq"), w.count("event.dataset: system.auth and host.name: web-1", "--all-revisions"); every != int64(n) {
		t.Errorf("%d events, %d with all revisions, want %d", events, every, n)
	}
	seen := map[string]int{}
	w.each("event.dataset: system.auth and host.name: web-1", 2*n, func(doc map[string]any) { seen[field(doc, "event.id")]++ })
	for i := range n {
		if id := fmt.Sprintf("older/1/%d", i+1); seen[id] != 1 {
			t.Fatalf("%s is stored %d times", id, seen[id])
		}
	}
	row := w.sum("redrive/deadletters")
	if row.Stored != int64(n) || row.Difference != 0 || row.Received != row.Stored+row.Duplicate+row.Dead || row.InFlight != 0 {
		t.Errorf("the ledger says %+v", row)
	}
	says(t, w.run("deadletters", "show", "older/1/1"), "redriven")
	says(t, w.fails(1, "deadletters", "redrive", "--reason", "object-cut"), "100 failed")
	says(t, w.fails(2, "deadletters", "redrive"), "--all")
}
