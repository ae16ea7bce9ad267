package bus_test

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"weir/internal/bus"
	"weir/internal/config"
	"weir/internal/record"
)

// publish gives a batch to the door and waits for its done.
func publish(t testing.TB, d *bus.Door, batch []record.Raw) error {
	t.Helper()
	done := make(chan error, 1)
	if err := d.Emit(bus.RawSyslog)(t.Context(), batch, func(err error) { done <- err }); err != nil {
		t.Fatal(err)
	}
	return <-done
}

// doorOn opens a bus and a door on it; both end with the test.
func doorOn(t testing.TB, counts bus.DoorCounter, change func(*config.Bus)) (*bus.Bus, *bus.Door) {
	t.Helper()
	dir := t.TempDir()
	b := open(t, filepath.Join(dir, "bus"), change)
	t.Cleanup(b.Close)
	d, err := openDoor(t, b, dir, counts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(t.Context()) })
	return b, d
}

func TestWhatPinsARecordToAPartition(t *testing.T) {
	from := func(peer, key string) record.Raw {
		return record.Raw{Value: []byte(peer + key), Received: time.Now(), Peer: netip.MustParseAddrPort(peer), Proto: "tcp", Input: "syslog", Key: key}
	}
	// Eight sources, each over two ports and in both ways in which an IPv4 address is written; and two files.
	batch := func(key func(i int) string) (out []record.Raw) {
		for i := range 8 {
			for _, peer := range []string{"192.0.2.%d:514", "192.0.2.%d:515", "[::ffff:192.0.2.%d]:514"} {
				out = append(out, from(fmt.Sprintf(peer, i), key(i)))
			}
		}
		return out
	}
	none := func(int) string { return "" }
	source := func(r *record.Raw) string { return r.Peer.Addr().Unmap().String() }
	for _, tc := range []struct {
		name string
		key  string
		of   func(i int) string
		same func(r *record.Raw) string // what must stay on one partition; nil: nothing
	}{
		{"spread", "spread", none, nil},
		{"by source", "source", none, source},
		{"by the record's own key", "spread", func(i int) string { return []string{"file-a", "file-b"}[i%2] }, func(r *record.Raw) string { return r.Key }},
		{"the record's own key before its source", "source", func(int) string { return "one" }, func(*record.Raw) string { return "one" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, d := doorOn(t, &tallyCounter{}, func(c *config.Bus) { c.Partitions, c.Key = 4, tc.key })
			total := 0
			for range 3 {
				recs := batch(tc.of)
				total += len(recs)
				if err := publish(t, d, recs); err != nil {
					t.Fatal(err)
				}
			}
			partitions, used := map[string]int32{}, map[int32]bool{}
			for _, rec := range read(t, b, bus.RawSyslog, total) {
				var raw record.Raw
				if err := bus.ReadRaw(rec, &raw); err != nil {
					t.Fatal(err)
				}
				raw.Key = string(rec.Key)
				used[rec.Partition] = true
				if tc.same == nil {
					continue
				}
				k := tc.same(&raw)
				if p, seen := partitions[k]; seen && p != rec.Partition {
					t.Errorf("%s is on partitions %d and %d", k, p, rec.Partition)
				}
				partitions[k] = rec.Partition
			}
			if len(partitions) != 1 && len(used) < 2 {
				t.Errorf("all of it went to %v", used)
			}
		})
	}
}

