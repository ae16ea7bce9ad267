package translog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/archive/manifest"
)

// childEnv names the folder in which the test binary, started again, keeps a log until it is killed.
const childEnv = "WEIR_TRANSLOG_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		k := New(Options{Archive: filepath.Join(dir, "archive"), Keys: filepath.Join(dir, "keys"), Name: "weir.log/test"})
		fmt.Println("ready")
		for { // over and over: the manifest grows by one line a round
			if err := k.Once(); err != nil {
				fmt.Println("error", err)
				return
			}
		}
	}
	os.Exit(m.Run())
}

// TestCrash_KilledAtAnyMoment kills a process that keeps a log with -9. Whatever it left, the next one goes on, and what
// was signed before is contained in what is signed then.
func TestCrash_KilledAtAnyMoment(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.add(3)
	rounds := 8
	if os.Getenv("WEIR_NIGHTLY") != "" {
		rounds = 100
	}
	var before Checkpoint
	for round := range rounds {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), childEnv+"="+filepath.Dir(w.dir))
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 10 + rand.IntN(20) {
			w.add(rand.IntN(20))
			time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		if strings.Contains(out.String(), "error") {
			t.Fatalf("round %d: %s", round, out.String())
		}
		w.once()
		now := w.check()
		if before.Size > 0 {
			r := NewReader(os.DirFS(filepath.Join(w.dir, Folder)), now.Size)
			if root, err := r.Root(before.Size); err != nil || root != before.Root {
				t.Fatalf("round %d: what was signed at %d is not in what is signed at %d: %v", round, before.Size, now.Size, err)
			}
		}
		before = now
	}
}

// TestCrash_BetweenAnyTwoFiles puts the folder back to what each order of files leaves behind, and opens it.
func TestCrash_BetweenAnyTwoFiles(t *testing.T) {
	w := newWorld(t)
	for range 40 {
		w.add(9)
	}
	w.once()
	oldCheckpoint := w.read("log/checkpoint")
	oldLast, err := os.ReadFile(filepath.Join(w.keys, "log.last"))
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		w.add(9)
	}
	w.once()
	want := w.check()
	last := func(b []byte) {
		if err := os.WriteFile(filepath.Join(w.keys, "log.last"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	newLast, err := os.ReadFile(filepath.Join(w.keys, "log.last"))
	if err != nil {
		t.Fatal(err)
	}
	for name, undo := range map[string]func(){
		"tiles written, nothing signed":    func() { last(oldLast); w.write("log/checkpoint", oldCheckpoint) },
		"noted beside the key, not public": func() { last(newLast); w.write("log/checkpoint", oldCheckpoint) },
		"partial tiles left":               func() { must(t, os.MkdirAll(filepath.Join(w.dir, "log/tile/0/000.p"), 0o700)) },
		"half a file":                      func() { w.write("log/tile/0/001.tmp", []byte("half")) },
		"no note beside the key":           func() { must(t, os.Remove(filepath.Join(w.keys, "log.last"))) },
	} {
		t.Run(name, func(t *testing.T) {
			undo()
			w.once()
			if got := w.check(); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			if told := w.told(); told != "" {
				t.Errorf("faults: %s", told)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestKeeper_TroubleThatPasses: it is told once, told again when it is over, and the log goes on where it was.
func TestKeeper_TroubleThatPasses(t *testing.T) {
	w := newWorld(t)
	w.add(2)
	w.once()
	whole := w.read(manifest.Name)
	w.write(manifest.Name, bytes.Replace(whole, []byte(`"rows":10`), []byte(`"rows":11`), 1))
	ctx, stop := context.WithCancel(t.Context())
	k := w.keeper()
	var done sync.WaitGroup
	done.Go(func() { k.Run(ctx) })
	for k.Status().Fault == "" {
		time.Sleep(time.Millisecond)
	}
	if err := k.Sync(t.Context()); err == nil {
		t.Error("Sync did not say why")
	}
	if err := k.Wait(t.Context(), 99); err == nil {
		t.Error("Wait did not say why")
	}
	w.write(manifest.Name, whole)
	for k.Status().Fault != "" {
		time.Sleep(time.Millisecond)
	}
	w.add(5)
	if err := k.Wait(t.Context(), w.seq); err != nil {
		t.Fatal(err)
	}
	stop()
	done.Wait()
	w.check()
	if told := w.told(); !strings.HasPrefix(told, "archive-log-differs") || !strings.HasSuffix(told, "well") {
		t.Errorf("told: %s", told)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Wait(ended, w.seq+1); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a line that is not there: %v", err)
	}
}
