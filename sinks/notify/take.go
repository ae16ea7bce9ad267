package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/pipeline"
	"weir/sinks/notify/routing"
	"weir/sinks/notify/settings"
	"weir/sinks/notify/store"
)

// Why nobody is told of an alert. The words are shown to people.
const (
	fateCanary   = "it answers weir canary"
	fateHistoric = "it was found in the past"
	fateBefore   = "it is older than these notifications"
	fateOver     = "it was over before anybody could be told"
	fateNoFile   = "no route of notify.yaml was in use when it came"
	fateNobody   = "its route tells nobody"
)

// before is how much older than the store a record may be and still be told: clocks of machines differ.
const before = 10 * time.Minute

// NewWorker makes the worker of a partition, for a pipeline.Stage that reads both topics.
func (n *Notifier) NewWorker(_ context.Context, topic string, _ int32, _ int64) (pipeline.Worker, error) {
	switch topic {
	case n.opts.Alerts:
		return &worker{n: n, take: n.takeAlert}, nil
	case n.opts.Changes:
		return &worker{n: n, take: n.takeChange}, nil
	}
	return nil, fmt.Errorf("the stage notify reads no topic %s", topic)
}

// worker takes the records of one partition. Several share one store, in which writers wait for each other.
type worker struct {
	n    *Notifier
	take func(context.Context, *store.Tx, *batch, *kgo.Record) error
}

// batch is what records of one transaction have in common.
type batch struct {
	file  *settings.File
	holds holds
	now   time.Time
	// woke: a group has to be looked at.
	woke bool
}

