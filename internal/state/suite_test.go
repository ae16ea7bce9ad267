package state_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/state"
	"weir/internal/testkit"
	"weir/internal/testkit/realkafka"
)

var quiet = slog.New(slog.DiscardHandler)

// places are all implementations. start prepares a place once; what it returns opens a new part of it.
var places = []struct {
	name  string
	start func(t *testing.T) (fresh func(t *testing.T) state.Opener)
}{
	{"folder", func(*testing.T) func(t *testing.T) state.Opener {
		return func(t *testing.T) state.Opener { return state.Folder(t.TempDir()+"/made/later", quiet) }
	}},
	{"topic", func(t *testing.T) func(t *testing.T) state.Opener {
		c, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return func(t *testing.T) state.Opener { return openTopic(t, c.ListenAddrs()) }
	}},
	{"kafka", func(t *testing.T) func(t *testing.T) state.Opener {
		if !testkit.Required(t, "kafka") {
			testkit.Skip(t, "kafka", "a broker is started only on demand")
		}
		brokers := realkafka.Start(t, 1).Brokers
		return func(t *testing.T) state.Opener { return openTopic(t, brokers) }
	}},
}

// behaviours are what every place must do alike.
var behaviours = []struct {
	name string
	run  func(t *testing.T, o state.Opener)
}{
	{"each store is its own", ownStores},
	{"what is loaded is what was saved", savedAndLoaded},
	{"saves are answered in order", inOrder},
	{"misuse is refused", misused},
}

func TestBehaviour(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			fresh := p.start(t)
			for _, b := range behaviours {
				t.Run(b.name, func(t *testing.T) { b.run(t, fresh(t)) })
			}
		})
	}
}

// openTopic makes a compacted topic of its own; conf are further settings of it.
func openTopic(t *testing.T, brokers []string, conf ...string) state.Opener {
	t.Helper()
	client := func(opts ...kgo.Opt) (*kgo.Client, error) {
		return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.MetadataMinAge(50 * time.Millisecond)}, opts...)...)
	}
	p, err := client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(3<<20), kgo.MaxBufferedRecords(1<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	name, str := fmt.Sprintf("state-test-%x", rand.Uint64()), func(s string) *string { return &s }
	adm := kadm.NewClient(p)
	set := map[string]*string{"cleanup.policy": str("compact"), "max.message.bytes": str("4194304")}
	for i := 0; i < len(conf); i += 2 {
		set[conf[i]] = str(conf[i+1])
	}
	resp, err := adm.CreateTopic(t.Context(), 2, 1, set, name)
	if err = errors.Join(err, resp.Err); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.Background(), name) })
	return state.Topic(state.Kafka{Topic: name, Partitions: 2, Producer: p, Client: client, Log: quiet})
}

// opened opens a store and loads it.
func opened(t testing.TB, o state.Opener, name string, partition int32) (state.Store, map[string][]byte) {
	t.Helper()
	s, err := o.Open(name, partition)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	values, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, values
}

func save(t testing.TB, s state.Store, changes ...state.Change) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := state.SaveAndWait(ctx, s, changes); err != nil {
		t.Fatal(err)
	}
}

func same(a, b map[string][]byte) bool { return maps.EqualFunc(a, b, bytes.Equal) }

func ownStores(t *testing.T, o state.Opener) {
	t.Helper()
	type place struct {
		name string
		p    int32
	}
	all := []place{{"a", 0}, {"a", 1}, {"a", 2}, {"a", 11}, {"ab", 0}, {"b", 1}} // 0, 2 and 11 share partitions of the topic
	for i, at := range all {
		s, had := opened(t, o, at.name, at.p)
		if len(had) != 0 {
			t.Fatalf("%v holds %v before anything was saved", at, had)
		}
		save(t, s, state.Change{Key: "1/k", Value: []byte(fmt.Sprint(i))}, state.Change{Key: "", Value: []byte{}})
	}
	for i, at := range all {
		if _, got := opened(t, o, at.name, at.p); !same(got, map[string][]byte{"1/k": []byte(fmt.Sprint(i)), "": {}}) {
			t.Errorf("%v holds %q", at, got)
		}
	}
}

// savedAndLoaded runs random changes of all sizes against a map, with many owners one after the other.
func savedAndLoaded(t *testing.T, o state.Opener) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	want := map[string][]byte{}
	for owner := range 8 {
		s, got := opened(t, o, "n", 3)
		if !same(got, want) {
			t.Fatalf("owner %d: %d values are loaded, %d were saved", owner, len(got), len(want))
		}
		for range 1 + rnd.IntN(6) {
			var changes []state.Change
			for range rnd.IntN(5) {
				c := state.Change{Key: fmt.Sprint("key ", rnd.IntN(6)), Value: noise(rnd, []int{0, 1, 100, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 7}[rnd.IntN(7)])}
				if rnd.IntN(5) == 0 {
					c.Value = nil
					delete(want, c.Key)
				} else {
					want[c.Key] = c.Value
				}
				changes = append(changes, c)
			}
			save(t, s, changes...)
		}
		s.Close()
	}
	if _, got := opened(t, o, "n", 3); !same(got, want) {
		t.Error("the last owner's values are others")
	}
}

