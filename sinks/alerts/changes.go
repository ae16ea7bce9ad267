package alerts

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"weir/internal/alert"
)

// change records a decision about a stored alert, puts it in line, and does what follows from it.
// The table of changes is only ever added to: who closed an alert, when and why stays as long as the alert does, whatever
// happens to it. What is forgotten takes its changes along; the archive has them.
func (s *Store) change(ctx context.Context, tx *sql.Tx, row *Row, c alert.Change) error {
	c.Alert, c.Version, c.At = row.ID, row.Version+1, s.now().UTC().Truncate(time.Millisecond)
	c.Rule, c.Created, c.Count = row.Rule, row.Created, row.Count
	if _, err := keep(ctx, tx, &c); err != nil {
		return err
	}
	value, err := json.Marshal(&c)
	if err != nil {
		return fmt.Errorf("change %d of alert %s: %w", c.Version, c.Alert, err)
	}
	if err := post(ctx, tx, postChange, value); err != nil {
		return err
	}
	if err := s.recall(ctx, tx, c.Alert); err != nil {
		return err
	}
	_, err = s.weigh(ctx, tx, &row.Alert)
	return err
}

// keep adds a change to those of its alert, and tells whether it was not there.
func keep(ctx context.Context, tx *sql.Tx, c *alert.Change) (bool, error) {
	return changed(tx.ExecContext(ctx, `INSERT INTO changes (alert, version, kind, state, verdict, note, assignee, by, at, rule, created, count)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.Alert, c.Version, c.Kind, c.State, c.Verdict, c.Note, c.Assignee, c.By, nanos(c.At), c.Rule, nanos(c.Created), c.Count))
}

// recall puts beside an alert what its changes say, if it is stored: how it stands by the last of them, and who brought it
// into its state by the last that did.
func (s *Store) recall(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE alerts SET (state, verdict, assignee, version) =
			(SELECT state, verdict, assignee, version FROM changes WHERE alert = ?1 ORDER BY version DESC LIMIT 1), touched = ?2
		WHERE id = ?1 AND EXISTS (SELECT 1 FROM changes WHERE alert = ?1)`, id, nanos(s.now()))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE alerts SET (by, note, changed, decided) =
			(SELECT by, note, at, count FROM changes WHERE alert = ?1 AND kind = 'state' ORDER BY version DESC LIMIT 1)
		WHERE id = ?1 AND EXISTS (SELECT 1 FROM changes WHERE alert = ?1 AND kind = 'state')`, id)
	return err
}

// Changes returns the decisions about an alert, the first one first.
// An alert that is not known has none, and that is no error.
func (s *Store) Changes(ctx context.Context, id string) ([]alert.Change, error) {
	list, err := changes(ctx, s.db, id)
	if err != nil {
		return nil, fmt.Errorf("reading the changes of alert %s: %w", id, s.explain(err))
	}
	return list, nil
}

func changes(ctx context.Context, q querier, id string) (list []alert.Change, err error) {
	err = each(ctx, q, func(scan func(...any) error) error {
		c := alert.Change{Alert: id}
		var at, created int64
		err := scan(&c.Version, &c.Kind, &c.State, &c.Verdict, &c.Note, &c.Assignee, &c.By, &at, &c.Rule, &created, &c.Count)
		c.At, c.Created = moment(at), moment(created)
		list = append(list, c)
		return err
	}, `SELECT version, kind, state, verdict, note, assignee, by, at, rule, created, count FROM changes WHERE alert = ? ORDER BY version`, id)
	return list, err
}

// Apply takes changes over that come from weir.changes. Those that are known already, by alert and version, change nothing;
// nor is anything sent again. A change may come before its alert.
func (s *Store) Apply(ctx context.Context, list []alert.Change) error {
	return s.apply(ctx, list, lane{})
}

func (s *Store) apply(ctx context.Context, list []alert.Change, from lane) error {
	return s.write(ctx, "taking changes over", func(tx *sql.Tx) error {
		for i := range list {
			c := &list[i]
			isNew, err := keep(ctx, tx, c)
			if err != nil {
				return err
			}
			if !isNew {
				continue
			}
			if err := s.recall(ctx, tx, c.Alert); err != nil {
				return err
			}
			if err := eachDoc(ctx, tx, "WHERE id = ?", func(a *alert.Alert) error {
				_, err := s.weigh(ctx, tx, a)
				return err
			}, c.Alert); err != nil {
				return err
			}
		}
		return s.took(ctx, tx, from)
	})
}
