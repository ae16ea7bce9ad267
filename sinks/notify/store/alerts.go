package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weir/internal/alert"
	"weir/sinks/notify/routing"
)

// What becomes of an alert. Fates other than these are reasons why nobody is told: the texts are shown to people.
const (
	Unplaced = ""       // it was not looked at yet, or has to be looked at again
	Placed   = "placed" // it is in the groups of its routes
	Held     = "held"   // a silence or maintenance holds it back
)

// Alert is an alert as notifications know it: its last revision, and what people decided. They come on two topics, in any
// order.
type Alert struct {
	alert.Alert // Revision 0: only a change of it was heard of so far
	State       string
	Verdict     string
	Assignee    string
	Version     int // of the state
	Fate        string
	Seen        time.Time // first
}

// Over tells whether nothing of it goes on: it is closed, has ended by itself, or became part of another alert.
func (a *Alert) Over() bool {
	return a.State == alert.Closed || a.Ended != nil || a.MergedInto != ""
}

const alertColumns = `id, revision, doc, state, verdict, assignee, version, fate, seen`

// Alert returns an alert; nil if it was never heard of.
func (tx *Tx) Alert(ctx context.Context, id string) (*Alert, error) {
	return readAlert(tx.QueryRowContext(ctx, `SELECT `+alertColumns+` FROM alerts WHERE id = ?`, id))
}

// Alert returns an alert whose id begins with start, if there is exactly one, else nil.
func (s *Store) Alert(ctx context.Context, start string) (*Alert, error) {
	var found []string
	err := query(ctx, s.db, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		found = append(found, id)
		return err
	}, `SELECT id FROM alerts WHERE id >= ? AND id < ? AND revision > 0 ORDER BY id LIMIT 2`, start, start+"\U0010ffff")
	if err != nil {
		return nil, fmt.Errorf("looking for alert %s: %w", start, err)
	}
	// The whole id of one that another begins with is no ambiguity.
	if len(found) == 0 || len(found) > 1 && found[0] != start {
		return nil, nil
	}
	return readAlert(s.db.QueryRowContext(ctx, `SELECT `+alertColumns+` FROM alerts WHERE id = ?`, found[0]))
}

// readAlert reads a row; nil without one.
func readAlert(row interface{ Scan(...any) error }) (*Alert, error) {
	var a Alert
	var id string
	var doc []byte
	var seen int64
	revision := 0
	err := row.Scan(&id, &revision, &doc, &a.State, &a.Verdict, &a.Assignee, &a.Version, &a.Fate, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an alert: %w", err)
	}
	if doc != nil {
		if err := json.Unmarshal(doc, &a.Alert); err != nil {
			return nil, fmt.Errorf("reading alert %s: %w", id, err)
		}
	}
	a.ID, a.Revision, a.Seen = id, revision, moment(seen)
	return &a, nil
}

// SaveAlert writes an alert as it is. Rank and whether it is over stand beside the document, so that a group is looked at
// without reading it.
func (tx *Tx) SaveAlert(ctx context.Context, a *Alert, now time.Time) error {
	var doc []byte
	if a.Revision > 0 {
		var err error
		if doc, err = json.Marshal(a.Alert); err != nil {
			return fmt.Errorf("writing alert %s: %w", a.ID, err)
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO alerts (id, revision, rank, over, doc, state, verdict, assignee, version, fate, seen, touched)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, rank = excluded.rank, over = excluded.over, doc = excluded.doc, state = excluded.state,
		verdict = excluded.verdict, assignee = excluded.assignee, version = excluded.version, fate = excluded.fate, touched = excluded.touched`,
		a.ID, a.Revision, routing.Rank(a.Level), a.Over(), doc, a.State, a.Verdict, a.Assignee, a.Version, a.Fate, nanos(a.Seen), nanos(now))
	if err != nil {
		return fmt.Errorf("writing alert %s: %w", a.ID, err)
	}
	return nil
}
