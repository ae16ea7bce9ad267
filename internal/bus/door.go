package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/ingest"
	"weir/internal/record"
)

// Door is the front door: every record that enters weir gets its identity here, then goes to Kafka. Safe for many
// goroutines.
type Door struct {
	bus    *Bus
	client *kgo.Client // nil before a real Kafka: each lane has its own
	spool  *spool      // nil before the embedded broker
	// Ingester and start of this process; the sequence is counted in seq, over all topics and partitions.
	self record.Ing
	seq  atomic.Uint64
	// Topic name -> partitions. Never changed after OpenDoor, so it is read without a lock.
	lanes  map[string][]*lane
	spread atomic.Uint32
	byKey  bool
	room   *room
	counts DoorCounter

	// Records given to the door and not yet acknowledged or refused.
	waiting atomic.Int64
}

// lane keeps the sequence ascending within one partition: numbers are given and handed to the producer under its lock.
type lane struct {
	mu     sync.Mutex
	detour *detour // nil before the embedded broker
}

// DoorCounter hears what became of records at the front door; the ledger implements it.
type DoorCounter interface {
	// Published counts records that Kafka has acknowledged.
	Published(source string, records int)
	// Refused counts records that were turned away after they were read.
	Refused(source, reason string, records int)
}

// OpenDoor makes the front door of one start of an ingester.
func OpenDoor(b *Bus, self record.Ing, counts DoorCounter) (*Door, error) {
	d := &Door{bus: b, self: self, lanes: map[string][]*lane{}, byKey: b.cfg.Key == "source", room: newRoom(int(b.cfg.InFlight)), counts: counts}
	for _, t := range RawTopics() {
		for range b.Partitions(t) {
			d.lanes[t] = append(d.lanes[t], &lane{})
		}
	}
	var err error
	if b.embedded == nil {
		if d.spool, err = openSpool(b, d.lanes, counts); err != nil {
			return nil, fmt.Errorf("opening the spool: %w", err)
		}
		return d, nil
	}
	if d.client, err = b.Producer(); err != nil {
		return nil, fmt.Errorf("making the front door's producer: %w", err)
	}
	return d, nil
}

// Waiting returns how many records were given to the door and are not in Kafka.
func (d *Door) Waiting() int64 {
	n := d.waiting.Load()
	if d.spool != nil {
		n += d.spool.waiting()
	}
	return n
}

// Close waits until everything taken over is acknowledged, or ctx ends. It may be called again. What Kafka has not taken
// by then goes to the spool, and to Kafka at the next start.
func (d *Door) Close(ctx context.Context) error {
	if d.spool != nil {
		return d.spool.close(ctx)
	}
	err := d.client.Flush(ctx)
	d.client.Close()
	if err != nil {
		return fmt.Errorf("waiting for Kafka at the front door: %w", err)
	}
	return nil
}

// Emit takes over a batch for the raw topic of the inputs kind; see ingest.Emit for the contract.
func (d *Door) Emit(topic string) ingest.Emit {
	lanes := d.lanes[topic]
	full := d.bus.Topic(topic)
	return func(ctx context.Context, batch []record.Raw, done func(error)) error {
		if len(batch) == 0 {
			if done != nil {
				done(nil)
			}
			return nil
		}
		size := 0
		for i := range batch {
			size += len(batch[i].Value) + recordOverhead
		}
		d.waiting.Add(int64(len(batch)))
		if err := d.room.take(ctx, size); err != nil {
			d.refuse(batch)
			d.waiting.Add(-int64(len(batch)))
			return fmt.Errorf("%w: %w", ingest.ErrRefused, err)
		}
		t := &ticket{door: d, batch: batch, size: size, done: done}
		t.left.Store(int32(len(batch)))
		for from := 0; from < len(batch); {
			p, to := d.choose(batch, from, len(lanes))
			d.publish(full, lanes[p], p, t, batch[from:to])
			from = to
		}
		return nil
	}
}

// recordOverhead is what a record costs in memory beside its value, roughly: headers and bookkeeping.
const recordOverhead = 512

