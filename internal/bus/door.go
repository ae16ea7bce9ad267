package bus

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"unsafe"

	"weir/ingest"
	"weir/internal/bus/produce"
	"weir/internal/record"
)

// Door is the front door: every record that enters weir gets its identity here, then goes to Kafka. Safe for many
// goroutines.
type Door struct {
	bus   *Bus
	spool *spool // nil before the embedded broker
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

// lane keeps the sequence ascending within one partition: numbers are given and records written under its lock.
type lane struct {
	mu      sync.Mutex
	encoder encoder
	writer  *link   // to Kafka
	detour  *detour // nil before the embedded broker
}

// takes is the writer that takes the lane's records now. The lane's lock is held.
func (l *lane) takes() *produce.Writer {
	if l.detour != nil && l.detour.spooling {
		return l.detour.disk
	}
	return l.writer.Writer
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
		for p := range int32(b.Partitions(t)) {
			l := &lane{encoder: newEncoder(self)}
			d.lanes[t] = append(d.lanes[t], l)
			var err error
			if l.writer, err = b.link(b.Topic(t), p); err != nil {
				d.closeWriters()
				return nil, fmt.Errorf("making the front door's producer: %w", err)
			}
		}
	}
	if b.embedded == nil {
		var err error
		if d.spool, err = openSpool(b, d.lanes, counts); err != nil {
			d.closeWriters()
			return nil, fmt.Errorf("opening the spool: %w", err)
		}
	}
	return d, nil
}

// closeWriters ends the writers to Kafka; what they hold is settled with an error.
func (d *Door) closeWriters() {
	for _, lanes := range d.lanes {
		for _, l := range lanes {
			if l.writer != nil {
				l.writer.close()
			}
		}
	}
}

// Waiting returns how many records were given to the door and are not in Kafka.
func (d *Door) Waiting() int64 {
	n := d.waiting.Load()
	if d.spool != nil {
		n += d.spool.waiting()
	}
	return n
}

// Spooled returns how many records wait on this disk for a Kafka that is away.
func (d *Door) Spooled() int64 {
	if d.spool == nil {
		return 0
	}
	return d.spool.waiting()
}

// Close waits until everything taken over is acknowledged, or ctx ends. It may be called again. What Kafka has not taken
// by then goes to the spool, and to Kafka at the next start.
func (d *Door) Close(ctx context.Context) error {
	defer d.closeWriters()
	if d.spool != nil {
		return d.spool.close(ctx)
	}
	for _, lanes := range d.lanes {
		for _, l := range lanes {
			if err := l.writer.Flush(ctx); err != nil {
				return fmt.Errorf("waiting for Kafka at the front door: %w", err)
			}
		}
	}
	return nil
}

// Emit takes over a batch for the raw topic of the inputs kind; see ingest.Emit for the contract.
func (d *Door) Emit(topic string) ingest.Emit {
	lanes, full := d.lanes[topic], d.bus.Topic(topic)
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
		t := &ticket{door: d, topic: full, batch: batch, size: size, done: done}
		t.left.Store(int32(len(batch)))
		for from := 0; from < len(batch); {
			l, to := d.choose(lanes, batch, from)
			d.publish(l, t, from, to)
			from = to
		}
		return nil
	}
}

// recordOverhead is what a record costs in memory beside its value, roughly: headers and bookkeeping.
const recordOverhead = 512

// choose returns the lane of batch[from], locked, and the end of the run of records that go there together.
func (d *Door) choose(lanes []*lane, batch []record.Raw, from int) (l *lane, to int) {
	key := func(r *record.Raw) string {
		if r.Key == "" && d.byKey {
			// As sources are named: a listener for both families writes ::ffff:192.0.2.1 where another writes 192.0.2.1.
			return record.AddressName(r.Peer)
		}
		return r.Key
	}
	first := key(&batch[from])
	to = from + 1
	if first == "" && !d.byKey {
		for to < len(batch) && batch[to].Key == "" {
			to++
		}
		return d.any(lanes), to
	}
	for to < len(batch) && key(&batch[to]) == first {
		to++
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(first)) // a hash never fails
	l = lanes[h.Sum32()%uint32(len(lanes))]
	l.mu.Lock()
	return l, to
}

// any returns a lane, locked. Records stay on one until its batch goes off, then the next has its turn: a few large
// batches cost Kafka and weir less than many small ones. While every lane sends they take turns. Who would have to wait
// for a lane takes another.
func (d *Door) any(lanes []*lane) *lane {
	at := d.spread.Load()
	if l := lanes[at%uint32(len(lanes))]; !l.writer.Growing() && (l.detour == nil || !l.detour.disk.Growing()) {
		at = d.spread.Add(1)
	}
	for i := range uint32(len(lanes)) {
		if l := lanes[(at+i)%uint32(len(lanes))]; l.mu.TryLock() {
			return l
		}
	}
	l := lanes[at%uint32(len(lanes))]
	l.mu.Lock()
	return l
}

// publish numbers records of a batch and writes them, in order. The lane is locked, and free afterwards.
func (d *Door) publish(l *lane, t *ticket, from, to int) {
	defer l.mu.Unlock()
	l.takes().Write(&run{t, l}, from, to)
}

// run is the records of a ticket that go to one lane.
type run struct {
	*ticket
	lane *lane
}

// Record gives a record its identity and its headers. Write calls it under the lane's lock: numbers ascend within a
// partition.
func (r *run) Record(i int, out *produce.Record) {
	raw := &r.batch[i]
	raw.Ing = r.door.self
	raw.Ing.Seq = r.door.seq.Add(1)
	out.Time, out.Value, out.Headers = raw.Received, raw.Value, r.lane.encoder.headers(raw)
	if raw.Key != "" {
		out.Key = constant(raw.Key)
	}
}

// constant gives the bytes of s without a copy, to be read only.
func constant(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// refuse counts a batch that was not let in.
func (d *Door) refuse(batch []record.Raw) {
	for i := range batch {
		d.counts.Refused(batch[i].Source(), reasonFull, 1)
	}
}

// Reasons for which the front door refuses records, as they stand in the ledger.
const (
	reasonFull  = "full"  // too much was in flight when the input gave up waiting
	reasonKafka = "kafka" // Kafka would not take the record
)

// ticket follows one batch until all of its records are settled. Writers of several lanes may speak at once.
type ticket struct {
	door  *Door
	topic string // full name
	batch []record.Raw
	size  int
	done  func(error)
	left  atomic.Int32

	mu   sync.Mutex
	err  error    // the first one
	lost [][2]int // stretches of the batch that Kafka did not take
}

// Settled hears what became of a stretch of the batch; the last one ends the ticket.
func (t *ticket) Settled(from, to int, err error) {
	if err != nil {
		t.lose(from, to, err)
	}
	if t.left.Add(int32(from-to)) > 0 {
		return
	}
	// Nobody else touches the ticket from here on: every other stretch has counted itself down.
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

// lose remembers records that Kafka did not take. What else is in the batch may well be in the log: the ledger must not
// call it refused.
func (t *ticket) lose(from, to int, err error) {
	t.door.bus.refusing(t.topic, err)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
	t.lost = append(t.lost, [2]int{from, to})
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
	for _, l := range t.lost {
		if i >= l[0] && i < l[1] {
			return true
		}
	}
	return false
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
