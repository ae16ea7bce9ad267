// Package alerts keeps alerts and what people did with them in one SQLite file. It is the alert store of a weir that
// runs alone: the stage that reads weir.alerts writes it, the console and the command line read it and change states.
//
// An alert is stored by its latest revision; older ones that arrive again change nothing, so that writing a batch twice
// is the same as writing it once. What people decide (state, by whom, with which note) stands beside the revision and is
// not touched by further ones; every decision is kept in a table of its own.
package alerts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	_ "modernc.org/sqlite" // the driver called sqlite

	"weir/internal/fault"
)

// schemaVersion is the form of the file that this code writes.
const schemaVersion = 1

const schema = `
CREATE TABLE alerts (
	id       TEXT PRIMARY KEY,
	revision INTEGER NOT NULL,
	rule     TEXT NOT NULL,
	level    INTEGER NOT NULL,           -- rank, so that "and above" is a comparison
	last     INTEGER NOT NULL,           -- nanoseconds since 1970
	doc      BLOB NOT NULL,              -- the latest revision as JSON
	state    TEXT NOT NULL DEFAULT 'open',
	version  INTEGER NOT NULL DEFAULT 0, -- of the state: how often it was changed
	by       TEXT NOT NULL DEFAULT '',
	note     TEXT NOT NULL DEFAULT '',
	changed  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX alerts_last ON alerts (last);
CREATE TABLE changes (
	alert   TEXT NOT NULL,
	version INTEGER NOT NULL,
	state   TEXT NOT NULL,
	by      TEXT NOT NULL,
	note    TEXT NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (alert, version)
) WITHOUT ROWID;
`

// Store is an open file of alerts. It is safe for many goroutines. Writers wait for each other in SQLite (immediate
// transactions, five seconds of patience); readers see the last commit and wait for nobody.
type Store struct {
	db   *sql.DB
	path string
	now  func() time.Time
}

// Open opens the file at path and makes it, readable only by its owner, if it is not there. Another process may have it
// open too.
//
// It may be called while an older weir still has the file: the form of the tables is looked at under a lock.
func Open(path string) (*Store, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the alert store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("opening the alert store: %w", err)
	}
	// A write is on disk when it returns (FULL): the offset that is committed after it is not taken back.
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, fmt.Errorf("opening the alert store: %w", err)
	}
	db.SetMaxOpenConns(4) // readers beside the one writer that WAL allows
	s := &Store{db: db, path: path, now: time.Now}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepare makes the tables of a new file and refuses one of a later form.
// It runs in a transaction: of two processes that open a new file at once, one makes the tables and the other finds them.
func (s *Store) prepare() error {
	ctx := context.Background()
	return s.write(ctx, "preparing the alert store", func(tx *sql.Tx) error {
		version := 0
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return &fault.Error{Code: "alert-store", What: "the alert store cannot be read", Where: s.path, Why: err.Error(),
				Do: "mv " + s.path + " " + s.path + ".broken; alerts of the last days come again from Kafka, older ones are in the archive", Exit: fault.ExitMissing, Cause: err}
		}
		switch {
		case version == schemaVersion:
			return nil
		case version > schemaVersion:
			return &fault.Error{Code: "alert-store", What: "the alert store was written by a newer weir", Where: s.path,
				Why: fmt.Sprintf("it has form %d, this weir knows %d", version, schemaVersion), Do: "run the newer weir", Exit: fault.ExitMissing}
		}
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
		return err
	})
}

// Close closes the file. Calls under way end first.
// The write-ahead log is folded into it by SQLite then.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("closing the alert store: %w", err)
	}
	return nil
}

// write runs fn in one transaction, which is on disk when write returns nil and never happened when it does not.
// fn may run statements on tx only: the database itself would wait for the lock that tx holds.
func (s *Store) write(ctx context.Context, doing string, fn func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err == nil {
		if err = fn(tx); err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
