package normalise

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/event"
	"weir/internal/ledger"
	"weir/internal/record"
)

func rawFrom(input, peer, ingester string, start uint32) *record.Raw {
	r := &record.Raw{Input: input, ID: "id", Ing: record.Ing{Ingester: ingester, Start: start}}
	if peer != "" {
		r.Peer = netip.MustParseAddrPort(peer)
	}
	return r
}

// TestCountsAreKeptBySourceAndStart also takes the short way, by which a record of the same source as the one before it
// finds its row without a look-up.
func TestCountsAreKeptBySourceAndStart(t *testing.T) {
	b := newBatch([]*kgo.Record{{Offset: 7}}, nil, nil)
	for _, r := range []*record.Raw{
		rawFrom("syslog", "192.0.2.1:5", "a", 1), rawFrom("syslog", "192.0.2.1:6", "a", 1), // another port is no other source
		rawFrom("syslog", "192.0.2.2:5", "a", 1),
		rawFrom("syslog", "192.0.2.2:5", "a", 2), // the next start
		rawFrom("syslog", "192.0.2.2:5", "b", 2),
		rawFrom("syslog2", "192.0.2.2:5", "b", 2), rawFrom("syslog", "192.0.2.2:5", "b", 2), // a name that begins alike
		rawFrom("kafka", "", "", 0), rawFrom("kafka", "", "", 0), rawFrom("", "", "", 0),
	} {
		b.counts(r).Received++
	}
	starts := map[string]map[string]*ledger.Counts{}
	b.mergeInto(starts)
	got := map[string]int64{}
	for start, rows := range starts {
		for source, c := range rows {
			got[start+" "+source] = c.Received
		}
	}
	want := map[string]int64{
		ledger.StartKey("a", 1) + " syslog/192.0.2.1": 2, ledger.StartKey("a", 1) + " syslog/192.0.2.2": 1,
		ledger.StartKey("a", 2) + " syslog/192.0.2.2": 1, ledger.StartKey("b", 2) + " syslog/192.0.2.2": 2,
		ledger.StartKey("b", 2) + " syslog2/192.0.2.2": 1, ledger.StartKey("", 0) + " kafka/unknown": 2, ledger.StartKey("", 0) + " /unknown": 1,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestABatchCoversItsOffsetsAndIsAnsweredOnce(t *testing.T) {
	answers := 0
	b := newBatch([]*kgo.Record{{Offset: 40}, {Offset: 41}, {Offset: 45}}, nil, func(error) { answers++ })
	if b.from != 40 || b.to != 46 {
		t.Errorf("covers [%d, %d)", b.from, b.to)
	}
	b.done(nil)
	b.done(errors.New("late"))
	if answers != 1 {
		t.Errorf("answered %d times", answers)
	}
	b.left.Store(2)
	if b.ack(1); b.isAcked() {
		t.Error("acknowledged although a record is under way")
	}
	if b.ack(1); !b.isAcked() {
		t.Error("not acknowledged although nothing is under way")
	}
}

// TestWhatWasHandedOutStaysAsItWas makes every memory of a batch grow: documents, headers and records made before are
// still what they were.
func TestWhatWasHandedOutStaysAsItWas(t *testing.T) {
	b := newBatch([]*kgo.Record{{Value: []byte("x")}}, nil, nil)
	const n = 500
	recs, docs, heads := make([]*kgo.Record, n), make([][]byte, n), make([][]kgo.RecordHeader, n)
	for i := range n {
		var e event.Event
		e.SetStr(event.Message, strings.Repeat("m", i)+fmt.Sprint(i))
		docs[i] = b.encode(&e)
		recs[i] = b.next()
		recs[i].Offset = int64(i)
		heads[i] = b.headers(fmt.Append(nil, "src-", i), fmt.Append(nil, "prev-", i))
	}
	if len(b.out) != n {
		t.Fatalf("%d records", len(b.out))
	}
	for i := range n {
		var e event.Event
		if err := e.Decode(docs[i]); err != nil || e.Str(event.Message) != strings.Repeat("m", i)+fmt.Sprint(i) {
			t.Fatalf("document %d is %s (%v)", i, docs[i], err)
		}
		if recs[i] != b.out[i] || recs[i].Offset != int64(i) {
			t.Fatalf("record %d was moved", i)
		}
		got := ""
		for _, h := range heads[i] {
			got += h.Key + "=" + string(h.Value) + " "
		}
		want := fmt.Sprintf("weir-src=src-%d weir-prev=prev-%d ", i, i)
		if got != want {
			t.Fatalf("headers of %d: %s, want %s", i, got, want)
		}
	}
}

func TestSeen(t *testing.T) {
	s := newSeen()
	for i, tc := range []struct {
		ingester string
		start    uint32
		seq      uint64
		want     bool
	}{
		{"a", 1, 5, true}, {"a", 1, 5, false}, {"a", 1, 4, false}, {"a", 1, 9, true}, // holes are other partitions
		{"a", 2, 1, true}, {"b", 1, 1, true}, // each start and each ingester counts for itself
		{"a", 1, 9, false}, {"a", 2, 1, false}, {"b", 1, 2, true}, {"a", 1, 10, true}, {"a", 1, 0, false},
	} {
		// Names alias the record, whose memory is somebody else's afterwards.
		name := []byte(tc.ingester)
		got := s.fresh(record.Ing{Ingester: unsafe.String(&name[0], len(name)), Start: tc.start, Seq: tc.seq})
		name[0] = 'z'
		if got != tc.want {
			t.Errorf("step %d: %s/%d/%d fresh: %v", i, tc.ingester, tc.start, tc.seq, got)
		}
	}
}

func BenchmarkCounts(b *testing.B) {
	batch, raw := newBatch([]*kgo.Record{{}}, nil, nil), rawFrom("syslog", "192.0.2.1:5", "a", 1)
	b.ReportAllocs()
	for b.Loop() {
		batch.counts(raw).Received++
	}
}

// TestCounts_ByOrigin: records of two files have the same input and no sender, and are not each other's.
func TestCounts_ByOrigin(t *testing.T) {
	b := &batch{tallies: map[tally]*ledger.Counts{}}
	for _, origin := range []string{"/a", "/a", "/b", ""} {
		b.counts(&record.Raw{Input: "file", Origin: origin}).Received++
	}
	got := map[string]int64{}
	for k, c := range b.tallies {
		got[k.source] = c.Received
	}
	if got["file//a"] != 2 || got["file//b"] != 1 || got["file/unknown"] != 1 {
		t.Errorf("%v", got)
	}
}
