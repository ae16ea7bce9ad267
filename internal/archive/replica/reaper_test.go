package replica_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"weir/internal/archive/replica"
	"weir/internal/archive/store"
)

// keeper is a store that does not let everything go.
type keeper struct {
	store.Store
	until time.Time
	err   error
	now   time.Time
}

// Delete is that of store.Store.
func (k *keeper) Delete(ctx context.Context, key string) error {
	switch {
	case k.err != nil:
		return k.err
	case k.until.After(k.now):
		return &store.LockedError{Key: key, Until: k.until}
	}
	return k.Store.Delete(ctx, key)
}

func TestReaper(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	k := &keeper{Store: store.NewFolder(t.TempDir()), now: now, until: now.Add(time.Hour)}
	path := "class=a/day=2026-11-21/s-00000001.parquet"
	for _, key := range []string{path, replica.IndexOf(path)} {
		if err := k.Put(t.Context(), key, store.Bytes([]byte("x"))); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	r := replica.NewReaper(replica.New(k), slog.New(slog.NewTextHandler(&said, nil)))
	if err := r.Reap(t.Context(), now); err != nil || r.Doomed() != 0 {
		t.Fatalf("%v %d", err, r.Doomed())
	}
	r.Doom(path)
	for range 3 {
		if err := r.Reap(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.Locked(); !got[path].Equal(k.until) || r.Doomed() != 1 || strings.Count(said.String(), "kept for its lock") != 1 {
		t.Errorf("%v, %d, %s", got, r.Doomed(), said.String())
	}
	k.now = k.until.Add(time.Second)
	k.err = errors.New("busy")
	if err := r.Reap(t.Context(), k.now); !errors.Is(err, k.err) || r.Doomed() != 1 {
		t.Errorf("%v %d", err, r.Doomed())
	}
	k.err = nil
	ended, stop := context.WithCancel(t.Context())
	stop()
	if err := r.Reap(ended, k.now); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := r.Reap(t.Context(), k.now); err != nil || r.Doomed() != 0 || len(r.Locked()) != 0 {
		t.Errorf("%v %d %v", err, r.Doomed(), r.Locked())
	}
	for i, err := range k.List(t.Context(), "") {
		t.Errorf("left: %v %v", i, err)
	}
}