// choose returns the partition of batch[from] and the end of the run of records that go there together.
func (d *Door) choose(batch []record.Raw, from, lanes int) (p, to int) {
	key := func(r *record.Raw) string {
		if r.Key == "" && d.byKey {
			// As sources are named: a listener for both families writes ::ffff:192.0.2.1 where another writes 192.0.2.1.
			return record.AddressName(r.Peer)
		}
		return r.Key
	}
	first := key(&batch[from])
	to = from + 1
	for to < len(batch) && key(&batch[to]) == first {
		to++
	}
	if first == "" {
		return int(d.spread.Add(1)) % lanes, to
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(first)) // a hash never fails
	return int(h.Sum32() % uint32(lanes)), to
}

// publish numbers the records of run and hands them to the producer, in order.
func (d *Door) publish(topic string, l *lane, partition int, t *ticket, run []record.Raw) {
	// One allocation each for the records, their headers and the text of these. The producer keeps pointers into all
	// three until its promises are kept: none of them is ever used again for another batch.
	recs := make([]kgo.Record, len(run))
	// Eight headers at the most, and text for what every record has; what is longer makes its slice grow.
	headers := make([]kgo.RecordHeader, 0, len(run)*8)
	text := make([]byte, 0, len(run)*(len(d.self.Ingester)*2+96))
	client, promise := d.client, t.promise
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.detour != nil {
		client, promise = l.detour.enter(len(run), promise)
	}
	for i := range run {
		raw := &run[i]
		raw.Ing = d.self
		raw.Ing.Seq = d.seq.Add(1)
		from := len(headers)
		headers, text = appendHeaders(headers, text, raw)
		recs[i] = kgo.Record{Topic: topic, Partition: int32(partition), Value: raw.Value, Timestamp: raw.Received, Headers: headers[from:len(headers):len(headers)]}
		if raw.Key != "" {
			recs[i].Key = []byte(raw.Key)
		}
		// The record outlives this call: the producer holds it until the promise is kept, whatever becomes of ctx.
		client.Produce(context.Background(), &recs[i], promise)
	}
}

// appendHeaders appends the headers of one raw record. text is the arena of their values; header values that fit are
// slices of it, so a batch costs a few allocations and not a few per record.
func appendHeaders(h []kgo.RecordHeader, text []byte, raw *record.Raw) ([]kgo.RecordHeader, []byte) {
	add := func(key string, from int) {
		h = append(h, kgo.RecordHeader{Key: key, Value: text[from:len(text):len(text)]})
	}
	at := len(text)
	text = raw.Ing.AppendText(text)
	add(record.HeaderIng, at)
	if raw.Key != "" {
		at = len(text)
		text = strconv.AppendInt(append(append(text, raw.Key...), '/'), raw.Line, 10)
	}
	add(record.HeaderID, at)
	at = len(text)
	text = strconv.AppendInt(text, raw.Received.UnixNano(), 10)
	add(record.HeaderRecv, at)
	at = len(text)
	if raw.Origin != "" {
		h = append(h, kgo.RecordHeader{Key: record.HeaderOrigin, Value: []byte(raw.Origin)})
	}
	if raw.Peer.IsValid() {
		text = raw.Peer.AppendTo(text)
		add(record.HeaderPeer, at)
	}
	h = append(h, kgo.RecordHeader{Key: record.HeaderProto, Value: constant(raw.Proto)}, kgo.RecordHeader{Key: record.HeaderInput, Value: constant(raw.Input)})
	if len(raw.Tags) > 0 {
		h = append(h, kgo.RecordHeader{Key: record.HeaderTags, Value: []byte(strings.Join(raw.Tags, ","))})
	}
	if raw.TLSName != "" {
		h = append(h, kgo.RecordHeader{Key: record.HeaderTLSCN, Value: []byte(raw.TLSName)})
	}
	return h, text
}

