package translog

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"weir/internal/archive/manifest"
)

// FuzzLine reads lines of a manifest: what is taken gives entries that can be read, as many as it says.
func FuzzLine(f *testing.F) {
	f.Add([]byte(`{"seq":1,"published":"2026-11-21T07:00:00Z","writer":"w","epoch":"","segments":[{"path":"class=a/day=2026-11-21/s-1.parquet","rows":1}],"sources":{},"prev":""}`))
	f.Add([]byte(`{"seq":2,"segments":[],"actions":[{"kind":"hold","at":"2026-11-21T07:00:00Z","by":"kim","body":{"id":"h"}}],"prev":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := (position{}).next(b)
		if err != nil {
			return
		}
		leaves := Leaves(l.rec, l.hash)
		if len(leaves) != 1+len(l.rec.Segments)+len(l.rec.Actions) || l.end != int64(len(b))+1 {
			t.Fatalf("%d leaves, end %d", len(leaves), l.end)
		}
		for _, e := range leaves {
			var m map[string]any
			if err := json.Unmarshal(e, &m); err != nil {
				t.Fatalf("%s: %v", e, err)
			}
		}
	})
}

// TestKeeper_HalfALine: what the archive is writing is not there yet.
func TestKeeper_HalfALine(t *testing.T) {
	w := newWorld(t)
	w.add(2)
	whole := w.read(manifest.Name)
	w.add(2)
	both := w.read(manifest.Name)
	w.write(manifest.Name, both[:len(both)-5])
	w.once()
	k := w.keeper()
	must(t, k.Once())
	if s := k.Status(); s.Seq != 1 || s.Behind != 0 {
		t.Errorf("%+v", s)
	}
	w.write(manifest.Name, whole)
	w.once()
	w.write(manifest.Name, both)
	w.once()
	w.check()
}

// TestKeeper_NothingYet: a folder without a manifest gets neither a key nor a log.
func TestKeeper_NothingYet(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	must(t, k.Once())
	if _, _, ok := k.Head(); ok {
		t.Error("a head of nothing")
	}
	if _, err := os.Stat(filepath.Join(w.dir, Folder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log's folder: %v", err)
	}
}

// TestKeeper_NotBehindWhatIsSynced: the archive may still take the line back.
func TestKeeper_NotBehindWhatIsSynced(t *testing.T) {
	w := newWorld(t)
	w.add(2)
	stays := int64(len(w.read(manifest.Name)))
	w.add(2)
	k := w.keeper()
	k.opts.Synced = func() int64 { return stays }
	must(t, k.Once())
	if s := k.Status(); s.Seq != 1 || s.Behind != 0 || s.Size != 3 {
		t.Errorf("%+v", s)
	}
	stays = int64(len(w.read(manifest.Name)))
	if s := k.Status(); s.Behind == 0 {
		t.Errorf("%+v", s)
	}
	must(t, k.Once())
	w.check()
}
