package alerts

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/alert"
)

const day = 24 * time.Hour

// rows counts the rows of each table.
func rows(t testing.TB, s *Store) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, table := range []string{"alerts", "docs", "words", "changes", "risk", "risk_parts", "outbox"} {
		n := 0
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}

// ids are those of all alerts that are there.
func ids(t testing.TB, s *Store) []string {
	t.Helper()
	list, err := s.List(t.Context(), Filter{Suppressed: true, Canary: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range list {
		out = append(out, strings.TrimLeft(list[i].ID, "0"))
	}
	slices.Sort(out)
	return out
}

// TestForget: what is closed and was not touched for as long as it is to be kept goes, with all that hangs on it. Nothing
// that is open goes, no score changes, and what was counted stays counted.
func TestForget(t *testing.T) {
	s := open(t)
	s.keep = 100 * day
	at := func(days int) { s.now = func() time.Time { return noon.Add(time.Duration(days) * day) } }
	closed := func(n int, verdict string) {
		change(t, s, fmt.Sprintf("%016x", n), to(alert.Closed, verdict, "ana", "n"))
	}
	late := func(n int, days int) alert.Alert { return about(n, "a", "high", "lee", days*24*60) }
	at(0)
	suppressed, worked := about(8, "a", "low", "cho", 0), about(9, "a", "low", "cho", 0)
	suppressed.SuppressedBy, worked.SuppressedBy = fmt.Sprintf("%016x", 1), fmt.Sprintf("%016x", 1)
	canary := about(10, "a", "low", "eve", 0)
	canary.Canary = true
	put(t, s, about(1, "a", "high", "kim", 0), about(2, "b", "low", "kim", 0), about(3, "c", "high", "kim", 0), about(4, "d", "high", "kim", 0), about(5, "e", "high", "ben", 0), suppressed, worked, canary)
	closed(1, alert.TruePositive)
	closed(2, alert.Benign)
	change(t, s, fmt.Sprintf("%016x", 4), to(alert.Acknowledged, "", "ana", ""))
	change(t, s, worked.ID, to(alert.Acknowledged, "", "ana", ""))
	closed(5, alert.FalsePositive)
	if err := s.Apply(t.Context(), []alert.Change{{Alert: "nowhere", Version: 1, Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, By: "eve", At: noon}}); err != nil {
		t.Fatal(err)
	}
	at(50)
	more := about(2, "b", "low", "kim", 0) // a hit of the one that is closed opens it, and somebody closes it again
	more.Revision, more.Count = 2, 2
	put(t, s, more)
	closed(2, alert.Benign)
	at(99)
	put(t, s, late(6, 99), late(7, 99))
	closed(6, alert.TruePositive)
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	score, part := scoreAt(t, s, "lee", 99*24*60), rows(t, s)["risk_parts"]
	for _, step := range []struct {
		day  int
		n    int64
		left []string
	}{
		{99, 0, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "a"}},
		// What 1 spoke for goes behind it, but for what somebody works on; 3 is open, 2 was touched.
		{101, 4, []string{"2", "3", "4", "6", "7", "9"}},
		{101, 0, []string{"2", "3", "4", "6", "7", "9"}},
		{151, 1, []string{"3", "4", "6", "7", "9"}},
		{300, 1, []string{"3", "4", "7", "9"}},
	} {
		at(step.day)
		n, err := s.forget(t.Context())
		if err != nil || n != step.n || !slices.Equal(ids(t, s), step.left) {
			t.Fatalf("day %d: %d forgotten, %v are left (%v), want %d and %v", step.day, n, ids(t, s), err, step.n, step.left)
		}
		if step.day == 101 && !near(scoreAt(t, s, "lee", 99*24*60), score) {
			t.Errorf("the score of lee was %v and is %v", score, scoreAt(t, s, "lee", 99*24*60))
		}
		after, err := s.Stats(t.Context())
		if err != nil || after.ByPeople != before.ByPeople || after.ByWeir != before.ByWeir {
			t.Errorf("day %d: changes %d and %d, before %d and %d (%v)", step.day, after.ByPeople, after.ByWeir, before.ByPeople, before.ByWeir, err)
		}
	}
	left := rows(t, s)
	if left["alerts"] != 4 || left["docs"] != 4 || left["changes"] != 2 || left["risk_parts"] >= part {
		t.Errorf("rows that are left: %v", left)
	}
	if rows, err := s.List(t.Context(), Filter{Entity: "ben", State: alert.Closed}); err != nil || len(rows) != 0 {
		t.Errorf("found by a word: %+v, %v", rows, err)
	}
	put(t, s, about(1, "a", "high", "kim", 300*24*60)) // what comes again is new
	if row := get(t, s, fmt.Sprintf("%016x", 1)); row.State != alert.Open || row.Version != 0 {
		t.Errorf("%+v", row)
	}
}

// TestForget_Weighs: an alert stays as long as it weighs, however short it is kept.
func TestForget_Weighs(t *testing.T) {
	s := open(t)
	s.keep, s.risk.HalfLife = 30*day, 10*day
	put(t, s, about(1, "a", "high", "kim", 0))
	change(t, s, fmt.Sprintf("%016x", 1), to(alert.Closed, alert.TruePositive, "ana", ""))
	for _, step := range []struct {
		days int
		want int64
	}{{199, 0}, {202, 1}, {300, 0}} {
		s.now = func() time.Time { return noon.Add(time.Duration(step.days) * day) }
		if n, err := s.forget(t.Context()); n != step.want || err != nil {
			t.Errorf("day %d: %d, %v", step.days, n, err)
		}
	}
	if left := rows(t, s); left["risk"] != 0 {
		t.Errorf("%v", left)
	}
}

// old makes a store with closed alerts, n of them, that are to be forgotten.
func old(t *testing.T, path string, n int) *Store {
	t.Helper()
	s, err := Open(path, Options{Risk: &weights, Keep: 30 * day})
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return noon }
	var list []alert.Alert
	var changes []alert.Change
	for i := range n {
		a := about(i, "a", "high", fmt.Sprintf("u%d", i%50), 0)
		a.What = strings.Repeat("what happened ", 100)
		list = append(list, a)
		changes = append(changes, alert.Change{Alert: a.ID, Version: 1, Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, By: "ana", At: noon, Rule: "a", Created: a.Created, Count: 1})
	}
	put(t, s, list...)
	if err := s.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return noon.Add(60 * day) }
	return s
}

