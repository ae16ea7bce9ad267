package detect

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/internal/match"
	"weir/internal/record"
	"weir/processors"
	"weir/rules"
)

var (
	_ processors.Detector = (*Holder)(nil)
	_ processors.Detector = (*Engine)(nil)
)

const oneRule = "id: a\ntitle: A\nlevel: low\nwhen: user.name == \"kim\"\n"

func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.yaml")
	write(t, file, oneRule)
	load := func() (*rules.Set, match.Lists, error) {
		set, err := rules.LoadDir(dir, nil)
		return set, nil, err
	}
	var h Holder
	kim := decode(t, `{"user":{"name":"kim"}}`)
	if h.Load() != nil || h.Rules() != nil || h.Signals(kim, record.Pos{}) != nil {
		t.Error("an empty holder")
	}
	if faults, err := h.Reload(load); err != nil || len(faults) != 0 || len(h.Signals(kim, record.Pos{})) != 1 {
		t.Fatal(faults, err)
	}
	first := h.Load()

	write(t, file, oneRule+"tags: [\n")
	write(t, filepath.Join(dir, "b.yaml"), "id: b\ntitle: B\nlevel: low\nwhen: user.name == \"lee\"\n")
	faults, err := h.Reload(load)
	if err != nil || len(faults) != 1 || h.Load() == first || h.Load().Len() != 2 || len(h.Signals(kim, record.Pos{})) != 1 {
		t.Errorf("a broken file: %v %v, %d rules", faults, err, h.Load().Len())
	}

	write(t, file, "# nothing\n")
	if faults, err = h.Reload(load); err != nil || len(faults) != 0 || h.Load().Len() != 1 || h.Rules().Rule("a") != nil {
		t.Errorf("a mended file without the rule: %v %v", faults, err)
	}

	last := h.Load()
	gone := errors.New("gone")
	if _, err := h.Reload(func() (*rules.Set, match.Lists, error) { return nil, nil, gone }); !errors.Is(err, gone) || h.Load() != last {
		t.Errorf("an unreadable folder: %v", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	folder, late := filepath.Join(base, "rules"), filepath.Join(base, "data", "lists")
	if err := os.MkdirAll(filepath.Join(folder, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls, done := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		done <- Watch(ctx, slog.New(slog.DiscardHandler), []string{folder, late}, time.Now(), func() { calls <- struct{}{} })
	}()
	// The watch begins at some moment after the start, so changes are made until the first is seen.
	until := func(what string, change func()) {
		t.Helper()
		for range 100 {
			change()
			select {
			case <-calls:
				return
			case <-time.After(2 * settle):
			}
		}
		t.Fatalf("%s was not noticed", what)
	}
	until("a new file", func() { write(t, filepath.Join(folder, "a.yaml"), oneRule) })
	drain(calls)
	until("a change in a folder below", func() { write(t, filepath.Join(folder, "sub", "b.yaml"), oneRule) })
	drain(calls)
	until("a folder that comes later", func() {
		if err := os.MkdirAll(late, 0o700); err != nil {
			t.Fatal(err)
		}
	})
	drain(calls)
	until("a file in it", func() { write(t, filepath.Join(late, "x.txt"), "kim") })
	drain(calls)
	until("a folder put in another's place", func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	})
	drain(calls)
	until("a file in the new folder", func() { write(t, filepath.Join(folder, "c.yaml"), oneRule) })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// drain waits until no reload is on its way.
func drain(calls chan struct{}) {
	for {
		select {
		case <-calls:
		case <-time.After(3 * settle):
			return
		}
	}
}

func TestConcerns(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"/d/rules/a.yaml": true, "/d/rules": true, "/d/rules/sub/b.yaml": true, "/d/rules2/a.yaml": false, "/d/other": false, "/d": true,
		"/d/rules/.a.yaml.swp": false, "/d/rules/a.yaml~": false,
	} {
		if got := concerns(name, []string{"/d/rules"}); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWatch_SeesWhatChangedBeforeItBegan(t *testing.T) {
	loaded := time.Now().Add(-time.Minute)
	old, fresh := t.TempDir(), filepath.Join(t.TempDir(), "rules")
	if err := os.Chtimes(old, time.Time{}, loaded.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if changed([]string{old, fresh}, loaded) {
		t.Error("a folder that is old and one that is not there are news")
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls, done := make(chan struct{}, 1), make(chan error)
	go func() {
		done <- Watch(ctx, slog.New(slog.DiscardHandler), []string{old, fresh}, loaded, func() { calls <- struct{}{} })
	}()
	<-calls
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
