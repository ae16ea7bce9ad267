package auditing_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/app/auditing"
	"weir/internal/control/question"
	"weir/internal/record"
)

// door takes batches, or refuses them.
type door struct {
	docs  []string
	count int
	err   error
}

func (d *door) trail(t *testing.T) *auditing.Trail {
	return &auditing.Trail{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Received: func(_ string, n, _ int) { d.count += n },
		Emit: func(_ context.Context, batch []record.Raw, done func(error)) error {
			if d.err != nil {
				return d.err
			}
			for _, r := range batch {
				d.docs = append(d.docs, string(r.Value))
			}
			if done != nil {
				done(nil)
			}
			return nil
		}}
}

// TestNote: a look goes through the door under the name of whoever asks, and is counted.
func TestNote(t *testing.T) {
	d := &door{}
	tr := d.trail(t)
	tr.Note(question.WithWho(t.Context(), "ana"), auditing.Look{Action: "search", Query: "x", Hits: 3})
	tr.Note(t.Context(), auditing.Look{Action: "tail"})
	if len(d.docs) != 2 || d.count != 2 {
		t.Fatalf("%d documents, %d counted", len(d.docs), d.count)
	}
	for i, who := range []string{"ana", auditing.Self()} {
		var e event.Event
		if err := e.Decode([]byte(d.docs[i])); err != nil || e.Str(event.UserName) != who {
			t.Errorf("%v, %s, want %s", err, d.docs[i], who)
		}
	}
	d.err = errors.New("full")
	tr.Note(t.Context(), auditing.Look{Action: "search"}) // nobody is kept from looking
}

// TestFlush: what was looked at while no weir ran is stored at the next start, once, and stays where it cannot be stored.
func TestFlush(t *testing.T) {
	d := &door{}
	tr := d.trail(t)
	if err := tr.Flush(t.Context()); err != nil || len(d.docs) != 0 {
		t.Fatalf("nothing was pending: %v", err)
	}
	for range 2 {
		if err := auditing.Pend(tr.Data, auditing.Doc(auditing.Look{Action: "search", Query: "kilroy"})); err != nil {
			t.Fatal(err)
		}
	}
	d.err = errors.New("full")
	if err := tr.Flush(t.Context()); !errors.Is(err, d.err) {
		t.Fatalf("got %v", err)
	}
	d.err = nil
	if err := tr.Flush(t.Context()); err != nil || len(d.docs) != 2 || !strings.Contains(d.docs[1], "kilroy") {
		t.Fatalf("%v, %d", err, len(d.docs))
	}
	if _, err := os.Stat(filepath.Join(tr.Data, auditing.File)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
}

// TestFlush_Unreadable: a trail with a hole in it must not look whole.
func TestFlush_Unreadable(t *testing.T) {
	d := &door{}
	tr := d.trail(t)
	if err := os.Mkdir(filepath.Join(tr.Data, auditing.File), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := tr.Flush(t.Context()); err == nil {
		t.Error("it was passed over")
	}
}
