package alerts

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
	"weir/sinks/alerts/risk"
)

// form1 is how a file of form 1 was made.
const form1 = `
CREATE TABLE alerts (
	id       TEXT PRIMARY KEY,
	revision INTEGER NOT NULL,
	rule     TEXT NOT NULL,
	level    INTEGER NOT NULL,
	last     INTEGER NOT NULL,
	doc      BLOB NOT NULL,
	state    TEXT NOT NULL DEFAULT 'open',
	version  INTEGER NOT NULL DEFAULT 0,
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
PRAGMA user_version = 1;
`

// oldFile makes a file of form 1 with these alerts; the second was acknowledged and closed by ana, the third merged.
func oldFile(t *testing.T, list []alert.Alert) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alerts.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(form1)
	for i := range list {
		doc, err := json.Marshal(&list[i])
		if err != nil {
			t.Fatal(err)
		}
		exec(`INSERT INTO alerts (id, revision, rule, level, last, doc) VALUES (?, ?, ?, ?, ?, ?)`, list[i].ID, list[i].Revision, list[i].Rule, rank[list[i].Level], nanos(list[i].Last), doc)
	}
	at := nanos(noon)
	for i, state := range []string{alert.Acknowledged, alert.Closed} {
		exec(`INSERT INTO changes VALUES (?, ?, ?, 'ana', ?, ?)`, list[1].ID, i+1, state, "note "+state, at+int64(i))
	}
	exec(`INSERT INTO changes VALUES (?, 1, 'closed', 'weir', 'merged into aaaa', ?)`, list[2].ID, at)
	exec(`UPDATE alerts SET state = 'closed', version = 2, by = 'ana', note = 'note closed', changed = ? WHERE id = ?`, at+1, list[1].ID)
	exec(`UPDATE alerts SET state = 'closed', version = 1, by = 'weir', note = 'merged into aaaa', changed = ? WHERE id = ?`, at, list[2].ID)
	return path
}

// TestPrepare_fromForm1: a file of an older weir is brought into the form of today where it lies, and nothing of it is
// lost, neither what was found nor who said what of it.
func TestPrepare_fromForm1(t *testing.T) {
	list := []alert.Alert{sample("aaaa000000000001", 3), sample("bbbb000000000001", 5), sample("cccc000000000001", 2)}
	list[0].Tags, list[2].MergedInto = []string{"attack.t1110"}, "aaaa000000000001"
	path := oldFile(t, list)
	for round := range 2 { // the second time it is of form 2
		s, err := Open(path, Options{Risk: &weights})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"open||||0", "closed||ana|note closed|2", "closed|duplicate|weir|merged into aaaa|1"} {
			row := get(t, s, list[i].ID)
			got := strings.Join([]string{row.State, row.Verdict, row.By, row.Note, fmt.Sprint(row.Version)}, "|")
			if got != want || row.What != list[i].What || row.Count != list[i].Count || !row.First.Equal(noon) {
				t.Errorf("round %d, alert %d: %s, want %s", round, i, got, want)
			}
		}
		changes, err := s.Changes(t.Context(), list[1].ID)
		if err != nil || len(changes) != 2 || changes[0].Kind != alert.ToState || changes[1].State != alert.Closed || changes[1].By != "ana" || changes[1].Rule != "ssh-brute-force" || changes[1].Count != 5 {
			t.Errorf("changes %+v, %v", changes, err)
		}
		for name, f := range map[string]Filter{"by address": {Entity: "203.0.113.5", State: alert.Open}, "by tag": {Tag: "attack.T1110"}} {
			if rows, err := s.List(t.Context(), f); err != nil || len(rows) != 1 || rows[0].ID != list[0].ID {
				t.Errorf("%s: %+v, %v", name, rows, err)
			}
		}
		if st, err := s.Stats(t.Context()); err != nil || st.Waiting != 0 {
			t.Errorf("changes of before are sent: %+v, %v", st, err)
		}
		if _, ok := s.StartOffset("weir.alerts", 0); ok {
			t.Error("a file that was there reads Kafka from the beginning")
		}
		if round == 1 { // it goes on as any other
			put(t, s, sample(list[1].ID, 6))
			if row := get(t, s, list[1].ID); row.State != alert.Open || row.By != alert.Self || row.Version != 3 {
				t.Errorf("after a further hit: %s by %s", row.State, row.By)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPrepare_fromForm1_damaged: a document that cannot be read stops the change as a whole: the file stays what it was.
func TestPrepare_fromForm1_damaged(t *testing.T) {
	path := oldFile(t, []alert.Alert{sample("aaaa000000000001", 1), sample("bbbb000000000001", 1), sample("cccc000000000001", 1)})
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "UPDATE alerts SET doc = '{' WHERE id = 'bbbb000000000001'"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "bbbb000000000001") {
		t.Fatalf("got %v", err)
	}
	var version, rows int
	if err := db.QueryRowContext(t.Context(), "SELECT (SELECT user_version FROM pragma_user_version), count(*) FROM alerts").Scan(&version, &rows); err != nil || version != 1 || rows != 3 {
		t.Errorf("form %d with %d rows, %v", version, rows, err)
	}
}

// TestPrepareRisk: other weights or another half-life change what was added up; another threshold does not. Who only reads
// takes what the file was written with.
func TestPrepareRisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	score := func(c *risk.Config) float64 {
		t.Helper()
		s, err := Open(path, Options{Risk: c})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if c != nil && c.On() {
			now := sample("aaaa000000000001", 1)
			now.Created, now.First, now.Last = time.Now(), time.Now(), time.Now()
			put(t, s, now)
		}
		list, err := s.Risks(t.Context(), time.Now(), "203.0.113.5", 0)
		if err != nil || len(list) > 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if len(list) == 0 {
			return 0
		}
		return list[0].Score
	}
	heavier, off, other := risk.Default(), risk.Config{}, risk.Default()
	heavier.Weights = map[string]float64{"high": 90}
	other.Threshold = 5
	for _, tc := range []struct {
		name string
		c    *risk.Config
		want float64
	}{{"as it comes", &weights, 40}, {"who only reads", nil, 40}, {"another threshold", &other, 40}, {"heavier", &heavier, 90}, {"who only reads, then", nil, 90}, {"off", &off, 0}, {"on again", &weights, 40}} {
		if got := score(tc.c); got < tc.want-0.1 || got > tc.want+0.1 {
			t.Errorf("%s: %f, want %f", tc.name, got, tc.want)
		}
	}
}
