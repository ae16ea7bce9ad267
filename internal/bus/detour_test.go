package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/record"
)

// TestDetour_TurnsBackOnlyUnderTheLanesLock: a batch that is being numbered may not have its first half in the spool and
// its second half in Kafka before it.
func TestDetour_TurnsBackOnlyUnderTheLanesLock(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port, data := l.Addr().(*net.TCPAddr).Port, t.TempDir()
	_ = l.Close()
	run := func() *kfake.Cluster {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(data))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	kafka := run()
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Brokers, cfg.Spool.After = 1, []string{fmt.Sprintf("127.0.0.1:%d", port)}, config.Duration(100*time.Millisecond)
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
		if way.detour.direct != nil {
			t.Fatal("the lane turned back while somebody else had its lock")
		}
		time.Sleep(20 * time.Millisecond)
	}
	way.mu.Unlock()
	for end := time.Now().Add(10 * time.Second); d.Waiting() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the lane never turned back")
		}
	}
}

type nobodyCounts struct{}

func (nobodyCounts) Published(string, int)       {}
func (nobodyCounts) Refused(string, string, int) {}

func TestDetour_Landed(t *testing.T) {
	gone := errors.New("client closed")
	for _, tc := range []struct {
		name    string
		leaving bool
		err     error
		back    bool
	}{
		{"acknowledged", false, nil, false},
		{"acknowledged at the last moment", true, nil, false},
		{"failed while the lane stays", false, gone, false},
		{"given back", true, gone, true},
		{"put off by Kafka while the lane leaves", true, kerr.NotEnoughReplicas, true},
		{"refused by Kafka for good while the lane leaves", true, kerr.MessageTooLarge, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := &detour{out: 1, leaving: tc.leaving}
			d.wake = sync.NewCond(&d.mu)
			rec := &kgo.Record{Headers: []kgo.RecordHeader{{Key: record.HeaderIng, Value: []byte("a/1/42")}}}
			told := 0
			d.landed(rec, tc.err, func(r *kgo.Record, err error) {
				told++
				if r != rec || !errors.Is(err, tc.err) {
					t.Errorf("told %v of another record", err)
				}
			})
			if d.out != 0 || (told == 0) != tc.back || (len(d.back) == 1) != tc.back {
				t.Errorf("%d out, told %d times, %d came back", d.out, told, len(d.back))
			}
			if tc.back && d.back[0].seq != 42 {
				t.Errorf("sequence %d", d.back[0].seq)
			}
		})
	}
}

func TestDetour_Stuck(t *testing.T) {
	long := time.Now().Add(-time.Hour)
	for _, tc := range []struct {
		name  string
		out   int
		moved time.Time
		want  bool
	}{
		{"nothing waits", 0, long, false},
		{"acknowledged a moment ago", 5, time.Now(), false},
		{"silent", 5, long, true},
	} {
		d := &detour{spool: &spool{after: time.Minute}, out: tc.out, moved: tc.moved}
		if got := d.stuck(); got != tc.want {
			t.Errorf("%s: stuck %v", tc.name, got)
		}
	}
}
