// Package pipeline runs a stage: one worker per assigned partition, batches in order, marks committed after the work
// is durable, retry and stop in one place.
package pipeline

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Worker handles the records of one partition of one topic. All calls come from one goroutine.
type Worker interface {
	// Process takes one batch, in offset order. done is called from any goroutine, once at the most and in the order of the
	// batches; that of a later batch answers for those before it too. With nil when everything that follows from the batch is durable, so that the offset may be committed;
	// with an error when the partition must stop, rewind to the last committed offset and start again with a new
	// worker. A worker may hold many done calls back (the archive holds them until its epoch is sealed). The records
	// are shared and must not be changed. Process returns an error instead of calling done when the batch failed
	// before anything was handed on.
	Process(ctx context.Context, batch []*kgo.Record, done func(error)) error
	// Close ends the worker after its last done; the partition may be given to another process right after.
	Close()
}
