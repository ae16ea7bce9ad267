package produce

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// cluster starts a Kafka with one topic of one partition.
func cluster(t testing.TB) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// on makes a writer to a cluster.
func on(t testing.TB, c *kfake.Cluster, change func(*Options)) *Writer {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DisableClientMetrics(),
		kgo.RetryBackoffFn(func(int) time.Duration { return time.Millisecond }), kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Client: client, Topic: "t", Linger: time.Millisecond, MaxBytes: 1 << 20, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&o)
	}
	w := New(o)
	t.Cleanup(func() { w.Close(); client.Close() })
	return w
}

// flush waits until everything is settled.
func flush(t testing.TB, w *Writer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.Flush(ctx); err != nil {
		t.Fatalf("%d records wait: %v", w.Waiting(), err)
	}
}

// values reads the partition.
func values(t testing.TB, c *kfake.Cluster, n int) (out []*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("t"), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(out) < n {
		f := client.PollFetches(ctx)
		if err := f.Err(); err != nil {
			t.Fatalf("%d of %d records: %v", len(out), n, err)
		}
		out = append(out, f.Records()...)
	}
	return out
}

// wantOnce checks that every record was settled once, without an error but for those that are named.
func wantOnce(t testing.TB, g *given, refused ...int) {
	t.Helper()
	bad := map[int]bool{}
	for _, i := range refused {
		bad[i] = true
	}
	for i, n := range g.settled {
		if n != 1 || (g.errs[i] != nil) != bad[i] {
			t.Fatalf("record %d was settled %d times with %v", i, n, g.errs[i])
		}
	}
}

// wantInOrder checks what is in the log: all records but those that are named, each once.
func wantInOrder(t testing.TB, c *kfake.Cluster, g *given, without ...int) {
	t.Helper()
	i := 0
	for _, rec := range values(t, c, len(g.records)-len(without)) {
		for len(without) > 0 && i == without[0] {
			i, without = i+1, without[1:]
		}
		if want := g.records[i]; !bytes.Equal(rec.Value, want.Value) || !bytes.Equal(rec.Key, want.Key) || len(rec.Headers) != 1 || !rec.Timestamp.Equal(want.Time) {
			t.Fatalf("offset %d holds %q %q of %s, want %q", rec.Offset, rec.Key, rec.Value, rec.Timestamp, want.Value)
		}
		i++
	}
}

func TestWriter_EverythingComesOnceAndInOrder(t *testing.T) {
	for _, tc := range []struct {
		name  string
		codec kgo.CompressionCodec
		max   int
	}{
		{"as it is", kgo.NoCompression(), 1 << 20},
		{"many small batches", kgo.NoCompression(), 300},
		{"a batch for each record", kgo.NoCompression(), 1},
		{"lz4", kgo.Lz4Compression(), 10_000},
		{"zstd", kgo.ZstdCompression(), 10_000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := cluster(t)
			var end atomic.Int64
			w := on(t, c, func(o *Options) {
				o.MaxBytes, o.Acked = tc.max, end.Store
				o.Compress, _ = kgo.DefaultCompressor(tc.codec)
			})
			g := give(1000)
			for i := 0; i < 1000; i += 50 {
				w.Write(g, i, i+50)
			}
			flush(t, w)
			wantOnce(t, g)
			wantInOrder(t, c, g)
			if end.Load() != 1000 || w.Waiting() != 0 || w.Silent() != 0 {
				t.Errorf("the end is %d, %d wait", end.Load(), w.Waiting())
			}
		})
	}
}

