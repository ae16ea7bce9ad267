package e2e

import (
	"bufio"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/bus"
	"weir/internal/config"
)

// TestKill_Correlate kills the process ten times while it counts.
func TestKill_Correlate(t *testing.T) {
	w := newWeir(t)
	list := stateful(t, w.dir)
	l := newLogins(min(killCount(t), 20_000))
	w.start()
	ctx := within(t, 10*time.Minute)
	p := &pace{n: l.n, breaks: kills}
	sending := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(sending)
		l.send(ctx, t, w.relp(), func(i int) { p.before(ctx, i) })
	})
	killed := w.killWhile(sending, p)
	wg.Wait()
	caughtUp(t, w)
	log := w.stop()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log of the last process:\n%s", log)
		}
	})
	t.Logf("%d lines, killed %d times", l.n, killed)
	if killed < kills {
		t.Errorf("killed %d times, want %d", killed, kills)
	}
	w.proveStored(list, w.loginDocs(l.n))
}

// lag is how many records the stages of a process have not taken, or have taken and not kept.
func (w *weir) lag() (records int, ok bool) {
	resp, err := http.Get("http://" + w.port["CONSOLE_LISTEN"] + "/metrics")
	if err != nil {
		return 0, false
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), "} "); strings.HasPrefix(name, "weir_stage_lag_records{") && !strings.Contains(name, `stage="archive"`) {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return 0, false
			}
			records, ok = records+int(n), true
		}
	}
	return records, ok
}

// caughtUp waits until the processes have taken everything, and the state of correlation is written. The marks of idle
// workers go on coming: a few records are always on their way.
func caughtUp(t *testing.T, list ...*weir) {
	t.Helper()
	rounds := 0
	eventually(t, 3*time.Minute, "everything is taken", func() bool {
		for _, w := range list {
			if n, ok := w.lag(); !ok || n > 20 {
				rounds = 0
				return false
			}
		}
		time.Sleep(500 * time.Millisecond)
		rounds++
		return rounds > 6 // what one stage has taken is on its way to the next
	})
}

// TestKafka_Correlate has the partitions of the signals move between two processes on a real Kafka: one is killed or stopped
// and comes again.
func TestKafka_Correlate(t *testing.T) {
	kafka := startServer(t, "kafka", "--heap", "512m")
	c := newCluster(t, kafka, nil, "proof-correlate.", "WEIR_LEDGER_INTERVAL=2s", "WEIR_ARCHIVE_EPOCH_AGE=5s")
	ingest := c.process("ingest", "", "WEIR_INPUTS_SYSLOG_ENABLED=true")
	rest := c.process("normalise,archive,console", "")
	one, two := c.process("correlate", ""), c.process("correlate", "")
	list := stateful(t, rest.dir, one.dir, two.dir)
	for _, w := range c.started {
		w.start()
	}
	l := newLogins(min(killCount(t), 20_000))
	ctx := within(t, 10*time.Minute)
	p := &pace{n: l.n, breaks: 4}
	sending := make(chan struct{})
	go func() {
		defer close(sending)
		l.send(ctx, t, ingest.relp(), func(i int) {
			if i%max(l.n/400, 1) == 0 { // a minute in all
				time.Sleep(150 * time.Millisecond)
			}
			p.before(ctx, i)
		})
	}()
	moves := 0
	for rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1)); ; moves++ {
		w := []*weir{one, two}[moves%2]
		select {
		case <-sending:
		case <-time.After(time.Duration(500+rnd.IntN(2500)) * time.Millisecond):
			if rnd.IntN(2) == 0 {
				w.kill()
			} else {
				w.stop()
			}
			time.Sleep(time.Duration(rnd.IntN(1000)) * time.Millisecond)
			w.start()
			p.broken.Add(1)
			continue
		}
		break
	}
	eventually(t, 2*time.Minute, "all that was received is in the archive", func() bool {
		rows, _ := rest.ledger()
		var stored, waiting int64
		for _, r := range rows {
			stored, waiting = stored+r.Stored, waiting+r.InFlight
		}
		return stored >= int64(l.n) && waiting == 0
	})
	caughtUp(t, rest, one, two)
	c.stop()
	t.Logf("%d lines, %d times a process went and came", l.n, moves)
	if moves < 4 {
		t.Errorf("processes moved %d times only", moves)
	}
	reader := &weir{t: t, bin: rest.bin, dir: c.data}
	docs := reader.loginDocs(l.n)
	cfg := config.Default().Bus
	cfg.Brokers, cfg.Prefix, cfg.Partitions = strings.Split(kafka.addrs, ","), c.prefix, 2
	b, err := bus.Open(within(t, 30*time.Second), cfg, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	proveAll(t, list, docs, b)
}
