package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
)

// crashConfig is what child and parent open the log with: small, so that files roll and are trimmed.
func crashConfig() config.Bus {
	cfg := config.Default().Bus
	small(&cfg)
	cfg.Embedded.MinFree = 0
	return cfg
}

// TestCrashChild is the process that the test below kills; alone it does nothing. It writes records without end, commits
// what it wrote for the group, and says each step only after it was acknowledged.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv("WEIR_BUS_CRASH_DIR")
	if dir == "" {
		return // run by TestRecordsAndCommitsSurviveAKill
	}
	b, err := bus.Open(t.Context(), crashConfig(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	ends, err := b.Ends(t.Context(), bus.RawSyslog)
	if err != nil {
		t.Fatal(err)
	}
	admin := kadm.NewClient(p)
	pad := make([]byte, 1024)
	for at := ends["weir.raw.syslog"][0]; ; at++ {
		rec := &kgo.Record{Topic: b.Topic(bus.RawSyslog), Value: append(fmt.Appendf(nil, "%d ", at), pad...)}
		if err := p.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
		fmt.Println("acked", rec.Offset, at)
		if at%10 == 9 {
			offsets := kadm.Offsets{}
			offsets.Add(kadm.Offset{Topic: b.Topic(bus.RawSyslog), At: at + 1})
			if err := admin.CommitAllOffsets(t.Context(), b.Topic("normalise"), offsets); err != nil {
				t.Fatal(err)
			}
			fmt.Println("committed", at+1, at+1)
		}
	}
}

// runAndKill runs the child until it has written n records, kills it with a signal that nothing can catch, and returns
// what it said last.
func runAndKill(t *testing.T, dir string, n int) (acked, committed int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrashChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), "WEIR_BUS_CRASH_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked, committed = -1, -1
	lines, seen := bufio.NewScanner(out), 0
	for lines.Scan() {
		var what string
		var offset, number int64
		if _, err := fmt.Sscan(lines.Text(), &what, &offset, &number); err != nil {
			continue // of the testing package
		}
		if offset != number {
			t.Errorf("record %d was written at offset %d", number, offset)
		}
		switch what {
		case "acked":
			acked = offset
			if seen++; seen == n {
				_ = cmd.Process.Kill()
			}
		case "committed":
			committed = offset
		}
	}
	_ = cmd.Wait() // it says that it was killed
	if seen < n {
		t.Fatalf("the child ended by itself after %d records", seen)
	}
	return acked, committed
}

// TestRecordsAndCommitsSurviveAKill kills the broker's process several times. What was acknowledged is there, what was
// committed is committed, no offset comes twice, and what was trimmed before stays out of the way: a crash forgets where
// the log began, so the guard must trim again.
//
// A second process on the same folder is no case here: the application holds a lock on its data folder.
func TestRecordsAndCommitsSurviveAKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bus")
	for round := range 3 {
		acked, committed := runAndKill(t, dir, 700)
		b, err := bus.Open(t.Context(), crashConfig(), dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ends, err := b.Ends(t.Context(), bus.RawSyslog)
		if err != nil {
			t.Fatal(err)
		}
		end := ends["weir.raw.syslog"][0]
		if end <= acked {
			t.Fatalf("round %d: record %d was acknowledged, the log ends at %d", round, acked, end)
		}
		recs, err := b.ReadBack(t.Context(), b.Topic(bus.RawSyslog), 0, end, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range recs {
			var number int64
			if _, err := fmt.Sscan(string(r.Value), &number); err != nil || number != r.Offset {
				t.Fatalf("round %d: at offset %d stands record %d (%v)", round, r.Offset, number, err)
			}
		}
		c, err := b.Client()
		if err != nil {
			t.Fatal(err)
		}
		offsets, err := kadm.NewClient(c).FetchOffsets(t.Context(), b.Topic("normalise"))
		if o, ok := offsets.Lookup("weir.raw.syslog", 0); err != nil || !ok || o.At < committed || o.At > end {
			t.Errorf("round %d: %d was committed, the group stands at %d (%v)", round, committed, o.At, err)
		}
		c.Close()
		deadline := time.Now().Add(time.Minute)
		for committed > 600 && records(t, b, bus.RawSyslog).Records > 600 {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: %d records are in the log again, of which all but %d were committed", round, records(t, b, bus.RawSyslog).Records, end-committed)
			}
			time.Sleep(20 * time.Millisecond)
		}
		b.Close()
	}
}
