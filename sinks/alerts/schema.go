package alerts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"weir/internal/alert"
	"weir/internal/fault"
	"weir/sinks/alerts/risk"
)

// schemaVersion is the form of the file that this code writes.
const schemaVersion = 3

// The tables. The documents are apart from what lists are made of: to walk over a hundred thousand alerts is to read a few
// megabytes then.
const schema = `
CREATE TABLE alerts (
	id         TEXT PRIMARY KEY,
	revision   INTEGER NOT NULL,
	rule       TEXT NOT NULL,
	level      INTEGER NOT NULL,           -- rank, so that "and above" is a comparison
	first      INTEGER NOT NULL,           -- nanoseconds since 1970
	last       INTEGER NOT NULL,
	count      INTEGER NOT NULL,
	hidden     INTEGER NOT NULL DEFAULT 0, -- not in lists: suppressed, of a canary, or merged into another
	suppressor TEXT NOT NULL DEFAULT '',   -- the alert that spoke for this one
	state      TEXT NOT NULL DEFAULT 'open',
	verdict    TEXT NOT NULL DEFAULT '',
	assignee   TEXT NOT NULL DEFAULT '',
	version    INTEGER NOT NULL DEFAULT 0, -- how often it was changed, by notes too
	by         TEXT NOT NULL DEFAULT '',   -- of the last change of the state
	note       TEXT NOT NULL DEFAULT '',
	changed    INTEGER NOT NULL DEFAULT 0,
	decided    INTEGER NOT NULL DEFAULT 0, -- hits at that change
	touched    INTEGER NOT NULL DEFAULT 0  -- when it was last written, by the clock of this machine
) WITHOUT ROWID;
CREATE INDEX alerts_last ON alerts (hidden, last DESC, id); -- as lists are sorted
CREATE INDEX alerts_state ON alerts (state, hidden, last DESC, id, level);
CREATE INDEX alerts_rule ON alerts (rule, hidden, last DESC, id);
CREATE INDEX alerts_suppressor ON alerts (suppressor) WHERE suppressor <> '';
CREATE INDEX alerts_touched ON alerts (touched) WHERE state = 'closed'; -- as they are forgotten
CREATE TABLE docs (
	id  TEXT PRIMARY KEY,
	doc BLOB NOT NULL -- the latest revision as JSON
);
CREATE TABLE words (
	kind  INTEGER NOT NULL, -- what an alert is about, or a tag
	word  TEXT NOT NULL,
	alert TEXT NOT NULL,
	PRIMARY KEY (kind, word, alert)
) WITHOUT ROWID;
CREATE INDEX words_alert ON words (alert);
CREATE TABLE changes (
	alert    TEXT NOT NULL,
	version  INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	state    TEXT NOT NULL,
	verdict  TEXT NOT NULL,
	note     TEXT NOT NULL,
	assignee TEXT NOT NULL,
	by       TEXT NOT NULL,
	at       INTEGER NOT NULL,
	rule     TEXT NOT NULL,
	created  INTEGER NOT NULL,
	count    INTEGER NOT NULL,
	PRIMARY KEY (alert, version)
) WITHOUT ROWID;
CREATE TABLE outbox (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: readers know what they have by it
	kind  TEXT NOT NULL,                     -- change or alert
	value BLOB NOT NULL
);
CREATE TABLE taken (
	topic     TEXT NOT NULL,
	partition INTEGER NOT NULL,
	PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE rebuild (
	topic     TEXT NOT NULL,
	partition INTEGER NOT NULL,
	upto      INTEGER NOT NULL, -- offset
	PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE risk (
	kind     TEXT NOT NULL,
	value    TEXT NOT NULL,
	rank     REAL NOT NULL,    -- score that does not decay, see package risk
	newest   INTEGER NOT NULL, -- time of the newest contribution
	begin    INTEGER NOT NULL DEFAULT 0, -- of the episode under way or the last one
	revision INTEGER NOT NULL DEFAULT 0, -- of its alert
	ended    INTEGER NOT NULL DEFAULT 1, -- it has fallen below half of the threshold since
	PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE INDEX risk_rank ON risk (rank);
CREATE TABLE risk_parts (
	kind  TEXT NOT NULL,
	value TEXT NOT NULL,
	rank  REAL NOT NULL,
	alert TEXT NOT NULL,
	rule  TEXT NOT NULL,
	at    INTEGER NOT NULL,
	PRIMARY KEY (kind, value, alert)
) WITHOUT ROWID;
CREATE INDEX risk_parts_rank ON risk_parts (kind, value, rank, rule);
CREATE INDEX risk_parts_alert ON risk_parts (alert);
`

