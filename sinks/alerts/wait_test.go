package alerts

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/fault"
	"weir/internal/pipeline"
)

// impatient makes a store give up a lock at once, over the one connection that it has then.
func impatient(t *testing.T, s *Store) {
	t.Helper()
	s.db.SetMaxOpenConns(1)
	if _, err := s.db.ExecContext(t.Context(), "PRAGMA busy_timeout = 10"); err != nil {
		t.Fatal(err)
	}
}

// records of alerts, each of an alert of its own and two revisions.
func numbered(t *testing.T, n int) (list []*kgo.Record) {
	t.Helper()
	for i := range n {
		for revision := 1; revision < 3; revision++ {
			a := sample(fmt.Sprintf("%016x", i), revision)
			a.What = strings.Repeat("long ", 200)
			value, err := json.Marshal(&a)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, &kgo.Record{Topic: "weir.alerts", Value: value, Offset: int64(len(list))})
		}
	}
	return list
}

// TestWaits: a store that another program holds, or whose disk is full, stops the stage with a sentence; when that is over
// the stage goes on by itself, and everything is there once.
func TestWaits(t *testing.T) {
	for _, tc := range []struct {
		name       string
		code, says string
		hold       func(t *testing.T, s *Store) (release func())
	}{
		{"locked", "alert-store-locked", "another program holds the alert store", func(t *testing.T, s *Store) func() {
			other, err := sql.Open("sqlite", "file:"+s.path+"?_txlock=exclusive")
			if err != nil {
				t.Fatal(err)
			}
			tx, err := other.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := tx.Rollback(); err != nil {
					t.Error(err)
				}
				_ = other.Close()
			}
		}},
		{"no room", "alert-store-full", "there is no room to write the alert store", func(t *testing.T, s *Store) func() {
			pages := 0
			if err := s.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
				t.Fatal(err)
			}
			limit := func(n int) {
				if _, err := s.db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
					t.Error(err)
				}
			}
			limit(pages + 3)
			return func() { limit(1 << 30) }
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "alerts.db")
			s, err := Open(path, Options{Risk: &weights})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			impatient(t, s)
			put(t, s, sample(id, 1))
			release := tc.hold(t, s)

			// A person is told at once.
			_, err = s.Change(t.Context(), id, Newest, Decision{Kind: alert.Note, Note: strings.Repeat("x", maxNote), By: "ana"})
			for n := 0; err == nil && n < 50; n++ { // a nearly full disk has room for a note or two
				_, err = s.Change(t.Context(), id, Newest, Decision{Kind: alert.Note, Note: strings.Repeat("x", maxNote), By: "ana"})
			}
			if fault.Code(err) != tc.code || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), path) {
				t.Fatalf("a person is told %v", err)
			}
			notes, _ := s.Changes(t.Context(), id)

			// The stage waits, with a line of the log that says for what.
			log := &safeBuffer{}
			list := numbered(t, 300)
			r := stage(t, s, list, log)
			eventually(t, "the stage says that it waits", func() bool { return strings.Contains(log.String(), tc.says) })
			if n := r.Processed()["weir.alerts"][0]; n >= int64(len(list)) {
				t.Errorf("%d records are done", n)
			}
			release()
			eventually(t, "the stage goes on", func() bool { return r.Processed()["weir.alerts"][0] == int64(len(list)) })
			r.Stop(t.Context())

			rows, err := s.List(t.Context(), Filter{})
			if err != nil || len(rows) != 301 {
				t.Fatalf("%d alerts, %v", len(rows), err)
			}
			for _, row := range rows {
				if row.ID != id && row.Revision != 2 {
					t.Errorf("%s is revision %d", row.ID, row.Revision)
				}
			}
			if again, err := s.Changes(t.Context(), id); err != nil || len(again) != len(notes) {
				t.Errorf("%d notes, %d before, %v", len(again), len(notes), err)
			}
		})
	}
}

// safeBuffer is a log that is written and read by two goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// stage runs the worker on a broker that has these records, as the process does.
func stage(t *testing.T, s *Store, list []*kgo.Record, log *safeBuffer) *pipeline.Runner {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "weir.alerts"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	client := func(opts ...kgo.Opt) (*kgo.Client, error) {
		return kgo.NewClient(append(opts, kgo.SeedBrokers(c.ListenAddrs()...))...)
	}
	producer, err := client()
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	if err := producer.ProduceSync(t.Context(), list...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	r, err := pipeline.Start(pipeline.Stage{Name: "alerts", Group: "weir.alerts", Topics: []string{"weir.alerts"}, Client: client, Log: logger, StartOffset: s.StartOffset,
		New: func(context.Context, string, int32, int64) (pipeline.Worker, error) {
			return &Worker{Store: s, Log: logger}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