func TestDoneIsCalledOnceWhateverHappens(t *testing.T) {
	var counts tallyCounter
	b, d := doorOn(t, &counts, nil)
	emit := d.Emit(bus.RawSyslog)
	mixed := raws(300) // a run per source: its records go to several partitions
	for i := range mixed {
		mixed[i].Peer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 514)
		mixed[i].Key = fmt.Sprint(i % 7)
	}
	var calls atomic.Int32
	var wg sync.WaitGroup
	for _, batch := range [][]record.Raw{raws(1), mixed, raws(2000), nil} {
		wg.Add(1)
		if err := emit(t.Context(), batch, func(err error) {
			if err != nil {
				t.Error(err)
			}
			calls.Add(1)
			wg.Done() // panics when it comes twice
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := emit(t.Context(), raws(5), nil); err != nil { // an input that needs no answer
		t.Fatal(err)
	}
	if err := emit(t.Context(), nil, nil); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if calls.Load() != 4 || d.Waiting() != 0 {
		t.Errorf("done came %d times for 4 batches, %d records wait", calls.Load(), d.Waiting())
	}
	if counts.published != 2306 || counts.refused != 0 {
		t.Errorf("published %d, refused %d", counts.published, counts.refused)
	}
	if got := len(read(t, b, bus.RawSyslog, 2306)); got != 2306 {
		t.Errorf("%d records in the log", got)
	}
	// After the end the producer takes nothing; that too must reach whoever waits.
	if err := publish(t, d, raws(1)); err == nil {
		t.Error("a record was taken after the door was closed")
	}
}

// TestALargeBatchComesBackWhole checks every record of a batch whose header text outgrows what was set aside for it.
func TestALargeBatchComesBackWhole(t *testing.T) {
	b, d := doorOn(t, &tallyCounter{}, func(c *config.Bus) { c.Partitions = 3 })
	const n = 5000
	batch := make([]record.Raw, n)
	for i := range batch {
		batch[i] = record.Raw{
			Value: fmt.Append(nil, i), Received: time.Unix(1700000000, int64(i)), Proto: []string{"udp", "relp"}[i%2], Input: "syslog",
			Peer: netip.AddrPortFrom(netip.AddrFrom16([16]byte{0xfe, 0x80, 14: byte(i >> 8), 15: byte(i)}).WithZone("a-long-zone-name"), uint16(i)),
			Tags: slices.Repeat([]string{fmt.Sprint("tag-", i)}, i%5), TLSName: strings.Repeat("n", i%3),
		}
		if i%10 == 0 {
			batch[i].Key, batch[i].Line = "bucket/key", int64(i)
		}
	}
	if err := publish(t, d, batch); err != nil {
		t.Fatal(err)
	}
	seen := make([]bool, n)
	for _, rec := range read(t, b, bus.RawSyslog, n) {
		var got record.Raw
		if err := bus.ReadRaw(rec, &got); err != nil {
			t.Fatal(err)
		}
		var i int
		if _, err := fmt.Sscan(string(rec.Value), &i); err != nil || seen[i] {
			t.Fatalf("%q came twice or is damaged (%v)", rec.Value, err)
		}
		seen[i] = true
		want := batch[i] // the door has set its identity
		want.ID = want.Ing.String()
		if want.Key != "" {
			want.ID = fmt.Sprint(want.Key, "/", want.Line)
		}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("record %d came back as\n%+v, want\n%+v", i, got, want)
		}
		if !rec.Timestamp.Equal(time.UnixMilli(got.Received.UnixMilli())) {
			t.Fatalf("record %d is dated %s in Kafka, it was received at %s", i, rec.Timestamp, got.Received)
		}
	}
}

// TestOnlyWhatKafkaDidNotTakeIsRefused keeps the ledger exact: the records beside one that is too large are in the log.
func TestOnlyWhatKafkaDidNotTakeIsRefused(t *testing.T) {
	var counts tallyCounter
	b, d := doorOn(t, &counts, func(c *config.Bus) { c.Partitions, c.Compression = 1, "none" })
	batch := raws(5)
	batch[2].Value = make([]byte, 5<<20)
	err := publish(t, d, batch)
	if !errors.Is(err, kerr.MessageTooLarge) {
		t.Fatalf("a record of 5 MiB: %v", err)
	}
	if counts.published != 4 || counts.refused != 1 || counts.reason != "kafka: too large" {
		t.Errorf("published %d, refused %d because of %q; want 4 and 1", counts.published, counts.refused, counts.reason)
	}
	var got []string
	for _, rec := range read(t, b, bus.RawSyslog, 4) {
		got = append(got, string(rec.Value))
	}
	if fmt.Sprint(got) != "[line 0 line 1 line 3 line 4]" {
		t.Errorf("the log has %v", got)
	}
	if err := publish(t, d, raws(1)); err != nil || d.Waiting() != 0 {
		t.Errorf("the door is stuck: %v, %d wait", err, d.Waiting())
	}
}

// BenchmarkDoor publishes batches of 500 records of 300 bytes, as a busy input does, and waits for each.
func BenchmarkDoor(b *testing.B) {
	_, d := doorOn(b, &tallyCounter{}, func(c *config.Bus) { c.Embedded.MaxBytes, c.Embedded.Sync = 64<<30, false })
	batch := raws(500)
	for i := range batch {
		batch[i].Value = make([]byte, 300)
	}
	emit := d.Emit(bus.RawSyslog)
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.SetBytes(300)
	for n := 0; n < b.N; n += len(batch) {
		wg.Add(1)
		if err := emit(b.Context(), slices.Clone(batch), func(error) { wg.Done() }); err != nil {
			b.Fatal(err)
		}
	}
	wg.Wait()
}
