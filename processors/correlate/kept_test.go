package correlate

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
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

func TestSnapshots(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			if all, err := s.Load(t.Context(), 3); err != nil || len(all) != 0 {
				t.Fatalf("%d snapshots before any was stored, %v", len(all), err)
			}
			for i := range byte(4) {
				for _, partition := range []int32{3, 4} {
					if err := s.Store(t.Context(), partition, bytes.Repeat([]byte{i, byte(partition)}, 1<<20)); err != nil {
						t.Fatal(err)
					}
				}
				all, err := s.Load(t.Context(), 3)
				if err != nil || len(all) == 0 || !bytes.Equal(all[0], bytes.Repeat([]byte{i, 3}, 1<<20)) {
					t.Fatalf("after store %d: %d snapshots, %v", i, len(all), err)
				}
			}
		})
	}
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
	if err := k.Store(t.Context(), 3, []byte("x")); !errors.Is(err, errAway) {
		t.Errorf("stored: %v", err)
	}
	a.gone = false
	if err := k.Store(t.Context(), 3, []byte("a")); err != nil {
		t.Error(err)
	}
	a.gone = true
	if err := k.Store(t.Context(), 3, []byte("b")); !errors.Is(err, errAway) {
		t.Errorf("stored: %v", err)
	}
	a.gone = false
	if all, err := k.Load(t.Context(), 3); err != nil || len(all) != 1 || string(all[0]) != "a" {
		t.Errorf("%q, %v", all, err)
	}
	if err := k.Store(t.Context(), 3, []byte("c")); err != nil {
		t.Error(err)
	}
}