// constant gives the bytes of s without a copy; the producer only reads them. Inputs name their protocol and themselves
// with constants, which outlive every record.
func constant(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// refuse counts a batch that was not let in.
func (d *Door) refuse(batch []record.Raw) {
	for i := range batch {
		d.counts.Refused(batch[i].Source(), ReasonFull, 1)
	}
}

// Reasons for which the front door refuses records, as they stand in the ledger.
const (
	ReasonFull  = "full"  // too much was in flight when the input gave up waiting
	ReasonKafka = "kafka" // Kafka would not take the record
)

// ticket follows one batch until all of its records are acknowledged. Promises come from the producer's goroutines, one
// at a time for a partition, and at once for several.
type ticket struct {
	door  *Door
	batch []record.Raw
	size  int
	done  func(error)
	left  atomic.Int32

	mu   sync.Mutex
	err  error               // the first one
	lost map[uint64]struct{} // sequences of the records that Kafka did not take
}

// promise is kept once for each record of the batch; the last one ends the ticket.
func (t *ticket) promise(rec *kgo.Record, err error) {
	if err != nil {
		t.lose(rec, err)
	}
	if t.left.Add(-1) > 0 {
		return
	}
	// Nobody else touches the ticket from here on: every other promise has counted itself down.
	t.door.room.give(t.size)
	t.count()
	t.door.waiting.Add(-int64(len(t.batch)))
	if t.done == nil {
		return
	}
	if t.err != nil {
		t.done(fmt.Errorf("publishing: %w", t.err))
		return
	}
	t.done(nil)
}

// lose remembers a record that Kafka did not take. What else is in the batch may well be in the log: the ledger must
// not call it refused. The sequence is read from the record, since the batch's own records carry no index.
func (t *ticket) lose(rec *kgo.Record, err error) {
	t.door.bus.refusing(rec.Topic, err)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err, t.lost = err, map[uint64]struct{}{}
	}
	if ing, err := record.ParseIng(Header(rec, record.HeaderIng)); err == nil {
		t.lost[ing.Seq] = struct{}{}
	}
}

// count reports the batch by source; most batches have one.
func (t *ticket) count() {
	for i := 0; i < len(t.batch); {
		lost := t.isLost(i)
		j := i + 1
		for j < len(t.batch) && t.batch[j].Peer.Addr() == t.batch[i].Peer.Addr() && t.batch[j].Origin == t.batch[i].Origin && t.batch[j].Input == t.batch[i].Input && t.isLost(j) == lost {
			j++
		}
		if lost {
			t.door.counts.Refused(t.batch[i].Source(), reasonOf(t.err), j-i)
		} else {
			t.door.counts.Published(t.batch[i].Source(), j-i)
		}
		i = j
	}
}

func (t *ticket) isLost(i int) bool {
	_, lost := t.lost[t.batch[i].Ing.Seq]
	return lost
}

// room bounds the bytes in flight.
type room struct {
	mu    sync.Mutex
	limit int
	taken int
	freed chan struct{} // closed and replaced whenever bytes are given back
}

func newRoom(limit int) *room { return &room{limit: limit, freed: make(chan struct{})} }

// take waits until n bytes are free. A batch larger than the limit is let in alone: it could never come in otherwise.
// Waiters are not served in turn; whoever finds room first takes it.
func (r *room) take(ctx context.Context, n int) error {
	for {
		r.mu.Lock()
		if r.taken == 0 || r.taken+n <= r.limit {
			r.taken += n
			r.mu.Unlock()
			return nil
		}
		freed := r.freed
		r.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// give wakes every waiter: which of them fits now, only they know.
func (r *room) give(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	close(r.freed)
	r.freed = make(chan struct{})
}

// ingesterState is the state file of an ingester.
type ingesterState struct {
	Ingester string `json:"ingester"`
	Start    uint32 `json:"start"`
}

// NextStart reads the ingester's name, counts its start and writes that down before a record can be numbered with it.
// file keeps both: together with the sequence that is an identity which never comes again.
func NextStart(file string) (record.Ing, error) {
	var st ingesterState
	b, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		st.Ingester = fmt.Sprintf("%08x", rand.Uint32()^uint32(time.Now().UnixNano()))
	case err != nil:
		return record.Ing{}, fmt.Errorf("reading the ingester's identity: %w", err)
	default:
		err := json.Unmarshal(b, &st)
		if err == nil && st.Ingester == "" {
			err = errors.New("it has no name")
		}
		if err != nil {
			// A new name would be safe too, but a damaged data folder is something that its owner wants to hear about.
			return record.Ing{}, fmt.Errorf("the ingester's identity in %s is not readable: %w", file, err)
		}
	}
	st.Start++
	if b, err = json.Marshal(st); err != nil {
		return record.Ing{}, err
	}
	if err := WriteFile(file, b); err != nil {
		return record.Ing{}, fmt.Errorf("keeping the ingester's identity: %w", err)
	}
	return record.Ing{Ingester: st.Ingester, Start: st.Start}, nil
}

// WriteFile replaces a file so that a crash leaves the old or the new one, never a part: written aside, synced,
// renamed, folder synced.
func WriteFile(name string, data []byte) error {
	tmp := name + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