// meta holds single values of the file by name. It is in every form, so that the form can be looked at first.
const meta = `CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`

// Names of values in meta.
const (
	metaName    = "name"    // of this file, random
	metaNew     = "new"     // it was made anew: what Kafka still has of before is to be read
	metaRebuild = "rebuild" // until this offset of weir.changes nothing is decided here
	metaRisk    = "risk"    // configuration with which ranks were made, JSON
	metaGone    = "gone"    // what was forgotten, JSON
)

// prepare makes the tables of a new file, brings those of an older form into that of today, and refuses a later form.
// It runs in a transaction: of two processes that open a file at once, one does it and the other finds it done.
func (s *Store) prepare(ctx context.Context, tx *sql.Tx, weights *risk.Config) error {
	version := 0
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return &fault.Error{Code: "alert-store", What: "the alert store cannot be read", Where: s.path, Why: err.Error(),
			Do: "mv " + s.path + " " + s.path + ".broken; alerts of the last days come again from Kafka, older ones are in the archive", Exit: fault.ExitMissing, Cause: err}
	}
	switch version {
	case schemaVersion:
	case 0:
		if _, err := tx.ExecContext(ctx, meta+schema); err != nil {
			return err
		}
		if err := setMeta(ctx, tx, metaNew, "1"); err != nil {
			return err
		}
	case 1:
		if err := s.fromForm1(ctx, tx); err != nil {
			return fmt.Errorf("from form 1: %w", err)
		}
	case 2:
		if err := s.fromForm2(ctx, tx); err != nil {
			return fmt.Errorf("from form 2: %w", err)
		}
	default:
		return &fault.Error{Code: "alert-store", What: "the alert store was written by a newer weir", Where: s.path,
			Why: fmt.Sprintf("it has form %d, this weir knows %d", version, schemaVersion), Do: "run the newer weir", Exit: fault.ExitMissing}
	}
	if version < 2 {
		if err := setMeta(ctx, tx, metaName, rand.Text()); err != nil {
			return err
		}
	}
	if version != schemaVersion {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
			return err
		}
	}
	var err error
	if s.name, err = getMeta(ctx, tx, metaName); err != nil {
		return err
	}
	return s.prepareRisk(ctx, tx, weights)
}

// fromForm2 brings a file of form 2 into that of today: it did not say when an alert was written last. All of it is as new,
// so what may be forgotten is forgotten late.
func (s *Store) fromForm2(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `ALTER TABLE alerts ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
CREATE INDEX alerts_touched ON alerts (touched) WHERE state = 'closed';
CREATE INDEX words_alert ON words (alert);
UPDATE alerts SET touched = `+strconv.FormatInt(nanos(s.now()), 10))
	return err
}

