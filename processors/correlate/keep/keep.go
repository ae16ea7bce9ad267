// Package keep holds the snapshots of correlation: how they are written and read, a piece at a time, and where they are
// kept, a folder of files or the compacted topic of a Kafka.
package keep

import (
	"context"
	"io"
)

// Snapshots is where the snapshot of each partition is kept. Calls for one partition come one after the other.
type Snapshots interface {
	// Load returns the snapshot of a partition and those before it that are still there, newest first. An error means
	// that it is not known now what is there.
	Load(ctx context.Context, partition int32) ([]Saved, error)
	// Store puts what write writes in place of a partition's snapshot. When it returns nil, that is durable; a crash at
	// any moment, and an error of write, leave a whole snapshot, this one or the one before.
	Store(ctx context.Context, partition int32, write func(io.Writer) error) error
}

// Saved opens a snapshot for reading. Who reads it closes it.
type Saved func() (io.ReadCloser, error)
