package produce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// requestTimeout is how long Kafka may wait for its replicas before it answers that they did not take the batch.
const requestTimeout = 10 * time.Second

// shortest and longest pause before a batch is tried again.
const (
	shortPause = 20 * time.Millisecond
	longPause  = 500 * time.Millisecond
)

// deliver tries b until it is settled, or ctx ends: then it stays in the queue.
func (w *Writer) deliver(ctx context.Context, b *Batch) {
	if time.Now().Before(w.undated) {
		w.undate(b)
	}
	w.encode(b)
	for try := 1; ; try++ {
		end, err := w.send(ctx, b)
		if err != nil && ctx.Err() == nil && w.opts.Trouble != nil {
			w.opts.Trouble(err)
		}
		verdict := judge(err)
		if verdict == refused {
			// Kafka may have noted the numbers of what it then could not write: what is sent next under them would be taken for
			// a copy of it, and acknowledged. So nothing is.
			w.known = false
		}
		switch {
		case ctx.Err() != nil && err != nil:
			w.abandon(b)
			return
		case verdict == taken:
			w.who = w.who.after(b.records)
			w.settled(b, end, nil)
			return
		case verdict == refused && errors.Is(err, kerr.InvalidTimestamp) && !b.undated && w.undate(b):
			w.undated = time.Now().Add(undatedFor)
			w.encode(b)
			continue
		case verdict == refused && b.records > 1 && w.cut(b, err):
			return
		case verdict == refused:
			w.settled(b, 0, err)
			return
		case verdict == stranger:
			w.known = false
		default:
			w.found = false
		}
		if try == 1 || try%20 == 0 {
			w.opts.Log.Warn("Kafka did not take a batch, again in a moment", "topic", w.opts.Topic, "partition", w.opts.Partition, "tries", try, "err", err)
		}
		select {
		case <-time.After(min(time.Duration(try)*shortPause, longPause)):
		case <-ctx.Done():
			w.abandon(b)
			return
		}
	}
}

// abandon follows a try whose answer nobody waits for. Kafka may have the batch and may not: its numbers cannot be used for
// anything else. And the bytes may still be on their way to a connection, so they are never written to again.
func (w *Writer) abandon(b *Batch) {
	w.known, w.small = false, nil
	if w.codec == 0 {
		b.buf = bytes.Clone(b.buf)
	}
}

// undatedFor is how long batches are sent without a time after Kafka refused one for it.
const undatedFor = time.Minute

// undate takes the time off a batch. Kafka refuses what is of tomorrow: one of the two clocks is wrong, and that is no
// reason to lose records. It tells whether it did.
func (w *Writer) undate(b *Batch) bool {
	if b.undated {
		return false
	}
	if err := b.undate(); err != nil {
		w.opts.Log.Error("taking the time off a batch", "topic", w.opts.Topic, "partition", w.opts.Partition, "err", err)
		return false
	}
	return true
}

// cut puts two halves in the place of a batch that Kafka refuses, so that what is wrong with one record is said of that
// one alone. It tells whether it did.
func (w *Writer) cut(b *Batch, why error) bool {
	if !divisible(why) {
		return false
	}
	w.opts.Log.Debug("Kafka refuses a batch, its halves are tried", "topic", w.opts.Topic, "partition", w.opts.Partition, "records", b.records, "err", why)
	one, two, err := b.halve()
	if err != nil {
		w.opts.Log.Error("halving a batch", "topic", w.opts.Topic, "partition", w.opts.Partition, "err", err)
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append([]*Batch{one, two}, w.queue[1:]...)
	return true
}

// encode makes the bytes that travel, except for the header, which is written at each try. They are the batch itself where
// it is not compressed.
func (w *Writer) encode(b *Batch) {
	w.wire, w.codec = b.buf, 0
	if w.opts.Compress == nil {
		return
	}
	records := b.buf[headerSize:]
	w.squeeze.Reset()
	small, codec := w.opts.Compress.Compress(w.squeeze, records)
	if codec <= 0 || headerSize+len(small) >= len(b.buf) {
		return // it would not become smaller
	}
	w.small = append(append(w.small[:0], b.buf[:headerSize]...), small...)
	w.wire, w.codec = w.small, int8(codec)
}

// send tries once. It returns the offset after the last record, 0 if Kafka does not say it.
func (w *Writer) send(ctx context.Context, b *Batch) (end int64, err error) {
	if !w.found {
		if err := w.find(ctx); err != nil {
			return 0, err
		}
	}
	if !w.known {
		if err := w.introduce(ctx); err != nil {
			return 0, err
		}
	}
	b.seal(w.wire, w.codec, w.who)
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, int32(requestTimeout.Milliseconds())
	t := kmsg.NewProduceRequestTopic()
	t.Topic, t.TopicID = w.opts.Topic, w.topicID
	p := kmsg.NewProduceRequestTopicPartition()
	p.Partition, p.Records = w.opts.Partition, w.wire
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	answer, err := w.opts.Client.Broker(int(w.leader)).Request(ctx, req)
	if err != nil {
		return 0, err
	}
	resp, ok := answer.(*kmsg.ProduceResponse)
	if !ok || len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
		return 0, errNoAnswer
	}
	got := resp.Topics[0].Partitions[0]
	if err := kerr.ErrorForCode(got.ErrorCode); err != nil {
		if got.ErrorMessage != nil && *got.ErrorMessage != "" {
			err = fmt.Errorf("%w (%s)", err, *got.ErrorMessage)
		}
		return 0, &answered{err, got.ErrorCode}
	}
	if got.BaseOffset < 0 {
		return 0, nil
	}
	return got.BaseOffset + int64(b.records), nil
}

