package alerts

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/internal/pipeline"
)

var _ pipeline.Worker = (*Worker)(nil)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func sample(id string, revision int) alert.Alert {
	return alert.Alert{ID: id, Revision: revision, Rule: "ssh-brute-force", Level: "high", Title: "t", Group: map[string]string{"source.ip": "203.0.113.5"},
		What: "김민수 \x1b[31m", First: noon, Last: noon.Add(time.Duration(revision) * time.Second), Count: revision, Created: noon}
}

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "alerts ?#%.db")) // a name that an address would misread
	if err != nil {
		t.Fatal(err)
	}
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

func TestStore_stays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	want := sample("aaaa000000000001", 1)
	want.Conditions = []alert.Condition{{Name: "failed", Expr: "x", Needed: 5, Matched: 128}}
	want.Evidence = []alert.Evidence{{EventID: "e1", Time: noon, When: "failed", Values: map[string]string{"message": "m"}}}
	for i := range 3 {
		s, err := Open(path)
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
	s, err := Open(newer)
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
		if _, err := Open(c.path); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", c.name, err, c.why)
		}
	}
}

// TestStore_twoProcesses: the console and a command have the file open at once; what one writes the other reads.
func TestStore_twoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	var stores [2]*Store
	for i := range stores {
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores[i] = s
	}
	put(t, stores[0], sample("aaaa000000000001", 1))
	if _, err := stores[1].SetState(t.Context(), "aaaa000000000001", alert.Closed, "ana", "", 0); err != nil {
		t.Fatal(err)
	}
	put(t, stores[0], sample("aaaa000000000001", 2))
	for i, s := range stores {
		if row, err := s.Get(t.Context(), "aaaa"); err != nil || row.Revision != 2 || row.State != alert.Closed {
			t.Errorf("store %d: %+v, %v", i, row, err)
		}
	}
}

// TestStore_closed: every call says what it was about, and none of them hangs or ends the process.
func TestStore_closed(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "alerts.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, list := s.List(t.Context(), Filter{})
	_, get := s.Get(t.Context(), "aaaa")
	_, state := s.SetState(t.Context(), "aaaa", alert.Open, "ana", "", 0)
	_, changes := s.Changes(t.Context(), "aaaa")
	for says, err := range map[string]error{"listing alerts": list, "looking for alert aaaa": get, "changing alert aaaa": state, "reading the changes of alert aaaa": changes,
		"storing alerts": s.Upsert(t.Context(), []alert.Alert{sample("aaaa000000000001", 1)})} {
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}
