package translog

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/archive/logkey"
	"weir/internal/archive/manifest"
	"weir/internal/fault"
)

// BenchmarkOpen makes the tree again from a manifest of 2,000 lines, as each start does.
func BenchmarkOpen(b *testing.B) {
	w := newWorld(b)
	for range 2000 {
		w.add(9)
	}
	if err := w.keeper().Once(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.keeper().open(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*20_000/b.Elapsed().Seconds(), "leaves/s")
}

// TestKeeper_MakesTornTilesAgain: they follow from the manifest, and that they were missing is told.
func TestKeeper_MakesTornTilesAgain(t *testing.T) {
	for name, tear := range map[string]func(w *world){
		"a full tile is gone":        func(w *world) { must(w.t, os.Remove(filepath.Join(w.dir, "log/tile/0/001"))) },
		"a full bundle is cut short": func(w *world) { must(w.t, os.Truncate(filepath.Join(w.dir, "log/tile/entries/000"), 100)) },
		"a partial tile is empty": func(w *world) {
			found, err := filepath.Glob(filepath.Join(w.dir, "log/tile/0/*.p/*"))
			must(w.t, err)
			must(w.t, os.Truncate(found[len(found)-1], 0))
		},
		"all tiles are gone": func(w *world) { must(w.t, os.RemoveAll(filepath.Join(w.dir, "log/tile"))) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for range 70 {
				w.add(9)
			}
			w.once()
			want := w.check()
			tear(w)
			w.once()
			if got := w.check(); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			if told := w.told(); told != "archive-log-torn" {
				t.Errorf("faults: %q", told)
			}
		})
	}
}

// TestKeeper_DoesNotRepairEvidence: a tile that is whole and says something else is for those who verify to see.
func TestKeeper_DoesNotRepairEvidence(t *testing.T) {
	w := newWorld(t)
	for range 70 {
		w.add(9)
	}
	w.once()
	b := w.read("log/tile/entries/000")
	b[100] ^= 1
	w.write("log/tile/entries/000", b)
	w.add(1)
	w.once()
	if !bytes.Equal(w.read("log/tile/entries/000"), b) {
		t.Error("the changed tile was replaced")
	}
}

// TestKeeper_RefusesToSignOver: what does not contain what was signed is not signed, said with where, and left alone.
func TestKeeper_RefusesToSignOver(t *testing.T) {
	lines := func(w *world) [][]byte { return bytes.SplitAfter(w.read(manifest.Name), []byte("\n")) }
	for _, tc := range []struct {
		name string
		do   func(w *world)
		code string
		say  string
	}{
		{"a line edited", func(w *world) {
			w.write(manifest.Name, bytes.Replace(w.read(manifest.Name), []byte(`"rows":10`), []byte(`"rows":11`), 1))
		},
			"archive-log-differs", "not one that weir wrote"},
		{"all lines written anew", func(w *world) { rewrite(w, w.seq) }, "archive-log-differs", "line 1 of the manifest is not the one that was signed"},
		{"lines cut off", func(w *world) { w.write(manifest.Name, bytes.Join(lines(w)[:4], nil)) }, "archive-log-differs", "shorter than what was signed"},
		{"lines cut off and others written", func(w *world) {
			w.write(manifest.Name, bytes.Join(lines(w)[:4], nil))
			w.seq, w.last = 4, manifest.Hash(bytes.TrimSuffix(lines(w)[3], []byte("\n")))
			for range 8 {
				w.add(3)
			}
		}, "archive-log-differs", "line 5 of the manifest is not the one that was signed"},
		{"the manifest gone", func(w *world) { must(w.t, os.Remove(filepath.Join(w.dir, manifest.Name))) }, "archive-log-differs", "shorter"},
		{"an older state of everything but the key", func(w *world) {
			must(w.t, os.RemoveAll(filepath.Join(w.dir, "log")))
			w.write(manifest.Name, bytes.Join(lines(w)[:4], nil))
		}, "archive-log-differs", "shorter"},
		{"the checkpoint is no checkpoint", func(w *world) { w.write("log/checkpoint", []byte("hello\n")) }, "archive-log-differs", "cannot be read"},
		{"the checkpoint says another size", func(w *world) {
			w.write("log/checkpoint", bytes.Replace(w.read("log/checkpoint"), []byte("\n21\n"), []byte("\n18\n"), 1))
		}, "archive-log-differs", "is not the one that was signed"},
		{"the checkpoint is signed by nobody", func(w *world) {
			b := w.read("log/checkpoint")
			i := bytes.LastIndexByte(b, ' ') + 20
			other := map[bool]byte{true: 'C', false: 'B'}[b[i] == 'B'] // still base64
			b[i] = other
			w.write("log/checkpoint", b)
		}, "archive-log-differs", "did not sign"},
		{"the key gone", func(w *world) { must(w.t, os.RemoveAll(w.keys)) }, "archive-log-key", "no key"},
		{"the key of another archive", func(w *world) {
			must(w.t, os.RemoveAll(w.keys))
			_, err := logkey.Make(w.keys, "weir.log/other")
			must(w.t, err)
		}, "archive-log-differs", "weir.log/other"},
		{"another key of the same name", func(w *world) {
			must(w.t, os.RemoveAll(w.keys))
			_, err := logkey.Make(w.keys, "weir.log/test")
			must(w.t, err)
		}, "archive-log-differs", "did not sign"},
		{"the key damaged", func(w *world) {
			must(w.t, os.WriteFile(filepath.Join(w.keys, "log.key"), []byte("PRIVATE+KEY\n"), 0o600))
		},
			"archive-log-key", "cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			for range 7 {
				w.add(2)
			}
			w.once()
			tc.do(w)
			before := snapshot(t, filepath.Join(w.dir, "log"))
			err := w.keeper().Once()
			if fault.Code(err) != tc.code || !strings.Contains(err.Error(), tc.say) {
				t.Errorf("%v (%s)", err, fault.Code(err))
			}
			if after := snapshot(t, filepath.Join(w.dir, "log")); after != before {
				t.Errorf("the log was changed:\n%s\n%s", before, after)
			}
		})
	}
}

// rewrite writes another manifest of as many lines.
func rewrite(w *world, n uint64) {
	must(w.t, os.Remove(filepath.Join(w.dir, manifest.Name)))
	w.seq, w.last = 0, ""
	w.add(3)
	for range n {
		w.add(2)
	}
}

// snapshot is what a folder holds, in one text.
func snapshot(t testing.TB, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && !d.IsDir() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&out, "%s %s\n", path, manifest.Hash(b))
		}
		return err
	})
	must(t, err)
	return out.String()
}
