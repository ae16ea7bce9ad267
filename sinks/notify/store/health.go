package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Health is how a channel does.
type Health struct {
	Channel string
	// Used: something was tried. Up since Since, or down since then.
	Used, Up      bool
	Since         time.Time
	Error         string
	ErrorAt       time.Time
	Sent, Failed  int64 // attempts ever
	Silenced      int64 // alerts that it was not told of
	Waiting, Dead int64
	Oldest        time.Time // made, of what waits
	NextTry       time.Time // of what waits
}

// Healths returns how every channel does of which anything is known, by its name.
func (s *Store) Healths(ctx context.Context) (map[string]*Health, error) {
	out := map[string]*Health{}
	// A channel that was never tried is up as far as anybody knows.
	get := func(name string) *Health {
		if out[name] == nil {
			out[name] = &Health{Channel: name, Up: true}
		}
		return out[name]
	}
	err := query(ctx, s.db, func(rows *sql.Rows) error {
		var h Health
		var since, errorAt int64
		err := rows.Scan(&h.Channel, &h.Up, &since, &h.Error, &errorAt, &h.Sent, &h.Failed, &h.Silenced)
		h.Used, h.Since, h.ErrorAt = since > 0, moment(since), moment(errorAt)
		out[h.Channel] = &h
		return err
	}, `SELECT channel, up, since, error, error_at, sent, failed, silenced FROM health`)
	if err == nil {
		err = query(ctx, s.db, func(rows *sql.Rows) error {
			var name, state string
			var n, made, next int64
			if err := rows.Scan(&name, &state, &n, &made, &next); err != nil {
				return err
			}
			if h := get(name); state == Dead {
				h.Dead = n
			} else {
				h.Waiting, h.Oldest, h.NextTry = n, moment(made), moment(next)
			}
			return nil
		}, `SELECT channel, state, count(*), min(made), min(next) FROM deliveries WHERE state = 'waiting' GROUP BY channel
			UNION ALL SELECT channel, state, count(*), min(made), 0 FROM deliveries WHERE state = 'dead' GROUP BY channel`)
	}
	if err != nil {
		return nil, fmt.Errorf("reading how channels do: %w", err)
	}
	return out, nil
}

// DeadMessages returns what will never arrive, the latest first: that is what somebody is mending.
func (s *Store) DeadMessages(ctx context.Context, most int) (out []Message, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		m, err := s.readMessage(rows)
		out = append(out, m)
		return err
	}, `SELECT `+messageColumns+messageTables+`WHERE d.state = 'dead' ORDER BY d.id DESC LIMIT ?`, most)
	if err != nil {
		return nil, fmt.Errorf("reading dead messages: %w", err)
	}
	return out, nil
}

// Trouble is something about a channel that somebody has to be told of: an alert of weir's own.
type Trouble struct {
	Channel, Kind string
	Begun, Last   time.Time
	Count         int64
	Error         string
	Ended         time.Time
	Revision      int
}

// troubleFold is how long after the last one another trouble is still the same.
const troubleFold = 24 * time.Hour

// Note begins a trouble, or counts one that goes on. Each is a revision of one alert, whose id follows from the beginning, so
// that a hundred refused messages are one alert that counts.
func (s *Store) Note(ctx context.Context, name, kind, text string, now time.Time) error {
	return s.Write(ctx, "noting a trouble", func(tx *Tx) error {
		at := nanos(now)
		_, err := tx.ExecContext(ctx, `INSERT INTO troubles (channel, kind, begun, last, count, error) VALUES (?1, ?2, ?3, ?3, 1, ?4)
			ON CONFLICT (channel, kind) DO UPDATE SET
			begun = iif(ended > 0 OR last < ?5, ?3, begun), count = iif(ended > 0 OR last < ?5, 1, count + 1), revision = iif(ended > 0 OR last < ?5, 1, revision + 1),
			raised = iif(ended > 0 OR last < ?5, 0, raised), last = ?3, error = ?4, ended = 0`, name, kind, at, text, at-int64(troubleFold))
		return err
	})
}

