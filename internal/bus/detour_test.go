package bus

import (
	"log/slog"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/bus/produce"
	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/record"
	"weir/internal/testkit"
)

// TestDetour_TurnsBackOnlyUnderTheLanesLock: a batch that is being numbered may not have its first half in the spool and
// its second half in Kafka before it.
func TestDetour_TurnsBackOnlyUnderTheLanesLock(t *testing.T) {
	addr, data := testkit.FreePort(t), t.TempDir()
	run := func() *kfake.Cluster {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(int(netip.MustParseAddrPort(addr).Port())), kfake.DataDir(data))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	kafka := run()
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Brokers, cfg.Spool.After = 1, []string{addr}, unit.Duration(100*time.Millisecond)
	cfg.Embedded.MinFree = 0
	b, err := Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	d, err := OpenDoor(b, record.Ing{Ingester: "a", Start: 1}, nobodyCounts{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	kafka.Close()
	stored := make(chan error, 1)
	if err := d.Emit(RawSyslog)(t.Context(), []record.Raw{{Value: []byte("x"), Received: time.Now()}}, func(err error) { stored <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-stored; err != nil {
		t.Fatal(err)
	}
	way := d.lanes[RawSyslog][0]
	way.mu.Lock()
	kafka = run()
	defer kafka.Close()
	for range 30 { // longer than the way back takes
		if !way.detour.spooling { // written under the lock that is held here
			t.Fatal("the lane turned back while somebody else had its lock")
		}
		time.Sleep(20 * time.Millisecond)
	}
	way.mu.Unlock()
	for end := time.Now().Add(2 * time.Minute); d.Waiting() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the lane never turned back")
		}
	}
}

type nobodyCounts struct{}

func (nobodyCounts) Published(string, int)       {}
func (nobodyCounts) Refused(string, string, int) {}

// TestDetour_Stuck: only records that wait can be late.
func TestDetour_Stuck(t *testing.T) {
	client, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1")) // nobody answers there
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	b := &Bus{cfg: config.Default().Bus, log: slog.New(slog.DiscardHandler)}
	w, err := b.writer(client, "t", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	d := &detour{spool: &spool{}, kafka: w}
	if d.stuck() {
		t.Error("stuck with nothing to send")
	}
	w.Write(lines{"x"}, 0, 1)
	d.spool.after = time.Hour
	if d.stuck() {
		t.Error("stuck at once")
	}
	time.Sleep(30 * time.Millisecond)
	d.spool.after = 20 * time.Millisecond
	if !d.stuck() {
		t.Error("not stuck after Kafka was silent for longer than it may")
	}
	if (&detour{spool: d.spool}).stuck() {
		t.Error("a partition without a lane is stuck")
	}
}

// lines are records that nobody asks about.
type lines []string

func (l lines) Record(i int, r *produce.Record) {
	r.Value, r.Headers = []byte(l[i]), []byte{0}
}
func (lines) Settled(int, int, error) {}