// Process implements pipeline.Worker: the batch is stored as one, and done when it is on disk. A record that cannot be
// read is named and passed over: it will never become one.
func (w *worker) Process(ctx context.Context, list []*kgo.Record, done func(error)) error {
	n := w.n
	b := &batch{file: n.current(), now: n.opts.Now()}
	// Read before the transaction and used for all of the batch: one moment for all of its alerts.
	var err error
	if b.holds, err = n.holding(ctx, b.file, b.now); err != nil {
		return err
	}
	err = n.store.Write(ctx, "taking alerts", func(tx *store.Tx) error {
		for _, rec := range list {
			if err := w.take(ctx, tx, b, rec); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Behind the commit: whoever looks now finds what woke it.
	if b.woke {
		n.wake()
	}
	done(nil)
	return nil
}

// Close implements pipeline.Worker.
func (w *worker) Close() {}

// takeAlert takes a revision of an alert. One that is not newer than what is known changes nothing.
func (n *Notifier) takeAlert(ctx context.Context, tx *store.Tx, b *batch, rec *kgo.Record) error {
	var a alert.Alert
	if err := json.Unmarshal(rec.Value, &a); err != nil || !a.Sound() {
		n.log.Error("a record is no alert", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "err", err)
		return nil
	}
	have, err := tx.Alert(ctx, a.ID)
	if err != nil {
		return err
	}
	if have == nil {
		have = &store.Alert{State: alert.Open, Seen: b.now}
	}
	// A runner that begins again, and a second weir that raises the same, give what is known.
	if a.Revision <= have.Revision {
		return nil
	}
	// What was decided about an alert before its first record came stays with it.
	was := *have
	have.Alert = a
	// The time of the record and not of the alert: logs may be late, and their alerts are told all the same.
	old := !rec.Timestamp.IsZero() && rec.Timestamp.Before(n.store.Since().Add(-before))
	switch {
	case was.Fate == store.Placed && was.Over() && !have.Over():
		err = n.again(ctx, tx, b, have)
	case was.Fate == store.Placed:
		if was.Over() != have.Over() || routing.Rank(a.Level) > routing.Rank(was.Level) {
			_, err = tx.Wake(ctx, a.ID, b.now)
			b.woke = true
		}
	case was.Fate == store.Held && a.Count <= was.Count && was.Over() == have.Over():
		// It was held back, and nothing happened since that anybody could be told of.
	case old && was.Revision == 0:
		have.Fate = fateBefore
	case old: // further revisions of what was not for this store to tell
	default:
		err = n.place(ctx, tx, b, have)
	}
	if err != nil {
		return err
	}
	return tx.SaveAlert(ctx, have, b.now)
}

// takeChange takes what somebody decided about an alert. It may come before the alert itself: they travel on two topics.
func (n *Notifier) takeChange(ctx context.Context, tx *store.Tx, b *batch, rec *kgo.Record) error {
	var c alert.Change
	if err := json.Unmarshal(rec.Value, &c); err != nil || !c.Sound() {
		n.log.Error("a record is no change of an alert", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "err", err)
		return nil
	}
	a, err := tx.Alert(ctx, c.Alert)
	if err != nil {
		return err
	}
	if a == nil {
		a = &store.Alert{Seen: b.now}
		a.ID = c.Alert
	}
	if c.Version <= a.Version {
		return nil
	}
	was := *a
	a.Version, a.Assignee, a.State, a.Verdict = c.Version, c.Assignee, c.State, c.Verdict
	switch {
	case was.Revision == 0: // the alert is not here yet
	case was.Over() && !a.Over():
		err = n.again(ctx, tx, b, a)
	case was.Over() != a.Over() || was.State != a.State:
		_, err = tx.Wake(ctx, a.ID, b.now)
		b.woke = true
	}
	if err != nil {
		return err
	}
	return tx.SaveAlert(ctx, a, b.now)
}

// again has people told of an alert that was over and goes on: in the group that it is in, if that is still open, else
// wherever it goes now.
func (n *Notifier) again(ctx context.Context, tx *store.Tx, b *batch, a *store.Alert) error {
	there, err := tx.Retell(ctx, a.ID, b.now)
	if err != nil || there {
		b.woke = true
		return err
	}
	return n.place(ctx, tx, b, a)
}

// place decides what becomes of an alert: who is told of it, or why nobody is.
func (n *Notifier) place(ctx context.Context, tx *store.Tx, b *batch, a *store.Alert) error {
	if a.Fate = withheld(a); a.Fate != store.Unplaced {
		return nil
	}
	if b.file == nil || b.file.Route == nil {
		a.Fate = fateNoFile
		return nil
	}
	if kind, name, digest, held := b.holds.of(&a.Alert); held {
		return n.hold(ctx, tx, b, a, kind, name, digest)
	}
	// Each target is a group of its own: its channels and its settings differ.
	targets := n.targets(b.file, &a.Alert, b.now)
	if len(targets) == 0 {
		a.Fate = fateNobody
		return nil
	}
	for _, t := range targets {
		if err := tx.Join(ctx, store.GroupFor(t, &a.Alert), a, b.now); err != nil {
			return err
		}
	}
	a.Fate, b.woke = store.Placed, true
	return nil
}

// withheld says why nobody is told of such an alert, whatever the routes say; Unplaced if nothing speaks against it.
func withheld(a *store.Alert) string {
	switch {
	case a.Canary:
		return fateCanary
	case a.Historic:
		return fateHistoric
	case a.SuppressedBy != "":
		return "alert " + a.SuppressedBy + " speaks for it: its rule suppresses it"
	case a.Over():
		return fateOver
	}
	return store.Unplaced
}

// hold notes that an alert is held back, and counts it for the channels that would have been told.
func (n *Notifier) hold(ctx context.Context, tx *store.Tx, b *batch, a *store.Alert, kind, name string, digest bool) error {
	a.Fate = store.Held
	fresh, err := tx.Hold(ctx, a.ID, kind, name, digest, b.now)
	if err != nil || !fresh {
		return err
	}
	// By the channel that would have been told, or nobody could say what a silence costs whom.
	for _, t := range n.targets(b.file, &a.Alert, b.now) {
		for _, c := range t.To {
			if err := tx.Silenced(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// targets returns where an alert goes by the routes of a file. Channels that a rule names and the file does not have are
// left out: the rules may be those of another site.
func (n *Notifier) targets(file *settings.File, a *alert.Alert, now time.Time) []routing.Target {
	return file.Route.Targets(a, now, func(name string) bool { return file.Channels[name] != nil })
}
