package alerts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/sinks/alerts/risk"
)

// What nobody needs any more is forgotten: alerts that are closed and were not touched for long, with all that hangs on
// them. Their events, revisions and decisions are in the archive and stay there. It goes in small transactions with pauses
// between them, so that alerts and decisions of now wait for none of it; one that is cut short goes on at the next start.

const (
	forgetFirst = time.Minute   // after the start
	forgetEvery = 6 * time.Hour // from then on
	forgetRead  = 10_000        // ids are read at once,
	forgetBatch = 100           // and forgotten in one transaction
	forgetPause = 20 * time.Millisecond
	shrinkPages = 256 // are given back to the disk at once
	shrinkAbove = 5   // one page of so many may be free: alerts of tomorrow use them
)

// gone counts what was forgotten.
type gone struct {
	Alerts   int64 `json:"alerts"`
	ByPeople int64 `json:"by_people"` // changes
	ByWeir   int64 `json:"by_weir"`
}

// Forget forgets what is too old, again and again, until ctx ends. The caller waits for it to return.
func (s *Store) Forget(ctx context.Context) {
	if s.keep <= 0 {
		return
	}
	for wait := forgetFirst; ; wait = forgetEvery {
		if !s.pause(ctx, wait) {
			return
		}
		n, err := s.forget(ctx)
		if n > 0 {
			s.log.Info("old alerts are forgotten; the archive has them", "forgotten", n, "closed_before", s.cutoff().Format(time.RFC3339))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("forgetting old alerts did not come to its end; it is tried again", "err", err)
		}
	}
}

// sleep tells whether so long has passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// cutoff is the moment since which nothing may have happened to what is forgotten. As long as an alert weighs anything in a
// risk it stays: so no score and no list of what made it changes. ahead is for events whose clock was.
func (s *Store) cutoff() time.Time {
	at := s.now().Add(-s.keep)
	if s.risk.On() {
		if weighs := s.risk.Forgotten(s.now()).Add(-ahead); weighs.Before(at) {
			return weighs
		}
	}
	return at
}

// forget forgets everything that is too old now, and returns how many alerts that were.
func (s *Store) forget(ctx context.Context) (n int64, err error) {
	var wait bool
	if err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM rebuild)").Scan(&wait); err != nil || wait {
		return 0, s.explain(err) // what is being read back is not whole
	}
	if err := s.batches(ctx, "SELECT id FROM alerts WHERE touched = 0 LIMIT ?2", 0, func(ids []string) error { return s.stamp(ctx, ids) }); err != nil {
		return 0, err
	}
	cutoff := nanos(s.cutoff())
	for _, step := range []struct {
		find string // ids; ?1 is the cutoff, ?2 how many
		drop string // an alert, if it is still so: ?1 is its id, ?2 the cutoff
	}{
		{"SELECT id FROM alerts WHERE state = 'closed' AND touched > 0 AND touched < ?1 ORDER BY touched LIMIT ?2",
			"DELETE FROM alerts WHERE id = ?1 AND state = 'closed' AND touched > 0 AND touched < ?2"},
		// Nobody closes what another alert speaks for: it goes behind that one.
		{"SELECT id FROM alerts s WHERE suppressor <> '' AND state = 'open' AND touched > 0 AND touched < ?1 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = s.suppressor) LIMIT ?2",
			"DELETE FROM alerts WHERE id = ?1 AND suppressor <> '' AND state = 'open' AND touched > 0 AND touched < ?2"},
		// Decisions about alerts that never came, or that were forgotten before.
		{"SELECT DISTINCT alert FROM changes c WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = c.alert) LIMIT ?2", ""},
	} {
		if err := s.batches(ctx, step.find, cutoff, func(ids []string) error {
			k, err := s.drop(ctx, ids, step.drop, cutoff)
			n += k
			return err
		}); err != nil {
			return n, err
		}
	}
	return n, errors.Join(s.forgetRisk(ctx), s.shrink(ctx))
}

