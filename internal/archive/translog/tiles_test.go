package translog

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestParseBundle(t *testing.T) {
	var b []byte
	var err error
	want := [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("x"), maxEntry), []byte("four")}
	for _, e := range want {
		if b, err = appendEntry(b, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := ParseBundle(b)
	if err != nil || len(got) != len(want) {
		t.Fatal(len(got), err)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("entry %d", i)
		}
	}
	if _, err := appendEntry(nil, make([]byte, maxEntry+1)); err == nil {
		t.Error("an entry that is too long was taken")
	}
	for name, bad := range map[string][]byte{
		"within a length":  {0},
		"within an entry":  {0, 3, 'a', 'b'},
		"too many entries": make([]byte, 2*(fullWidth+1)),
	} {
		if _, err := ParseBundle(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestEdge_FarDown appends beyond the third level of tiles, where mistakes of the coordinates show, and holds root and
// tiles against those of x/mod.
func TestEdge_FarDown(t *testing.T) {
	if testing.Short() {
		t.Skip("hashes 70,000 entries twice")
	}
	const n = 70_000 // the example of the specification
	var e edge
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(ix []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ix))
		for i, x := range ix {
			out[i] = hashes[x]
		}
		return out, nil
	})
	got := map[string][]byte{}
	for i := range int64(n) {
		entry := binary.BigEndian.AppendUint64(nil, uint64(i))
		if err := e.push(entry, func(t tile) { got[t.path()] = t.data }); err != nil {
			t.Fatal(err)
		}
		h, err := tlog.StoredHashes(i, entry, reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h...)
		if i%9973 == 0 || i == 65535 || i == 65536 {
			want, err := tlog.TreeHash(i+1, reader)
			if err != nil {
				t.Fatal(err)
			}
			if root, err := e.root(); err != nil || root != want {
				t.Fatalf("at %d: %v", i+1, err)
			}
		}
	}
	for _, p := range e.partial() {
		got[p.path()] = p.data
	}
	count := 0
	for _, tl := range tlog.NewTiles(height, 0, n) {
		want, err := tlog.ReadTileData(tl, reader)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got[TilePath(tl.L, tl.N, tl.W)], want) {
			t.Errorf("%s differs", tl.Path())
		}
		count++
	}
	// 273 full tiles of level 0 and one of 112, one full and one of 17 of level 1, one of level 2; and 274 bundles.
	if count != 277 || len(got) != count+274 || got["tile/0/273.p/112"] == nil || got["tile/1/001.p/17"] == nil || got["tile/2/000.p/1"] == nil {
		t.Errorf("%d tiles, %d files", count, len(got))
	}
}

func TestEdge_Empty(t *testing.T) {
	var e edge
	if root, err := e.root(); err != nil || root != treeOf(nil) || len(e.partial()) > 0 {
		t.Errorf("%v %v", root, err)
	}
	if _, err := e.ReadHashes([]int64{0}); err == nil {
		t.Error("a hash of nothing")
	}
}

func FuzzParseBundle(f *testing.F) {
	f.Add([]byte{0, 1, 'a', 0, 0, 0, 2, 'b', 'c'})
	f.Add([]byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseBundle(b)
		if err != nil {
			return
		}
		// What was taken apart can be put together again and is the same.
		var again []byte
		for _, e := range list {
			if again, err = appendEntry(again, e); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(again, b) || len(list) > fullWidth {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

func BenchmarkPush(b *testing.B) {
	entry := []byte(strings.Repeat(`{"v":1,"kind":"segment","seq":100,"n":1,"body":{}}`, 8))
	b.SetBytes(int64(len(entry)))
	b.ReportAllocs()
	var e edge
	for b.Loop() {
		if err := e.push(entry, func(tile) {}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTilePath(t *testing.T) {
	for want, got := range map[string]string{
		"tile/0/000":                       TilePath(0, 0, 256),
		"tile/0/000.p/3":                   TilePath(0, 0, 3),
		"tile/4/x001/x234/067.p/1":         TilePath(4, 1234067, 1),
		"tile/entries/x001/x234/067":       TilePath(-1, 1234067, 256),
		"tile/entries/000.p/255":           TilePath(-1, 0, 255),
		"tile/8/005":                       TilePath(8, 5, 256),
		"tile/1/x999/999.p/17":             TilePath(1, 999999, 17),
		"tile/entries/x001/x000/000.p/200": TilePath(-1, 1_000_000, 200),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
