package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/testkit/relpclient"
)

// killCount is N of the kill test: small in CI, the full number where WEIR_KILL_N asks for it.
func killCount(t testing.TB) int {
	t.Helper()
	if s := os.Getenv("WEIR_KILL_N"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 20_000
}

// kills is how often the process is killed while it receives.
const kills = 10

// message number i, as it is sent.
func message(i int) []byte {
	return fmt.Appendf(nil, "<38>%s web-%d sshd[%d]: Failed password for root from 203.0.113.%d port %d ssh2 wseq=%08d",
		time.Now().Format(time.Stamp), i%5, 1000+i%100, i%250, 1024+i%60000, i)
}

var seqPattern = regexp.MustCompile(`wseq=(\d{8})`)

// stored counts how often each number is in the archive.
func (w *weir) stored(n int) []int {
	w.t.Helper()
	counts := make([]int, n)
	w.each("event.dataset: system.auth and event.kind: event", 10*n, func(doc map[string]any) {
		m := seqPattern.FindStringSubmatch(field(doc, "event.original"))
		if m == nil {
			w.t.Fatalf("a stored event without a number: %v", doc)
		}
		i, err := strconv.Atoi(m[1])
		if err != nil || i >= n {
			w.t.Fatalf("number %s was never sent", m[1])
		}
		counts[i]++
	})
	return counts
}

// rawRecords counts what was ever written to the raw topic: its offsets never restart.
func (w *weir) rawRecords() int64 {
	w.t.Helper()
	cfg := config.Default().Bus
	b, err := bus.Open(within(w.t, 20*time.Second), cfg, filepath.Join(w.dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	defer b.Close()
	ends, err := b.Ends(within(w.t, 10*time.Second), bus.RawSyslog)
	if err != nil {
		w.t.Fatal(err)
	}
	var n int64
	for _, end := range ends[b.Topic(bus.RawSyslog)] {
		n += end
	}
	return n
}

// killWhile kills and restarts the process at random moments until sending is over, and tells the sender's pace.
func (w *weir) killWhile(sending <-chan struct{}, p *pace) int {
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	done := 0
	for done < kills {
		select {
		case <-sending:
			return done
		case <-time.After(time.Duration(50+rng.IntN(700)) * time.Millisecond):
		}
		p.starting.Store(true)
		w.kill()
		done++
		p.broken.Add(1)
		w.start()
		p.starting.Store(false)
	}
	return done
}

// pace has a sender send n messages in about the time that ten kills take, and keeps it from being through before what it sends
// to was broken as often as it is to be.
type pace struct {
	n, breaks int
	broken    atomic.Int64
	starting  atomic.Bool // what was broken is not ready yet
	meanwhile int         // messages since then
}

// before waits as long as message i has to. While the process starts there are few, however long that takes: there must be
// enough left to be broken.
func (p *pace) before(ctx context.Context, i int) {
	wait := func(until func() bool) {
		for !until() && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
	}
	if every := max(p.n/2000, 1); i%every == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	if p.meanwhile++; !p.starting.Load() {
		p.meanwhile = 0
	}
	if p.meanwhile > p.n/80 {
		wait(func() bool { return !p.starting.Load() })
	}
	wait(func() bool { return p.broken.Load() >= int64(i*(p.breaks+1)/p.n) })
}

// relpWhileKilled sends n numbered lines by RELP to a weir that is killed again and again meanwhile. before is called before
// each line.
func (w *weir) relpWhileKilled(n int, before func(i int)) (client *relpclient.Client, killed int) {
	t := w.t
	t.Helper()
	client, err := relpclient.Dial(within(t, time.Minute), w.relp(), 500)
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t, 10*time.Minute)
	p := &pace{n: n, breaks: kills}
	sending := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(sending)
		for i := range n {
			p.before(ctx, i)
			before(i)
			if err := client.Send(ctx, i, message(i)); err != nil {
				t.Errorf("sending %d: %v", i, err)
				return
			}
		}
	})
	killed = w.killWhile(sending, p)
	wg.Wait()
	if err := client.Close(ctx); err != nil {
		t.Fatal(err)
	}
	return client, killed
}

