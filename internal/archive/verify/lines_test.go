package verify

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"weir/internal/archive/manifest"
	"weir/internal/archive/translog"
)

// written makes a manifest of n records with a segment each, and an expiry in the last.
func written(t testing.TB, n int) []byte {
	t.Helper()
	var b []byte
	prev := ""
	for i := range n {
		r := manifest.Record{Seq: uint64(i + 1), Published: time.Unix(int64(i), 0).UTC(), Writer: "w", Prev: prev, Segments: []manifest.Segment{}, Sources: map[string][2]int64{}}
		path := fmt.Sprintf("class=a/day=2026-11-21/s-%08d.parquet", i+1)
		if i < n-1 {
			r.Segments = append(r.Segments, manifest.Segment{Path: path, Class: "a", Day: "2026-11-21", SHA256: strings.Repeat("ab", 32), Bytes: 10, Rows: 2, Schema: 1})
		} else {
			act, err := manifest.NewAction(manifest.KindExpiry, "weir", r.Published, manifest.Expiry{Path: "class=a/day=2026-11-21/s-00000001.parquet", SHA256: strings.Repeat("ab", 32)})
			if err != nil {
				t.Fatal(err)
			}
			r.Actions = append(r.Actions, act)
		}
		var err error
		if b, prev, err = r.Append(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// lined reads a manifest.
func lined(t testing.TB, b []byte) *lines {
	t.Helper()
	l, err := readLines(fstest.MapFS{manifestName: {Data: b}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestReadLines(t *testing.T) {
	b := written(t, 4)
	l := lined(t, b)
	if len(l.all) != 4 || len(l.parts) != 3 || len(l.gone) != 1 || len(l.leaves) != 8 || l.last() != 4 || l.size != int64(len(b)) || l.torn != 0 {
		t.Fatalf("%+v", l)
	}
	// Each part is at its own leaf.
	list, err := manifest.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var leaves [][]byte
	raw := bytes.Split(b, []byte("\n"))
	for i := range list.Records {
		leaves = append(leaves, translog.Leaves(&list.Records[i], manifest.Hash(raw[i]))...)
	}
	for _, p := range l.parts {
		if !bytes.Contains(leaves[p.leaf], []byte(p.path)) || l.leaves[p.leaf] != tlog.RecordHash(leaves[p.leaf]) {
			t.Errorf("%s is not leaf %d", p.path, p.leaf)
		}
	}
	for _, g := range l.gone {
		if !bytes.Contains(leaves[g.leaf], []byte(`"expiry"`)) {
			t.Errorf("the expiry is not leaf %d", g.leaf)
		}
	}
}

func TestReadLines_Broken(t *testing.T) {
	b := written(t, 4)
	for name, c := range map[string]struct {
		change     func([]byte) []byte
		bad, chain int // lines
	}{
		"a torn end":    {func(b []byte) []byte { return b[:len(b)-3] }, 0, 0},
		"no record":     {func(b []byte) []byte { return bytes.Replace(b, []byte(`{"seq":2`), []byte(`{"seq:2`), 1) }, 1, 1},
		"a line edited": {func(b []byte) []byte { return bytes.Replace(b, []byte(`"writer":"w"`), []byte(`"writer":"x"`), 1) }, 0, 1},
		"a line gone":   {func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }, 0, 1},
		"an empty line": {func(b []byte) []byte { return append([]byte("\n"), b...) }, 1, 1},
	} {
		l := lined(t, c.change(bytes.Clone(b)))
		bad, chain := 0, 0
		for _, ln := range l.all {
			if ln.bad != "" {
				bad++
			}
			if ln.broken != "" {
				chain++
			}
		}
		if bad != c.bad || chain != c.chain {
			t.Errorf("%s: %d bad, %d broken", name, bad, chain)
		}
	}
}

// FuzzReadLines: whatever stands there, every byte is counted once, and the leaves of the tree are those of the lines.
func FuzzReadLines(f *testing.F) {
	b := written(f, 3)
	f.Add(b)
	f.Add(b[:len(b)-4])
	f.Add([]byte("{}\nnull\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := lined(t, b)
		if l.size+l.torn != int64(len(b)) || l.tree.size != int64(len(l.leaves)) {
			t.Fatalf("%d and %d of %d bytes, %d leaves of %d", l.size, l.torn, len(b), l.tree.size, len(l.leaves))
		}
		n := int64(0)
		for _, ln := range l.all {
			if ln.first != n || ln.bad != "" && ln.leaves != 0 {
				t.Fatalf("line %+v", ln)
			}
			n += ln.leaves
		}
		if root, ok := l.tree.root(n); !ok || root != plainRoot(l.leaves) {
			t.Fatal("the root is not that of the leaves")
		}
	})
}

// plainRoot is the root as RFC 6962 defines it, without any cleverness.
func plainRoot(leaves []tlog.Hash) tlog.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(plainRoot(leaves[:k]), plainRoot(leaves[k:]))
}

// TestTree: the root of each beginning.
func TestTree(t *testing.T) {
	tr := &tree{}
	var leaves []tlog.Hash
	for i := range 600 {
		h := tlog.RecordHash(fmt.Append(nil, i))
		leaves = append(leaves, h)
		tr.push(h)
	}
	for _, n := range []int{1, 2, 3, 255, 256, 257, 511, 600} {
		if root, ok := tr.root(int64(n)); !ok || root != plainRoot(leaves[:n]) {
			t.Errorf("%d leaves: another root", n)
		}
	}
	if _, ok := tr.root(601); ok {
		t.Error("a root of more leaves than there are")
	}
}
