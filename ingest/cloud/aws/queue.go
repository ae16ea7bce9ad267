package aws

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"weir/ingest"
)

// maxMessages is the most that SQS gives at once.
const maxMessages = 10

// receive asks for messages and waits for the first as long as the configuration says.
func (s *Source) receive(ctx context.Context, n int) ([]types.Message, error) {
	out, err := s.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &s.cfg.Queue, MaxNumberOfMessages: int32(min(n, maxMessages)), WaitTimeSeconds: min(secondsOf(time.Duration(s.cfg.Wait)), 20),
		VisibilityTimeout:           secondsOf(s.times.hide),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages[:min(n, len(out.Messages))], nil
}

// handle reads what a message announces and deletes it, or leaves it in the queue for later. While it reads, the message
// stays hidden from other readers.
func (s *Source) handle(ctx context.Context, m *types.Message, emit ingest.Emit) {
	reading, stop := context.WithCancel(ctx)
	beating := make(chan struct{})
	go func() { // ends with stop, before handle does
		defer close(beating)
		s.hide(reading, m)
	}()
	err := s.readAll(ctx, m, emit)
	stop()
	<-beating
	// What follows belongs to what was done, also when the source is being ended meanwhile.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.times.end)
	defer cancel()
	switch {
	case err == nil:
		if _, err := s.queue.DeleteMessage(end, &sqs.DeleteMessageInput{QueueUrl: &s.cfg.Queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			f := s.explainQueue(err)
			if s.noted.First("delete " + f.Code) {
				s.log.Error("a message that was read cannot be deleted; it comes again, and its records are dropped as duplicates", "err", f, "do", f.Do)
			}
		}
	case ctx.Err() != nil:
		s.release(end, m, 0) // for the next reader, at once
	default:
		s.release(end, m, s.pauseFor(m))
	}
}

// readAll reads every object of a message.
func (s *Source) readAll(ctx context.Context, m *types.Message, emit ingest.Emit) error {
	objects, err := parseNotice(text(m.Body))
	if err != nil {
		return s.keepForeign(ctx, m, emit)
	}
	for _, o := range objects {
		if o.skipped() {
			s.log.Debug("an object without records is passed over", "bucket", o.bucket, "key", o.key)
			continue
		}
		if err := s.read(ctx, o, emit); err != nil {
			if ctx.Err() == nil {
				f := s.explainObject(o, err)
				if s.noted.First(f.Code + " " + f.Where) {
					s.log.Error("an object cannot be read; its message is left in the queue", "err", f, "do", f.Do)
				}
			}
			return err
		}
	}
	return nil
}

// keepForeign makes a dead letter of a message that announces nothing: it is not lost, and does not come again for ever.
func (s *Source) keepForeign(ctx context.Context, m *types.Message, emit ingest.Emit) error {
	e := &emitter{source: s, emit: emit, origin: queueName(s.cfg.Queue), key: "sqs/" + queueName(s.cfg.Queue) + "/" + text(m.MessageId)}
	return e.dead(ctx, &badObject{reasonMessage, errForeign.Error()}, []byte(text(m.Body)))
}

// reasonMessage is the reason of the dead letter of a message.
const reasonMessage = "message-unknown"

// queueName is the last part of a queue's URL.
func queueName(u string) string {
	for i := len(u) - 1; i >= 0; i-- {
		if u[i] == '/' {
			return u[i+1:]
		}
	}
	return u
}

// hide keeps a message hidden for as long as it is worked on.
func (s *Source) hide(ctx context.Context, m *types.Message) {
	beat := time.NewTicker(max(s.times.hide/3, time.Millisecond))
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		if err := s.setHidden(ctx, m, s.times.hide); err != nil && ctx.Err() == nil {
			f := s.explainQueue(err)
			if s.noted.First("hide " + f.Code) {
				s.log.Error("a message cannot be kept hidden while it is read; another reader may read it too, and its records are dropped as duplicates", "err", f, "do", f.Do)
			}
		}
	}
}

// release lets a message come again after d. If that cannot be said, it comes when its time is over.
func (s *Source) release(ctx context.Context, m *types.Message, d time.Duration) {
	if err := s.setHidden(ctx, m, d); err != nil {
		s.log.Debug("a message is left to come again by itself", "err", err)
	}
}

func (s *Source) setHidden(ctx context.Context, m *types.Message, d time.Duration) error {
	_, err := s.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &s.cfg.Queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: secondsOf(d)})
	if err != nil {
		return fmt.Errorf("changing how long a message is hidden: %w", err)
	}
	return nil
}

// pauseFor is how long a message that could not be read stays away: longer each time.
func (s *Source) pauseFor(m *types.Message) time.Duration {
	n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil || n < 1 {
		n = 1
	}
	return min(s.times.again<<min(n-1, 20), s.times.againMax)
}
