package keep

import (
	"bytes"
	"context"
	"io"
	"sync"

	"weir/internal/state"
)

// Topic keeps snapshots where other state is kept: in the compacted topic of a Kafka, from which any process can take a
// partition over. Safe for many goroutines, as workers of several partitions are.
func Topic(o state.Opener) Snapshots { return &topic{opener: o, open: map[int32]state.Store{}} }

type topic struct {
	opener state.Opener
	mu     sync.Mutex
	open   map[int32]state.Store // loaded
}

// snapshotKey is the one key of a partition's store.
const snapshotKey = "snapshot"

// Load implements Snapshots. It opens the store anew: another process may have had the partition meanwhile.
func (k *topic) Load(ctx context.Context, partition int32) ([]Saved, error) {
	s, err := k.opener.Open("correlate", partition)
	if err != nil {
		return nil, err
	}
	values, err := s.Load(ctx)
	if err != nil {
		s.Close()
		return nil, err
	}
	k.mu.Lock()
	old := k.open[partition]
	k.open[partition] = s
	k.mu.Unlock()
	if old != nil {
		old.Close()
	}
	if data, ok := values[snapshotKey]; ok {
		return []Saved{func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}, nil
	}
	return nil, nil
}

// Store implements Snapshots. A record of the topic must be whole before the first one is written, so what write writes is
// held in memory.
func (k *topic) Store(ctx context.Context, partition int32, write func(io.Writer) error) error {
	var data bytes.Buffer
	if err := write(&data); err != nil {
		return err
	}
	s, err := k.loaded(ctx, partition)
	if err != nil {
		return err
	}
	if err := state.SaveAndWait(ctx, s, []state.Change{{Key: snapshotKey, Value: data.Bytes()}}); err != nil {
		s.Close()
		return err
	}
	k.mu.Lock()
	k.open[partition] = s
	k.mu.Unlock()
	return nil
}

// loaded takes the store of a partition out of those that are open. Where the last time failed there is none: what the
// topic holds now is not known, and is read again.
func (k *topic) loaded(ctx context.Context, partition int32) (state.Store, error) {
	for {
		k.mu.Lock()
		s := k.open[partition]
		delete(k.open, partition)
		k.mu.Unlock()
		if s != nil {
			return s, nil
		}
		if _, err := k.Load(ctx, partition); err != nil {
			return nil, err
		}
	}
}
