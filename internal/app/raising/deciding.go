package raising

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/record"
)

// Again raises an alert that was written down as JSON before it could be raised.
func (r *Raiser) Again(ctx context.Context, doc []byte) error {
	var a alert.Alert
	if err := json.Unmarshal(doc, &a); err != nil {
		return fmt.Errorf("reading an alert: %w", err)
	}
	return r.Raise(ctx, &a)
}

// Decision writes what was decided about an alert and returns when it is durable. doc is an alert.Change; store and seq are
// which store wrote it down and as which number, which ascend: they are its position.
func Decision(ctx context.Context, producer *kgo.Client, topic, store string, seq int64, doc []byte) error {
	var c alert.Change
	if err := json.Unmarshal(doc, &c); err != nil {
		return fmt.Errorf("reading a change: %w", err)
	}
	src := record.Pos{Topic: "changes." + store, Offset: seq}
	rec := &kgo.Record{Topic: topic, Key: []byte(c.Alert), Value: doc, Timestamp: time.Now(), Headers: []kgo.RecordHeader{
		{Key: record.HeaderSource, Value: []byte(src.String())}, {Key: record.HeaderID, Value: []byte(c.Alert + "-change-" + strconv.Itoa(c.Version))}}}
	done := make(chan error, 1)
	// Not the caller's context: a record that is given up half way would stop the producer.
	producer.Produce(context.WithoutCancel(ctx), rec, func(_ *kgo.Record, err error) { done <- err })
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("writing a decision about alert %s: %w", c.Alert, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("writing a decision about alert %s: %w", c.Alert, ctx.Err())
	}
}