func noise(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 97 {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

func inOrder(t *testing.T, o state.Opener) {
	t.Helper()
	s, _ := opened(t, o, "n", 0)
	const n = 60
	got := make(chan int, n)
	for i := range n {
		var c []state.Change
		if i%3 != 0 { // one without changes waits for those before it
			c = []state.Change{{Key: "k", Value: noise(rand.New(rand.NewPCG(1, 1)), i%2<<20)}}
		}
		s.Save(t.Context(), c, func(err error) {
			if err != nil {
				t.Error(err)
			}
			got <- i
		})
	}
	for i := range n {
		select {
		case at := <-got:
			if at != i {
				t.Fatalf("save %d is answered as number %d", at, i)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("save %d is not answered", i)
		}
	}
}

func misused(t *testing.T, o state.Opener) {
	t.Helper()
	for _, name := range []string{"", "a/b", `a\b`, "a\x00"} {
		if _, err := o.Open(name, 0); err == nil {
			t.Errorf("a store is opened under the name %q", name)
		}
	}
	if _, err := o.Open("a", -1); err == nil {
		t.Error("a store of partition -1 is opened")
	}
	s, err := o.Open("a", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := state.SaveAndWait(t.Context(), s, []state.Change{{Key: "k", Value: []byte("v")}}); err == nil || !strings.Contains(err.Error(), "before it was loaded") {
		t.Errorf("a store that was not loaded is saved to: %v", err)
	}
}

func TestSaveAndWait_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := state.SaveAndWait(ctx, silentStore{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// silentStore never answers.
type silentStore struct{ state.Store }

func (silentStore) Save(context.Context, []state.Change, func(error)) {}

func TestTopicWithoutPartitions(t *testing.T) {
	if _, err := state.Topic(state.Kafka{Topic: "t"}).Open("n", 0); err == nil || !strings.Contains(err.Error(), "no partitions") {
		t.Errorf("%v", err)
	}
}

func BenchmarkFolderSave(b *testing.B) {
	s, err := state.Folder(b.TempDir(), quiet).Open("n", 0)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Load(b.Context()); err != nil {
		b.Fatal(err)
	}
	changes := make([]state.Change, 100)
	for i := range changes {
		changes[i] = state.Change{Key: fmt.Sprintf("object/s3/bucket/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/21/file-%d.json.gz", i), Value: make([]byte, 24)}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Save(b.Context(), changes, func(err error) {
			if err != nil {
				b.Fatal(err)
			}
		})
	}
	s.Close()
}

// TestCompaction_OnARealKafka lets Kafka's cleaner work on large values as fast as it can while they are written, by owners
// that change, and reads them all the time: each is whole, and not older than the last that was durable before.
func TestCompaction_OnARealKafka(t *testing.T) {
	if !testkit.Required(t, "kafka") {
		testkit.Skip(t, "kafka", "a broker is started only on demand")
	}
	k := realkafka.Start(t, 1, "--set", "log.cleaner.backoff.ms=100")
	o := openTopic(t, k.Brokers, "segment.bytes", "4194304", "segment.ms", "500", "min.cleanable.dirty.ratio", "0.001", "delete.retention.ms", "0", "max.compaction.lag.ms", "500")
	s, _ := opened(t, o, "n", 0)
	var durable atomic.Int64
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		for reads := 0; ; reads++ {
			select {
			case <-stop:
				t.Logf("read %d times", reads)
				return
			default:
			}
			least := durable.Load()
			r, err := o.Open("n", 0)
			if err != nil {
				t.Error(err)
				return
			}
			values, err := r.Load(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			v := values["snapshot"]
			if least > 0 && (len(v) < 1 || int64(v[0]) < least || !bytes.Equal(v, bytes.Repeat(v[:1], len(v)))) {
				t.Errorf("%d bytes are read, the last durable value is %d", len(v), least)
				return
			}
		}
	})
	for i := range 60 {
		v := byte(i + 1)
		save(t, s, state.Change{Key: "snapshot", Value: bytes.Repeat([]byte{v}, 1+(i%7)*600_000)})
		durable.Store(int64(v))
		if i%10 == 9 {
			s, _ = opened(t, o, "n", 0)
		}
		time.Sleep(100 * time.Millisecond)
	}
	close(stop)
	reading.Wait()
	written, left := records(t, o.(*state.Kafka))
	for end := time.Now().Add(2 * time.Minute); left > written*3/4 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		written, left = records(t, o.(*state.Kafka)) // the cleaner may be behind
	}
	if t.Logf("%d of %d records are left", left, written); left > written*3/4 {
		t.Error("the cleaner did nothing, so this proves nothing")
	}
}

// records returns how many records were written to the first partition, and how many are there.
func records(t *testing.T, k *state.Kafka) (written, left int64) {
	t.Helper()
	c, err := k.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{k.Topic: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ends, err := kadm.NewClient(c).ListEndOffsets(t.Context(), k.Topic)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(k.Topic, 0)
	for at := int64(0); at < end.Offset-1; {
		fetches := c.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, r := range fetches.Records() {
			left, at = left+1, r.Offset
		}
	}
	return end.Offset, left
}

// TestLoad_TopicJustMade: a broker may not know yet of a topic that another one has just made.
func TestLoad_TopicJustMade(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	client := func(opts ...kgo.Opt) (*kgo.Client, error) {
		return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.MetadataMinAge(50 * time.Millisecond)}, opts...)...)
	}
	p, err := client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		time.Sleep(300 * time.Millisecond)
		if _, err := kadm.NewClient(p).CreateTopic(t.Context(), 1, 1, nil, "late"); err != nil {
			t.Error(err)
		}
	})
	s, err := state.Topic(state.Kafka{Topic: "late", Partitions: 1, Producer: p, Client: client, Log: quiet}).Open("n", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if values, err := s.Load(t.Context()); err != nil || len(values) != 0 {
		t.Errorf("%v, %v", values, err)
	}
}
