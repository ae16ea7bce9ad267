package correlate

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	fileMagic   = "weir correlate partition\n"
	fileVersion = 1
)

// saved is what the snapshot of a partition holds.
// next and the state belong together: a state without the offset up to which it was fed would count signals twice.
type saved struct {
	next  int64     // offset of the first signal that is not in the state
	last  time.Time // timestamp of the record before it, to tell a topic that was made anew
	seen  positions
	state []byte // of the engine
}

// Snapshots is where the snapshot of each partition is kept. Calls for one partition come one after the other.
type Snapshots interface {
	// Load returns the snapshot of a partition and those before it that are still there, newest first. An error means
	// that it is not known now what is there.
	Load(ctx context.Context, partition int32) ([][]byte, error)
	// Store puts data in place of a partition's snapshot. When it returns nil, data is durable; a crash at any moment
	// leaves a whole snapshot, this one or the one before.
	Store(ctx context.Context, partition int32, data []byte) error
}

// StartOffset returns the offset of weir.signals from which the snapshot of a partition must be brought up to date; ok
// is false when there is no usable one.
func StartOffset(ctx context.Context, from Snapshots, partition int32) (offset int64, ok bool) {
	s, err := load(ctx, from, partition, slog.New(slog.DiscardHandler))
	if s == nil || err != nil {
		return 0, false
	}
	return s.next, true
}

// load reads the newest usable snapshot of a partition, nil if there is none. Broken ones are named in the log. The one
// before is as good as the newest, it only makes more signals be read again: nothing after it was committed unless the
// newest was whole at that moment.
func load(ctx context.Context, from Snapshots, partition int32, log *slog.Logger) (*saved, error) {
	all, err := from.Load(ctx, partition)
	if err != nil {
		return nil, fmt.Errorf("loading the state of correlation: %w", err)
	}
	for i, data := range all {
		s, err := decodeFile(data)
		if err == nil {
			return s, nil
		}
		log.Error("a snapshot of correlation cannot be used; the one before it is tried", "component", "correlate", "partition", partition, "before", i, "err", err)
	}
	return nil, nil
}

// encodeFile makes the bytes of a snapshot; the checksum around them covers all.
func encodeFile(s *saved) []byte {
	var e encoder
	e.int(s.next)
	e.int(s.last.UnixMilli())
	e.positions(s.seen)
	e.b = append(e.b, s.state...)
	return sealed(fileMagic, fileVersion, e.b)
}

// decodeFile reads them, and leaves the state of the engine as bytes: which rules run decides how it is read.
func decodeFile(data []byte) (*saved, error) {
	body, err := unsealed(fileMagic, fileVersion, data)
	if err != nil {
		return nil, err
	}
	d := decoder{b: body}
	s := &saved{next: d.int(), last: time.UnixMilli(d.int()), seen: d.positions()}
	if d.failed || s.next < 0 {
		return nil, fmt.Errorf("%w: its parts do not fit together", errBroken)
	}
	s.state = d.b
	return s, nil
}
