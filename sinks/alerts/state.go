package alerts

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
)

// Change is one decision about an alert.
type Change struct {
	Version int // from 1
	State   string
	By      string
	Note    string
	At      time.Time
}

// SetState changes the state of the alert with exactly this id. version is that of the Row on which the decision was
// made: if somebody else changed the state since, nothing is done and the error, code alert-changed, says who.
//
// The version is what two people who look at the same page hold against each other: the second is told, and nothing
// that the first decided is overwritten unseen.
func (s *Store) SetState(ctx context.Context, id, state, by, note string, version int) (Row, error) {
	switch state {
	case alert.Open, alert.Acknowledged, alert.Closed:
	default:
		return Row{}, &fault.Error{Code: "alert-state", What: "`" + state + "` is no state of an alert", Do: "use open, acknowledged or closed", Exit: fault.ExitUsage}
	}
	if by == "" {
		return Row{}, &fault.Error{Code: "alert-state", What: "a change of state needs the name of who makes it", Do: "sign in, or run it as a user with a name", Exit: fault.ExitUsage}
	}
	var row Row
	err := s.write(ctx, "changing alert "+id, func(tx *sql.Tx) error {
		now, err := one(ctx, tx, id)
		if err != nil {
			return err
		}
		if now.Version != version {
			return &fault.Error{Code: "alert-changed", What: fmt.Sprintf("%s set alert %s to %s meanwhile", now.By, now.Short, now.State),
				Where: now.Changed.Format(time.RFC3339), Why: now.Note, Do: "weir alerts show " + now.Short + ", then decide again", Exit: fault.ExitFound}
		}
		if err := change(ctx, tx, id, Change{version + 1, state, by, note, s.now()}); err != nil {
			return err
		}
		row, err = one(ctx, tx, id)
		return err
	})
	return row, err
}

// change records a decision and puts it beside the alert.
// The row of changes is only ever added to: who closed an alert, when and why stays, whatever happens to the alert.
func change(ctx context.Context, tx *sql.Tx, id string, c Change) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO changes (alert, version, state, by, note, at) VALUES (?, ?, ?, ?, ?, ?)`,
		id, c.Version, c.State, c.By, c.Note, nanos(c.At)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE alerts SET state = ?, version = ?, by = ?, note = ?, changed = ? WHERE id = ?`,
		c.State, c.Version, c.By, c.Note, nanos(c.At), id)
	return err
}

// Changes returns the decisions about an alert, the first one first.
// An alert that is not known has none, and that is no error.
func (s *Store) Changes(ctx context.Context, id string) ([]Change, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT version, state, by, note, at FROM changes WHERE alert = ? ORDER BY version`, id)
	if err != nil {
		return nil, fmt.Errorf("reading the changes of alert %s: %w", id, err)
	}
	defer rows.Close()
	var out []Change
	for rows.Next() {
		var c Change
		var at int64
		if err := rows.Scan(&c.Version, &c.State, &c.By, &c.Note, &at); err != nil {
			return nil, fmt.Errorf("reading the changes of alert %s: %w", id, err)
		}
		c.At = time.Unix(0, at).UTC()
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the changes of alert %s: %w", id, err)
	}
	return out, nil
}
