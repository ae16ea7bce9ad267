package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"weir/internal/app/answer"
	"weir/internal/bus"
	"weir/internal/record"
	"weir/processors/normalise"
)

// auditPeer stands for this machine: weir's own records come from no socket.
var auditPeer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// audit records who looked at what. It goes through the front door like any record, so it is parsed, stored and
// counted like one. That it could not be recorded is logged, and never keeps somebody from looking.
func (a *App) audit(ctx context.Context, action, kql string, hits, tookMS int64, failed error) {
	doc := answer.AuditDoc(action, kql, hits, tookMS, failed)
	if err := a.emitAudit(context.WithoutCancel(ctx), nil, doc); err != nil {
		a.log.Warn("recording who searched", "component", "audit", "err", err)
	}
}

// emitAudit puts records of weir itself through the front door. done comes when Kafka has them; it may be nil, since nobody
// who searches should wait for that. The time limit is for a door that holds senders back because the disk is full.
func (a *App) emitAudit(ctx context.Context, done func(error), docs ...[]byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	now := time.Now()
	batch := make([]record.Raw, len(docs))
	size := 0
	for i, d := range docs {
		batch[i] = record.Raw{Value: d, Received: now, Peer: auditPeer, Proto: "local", Input: normalise.InputAudit}
		size += len(d)
	}
	a.book.Received(batch[0].Source(), len(batch), size)
	return a.door.Emit(bus.RawAudit)(ctx, batch, done)
}

// flushAudit stores what was looked at while no weir ran. A crash between storing and removing stores the looks twice,
// which is better than not at all.
func (a *App) flushAudit(ctx context.Context) error {
	name := a.folder.Join(answer.AuditFile)
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil { // not passed over: a trail with a hole in it must not look whole
		return fmt.Errorf("reading %s: %w", answer.AuditFile, err)
	}
	var docs [][]byte
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			docs = append(docs, line)
		}
	}
	if err := a.storeAudit(ctx, docs); err != nil {
		return fmt.Errorf("storing who searched while weir was stopped: %w", err)
	}
	return os.Remove(name)
}

// storeAudit puts documents through the front door and waits until Kafka has them.
func (a *App) storeAudit(ctx context.Context, docs [][]byte) error {
	if len(docs) == 0 {
		return nil
	}
	stored := make(chan error, 1)
	if err := a.emitAudit(ctx, func(err error) { stored <- err }, docs...); err != nil {
		return err
	}
	select {
	case err := <-stored:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
