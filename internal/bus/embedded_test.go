package bus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"weir/internal/config"
)

// openBus starts a bus with one partition a topic and ends it with the test.
func openBus(t testing.TB, dir string, change func(*config.Bus)) *Bus {
	t.Helper()
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Embedded.MinFree, cfg.Embedded.Sync = 1, 0, false
	if change != nil {
		change(&cfg)
	}
	b, err := Open(t.Context(), cfg, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// client makes a client that ends with the test, before the bus does.
func client(t testing.TB, b *Bus, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := b.Client(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestALowDiskHoldsProducersAndCommits(t *testing.T) {
	b := openBus(t, t.TempDir(), nil)
	b.embedded.stopGuard() // else it would look at the real disk
	producer, err := b.Producer()
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	admin := kadm.NewClient(client(t, b))
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: b.Topic(RawSyslog), At: 7})

	b.embedded.holdForDisk(1<<20, 1<<30)
	if got := b.Holding(); got != "disk" {
		t.Fatalf("holding %q, want disk", got)
	}
	acked := make(chan error, 100)
	for i := range 100 {
		producer.Produce(t.Context(), &kgo.Record{Topic: b.Topic(RawSyslog), Value: fmt.Append(nil, i)}, func(_ *kgo.Record, err error) { acked <- err })
	}
	short, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if err := producer.Flush(short); !errors.Is(err, context.DeadlineExceeded) || len(acked) > 0 {
		t.Fatalf("%d records were acknowledged on a full disk (%v)", len(acked), err)
	}
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = b.Topic("archive"), -1
	topic, p := kmsg.NewOffsetCommitRequestTopic(), kmsg.NewOffsetCommitRequestTopicPartition()
	topic.Topic, p.Offset = b.Topic(RawSyslog), 7
	topic.Partitions = append(topic.Partitions, p)
	req.Topics = append(req.Topics, topic)
	resp, handled, done := b.embedded.holdCommit(req)
	if handled != nil || !done {
		t.Fatalf("the commit was passed on: %v", handled)
	}
	answer := resp.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0]
	if !kerr.IsRetriable(kerr.ErrorForCode(answer.ErrorCode)) {
		t.Errorf("a commit on a full disk was answered with code %d", answer.ErrorCode)
	}

	b.embedded.holdForDisk(2<<30, 1<<30)
	if got := b.Holding(); got == "disk" {
		t.Error("holding for the disk although it has space")
	}
	if err := producer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := <-acked; err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.CommitAllOffsets(t.Context(), b.Topic("archive"), offsets); err != nil {
		t.Errorf("a commit after the disk had space: %v", err)
	}
	recs, err := b.ReadBack(t.Context(), b.Topic(RawSyslog), 0, 100, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range recs {
		if string(r.Value) != fmt.Sprint(i) {
			t.Fatalf("record %d holds %s: waiting changed the order", i, r.Value)
		}
	}
}

// TestTheRealDiskIsAsked pins the bound of the reserve: a machine with a small disk, or a mad configuration, must not be
// held for ever.
func TestTheRealDiskIsAsked(t *testing.T) {
	b := openBus(t, t.TempDir(), func(c *config.Bus) { c.Embedded.MinFree = 1 })
	b.embedded.stopGuard()
	b.embedded.noDisk.Store(true)
	b.embedded.checkDisk()
	if b.embedded.noDisk.Load() {
		t.Error("one free byte is asked for, and the disk counts as full")
	}
	b.embedded.dir = filepath.Join(b.embedded.dir, "gone")
	b.embedded.noDisk.Store(true)
	b.embedded.checkDisk()
	if !b.embedded.noDisk.Load() {
		t.Error("a disk that cannot be asked changed what was known")
	}
	b.embedded.dir = filepath.Dir(b.embedded.dir)
}

func TestAdmit(t *testing.T) {
	id := [16]byte{7}
	topic := func(name string, id [16]byte, sizes ...int) kmsg.ProduceRequestTopic {
		t := kmsg.NewProduceRequestTopic()
		t.Topic, t.TopicID = name, id
		for i, n := range sizes {
			p := kmsg.NewProduceRequestTopicPartition()
			p.Partition, p.Records = int32(i), make([]byte, n)
			t.Partitions = append(t.Partitions, p)
		}
		return t
	}
	for _, tc := range []struct {
		name string
		req  []kmsg.ProduceRequestTopic
		want bool
		left int64 // of the first partition
	}{
		{"takes its bytes", []kmsg.ProduceRequestTopic{topic("a", [16]byte{}, 40)}, true, 60},
		{"passes the bound by one batch", []kmsg.ProduceRequestTopic{topic("a", [16]byte{}, 140)}, true, -40},
		{"by the topic's id", []kmsg.ProduceRequestTopic{topic("", id, 40)}, true, 60},
		{"one partition is full", []kmsg.ProduceRequestTopic{topic("a", [16]byte{}, 10, 10)}, false, 100},
		{"the second topic is full", []kmsg.ProduceRequestTopic{topic("a", [16]byte{}, 10), topic("full", [16]byte{}, 1)}, false, 100},
		{"a topic that is not weir's", []kmsg.ProduceRequestTopic{topic("other", [16]byte{}, 10)}, true, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := &embedded{names: map[[16]byte]string{id: "a"}, poke: make(chan struct{}, 1),
				rooms: map[part]int64{{"a", 0}: 100, {"a", 1}: 0, {"full", 0}: -3}}
			req := kmsg.NewPtrProduceRequest()
			req.Topics = tc.req
			if got := e.admit(req); got != tc.want {
				t.Errorf("admitted %v", got)
			}
			if got := e.rooms[part{"a", 0}]; got != tc.left {
				t.Errorf("%d bytes left, want %d", got, tc.left)
			}
			if poked := len(e.poke) == 1; poked == tc.want || e.waiting == tc.want {
				t.Errorf("the guard was asked to look: %v, waiting %v", poked, e.waiting)
			}
		})
	}
}

func TestConfigurationIsIssuedAgainAtEveryStart(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Default().Bus
	cfg.Partitions = 1
	open := func() *Bus {
		b, err := Open(t.Context(), cfg, dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// Somebody turned on retention by time: a week later an idle topic would be emptied, and begin at offset 0 again.
	b := open()
	hour := "3600000"
	if _, err := b.admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &hour}}, b.Topic(Events)); err != nil {
		t.Fatal(err)
	}
	b.Close()
	b = open()
	defer b.Close()
	for _, topic := range embeddedTopics() {
		confs, err := b.admin.DescribeTopicConfigs(t.Context(), b.Topic(topic.Name))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, c := range confs[0].Configs {
			got[c.Key] = c.MaybeValue()
		}
		if got["retention.ms"] != "-1" || got["retention.bytes"] != "-1" {
			t.Errorf("%s: retention.ms %s, retention.bytes %s; want -1 for both", topic.Name, got["retention.ms"], got["retention.bytes"])
		}
		if policy := got["cleanup.policy"]; strings.Contains(policy, "compact") {
			t.Errorf("%s is compacted", topic.Name)
		}
	}
}

