package e2e

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/keep"
	"weir/internal/ledger"
	"weir/internal/pipeline"
	"weir/internal/record"
)

// heldWorker takes nothing until it is let go, then counts every record.
type heldWorker struct {
	letGo <-chan struct{}
	take  func(*record.Raw)
}

func (h *heldWorker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	select {
	case <-h.letGo:
	case <-ctx.Done():
		return ctx.Err()
	}
	var raw record.Raw
	for _, rec := range batch {
		if err := bus.ReadRaw(rec, &raw); err != nil {
			return err
		}
		h.take(&raw)
	}
	done(nil)
	return nil
}

func (h *heldWorker) Close() {}

// TestLag: a group stands still while senders have three times the log's bound to give. They are made to wait, the log
// keeps its bound, and in the end the group has read everything that was acknowledged.
func TestLag(t *testing.T) {
	needE2E(t)
	const bound, size = 4 << 20, 1000
	const n = 3 * bound / size
	dir := t.TempDir()
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Embedded.MaxBytes, cfg.Embedded.MinFree, cfg.InFlight = 2, bound, 0, 256<<10
	b, err := bus.Open(t.Context(), cfg, filepath.Join(dir, "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	self, err := keep.NextStart(filepath.Join(dir, "ingester.json"))
	if err != nil {
		t.Fatal(err)
	}
	door, err := bus.OpenDoor(b, self, ledger.NewBook(self, 10))
	if err != nil {
		t.Fatal(err)
	}

	letGo := make(chan struct{})
	var mu sync.Mutex
	seen := map[uint64]int{}
	runner, err := pipeline.Start(pipeline.Stage{
		Name: "normalise", Group: cfg.Prefix + "normalise", Topics: []string{b.Topic(bus.RawSyslog)}, Client: b.Client, Log: slog.New(slog.DiscardHandler),
		New: func(context.Context, string, int32, int64) (pipeline.Worker, error) {
			return &heldWorker{letGo, func(r *record.Raw) { mu.Lock(); seen[r.Ing.Seq]++; mu.Unlock() }}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var acked atomic.Int64
	sending := make(chan struct{})
	go func() { // ends when everything was taken over; waited for below
		defer close(sending)
		emit := door.Emit(bus.RawSyslog)
		rng := rand.NewChaCha8([32]byte{7})
		for range n / 20 {
			batch := make([]record.Raw, 20)
			for i := range batch {
				value := make([]byte, size)
				_, _ = rng.Read(value) // never fails
				batch[i] = record.Raw{Value: value, Received: time.Now(), Peer: netip.MustParseAddrPort("192.0.2.1:514"), Proto: "relp", Input: "syslog"}
			}
			if err := emit(t.Context(), batch, func(err error) {
				if err == nil {
					acked.Add(int64(len(batch)))
				}
			}); err != nil {
				t.Errorf("emitting: %v", err)
				return
			}
		}
	}()
	eventually(t, 30*time.Second, "senders that wait", func() bool { return b.Holding() == "log" })
	// One of the two partitions is full: the other takes what is its own until it is too.
	held := settled(t, "the number of acknowledged records", acked.Load)
	logged := folderSize(t, filepath.Join(dir, "bus", "log"))
	if logged > bound || held >= n/2 {
		t.Errorf("a log of %d bytes holds %d; %d of %d records are acknowledged", bound, logged, held, n)
	}
	time.Sleep(time.Second)
	if got := acked.Load(); got != held {
		t.Errorf("%d records were acknowledged while the group stood still", got-held)
	}
	close(letGo)
	select {
	case <-sending:
	case <-time.After(2 * time.Minute):
		t.Fatal("senders still wait")
	}
	if err := door.Close(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	ends, err := b.Ends(t.Context(), bus.RawSyslog)
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.CatchUp(within(t, time.Minute), ends); err != nil {
		t.Fatal(err)
	}
	runner.Stop(within(t, 10*time.Second))
	mu.Lock()
	defer mu.Unlock()
	missing := 0
	for seq := range uint64(n / 20 * 20) {
		if seen[seq+1] == 0 {
			missing++
		}
	}
	t.Logf("%d records of %d bytes through a log of %d MiB; %d acknowledged when the senders were held; %d acknowledged and %d read in the end", n, size, bound>>20, held, acked.Load(), len(seen))
	if missing > 0 || acked.Load() != n/20*20 {
		t.Errorf("%d records were never read, %d of %d acknowledged", missing, acked.Load(), n)
	}
}