// errNoAnswer is an answer that does not speak of the batch.
var errNoAnswer = errors.New("the answer to a produce request names another number of partitions than one")

// find asks for the leader of the partition.
func (w *Writer) find(ctx context.Context) error {
	req := kmsg.NewPtrMetadataRequest()
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &w.opts.Topic
	req.Topics = append(req.Topics, t)
	resp, err := req.RequestWith(ctx, w.opts.Client)
	if err != nil {
		return fmt.Errorf("asking for the leader: %w", err)
	}
	for _, t := range resp.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return fmt.Errorf("asking for the leader: %w", err)
		}
		for _, p := range t.Partitions {
			if p.Partition != w.opts.Partition {
				continue
			}
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return fmt.Errorf("asking for the leader: %w", err)
			}
			w.leader, w.topicID, w.found = p.Leader, t.TopicID, true
			return nil
		}
	}
	return fmt.Errorf("asking for the leader: %w", kerr.UnknownTopicOrPartition)
}

// introduce gets a new identity. Kafka knows no number of it yet.
func (w *Writer) introduce(ctx context.Context) error {
	req := kmsg.NewPtrInitProducerIDRequest()
	req.ProducerID, req.ProducerEpoch = -1, -1
	resp, err := req.RequestWith(ctx, w.opts.Client)
	if err != nil {
		return fmt.Errorf("asking for a producer id: %w", err)
	}
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return fmt.Errorf("asking for a producer id: %w", err)
	}
	w.who, w.known = identity{id: resp.ProducerID, epoch: resp.ProducerEpoch}, true
	return nil
}

// verdict is what an answer means for the batch.
type verdict int

const (
	taken    verdict = iota // Kafka has it
	again                   // later, and perhaps elsewhere
	stranger                // later, under a new identity
	refused                 // never
)

// answered is Kafka's own word about a batch.
type answered struct {
	error
	code int16
}

func (a *answered) Unwrap() error { return a.error }

// judge reads an answer. Where there is none, or none about the batch, it may have been taken: Kafka says so when it
// comes again. Records that weir may not write wait until somebody gives it the right: they are as good as any.
func judge(err error) verdict {
	if err == nil {
		return taken
	}
	answer, ok := errors.AsType[*answered](err)
	if !ok {
		return again
	}
	switch answer.code {
	case kerr.DuplicateSequenceNumber.Code:
		return taken
	case kerr.OutOfOrderSequenceNumber.Code, kerr.UnknownProducerID.Code, kerr.InvalidProducerEpoch.Code, kerr.InvalidProducerIDMapping.Code, kerr.ProducerFenced.Code:
		// Kafka has forgotten this writer, or the log ends before what it had acknowledged. What was taken and is sent
		// again has its old number of the front door, by which readers drop it.
		return stranger
	case kerr.TopicAuthorizationFailed.Code, kerr.ClusterAuthorizationFailed.Code, kerr.UnknownTopicID.Code, kerr.InconsistentTopicID.Code:
		return again
	}
	if kerr.IsRetriable(err) {
		return again
	}
	return refused
}

// divisible tells whether Kafka may take half of what it refuses as a whole.
func divisible(err error) bool {
	for _, e := range []error{kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.InvalidTimestamp} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
