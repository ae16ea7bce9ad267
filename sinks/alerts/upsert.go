package alerts

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"weir/internal/alert"
)

// self is who changed a state where nobody did.
const self = "weir"

// rank orders the levels; what is not known comes first.
var rank = map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}

// Upsert stores revisions of alerts. One that is stored already, or is older than what is stored, changes nothing. When
// Upsert returns nil all of them are on disk, else none is.
func (s *Store) Upsert(ctx context.Context, list []alert.Alert) error {
	_, err := s.upsert(ctx, list)
	return err
}

// upsert is Upsert; it returns the ids that were not stored before. Insert first and update second is right either way
// round: a revision that is stored by another process in between makes the update a comparison with it.
func (s *Store) upsert(ctx context.Context, list []alert.Alert) (fresh []string, err error) {
	err = s.write(ctx, "storing alerts", func(tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, `INSERT INTO alerts (id, revision, rule, level, last, doc) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
		if err != nil {
			return err
		}
		defer insert.Close()
		update, err := tx.PrepareContext(ctx, `UPDATE alerts SET revision = ?, rule = ?, level = ?, last = ?, doc = ? WHERE id = ? AND revision < ?`)
		if err != nil {
			return err
		}
		defer update.Close()
		for i := range list {
			a := &list[i]
			doc, err := json.Marshal(a)
			if err != nil {
				return fmt.Errorf("alert %s: %w", a.ID, err)
			}
			isNew, err := changed(insert.ExecContext(ctx, a.ID, a.Revision, a.Rule, rank[a.Level], nanos(a.Last), doc))
			if err != nil {
				return err
			}
			if isNew {
				fresh = append(fresh, a.ID)
			}
			newer := isNew
			if !isNew {
				if newer, err = changed(update.ExecContext(ctx, a.Revision, a.Rule, rank[a.Level], nanos(a.Last), doc, a.ID, a.Revision)); err != nil {
					return err
				}
			}
			if newer && a.MergedInto != "" {
				if err := s.merged(ctx, tx, a); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// merged closes, in the transaction of its last revision, an alert whose hits another one took over.
// weir closes what weir merged; what a person has decided before is not touched.
func (s *Store) merged(ctx context.Context, tx *sql.Tx, a *alert.Alert) error {
	row, err := one(ctx, tx, a.ID)
	if err != nil || row.State == alert.Closed {
		return err
	}
	return change(ctx, tx, a.ID, Change{Version: row.Version + 1, State: alert.Closed, By: self, Note: "merged into " + a.MergedInto, At: s.now()})
}

// changed tells whether a statement touched a row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// nanos is for ordering: years that no int64 of nanoseconds holds become the nearest that it does.
// The stored document has the time as it was; only the column for sorting is bounded.
func nanos(t time.Time) int64 {
	const far = 9_000_000_000 // seconds
	return time.Unix(min(max(t.Unix(), -far), far), int64(t.Nanosecond())).UnixNano()
}
