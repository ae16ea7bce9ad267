package keep

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"weir/internal/state"
)

// places are both homes of snapshots; what follows is asked of each.
var places = []struct {
	name string
	open func(t *testing.T) Snapshots
}{
	{"folder", func(t *testing.T) Snapshots { return Folder(t.TempDir()) }},
	{"topic", func(t *testing.T) Snapshots { return Topic(state.Folder(t.TempDir(), slog.New(slog.DiscardHandler))) }},
}

// of writes some bytes.
func of(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

func newest(t *testing.T, s Snapshots, partition int32) []byte {
	t.Helper()
	all, err := s.Load(t.Context(), partition)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return nil
	}
	for range 2 { // it can be opened again
		r, err := all[0]()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		if len(data) > 0 {
			return data
		}
	}
	return nil
}

func TestSnapshots(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			if got := newest(t, s, 3); got != nil {
				t.Fatalf("%d bytes before any was stored", len(got))
			}
			for i := range byte(4) {
				for _, partition := range []int32{3, 4} {
					if err := s.Store(t.Context(), partition, of(bytes.Repeat([]byte{i, byte(partition)}, 1<<20))); err != nil {
						t.Fatal(err)
					}
				}
				if got := newest(t, s, 3); !bytes.Equal(got, bytes.Repeat([]byte{i, 3}, 1<<20)) {
					t.Fatalf("after store %d: %d bytes", i, len(got))
				}
			}
		})
	}
}

// A snapshot that cannot be written leaves the one before, and the next one can be.
func TestSnapshots_WriteFails(t *testing.T) {
	gone := errors.New("the worker is given up")
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			s := p.open(t)
			if err := s.Store(t.Context(), 3, of([]byte("a"))); err != nil {
				t.Fatal(err)
			}
			err := s.Store(t.Context(), 3, func(w io.Writer) error {
				_, _ = w.Write([]byte("half"))
				return gone
			})
			if !errors.Is(err, gone) || string(newest(t, s, 3)) != "a" {
				t.Errorf("%v, and %q is there", err, newest(t, s, 3))
			}
			if err := s.Store(t.Context(), 3, of([]byte("b"))); err != nil || string(newest(t, s, 3)) != "b" {
				t.Errorf("%v, and %q is there", err, newest(t, s, 3))
			}
		})
	}
}

// The folder keeps one before the newest, and gives room back to a full disk.
func TestFolder_Before(t *testing.T) {
	dir := t.TempDir()
	s := Folder(dir)
	for _, text := range []string{"a", "b", "c"} {
		if err := s.Store(t.Context(), 0, of([]byte(text))); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "correlate-0.snap")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := newest(t, s, 0); string(got) != "b" {
		t.Errorf("without the newest: %q", got)
	}
	_ = s.Store(t.Context(), 0, func(io.Writer) error { return io.ErrShortWrite })
	if _, err := os.Stat(path + ".tmp"); !os.IsNotExist(err) {
		t.Errorf("what could not be written lies about: %v", err)
	}
	if _, err := Folder(filepath.Join(dir, "missing")).Load(t.Context(), 0); err != nil {
		t.Errorf("a folder without snapshots: %v", err)
	}
	if err := Folder(filepath.Join(dir, "missing")).Store(t.Context(), 0, of(nil)); err == nil {
		t.Error("stored where there is no folder")
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

// TestTopic_AfterAFailure: a store that failed is read again before it is written to.
func TestTopic_AfterAFailure(t *testing.T) {
	a := &away{Opener: state.Folder(t.TempDir(), slog.New(slog.DiscardHandler)), gone: true}
	k := Topic(a)
	if _, err := k.Load(t.Context(), 3); !errors.Is(err, errAway) {
		t.Errorf("loaded: %v", err)
	}
	for _, c := range []struct {
		text string
		gone bool
	}{{"x", true}, {"a", false}, {"b", true}, {"c", false}} {
		a.gone = c.gone
		err := k.Store(t.Context(), 3, of([]byte(c.text)))
		if c.gone != errors.Is(err, errAway) {
			t.Errorf("%s: %v", c.text, err)
		}
		if a.gone = false; !c.gone && string(newest(t, k, 3)) != c.text {
			t.Errorf("%q is there, want %q", newest(t, k, 3), c.text)
		}
	}
}
