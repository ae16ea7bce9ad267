// Package archive feeds the archive from weir.events and weir.alerts: it drops what the archive has already, finds
// holes, and keeps the positions in step with the rows.
package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/archive"
	"weir/internal/pipeline"
	"weir/internal/record"
)

// ErrHole means that a record names one before it that the archive never got. The partition is to be read again from
// the archive's position.
var ErrHole = errors.New("a record is missing between this one and what the archive has")

// holeTries is how often the same hole is met before it is taken for what it is: records that the topic no longer has.
const holeTries = 3

// Sink makes the workers of the archive stage.
type Sink struct {
	a   *archive.Archive
	log *slog.Logger

	mu    sync.Mutex
	holes map[archive.Partition]hole
}

// hole is the last one met in a partition.
type hole struct {
	offset int64
	times  int
}

// New returns the sink of an archive.
func New(a *archive.Archive, log *slog.Logger) *Sink {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Sink{a: a, log: log.With("component", "archive"), holes: map[archive.Partition]hole{}}
}

// StartOffset returns where a partition is to be read from: the archive's own position wins over that of the group. ok
// is false for a partition that the archive has never read.
func (s *Sink) StartOffset(topic string, partition int32) (offset int64, ok bool) {
	next, _, ok := s.a.Mark(archive.Partition{Topic: topic, ID: partition})
	return next, ok
}

// NewWorker returns the worker of one partition.
func (s *Sink) NewWorker(topic string, partition int32) pipeline.Worker {
	p := archive.Partition{Topic: topic, ID: partition}
	w := &worker{sink: s, at: p, log: s.log.With("topic", topic, "partition", partition)}
	w.next, w.high, _ = s.a.Mark(p)
	return w
}

// worker handles one partition. Its fields belong to the goroutine that calls it.
type worker struct {
	sink *Sink
	at   archive.Partition
	log  *slog.Logger
	next int64                            // offset after the last one taken
	high map[archive.Partition]record.Pos // highest source position taken, by source partition
}

// Process takes a batch into the archive. done is called when its epoch is published.
func (w *worker) Process(ctx context.Context, batch []*kgo.Record, done func(error)) error {
	rows := make([]archive.Row, 0, len(batch))
	high := map[archive.Partition]record.Pos{}
	next := w.next
	for _, r := range batch {
		if r.Offset < next || r.Value == nil {
			continue // read again after a rewind, and counted then; or a tombstone, which says nothing
		}
		row, err := w.row(r, high)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		next = r.Offset + 1
	}
	if err := w.sink.a.Append(ctx, rows, done); err != nil {
		return fmt.Errorf("appending to the archive: %w", err)
	}
	w.next = next
	maps.Copy(w.high, high)
	return nil
}

// row makes a row of a record. high are the source positions of the batch so far.
func (w *worker) row(r *kgo.Record, high map[archive.Partition]record.Pos) (archive.Row, error) {
	h := headersOf(r)
	row := archive.Row{Consumed: record.Pos{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset}, Account: h.account(r.Topic)}
	src, err := record.ParsePos(h.src)
	if err != nil && h.src != "" {
		w.log.Error("a record's source position cannot be read; it is stored without one", "offset", r.Offset, "err", err)
	}
	if err == nil {
		row.Source = src
		p := archive.Partition{Topic: src.Topic, ID: src.Partition}
		have, ok := w.highest(p, high)
		if ok && src.Compare(have) <= 0 {
			row.Source = record.Pos{}
			return row, nil
		}
		if err := w.checkHole(r, h.prev, high); err != nil {
			return row, err
		}
		high[p] = src
	}
	row.Doc = r.Value
	return row, nil
}

// highest returns the highest source position taken from a partition, in this batch or before it.
func (w *worker) highest(p archive.Partition, high map[archive.Partition]record.Pos) (record.Pos, bool) {
	if pos, ok := high[p]; ok {
		return pos, true
	}
	pos, ok := w.high[p]
	return pos, ok
}

// checkHole compares the position before this one with what was taken. A hole that stays after the partition was read
// again is one in the topic: it is said once, as an error, and the rest goes on.
func (w *worker) checkHole(r *kgo.Record, prev string, high map[archive.Partition]record.Pos) error {
	if prev == "" {
		return nil
	}
	pos, err := record.ParsePos(prev)
	if err != nil {
		w.log.Error("the position before a record cannot be read; holes are not seen there", "offset", r.Offset, "err", err)
		return nil
	}
	have, ok := w.highest(archive.Partition{Topic: pos.Topic, ID: pos.Partition}, high)
	if !ok || pos.Compare(have) <= 0 {
		return nil
	}
	if w.sink.metAgain(w.at, r.Offset) {
		w.log.Error("records are missing in the topic; going on without them", "offset", r.Offset, "have", have.String(), "before", pos.String())
		return nil
	}
	w.log.Warn("a record is missing; reading the partition again", "offset", r.Offset, "have", have.String(), "before", pos.String())
	return fmt.Errorf("at %s offset %d: %w", w.at, r.Offset, ErrHole)
}

// metAgain counts how often a hole was met, and tells whether it was too often.
func (s *Sink) metAgain(p archive.Partition, offset int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holes[p]
	if h.offset != offset {
		h = hole{offset: offset}
	}
	h.times++
	s.holes[p] = h
	return h.times > holeTries
}

// closeWait bounds how long a closing worker waits for its rows to be sealed.
const closeWait = 30 * time.Second

// Close seals what the worker appended, so that the partition may be given to another process: that one begins at the
// published position. Where it cannot be sealed in time (a full disk), the runner is told by the done functions when
// the archive is closed, and the rows are read again.
func (w *worker) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	if err := w.sink.a.Seal(ctx); err != nil && !errors.Is(err, archive.ErrClosed) {
		w.log.Warn("closing a partition before its rows are sealed; they are read again", "err", err)
	}
}

// headers are those of a record that the archive needs.
type headers struct{ src, prev, input, peer, origin string }

// headersOf reads the headers; where one comes twice the last counts.
func headersOf(r *kgo.Record) (h headers) {
	for i := range r.Headers {
		switch v := r.Headers[i].Value; r.Headers[i].Key {
		case record.HeaderSource:
			h.src = string(v)
		case record.HeaderPrev:
			h.prev = string(v)
		case record.HeaderInput:
			h.input = string(v)
		case record.HeaderPeer:
			h.peer = string(v)
		case record.HeaderOrigin:
			h.origin = string(v)
		}
	}
	return h
}

// account names the source as the ledger does: input/address, or input/origin. Records without one, such as alerts, are counted under
// their topic.
func (h headers) account(topic string) string {
	if h.input == "" {
		return topic
	}
	if h.origin != "" {
		return h.input + "/" + h.origin
	}
	peer, err := netip.ParseAddrPort(h.peer)
	if err != nil && h.peer != "" {
		return h.input + "/" + h.peer
	}
	return h.input + "/" + record.AddressName(peer)
}
