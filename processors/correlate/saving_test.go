package correlate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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

// A snapshot of another version of weir is no state, and the log says so; the worker reads on from where the group is.
func TestWorker_OtherVersion(t *testing.T) {
	dir := t.TempDir()
	recs := topic(t, mixed(7, 40))
	w := newWorker(t, options(dir, &sink{}, testRules()), "weir.signals", 3, 0)
	process(t, w, recs[:50])
	w.Close()
	b, err := os.ReadFile(snapPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.IndexByte(b, '\n')+1] = 1
	if err := os.WriteFile(snapPath(dir), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if at, ok := StartOffset(t.Context(), Folder(dir), 3); ok {
		t.Errorf("it gives the offset %d", at)
	}
	var log bytes.Buffer
	o := options(dir, &sink{}, testRules())
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	w = newWorker(t, o, "weir.signals", 3, 50)
	process(t, w, recs[50:60])
	w.Close()
	if !strings.Contains(log.String(), "another version of weir") || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("said: %s", log.String())
	}
	if at, ok := StartOffset(t.Context(), Folder(dir), 3); !ok || at != 60 {
		t.Errorf("its own snapshot is of %d, %v", at, ok)
	}
}

// Signals go on while a snapshot is written, and the snapshot is of the moment at which it began: a worker that goes on
// from it says what one says that was never stopped.
func TestWorker_GoesOnWhileSaving(t *testing.T) {
	set, recs := testRules(), topic(t, mixed(13, 150))
	var want sink
	steady := newWorker(t, options(t.TempDir(), &want, set), "weir.signals", 3, 0)
	process(t, steady, recs)
	steady.Close()
	for stop := 100; stop < len(recs)-200; stop += 150 {
		var got sink
		slow := &slowly{Snapshots: Folder(t.TempDir()), frame: make(chan struct{}), goOn: make(chan struct{})}
		o := options("", &got, set)
		o.Snapshots = slow
		w := newWorker(t, o, "weir.signals", 3, 0)
		process(t, w, recs[:stop])
		saved := make(chan error)
		go func() { saved <- w.save(t.Context()) }()
		at := stop
		for range slow.frame { // the state is not taken yet
			end := min(at+40, len(recs))
			process(t, w, recs[at:end])
			at = end
			slow.goOn <- struct{}{}
		}
		if err := <-saved; err != nil {
			t.Fatal(err)
		}
		if at == stop {
			t.Fatal("nothing came while the snapshot was written")
		}
		kill(w)
		next, ok := StartOffset(t.Context(), slow.Snapshots, 3)
		if !ok || next != int64(stop) {
			t.Fatalf("the snapshot is of %d, want %d", next, stop)
		}
		o.Snapshots = slow.Snapshots
		w = newWorker(t, o, "weir.signals", 3, next)
		process(t, w, recs[stop:])
		w.Close()
		if !slices.Equal(got.lines, want.lines) {
			t.Fatalf("stopped at %d: %d revisions, want %d", stop, len(got.lines), len(want.lines))
		}
	}
}

// slowly is a disk that lets others go on after the first part of a snapshot.
type slowly struct {
	Snapshots
	frame, goOn chan struct{}
}

func (s *slowly) Store(ctx context.Context, partition int32, write func(io.Writer) error) error {
	defer close(s.frame)
	return s.Snapshots.Store(ctx, partition, func(to io.Writer) error { return write(&waiting{to: to, of: s}) })
}

// waiting waits once, after the place of the snapshot was written.
type waiting struct {
	to io.Writer
	of *slowly
	n  int
}

func (w *waiting) Write(b []byte) (int, error) {
	if w.n++; w.n == 3 { // the magic, and head and body of the first part
		w.of.frame <- struct{}{}
		<-w.of.goOn
	}
	return w.to.Write(b)
}

// How much is read between two snapshots grows with them, so that a large state is not written for every handful.
func TestWorker_SaveBytes(t *testing.T) {
	w := &Worker{}
	for _, c := range []struct {
		size int64
		want int
	}{{0, saveBytes}, {10 << 20, saveBytes}, {100 << 20, 25 << 20}, {1 << 30, maxSaveBytes}} {
		if w.size = c.size; w.saveBytes() != c.want {
			t.Errorf("of %d bytes: %d", c.size, w.saveBytes())
		}
	}
}