// TestKill_RELP: what was acknowledged is stored, with no more copies than frames were sent again; from the raw topic
// on it is exact; the ledger balances.
func TestKill_RELP(t *testing.T) {
	w := newWeir(t)
	n := killCount(t)
	w.start()
	client, killed := w.relpWhileKilled(n, func(int) {})
	report := client.Report()
	w.stop()
	counts := w.stored(n)
	lost, copies, excess := 0, 0, 0
	for i, c := range counts {
		m := report.Messages[i]
		if m.Acked && c == 0 {
			lost++
		}
		copies += max(c-1, 0)
		if c > m.Frames {
			excess++
		}
	}
	w.showKill("RELP", n, killed, lost, copies, excess)
	if lost > 0 || excess > 0 {
		t.Errorf("%d acknowledged numbers are not stored, %d are stored more often than they were sent", lost, excess)
	}
	if killed < kills {
		t.Errorf("killed %d times, want %d", killed, kills)
	}
	w.checkBalance(counts)
}

// TestKill_TCP: plain TCP has no answer, so what was not read is lost with the process; what was read and written to
// the raw topic is stored exactly once.
func TestKill_TCP(t *testing.T) {
	w := newWeir(t)
	n := killCount(t)
	w.start()
	ctx := within(t, 10*time.Minute)
	p := &pace{n: n, breaks: kills}
	sending := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(sending)
		sendOctets(ctx, t, w.syslog(), p)
	})
	killed := w.killWhile(sending, p)
	wg.Wait()
	w.stop()
	counts := w.stored(n)
	missing, twice := 0, 0
	for _, c := range counts {
		if c == 0 {
			missing++
		}
		if c > 1 {
			twice++
		}
	}
	w.showKill("TCP", n, killed, 0, twice, 0)
	t.Logf("TCP: %d numbers were never read: they were in a socket when the process was killed", missing)
	if twice > 0 {
		t.Errorf("%d numbers, each sent once, are stored more than once", twice)
	}
	w.checkBalance(counts)
}

// sendOctets sends each number of a pace once over octet-counted TCP, connecting again after a break.
func sendOctets(ctx context.Context, t *testing.T, addr string, p *pace) {
	var conn net.Conn
	for i := 0; i < p.n && ctx.Err() == nil; {
		if conn == nil {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			conn = c
		}
		p.before(ctx, i)
		msg := message(i)
		if _, err := fmt.Fprintf(conn, "%d %s", len(msg), msg); err != nil {
			_ = conn.Close()
			conn = nil
		}
		i++ // a failed write may have arrived: it is never sent twice
	}
	if conn != nil {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

// checkBalance compares the raw topic, the archive and the ledger.
func (w *weir) checkBalance(counts []int) {
	w.t.Helper()
	rows := int64(0)
	for _, c := range counts {
		rows += int64(c)
	}
	raw := w.rawRecords()
	led, balanced := w.ledger()
	var dup, dead, filtered, split, stored int64
	for source, r := range led {
		if source != auditSource {
			dup, dead, filtered, split, stored = dup+r.Duplicate, dead+r.Dead, filtered+r.Filtered, split+r.Split, stored+r.Stored
		}
	}
	w.t.Logf("rows in the archive %d = raw records %d + split %d - duplicates %d - filtered %d - dead letters %d", rows, raw, split, dup, filtered, dead)
	if rows != raw+split-dup-filtered-dead || stored != rows {
		w.t.Errorf("the terms do not add up; the ledger says stored %d", stored)
	}
	if !balanced {
		w.t.Errorf("the ledger does not balance: %+v", led)
	}
}

func (w *weir) showKill(how string, n, killed, lost, copies, excess int) {
	w.t.Logf("%s: sent %d, killed %d times, acknowledged and lost %d, copies %d, copies beyond what was sent again %d", how, n, killed, lost, copies, excess)
}
