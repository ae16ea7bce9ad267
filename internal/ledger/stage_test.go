package ledger_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"weir/internal/ledger"
)

// disk is a place for the file that can fail.
type disk struct {
	err    error
	writes int
}

func (d *disk) write(name string, b []byte) error {
	if d.err != nil {
		return d.err
	}
	d.writes++
	return os.WriteFile(name, b, 0o600)
}

func store(t *testing.T, file string, d *disk) *ledger.Store {
	t.Helper()
	s, err := ledger.OpenStore(file, d.write, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestStore_AnswersOnceOnDisk: a batch between two saves is answered with the next one, at the latest by Close.
func TestStore_AnswersOnceOnDisk(t *testing.T) {
	d := &disk{}
	s := store(t, filepath.Join(t.TempDir(), "l.json"), d)
	w, err := s.NewWorker(t.Context(), "weir.ledger", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var answers []int
	for i := range 3 {
		rec := &kgo.Record{Offset: int64(i), Value: value(t, stretch("a/1", int64(i)*10, int64(i)*10+10))}
		if err := w.Process(t.Context(), []*kgo.Record{rec}, func(err error) {
			if err != nil {
				t.Error(err)
			}
			answers = append(answers, i)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(answers) != 1 || d.writes != 1 {
		t.Errorf("answered %v after %d writes", answers, d.writes)
	}
	if at := s.Taken()["weir.raw.syslog/0"]; at != 30 {
		t.Errorf("what is not on disk yet is known too: counted up to %d", at)
	}
	w.Close()
	if len(answers) != 3 || d.writes != 2 {
		t.Errorf("after Close: answered %v, %d writes", answers, d.writes)
	}
	if w.Close(); d.writes != 2 {
		t.Error("a second Close wrote again")
	}
}

// TestStore_DiskFull: nothing is answered that is not on disk, and the next worker goes on.
func TestStore_DiskFull(t *testing.T) {
	full := errors.New("no space left on device")
	d := &disk{err: full}
	file := filepath.Join(t.TempDir(), "l.json")
	s := store(t, file, d)
	w, err := s.NewWorker(t.Context(), "weir.ledger", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	answered := false
	batch := []*kgo.Record{{Offset: 0, Value: value(t, ingest(1, true, ledger.Counts{Received: 10}))}, {Offset: 1, Value: value(t, stretch("a/1", 0, 10))}}
	done := func(error) { answered = true }
	if err := w.Process(t.Context(), batch, done); !errors.Is(err, full) || answered {
		t.Fatalf("answered %t, %v", answered, err)
	}
	w.Close()
	if _, err := os.Stat(file); answered || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("answered %t, the file: %v", answered, err)
	}
	d.err = nil
	if w, err = s.NewWorker(t.Context(), "weir.ledger", 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := w.Process(t.Context(), batch, done); err != nil || !answered {
		t.Errorf("with room again: answered %t, %v", answered, err)
	}
	w.Close()
	b := store(t, file, d).Balance(ledger.State{Stored: map[string]int64{src: 10}})
	if !b.OK || b.Rows[0].Received != 10 {
		t.Errorf("records that came twice count twice: %+v", b.Rows)
	}
}

// TestOpenStore_Damaged refuses to begin anew over a file that it cannot read: that would forget what was received.
func TestOpenStore_Damaged(t *testing.T) {
	for name, text := range map[string]string{"cut off": `{"offset":7,"ingest":{`, "no ledger": `[1,2]`, "empty": ``} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "l.json")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ledger.OpenStore(file, (&disk{}).write, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), "reading the ledger") {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := ledger.OpenStore(t.TempDir(), nil, nil); err == nil {
		t.Error("a folder was read")
	}
}

// TestFold_Apply refuses what is no record of a hop and is none the worse for it.
func TestFold_Apply(t *testing.T) {
	f := ledger.NewFold()
	for _, v := range []string{``, `null`, `{}`, `{"hop":"moon"}`, `[]`, `{"hop":"ingest","start":-1}`, `{"hop":5}`} {
		if err := f.Apply([]byte(v)); err == nil {
			t.Errorf("%q was taken", v)
		}
	}
	if b := f.Balance(ledger.State{}); len(b.Rows) != 0 || !b.OK || len(f.Taken()) != 0 {
		t.Errorf("something is left: %+v", b)
	}
	if err := f.Apply([]byte(`{"hop":"ingest","instance":"a","start":1,"sources":{"s":null}}`)); err != nil || len(f.Balance(ledger.State{Self: "a/1"}).Rows) != 0 {
		t.Errorf("a source without counts: %v", err)
	}
}
