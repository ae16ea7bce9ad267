package alerts

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/pipeline"
	"weir/sinks/alerts/risk"
)

var (
	_ pipeline.Worker = (*Worker)(nil)
	_ pipeline.Worker = (*ChangeWorker)(nil)
)

// weights are those of a weir that was told none.
var weights = risk.Default()

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func sample(id string, revision int) alert.Alert {
	return alert.Alert{ID: id, Revision: revision, Rule: "ssh-brute-force", Level: "high", Title: "t", Group: map[string]string{"source.ip": "203.0.113.5"},
		What: "김민수 \x1b[31m", First: noon, Last: noon.Add(time.Duration(revision) * time.Second), Count: revision, Created: noon}
}

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "alerts ?#%.db"), Options{Risk: &weights}) // a name that an address would misread
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return noon.Add(time.Hour) }
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t testing.TB, s *Store, list ...alert.Alert) {
	t.Helper()
	if err := s.Upsert(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// to is a decision about the state.
func to(state, verdict, by, note string) Decision {
	return Decision{Kind: alert.ToState, State: state, Verdict: verdict, By: by, Note: note}
}

// change decides and fails the test if it cannot.
func change(t testing.TB, s *Store, id string, d Decision) Row {
	t.Helper()
	row, err := s.Change(t.Context(), id, Newest, d)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// get returns a stored alert.
func get(t testing.TB, s *Store, id string) Row {
	t.Helper()
	row, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestStore_stays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	want := sample("aaaa000000000001", 1)
	want.Conditions = []alert.Condition{{Name: "failed", Expr: "x", Needed: 5, Matched: 128}}
	want.Evidence = []alert.Evidence{{EventID: "e1", Time: noon, When: "failed", Values: map[string]string{"message": "m"}}}
	for i := range 3 {
		s, err := Open(path, Options{Risk: &weights})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			put(t, s, want)
		}
		row, err := s.Get(t.Context(), "aaaa")
		if err != nil || !reflect.DeepEqual(row.Alert, want) {
			t.Errorf("opened %d times: %+v, %v", i+1, row, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpen_Failure(t *testing.T) {
	dir := t.TempDir()
	garbage, newer := filepath.Join(dir, "garbage.db"), filepath.Join(dir, "newer.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("not a database"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(newer, Options{Risk: &weights})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, path, why string }{
		{"no folder", filepath.Join(dir, "none", "x.db"), "no such file"},
		{"garbage", garbage, "not a database"},
		{"newer", newer, "written by a newer weir"},
	}
	for _, c := range cases {
		if _, err := Open(c.path, Options{Risk: &weights}); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", c.name, err, c.why)
		}
	}
}

// TestStore_twoProcesses: the console and a command have the file open at once; what one writes the other reads.
func TestStore_twoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	var stores [2]*Store
	for i := range stores {
		s, err := Open(path, Options{Risk: &weights})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores[i] = s
	}
	put(t, stores[0], sample("aaaa000000000001", 1))
	change(t, stores[1], "aaaa000000000001", to(alert.Closed, alert.FalsePositive, "ana", ""))
	put(t, stores[0], sample("aaaa000000000001", 2))
	for i, s := range stores {
		if row, err := s.Get(t.Context(), "aaaa"); err != nil || row.Revision != 2 || row.State != alert.Closed {
			t.Errorf("store %d: %+v, %v", i, row, err)
		}
	}
}

// TestStore_ReadsBesideAWriter: whoever reads over a new connection waits for nobody who writes, a backup among them.
func TestStore_ReadsBesideAWriter(t *testing.T) {
	s := open(t)
	put(t, s, sample("aaaa000000000001", 1))
	other, err := sql.Open("sqlite", dsn(s.path))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rollback(tx); err != nil {
			t.Error(err)
		}
	}()
	for i := range 4 { // as many as there may be, all open at once
		conn, err := s.db.Conn(t.Context())
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer conn.Close()
		n := 0
		if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM alerts").Scan(&n); err != nil || n != 1 {
			t.Errorf("connection %d reads %d alerts: %v", i, n, err)
		}
	}
}

// TestStore_closed: every call says what it was about, and none of them hangs or ends the process.
func TestStore_closed(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "alerts.db"), Options{Risk: &weights})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, list := s.List(t.Context(), Filter{})
	_, get := s.Get(t.Context(), "aaaa")
	_, state := s.Change(t.Context(), "aaaa", 0, to(alert.Open, "", "ana", ""))
	_, changes := s.Changes(t.Context(), "aaaa")
	for says, err := range map[string]error{"listing alerts": list, "looking for alert aaaa": get, "changing alert aaaa": state, "reading the changes of alert aaaa": changes,
		"taking changes over": s.Apply(t.Context(), []alert.Change{{Alert: "aaaa", Version: 1}}),
		"storing alerts":      s.Upsert(t.Context(), []alert.Alert{sample("aaaa000000000001", 1)})} {
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}
