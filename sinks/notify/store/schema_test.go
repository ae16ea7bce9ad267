package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/fault"
	"weir/sinks/notify/channel"
)

// t0 is when stores of these tests are made.
var t0 = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// file is a store's path, in memory where that can be.
func file(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "store") //nolint:usetesting // in memory: each write is synced
	if err != nil {
		return filepath.Join(t.TempDir(), "notify.db")
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "notify.db")
}

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, t0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// do runs fn in a transaction.
func do(t testing.TB, s *Store, fn func(ctx context.Context, tx *Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), "testing", func(tx *Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// some is an alert with an id and a level.
func some(id, level string) *Alert {
	return &Alert{Alert: alert.Alert{ID: id, Revision: 1, Rule: "ssh", Level: level, Count: 1, Group: map[string]string{"host.name": "web-1"}}, State: alert.Open, Seen: t0}
}

// put saves alerts and joins them into the group of a route.
func put(t testing.TB, s *Store, list ...*Alert) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *Tx) error {
		for _, a := range list {
			if err := errors.Join(tx.Join(ctx, Group{Route: "/", To: []string{"mail"}, Name: "rule=ssh", Labels: map[string]string{"rule": "ssh"}}, a, t0), tx.SaveAlert(ctx, a, t0)); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestOpen(t *testing.T) {
	path := file(t)
	s := open(t, path)
	first := s.instance
	if !s.Since().Equal(t0) || len(first) != 8 {
		t.Errorf("since %s, instance %q", s.Since(), first)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path, t0.Add(time.Hour))
	if err != nil || !again.Since().Equal(t0) || again.instance != first {
		t.Errorf("opened again: %v, since %s", err, again.Since())
	}
	if err := again.Write(t.Context(), "growing older", func(tx *Tx) error {
		_, err := tx.ExecContext(t.Context(), "PRAGMA user_version = 99")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
	if _, err := Open(path, t0); fault.Code(err) != "notify-store" || !strings.Contains(err.Error(), "newer weir") {
		t.Errorf("a newer form: %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, t0); err == nil {
		t.Error("a file that is no store is opened")
	}
}

// TestOpen_Twice: of several that open a new file at once, all find the same.
func TestOpen_Twice(t *testing.T) {
	path := file(t)
	var wg sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		wg.Go(func() {
			s, err := Open(path, t0)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = s.instance
			_ = s.Close()
		})
	}
	wg.Wait()
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("instances %q", ids)
	}
}

// TestWrite: what fails did not happen.
func TestWrite(t *testing.T) {
	s := open(t, file(t))
	boom := errors.New("boom")
	err := s.Write(t.Context(), "trying", func(tx *Tx) error {
		return errors.Join(tx.SaveAlert(t.Context(), some("a", "high"), t0), boom)
	})
	if !errors.Is(err, boom) || !strings.HasPrefix(err.Error(), "trying: ") {
		t.Errorf("got %v", err)
	}
	if a, err := s.Alert(t.Context(), "a"); a != nil || err != nil {
		t.Errorf("it is there: %+v, %v", a, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, "late", func(*Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// TestCrash: what was committed is in the files as they lie there at any moment, and what was not is not: a copy that is taken
// without a word is what the end of a process leaves behind.
func TestCrash(t *testing.T) {
	path := file(t)
	s := open(t, path)
	copied := 0
	for i := range 20 {
		put(t, s, some(fmt.Sprint("a", i), "high"))
		queue(t, s, Message{Group: 1, Channel: "mail", Kind: channel.Firing, Alerts: []string{fmt.Sprint("a", i)}, Whole: true})
		tx, err := s.db.BeginTx(t.Context(), nil) // another writer is in the middle of something
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), `DELETE FROM deliveries`); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for _, suffix := range []string{"", "-wal"} {
			doc, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "notify.db"+suffix), doc, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		left, err := Open(filepath.Join(dir, "notify.db"), t0)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(queued(t, left, "mail")); n != i+1 {
			t.Errorf("after %d messages %d are left", i+1, n)
		}
		if left.instance != s.instance {
			t.Error("the ids begin otherwise")
		}
		if err := left.Close(); err != nil {
			t.Fatal(err)
		}
		copied++
	}
	if copied != 20 {
		t.Error("the test did nothing")
	}
}

// TestReadersDoNotWait: a question is answered while somebody writes.
func TestReadersDoNotWait(t *testing.T) {
	s := open(t, file(t))
	put(t, s, some("a", "high"))
	err := s.Write(t.Context(), "writing slowly", func(tx *Tx) error {
		if err := tx.SaveAlert(t.Context(), some("b", "high"), t0); err != nil {
			return err
		}
		if a, err := s.Alert(t.Context(), "a"); err != nil || a == nil {
			t.Errorf("a reader gets %v, %v", a, err)
		}
		if b, err := s.Alert(t.Context(), "b"); err != nil || b != nil {
			t.Errorf("a reader sees what is not committed: %v, %v", b, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWriters: many at once wait for each other, and each of their writes is there.
func TestWriters(t *testing.T) {
	s := open(t, file(t))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				err := s.Write(t.Context(), "writing", func(tx *Tx) error {
					return tx.SaveAlert(t.Context(), some(fmt.Sprintf("a%d-%02d", i, j), "high"), t0)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	n := 0
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM alerts`).Scan(&n); err != nil || n != 160 {
		t.Errorf("%d alerts, %v", n, err)
	}
}
