package verify

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"weir/internal/testkit"
)

func TestKindOf(t *testing.T) {
	for name, want := range map[string]fileKind{
		"class=a/day=2026-11-21/s-00000001.parquet":     segment,
		"elsewhere/x.parquet":                           segment,
		"class=a/day=2026-11-21/s-00000001.idx":         derived,
		"class=a/day=2026-11-21/s-00000001.parquet.tmp": derived,
		"policy/ab.yaml":                                document,
		"policy/ab.yaml.tmp":                            derived,
		"reviews/2026-10.json":                          document,
		"log/tile/0/000.p/4":                            tile,
		"log/tile/entries/x001/000":                     tile,
		"log/checkpoints/2026-11-21":                    published,
		"log/checkpoints/2026-11-21.tsr":                published,
		"log/checkpoint":                                derived, // it is asked for by its name
		"lock":                                          derived,
	} {
		if got := kindOf(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for name, want := range map[string]uint64{"class=a/s-00000012.parquet": 12, "s-00000012-0123abcd.parquet": 12, "x.parquet": 0, "s-.parquet": 0, "s-99999999999999999999999.parquet": 0} {
		if got := number(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestTileOf(t *testing.T) {
	for name, want := range map[string]bool{
		"log/tile/0/000": true, "log/tile/0/x001/234.p/7": true, "log/tile/entries/000.p/1": true, "log/tile/1/000": true,
		"log/tile/0/0": false, "log/tile/0/000.p/256": false, "log/tile/0/000.p/0": false, "log/tile/x": false, "log/tile/data/000": false, "log/tile/00/000": false, "log/tile/0/000.p/07": false,
	} {
		if _, got := tileOf(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// FuzzTileOf: what is taken for a tile has the one name that this tile has.
func FuzzTileOf(f *testing.F) {
	f.Add("log/tile/0/000")
	f.Add("log/tile/entries/x001/000.p/9")
	f.Add("log/tile/-1/000")
	f.Fuzz(func(t *testing.T, name string) {
		tile, ok := tileOf(name)
		if ok && (tile.W < 1 || tile.W > fullWidth || tile.N < 0 || tile.L < -1) {
			t.Fatalf("%s: %+v", name, tile)
		}
	})
}

// TestList: everything is listed, and what cannot be looked into is an error: it could hide anything.
func TestList(t *testing.T) {
	files := fstest.MapFS{"a/b/c": {Data: []byte("xyz")}, "d": {}}
	got, err := list(files)
	if err != nil || len(got) != 2 || got["a/b/c"].size != 3 {
		t.Errorf("%v, %v", got, err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "closed"), 0); err != nil {
		t.Fatal(err)
	}
	testkit.ByModes(t, func() {
		if _, err := list(os.DirFS(dir)); err == nil {
			t.Error("a closed folder is passed over")
		}
	})
}

func TestSmall(t *testing.T) {
	files := fstest.MapFS{"x": {Data: []byte("abc")}, "large": {Data: make([]byte, maxSmall+1)}, "dir/y": {}}
	if string(small(files, "x")) != "abc" || small(files, "none") != nil || small(files, "large") != nil || small(files, "dir") != nil {
		t.Error("a small file is not read, or something else is")
	}
}
