// Package store keeps what notifications must not forget in one SQLite file: the alerts and what people did with them, the
// groups that are told of together, every message with what became of it, silences, and what was held back and why.
//
// A message is in the file before anybody tries to send it, and the offsets of what it was made of are committed after
// that. So whatever ends the process, each message is sent at least once, always under the same id.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver called sqlite

	"weir/internal/fault"
)

// schemaVersion is the form of the file that this code writes.
const schemaVersion = 1

// Times are nanoseconds since 1970, 0 for none; lists and tables are JSON.
//
// An alert is placed in groups (members), a group makes messages (deliveries, with the alerts that they name in carried) for
// channels (parties: who was told of a group, and under which ticket). Rows that wait or are open have indexes of their own, so
// that what is over costs nothing.
const schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE alerts (
	id       TEXT PRIMARY KEY,
	revision INTEGER NOT NULL DEFAULT 0, -- 0: only a change was heard of
	rank     INTEGER NOT NULL DEFAULT 0,
	over     INTEGER NOT NULL DEFAULT 0,
	doc      BLOB,
	state    TEXT NOT NULL DEFAULT 'open',
	verdict  TEXT NOT NULL DEFAULT '',
	assignee TEXT NOT NULL DEFAULT '',
	version  INTEGER NOT NULL DEFAULT 0, -- of the state
	fate     TEXT NOT NULL DEFAULT '',
	seen     INTEGER NOT NULL,
	touched  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX alerts_touched ON alerts (touched);
CREATE TABLE groups (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	key      TEXT NOT NULL,
	route    TEXT NOT NULL,
	channels TEXT NOT NULL,
	name     TEXT NOT NULL,
	labels   TEXT NOT NULL,
	begun    INTEGER NOT NULL,
	due      INTEGER NOT NULL,
	flushed  INTEGER NOT NULL DEFAULT 0,
	sent     INTEGER NOT NULL DEFAULT 0,
	closed   INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX groups_open ON groups (key) WHERE closed = 0;
CREATE INDEX groups_due ON groups (due) WHERE closed = 0;
CREATE INDEX groups_closed ON groups (closed) WHERE closed > 0;
CREATE TABLE members (
	grp       INTEGER NOT NULL,
	alert     TEXT NOT NULL,
	added     INTEGER NOT NULL,
	told      INTEGER NOT NULL DEFAULT 0,
	told_rank INTEGER NOT NULL DEFAULT 0,
	skipped   INTEGER NOT NULL DEFAULT 0,
	escalated INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (grp, alert)
) WITHOUT ROWID;
CREATE INDEX members_alert ON members (alert);
CREATE TABLE parties (
	grp     INTEGER NOT NULL,
	channel TEXT NOT NULL,
	ticket  TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (grp, channel)
) WITHOUT ROWID;
CREATE TABLE deliveries (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	grp      INTEGER NOT NULL,          -- 0: of no group
	channel  TEXT NOT NULL,
	kind     TEXT NOT NULL,
	name     TEXT NOT NULL,
	labels   TEXT NOT NULL,
	lang     TEXT NOT NULL,
	rank     INTEGER NOT NULL,
	more     INTEGER NOT NULL DEFAULT 0,
	made     INTEGER NOT NULL,
	state    TEXT NOT NULL DEFAULT 'waiting',
	attempts INTEGER NOT NULL DEFAULT 0,
	next     INTEGER NOT NULL DEFAULT 0,
	ended    INTEGER NOT NULL DEFAULT 0,
	error    TEXT NOT NULL DEFAULT '',
	said     TEXT NOT NULL DEFAULT '',
	into_id  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deliveries_waiting ON deliveries (channel, id) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (channel, id) WHERE state = 'dead';
CREATE INDEX deliveries_sent ON deliveries (channel, ended) WHERE state = 'sent';
CREATE INDEX deliveries_group ON deliveries (grp);
CREATE TABLE carried (
	delivery INTEGER NOT NULL,
	alert    TEXT NOT NULL,
	place    INTEGER NOT NULL,
	PRIMARY KEY (delivery, alert)
) WITHOUT ROWID;
CREATE INDEX carried_alert ON carried (alert);
CREATE TABLE holds (
	alert  TEXT NOT NULL,
	kind   TEXT NOT NULL,             -- silence or maintenance
	name   TEXT NOT NULL,
	at     INTEGER NOT NULL,
	digest INTEGER NOT NULL DEFAULT 0, -- 1: waits for the summary
	PRIMARY KEY (alert, kind, name)
) WITHOUT ROWID;
CREATE INDEX holds_name ON holds (kind, name);
CREATE INDEX holds_digest ON holds (name) WHERE digest = 1;
CREATE TABLE silences (
	id     TEXT PRIMARY KEY,
	match  TEXT NOT NULL,
	owner  TEXT NOT NULL,
	reason TEXT NOT NULL,
	made   INTEGER NOT NULL,
	until  INTEGER NOT NULL,
	ended  INTEGER NOT NULL DEFAULT 0, -- when somebody ended it before its time
	by     TEXT NOT NULL DEFAULT '',
	said   INTEGER NOT NULL DEFAULT 0, -- its end was said
	held   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE health (
	channel   TEXT PRIMARY KEY,
	up        INTEGER NOT NULL,
	since     INTEGER NOT NULL,
	error     TEXT NOT NULL DEFAULT '',
	error_at  INTEGER NOT NULL DEFAULT 0,
	sent      INTEGER NOT NULL DEFAULT 0,
	failed    INTEGER NOT NULL DEFAULT 0,
	silenced  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE troubles (
	channel  TEXT NOT NULL,
	kind     TEXT NOT NULL,
	begun    INTEGER NOT NULL,
	last     INTEGER NOT NULL,
	count    INTEGER NOT NULL,
	error    TEXT NOT NULL,
	ended    INTEGER NOT NULL DEFAULT 0,
	revision INTEGER NOT NULL DEFAULT 1,
	raised   INTEGER NOT NULL DEFAULT 0, -- the revision that was raised last
	PRIMARY KEY (channel, kind)
) WITHOUT ROWID;
`

// Store is an open file. It is safe for many goroutines: writers wait for each other, readers for nobody.
type Store struct {
	db    *sql.DB
	path  string
	mu    sync.Mutex // one writer at a time; SQLite would let the others poll for the lock
	since time.Time
	// instance begins the ids of messages, so that two weirs never give one twice.
	instance string
}

// Open opens the file at path and makes it, readable only by its owner, if it is not there. now is written into a new one
// as its beginning.
func Open(path string, now time.Time) (*Store, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the store of notifications: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("opening the store of notifications: %w", err)
	}
	// A write is on disk when it returns (FULL): the offset that is committed after it is not taken back.
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, fmt.Errorf("opening the store of notifications: %w", err)
	}
	db.SetMaxOpenConns(4) // readers beside the one writer that WAL allows
	s := &Store{db: db, path: path}
	if err := s.prepare(now); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepare makes the tables of a new file and refuses one of a later form. It runs in a transaction: of two processes that
// open a new file at once, one makes the tables and the other finds them.
func (s *Store) prepare(now time.Time) error {
	ctx := context.Background()
	return s.Write(ctx, "preparing the store of notifications", func(tx *Tx) error {
		version := 0
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return &fault.Error{Code: "notify-store", What: "the store of notifications cannot be read", Where: s.path, Why: err.Error(),
				Do: "mv " + s.path + " " + s.path + ".broken; silences and what waited to be sent are lost with it", Exit: fault.ExitMissing, Cause: err}
		}
		if version > schemaVersion {
			return &fault.Error{Code: "notify-store", What: "the store of notifications was written by a newer weir", Where: s.path,
				Why: fmt.Sprintf("it has form %d, this weir knows %d", version, schemaVersion), Do: "run the newer weir", Exit: fault.ExitMissing}
		}
		if version == 0 {
			id := make([]byte, 4)
			_, _ = rand.Read(id) // never fails
			if _, err := tx.ExecContext(ctx, schema); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES ('since', ?), ('instance', ?)`, strconv.FormatInt(now.UnixNano(), 10), hex.EncodeToString(id)); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
				return err
			}
		}
		var since int64
		if err := tx.QueryRowContext(ctx, `SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'since'`).Scan(&since); err != nil {
			return err
		}
		s.since = moment(since)
		return tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'instance'`).Scan(&s.instance)
	})
}

// Close closes the file. Calls under way end first.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("closing the store of notifications: %w", err)
	}
	return nil
}

// Since is when the file was made, also after many starts: what is older was not for it to tell.
func (s *Store) Since() time.Time { return s.since }

// Tx is a transaction that writes. It lives for one call of Write and belongs to one goroutine.
type Tx struct {
	*sql.Tx
	s *Store
}

// Write runs fn in one transaction, which is on disk when Write returns nil and never happened when it does not.
func (s *Store) Write(ctx context.Context, doing string, fn func(*Tx) error) error {
	// The lock is held over fn: what it reads cannot change before it is written.
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err == nil {
		if err = fn(&Tx{tx, s}); err == nil {
			err = tx.Commit()
		} else if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) { // done: ctx ended it
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// nanos writes a time, 0 for none. SQLite compares integers, and texts of times only if all are written alike.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// moment reads what nanos wrote.
func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// query runs a question and calls each for every row. The rows are closed before it returns: a transaction has one cursor.
func query(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, each func(*sql.Rows) error, text string, args ...any) error {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err = each(rows); err != nil {
			break
		}
	}
	return errors.Join(err, rows.Err(), rows.Close())
}