// TestForget_CutShort: a process that ends in between has forgotten some alerts as a whole, and the next one the rest.
func TestForget_CutShort(t *testing.T) {
	const n = 5 * forgetBatch
	path := filepath.Join(t.TempDir(), "alerts.db")
	s := old(t, path, n)
	ctx, cancel := context.WithCancel(t.Context())
	s.pause = func(context.Context, time.Duration) bool {
		cancel()
		return false
	}
	if k, err := s.forget(ctx); k != forgetBatch || !errors.Is(err, context.Canceled) {
		t.Fatalf("%d are forgotten: %v", k, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(path, Options{Risk: &weights, Keep: 30 * day}); err != nil {
		t.Fatal(err)
	} else {
		defer s.Close()
		left := rows(t, s)
		if left["alerts"] != n-forgetBatch || left["docs"] != left["alerts"] || left["changes"] != left["alerts"] || left["risk_parts"] != left["alerts"] {
			t.Errorf("halves of alerts are left: %v", left)
		}
		s.now = func() time.Time { return noon.Add(60 * day) }
		k, err := s.forget(t.Context())
		if int(k) != left["alerts"] || err != nil {
			t.Errorf("%d of %d are forgotten: %v", k, left["alerts"], err)
		}
		if st, err := s.Stats(t.Context()); err != nil || st.Forgotten != n || st.ByPeople != n {
			t.Errorf("%+v, %v", st, err)
		}
		for table, n := range rows(t, s) {
			if n > 0 && table != "outbox" { // alerts about risk that are not sent yet
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
	}
}

// TestForget_Shrinks: the room of what is forgotten goes back to the disk. A file that an older weir made keeps it for what
// comes.
func TestForget_Shrinks(t *testing.T) {
	for name, shrinks := range map[string]bool{"new": true, "of an older weir": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "alerts.db")
			if !shrinks {
				db, err := sql.Open("sqlite", path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.ExecContext(t.Context(), "CREATE TABLE x (y); DROP TABLE x"); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			s := old(t, path, 600)
			pages := func() (n, free int) {
				if err := s.db.QueryRowContext(t.Context(), "SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count)").Scan(&n, &free); err != nil {
					t.Fatal(err)
				}
				return n, free
			}
			before, _ := pages()
			if n, err := s.forget(t.Context()); n != 600 || err != nil {
				t.Fatal(n, err)
			}
			after, free := pages()
			if shrinks && (after > before/4 || free > after/shrinkAbove) || !shrinks && (after < before || free < before/2) {
				t.Errorf("%d pages before, %d after, %d of them free", before, after, free)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if fi, err := os.Stat(path); err != nil || shrinks && fi.Size() > int64(before)*4096/4 {
				t.Errorf("%d bytes, %v", fi.Size(), err)
			}
		})
	}
}

// TestForget_ComesMeanwhile: an alert that comes while what is left of forgotten ones goes loses nothing.
func TestForget_ComesMeanwhile(t *testing.T) {
	s := open(t)
	s.keep, s.now = 30*day, func() time.Time { return noon.Add(60 * day) }
	var list []alert.Change
	for i := range 2 * forgetBatch {
		list = append(list, alert.Change{Alert: fmt.Sprintf("%016x", i), Version: 1, Kind: alert.ToState, State: alert.Closed, Verdict: alert.Benign, By: "ana", At: noon, Rule: "a", Count: 1})
	}
	if err := s.Apply(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	last := about(2*forgetBatch-1, "a", "high", "kim", 0)
	s.pause = func(context.Context, time.Duration) bool {
		put(t, s, last)
		return true
	}
	if n, err := s.forget(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d are forgotten: %v", n, err)
	}
	left := rows(t, s)
	if left["alerts"] != 1 || left["docs"] != 1 || left["changes"] != 1 || left["risk_parts"] != 1 || left["words"] == 0 {
		t.Errorf("of the one alert are left %v", left)
	}
	if row := get(t, s, last.ID); row.State != alert.Closed || row.By != "ana" || row.What != last.What {
		t.Errorf("%+v", row)
	}
	if err := s.Apply(t.Context(), []alert.Change{{Alert: last.ID, Version: 2, Kind: alert.Note, State: alert.Closed, Note: "n", By: "ben", At: noon}}); err != nil {
		t.Error(err)
	}
}

// TestForget_Undated: rows that an older weir writes beside this one do not say when. They are as new when they are found.
func TestForget_Undated(t *testing.T) {
	s := old(t, filepath.Join(t.TempDir(), "alerts.db"), forgetBatch+1)
	defer s.Close()
	spoken := about(forgetBatch+1, "a", "high", "kim", 0)
	spoken.SuppressedBy = "gone"
	put(t, s, spoken)
	undate := func() {
		if _, err := s.db.ExecContext(t.Context(), "UPDATE alerts SET touched = 0"); err != nil {
			t.Fatal(err)
		}
	}
	undate()
	s.pause = func(context.Context, time.Duration) bool {
		if s.pause = sleep; rows(t, s)["alerts"] == forgetBatch+2 {
			undate() // and some come after they were looked for
		}
		return true
	}
	for _, step := range []struct {
		days int
		want int64
	}{{60, 0}, {89, 0}, {91, 2}, {118, 0}, {120, forgetBatch}} {
		s.now = func() time.Time { return noon.Add(time.Duration(step.days) * day) }
		if n, err := s.forget(t.Context()); n != step.want || err != nil {
			t.Errorf("day %d: %d, %v", step.days, n, err)
		}
	}
}

// TestForget_ReadBack: while a lost store is read back nothing goes: what came of an alert may not be there yet.
func TestForget_ReadBack(t *testing.T) {
	s := old(t, filepath.Join(t.TempDir(), "alerts.db"), 10)
	defer s.Close()
	if err := s.Rebuild(t.Context(), map[string]map[int32]int64{"weir.changes": {0: 5}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.forget(t.Context()); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// TestForget_Run ends with its context, and at once where all is kept.
func TestForget_Run(t *testing.T) {
	s := open(t)
	s.Forget(t.Context()) // for ever
	s.keep = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Forget(ctx)
}

// TestForget_Says: what is forgotten is said, and what went wrong after it beside that.
func TestForget_Says(t *testing.T) {
	s := old(t, filepath.Join(t.TempDir(), "alerts.db"), 10)
	defer s.Close()
	if _, err := s.db.ExecContext(t.Context(), "ALTER TABLE risk RENAME TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	s.log = slog.New(slog.NewTextHandler(&said, nil))
	s.pause = func(_ context.Context, d time.Duration) bool { return d != forgetEvery }
	s.Forget(t.Context())
	for _, want := range []string{"level=INFO msg=\"old alerts are forgotten; the archive has them\" forgotten=10 ", "level=WARN msg=\"forgetting old alerts did not come to its end; it is tried again\" err=\"forgetting risk"} {
		if strings.Count(said.String(), want) != 1 {
			t.Errorf("%q is not said: %s", want, &said)
		}
	}
}

// TestPrepare_fromForm2: a file of form 2 is brought into that of today; nothing in it is old then.
func TestPrepare_fromForm2(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.db")
	s := old(t, path, 10)
	if _, err := s.db.ExecContext(t.Context(), "DROP INDEX alerts_touched; DROP INDEX words_alert; ALTER TABLE alerts DROP COLUMN touched; PRAGMA user_version = 2"); err != nil {
		t.Fatal(err)
	}
	name := s.name
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{Risk: &weights, Keep: 30 * day})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.name != name {
		t.Error("the file has another name: what it sent comes twice")
	}
	now := time.Now()
	for _, step := range []struct {
		days int
		want int64
	}{{29, 0}, {31, 10}} {
		s.now = func() time.Time { return now.Add(time.Duration(step.days) * day) }
		if n, err := s.forget(t.Context()); n != step.want || err != nil {
			t.Errorf("after %d days: %d, %v", step.days, n, err)
		}
	}
}
