package bus

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/config"
	"weir/internal/config/unit"
	"weir/internal/record"
)

func TestReadRawTakesWhatIsThere(t *testing.T) {
	at := time.Unix(1700000000, 0)
	for _, tc := range []struct {
		name    string
		headers [][2]string
		want    record.Raw
		wrong   string // of the error; "" for none
	}{
		{"a foreign producer's record", nil, record.Raw{Received: at}, ""},
		{"headers that are not weir's", [][2]string{{"traceparent", "00-1"}, {"", "x"}}, record.Raw{Received: at}, ""},
		{"its own identity", [][2]string{{record.HeaderID, "bucket/key+17"}, {record.HeaderIng, "a/1/2"}},
			record.Raw{Received: at, ID: "bucket/key+17", Ing: record.Ing{Ingester: "a", Start: 1, Seq: 2}}, ""},
		{"receipt in nanoseconds", [][2]string{{record.HeaderRecv, "1700000001000000002"}}, record.Raw{Received: time.Unix(1700000001, 2)}, ""},
		{"receipt that is no number", [][2]string{{record.HeaderRecv, "now"}, {record.HeaderProto, "udp"}}, record.Raw{Received: at, Proto: "udp"}, `parsing "now"`},
		{"a peer without a port", [][2]string{{record.HeaderPeer, "192.0.2.1"}, {record.HeaderInput, "syslog"}}, record.Raw{Received: at, Input: "syslog"}, "headers of t/3/9"},
		{"an identity that is cut off", [][2]string{{record.HeaderIng, "a/1"}, {record.HeaderTLSCN, "fw"}}, record.Raw{Received: at, TLSName: "fw"}, `"a/1"`},
		{"the first of two errors", [][2]string{{record.HeaderIng, "x"}, {record.HeaderRecv, "y"}}, record.Raw{Received: at}, `"x"`},
		{"tags", [][2]string{{record.HeaderTags, "a,b"}}, record.Raw{Received: at, Tags: []string{"a", "b"}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rec := &kgo.Record{Topic: "t", Partition: 3, Offset: 9, Timestamp: at, Value: []byte("v")}
			for _, h := range tc.headers {
				rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
			}
			got := record.Raw{TLSName: "of the record before"}
			err := ReadRaw(rec, &got)
			if (err != nil) != (tc.wrong != "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
				t.Errorf("error %v, want %q", err, tc.wrong)
			}
			tc.want.Value = rec.Value
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", tc.want) {
				t.Errorf("%+v, want\n%+v", got, tc.want)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	rec := &kgo.Record{Headers: []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "b"}, {Key: "a", Value: []byte("2")}}}
	for key, want := range map[string]string{"a": "1", "b": "", "c": ""} {
		if got := Header(rec, key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func FuzzReadRaw(f *testing.F) {
	f.Add("id", "a/1/2", "1700000000000000000", "[2001:db8::1]:514", "tcp", "truncated,x")
	f.Add("", "a//", "-1", "1.2.3.4:70000", "", "")
	f.Fuzz(func(t *testing.T, id, ing, recv, peer, proto, tags string) {
		rec := &kgo.Record{Value: []byte("v"), Timestamp: time.Unix(5, 0), Headers: []kgo.RecordHeader{
			{Key: record.HeaderID, Value: []byte(id)}, {Key: record.HeaderIng, Value: []byte(ing)}, {Key: record.HeaderRecv, Value: []byte(recv)},
			{Key: record.HeaderPeer, Value: []byte(peer)}, {Key: record.HeaderProto, Value: []byte(proto)}, {Key: record.HeaderTags, Value: []byte(tags)}}}
		var raw record.Raw
		err := ReadRaw(rec, &raw)
		// What one header says never depends on another: the record is used although some are unreadable.
		if raw.ID != id || raw.Proto != proto || strings.Join(raw.Tags, ",") != tags || string(raw.Value) != "v" {
			t.Fatalf("%+v", raw)
		}
		if err != nil {
			return
		}
		// What was read without an error says the same when the door writes it again.
		e := newEncoder(raw.Ing)
		var again record.Raw
		if err := ReadRaw(&kgo.Record{Value: raw.Value, Headers: decoded(t, e.headers(&raw))}, &again); err != nil {
			t.Fatal(err)
		}
		if again.Ing != raw.Ing || again.Peer != raw.Peer || !again.Received.Equal(raw.Received) || again.Proto != raw.Proto {
			t.Fatalf("%+v was written, %+v came back", raw, again)
		}
	})
}

func TestRoom(t *testing.T) {
	r := newRoom(100)
	ctx := t.Context()
	if err := r.take(ctx, 500); err != nil {
		t.Fatalf("a batch larger than all of it, alone: %v", err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := r.take(over, 1); err == nil {
		t.Fatal("another one came in beside it")
	}
	r.give(500)
	// Many waiters, room for one at a time: everybody comes in, and never more than fit.
	var wg sync.WaitGroup
	var mu sync.Mutex
	inside, most := 0, 0
	for range 20 {
		wg.Go(func() {
			if err := r.take(ctx, 60); err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			mu.Lock()
			inside--
			mu.Unlock()
			r.give(60)
		})
	}
	wg.Wait()
	if most != 1 || r.taken != 0 {
		t.Errorf("%d were in at once, %d bytes are left taken", most, r.taken)
	}
}

func BenchmarkReadRaw(b *testing.B) {
	src := rawOf(1)
	src.Tags, src.TLSName = nil, ""
	e := newEncoder(src.Ing)
	rec := &kgo.Record{Value: src.Value, Headers: decoded(b, e.headers(&src))}
	var raw record.Raw
	b.ReportAllocs()
	for b.Loop() {
		if err := ReadRaw(rec, &raw); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDoor_RecordsStayTogether: a lane keeps getting records until its batch goes off, then the next one has its turn; a
// lane that somebody else is writing to is passed by.
func TestDoor_RecordsStayTogether(t *testing.T) {
	cfg := config.Default().Bus
	cfg.Partitions, cfg.Linger, cfg.Embedded.MinFree, cfg.Embedded.Sync = 3, unit.Duration(time.Hour), 0, false
	b, err := Open(t.Context(), cfg, filepath.Join(t.TempDir(), "bus"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	d, err := OpenDoor(b, selfOfTest, nobodyCounts{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	lanes, emit := d.lanes[RawSyslog], d.Emit(RawSyslog)
	send := func() (lane int) {
		t.Helper()
		before := make([]int, len(lanes))
		for i, l := range lanes {
			before[i] = l.writer.Waiting()
		}
		if err := emit(t.Context(), []record.Raw{{Value: []byte("x"), Received: time.Now(), Input: "syslog"}}, nil); err != nil {
			t.Fatal(err)
		}
		for i, l := range lanes {
			if l.writer.Waiting() > before[i] {
				return i
			}
		}
		t.Fatal("the record is nowhere")
		return -1
	}
	first := send()
	for range 5 {
		if at := send(); at != first {
			t.Errorf("a record went to lane %d while the batch of lane %d was filling", at, first)
		}
	}
	lanes[first].mu.Lock()
	if at := send(); at == first {
		t.Error("a record waited for a lane that was taken")
	}
	lanes[first].mu.Unlock()
	if err := lanes[first].writer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at := send(); at == first {
		t.Errorf("lane %d has its turn again at once", at)
	}
}