// batches finds ids, many at once and without a lock, and gives them to do, so many as one transaction takes. What was found
// may be otherwise by then, so do looks again.
func (s *Store) batches(ctx context.Context, find string, cutoff int64, do func(ids []string) error) error {
	for more := true; more; {
		ids, err := texts(ctx, s.db, find, cutoff, forgetRead)
		if err != nil {
			return fmt.Errorf("looking for old alerts: %w", s.explain(err))
		}
		more = len(ids) == forgetRead
		for batch := range slices.Chunk(ids, forgetBatch) {
			if err := do(batch); err != nil {
				return err
			}
			if !s.pause(ctx, forgetPause) {
				return ctx.Err()
			}
		}
	}
	return nil
}

// stamp says of alerts that do not say when they were written that it was now. An older weir that had the file open when it
// was brought into the form of today writes such rows.
func (s *Store) stamp(ctx context.Context, ids []string) error {
	return s.write(ctx, "noting when alerts were written", func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, "UPDATE alerts SET touched = ? WHERE id = ? AND touched = 0", nanos(s.now()), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// drop forgets some alerts in one transaction; one that somebody touched meanwhile stays. text is empty where the alerts are
// gone already; one that has come meanwhile stays too, with all that hangs on it.
func (s *Store) drop(ctx context.Context, ids []string, text string, cutoff int64) (n int64, err error) {
	err = s.write(ctx, "forgetting alerts", func(tx *sql.Tx) error {
		n = 0
		sum, err := readGone(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if text != "" {
				if ok, err := changed(tx.ExecContext(ctx, text, id, cutoff)); err != nil {
					return err
				} else if !ok {
					continue
				}
				n++
			} else {
				var came bool
				if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM alerts WHERE id = ?)", id).Scan(&came); err != nil {
					return err
				} else if came {
					continue
				}
			}
			var all, weirs int64
			if err := tx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(by = 'weir'), 0) FROM changes WHERE alert = ?", id).Scan(&all, &weirs); err != nil {
				return err
			}
			sum.ByPeople, sum.ByWeir = sum.ByPeople+all-weirs, sum.ByWeir+weirs
			for _, from := range []string{"docs WHERE id", "words WHERE alert", "changes WHERE alert", "risk_parts WHERE alert"} {
				if _, err := tx.ExecContext(ctx, "DELETE FROM "+from+" = ?", id); err != nil {
					return err
				}
			}
		}
		sum.Alerts += n
		value, err := json.Marshal(sum)
		if err != nil {
			return err
		}
		return setMeta(ctx, tx, metaGone, string(value))
	})
	if err != nil {
		n = 0
	}
	return n, err
}

// readGone reads what was forgotten so far.
func readGone(ctx context.Context, q querier) (sum gone, err error) {
	err = each(ctx, q, func(scan func(...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &sum)
	}, "SELECT value FROM meta WHERE name = ?", metaGone)
	return sum, err
}

// forgetRisk takes out the entities of which nothing is left that weighs anything.
func (s *Store) forgetRisk(ctx context.Context) error {
	if !s.risk.On() {
		return nil
	}
	nothing := s.risk.Rank(risk.Counts, s.risk.Forgotten(s.now()))
	for more := true; more; {
		err := s.write(ctx, "forgetting risk", func(tx *sql.Tx) error {
			var err error
			more, err = changed(tx.ExecContext(ctx, `DELETE FROM risk WHERE (kind, value) IN (SELECT kind, value FROM risk r WHERE rank < ?
				AND NOT EXISTS (SELECT 1 FROM risk_parts p WHERE p.kind = r.kind AND p.value = r.value) LIMIT ?)`, nothing, forgetBatch))
			return err
		})
		if err != nil {
			return err
		}
		if more && !s.pause(ctx, forgetPause) {
			return ctx.Err()
		}
	}
	return nil
}

// shrink gives room in the file back to the disk, some pages at a time, as long as much of it is free.
func (s *Store) shrink(ctx context.Context) error {
	before := int64(-1)
	for {
		var pages, free int64
		if err := s.db.QueryRowContext(ctx, "SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count)").Scan(&pages, &free); err != nil {
			return fmt.Errorf("asking for free pages: %w", s.explain(err))
		}
		if free <= pages/shrinkAbove || free == before { // a file of an older weir does not shrink
			return nil
		}
		before = free
		// Each page is a row of the answer.
		if err := each(ctx, s.db, func(func(...any) error) error { return nil }, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", shrinkPages)); err != nil {
			return fmt.Errorf("giving room back: %w", s.explain(err))
		}
		if !s.pause(ctx, forgetPause) {
			return ctx.Err()
		}
	}
}
