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

// Kinds of what holds alerts back.
const (
	BySilence     = "silence"
	ByMaintenance = "maintenance"
)

// Hold is why an alert was held back, and when. An alert may have several: each silence that it met.
type Hold struct {
	Kind, Name string
	At         time.Time
}

// Hold notes that an alert is held back, and says whether that is new. digest: it waits for a summary.
func (tx *Tx) Hold(ctx context.Context, alertID, kind, name string, digest bool, now time.Time) (bool, error) {
	res, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO holds (alert, kind, name, at, digest) VALUES (?, ?, ?, ?, ?)`, alertID, kind, name, nanos(now), digest)
	if err != nil {
		return false, fmt.Errorf("noting what holds alert %s back: %w", alertID, err)
	}
	n, err := res.RowsAffected()
	// Counted where the silence is, so that the number outlives the alerts.
	if err == nil && n > 0 && kind == BySilence {
		_, err = tx.ExecContext(ctx, `UPDATE silences SET held = held + 1 WHERE id = ?`, name)
	}
	return n > 0, err
}

// Silenced counts an alert that a channel was not told of. It says nothing about whether the channel is up.
func (tx *Tx) Silenced(ctx context.Context, channel string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO health (channel, up, since, silenced) VALUES (?, 1, 0, 1) ON CONFLICT (channel) DO UPDATE SET silenced = silenced + 1`, channel)
	return err
}

// HoldsOf returns what held an alert back.
func (s *Store) HoldsOf(ctx context.Context, alertID string) (out []Hold, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		var h Hold
		var at int64
		err := rows.Scan(&h.Kind, &h.Name, &at)
		h.At = moment(at)
		out = append(out, h)
		return err
	}, `SELECT kind, name, at FROM holds WHERE alert = ? ORDER BY at`, alertID)
	if err != nil {
		return nil, fmt.Errorf("reading what held alert %s back: %w", alertID, err)
	}
	return out, nil
}

// Summaries are the names of windows that hold alerts for a summary. Whether they are over the file knows, not this.
func (s *Store) Summaries(ctx context.Context) (out []string, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		out = append(out, name)
		return err
	}, `SELECT DISTINCT name FROM holds WHERE digest = 1 ORDER BY name`)
	return out, err
}

// Summary takes the alerts out that wait for the summary of a window. It is queued in the same transaction, so that it is
// said once.
func (tx *Tx) Summary(ctx context.Context, name string) (out []*Alert, err error) {
	var ids []string
	err = query(ctx, tx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT alert FROM holds WHERE digest = 1 AND name = ? ORDER BY at, alert`, name)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		a, err := tx.Alert(ctx, id)
		if err != nil {
			return nil, err
		}
		if a != nil {
			out = append(out, a)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE holds SET digest = 0 WHERE digest = 1 AND name = ?`, name)
	return out, err
}

// Silence holds alerts back for a time. It has an owner, a reason and an end.
type Silence struct {
	ID     string
	Match  []routing.Condition
	Owner  string
	Reason string
	Made   time.Time
	Until  time.Time
	Ended  time.Time // by whom it was ended before its time, and when; zero: by nobody
	By     string
	Held   int64 // alerts that it held back
}

// Active tells whether it holds anything back at t.
func (s *Silence) Active(t time.Time) bool { return s.Ended.IsZero() && t.Before(s.Until) }

// Holds tells whether it holds an alert back at t.
func (s *Silence) Holds(a *alert.Alert, t time.Time) bool {
	if !s.Active(t) {
		return false
	}
	all, _ := routing.All(s.Match, a)
	return all
}

// AddSilence writes a new silence. That it is whole is looked at by whoever makes it.
func (s *Store) AddSilence(ctx context.Context, x Silence) error {
	match, _ := json.Marshal(x.Match) // texts always can be
	return s.Write(ctx, "adding a silence", func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO silences (id, match, owner, reason, made, until) VALUES (?, ?, ?, ?, ?, ?)`,
			x.ID, match, x.Owner, x.Reason, nanos(x.Made), nanos(x.Until))
		return err
	})
}

// silenceColumns are what readSilence reads.
const silenceColumns = `id, match, owner, reason, made, until, ended, by, held`

// readSilence reads a row of silenceColumns.
func readSilence(rows interface{ Scan(...any) error }) (x Silence, err error) {
	var match []byte
	var made, until, ended int64
	if err := rows.Scan(&x.ID, &match, &x.Owner, &x.Reason, &made, &until, &ended, &x.By, &x.Held); err != nil {
		return x, err
	}
	x.Made, x.Until, x.Ended = moment(made), moment(until), moment(ended)
	return x, json.Unmarshal(match, &x.Match)
}

// Silences returns those that go on at t, and with all those that have ended, the latest first. Each batch of alerts asks for
// them: there are a handful.
func (s *Store) Silences(ctx context.Context, t time.Time, all bool) (out []Silence, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		x, err := readSilence(rows)
		out = append(out, x)
		return err
	}, `SELECT `+silenceColumns+` FROM silences WHERE ? OR ended = 0 AND until > ? ORDER BY made DESC, id`, all, nanos(t))
	if err != nil {
		return nil, fmt.Errorf("reading silences: %w", err)
	}
	return out, nil
}

// EndSilence ends a silence; nil without an error if there is none with this id. One that is over stays as it is.
func (s *Store) EndSilence(ctx context.Context, id, by string, now time.Time) (*Silence, error) {
	var out *Silence
	err := s.Write(ctx, "ending a silence", func(tx *Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE silences SET ended = ?, by = ?, said = 1 WHERE id = ? AND ended = 0 AND until > ?`, nanos(now), by, id, nanos(now)); err != nil {
			return err
		}
		x, err := readSilence(tx.QueryRowContext(ctx, `SELECT `+silenceColumns+` FROM silences WHERE id = ?`, id))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		out = &x
		return err
	})
	return out, err
}

// Expired returns silences whose time is over since it was last asked.
func (s *Store) Expired(ctx context.Context, now time.Time) (out []Silence, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		x, err := readSilence(rows)
		out = append(out, x)
		return err
	}, `SELECT `+silenceColumns+` FROM silences WHERE said = 0 AND until <= ? ORDER BY until`, nanos(now))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return out, s.Write(ctx, "noting that silences are over", func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE silences SET said = 1 WHERE said = 0 AND until <= ?`, nanos(now))
		return err
	})
}
