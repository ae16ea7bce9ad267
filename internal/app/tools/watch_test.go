package tools

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/internal/app/apptest"
)

// TestWatchRules: what changed is named, other files of the folder are passed over, and Ctrl-C ends it.
func TestWatchRules(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r/a.yaml": apptest.OneRule, "r/b.yaml": apptest.OneRule})
	file := filepath.Join(cfg.Data, "r", "a.yaml")
	ctx, stop := context.WithCancel(t.Context())
	got := make(chan []string, 1)
	done := make(chan error, 1)
	go func() { // ended by stop; waited for below
		done <- WatchRules(ctx, cfg, []string{file}, func(files []string) error { got <- files; return nil })
	}()
	// The watch begins a moment after the call; writing goes on until it has seen one.
	var files []string
	for i := 0; files == nil; i++ {
		for _, name := range []string{"b.yaml", "a.yaml"} {
			if err := os.WriteFile(filepath.Join(cfg.Data, "r", name), []byte(apptest.OneRule+string(make([]byte, i%7))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case files = <-got:
		case <-time.After(400 * time.Millisecond):
		}
	}
	if !slices.Equal(files, []string{file}) {
		t.Errorf("changed %q", files)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// TestWatchRules_fails: an error of the callee ends the watch and comes through.
func TestWatchRules_fails(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"rules/a.yaml": apptest.OneRule})
	gone := errors.New("the reader is gone")
	done := make(chan error, 1)
	go func() { // ends with the first change; waited for below
		done <- WatchRules(t.Context(), cfg, nil, func([]string) error { return gone })
	}()
	for i := 0; ; i++ {
		if err := os.WriteFile(filepath.Join(cfg.Data, "rules", "a.yaml"), make([]byte, i), 0o600); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			if !errors.Is(err, gone) {
				t.Errorf("ended with %v", err)
			}
			return
		case <-time.After(400 * time.Millisecond):
		}
	}
}

func TestDiffering(t *testing.T) {
	at := time.Unix(1, 0)
	before := map[string]stamp{"same": {1, at}, "grown": {1, at}, "touched": {1, at}, "gone": {1, at}}
	now := map[string]stamp{"same": {1, at}, "grown": {2, at}, "touched": {1, at.Add(1)}, "new": {1, at}}
	if got := differing(before, now); !slices.Equal(got, []string{"gone", "grown", "new", "touched"}) {
		t.Errorf("%q", got)
	}
}

func TestStamps(t *testing.T) {
	cfg := apptest.Data(t, map[string]string{"r/a.yaml": "a", "r/.git/x": "x", "r/.a.swp": "x", "r/below/b.yaml": "b"})
	var names []string
	for name := range stamps([]string{filepath.Join(cfg.Data, "r"), filepath.Join(cfg.Data, "none")}) {
		names = append(names, filepath.Base(name))
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"a.yaml", "b.yaml"}) {
		t.Errorf("%q", names)
	}
}