// Over ends a trouble that goes on. That is news too: the alert about it ends.
func (s *Store) Over(ctx context.Context, name, kind string, now time.Time) error {
	return s.Write(ctx, "ending a trouble", func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE troubles SET ended = ?, revision = revision + 1 WHERE channel = ? AND kind = ? AND ended = 0`, nanos(now), name, kind)
		return err
	})
}

// Troubling tells whether a trouble goes on.
func (s *Store) Troubling(ctx context.Context, name, kind string) (bool, error) {
	var one int
	err := s.db.QueryRowContext(ctx, `SELECT 1 FROM troubles WHERE channel = ? AND kind = ? AND ended = 0`, name, kind).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return one == 1, err
}

// Unraised are the troubles of which the last revision was not raised.
func (s *Store) Unraised(ctx context.Context) (out []Trouble, err error) {
	err = query(ctx, s.db, func(rows *sql.Rows) error {
		var t Trouble
		var begun, last, ended int64
		err := rows.Scan(&t.Channel, &t.Kind, &begun, &last, &t.Count, &t.Error, &ended, &t.Revision)
		t.Begun, t.Last, t.Ended = moment(begun), moment(last), moment(ended)
		out = append(out, t)
		return err
	}, `SELECT channel, kind, begun, last, count, error, ended, revision FROM troubles WHERE raised < revision ORDER BY channel, kind`)
	if err != nil {
		return nil, fmt.Errorf("reading troubles: %w", err)
	}
	return out, nil
}

// Raised notes that a revision of a trouble was raised. One that began anew meanwhile is another one.
func (s *Store) Raised(ctx context.Context, t Trouble) error {
	return s.Write(ctx, "noting that a trouble was raised", func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE troubles SET raised = max(raised, ?) WHERE channel = ? AND kind = ? AND begun = ?`, t.Revision, t.Channel, t.Kind, nanos(t.Begun))
		return err
	})
}

// Keep is how long what is over is kept, so that it can be explained.
const Keep = 30 * 24 * time.Hour

// Clean forgets what is over for longer than Keep; groups of which nothing was heard for so long are over. Dead messages
// are kept three times as long: nobody was told of them. Much of it goes in many small transactions, so that alerts and the
// senders of now do not wait for it.
func (s *Store) Clean(ctx context.Context, now time.Time) error {
	old, older := nanos(now.Add(-Keep)), nanos(now.Add(-3*Keep))
	// From what decides to what hangs on it: messages before groups, groups before alerts.
	for _, step := range []struct {
		table string
		where string // of rows that go; it may be asked again about one of them
		args  []any
		hangs []string // what goes with a row, but for its id
	}{
		{"deliveries", `(state IN ('sent', 'folded') AND ended < ? OR state = 'dead' AND ended < ?)`, []any{old, older}, []string{"carried WHERE delivery"}},
		{"groups", `closed > 0 AND closed < ? AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.grp = groups.id)`, []any{old}, []string{"members WHERE grp", "parties WHERE grp"}},
		{"alerts", `touched < ? AND NOT EXISTS (SELECT 1 FROM members m WHERE m.alert = alerts.id) AND NOT EXISTS (SELECT 1 FROM carried c WHERE c.alert = alerts.id)`, []any{old}, []string{"holds WHERE alert"}},
		{"silences", `until < ?`, []any{older}, nil},
	} {
		if step.table == "groups" {
			if err := s.Write(ctx, "closing old groups", func(tx *Tx) error {
				_, err := tx.ExecContext(ctx, `UPDATE groups SET closed = ? WHERE closed = 0 AND max(begun, sent) < ? AND NOT EXISTS (SELECT 1 FROM members m JOIN alerts a ON a.id = m.alert WHERE m.grp = groups.id AND a.touched > ?)`, nanos(now), old, old)
				return err
			}); err != nil {
				return err
			}
		}
		for more := true; more; {
			n, err := s.clean(ctx, step.table, step.where, step.args, step.hangs)
			if err != nil {
				return err
			}
			more = n == cleanRead
		}
	}
	return nil
}

// How many rows are looked for at once, without a lock, and how many go in one transaction.
const (
	cleanRead  = 10_000
	cleanBatch = 200
)

// clean takes rows out of a table with what hangs on them, and returns how many were found.
func (s *Store) clean(ctx context.Context, table, where string, args []any, hangs []string) (int, error) {
	var ids []any
	err := query(ctx, s.db, func(rows *sql.Rows) error {
		var id any
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM `+table+` WHERE `+where+` LIMIT ?`, append(slices.Clone(args), cleanRead)...)
	if err != nil {
		return 0, fmt.Errorf("looking for what is long over: %w", err)
	}
	for batch := range slices.Chunk(ids, cleanBatch) {
		err := s.Write(ctx, "forgetting what is long over", func(tx *Tx) error {
			for _, id := range batch {
				res, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE id = ? AND `+where, append([]any{id}, args...)...)
				if err != nil {
					return err
				}
				if n, err := res.RowsAffected(); err != nil {
					return err
				} else if n == 0 {
					continue // somebody needs it again
				}
				for _, from := range hangs {
					if _, err := tx.ExecContext(ctx, `DELETE FROM `+from+` = ?`, id); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