func TestWriter_Lingers(t *testing.T) {
	c := cluster(t)
	w := on(t, c, func(o *Options) { o.Linger = time.Hour })
	g := give(2)
	if w.Growing() {
		t.Error("a batch grows before there is a record")
	}
	w.Write(g, 0, 1)
	w.Write(g, 1, 2)
	time.Sleep(20 * time.Millisecond)
	if w.Waiting() != 2 || !w.Growing() || w.Silent() == 0 {
		t.Error("the batch did not wait for more records")
	}
	flush(t, w)
	wantOnce(t, g)
	if w.Growing() {
		t.Error("an empty batch grows")
	}
	short := on(t, c, nil)
	g = give(1)
	short.Write(g, 0, 1)
	for end := time.Now().Add(2 * time.Minute); short.Waiting() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody sent the batch when its time had come")
		}
	}
}

// refuse answers produce requests with a code as long as refuses says so.
func refuse(c *kfake.Cluster, code int16, refuses func(*kmsg.ProduceRequest) bool) {
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ProduceRequest)
		if !refuses(req) {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			rp := kmsg.NewProduceResponseTopicPartition()
			rp.ErrorCode = code
			why := "because of the test"
			rp.ErrorMessage = &why
			rt.Partitions = append(rt.Partitions, rp)
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
}

// TestWriter_TriesAgain: after any of these Kafka takes the batch later, and nothing is lost, doubled or out of order.
func TestWriter_TriesAgain(t *testing.T) {
	for _, e := range []*kerr.Error{
		kerr.NotLeaderForPartition, kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut, kerr.UnknownTopicOrPartition,
		kerr.UnknownTopicID, kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerEpoch, kerr.TopicAuthorizationFailed,
	} {
		t.Run(e.Message, func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			var asked atomic.Int32
			refuse(c, e.Code, func(*kmsg.ProduceRequest) bool { n := asked.Add(1); return n == 2 || n == 3 })
			w := on(t, c, func(o *Options) { o.MaxBytes = 3000 })
			g := give(300)
			w.Write(g, 0, 300)
			flush(t, w)
			wantOnce(t, g)
			wantInOrder(t, c, g)
			if asked.Load() < 5 {
				t.Errorf("%d requests: nothing was tested", asked.Load())
			}
		})
	}
}

// TestWriter_ACopyCountsAsTaken: Kafka has the batch, and the answer to the first try was lost.
func TestWriter_ACopyCountsAsTaken(t *testing.T) {
	c := cluster(t)
	refuse(c, kerr.DuplicateSequenceNumber.Code, func(*kmsg.ProduceRequest) bool { return true })
	w := on(t, c, nil)
	g := give(3)
	w.Write(g, 0, 3)
	flush(t, w)
	wantOnce(t, g)
}

// TestWriter_OnlyTheBadRecordIsRefused: whatever else came with it is in the log.
func TestWriter_OnlyTheBadRecordIsRefused(t *testing.T) {
	for _, e := range []*kerr.Error{kerr.MessageTooLarge, kerr.InvalidRecord, kerr.RecordListTooLarge} {
		t.Run(e.Message, func(t *testing.T) {
			c := cluster(t)
			refuse(c, e.Code, func(req *kmsg.ProduceRequest) bool {
				return bytes.Contains(req.Topics[0].Partitions[0].Records, []byte("value 40"))
			})
			w := on(t, c, nil)
			g := give(100)
			w.Write(g, 0, 60)
			w.Write(g, 60, 100)
			flush(t, w)
			wantOnce(t, g, 40)
			if !errors.Is(g.errs[40], e) {
				t.Errorf("refused with %v", g.errs[40])
			}
			wantInOrder(t, c, g, 40)
		})
	}
}

