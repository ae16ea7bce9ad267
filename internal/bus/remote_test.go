package bus_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/fault"
)

// remoteConfig is a bus on k with two partitions.
func remoteConfig(k *kafka) config.Bus {
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Embedded.MinFree = 2, 0
	k.use(nil)(&cfg)
	return cfg
}

func admin(t *testing.T, b *bus.Bus) *kadm.Client {
	t.Helper()
	c, err := b.Client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return kadm.NewClient(c)
}

func TestRemote_TopicsAreMadeAndFoundAgain(t *testing.T) {
	k, dir := startKafka(t), t.TempDir()
	for range 2 {
		b, err := bus.Open(t.Context(), remoteConfig(k), filepath.Join(dir, "bus"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		list, err := b.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, topic := range list {
			if topic.Partitions != b.Partitions(topic.Name) || topic.Bytes != 0 {
				t.Errorf("%s has %d partitions and %d bytes", topic.Name, topic.Partitions, topic.Bytes)
			}
		}
		confs, err := admin(t, b).DescribeTopicConfigs(t.Context(), b.Topic(bus.Events), b.Topic(bus.DeadLetters))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{b.Topic(bus.Events): "604800000", b.Topic(bus.DeadLetters): "2592000000"} {
			rc, err := confs.On(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, c := range rc.Configs {
				got[c.Key] = c.MaybeValue()
			}
			if got["retention.ms"] != want || got["cleanup.policy"] != "delete" || got["max.message.bytes"] != "16842752" || got["min.insync.replicas"] != "1" {
				t.Errorf("%s: %v", name, got)
			}
		}
		if why := b.Holding(); why != "" {
			t.Errorf("a real Kafka is held for %s", why)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "bus")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an embedded broker left its folder: %v", err)
	}
}

func TestRemote_TopicsThatDoNotFitAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name, topic string
		partitions  int32
		want        string // topic of the fault; "" if it fits
	}{
		{"too few", "weir.events", 1, "weir.events"},
		{"as many", "weir.events", 2, ""},
		{"one with more, others missing", "weir.raw.syslog", 4, ""},
		{"single", "weir.ledger", 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := startKafka(t)
			cfg := remoteConfig(k)
			cfg.Prefix = "other."
			other, err := bus.Open(t.Context(), cfg, t.TempDir(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			if _, err := admin(t, other).CreateTopic(t.Context(), tc.partitions, 1, nil, tc.topic); err != nil {
				t.Fatal(err)
			}
			b, err := bus.Open(t.Context(), remoteConfig(k), t.TempDir(), slog.New(slog.DiscardHandler))
			if err == nil {
				defer b.Close()
			}
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				list, err := b.List(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if list[0].Name == "raw.syslog" && list[0].Partitions != list[2].Partitions {
					t.Errorf("raw.syslog has %d partitions, events %d", list[0].Partitions, list[2].Partitions)
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != "kafka-partitions" || f.Where != tc.want || !strings.Contains(f.Do, "weir topics resize 2 --yes") || f.Exit != fault.ExitMissing {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestRemote_UnreachableSaysWhyForEachBroker(t *testing.T) {
	k := startKafka(t)
	cfg := remoteConfig(k)
	hangUp, err := net.Listen("tcp", "127.0.0.1:0") // something else that listens there
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp.Close()
	go func() {
		for {
			c, err := hangUp.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	cfg.Brokers = []string{hangUp.Addr().String(), k.addr}
	b, err := bus.Open(t.Context(), cfg, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("one of two brokers is there: %v", err)
	}
	b.Close()
	k.stop()
	_, err = bus.Open(t.Context(), cfg, t.TempDir(), slog.New(slog.DiscardHandler))
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != "kafka-unreachable" || f.Exit != fault.ExitMissing || f.Do == "" {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(f.Why, k.addr+": connection refused") || !strings.Contains(f.Why, hangUp.Addr().String()+": ") {
		t.Errorf("why: %s", f.Why)
	}
	t.Log(f.Why)
}

func asFault(err error) *fault.Error {
	f, _ := errors.AsType[*fault.Error](err)
	return f
}
