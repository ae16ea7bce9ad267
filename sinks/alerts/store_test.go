package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/alert"
	"weir/internal/fault"
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

func TestUpsert_isIdempotent(t *testing.T) {
	s := open(t)
	put(t, s, sample("aaaa000000000001", 2), sample("bbbb000000000001", 1))
	if _, err := s.SetState(t.Context(), "aaaa000000000001", alert.Closed, "ana", "false alarm", 0); err != nil {
		t.Fatal(err)
	}
	before, err := s.List(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, sample("aaaa000000000001", 1), sample("aaaa000000000001", 2), sample("bbbb000000000001", 1)) // a replay
	after, err := s.List(t.Context(), Filter{})
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("a replay changed\n%+v\nto\n%+v, %v", before, after, err)
	}
	put(t, s, sample("aaaa000000000001", 3))
	row, err := s.Get(t.Context(), "aaaa")
	if err != nil || row.Revision != 3 || row.Count != 3 || row.State != alert.Closed || row.Note != "false alarm" {
		t.Errorf("after a further revision: %+v, %v", row, err)
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

func TestList(t *testing.T) {
	s := open(t)
	for i, level := range []string{"informational", "low", "medium", "high", "critical", "odd"} {
		a := sample(fmt.Sprintf("%04x000000000000", i), i+1)
		a.Level, a.Rule = level, []string{"even", "uneven"}[i%2]
		put(t, s, a)
	}
	if _, err := s.SetState(t.Context(), "0001000000000000", alert.Acknowledged, "ana", "", 0); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		f    Filter
		want string
	}{
		{"all, newest first", Filter{}, "0005 0004 0003 0002 0001 0000"},
		{"size", Filter{Size: 2}, "0005 0004"},
		{"open", Filter{State: alert.Open}, "0005 0004 0003 0002 0000"},
		{"acknowledged", Filter{State: alert.Acknowledged}, "0001"},
		{"level and above", Filter{Level: "high"}, "0004 0003"},
		{"rule", Filter{Rule: "even"}, "0004 0002 0000"},
		{"from", Filter{From: noon.Add(5 * time.Second)}, "0005 0004"},
		{"to", Filter{To: noon.Add(3 * time.Second)}, "0001 0000"},
		{"several", Filter{Level: "low", Rule: "uneven", From: noon, To: noon.Add(time.Hour), Size: 9}, "0003 0001"},
		{"none", Filter{Rule: "x' OR 1=1 --"}, ""},
	}
	for _, c := range cases {
		rows, err := s.List(t.Context(), c.f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Short)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestGet(t *testing.T) {
	s := open(t)
	put(t, s, sample("3f9c000000000001", 1), sample("3f9c0a0000000001", 1), sample("3f9c0a0000000002", 1), sample("b07e000000000001", 1))
	cases := []struct{ name, prefix, want, code, says string }{
		{"short", "b07e", "b07e000000000001", "", ""},
		{"shorter", "b", "b07e000000000001", "", ""},
		{"capitals", " B07E ", "b07e000000000001", "", ""},
		{"whole", "3f9c000000000001", "3f9c000000000001", "", ""},
		{"ambiguous", "3f9c", "", "alert-ambiguous", "3f9c00, 3f9c0a0000000001, 3f9c0a0000000002"},
		{"still ambiguous", "3f9c0a", "", "alert-ambiguous", "3f9c0a0000000001"},
		{"unknown", "aaaa", "", "alert-unknown", "begins with aaaa"},
		{"no id", "x' --", "", "alert-unknown", "0-9 and a-f"},
		{"empty", "", "", "alert-unknown", "no alert id"},
	}
	for _, c := range cases {
		row, err := s.Get(t.Context(), c.prefix)
		if row.ID != c.want || fault.Code(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v", c.name, row.ID, err)
		}
		if err == nil {
			if again, err := s.Get(t.Context(), row.Short); err != nil || again.ID != row.ID || len(row.Short) < minShort {
				t.Errorf("%s: its short id %q gives %q, %v", c.name, row.Short, again.ID, err)
			}
		}
	}
}

func TestSetState(t *testing.T) {
	s := open(t)
	s.now = func() time.Time { return noon }
	put(t, s, sample("3f9c000000000001", 1))
	row, err := s.SetState(t.Context(), "3f9c000000000001", alert.Acknowledged, "ana", "looking", 0)
	if err != nil || row.State != alert.Acknowledged || row.Version != 1 || row.By != "ana" || !row.Changed.Equal(noon) {
		t.Fatalf("%+v, %v", row, err)
	}
	if _, err := s.SetState(t.Context(), "3f9c000000000001", alert.Closed, "ben", "mine", 0); fault.Code(err) != "alert-changed" || !strings.Contains(err.Error(), "ana set alert 3f9c to acknowledged") {
		t.Errorf("the second is not told: %v", err)
	}
	if _, err := s.SetState(t.Context(), "3f9c000000000001", alert.Closed, "ben", "done", 1); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"alert-state":   second(s.SetState(t.Context(), "3f9c000000000001", "gone", "ana", "", 2)),
		"alert-unknown": second(s.SetState(t.Context(), "ffff", alert.Closed, "ana", "", 0)),
	} {
		if fault.Code(err) != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	if err := second(s.SetState(t.Context(), "3f9c000000000001", alert.Open, "", "", 2)); fault.Code(err) != "alert-state" {
		t.Errorf("a change by nobody: %v", err)
	}
	got, err := s.Changes(t.Context(), "3f9c000000000001")
	want := []Change{{1, alert.Acknowledged, "ana", "looking", noon}, {2, alert.Closed, "ben", "done", noon}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func second(_ Row, err error) error { return err }

// Of many who close at once, one does, and each of the others is told.
func TestSetState_atOnce(t *testing.T) {
	s := open(t)
	put(t, s, sample("3f9c000000000001", 1))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			errs[i] = second(s.SetState(context.Background(), "3f9c000000000001", alert.Closed, fmt.Sprint("u", i), "", 0))
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if fault.Code(err) != "alert-changed" {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d of 8 closed it", done)
	}
}

func TestUpsert_merged(t *testing.T) {
	s := open(t)
	a := sample("3f9c000000000002", 2)
	a.MergedInto = "3f9c000000000001"
	for range 2 {
		put(t, s, sample("3f9c000000000002", 1), a)
	}
	row, err := s.Get(t.Context(), a.ID)
	if err != nil || row.State != alert.Closed || row.By != self || row.Version != 1 || !strings.Contains(row.Note, a.MergedInto) {
		t.Errorf("%+v, %v", row, err)
	}
}

func TestWorker(t *testing.T) {
	var log bytes.Buffer
	var told []string
	w := &Worker{Store: open(t), OnNew: func(r Row) { told = append(told, r.Short) }, Log: slog.New(slog.NewTextHandler(&log, nil))}
	defer w.Close()
	var batch []*kgo.Record
	for i, a := range []alert.Alert{sample("aaaa000000000001", 1), sample("aaaa000000000001", 2), sample("bbbb000000000001", 1)} {
		value, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, &kgo.Record{Topic: "weir.alerts", Offset: int64(i), Value: value})
	}
	batch = slices.Insert(batch, 1, &kgo.Record{Topic: "weir.alerts", Offset: 77, Value: []byte("{")}, &kgo.Record{Topic: "weir.alerts", Offset: 78, Value: []byte("{}")})
	for range 2 { // the second time after a crash before the commit
		answered := 0
		if err := w.Process(t.Context(), batch, func(err error) {
			if err == nil {
				answered++
			}
		}); err != nil || answered != 1 {
			t.Fatalf("%v, answered %d times", err, answered)
		}
	}
	if strings.Join(told, " ") != "aaaa bbbb" {
		t.Errorf("told of %v", told)
	}
	if !strings.Contains(log.String(), "offset=77") || !strings.Contains(log.String(), "offset=78") {
		t.Errorf("broken records are not named: %s", log.String())
	}
	rows, err := w.Store.List(t.Context(), Filter{})
	if err != nil || len(rows) != 2 || rows[0].Revision != 2 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// A store that cannot write fails the batch as a whole and leaves it unanswered: the runner tries again.
func TestWorker_storeGone(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "alerts.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w := &Worker{Store: s, Log: slog.New(slog.DiscardHandler)}
	value, _ := json.Marshal(sample("aaaa000000000001", 1))
	if err := w.Process(t.Context(), []*kgo.Record{{Value: value}}, func(error) { t.Error("answered") }); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open(t).Upsert(ctx, []alert.Alert{sample("aaaa000000000001", 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: %v", err)
	}
}

func TestShorten(t *testing.T) {
	cases := []struct{ id, before, after, want string }{
		{"3f9c00", "", "", "3f9c"},
		{"3f9c00", "3f8c00", "b00000", "3f9c"},
		{"3f9c00", "3f9b00", "3f9c10", "3f9c0"},
		{"3f9c00", "3f9bff", "3f9c01", "3f9c00"},
		{"3f", "", "", "3f"},
	}
	for _, c := range cases {
		if got := shorten(c.id, c.before, c.after); got != c.want {
			t.Errorf("%s between %s and %s: %s, want %s", c.id, c.before, c.after, got, c.want)
		}
	}
}

func BenchmarkUpsert(b *testing.B) {
	s := open(b)
	batch := make([]alert.Alert, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for j := range batch {
			batch[j] = sample(fmt.Sprintf("%08x%08x", j, i/10), i)
		}
		if err := s.Upsert(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}