// TestWriter_AWrongClockLosesNothing: Kafka refuses the time of the records, so they are sent without one.
func TestWriter_AWrongClockLosesNothing(t *testing.T) {
	c := cluster(t)
	var asked, bad atomic.Int32
	refuse(c, kerr.InvalidTimestamp.Code, func(req *kmsg.ProduceRequest) bool {
		records := req.Topics[0].Partitions[0].Records
		asked.Add(1)
		dated := binary.BigEndian.Uint64(records[27:]) != 1<<64-1 || binary.BigEndian.Uint64(records[35:]) != 1<<64-1
		if dated || bytes.Contains(records, []byte("value 40")) {
			bad.Add(1)
			return true
		}
		return false
	})
	var troubles atomic.Int32
	w := on(t, c, func(o *Options) { o.Trouble = func(error) { troubles.Add(1) } })
	g := give(60)
	w.Write(g, 0, 30)
	flush(t, w)
	if asked.Load() != 2 {
		t.Errorf("%d requests for the first batch, want one with a time and one without", asked.Load())
	}
	w.Write(g, 30, 60) // known by now: no request with a time any more, and one record that is refused anyway
	flush(t, w)
	wantOnce(t, g, 40)
	for i := range g.records {
		g.records[i].Time = time.UnixMilli(-1)
	}
	wantInOrder(t, c, g, 40)
	if troubles.Load() != bad.Load() {
		t.Errorf("%d requests were refused, %d were told", bad.Load(), troubles.Load())
	}
}

// TestWriter_ARefusalOfTheBatchIsFinal: what says nothing about single records is said of all.
func TestWriter_ARefusalOfTheBatchIsFinal(t *testing.T) {
	c := cluster(t)
	first := true
	refuse(c, kerr.PolicyViolation.Code, func(*kmsg.ProduceRequest) bool { was := first; first = false; return was })
	w := on(t, c, nil)
	g := give(3)
	w.Write(g, 0, 2)
	flush(t, w)
	w.Write(g, 2, 3)
	flush(t, w)
	wantOnce(t, g, 0, 1)
	wantInOrder(t, c, g, 0, 1)
}

// TestWriter_NumbersOfARefusedBatchAreNotUsedAgain: a broker may note the numbers of a batch that it then cannot write. What
// came next under them would pass for a copy, and be acknowledged without being there.
func TestWriter_NumbersOfARefusedBatchAreNotUsedAgain(t *testing.T) {
	c := cluster(t)
	var ids []uint64 // of the producers, in the order of their batches
	refuse(c, kerr.UnknownServerError.Code, func(req *kmsg.ProduceRequest) bool {
		ids = append(ids, binary.BigEndian.Uint64(req.Topics[0].Partitions[0].Records[43:]))
		return len(ids) == 1
	})
	w := on(t, c, nil)
	g := give(2)
	w.Write(g, 0, 1)
	flush(t, w)
	w.Write(g, 1, 2)
	flush(t, w)
	wantOnce(t, g, 0)
	wantInOrder(t, c, g, 0)
	if len(ids) != 2 || ids[0] == ids[1] {
		t.Errorf("batches came from the producers %v", ids)
	}
}

// TestWriter_GivesBack: what one Kafka does not take another one gets, in order and each record once.
func TestWriter_GivesBack(t *testing.T) {
	deaf, there := cluster(t), cluster(t)
	refuse(deaf, kerr.NotEnoughReplicas.Code, func(*kmsg.ProduceRequest) bool { return true })
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.Lz4Compression()} {
		with := func(o *Options) {
			o.MaxBytes = 2000
			o.Compress, _ = kgo.DefaultCompressor(codec)
		}
		w, other := on(t, deaf, with), on(t, there, with)
		g := give(500)
		w.Write(g, 0, 400)
		for end := time.Now().Add(2 * time.Minute); w.Silent() < 30*time.Millisecond; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the writer is not silent, and Kafka takes nothing")
			}
		}
		back := w.TakeBack()
		n := 0
		for _, b := range back {
			n += b.Records()
		}
		if n != 400 || w.Waiting() != 0 {
			t.Fatalf("%d records came back, %d wait", n, w.Waiting())
		}
		other.Put(back)
		other.Write(g, 400, 500)
		flush(t, other)
		wantOnce(t, g)
		if len(w.TakeBack()) != 0 {
			t.Error("it came back twice")
		}
	}
	var want []Record
	for range 2 {
		want = append(want, give(500).records...)
	}
	wantInOrder(t, there, &given{records: want})
}

