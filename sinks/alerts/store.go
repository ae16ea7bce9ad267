// Package alerts keeps alerts and what people did with them in one SQLite file. It is the alert store of a weir that
// runs alone: the stage that reads weir.alerts writes it, the console and the command line read it and change states.
//
// An alert is stored by its latest revision; older ones that arrive again change nothing, so that writing a batch twice
// is the same as writing it once. What people decide (state, by whom, with which note) stands beside the revision and is
// not touched by further ones; every decision is kept in a table of its own, and put in line for weir.changes in the same
// transaction. So are the numbers of risk, and the alerts that follow from them.
package alerts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"time"

	sqlite "modernc.org/sqlite" // also the driver called sqlite

	"weir/internal/fault"
	"weir/sinks/alerts/risk"
)

// Options is what a store needs beside its file. The zero value is for who only reads.
type Options struct {
	// Risk says what alerts weigh; nil: as the one said who wrote the file last.
	Risk *risk.Config
	// Keep is how long what is closed and was not touched is kept; 0: for ever.
	Keep time.Duration
	Log  *slog.Logger
}

// Store is an open file of alerts. It is safe for many goroutines. Writers wait for each other in SQLite (immediate
// transactions, five seconds of patience); readers see the last commit and wait for nobody.
type Store struct {
	db   *sql.DB
	path string
	risk risk.Config
	keep time.Duration
	log  *slog.Logger
	now  func() time.Time
	name string // of this file, in the positions of what it sends
	// pause waits between transactions, and tells whether so long has passed before ctx ended.
	pause func(ctx context.Context, d time.Duration) bool

	outbox outbox
}

// Open opens the file at path and makes it, readable only by its owner, if it is not there. Another process may have it
// open too.
//
// It may be called while an older weir still has the file: the form of the tables is looked at, and made that of today,
// under a lock.
func Open(path string, o Options) (*Store, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the alert store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("opening the alert store: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{path: path, keep: o.Keep, log: o.Log.With("component", "alerts"), now: time.Now, pause: sleep}
	s.outbox.begin()
	ctx := context.Background()
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("making the alert store: %w", s.explain(err))
	}
	// A write is on disk when it returns (FULL): the offset that is committed after it is not taken back.
	db, err := sql.Open("sqlite", dsn(path)+"&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, fmt.Errorf("opening the alert store: %w", err)
	}
	db.SetMaxOpenConns(4) // readers beside the one writer that WAL allows
	s.db = db
	if err := s.write(ctx, "preparing the alert store", func(tx *sql.Tx) error { return s.prepare(ctx, tx, o.Risk) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// dsn names the file, and what each connection to it says first. None of that writes to a file that is there: who only
// reads would have to wait for the lock.
func dsn(path string) string {
	return "file:" + url.PathEscape(path) + "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"
}

// begin gives an empty file the form in which it gives room back to the disk (auto_vacuum). It can be given to no other: in
// an older one what is forgotten makes room for what comes. And it is said over a connection of its own, since SQLite
// writes whenever it is said.
func (s *Store) begin(ctx context.Context) error {
	if info, err := os.Stat(s.path); err != nil || info.Size() > 0 {
		return err
	}
	db, err := sql.Open("sqlite", dsn(s.path)+"&_pragma=auto_vacuum(INCREMENTAL)")
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
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
			err = errors.Join(err, rollback(tx))
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, s.explain(err))
	}
	return nil
}

// read runs fn on the file as it is now: what is committed meanwhile fn does not see.
func (s *Store) read(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(fn(tx), rollback(tx))
}

// rollback ends a transaction. SQLite ends some by itself, such as that of a write for which there is no room.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		if e, ok := errors.AsType[*sqlite.Error](err); !ok || e.Code()&0xff != sqliteError {
			return err
		}
	}
	return nil
}

// Primary result codes of SQLite.
const (
	sqliteError    = 1
	sqliteBusy     = 5
	sqliteLocked   = 6
	sqliteReadOnly = 8
	sqliteIO       = 10
	sqliteFull     = 13
)

// explain puts words to what keeps the file from being written and may pass: then the same is tried again, and nothing is
// lost meanwhile.
func (s *Store) explain(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqliteBusy, sqliteLocked:
		return &fault.Error{Code: "alert-store-locked", What: "another program holds the alert store", Where: s.path, Why: "it was waited for five seconds; alerts wait in Kafka until it lets go",
			Do: "fuser " + s.path + "; a backup or an open sqlite3 shell ends the wait when it ends", Exit: fault.ExitMissing, Cause: err}
	case sqliteFull, sqliteIO:
		return &fault.Error{Code: "alert-store-full", What: "there is no room to write the alert store", Where: s.path, Why: e.Error() + "; alerts wait in Kafka until there is",
			Do: "df " + s.path + ", then free space on that disk; weir goes on by itself", Exit: fault.ExitMissing, Cause: err}
	case sqliteReadOnly:
		return &fault.Error{Code: "alert-store-full", What: "the alert store cannot be written", Where: s.path, Why: e.Error(), Do: "let this user write " + s.path, Exit: fault.ExitMissing, Cause: err}
	}
	return err
}