// fromForm1 brings a file of form 1 into that of today, in place. That form had the documents among the rest, changes of
// states alone, and nothing that follows from alerts; all of that is made of the documents here. Changes of then are not
// sent: nobody listened for them.
func (s *Store) fromForm1(ctx context.Context, tx *sql.Tx) error {
	const moved = `
ALTER TABLE alerts RENAME TO alerts_1;
ALTER TABLE changes RENAME TO changes_1;
DROP INDEX alerts_last;
`
	const taken = `
INSERT INTO docs (id, doc) SELECT id, doc FROM alerts_1;
INSERT INTO alerts (id, revision, rule, level, first, last, count, state, version, by, note, changed)
	SELECT id, revision, rule, level, last, last, 1, state, version, by, note, changed FROM alerts_1;
INSERT INTO changes (alert, version, kind, state, verdict, note, assignee, by, at, rule, created, count)
	SELECT c.alert, c.version, 'state', c.state, '', c.note, '', c.by, c.at, coalesce(a.rule, ''), 0, 0 FROM changes_1 c LEFT JOIN alerts_1 a ON a.id = c.alert;
DROP TABLE alerts_1;
DROP TABLE changes_1;
`
	for _, text := range []string{moved, meta + schema, taken} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return eachDoc(ctx, tx, "", func(a *alert.Alert) error {
		if _, err := tx.ExecContext(ctx, `UPDATE alerts SET first = ?, count = ?, decided = ?, hidden = ?, suppressor = ?,
			verdict = CASE WHEN state = 'closed' AND ? THEN 'duplicate' ELSE '' END, touched = ? WHERE id = ?`,
			nanos(a.First), a.Count, a.Count, hidden(a), a.SuppressedBy, a.MergedInto != "", nanos(s.now()), a.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET created = ?, count = ? WHERE alert = ?`, nanos(a.Created), a.Count, a.ID); err != nil {
			return err
		}
		return addWords(ctx, tx, a)
	})
}

// eachDoc calls each for every stored alert whose row fulfils where. The ids come first and the documents one by one: one
// connection carries one answer at a time.
func eachDoc(ctx context.Context, tx *sql.Tx, where string, each func(*alert.Alert) error, args ...any) error {
	ids, err := texts(ctx, tx, "SELECT id FROM alerts "+where, args...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		var doc []byte
		if err := tx.QueryRowContext(ctx, "SELECT doc FROM docs WHERE id = ?", id).Scan(&doc); err != nil {
			return err
		}
		var a alert.Alert
		if err := json.Unmarshal(doc, &a); err != nil {
			return fmt.Errorf("reading stored alert %s: %w", id, err)
		}
		if err := each(&a); err != nil {
			return err
		}
	}
	return nil
}

// texts returns the one column of an answer.
func texts(ctx context.Context, q querier, query string, args ...any) (list []string, err error) {
	err = each(ctx, q, func(scan func(...any) error) error {
		var t string
		err := scan(&t)
		list = append(list, t)
		return err
	}, query, args...)
	return list, err
}

// prepareRisk makes ranks anew where they were made with another half-life or other weights: they could not be compared.
// What has decayed to nothing is left out. weights are those of today; nil: those of the file.
func (s *Store) prepareRisk(ctx context.Context, tx *sql.Tx, weights *risk.Config) error {
	text, err := getMeta(ctx, tx, metaRisk)
	if err != nil {
		return err
	}
	var was risk.Config
	if text != "" {
		if err := json.Unmarshal([]byte(text), &was); err != nil {
			return fmt.Errorf("reading what alerts weighed: %w", err)
		}
	}
	if weights == nil {
		s.risk = was
		return nil
	}
	s.risk = *weights
	now, err := json.Marshal(s.risk)
	if err != nil {
		return err
	}
	if err := setMeta(ctx, tx, metaRisk, string(now)); err != nil || !s.risk.On() {
		return err
	}
	if s.risk.HalfLife != was.HalfLife || !maps.Equal(s.risk.Weights, was.Weights) {
		return s.weighAnew(ctx, tx)
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM risk WHERE rank < ?1 AND NOT EXISTS (SELECT 1 FROM risk_parts p WHERE p.kind = risk.kind AND p.value = risk.value AND p.rank >= ?1)",
		s.risk.Rank(risk.Counts, s.risk.Forgotten(s.now())))
	return err
}

// weighAnew adds up all scores again, without raising anything: what is above the threshold was so before, or will be told
// with its next alert.
func (s *Store) weighAnew(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM risk_parts; DELETE FROM risk"); err != nil {
		return err
	}
	since := strconv.FormatInt(nanos(s.risk.Forgotten(s.now())), 10)
	return eachDoc(ctx, tx, "WHERE last >= "+since+" ORDER BY first, id", func(a *alert.Alert) error {
		if e, ok := risk.EntityOf(a); ok {
			return remember(ctx, tx, e, a)
		}
		_, err := s.weigh(ctx, tx, a)
		return err
	})
}

// getMeta reads a value of the file; "" if it has none.
func getMeta(ctx context.Context, tx *sql.Tx, name string) (value string, err error) {
	err = tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// setMeta writes a value of the file; "" takes it away.
func setMeta(ctx context.Context, tx *sql.Tx, name, value string) error {
	text, args := `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, []any{name, value}
	if value == "" {
		text, args = `DELETE FROM meta WHERE name = ?`, args[:1]
	}
	_, err := tx.ExecContext(ctx, text, args...)
	return err
}
