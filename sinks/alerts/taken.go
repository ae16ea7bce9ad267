package alerts

import (
	"context"
	"database/sql"

	"weir/internal/alert"
	"weir/sinks/alerts/risk"
)

// The group's offset says how far the alerts stage is, and a transaction is on disk before it is committed. That is wrong in
// one case: the file was lost, or moved away, and made anew. Then everything that Kafka still has is to be read again, the
// decisions too, and until all of it is read nothing may be decided here: an alert that a person closed must not be opened
// because its later hits are read before.

// lane is the partition that a batch comes from, and the offset behind it.
type lane struct {
	topic     string
	partition int32
	next      int64
}

// took notes that a partition was read into this file. With the last of what was to be read back, what was left undone is
// done.
func (s *Store) took(ctx context.Context, tx *sql.Tx, from lane) error {
	if from.topic == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO taken (topic, partition) VALUES (?, ?) ON CONFLICT DO NOTHING", from.topic, from.partition); err != nil {
		return err
	}
	ended, err := changed(tx.ExecContext(ctx, "DELETE FROM rebuild WHERE topic = ? AND partition = ? AND upto <= ?", from.topic, from.partition, from.next))
	if err != nil || !ended {
		return err
	}
	if more, err := rebuilding(ctx, tx); err != nil || more {
		return err
	}
	return s.rebuilt(ctx, tx)
}

// rebuilding tells whether there is something to be read back yet.
func rebuilding(ctx context.Context, tx *sql.Tx) (yes bool, err error) {
	err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM rebuild)").Scan(&yes)
	return yes, err
}

// rebuilt ends the reading back: what weir itself decides was left to the decisions of before until now.
func (s *Store) rebuilt(ctx context.Context, tx *sql.Tx) error {
	err := eachDoc(ctx, tx, "WHERE state <> 'closed' OR count > decided", func(a *alert.Alert) error { return s.decide(ctx, tx, a) })
	if err != nil {
		return err
	}
	if err := s.raiseAll(ctx, tx); err != nil {
		return err
	}
	s.log.Info("the alert store was read back from Kafka")
	return nil
}

// raiseAll puts alerts in line about the entities that are above the threshold and have none.
func (s *Store) raiseAll(ctx context.Context, tx *sql.Tx) error {
	if !s.risk.On() {
		return nil
	}
	var list []weighed
	err := each(ctx, tx, func(scan func(...any) error) error {
		var w weighed
		var newest int64
		err := scan(&w.Kind, &w.Value, &w.rank, &newest)
		w.rank, w.newest, w.at = risk.Nothing, moment(newest), moment(newest)
		list = append(list, w)
		return err
	}, "SELECT kind, value, rank, newest FROM risk WHERE ended = 1 AND rank > -1e300 ORDER BY kind, value")
	if err != nil {
		return err
	}
	for _, w := range list {
		if err := s.evaluate(ctx, tx, w); err != nil {
			return err
		}
	}
	return nil
}

// StartOffset returns where a partition is to be read from: from the beginning if this file was made anew and has nothing of
// it. Else the group knows.
func (s *Store) StartOffset(topic string, partition int32) (offset int64, ok bool) {
	anew := false
	err := s.db.QueryRowContext(context.Background(), `SELECT EXISTS (SELECT 1 FROM meta WHERE name = ?) AND NOT EXISTS (SELECT 1 FROM taken WHERE topic = ? AND partition = ?)`,
		metaNew, topic, partition).Scan(&anew)
	if err != nil {
		s.log.Warn("asking where to begin", "topic", topic, "partition", partition, "err", err)
	}
	return 0, err == nil && anew
}

// New tells whether the file was made anew and nothing was read into it yet.
func (s *Store) New(ctx context.Context) (bool, error) {
	anew := false
	err := s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM meta WHERE name = ?) AND NOT EXISTS (SELECT 1 FROM taken)`, metaNew).Scan(&anew)
	return anew, err
}

// Rebuild tells a store that is new to decide nothing by itself until it has read each partition of ends up to its offset.
func (s *Store) Rebuild(ctx context.Context, ends map[string]map[int32]int64) error {
	return s.write(ctx, "beginning to read back", func(tx *sql.Tx) error {
		for topic, partitions := range ends {
			for p, end := range partitions {
				if _, err := tx.ExecContext(ctx, "INSERT INTO rebuild (topic, partition, upto) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", topic, p, end); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
