package translog

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
)

// rotate changes the key as the process does: the action goes into the manifest.
func (w *world) rotate(k *Keeper) logkey.Rotated {
	w.t.Helper()
	r, err := k.Rotate(context.Background(), "kim", func(_ context.Context, list []manifest.Action) (uint64, error) {
		w.add(0, list...)
		return w.seq, nil
	})
	must(w.t, err)
	return r
}

func TestRotate_TheNewKeySignsBehindTheLeaf(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	w.add(3)
	must(t, k.Once())
	before, first := w.check(), w.verifier()
	r := w.rotate(k)
	if r.Old != first || r.New == first || r.Seq != w.seq || r.Folder != w.keys {
		t.Fatalf("%+v", r)
	}
	if w.verifier() != first {
		t.Error("the new key is in place before anything was signed with it")
	}
	must(t, k.Once())
	after := w.check()
	if after.Key != r.New || w.verifier() != r.New || k.Status().Verifier != r.New {
		t.Errorf("signed by %s", after.Key)
	}
	if _, err := OpenCheckpoint(w.read("log/checkpoint"), first); err == nil {
		t.Error("the old key signed too")
	}
	if got := string(w.read("log/log.pub")); got != r.New+"\n" {
		t.Errorf("log.pub: %s", got)
	}
	if _, err := os.Stat(filepath.Join(w.keys, "log.key.next")); err == nil {
		t.Error("the new key is still the next one")
	}
	// From either key the other follows.
	changes := []logkey.Change{{Leaf: before.Size + 1, Key: keyOf(t, w)}}
	for _, trusted := range []string{first, r.New} {
		c := logkey.NewChain(trusted, changes)
		if c.At(before.Size) != first || c.At(after.Size) != r.New || len(c.Ignored) > 0 {
			t.Errorf("from %s: %+v", trusted, c.Keys())
		}
	}
	// A new process takes it from there, and another change follows.
	k2 := w.keeper()
	must(t, k2.Once())
	w.rotate(k2)
	w.add(2)
	must(t, k2.Once())
	w.check()
	must(t, w.keeper().Once())
}

// keyOf is the change in the manifest's last line.
func keyOf(t testing.TB, w *world) manifest.Key {
	t.Helper()
	for _, e := range w.leaves() {
		l, err := ParseLeaf(e)
		must(t, err)
		if l.Kind == manifest.KindKey {
			k, err := logkey.ParseKey(l.Body)
			must(t, err)
			return k
		}
	}
	t.Fatal("no change of keys")
	return manifest.Key{}
}

// TestRotate_CrashBeforeTheLogSignedBehindIt: the leaf is on disk, the process is gone.
func TestRotate_CrashBeforeTheLogSignedBehindIt(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	w.add(3)
	must(t, k.Once())
	r := w.rotate(k)
	w.add(1)
	must(t, w.keeper().Once()) // another process
	if c := w.check(); c.Key != r.New {
		t.Errorf("signed by %s, want %s", c.Key, r.New)
	}
}

// TestRotate_CrashBeforeTheKeyIsInPlace: signed with the new key, the file not renamed.
func TestRotate_CrashBeforeTheKeyIsInPlace(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	w.add(3)
	must(t, k.Once())
	old, err := os.ReadFile(filepath.Join(w.keys, "log.key"))
	must(t, err)
	r := w.rotate(k)
	must(t, k.Once())
	fresh, err := os.ReadFile(filepath.Join(w.keys, "log.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(w.keys, "log.key"), old, 0o600))
	must(t, os.WriteFile(filepath.Join(w.keys, "log.key.next"), fresh, 0o600))
	w.once()
	if w.verifier() != r.New {
		t.Error("the new key was not put in place")
	}
	w.check()
}

// TestRotate_AskedForTwice: the second change is for the same key and changes nothing.
func TestRotate_AskedForTwice(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	w.add(3)
	must(t, k.Once())
	a, b := w.rotate(k), w.rotate(k)
	if a.New != b.New {
		t.Fatal("two keys at once")
	}
	must(t, k.Once())
	if c := w.check(); c.Key != a.New {
		t.Errorf("signed by %s", c.Key)
	}
	w.once()
}

// TestRotate_ForgedChangesChangeNothing: a leaf that the key did not sign is a leaf like others.
func TestRotate_ForgedChangesChangeNothing(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	w.add(3)
	must(t, k.Once())
	first := w.verifier()
	forger, err := logkey.Make(filepath.Join(t.TempDir(), "f"), "weir.log/test")
	must(t, err)
	forged, err := forger.Prepare()
	must(t, err)
	half := forged
	half.Old = first
	for _, body := range []any{forged, half, manifest.Key{}} {
		w.add(0, action(t, manifest.KindKey, body))
	}
	must(t, k.Once())
	if c := w.check(); c.Key != first {
		t.Errorf("signed by %s", c.Key)
	}
	w.once()
}

func TestRotate_NoKeyYet(t *testing.T) {
	w := newWorld(t)
	if _, err := w.keeper().Rotate(t.Context(), "kim", nil); err == nil || !strings.Contains(err.Error(), "no key yet") {
		t.Error(err)
	}
}

// TestRotate_OnACopy: a key that weir cannot exchange is changed in a copy of its folder. The copy's key, put where the old one
// came from, goes on with the log, whether or not what was signed last came with it.
func TestRotate_OnACopy(t *testing.T) {
	for name, brought := range map[string][]string{"the key alone": {"log.key"}, "all of it": {"log.key", "log.pub", "log.last"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			k := w.keeper()
			w.add(3)
			must(t, k.Once())
			own, given := w.keys, filepath.Join(t.TempDir(), "log.key")
			must(t, os.Rename(filepath.Join(own, "log.key"), given))
			must(t, os.Symlink(given, filepath.Join(own, "log.key")))
			if _, err := k.Rotate(t.Context(), "kim", nil); err == nil || !strings.Contains(err.Error(), "from outside") {
				t.Fatalf("a key from elsewhere: %v", err)
			}
			w.keys = filepath.Join(t.TempDir(), "copy")
			must(t, os.Mkdir(w.keys, 0o700))
			for _, file := range []string{"log.key", "log.pub", "log.last"} {
				must(t, os.WriteFile(filepath.Join(w.keys, file), fileIn(t, own, file), 0o600))
			}
			k = w.keeper()
			must(t, k.Once())
			r := w.rotate(k)
			must(t, k.Once())
			for _, file := range brought {
				must(t, os.WriteFile(filepath.Join(own, file), fileIn(t, w.keys, file), 0o600))
			}
			w.keys = own
			w.add(2)
			must(t, w.keeper().Once())
			if c := w.check(); c.Key != r.New {
				t.Errorf("signed by %s, want %s", c.Key, r.New)
			}
		})
	}
}

// fileIn is what a file of a folder has.
func fileIn(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return b
}