// TestWriter_GoesOnAfterItGaveBack: Kafka may have had the batch that was under way. Its numbers are not used again.
func TestWriter_GoesOnAfterItGaveBack(t *testing.T) {
	c := cluster(t)
	var deaf atomic.Bool
	refuse(c, kerr.NotEnoughReplicasAfterAppend.Code, func(*kmsg.ProduceRequest) bool { return deaf.Load() })
	w := on(t, c, nil)
	g := give(30)
	w.Write(g, 0, 10)
	flush(t, w)
	deaf.Store(true)
	w.Write(g, 10, 20)
	time.Sleep(20 * time.Millisecond)
	back := w.TakeBack()
	deaf.Store(false)
	w.Put(back)
	w.Write(g, 20, 30)
	flush(t, w)
	wantOnce(t, g)
	wantInOrder(t, c, g)
}

func TestWriter_CloseSettlesWhatIsLeft(t *testing.T) {
	c := cluster(t)
	refuse(c, kerr.NotEnoughReplicas.Code, func(*kmsg.ProduceRequest) bool { return true })
	w := on(t, c, func(o *Options) { o.MaxBytes = 500 })
	g := give(101)
	w.Write(g, 0, 100)
	waiting := make(chan error, 1)
	go func() { waiting <- w.Flush(context.Background()) }()
	time.Sleep(10 * time.Millisecond)
	w.Close()
	if err := <-waiting; !errors.Is(err, ErrClosed) && err != nil {
		t.Errorf("whoever waited heard %v", err)
	}
	w.Write(g, 100, 101)
	for i, n := range g.settled {
		if n != 1 || !errors.Is(g.errs[i], ErrClosed) {
			t.Fatalf("record %d was settled %d times with %v", i, n, g.errs[i])
		}
	}
	w.Close()
}

func TestWriter_FlushEndsWithItsContext(t *testing.T) {
	c := cluster(t)
	refuse(c, kerr.NotEnoughReplicas.Code, func(*kmsg.ProduceRequest) bool { return true })
	w := on(t, c, nil)
	w.Write(give(1), 0, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := w.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// TestWriter_ManyGoroutines: the records of one call stay together, whoever writes beside.
func TestWriter_ManyGoroutines(t *testing.T) {
	c := cluster(t)
	w := on(t, c, func(o *Options) { o.MaxBytes = 5000 })
	var wg sync.WaitGroup
	all := make([]*given, 8)
	for k := range all {
		all[k] = give(200)
		for i := range all[k].records {
			all[k].records[i].Value = fmt.Appendf(nil, "%d/%d", k, i)
		}
		wg.Go(func() {
			for i := 0; i < 200; i += 20 {
				w.Write(all[k], i, i+20)
			}
		})
	}
	wg.Wait()
	flush(t, w)
	next := map[int]int{}
	for at, rec := range values(t, c, 1600) {
		var k, i int
		if _, err := fmt.Sscanf(string(rec.Value), "%d/%d", &k, &i); err != nil || next[k] != i {
			t.Fatalf("offset %d holds %s, want %d/%d (%v)", at, rec.Value, k, next[k], err)
		}
		next[k]++
		if next[k]%20 != 0 && at%20 == 19 {
			t.Fatalf("offset %d: the records of one call are apart", at)
		}
	}
	for _, g := range all {
		wantOnce(t, g)
	}
}

func BenchmarkWriter(b *testing.B) {
	c := cluster(b)
	w := on(b, c, nil)
	g := give(512)
	for i := range g.records {
		g.records[i].Value = make([]byte, 212)
	}
	b.ReportAllocs()
	for b.Loop() {
		w.Write(g, 0, 512)
		if w.Waiting() > 100_000 {
			flush(b, w)
		}
	}
	flush(b, w)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/record")
}
