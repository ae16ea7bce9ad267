package correlate

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/state"
)

// places are both homes of snapshots; what follows is asked of each.
var places = []struct {
	name string
	open func(t *testing.T) Snapshots
}{
	{"folder", func(t *testing.T) Snapshots { return Folder(t.TempDir()) }},
	{"kept", func(t *testing.T) Snapshots { return Kept(state.Folder(t.TempDir(), slog.New(slog.DiscardHandler))) }},
}

// TestSnapshots_AWorkerGoesOnInAnother runs signals through many workers, each of which takes over where the one before
// made its last snapshot durable: they say what one worker says that sees all of them.
func TestSnapshots_AWorkerGoesOnInAnother(t *testing.T) {
	set, recs := testRules(), topic(t, mixed(11, 60))
	var want sink
	w := newWorker(t, options(t.TempDir(), &want, set), "weir.signals", 3, 0)
	process(t, w, recs)
	w.Close()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			snapshots := p.open(t)
			var got sink
			at := int64(0)
			for at < int64(len(recs)) {
				o := options("", &got, set)
				o.Snapshots = snapshots
				w := newWorker(t, o, "weir.signals", 3, at)
				process(t, w, recs[at:min(int(at)+23, len(recs))])
				w.Close()
				next, ok := StartOffset(t.Context(), snapshots, 3)
				if !ok || next <= at {
					t.Fatalf("starts at %d after %d, %v", next, at, ok)
				}
				at = next
			}
			if len(got.lines) != len(want.lines) || len(want.lines) == 0 {
				t.Fatalf("%d revisions, want %d", len(got.lines), len(want.lines))
			}
			for i := range want.lines {
				if got.lines[i] != want.lines[i] {
					t.Fatalf("revision %d is %s, want %s", i, got.lines[i], want.lines[i])
				}
			}
		})
	}
}

// away is state that cannot be reached for a while.
type away struct {
	state.Opener
	gone bool
}

func (a *away) Open(name string, p int32) (state.Store, error) {
	s, err := a.Opener.Open(name, p)
	return &awayStore{Store: s, away: a}, err
}

type awayStore struct {
	state.Store
	away *away
}

var errAway = errors.New("Kafka is away")

func (s *awayStore) Load(ctx context.Context) (map[string][]byte, error) {
	if s.away.gone {
		return nil, errAway
	}
	return s.Store.Load(ctx)
}

func (s *awayStore) Save(ctx context.Context, c []state.Change, done func(error)) {
	if s.away.gone {
		done(errAway)
		return
	}
	s.Store.Save(ctx, c, done)
}

// TestKept_AfterAFailure: a worker that cannot learn what there is does not begin without state, and a store that failed is
// read again before it is written to.
func TestKept_AfterAFailure(t *testing.T) {
	a := &away{Opener: state.Folder(t.TempDir(), slog.New(slog.DiscardHandler)), gone: true}
	k := Kept(a)
	o := options("", &sink{}, testRules())
	o.Snapshots = k
	if _, err := NewWorker(t.Context(), o, "weir.signals", 3, 0); !errors.Is(err, errAway) {
		t.Errorf("a worker begins: %v", err)
	}
	if _, ok := StartOffset(t.Context(), k, 3); ok {
		t.Error("there is a start although nobody knows")
	}
}

func snapPath(dir string) string { return filepath.Join(dir, "correlate-3.snap") }

func TestWorker_brokenSnapshot(t *testing.T) {
	cases := []struct {
		name string
		harm func(path string) error
	}{
		{"torn", func(path string) error { return os.Truncate(path, 100) }},
		{"empty", func(path string) error { return os.Truncate(path, 0) }},
		{"changed", func(path string) error {
			b, err := os.ReadFile(path)
			if err == nil {
				b[len(b)/2] ^= 1
				err = os.WriteFile(path, b, 0o600)
			}
			return err
		}},
		{"gone", os.Remove},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			recs := topic(t, mixed(7, 40))
			w := newWorker(t, options(dir, &sink{}, testRules()), "weir.signals", 3, 0)
			process(t, w, recs[:50])
			if err := w.save(t.Context()); err != nil {
				t.Fatal(err)
			}
			process(t, w, recs[50:90])
			w.Close()
			path := snapPath(dir)
			if err := c.harm(path); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			if at, ok := StartOffset(t.Context(), Folder(dir), 3); !ok || at != 50 {
				t.Fatalf("starts at %d, %v; the snapshot before was at 50", at, ok)
			}
			o := options(dir, &sink{}, testRules())
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			next := newWorker(t, o, "weir.signals", 3, 50)
			if next.en.Stats().Alerts != 0 || next.en.ordered()[0].book.Len() == 0 {
				t.Error("the worker does not go on from the snapshot before")
			}
			kill(next)
			if c.name != "gone" && !strings.Contains(log.String(), "partition=3 before=0") {
				t.Errorf("the broken snapshot is not named: %s", log.String())
			}
			if err := c.harm(path + ".old"); err != nil {
				t.Fatal(err)
			}
			if _, ok := StartOffset(t.Context(), Folder(dir), 3); ok {
				t.Error("two broken snapshots give a position")
			}
		})
	}
}

func TestWorker_fullDisk(t *testing.T) {
	dir := t.TempDir()
	w := newWorker(t, options(dir, &sink{}, testRules()), "weir.signals", 3, 0)
	answered := 0
	if err := w.Process(t.Context(), topic(t, mixed(7, 40)), func(err error) {
		if err == nil {
			answered++
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(snapPath(dir)+".tmp", 0o700); err != nil { // stands in the way of the file
		t.Fatal(err)
	}
	if err := os.WriteFile(snapPath(dir)+".tmp/x", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.save(t.Context()); err == nil || answered != 0 {
		t.Fatalf("%v, answered %d", err, answered)
	}
	if err := os.RemoveAll(snapPath(dir) + ".tmp"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if at, ok := StartOffset(t.Context(), Folder(dir), 3); !ok || at == 0 || answered != 1 {
		t.Errorf("after room was made: %d, %v, answered %d", at, ok, answered)
	}
}