func TestFilesLeavesForeignNamesOut(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "log", "partitions", "weir.events-0")
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"00000000000000000200.dat": 3, "00000000000000000000.dat": 5, "00000000000000000000.idx": 9, "x.dat": 9} {
		if err := os.WriteFile(filepath.Join(at, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := &embedded{dir: dir}
	if got, want := e.files("weir.events", 0), []logFile{{0, 5}, {200, 3}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := e.files("weir.events", 1); got != nil {
		t.Errorf("a partition that was never written to has %v", got)
	}
}

// TestTheLayoutOfTheLog fails when another version of the broker keeps its files elsewhere: trimming and bounds would
// see an empty log then.
func TestTheLayoutOfTheLog(t *testing.T) {
	b := openBus(t, t.TempDir(), nil)
	c := client(t, b, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: b.Topic(Events), Value: make([]byte, 5000)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	files := b.embedded.files(b.Topic(Events), 0)
	if len(files) != 1 || files[0].base != 0 || files[0].size < 100 {
		t.Errorf("the log of one record is %v", files)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		name, dir, listen, want string
		begin                   func() context.Context
	}{
		{"the folder is a file", file, "", "making the broker's folder", t.Context},
		{"no such address", t.TempDir(), "192.0.2.1:9", "opening the Kafka port", t.Context},
		{"the start is broken off", t.TempDir(), "", "listing topics", func() context.Context { return over }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config.Default().Bus
			cfg.Embedded.KafkaListen = tc.listen
			b, err := Open(tc.begin(), cfg, tc.dir, slog.New(slog.DiscardHandler))
			if err == nil {
				b.Close()
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("%v", err)
			}
			if _, err := os.Stat(filepath.Join(tc.dir, "kafka.sock")); err == nil || !errors.Is(err, fs.ErrNotExist) && tc.dir != file {
				t.Errorf("the socket was left behind: %v", err)
			}
		})
	}
}

func TestTheBrokersWarningsArePassedOn(t *testing.T) {
	var out strings.Builder
	l := kfakeLog{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	l.Logf(kfake.LogLevelError, "broken %d", 1)
	l.Logf(kfake.LogLevelWarn, "odd %d", 2)
	l.Logf(kfake.LogLevelInfo, "chatter")
	l.Logf(kfake.LogLevelDebug, "more of it")
	got := out.String()
	if !strings.Contains(got, `level=ERROR msg="embedded broker" message="broken 1"`) || !strings.Contains(got, `level=WARN msg="embedded broker" message="odd 2"`) || strings.Count(got, "\n") != 2 {
		t.Errorf("log:\n%s", got)
	}
}
