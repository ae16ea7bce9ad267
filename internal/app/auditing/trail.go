package auditing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"weir/internal/control/question"
	"weir/internal/record"
	"weir/processors/normalise"
)

// Trail puts looks through the front door, so that they are parsed, stored and counted like any record. It is safe for many
// goroutines.
type Trail struct {
	Data string // folder
	Log  *slog.Logger
	// Emit hands a batch to the front door; done comes when Kafka has it. Received counts it for the ledger.
	Emit     func(ctx context.Context, batch []record.Raw, done func(error)) error
	Received func(source string, n, bytes int)
}

// peer stands for this machine: weir's own records come from no socket.
var peer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// Note records a look of whoever asks in ctx. That it could not be recorded is logged, and never keeps somebody from looking.
func (t *Trail) Note(ctx context.Context, l Look) {
	if l.Who == "" {
		l.Who = question.Who(ctx)
	}
	if err := t.emit(context.WithoutCancel(ctx), nil, Doc(l)); err != nil {
		t.Log.Warn("recording who searched", "component", "audit", "err", err)
	}
}

// emit puts records of weir itself through the front door. done comes when Kafka has them; it may be nil, since nobody
// who searches should wait for that. The time limit is for a door that holds senders back because the disk is full.
func (t *Trail) emit(ctx context.Context, done func(error), docs ...[]byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	now := time.Now()
	batch := make([]record.Raw, len(docs))
	size := 0
	for i, d := range docs {
		batch[i] = record.Raw{Value: d, Received: now, Peer: peer, Proto: "local", Input: normalise.InputAudit}
		size += len(d)
	}
	t.Received(batch[0].Source(), len(batch), size)
	return t.Emit(ctx, batch, done)
}

// Flush stores what was looked at while no weir ran. A crash between storing and removing stores the looks twice,
// which is better than not at all.
func (t *Trail) Flush(ctx context.Context) error {
	name := filepath.Join(t.Data, File)
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil { // not passed over: a trail with a hole in it must not look whole
		return fmt.Errorf("reading %s: %w", File, err)
	}
	var docs [][]byte
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			docs = append(docs, line)
		}
	}
	if err := t.store(ctx, docs); err != nil {
		return fmt.Errorf("storing who searched while weir was stopped: %w", err)
	}
	return os.Remove(name)
}

// store puts documents through the front door and waits until Kafka has them.
func (t *Trail) store(ctx context.Context, docs [][]byte) error {
	if len(docs) == 0 {
		return nil
	}
	stored := make(chan error, 1)
	if err := t.emit(ctx, func(err error) { stored <- err }, docs...); err != nil {
		return err
	}
	select {
	case err := <-stored:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
