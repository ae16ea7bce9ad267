package alerts

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"weir/internal/alert"
	"weir/sinks/alerts/risk"
)

// rank orders the levels; what is not known comes first.
var rank = map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}

// hidden says why an alert is in no list: 1 suppressed, 2 of a canary, 0 it is in lists.
func hidden(a *alert.Alert) int {
	switch {
	case a.Canary:
		return 2
	case a.SuppressedBy != "":
		return 1
	}
	return 0
}

// Upsert stores revisions of alerts, and what follows from them: decisions of weir itself, and risk. A revision that is
// stored already, or is older than what is stored, changes nothing. When Upsert returns nil all of them are on disk, else
// none is.
func (s *Store) Upsert(ctx context.Context, list []alert.Alert) error {
	_, err := s.upsert(ctx, list, lane{})
	return err
}

// upsert is Upsert; it returns the ids that were not stored before. Insert first and update second is right either way
// round: a revision that is stored by another process in between makes the update a comparison with it.
func (s *Store) upsert(ctx context.Context, list []alert.Alert, from lane) (fresh []string, err error) {
	err = s.write(ctx, "storing alerts", func(tx *sql.Tx) error {
		fresh = fresh[:0]
		b, err := s.newBatch(ctx, tx)
		if err != nil {
			return err
		}
		defer b.close()
		for i := range list {
			isNew, err := b.put(ctx, &list[i])
			if err != nil {
				return err
			}
			if isNew {
				fresh = append(fresh, list[i].ID)
			}
		}
		if err := b.raise(ctx); err != nil {
			return err
		}
		return s.took(ctx, tx, from)
	})
	if err != nil {
		return nil, err
	}
	s.outbox.poke()
	return fresh, nil
}

// batch is one transaction of alerts.
type batch struct {
	*Store
	tx             *sql.Tx
	insert, update *sql.Stmt
	rebuilding     bool
	weighed        map[risk.Entity]weighed // entities whose score the batch has changed
}

func (s *Store) newBatch(ctx context.Context, tx *sql.Tx) (*batch, error) {
	b := &batch{Store: s, tx: tx, weighed: map[risk.Entity]weighed{}}
	var err error
	if b.rebuilding, err = rebuilding(ctx, tx); err != nil {
		return nil, err
	}
	if b.insert, err = tx.PrepareContext(ctx, `INSERT INTO alerts (id, revision, rule, level, first, last, count, hidden, suppressor, touched)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING`); err != nil {
		return nil, err
	}
	b.update, err = tx.PrepareContext(ctx, `UPDATE alerts SET revision = ?2, rule = ?3, level = ?4, first = ?5, last = ?6, count = ?7, hidden = ?8, suppressor = ?9, touched = ?10
		WHERE id = ?1 AND revision < ?2`)
	if err != nil {
		b.close()
	}
	return b, err
}

// close lets go of the statements. The transaction ends without it, too, and with it they are of no use.
func (b *batch) close() {
	for _, st := range []*sql.Stmt{b.insert, b.update} {
		if st != nil {
			_ = st.Close()
		}
	}
}

// put stores one revision, and tells whether its alert was not known.
func (b *batch) put(ctx context.Context, a *alert.Alert) (isNew bool, err error) {
	doc, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("alert %s: %w", a.ID, err)
	}
	values := []any{a.ID, a.Revision, a.Rule, rank[a.Level], nanos(a.First), nanos(a.Last), a.Count, hidden(a), a.SuppressedBy, nanos(b.now())}
	if isNew, err = changed(b.insert.ExecContext(ctx, values...)); err != nil {
		return false, err
	}
	if isNew {
		if err := addWords(ctx, b.tx, a); err != nil {
			return false, err
		}
		// What was decided may have come before the alert, where weir.changes was read back.
		if err := b.recall(ctx, b.tx, a.ID); err != nil {
			return false, err
		}
	} else if newer, err := changed(b.update.ExecContext(ctx, values...)); err != nil || !newer {
		return false, err
	}
	if _, err := b.tx.ExecContext(ctx, `INSERT INTO docs (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`, a.ID, doc); err != nil {
		return false, err
	}
	return isNew, b.follow(ctx, a)
}

// follow does what follows from a revision that is stored now.
func (b *batch) follow(ctx context.Context, a *alert.Alert) error {
	if !b.rebuilding {
		if err := b.decide(ctx, b.tx, a); err != nil {
			return err
		}
	}
	if e, ok := risk.EntityOf(a); ok {
		return remember(ctx, b.tx, e, a)
	}
	list, err := b.weigh(ctx, b.tx, a)
	if err != nil {
		return err
	}
	for _, w := range list {
		if _, ok := b.weighed[w.Entity]; !ok {
			b.weighed[w.Entity] = w
		}
	}
	return nil
}

// addWords makes an alert findable by what it is about and by its tags. Neither changes with a revision.
func addWords(ctx context.Context, tx *sql.Tx, a *alert.Alert) error {
	add := func(kind int, word string) error {
		if word = folded(word); word == "" {
			return nil
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO words (kind, word, alert) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, kind, word, a.ID)
		return err
	}
	for _, value := range a.Group {
		if err := add(wordEntity, value); err != nil {
			return err
		}
	}
	for _, e := range risk.Entities(a) {
		if err := add(wordEntity, e.Value); err != nil {
			return err
		}
	}
	for _, tag := range a.Tags {
		if err := add(wordTag, tag); err != nil {
			return err
		}
	}
	return nil
}

// changed tells whether a statement touched a row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
